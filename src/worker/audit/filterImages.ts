/** @file Which images of an audit a page asks for, and in which order. */
import type { ImageFilter, ImageOrder } from "../../protocol/audit.js";
import type { AuditIndex, IndexedImage } from "./auditIndex.js";

type Condition = (image: IndexedImage) => boolean;

const outcomes: Readonly<Record<NonNullable<ImageFilter["outcome"]>, Condition>> = {
  wrong: ({ label, predicted }) => label >= 0 && label !== predicted,
  right: ({ label, predicted }) => label === predicted,
  unlabelled: ({ label }) => label < 0,
};

/** Smallest first. Of equal ones the name decides, so that pages never overlap. */
const orders: Readonly<Record<ImageOrder, (image: IndexedImage) => number>> = {
  confidence: ({ confidence }) => -confidence,
  margin: ({ confidence, trueProbability }) => confidence - trueProbability,
  name: () => 0,
  entropy: ({ entropy }) => -entropy,
};

/** Numbers of the images that a filter leaves, in order. */
export function filterImages(index: AuditIndex, filter: ImageFilter, order: ImageOrder): number[] {
  const conditions = conditionsOf(filter);
  const keyOf = orders[order];
  const left: { readonly image: number; readonly key: number; readonly file: string }[] = [];
  for (let image = 0; image < index.length; image++) {
    const indexed = index.at(image);
    if (conditions.every((holds) => holds(indexed))) left.push({ image, key: keyOf(indexed), file: indexed.file });
  }
  return left.sort((a, b) => a.key - b.key || (a.file < b.file ? -1 : 1)).map(({ image }) => image);
}

function conditionsOf({ outcome, label, predicted, text, files, flag }: ImageFilter): Condition[] {
  const conditions: Condition[] = [];
  if (outcome !== undefined) conditions.push(outcomes[outcome]);
  if (label !== undefined) conditions.push((image) => image.label === label);
  if (predicted !== undefined) conditions.push((image) => image.predicted === predicted);
  if (flag !== undefined) conditions.push((image) => image.flags.includes(flag));
  if (files !== undefined) {
    const wanted = new Set(files);
    conditions.push((image) => wanted.has(image.file));
  }
  if (text !== undefined && text !== "") {
    const part = text.toLowerCase();
    conditions.push((image) => image.file.toLowerCase().includes(part));
  }
  return conditions;
}
