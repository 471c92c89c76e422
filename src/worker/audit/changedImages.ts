/** @file The images whose answers two audits tell apart: fixed, broken, or wrong in both. */
import type { ChangedPage, ChangedRequest } from "../../protocol/audit.js";
import type { AuditIndex, IndexedImage } from "./auditIndex.js";

/** Labelled images that both audits hold, by name and by the name of their label, since two models may number classes differently. */
export function* sharedImages(before: AuditIndex, after: AuditIndex): Generator<{ readonly label: string; readonly before: IndexedImage; readonly after: IndexedImage }> {
  for (let image = 0; image < before.length; image++) {
    const first = before.at(image);
    const other = after.indexOf(first.file);
    if (other === undefined || first.label < 0) continue;
    const second = after.at(other);
    const label = nameOf(before, first.label);
    if (second.label >= 0 && nameOf(after, second.label) === label) yield { label, before: first, after: second };
  }
}

const isRight = ({ label, predicted }: IndexedImage) => label === predicted;

const changes: Readonly<Record<ChangedRequest["change"], (before: IndexedImage, after: IndexedImage) => boolean>> = {
  fixed: (before, after) => !isRight(before) && isRight(after),
  broken: (before, after) => isRight(before) && !isRight(after),
  wrongInBoth: (before, after) => !isRight(before) && !isRight(after),
};

/** Those of one kind, those first whose label's probability changed most. */
export function changedImages(before: AuditIndex, after: AuditIndex, change: ChangedRequest["change"]): ChangedPage["images"] {
  const holds = changes[change];
  const moved = (shared: { readonly before: IndexedImage; readonly after: IndexedImage }) => Math.abs(shared.after.trueProbability - shared.before.trueProbability);
  return [...sharedImages(before, after)].filter((shared) => holds(shared.before, shared.after)).toSorted((a, b) => moved(b) - moved(a) || (a.before.file < b.before.file ? -1 : 1)).map((shared) => ({
    file: shared.before.file, label: shared.label, before: nameOf(before, shared.before.predicted), after: nameOf(after, shared.after.predicted),
    beforeProbability: shared.before.confidence, afterProbability: shared.after.confidence,
  }));
}

/** What an audit calls a class. */
export function nameOf({ header }: AuditIndex, index: number): string {
  return header.labels[index] ?? `class ${index}`;
}
