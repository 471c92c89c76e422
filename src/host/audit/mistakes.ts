/** @file The surest mistakes of an audit, as the Problems panel and the test view show them. Knows nothing of VS Code. */
import { isAbsolute, join } from "node:path";
import type { AuditedImage, AuditSummary } from "../../protocol/audit.js";
import type { LabelSource } from "../../protocol/debug.js";
import type { WorkerClient } from "../workerClient.js";

/** A mistake with its labels by name. */
export interface Mistake extends Pick<AuditedImage, "file" | "label" | "predicted" | "confidence"> {
  /** Where the image lies. */
  readonly path: string;
  readonly labelName: string;
  readonly predictedName: string;
}

export interface Mistakes {
  /** Surest first. */
  readonly shown: readonly Mistake[];
  /** How many there are. */
  readonly total: number;
}

/** A list that people read holds so many at most. */
export const mistakeLimit = 1000;
const pageLength = 250;

/** Reads the surest mistakes, page by page. Rejects as the worker does. */
export async function readMistakes(call: WorkerClient["call"], audit: string, { folder, labels }: Pick<AuditSummary, "folder" | "labels">): Promise<Mistakes> {
  const shown: Mistake[] = [];
  let total = 0;
  do {
    const count = Math.min(pageLength, mistakeLimit - shown.length);
    const page = await call("auditImages", { audit, filter: { outcome: "wrong" }, order: "confidence", offset: shown.length, count });
    total = page.total;
    if (page.images.length === 0) break;
    for (const { file, label, predicted, confidence } of page.images) {
      shown.push({ file, label, predicted, confidence, path: join(folder, ...file.split("/")), labelName: labelOf(labels, label), predictedName: labelOf(labels, predicted) });
    }
  } while (shown.length < Math.min(total, mistakeLimit));
  return { shown, total };
}

/** Mistakes by their label, in the order of the labels. */
export function byLabel(mistakes: readonly Mistake[]): ReadonlyMap<string, readonly Mistake[]> {
  const groups = new Map<number, Mistake[]>();
  for (const mistake of mistakes) groups.set(mistake.label, [...(groups.get(mistake.label) ?? []), mistake]);
  return new Map([...groups].toSorted(([a], [b]) => a - b).map(([, group]) => [group[0]?.labelName ?? "", group]));
}

/** The file that labels came from; `undefined` where they came from the names of folders. */
export function labelsFile({ labelsFrom }: Pick<AuditSummary, "labelsFrom">): string | undefined {
  return isAbsolute(labelsFrom) ? labelsFrom : undefined;
}

/** Where an image's label came from. */
export function labelSource(summary: Pick<AuditSummary, "labelsFrom">): LabelSource {
  return labelsFile(summary) === undefined ? "folder" : "labels file";
}

/** The class's name, or "class 7" where the model has no labels. */
export function labelOf(labels: readonly string[], index: number): string {
  return labels[index] ?? `class ${index}`;
}
