/** @file Loads models and keeps the last ones, with what was worked out about them, while their files stay the same. */
import { realpathSync } from "node:fs";
import { createBatchLimits, type BatchLimits } from "../engine/attribution/batching.js";
import { prepare, type Preparable, type Prepared } from "../engine/attribution/prepare.js";
import { classifierOf, imageModelOf, type Classifier, type ImageModel } from "../engine/attribution/classifier.js";
import { prepareText, type PreparedText } from "../engine/attribution/text/prepareText.js";
import { textModelOf, type TextModel } from "../engine/attribution/text/textModel.js";
import { WhylightError } from "../engine/errors.js";
import type { ImportedModel } from "../engine/importers/importedModel.js";
import { unsupportedOperators } from "../engine/inspect.js";
import { isInMemory, type Graph } from "../engine/ir/graph.js";
import { bytesPerElement, sizeOf } from "../engine/ir/tensor.js";
import { imageInputOf, type ImageInput } from "../engine/preprocess/defaults.js";
import type { Tokenizer } from "../engine/text/tokenizer.js";
import { runtimeNames, type ReadRange, type RuntimeName } from "../engine/runtime.js";
import type { ModelInput } from "../protocol/api.js";
import { openRanges, stampOf, type FileStamp } from "./files.js";
import { importModel } from "./formats/importModel.js";
import { modelFileOf } from "./formats/modelFolder.js";
import { describeModel, type DescribedModel, type FoundDescription } from "./modelDescription.js";
import { createInputMemo, type InputMemo } from "./inputMemo.js";
import { freeMemory as freeNow } from "./memory.js";
import { createProgramStore, type ProgramCache, type ProgramStore } from "./programCache.js";
import { orNothing } from "./quietly.js";
import { findTokenizer } from "./tokenizerFiles.js";

/** A model in memory; its weights are still in its file. */
export interface LoadedModel {
  readonly path: string;
  readonly imported: ImportedModel;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelInput[];
  /** What it is as a model for images. Throws what makes it unfit: `opUnsupported` or `modelUnsuitable`. */
  imageModel(): ImageModel;
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
  /** The image model specialised to one input shape, with its layers. Worked out once per shape. */
  prepared(shape: readonly number[]): Prepared;
  /** The text model specialised to a number of tokens. Worked out once per number. */
  preparedText(tokens: number): PreparedText;
  readonly readRange: ReadRange;
  /** Every file that the model consists of: its own, those read beside it, and those its weights lie in. */
  readonly files: readonly string[];
  readonly programs: ProgramCache;
  /** Bytes that its weights take in memory. */
  readonly weights: number;
  /** What its programs gave for the last inputs. */
  readonly memo: InputMemo;
  /** What was learnt of how large batches may be on a runtime. */
  limits(runtime: RuntimeName): BatchLimits;
  /** Throws `modelNotFound` or `modelCorrupt` when the file is gone or another one than was loaded. */
  checkUnchanged(): void;
}

export interface ModelCache {
  /** The model in a file or folder, to compute with. Throws `modelTooLarge` before any weight is read, and what `look` throws. */
  load(path: string): Promise<LoadedModel>;
  /** The same to look at, however large it is. Throws `modelNotFound` and what `importModel` throws. */
  look(path: string): Promise<LoadedModel>;
  clear(): void;
}

const keptModels = 2;
/** What these compute with is what this process grows by. TensorFlow may have it on a card, and the heap of WASM grows in leaps. */
const growsByRuns: ReadonlySet<RuntimeName> = new Set(["onnxruntime"]);
/** Models that take any size get as many shapes as there are images. */
const keptShapes = 8;

interface Kept {
  readonly model: LoadedModel;
  /** The states of the model's files. */
  readonly stamps: ReadonlyMap<string, FileStamp>;
  /** Bytes that its weights take in memory. */
  readonly needed: number;
  close(): void;
}

/** A cache of the last models. `freeMemory` tells how many bytes a model may take. */
export function createModelCache(freeMemory: () => number = freeNow): ModelCache {
  const store = createProgramStore(freeMemory);
  const models = new Map<string, Kept>();
  /** Models that were found to fit: their own programs must not count against them later. */
  const fitting = new WeakSet<Kept>();

  function drop(path: string): void {
    models.get(path)?.close();
    models.delete(path);
  }

  async function keep(given: string): Promise<Kept> {
    const path = modelFileOf(given);
    stampOf(path, "modelNotFound");
    const known = models.get(path);
    models.delete(path);
    if (known && [...known.stamps].every(([file, stamp]) => isSame(file, stamp))) {
      models.set(path, known);
      return known;
    }
    known?.close();
    const loaded = await loadModel(path, store);
    models.set(path, loaded);
    for (const oldest of models.keys()) if (models.size > keptModels) drop(oldest);
    return loaded;
  }

  /** Throws `modelTooLarge`. */
  async function checkFits(kept: Kept): Promise<void> {
    if (fitting.has(kept)) return;
    if (kept.needed > freeMemory()) {
      // What other models hold is given up first.
      for (const [path, other] of models) if (other !== kept) drop(path);
      await new Promise(setImmediate);
      const free = freeMemory();
      if (kept.needed > free) throw new WhylightError("modelTooLarge", { path: kept.model.path, needed: bytesText(kept.needed), available: bytesText(free) });
    }
    fitting.add(kept);
  }

  return {
    load: async (path) => {
      const kept = await keep(path);
      await checkFits(kept);
      return kept.model;
    },
    look: async (path) => (await keep(path)).model,
    clear: () => {
      for (const path of models.keys()) drop(path);
    },
  };
}

async function loadModel(path: string, store: ProgramStore): Promise<Kept> {
  const { files: opened, ...imported } = await importModel(path);
  const { graph } = imported;
  const ranges = openRanges();
  const files = filesOf(opened, graph);
  const stamps = new Map(files.map((file) => [file, stampOf(file, "modelNotFound")]));
  const needed = neededBytes(graph);
  const programs = store.cacheFor(needed);
  const prepared = createKept(keptShapes, (shape: string) => prepare(preparable(model.imageModel()), shape.split(",").map(Number)));
  const preparedText = createKept(keptShapes, (tokens: number) => prepareText(model.text(), tokens));
  const memo = createInputMemo();
  const limits = createKept<RuntimeName, BatchLimits>(runtimeNames.length, (runtime) => createBatchLimits(growsByRuns.has(runtime) ? programs.taken : undefined));
  let images: ImageModel | undefined;
  let classifier: Classifier | undefined;
  let text: TextModel | undefined;
  let tokenizer: { readonly found: ReturnType<LoadedModel["tokenizer"]>; readonly stamp: FileStamp } | undefined;
  const model: LoadedModel = {
    path, imported, weights: needed, programs, limits, memo, files, readRange: ranges.readRange,
    inputs: graph.inputs.map((name) => describeValue(graph, name)),
    outputs: graph.outputs.map((name) => describeValue(graph, name)),
    imageModel: () => (images ??= imageModelOf(runnable(graph))),
    classifier: () => (classifier ??= classifierOf(runnable(graph))),
    text: () => (text ??= textModelOf(runnable(graph))),
    tokenizer: () => {
      if (tokenizer && isSame(tokenizer.found.file, tokenizer.stamp)) return tokenizer.found;
      const found = findTokenizer(path);
      tokenizer = { found, stamp: stampOf(found.file, "tokenizerMissing") };
      return found;
    },
    image: imageInputOf(graph.types.get(imageInputName(graph))?.shape), imageInput: imageInputName(graph),
    describe: (stated) => describeModel({ path, imported, input: model.image, ...answersOf(model) }, stated),
    classes: () => answersOf(model).classes,
    prepared: (shape) => prepared(shape.join()),
    preparedText,
    checkUnchanged: () => {
      for (const [file, stamp] of stamps) if (!same(stamp, stampOf(file, "modelNotFound"))) throw new WhylightError("modelCorrupt", { path: file, reason: "it was changed while it was used" });
    },
  };
  return {
    model, stamps, needed,
    close: () => {
      programs.clear();
      memo.clear();
      ranges.close();
    },
  };
}

/** What was opened to make the model, and where its weights lie: of a link and what it leads to one. */
function filesOf(opened: readonly string[], graph: Graph): readonly string[] {
  const real = new Set(opened.map((file) => realpathSync(file)));
  const places = [...graph.initializers.values()].flatMap((initializer) => (isInMemory(initializer) ? [] : [initializer.range.file]));
  return [...opened, ...new Set(places.filter((file) => !real.has(file)))];
}

/** What the weights take as they are computed with, each once however many names it has: half floats are widened. */
function neededBytes(graph: Graph): number {
  const places = new Map<string, number>();
  for (const initializer of graph.initializers.values()) {
    if (!isInMemory(initializer)) places.set(`${initializer.range.offset} ${initializer.range.file}`, sizeOf(initializer.shape) * bytesPerElement[initializer.dtype]);
  }
  return [...places.values()].reduce((total, bytes) => total + bytes, 0);
}

/** The graph, when every operator can be run. Throws `opUnsupported`. */
function runnable(graph: Graph): Graph {
  const missing = unsupportedOperators(graph).find(({ problem }) => problem === "run");
  if (missing) throw new WhylightError("opUnsupported", { op: missing.op, node: missing.node });
  return graph;
}

function preparable({ graph, input, output }: ImageModel): Preparable {
  return { graph, input, logits: output };
}

/** The number of classes, which labels must fit; and whether there are classes that labels could name: of a language model the tokens are. */
function answersOf(model: LoadedModel): Pick<DescribedModel, "classes" | "activation" | "hasLabels"> {
  const text = orNothing(() => model.text());
  const image = text ? undefined : orNothing(() => model.imageModel());
  const activation = (text ?? image)?.activation;
  if (text) return text.task === "text-classification" ? { classes: text.classes, activation, hasLabels: true } : { classes: undefined, activation, hasLabels: false };
  return { classes: orNothing(() => model.classifier().classes), activation, hasLabels: image?.task !== "image-encoder" };
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

/** Whether a file is as it was. */
function isSame(path: string, stamp: FileStamp): boolean {
  const now = orNothing(() => stampOf(path, "modelNotFound"));
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

function same(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** "3.2 GB". */
function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
