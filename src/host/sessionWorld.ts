/** @file What the sessions behind the panels need of the world, so that they know nothing of VS Code. */
import { toWhylightError, type WhylightError } from "../engine/errors.js";
import type { Estimate, FailureAction, ImagePreview, Note, PanelState, Phase, RuntimeChoice } from "../protocol/api.js";
import type { FindingText, TrustFinding, TrustTest } from "../protocol/trust.js";
import type { Progress, WorkerClient } from "./workerClient.js";

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

type Busy = NonNullable<PanelState["busy"]>;

/** Follows one job: what a page shows of each report of its progress, with the last estimate in it, and whether it is to be shown now. */
export function followProgress({ phaseText }: Pick<PageWorld, "phaseText">): (progress: Progress) => { readonly busy: Busy; readonly isDue: boolean } {
  const isDue = createPace();
  let [busy, estimate]: [Busy | undefined, Estimate | undefined] = [undefined, undefined];
  return ({ phase, done, total, partial, estimate: told }) => {
    estimate = told ?? estimate;
    const isNews = told !== undefined || partial !== undefined || phase !== busy?.phase || busy.total === 0;
    busy = { phase, done, total, text: phaseText(phase, estimate) };
    return { busy, isDue: isDue(isNews) };
  };
}

/** What the session of any page needs of the world. */
export interface PageWorld {
  readonly call: WorkerClient["call"];
  readonly strings: Readonly<Record<string, string>>;
  readonly phaseText: (phase: Phase | "starting", estimate?: Estimate) => string;
  readonly noteText: (note: Note) => string;
  readonly describeFailure: (error: WhylightError) => { readonly text: string; readonly actions: readonly FailureAction[] };
  readonly runtime: () => RuntimeChoice;
  /** Changes when the image, the model or its description changes on disk, so that no stale result is shown as new. */
  readonly stamp: () => Promise<string>;
  readonly logFailure: (error: WhylightError) => void;
}

/** What a panel's session needs beside, which tests maps. */
export interface SessionWorld extends PageWorld {
  /** Shows a state; called at every change once `start` was called. */
  readonly show: (state: PanelState) => void;
  readonly estimateText: (estimate: Estimate) => string;
  readonly findingText: (finding: TrustFinding) => FindingText;
  readonly testName: (test: TrustTest) => string;
}

/** What a panel shows of a failure; all but cancelling goes to the log. */
export function failureOf(world: Pick<PageWorld, "describeFailure" | "logFailure">, thrown: unknown): NonNullable<PanelState["failure"]> {
  const error = toWhylightError(thrown);
  if (error.code !== "cancelled") world.logFailure(error);
  return { code: error.code, ...world.describeFailure(error) };
}
