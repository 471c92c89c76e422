/** @file Keras models: HDF5 files of Keras 2 and 3, and Keras 3's `.keras` archives. */
import { WhylightError } from "../../engine/errors.js";
import { importKeras } from "../../engine/importers/keras/importKeras.js";
import { variablesByName, variablesByPlace, type NamedTensor } from "../../engine/importers/keras/layerWeights.js";
import type { ByteSource } from "../../engine/importers/byteSource.js";
import type { ImportedModel } from "../../engine/importers/importedModel.js";
import { decodeUtf8 } from "../../engine/importers/utf8.js";
import { openZip, type Zip } from "../../engine/importers/zip.js";
import { parseFields, textField } from "../../engine/preprocess/fields.js";
import { initializerOf, openHdf5 } from "./hdf5.js";
import type { Hdf5Contents, Hdf5Source } from "./hdf5Contents.js";
import type { ReadModel } from "./importModel.js";

const weightsName = "model.weights.h5";
/** Longer configurations, and more inflated weights, than models have. */
const [longestText, mostInflated] = [64 * 2 ** 20, 2 ** 30];

export const importKerasFile: ReadModel = ({ main }) => (main.size >= 2 && decodeUtf8(main.read(0, 2)) === "PK" ? importArchive(main) : importHdf5(main));

async function importArchive(main: ByteSource): Promise<ImportedModel> {
  const zip = openZip(main);
  const config = parseFields(`${main.path}/config.json`, textOf(zip, "config.json"));
  const version = zip.sizeOf("metadata.json") === undefined ? "" : textField(parseFields(`${main.path}/metadata.json`, textOf(zip, "metadata.json")), "keras_version") ?? "";
  const place = zip.range(weightsName);
  const source: Hdf5Source = place ? { path: place.file, offset: place.offset, size: place.length } : { bytes: zip.read(weightsName, mostInflated) };
  const contents = await openHdf5(main.path, source);
  const tensors = new Map(contents.datasets.map((dataset) => [dataset.path, initializerOf(source, dataset)]));
  return importKeras({ format: "keras", path: main.path, model: { ...config, file: main.path }, version, metadata: metadataOf(version), find: variablesByPlace(tensors) });
}

const textOf = (zip: Zip, name: string) => decodeUtf8(zip.read(name, longestText));

async function importHdf5(main: ByteSource): Promise<ImportedModel> {
  const source: Hdf5Source = { path: main.path, offset: 0, size: main.size };
  const contents = await openHdf5(main.path, source);
  const own = contents.attributes[""] ?? {};
  const config = own["model_config"];
  if (typeof config !== "string") {
    const isWeights = contents.datasets.some(({ path }) => /(^|\/)(vars\/0|kernel(:0)?|embeddings(:0)?)$/.test(path));
    if (isWeights) throw new WhylightError("weightsAlone", { path: main.path });
    throw new WhylightError("modelCorrupt", { path: main.path, reason: "it is an HDF5 file without a Keras model" });
  }
  const version = [own, contents.attributes["model_weights"] ?? {}].map((attributes) => attributes["keras_version"]).find((found) => typeof found === "string") ?? "";
  return importKeras({ format: "keras", path: main.path, model: parseFields(main.path, config), version, metadata: metadataOf(version), find: variablesByName(namedTensors(source, contents)) });
}

const metadataOf = (version: string): Readonly<Record<string, string>> => (version === "" ? {} : { keras_version: version });

/** The tensors in the order that the file's lists give. */
function namedTensors(source: Hdf5Source, { attributes, datasets }: Hdf5Contents): readonly NamedTensor[] {
  const byPath = new Map(datasets.map((dataset) => [dataset.path, dataset]));
  return listOf(attributes["model_weights"], "layer_names").flatMap((group) => listOf(attributes[`model_weights/${group}`], "weight_names").flatMap((name): readonly NamedTensor[] => {
    const dataset = byPath.get(`model_weights/${group}/${name}`);
    return dataset ? [{ group, name, read: () => initializerOf(source, dataset) }] : [];
  }));
}

/** A list of texts; long ones are cut into attributes "name0", "name1". */
function listOf(attributes: Hdf5Contents["attributes"][string] = {}, name: string): readonly string[] {
  const parts = attributes[name] === undefined ? Object.keys(attributes).filter((key) => key.startsWith(name) && /^\d+$/.test(key.slice(name.length))).toSorted((a, b) => Number(a.slice(name.length)) - Number(b.slice(name.length))) : [name];
  return parts.flatMap((key) => attributes[key]!);
}
