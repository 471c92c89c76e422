/** @file What the tests share: the map they examine, ways to make it again under other conditions, and the count of what that cost. */
import type { AttributeJob, Attribution } from "../attribute.js";
import type { OutputActivation } from "../../preprocess/description.js";
import type { PixelSpace } from "../context.js";
import type { Method } from "../method.js";
import type { PlainTensor } from "../parameters.js";
import type { Graph } from "../../ir/graph.js";
import type { Program, ReadRange } from "../../runtime.js";
import type { Prepared } from "../prepare.js";
import type { TrustComparison, TrustFinding, TrustTest } from "./finding.js";
import type { TrustSettings } from "./settings.js";

export interface TrustJob extends AttributeJob {
  readonly pixels: PixelSpace;
  /** Curves are of probabilities, whatever score the map explains. */
  readonly activation: OutputActivation;
  readonly memory: number;
  readonly tests: readonly TrustTest[];
  readonly settings: TrustSettings;
  /** The map as it is drawn by default, `[H, W]` of the model's input, 0 to 1: what people look at is what is tested. */
  readonly draw: (attribution: PlainTensor, method: Method) => PlainTensor;
  /** Compiles a program that nobody else uses; the caller disposes it. */
  readonly compileOnce: (graph: Graph) => Promise<Program>;
  readonly readRange: ReadRange;
  /** Hears of each finding as it comes. */
  readonly onFinding?: ((finding: TrustFinding, soFar: Examined) => void) | undefined;
}

/** The map under examination. */
export interface Examined extends Pick<Attribution, "logits" | "target" | "used" | "parameters" | "remarks"> {
  readonly lowered: Attribution["parameters"];
  readonly evaluations: Attribution["evaluations"];
}

/** What a test of `trust` works with. */
export interface Environment {
  /** The job with cheap parameters, its class settled, its layers named. */
  readonly job: TrustJob;
  readonly prepared: Prepared;
  readonly base: Attribution;
  /** `base` as drawn. */
  readonly drawn: PlainTensor;
  readonly size: readonly [height: number, width: number];
  /** Where maps of this method are compared. */
  readonly grid: readonly [rows: number, columns: number];
  /** Whether one map takes so many images that tests make do with few. */
  readonly isCostly: boolean;
  /** Makes the method's map again with some of the job changed, counted among the test's evaluations. */
  again(change: Partial<AttributeJob>, prepared?: Prepared): Promise<Attribution>;
  /** Compares a map with the examined one. */
  compare(name: string, other: Pick<Attribution, "attribution">): TrustComparison;
  /** Counts what `again` did not run. */
  spend(evaluations: Attribution["evaluations"]): void;
  /** Says how far the test has come, 0 to 1. */
  report(share: number): void;
}

/** What a test returns; which test it was and what it cost is known where it was started. */
export type Outcome = Omit<TrustFinding, "test" | "evaluations" | "curves" | "comparisons"> & Partial<Pick<TrustFinding, "curves" | "comparisons">>;

export type RunTest = (environment: Environment) => Promise<Outcome>;

/** "0.91": how sentences show shares and correlations. */
export const shown = (value: number): string => value.toFixed(2);

/** The mean of the correlations; a map that ranks nothing is not like the examined one, and counts as 0. `null` where there is none at all. */
export function meanCorrelation(comparisons: readonly TrustComparison[]): number | null {
  if (comparisons.every(({ correlation }) => correlation === null)) return null;
  return comparisons.reduce((sum, { correlation }) => sum + (correlation ?? 0), 0) / comparisons.length;
}
