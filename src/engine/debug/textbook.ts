/** @file The textbook's reading of a mistake, by the true class's probability and rank alone. */
import type { Sentence } from "./evidence.js";

/** Two sentences for one of three cases: probability below 0.01; else rank up to 5; else. */
export function textbookOf(_probability: number, _rank: number): readonly Sentence[] {
  return [];
}
