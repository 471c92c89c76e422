/** @file Runs one attribution: specialise, build, compile (through the caller's cache), run, read the result. */
import { throwIfCancelled, type CancelSignal } from "../cancellation.js";
import { WhylightError, type ErrorData } from "../errors.js";
import type { Graph } from "../ir/graph.js";
import { formatShape } from "../ir/shape.js";
import { typeOf } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import { fuseLayerNormalization } from "../passes/fuseLayerNormalization.js";
import { specialize } from "../passes/specialize.js";
import type { Program } from "../runtime.js";
import type { Classifier } from "./classifier.js";
import { defaultLayer, layersOf, type Layer } from "./layers.js";
import { attributionOutput, buildForward, buildProgram, methods, type Method, type MethodName } from "./methods.js";
import { seedValues, type Score } from "./target.js";

/** Compiles a graph, or finds it compiled: `key` names it among the programs of one model and runtime. */
export type Compile = (key: string, build: () => Graph) => Promise<Program>;

export interface AttributeJob {
  readonly classifier: Classifier;
  /** float32, of the model input's rank. */
  readonly input: Tensor;
  readonly method: MethodName;
  readonly target: number | "predicted";
  readonly score: Score;
  /** `undefined` takes the default layer. */
  readonly layer: string | undefined;
  readonly compile: Compile;
  readonly signal?: CancelSignal | undefined;
}

export interface Attribution {
  /** `[classes]`, of the explained image. */
  readonly logits: Float32Array;
  readonly target: number;
  /** Raw and signed: the input's shape, or `[h, w]` of the layer's grid. */
  readonly attribution: { readonly shape: readonly number[]; readonly data: Float32Array };
  readonly layer: string | undefined;
  readonly layers: readonly Layer[];
  /** Why a map is blank, when it is. */
  readonly remarks: readonly { readonly code: "blankMap" | "allNegativeCam" | "zeroGradient"; readonly data: ErrorData }[];
}

/** A classifier specialised to one input shape, with what was found in it. Computed once per shape. */
export interface Prepared {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly defaultLayer: Layer | undefined;
}

/** Throws `inputInvalid` when the shape does not suit the model; a fixed batch size in the file is not held against it. */
export function prepare(classifier: Classifier, shape: readonly number[]): Prepared {
  checkShape(classifier, shape);
  const graph = fuseLayerNormalization(specialize({ ...classifier.graph, outputs: [classifier.logits] }, { [classifier.input]: shape }));
  const layers = layersOf(graph, classifier);
  return { graph, layers, defaultLayer: defaultLayer(graph, layers) };
}

function checkShape(classifier: Classifier, shape: readonly number[]): void {
  const expected = typeOf(classifier.graph, classifier.input).shape ?? [];
  const fits = expected.length === shape.length && expected.every((dim, axis) => axis === 0 || typeof dim === "string" || dim === shape[axis]);
  if (!fits) throw new WhylightError("inputInvalid", { reason: `the model takes ${formatShape(expected)}, the input is ${formatShape(shape)}` });
}

/** The layer asked for, or the default. Throws `layerUnknown`, or `layerUnsuitable` when the model has no layer on a grid. */
function chooseLayer(prepared: Prepared, name: string | undefined): Layer {
  const layer = name === undefined ? prepared.defaultLayer : prepared.layers.find((candidate) => candidate.name === name);
  if (layer !== undefined) return layer;
  if (name !== undefined) throw new WhylightError("layerUnknown", { layer: name, suggestion: prepared.defaultLayer?.name ?? "" });
  throw new WhylightError("layerUnsuitable", { reason: "no activation lies on a grid over the image" });
}

/** Explains one image. `prepared` must be of the input's shape. */
export async function attribute(job: AttributeJob, prepared: Prepared): Promise<Attribution> {
  const { classifier, input, score, compile, signal } = job;
  const method: Method = methods[job.method];
  const layer = method.kind === "cam" ? chooseLayer(prepared, job.layer) : undefined;
  const classes = typeOf(prepared.graph, classifier.logits).shape![1] as number;
  if (job.target !== "predicted" && !(Number.isInteger(job.target) && job.target >= 0 && job.target < classes)) {
    throw new WhylightError("targetUnknown", { target: job.target, classes });
  }
  const key = [job.method, score, layer?.name ?? "", input.shape.join("x")].join("|");
  const program = await compile(key, () => buildProgram(job.method, { graph: prepared.graph, input: classifier.input, logits: classifier.logits, score, layer }));
  throwIfCancelled(signal);
  const outputs = await program.run({ [classifier.input]: input, ...seedValues([input.shape[0]!, classes], job.target) });
  throwIfCancelled(signal);
  const logits = firstRow(outputs[classifier.logits]!, classes);
  const raw = outputs[attributionOutput]!;
  const attribution = { shape: method.kind === "cam" ? raw.shape.slice(1) : raw.shape, data: Float32Array.from(raw.data as Float32Array) };
  return { logits, target: job.target === "predicted" ? argMax(logits) : job.target, attribution, layer: layer?.name, layers: prepared.layers, remarks: remarksOn(method, attribution.data) };
}

/** The logits of one image, `[classes]`. */
export async function predictLogits(job: Pick<AttributeJob, "classifier" | "input" | "compile">, prepared: Prepared): Promise<Float32Array> {
  const { classifier, input, compile } = job;
  const program = await compile(`forward|${input.shape.join("x")}`, () => buildForward({ graph: prepared.graph, logits: classifier.logits }));
  const outputs = await program.run({ [classifier.input]: input });
  return firstRow(outputs[classifier.logits]!, typeOf(prepared.graph, classifier.logits).shape![1] as number);
}

const firstRow = (logits: Tensor, classes: number) => Float32Array.from((logits.data as Float32Array).subarray(0, classes));

/** The first of the largest, as `torch.argmax` and ONNX's `ArgMax` take. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** A map that shows nothing is said to show nothing, with the likely cause. */
function remarksOn(method: Method, data: Float32Array): Attribution["remarks"] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === 0 && high === 0) return [{ code: "zeroGradient", data: {} }];
  if (method.kind === "cam" && high <= 0) return [{ code: "allNegativeCam", data: {} }];
  return low === high ? [{ code: "blankMap", data: { value: low } }] : [];
}
