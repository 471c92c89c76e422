/** @file How far a map can be trusted, as it crosses processes: a request like the explanation's, and a report that grows test by test. */
import type { TrustFinding, TrustTest } from "../engine/attribution/trust/finding.js";
import type { Explanation, ExplainRequest, MethodId, Note, ParameterValue, Prediction, RuntimeUsed, Timings } from "./api.js";

export { trustTests } from "../engine/attribution/trust/finding.js";
export type { TrustComparison, TrustCurve, TrustFinding, TrustSentence, TrustTest, Verdict } from "../engine/attribution/trust/finding.js";

export interface TrustRequest extends ExplainRequest {
  /** The tests to run; all when left out. A blank map is noticed in any case. */
  readonly tests?: readonly TrustTest[] | undefined;
  /** Settings of the tests, see `trustSettings`: `steps`, `fill`, `noise`, `draws`, `classes`, `seed`. */
  readonly settings?: Readonly<Record<string, ParameterValue>> | undefined;
}

/** What the tests found. While they run, the progress events carry the report so far. */
export interface TrustReport {
  readonly model: Explanation["model"];
  readonly runtime: RuntimeUsed;
  readonly input: string;
  readonly method: MethodId;
  readonly layer: string | undefined;
  readonly target: Prediction;
  readonly versus: Prediction | undefined;
  /** The method's parameters as the tests ran it. */
  readonly parameters: Explanation["parameters"];
  /** The parameters that were lowered so that many runs stay cheap, each with the value it would have had. */
  readonly lowered: Explanation["parameters"];
  /** The tests' settings, defaults included. */
  readonly settings: Explanation["parameters"];
  /** In the order of `trustTests`. */
  readonly findings: readonly TrustFinding[];
  /** Tests still to come; empty when the report is complete. */
  readonly pending: readonly TrustTest[];
  readonly evaluations: Explanation["evaluations"];
  readonly notes: readonly Note[];
  readonly ms: Timings;
}

/** A report as a panel shows it, growing while the tests run. */
export interface PanelTrust {
  readonly report: TrustReport | undefined;
  /** Of the report's findings, one each, in the reader's language. */
  readonly texts: readonly FindingText[];
  /** The names of the tests still to come. */
  readonly pending: readonly string[];
  /** Set while tests run; with what they will take, where that is known and much. */
  readonly busy: { readonly done: number; readonly total: number; readonly estimate?: string | undefined } | undefined;
  /** Set when the tests failed; one sentence with a next step. */
  readonly failure: string | undefined;
}

/** A finding in words. */
export interface FindingText {
  readonly title: string;
  readonly verdict: string;
  readonly sentence: string;
}
