/** @file What a link to a misclassification report carries. Knows nothing of VS Code. */
import type { LabelSource } from "../../protocol/debug.js";

export const debugCommand = "whylight.debugMisclassification";

/** Paths, and the class index of the label: nothing is asked then. */
export interface DebugArguments {
  readonly image: string;
  readonly model: string;
  readonly label: number;
  readonly labelFrom: LabelSource;
  /** Labelled files to look for near ones in. */
  readonly among: string;
}

/** The arguments of a link, checked; `undefined` for anything else, such as a file that was clicked. */
export function readDebugArguments(value: unknown): DebugArguments | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { image, model, label, labelFrom, among } = value as Readonly<Record<keyof DebugArguments, unknown>>;
  if (typeof image !== "string" || typeof model !== "string" || typeof among !== "string") return undefined;
  if (typeof label !== "number" || !Number.isInteger(label) || label < 0) return undefined;
  return { image, model, label, labelFrom: labelFrom === "labels file" ? labelFrom : "folder", among };
}
