/** @file Runs one attribution: checks what is asked for, lets the method work, and says what came of it. */
import type { CancelSignal } from "../cancellation.js";
import { WhylightError } from "../errors.js";
import { typeOf } from "../ir/graph.js";
import type { Tensor } from "../ir/tensor.js";
import type { Classifier } from "./classifier.js";
import { createContext, type Compile, type PixelSpace } from "./context.js";
import type { Layer } from "./layers.js";
import type { Method, Remark } from "./method.js";
import { methodOf, type MethodName } from "./methods.js";
import { readParameters, recordParameters, type GivenParameters, type PlainTensor } from "./parameters.js";
import { chooseLayers, type Prepared } from "./prepare.js";
import { probabilities } from "./probabilities.js";
import type { ResolvedTarget, Target } from "./target.js";

export interface AttributeJob {
  readonly classifier: Classifier;
  /** float32, of the model input's rank. */
  readonly input: Tensor;
  readonly method: MethodName;
  readonly target: Target;
  /** Empty takes the default layer. */
  readonly layers: readonly string[];
  readonly parameters?: GivenParameters;
  /** What the model's numbers are as pixels; unused by methods without baselines. */
  readonly pixels?: PixelSpace;
  /** Bytes a batch may take. */
  readonly memory?: number;
  readonly compile: Compile;
  /** `partial` makes the map so far with what is known of the model's answer. */
  readonly report?: ((done: number, total: number, partial: (() => Attribution) | undefined) => void) | undefined;
  readonly signal?: CancelSignal | undefined;
}

export interface Attribution {
  /** `[classes]`, of the explained image. */
  readonly logits: Float32Array;
  readonly target: ResolvedTarget;
  /** Raw and signed: the input's shape, or `[h, w]` of a grid over the image. */
  readonly attribution: PlainTensor;
  /** The layers looked at. */
  readonly used: readonly Layer[];
  /** Every parameter with its value, defaults included. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  readonly completeness: { readonly gap: number; readonly relative: number } | undefined;
  readonly facts: Readonly<Record<string, number | string>>;
  /** Images the model was run on, and differentiated at. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  /** Why a map is blank, when it is, and what else the method has to say. */
  readonly remarks: readonly Remark[];
}

const unnormalized: PixelSpace = { scale: 1 / 255, mean: [0], std: [1], layout: "NCHW" };
const defaultMemory = 1e9;

/** Explains one image. `prepared` must be of the input's shape. */
export async function attribute(job: AttributeJob, prepared: Prepared): Promise<Attribution> {
  const { classifier, input, compile, signal } = job;
  const method = methodOf(job.method);
  const parameters = readParameters(job.method, method.parameters, job.parameters ?? {});
  const layers = method.layers === "none" ? [] : chooseLayers(prepared, job.layers);
  if (layers.length > 1 && method.layers === "one") throw new WhylightError("layerUnsuitable", { layer: layers[1]!.name, reason: `${job.method} takes one layer` });
  checkTarget(job.target, typeOf(prepared.graph, classifier.logits).shape![1] as number);
  const context = createContext({
    classifier, input, prepared, target: job.target, layers, pixels: job.pixels ?? unnormalized, memory: job.memory ?? defaultMemory, compile, signal,
    report: (done, total, partial) => {
      const known = partial && context.known();
      job.report?.(done, total, known && (() => describe(known, partial())));
    },
  });
  const describe = ({ logits, target }: Pick<Attribution, "logits" | "target">, attribution: PlainTensor): Attribution => ({
    logits, target, attribution, used: layers, parameters: recordParameters(parameters), completeness: undefined, facts: {}, evaluations: { ...context.evaluations }, remarks: [],
  });
  const { attribution, completeness, facts = {}, remarks = [] } = await method.run(context, parameters);
  const { logits } = await context.atInput();
  const made = describe({ logits, target: await context.target() }, attribution);
  const gap = completeness && completeness.sum - completeness.difference;
  return {
    ...made, facts, evaluations: { ...context.evaluations }, remarks: [...(remarks.some(({ code }) => code === "allNegativeCam" || code === "baselineIsImage") ? [] : remarksOn(method, attribution.data, made, context.evaluations.gradient > 0)), ...remarks],
    completeness: completeness && { gap: gap!, relative: gap === 0 ? 0 : gap! / completeness.difference },
  };
}

/** Throws `targetUnknown`. */
export function checkTarget({ index, versus }: Target, classes: number): void {
  for (const target of [index, versus]) {
    if (typeof target !== "number" || (Number.isInteger(target) && target >= 0 && target < classes)) continue;
    throw new WhylightError("targetUnknown", { target, classes });
  }
  if (index === versus) throw new WhylightError("targetUnknown", { target: `${index} versus ${versus}`, classes });
}

function remarksOn(method: Method, data: Float32Array, found: Attribution, usesGradients: boolean): Remark[] {
  const isNegative = method.family === "cam" && data.every((value) => value <= 0) && data.some((value) => value < 0);
  return isNegative ? [{ code: "allNegativeCam", data: {} }] : blankRemarks(data, found, usesGradients);
}

/** A map that shows nothing is said to show nothing, with the likely cause. */
export function blankRemarks(data: ArrayLike<number>, { logits, target }: Pick<Attribution, "logits" | "target">, usesGradients: boolean): Remark[] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === 0 && high === 0) {
    const saturated = target.score !== "logit" && saturation(probabilities(logits, target.score)[target.index]!) < 1e-6;
    if (saturated) return [{ code: "saturatedProbability", data: {} }];
    return [usesGradients ? { code: "zeroGradient", data: {} } : { code: "blankMap", data: { value: 0 } }];
  }
  return low === high ? [{ code: "blankMap", data: { value: low } }] : [];
}

/** p (1 - p): what a logit's slope is multiplied by to give the probability's. */
const saturation = (probability: number): number => probability * (1 - probability);

/** The logits of one image, `[classes]`. */
export async function predictLogits(job: Pick<AttributeJob, "classifier" | "input" | "compile" | "signal">, prepared: Prepared): Promise<Float32Array> {
  const target: Target = { index: "predicted", versus: undefined, score: "logit" };
  const { logits } = await createContext({ ...job, prepared, target, layers: [], pixels: unnormalized, memory: defaultMemory }).atInput();
  return logits;
}
