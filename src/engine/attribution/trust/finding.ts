/** @file What a test of a map's trustworthiness finds: plain numbers, a verdict, and the code of one sentence. */
import type { ErrorData } from "../../errors.js";

/** The tests, in the order they run and are shown. `blank` speaks only when the map shows nothing, and then alone. */
export const trustTests = ["blank", "curves", "classes", "stability", "agreement", "weights"] as const;
export type TrustTest = (typeof trustTests)[number];

/** `unknown`: it could not be measured, or says nothing here. */
export type Verdict = "good" | "caution" | "bad" | "unknown";

/** The sentences; their texts are in `protocol/trustTexts.ts`. */
export type TrustSentence =
  | "blankConstant" | "blankZeroGradient" | "blankSaturated" | "blankNegativeCam"
  | "curvesGood" | "curvesMixed" | "curvesBad" | "curvesFlat"
  | "classesGood" | "classesCaution" | "classesBad" | "classesBlank" | "classesOne"
  | "stabilityGood" | "stabilityCaution" | "stabilityBad" | "stabilityModel"
  | "gridCoarse"
  | "agreementGood" | "agreementCaution" | "agreementNone"
  | "weightsGood" | "weightsUpper" | "weightsCaution" | "weightsBad" | "weightsTooLarge" | "weightsNone" | "weightsBroken";

/** The explained class's probability while more and more of the image is taken away or brought back. */
export interface TrustCurve {
  /** `random` takes away at random, each step in another order. What is left is also what bringing back at random has brought, so its area stands for both. */
  readonly name: "deletion" | "insertion" | "random";
  /** The share of the pixels taken away or brought back, 0 to 1, evenly spaced. */
  readonly shares: readonly number[];
  /** The probability at each share; for a contrastive target the first class's share of the two. */
  readonly values: readonly number[];
  /** The mean over the shares by the trapezoid rule, 0 to 1. */
  readonly area: number;
}

/** One comparison of the map with another map. */
export interface TrustComparison {
  /**
   * The other method; the class's index; the share of the layers with random weights ("last", "1/4", "1/2", "all", and "all 2" for a second draw);
   * or the number of the noisy copy.
   */
  readonly name: string;
  /** Spearman's rank correlation of the drawn maps, -1 to 1; `null` where the other map ranks nothing, being the same everywhere. */
  readonly correlation: number | null;
  /** The grid both maps were averaged to before they were ranked. */
  readonly grid: readonly [rows: number, columns: number];
}

/** What one test found. */
export interface TrustFinding {
  readonly test: TrustTest;
  readonly verdict: Verdict;
  /** The facts are texts ready to be shown, numbers as "0.91". */
  readonly sentence: { readonly code: TrustSentence; readonly data: ErrorData };
  /**
   * The test's numbers by name: `deletion`, `insertion`, `random` (areas), `correlation` (the mean that the verdict goes by), `half` (with half of the layers random),
   * `change` (the largest relative change of the raw map), `sigma` (of the noise, absolute), `before` and `after` (probabilities), `bytes` (of weights too many).
   */
  readonly numbers: Readonly<Record<string, number>>;
  /** Only of the test `curves`. */
  readonly curves: readonly TrustCurve[];
  readonly comparisons: readonly TrustComparison[];
  /** Images the model was run on, and differentiated at. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
}
