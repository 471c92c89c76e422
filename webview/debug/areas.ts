/** @file Which parts of the picture a finding is about. Pure. */
import type { Area, DebugReport, Sentence } from "../../src/protocol/debug.js";

/** The areas of the model's input that a sentence speaks of; none where it speaks of no place. */
export function areasOf(_sentence: Sentence, _report: Pick<DebugReport, "focus">): readonly Area[] {
  return [];
}
