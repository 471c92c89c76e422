/** @file What an attribution method is: parameters, what it needs, and how it gets from an image to a raw map. */
import type { ErrorData } from "../errors.js";
import type { MethodContext } from "./context.js";
import type { ParameterTable, PlainTensor, Values } from "./parameters.js";

export type Family = "gradient" | "cam" | "perturbation";

/** How a pixel's channels become one value: `max-abs` and `sum-abs` of the absolute values, `sum` signed, `abs-sum` the absolute value of that. */
export type ChannelReduction = "max-abs" | "sum-abs" | "sum" | "abs-sum";

/** Things people should know about a map; their texts are in `protocol/errorTexts.ts`. */
export interface Remark {
  readonly code: "blankMap" | "allNegativeCam" | "negativeScore" | "zeroGradient" | "saturatedProbability" | "toleranceNotReached" | "mapNotSettled" | "baselineIsImage" | "noRectifier" | "onlyRelu6" | "relevanceApproximate" | "relevanceUnstable";
  readonly data: ErrorData;
}

/** The raw result: signed, before any drawing. */
export interface MethodResult {
  readonly attribution: PlainTensor;
  /** Integrated Gradients and its kin: the sum of the attributions, and the difference of the scores it should equal. */
  readonly completeness?: { readonly sum: number; readonly difference: number };
  /** What the method found out or settled itself: steps taken, absolute noise. */
  readonly facts?: Readonly<Record<string, number | string>>;
  readonly remarks?: readonly Remark[];
}

export interface Method<Table extends ParameterTable = ParameterTable> {
  readonly family: Family;
  /** The raw map lies on the input's own elements (its shape), or on a grid `[h, w]` over the image: a layer's, or the input's pixels. */
  readonly form: "pixels" | "grid";
  /** Whether it looks at layers, and at how many at once. */
  readonly layers: "none" | "one" | "many";
  /** How channels are reduced for drawing, for the form `pixels`. */
  readonly drawn: ChannelReduction;
  readonly parameters: Table;
  /** Throws `WhylightError`s; evaluates through the context only, so that batching, progress and cancelling work. */
  readonly run: (context: MethodContext, parameters: Values<Table>) => Promise<MethodResult>;
}

/** A method, with the types of its parameters taken from its table. */
export function defineMethod<const Table extends ParameterTable>(method: Omit<Method<Table>, "layers" | "drawn"> & Partial<Pick<Method, "layers" | "drawn">>): Method<Table> {
  return { layers: "none", drawn: "max-abs", ...method };
}
