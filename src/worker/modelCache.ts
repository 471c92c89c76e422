/** @file Loads models and keeps the last ones, with what was worked out about them, while their files stay the same. */
import { availableMemory } from "node:process";
import { prepare, type Prepared } from "../engine/attribution/prepare.js";
import { classifierOf, type Classifier } from "../engine/attribution/classifier.js";
import { prepareText, type PreparedText } from "../engine/attribution/text/prepareText.js";
import { textModelOf, type TextModel } from "../engine/attribution/text/textModel.js";
import { WhylightError } from "../engine/errors.js";
import type { ImportedModel } from "../engine/importers/importedModel.js";
import { unsupportedOperators } from "../engine/inspect.js";
import type { Graph } from "../engine/ir/graph.js";
import { imageInputOf, type ImageInput } from "../engine/preprocess/defaults.js";
import type { Tokenizer } from "../engine/text/tokenizer.js";
import type { ReadRange } from "../engine/runtime.js";
import type { ModelInput } from "../protocol/api.js";
import { openRanges, stampOf, type FileStamp } from "./files.js";
import { importModel } from "./formats/importModel.js";
import { modelFileOf } from "./formats/modelFolder.js";
import { describeModel, type FoundDescription } from "./modelDescription.js";
import { createProgramCache, type ProgramCache } from "./programCache.js";
import { findTokenizer } from "./tokenizerFiles.js";

/** A model in memory; its weights are still in its file. */
export interface LoadedModel {
  readonly path: string;
  readonly imported: ImportedModel;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelInput[];
  /** Throws what makes the model unfit to explain: `opUnsupported` or `modelUnsuitable`. */
  classifier(): Classifier;
  /** What it is as a text model. Throws what makes it unfit: `opUnsupported` or `modelUnsuitable`. */
  text(): TextModel;
  /** The tokenizer beside it, and its file. Throws `tokenizerMissing` or `tokenizerInvalid`. */
  tokenizer(): { readonly tokenizer: Tokenizer; readonly file: string };
  /** The classifier's image input; `undefined` when the model takes none. */
  readonly image: ImageInput | undefined;
  /** The name of the input that an image goes to. */
  readonly imageInput: string;
  /** Read anew each time, since people edit these files between two explanations; with `stated` as if that were its sidecar file. Throws `descriptionInvalid`. */
  describe(stated?: { readonly file: string; readonly text: string }): FoundDescription;
  /** How many classes labels could name; `undefined` where none could, or nobody knows. */
  classes(): number | undefined;
  /** The classifier specialised to one input shape, with its layers. Worked out once per shape. */
  prepared(shape: readonly number[]): Prepared;
  /** The text model specialised to a number of tokens. Worked out once per number. */
  preparedText(tokens: number): PreparedText;
  readonly readRange: ReadRange;
  /** Every file that the model consists of: its own, and those its weights lie in. */
  readonly files: readonly string[];
  readonly programs: ProgramCache;
  /** Throws `modelNotFound` or `modelCorrupt` when the file is gone or another one than was loaded. */
  checkUnchanged(): void;
}

export interface ModelCache {
  /** The model in a file or folder, loaded where needed. Throws `modelNotFound`, `modelTooLarge` and what `importModel` throws. */
  load(path: string): Promise<LoadedModel>;
  clear(): void;
}

const keptModels = 2;
/** Each program may hold weights of its own (measured on a BERT: ONNX Runtime's do), so that those of large models are fewer. A job needs fewer than the fewest at once. */
const [fewestPrograms, mostPrograms] = [4, 6];
/** The share of free memory that a model's programs may take. */
const programShare = 0.5;
/** Models that take any size get as many shapes as there are images. */
const keptShapes = 8;

/** A cache of the last models. `freeMemory` tells how many bytes a model may take. */
export function createModelCache(freeMemory: () => number = availableMemory): ModelCache {
  const models = new Map<string, { model: LoadedModel; stamp: FileStamp; close(): void }>();

  function drop(path: string): void {
    models.get(path)?.close();
    models.delete(path);
  }

  return {
    load: async (given) => {
      const path = modelFileOf(given);
      const stamp = stampOf(path, "modelNotFound");
      const known = models.get(path);
      if (known && same(known.stamp, stamp)) {
        models.delete(path);
        models.set(path, known);
        return known.model;
      }
      drop(path);
      const loaded = await loadModel(path, stamp, freeMemory());
      models.set(path, { ...loaded, stamp });
      for (const oldest of models.keys()) if (models.size > keptModels) drop(oldest);
      return loaded.model;
    },
    clear: () => {
      for (const path of models.keys()) drop(path);
    },
  };
}

async function loadModel(path: string, stamp: FileStamp, free: number): Promise<{ model: LoadedModel; close(): void }> {
  if (stamp.size > free) throw new WhylightError("modelTooLarge", { path, needed: bytesText(stamp.size), available: bytesText(free) });
  const imported = await importModel(path);
  const { graph } = imported;
  const ranges = openRanges();
  const files = filesOf(path, graph);
  const weights = files.reduce((total, file) => total + stampOf(file, "modelNotFound").size, 0);
  const programs = createProgramCache(Math.max(fewestPrograms, Math.min(mostPrograms, Math.floor((programShare * free) / weights))));
  const prepared = createKept(keptShapes, (shape: string) => prepare(model.classifier(), shape.split(",").map(Number)));
  const preparedText = createKept(keptShapes, (tokens: number) => prepareText(model.text(), tokens));
  let classifier: Classifier | undefined;
  let text: TextModel | undefined;
  let tokenizer: { readonly found: ReturnType<LoadedModel["tokenizer"]>; readonly stamp: FileStamp } | undefined;
  const model: LoadedModel = {
    path, imported, programs, files, readRange: ranges.readRange,
    inputs: graph.inputs.map((name) => describeValue(graph, name)),
    outputs: graph.outputs.map((name) => describeValue(graph, name)),
    classifier: () => (classifier ??= classifierOf(runnable(graph))),
    text: () => (text ??= textModelOf(runnable(graph))),
    tokenizer: () => {
      if (tokenizer && isSame(tokenizer.found.file, tokenizer.stamp)) return tokenizer.found;
      const found = findTokenizer(path);
      tokenizer = { found, stamp: stampOf(found.file, "tokenizerMissing") };
      return found;
    },
    image: imageInputOf(graph.types.get(imageInputName(graph))?.shape), imageInput: imageInputName(graph),
    describe: (stated) => describeModel({ path, imported, input: model.image, ...classesOf(model) }, stated),
    classes: () => classesOf(model).classes,
    prepared: (shape) => prepared(shape.join()),
    preparedText,
    checkUnchanged: () => {
      if (!same(stamp, stampOf(path, "modelNotFound"))) throw new WhylightError("modelCorrupt", { path, reason: "it was changed while it was used" });
    },
  };
  return {
    model,
    close: () => {
      programs.clear();
      ranges.close();
    },
  };
}

function filesOf(path: string, graph: Graph): readonly string[] {
  return [...new Set([path, ...[...graph.initializers.values()].flatMap((initializer) => ("range" in initializer ? [initializer.range.file] : []))])];
}

/** The graph, when every operator can be run. Throws `opUnsupported`. */
function runnable(graph: Graph): Graph {
  const missing = unsupportedOperators(graph).find(({ problem }) => problem === "run");
  if (missing) throw new WhylightError("opUnsupported", { op: missing.op, node: missing.node });
  return graph;
}

/** The number of classes, which labels must fit; and whether there are classes that labels could name: of a language model the tokens are. */
function classesOf(model: LoadedModel): { readonly classes: number | undefined; readonly hasLabels: boolean } {
  const text = quietly(() => model.text());
  return { classes: text ? (text.task === "text-classification" ? text.classes : undefined) : quietly(() => model.classifier().classes), hasLabels: text === undefined || text.task === "text-classification" };
}

/** The last results of a function, by its argument. */
function createKept<Key, Result>(limit: number, make: (key: Key) => Result): (key: Key) => Result {
  const kept = new Map<Key, Result>();
  return (key) => {
    const result = kept.get(key) ?? make(key);
    kept.delete(key);
    kept.set(key, result);
    for (const oldest of kept.keys()) if (kept.size > limit) kept.delete(oldest);
    return result;
  };
}

function isSame(path: string, stamp: FileStamp): boolean {
  const now = quietly(() => stampOf(path, "tokenizerMissing"));
  return now !== undefined && same(now, stamp);
}

/** The input an image would go to: the only one of rank 4, or the first. */
function imageInputName(graph: Graph): string {
  return graph.inputs.find((name) => graph.types.get(name)?.shape?.length === 4) ?? graph.inputs[0] ?? "";
}

function describeValue(graph: Graph, name: string): ModelInput {
  const type = graph.types.get(name);
  return { name, dtype: type?.dtype ?? "unknown", shape: type?.shape ?? [] };
}

function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function same(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** "3.2 GB". */
function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
