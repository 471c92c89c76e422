/** @file What passes and kernels find wrong with a graph that was just read is the file's fault. */
import { WhylightError, toWhylightError } from "../errors.js";

/** The error for what was thrown while a model was read: one of this product as it is, any other as `modelCorrupt`, since what they call a fault of a pass is values out of order or sizes that make no sense here. */
export function damaged(path: string, thrown: unknown): WhylightError {
  const error = toWhylightError(thrown);
  if (thrown instanceof WhylightError && error.code !== "internal") return error;
  return new WhylightError("modelCorrupt", { path, reason: String(error.data["reason"] ?? error.message).replace(/^internal: (after \w+: )?/, "") }, { cause: thrown });
}
