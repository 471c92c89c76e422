/** @file The one error class of the product, and one factory per failure. Texts for people are made from the code, in their language. */

/** Facts a message needs. */
export type ErrorData = Readonly<Record<string, string | number>>;

/** Every way this product fails; `cancelled` is silent, all others get one sentence and a next step. */
export const errorCodes = [
  "modelNotFound", "modelFolderUnknown", "modelFolderSeveral", "modelFormatUnknown", "modelCorrupt", "modelUnfetched", "modelUnsafe", "modelPickled", "modelProgram", "architectureUnknown", "configMissing", "adapterAlone", "weightsAlone", "trainingLeftover", "layerUnsupported", "weightUnsupported", "modelTooLarge", "modelUnsuitable", "opUnsupported", "gradientUndefined", "shapeUnknown", "shapeMismatch",
  "inputNotFound", "inputInvalid", "textInvalid", "textFileInvalid", "tokenizerMissing", "tokenizerInvalid", "attentionMissing", "imageInvalid", "imageTooLarge", "layerUnknown", "layerUnsuitable", "targetUnknown", "descriptionInvalid", "labelsMismatch", "methodUnknown", "methodNotInLibrary", "parameterInvalid",
  "runtimeUnavailable", "runtimeFailed", "outOfMemory", "labelMissing", "labelsInvalid", "folderEmpty", "auditExists", "auditMissing", "auditMismatch", "specInvalid",
  "hubUnknown", "hubForbidden", "hubFailed", "downloadMismatch", "toolMissing", "pythonUnsuitable", "setupFailed",
  "outputUnwritable", "workerCrashed", "panelClosed", "cancelled", "workspaceUntrusted", "internal",
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** A name out of a hostile file may be as long as the file. */
const longestFact = 4096;

/** A failure with a code that survives every process boundary. `message` is for logs; people read the text made from `code` and `data`. */
export class WhylightError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;
  constructor(code: ErrorCode, data: ErrorData = {}, options?: { cause?: unknown }) {
    const short = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, typeof value === "string" && value.length > longestFact ? `${value.slice(0, longestFact)}…` : value]));
    const facts = Object.entries(short).map(([key, value]) => `${key}: ${value}`).join(", ");
    super(facts === "" ? code : `${code} (${facts})`, options);
    this.name = "WhylightError";
    this.code = code;
    this.data = short;
  }
}

/** Whatever was thrown, as a `WhylightError`; foreign errors become `internal` with their own message. */
export function toWhylightError(thrown: unknown): WhylightError {
  if (thrown instanceof WhylightError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new WhylightError("internal", { reason }, { cause: thrown });
}
