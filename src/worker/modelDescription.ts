/** @file Finds what a model expects and calls things: a sidecar, other projects' files beside it, the model's own metadata, the defaults. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ImportedModel } from "../engine/importers/importedModel.js";
import { defaultPreprocess, type ImageInput } from "../engine/preprocess/defaults.js";
import type { ModelDescription, OutputActivation, Preprocess } from "../engine/preprocess/description.js";
import { objectField, parseFields, wrongField, type Fields } from "../engine/preprocess/fields.js";
import { readConfigActivation, readConfigLabels, readConfigPreprocess, readPreprocessorConfig } from "../engine/preprocess/huggingFace.js";
import { readLabelsText, readMetadataLabels } from "../engine/preprocess/labels.js";
import { readSidecar, type Sidecar } from "../engine/preprocess/sidecar.js";
import type { Note } from "../protocol/api.js";
import { sentenceOf } from "../protocol/preprocessText.js";
import { quietly } from "./quietly.js";

/** What is known of the model before its description is read. */
export interface DescribedModel {
  readonly path: string;
  readonly imported: Pick<ImportedModel, "metadata" | "labels" | "preprocess" | "layer" | "assumed">;
  /** `undefined` when the model takes no image; its preprocessing then is of no use. */
  readonly input: ImageInput | undefined;
  readonly classes: number | undefined;
  /** What the graph itself makes of its scores, where it does. */
  readonly activation: OutputActivation | undefined;
  /** `false` for models whose classes have names already, or that have none. */
  readonly hasLabels?: boolean;
}

/** The description, and what people should know about how it came to be. */
export interface FoundDescription {
  readonly description: ModelDescription;
  readonly notes: readonly Note[];
}

type Found<Value, Origin extends string> = { readonly value: Value; readonly origin: Origin; readonly file: string };
type Labels = Found<readonly string[], NonNullable<ModelDescription["labelsOrigin"]>>;
type Preprocessing = Found<Preprocess, ModelDescription["preprocessOrigin"]>;

/** Longer files beside a model are no descriptions, and are not read. */
const longestText = 16_000_000;
const assumedInput: ImageInput = { layout: "NCHW", channels: 3, height: undefined, width: undefined };

/** Where a model's sidecar file may lie, the first one first. */
export function sidecarFilesOf(path: string): readonly [string, string] {
  return [join(dirname(path), `${stemOf(path)}.whylight.json`), `${path}.whylight.json`];
}

/** The sidecar file that there is, with its text. */
export function sidecarTextOf(path: string): { readonly file: string; readonly text: string } | undefined {
  return sidecarFilesOf(path).map((file) => ({ file, text: textOf(file) })).find((found): found is { file: string; text: string } => found.text !== undefined);
}

/**
 * Reads the sources in their order, with `stated` in the place of the sidecar file where it is given. Throws `descriptionInvalid` for a file that is wrong, naming the file and the field.
 */
export function describeModel(model: DescribedModel, stated?: { readonly file: string; readonly text: string }): FoundDescription {
  const { path, classes } = model;
  const stem = stemOf(path);
  const beside = (name: string) => join(dirname(path), name);
  const found = stated ?? sidecarTextOf(path);
  const sidecarFields = found && parseFields(found.file, found.text);
  const sidecar = sidecarFields && readSidecar(sidecarFields);
  // Text models often lie in a folder of their own below the one with their files, and so do the ONNX files of Hugging Face's repositories.
  const places = model.input && basename(dirname(path)).toLowerCase() !== "onnx" ? [dirname(path)] : [dirname(path), dirname(dirname(path))];
  const config = quietly(() => firstFields(places.map((folder) => join(folder, "config.json"))));
  const labels = ofOutputs(sidecarLabels(sidecarFields, sidecar) ?? labelsBeside(config, [`${stem}.labels.txt`, "labels.txt", "classes.txt"].map(beside)) ?? ownLabels(model), classes);
  const preprocessing = findPreprocess(model, sidecarFields, sidecar, config, places);
  const sidecarName = `${stem}.whylight.json`;
  const notes: Note[] = [];
  const activation = sidecar?.activation ?? model.activation ?? (config && quietly(() => readConfigActivation(config))) ?? "softmax";
  if (model.hasLabels === false) return { notes, description: { preprocess: preprocessing.value, preprocessOrigin: preprocessing.origin, labels: undefined, labelsOrigin: undefined, activation, layer: undefined } };
  if (model.imported.assumed) notes.push({ code: "architectureAssumed", data: { ...model.imported.assumed } });
  if (!labels) notes.push({ code: "labelsMissing", data: { sidecar: sidecarName } });
  else if (classes !== undefined && labels.value.length !== classes) {
    notes.push({ code: "labelsMismatch", data: { file: basename(labels.file), labels: labels.value.length, classes } });
  }
  if (preprocessing.origin === "defaults" && model.input) notes.push({ code: "defaultsUsed", data: { preprocess: sentenceOf(preprocessing.value), sidecar: sidecarName } });
  return {
    notes,
    description: {
      preprocess: preprocessing.value, preprocessOrigin: preprocessing.origin, labels: labels?.value, labelsOrigin: labels?.origin, activation, layer: sidecar?.layer ?? model.imported.layer,
    },
  };
}

/** A single output decides between two classes, and is the score of the second. */
function ofOutputs(labels: Labels | undefined, classes: number | undefined): Labels | undefined {
  return labels && classes === 1 && labels.value.length === 2 ? { ...labels, value: labels.value.slice(1) } : labels;
}

function stemOf(path: string): string {
  return basename(path).replace(/\.[^.]+$/, "");
}

function sidecarLabels(fields: Fields | undefined, sidecar: Sidecar | undefined): Labels | undefined {
  if (!fields || !sidecar) return undefined;
  if (sidecar.labels) return { value: sidecar.labels, origin: "sidecar", file: fields.file };
  if (sidecar.labelsFile === undefined) return undefined;
  const file = join(dirname(fields.file), sidecar.labelsFile);
  const text = textOf(file) ?? wrongField(fields, "labelsFile", `${sidecar.labelsFile} cannot be read`);
  return { value: readLabelsText(text), origin: "sidecar", file };
}

function labelsBeside(config: Fields | undefined, files: readonly string[]): Labels | undefined {
  const configured = config && quietly(() => readConfigLabels(config));
  if (config && configured) return { value: configured, origin: "config.json", file: config.file };
  for (const file of files) {
    const text = textOf(file);
    if (text !== undefined && text.trim() !== "") return { value: readLabelsText(text), origin: "labels file", file };
  }
  return undefined;
}

/** What the model's own file says: by its importer, or in an ONNX file's metadata. */
function ownLabels({ imported, path }: DescribedModel): Labels | undefined {
  const value = imported.labels ?? readMetadataLabels(imported.metadata);
  return value && { value, origin: imported.labels ? "model" : "metadata", file: path };
}

function findPreprocess(model: DescribedModel, sidecarFields: Fields | undefined, sidecar: Sidecar | undefined, config: Fields | undefined, places: readonly string[]): Preprocessing {
  const input = model.input ?? assumedInput;
  if (sidecarFields && sidecar?.preprocess) return { value: sidecar.preprocess(input), origin: "sidecar", file: sidecarFields.file };
  if (model.imported.preprocess) return { value: model.imported.preprocess, origin: "model", file: model.path };
  const processor = model.input && imageProcessor(places);
  if (processor) return { value: readPreprocessorConfig(processor.fields, input), origin: processor.origin, file: processor.fields.file };
  const configured = config && model.input && quietly(() => readConfigPreprocess(config, input));
  if (config && configured) return { value: configured, origin: "config.json", file: config.file };
  return { value: defaultPreprocess(input), origin: "defaults", file: model.path };
}

/** A file of its own, or, since transformers 5, a part of the one for all modalities. */
function imageProcessor(places: readonly string[]): { readonly fields: Fields; readonly origin: "preprocessor_config.json" | "processor_config.json" } | undefined {
  const files = (name: string) => firstFields(places.map((folder) => join(folder, name)));
  const own = files("preprocessor_config.json");
  if (own) return { fields: own, origin: "preprocessor_config.json" };
  const all = files("processor_config.json");
  const part = all && objectField(all, "image_processor");
  return part && { fields: part, origin: "processor_config.json" };
}

function firstFields(files: readonly string[]): Fields | undefined {
  for (const file of files) {
    const text = textOf(file);
    if (text !== undefined) return parseFields(file, text);
  }
  return undefined;
}

function textOf(file: string): string | undefined {
  try {
    return statSync(file).size <= longestText ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
