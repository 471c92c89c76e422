/** @file What the sessions behind the panels need of the world, so that they know nothing of VS Code. */
import type { WhylightError } from "../engine/errors.js";
import type { FailureAction, Note, PanelState, Phase, RuntimeChoice } from "../protocol/api.js";
import type { FindingText, TrustFinding, TrustTest } from "../protocol/trust.js";
import type { WorkerClient } from "./workerClient.js";

/** Progress within a phase is shown at most this often, since every state goes whole. */
export const progressEveryMs = 200;

/** What the session needs of the world. */
export interface SessionWorld {
  readonly call: WorkerClient["call"];
  /** Shows a state; called at every change once `start` was called. */
  readonly show: (state: PanelState) => void;
  readonly strings: Readonly<Record<string, string>>;
  readonly phaseText: (phase: Phase | "starting") => string;
  readonly noteText: (note: Note) => string;
  readonly findingText: (finding: TrustFinding) => FindingText;
  readonly testName: (test: TrustTest) => string;
  readonly describeFailure: (error: WhylightError) => { readonly text: string; readonly actions: readonly FailureAction[] };
  readonly runtime: () => RuntimeChoice;
  /** Changes when the image, the model or its description changes on disk, so that no stale result is shown as new. */
  readonly stamp: () => Promise<string>;
  readonly logFailure: (error: WhylightError) => void;
}
