/** @file What the sessions behind the panels need of the world, so that they know nothing of VS Code. */
import { toWhylightError, type WhylightError } from "../engine/errors.js";
import type { Estimate, FailureAction, ImagePreview, Note, PanelState, Phase, RuntimeChoice } from "../protocol/api.js";
import type { FindingText, TrustFinding, TrustTest } from "../protocol/trust.js";
import type { WorkerClient } from "./workerClient.js";

/** Progress within a phase is shown at most this often, since every state goes whole. */
const progressEveryMs = 200;

/** Tells of each report of one job's progress whether it is to be shown: news at once, other steps now and then. */
export function createPace(): (isNews: boolean) => boolean {
  let shownAt = 0;
  return (isNews) => {
    const now = Date.now();
    if (!isNews && now - shownAt < progressEveryMs) return false;
    shownAt = now;
    return true;
  };
}

/** With bytes of their own: what comes over the process channel is a view on a larger buffer, all of which would travel on to the page. */
export function ownBytes(preview: ImagePreview): ImagePreview {
  return { ...preview, bytes: preview.bytes.slice() };
}

/** What the session needs of the world. */
export interface SessionWorld {
  readonly call: WorkerClient["call"];
  /** Shows a state; called at every change once `start` was called. */
  readonly show: (state: PanelState) => void;
  readonly strings: Readonly<Record<string, string>>;
  readonly phaseText: (phase: Phase | "starting", estimate?: Estimate) => string;
  readonly estimateText: (estimate: Estimate) => string;
  readonly noteText: (note: Note) => string;
  readonly findingText: (finding: TrustFinding) => FindingText;
  readonly testName: (test: TrustTest) => string;
  readonly describeFailure: (error: WhylightError) => { readonly text: string; readonly actions: readonly FailureAction[] };
  readonly runtime: () => RuntimeChoice;
  /** Changes when the image, the model or its description changes on disk, so that no stale result is shown as new. */
  readonly stamp: () => Promise<string>;
  readonly logFailure: (error: WhylightError) => void;
}

/** What a panel shows of a failure; all but cancelling goes to the log. */
export function failureOf(world: Pick<SessionWorld, "describeFailure" | "logFailure">, thrown: unknown): NonNullable<PanelState["failure"]> {
  const error = toWhylightError(thrown);
  if (error.code !== "cancelled") world.logFailure(error);
  return { code: error.code, ...world.describeFailure(error) };
}
