/** @file Reads a model file of any format: a row per format. */
import { lstatSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { WhylightError, toWhylightError, type ErrorCode } from "../../engine/errors.js";
import { detectFormat } from "../../engine/importers/detect.js";
import type { ImportedModel, ModelFormat } from "../../engine/importers/importedModel.js";
import type { ModelFiles } from "../../engine/importers/modelFiles.js";
import { isInMemory, type Graph } from "../../engine/ir/graph.js";
import { refuseOtherFormats } from "../../engine/importers/otherFormats.js";
import { isLeftoverName } from "../../protocol/modelNames.js";
import { importKerasFile } from "./keras.js";
import { isLfsPointer } from "./lfsPointer.js";
import { openModelFiles } from "./modelFolder.js";
import { importOnnxFile } from "./onnx.js";
import { importPytorchFile } from "./pytorch.js";
import { importSafetensorsFile } from "./safetensors.js";
import { importSavedModelFile, importTfjsGraphFile } from "./tensorflow.js";
import { importTfjsLayers } from "./tfjsLayers.js";

/** Reads one format. What is open is closed when the promise settles. */
export type ReadModel = (files: ModelFiles) => ImportedModel | Promise<ImportedModel>;

const readers: Readonly<Record<ModelFormat, ReadModel>> = {
  onnx: importOnnxFile, safetensors: importSafetensorsFile, pytorch: importPytorchFile, keras: importKerasFile, "tfjs-layers": importTfjsLayers, "tfjs-graph": importTfjsGraphFile, "saved-model": importSavedModelFile,
};

/** A model, and the files it was made from: its own, and those read beside it. */
export interface ReadFiles extends ImportedModel {
  readonly files: readonly string[];
}

const unknownCodes: ReadonlySet<ErrorCode> = new Set(["modelFormatUnknown", "modelPickled", "architectureUnknown"]);

/** The model in a file. Throws what makes it unreadable: `modelFormatUnknown`, `modelCorrupt`, `modelUnsafe`, `architectureUnknown` and their kin, with its path. */
export async function importModel(path: string): Promise<ReadFiles> {
  const files = openModelFiles(path);
  try {
    if (files.main.size === 0) throw new WhylightError("modelCorrupt", { path, reason: "the file is empty" });
    if (isLfsPointer(files.main)) throw new WhylightError("modelUnfetched", { path });
    refuseOtherFormats(files.main);
    // ONNX has no signature: its reader says whether the file is one.
    const imported = await readers[detectFormat(files.main) ?? "onnx"](files);
    return { ...imported, graph: withoutLinks(imported.graph), files: files.opened() };
  } catch (thrown) {
    // What the engine finds wrong deep inside has no path yet. Nobody has given an input: where shapes do not fit, the file is wrong.
    const found = toWhylightError(thrown);
    const error = found.code === "shapeMismatch" ? new WhylightError("modelCorrupt", { reason: `what goes into ${found.data["node"]} does not fit (${found.data["reason"]})` }, { cause: found }) : found;
    // What training keeps lies in files like the model's, and no advice for models helps with it.
    if (unknownCodes.has(error.code) && isLeftoverName(basename(path))) throw new WhylightError("trainingLeftover", { path }, { cause: error });
    throw error.data["path"] === undefined ? new WhylightError(error.code, { path, ...error.data }, { cause: error }) : error;
  } finally {
    files.close();
  }
}

/** Weights where they truly lie: the hub's cache is a folder of links, and ONNX Runtime follows none that leads out of its folder. */
function withoutLinks(graph: Graph): Graph {
  const places = new Map<string, string>();
  const placeOf = (file: string) => {
    const known = places.get(file) ?? (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? realpathSync(file) : file);
    places.set(file, known);
    return known;
  };
  const initializers = [...graph.initializers].map(([name, initializer]) => [name, isInMemory(initializer) ? initializer : { ...initializer, range: { ...initializer.range, file: placeOf(initializer.range.file) } }] as const);
  return [...places].some(([file, place]) => file !== place) ? { ...graph, initializers: new Map(initializers) } : graph;
}
