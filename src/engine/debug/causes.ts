/** @file What speaks for each likely cause of a mistake, and how much. */
import type { Cause, Gathered } from "./evidence.js";

/** The likely causes, most likely first; none where the prediction is right. */
export function causesOf(_gathered: Gathered): readonly Cause[] {
  return [];
}
