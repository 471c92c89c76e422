/** @file What was found, in sentences by their codes: plain and cautious, each with its number. */
import type { Gathered, Sentence } from "./evidence.js";

/** What was found, most telling first. */
export function findingsOf(_gathered: Gathered): readonly Sentence[] {
  return [];
}

/** The verdict in one sentence. */
export function verdictOf(_gathered: Gathered): Sentence {
  return { code: "verdictUnclear", data: {} };
}
