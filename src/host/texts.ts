/** @file Failures, remarks and phases as sentences in the reader's language. Knows nothing of VS Code: the translation is handed in. */
import type { ErrorCode, ErrorData, WhylightError } from "../engine/errors.js";
import type { Estimate, FailureAction, Note, Phase } from "../protocol/api.js";
import { errorTexts, fillIn, noteTexts, phaseTexts } from "../protocol/errorTexts.js";
import { estimateText } from "../protocol/estimateTexts.js";
import type { FindingText, TrustFinding, TrustTest } from "../protocol/trust.js";
import { trustTestTexts, trustTexts, verdictTexts } from "../protocol/trustTexts.js";

/** English in, the reader's language out; placeholders stay. */
export type Translate = (english: string) => string;

/** The buttons a failure can bring. */
export const actionTitles: Readonly<Record<FailureAction["id"], string>> = {
  retry: "Retry", showLog: "Show log", chooseModel: "Choose model…", chooseRuntime: "Choose runtime…", openSidecar: "Open description",
};

/** The next steps that fit each failure, the likeliest first. */
const actionsByCode: Readonly<Record<ErrorCode, readonly FailureAction["id"][]>> = {
  modelNotFound: ["chooseModel", "retry"],
  modelFolderUnknown: ["chooseModel", "retry"],
  modelFolderSeveral: ["chooseModel", "retry"],
  modelFormatUnknown: ["chooseModel", "retry"],
  modelUnfetched: ["retry", "chooseModel"],
  modelUnsafe: ["chooseModel", "showLog"],
  modelPickled: ["chooseModel", "retry"],
  modelProgram: ["chooseModel", "retry"],
  architectureUnknown: ["chooseModel", "retry"],
  configMissing: ["retry", "chooseModel"],
  adapterAlone: ["chooseModel", "retry"],
  weightsAlone: ["chooseModel", "retry"],
  trainingLeftover: ["chooseModel"],
  layerUnsupported: ["chooseModel", "showLog"],
  weightUnsupported: ["chooseModel", "showLog"],
  modelCorrupt: ["chooseModel", "retry", "showLog"],
  modelTooLarge: ["chooseModel", "retry"],
  modelUnsuitable: ["chooseModel", "openSidecar", "showLog"],
  opUnsupported: ["chooseRuntime", "chooseModel", "showLog"],
  gradientUndefined: ["retry", "chooseModel", "showLog"],
  shapeUnknown: ["openSidecar", "chooseModel", "showLog"],
  shapeMismatch: ["openSidecar", "chooseModel", "showLog"],
  inputNotFound: ["retry"],
  inputInvalid: ["openSidecar", "chooseModel", "retry"],
  textInvalid: ["retry"],
  textFileInvalid: ["retry"],
  tokenizerMissing: ["chooseModel", "retry"],
  tokenizerInvalid: ["chooseModel", "retry", "showLog"],
  attentionMissing: ["chooseModel"],
  imageInvalid: ["retry", "showLog"],
  imageTooLarge: ["retry"],
  layerUnknown: ["retry", "chooseModel"],
  layerUnsuitable: ["retry", "showLog"],
  targetUnknown: ["retry", "chooseModel"],
  descriptionInvalid: ["openSidecar", "retry"],
  labelsMismatch: ["openSidecar", "retry"],
  methodUnknown: ["retry"],
  methodNotInLibrary: ["retry"],
  parameterInvalid: ["retry"],
  runtimeUnavailable: ["chooseRuntime", "retry", "showLog"],
  runtimeFailed: ["chooseRuntime", "retry", "showLog"],
  outOfMemory: ["retry", "chooseModel", "showLog"],
  labelMissing: ["retry"],
  labelsInvalid: ["retry"],
  folderEmpty: ["retry"],
  auditExists: ["retry"],
  auditMissing: ["retry"],
  auditMismatch: ["retry"],
  specInvalid: ["retry"],
  hubUnknown: ["retry"],
  hubForbidden: ["retry"],
  hubFailed: ["retry", "showLog"],
  downloadMismatch: ["retry", "showLog"],
  toolMissing: ["retry"],
  pythonUnsuitable: ["retry"],
  setupFailed: ["retry", "showLog"],
  outputUnwritable: ["retry"],
  workerCrashed: ["retry", "chooseRuntime", "showLog"],
  panelClosed: ["retry"],
  cancelled: ["retry"],
  workspaceUntrusted: ["retry"],
  internal: ["retry", "showLog"],
};

/** What this side says instead once the worker is not started any more. */
export const stoppedText = {
  text: "The process that computes stopped {crashes} times in a row, so it is not started again by itself.",
  next: "Look at the log; Retry starts it again, and so does a change of Whylight's settings.",
} as const;

/** Said between the click and the worker's first word. */
export const startingText = "Starting";

/** One sentence and the next step. */
export function failureText({ code, data }: { readonly code: ErrorCode; readonly data: ErrorData }, translate: Translate): string {
  const { text, next } = code === "workerCrashed" && "crashes" in data ? stoppedText : errorTexts[code];
  return `${fillIn(translate(text), data)} ${fillIn(translate(next), data)}`;
}

/** What keeps a model from being read, by its code and facts. For lists, which show its place themselves and have little room: its file goes by its name. */
export function problemText({ code, data }: { readonly code: ErrorCode; readonly data: ErrorData }, translate: Translate): string {
  const path = data["path"];
  return failureText({ code, data: typeof path === "string" ? { ...data, path: path.split(/[\\/]/).at(-1) ?? "" } : data }, translate);
}

/** The buttons beside a failure. */
export function failureActions(error: WhylightError, translate: Translate): FailureAction[] {
  return actionsByCode[error.code].map((id) => ({ id, title: translate(actionTitles[id]) }));
}

/** A remark beside a result. */
export function noteText(note: Note, translate: Translate): string {
  return fillIn(translate(noteTexts[note.code]), note.data);
}

/** What a test of a map's trustworthiness found. */
export function findingText({ test, verdict, sentence }: TrustFinding, translate: Translate): FindingText {
  return { title: testName(test, translate), verdict: translate(verdictTexts[verdict]), sentence: fillIn(translate(trustTexts[sentence.code]), sentence.data) };
}

/** What a test is called. */
export function testName(test: TrustTest, translate: Translate): string {
  return translate(trustTestTexts[test]);
}

/** What is going on, and what it will take where that is known and much. */
export function phaseText(phase: Phase | "starting", translate: Translate, estimate?: Estimate): string {
  const text = translate(phase === "starting" ? startingText : phaseTexts[phase]);
  return estimate ? `${text} · ${estimateIn(estimate, translate)}` : text;
}

/** What a job will take. */
export function estimateIn(estimate: Estimate, translate: Translate): string {
  return estimateText(estimate, (english, values) => fillIn(translate(english), values));
}
