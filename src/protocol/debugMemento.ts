/** @file What the page of a misclassification report keeps across reloads, checked when it comes back. */
import type { TargetSpec } from "./api.js";
import type { DebugMemento, LabelSource } from "./debug.js";

const sources: readonly LabelSource[] = ["given", "folder", "labels file", "file name"];

/** The subject of a stored report; `undefined` when what was stored is not one's, as after an update. */
export function readDebugMemento(stored: unknown): Omit<DebugMemento, "view"> | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { image, model, label, labelFrom, expected, among } = stored as Readonly<Record<keyof DebugMemento, unknown>>;
  if (typeof image !== "string" || typeof model !== "string" || !isClass(label)) return undefined;
  return {
    image, model, label, labelFrom: sources.find((source) => source === labelFrom) ?? "given", expected: isClass(expected) ? expected : undefined,
    among: typeof among === "string" ? among : undefined,
  };
}

function isClass(value: unknown): value is TargetSpec {
  return typeof value === "string" || (typeof value === "number" && Number.isInteger(value) && value >= 0);
}
