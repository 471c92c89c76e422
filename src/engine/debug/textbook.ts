/** @file The textbook's reading of a mistake, by the true class's probability and rank alone. */
import type { Sentence } from "./evidence.js";
import { say } from "./debugSentence.js";

/** Below this probability the model hardly considers a class. */
export const hardlyConsideredBelow = 0.01;
/** Up to this rank a class is near the top. */
export const nearTopRank = 5;

/** Two sentences for one of three cases: probability below 0.01; else rank up to 5; else. */
export function textbookOf(probability: number, rank: number): readonly Sentence[] {
  if (probability < hardlyConsideredBelow) return [say("textbookHardly"), say("textbookHardlyWhy")];
  if (rank <= nearTopRank) return [say("textbookBorderline"), say("textbookBorderlineWhy")];
  return [say("textbookElse"), say("textbookElseWhy")];
}
