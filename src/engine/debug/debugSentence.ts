/** @file The codes of a report's sentences, and how facts are written in them. */
import type { ErrorData } from "../errors.js";
import type { Sentence } from "./evidence.js";

/** Everything a report can say; the texts are in `protocol/debugTexts.ts`. */
export type DebugSentence =
  | "verdictRight" | "verdictRightFragile" | "verdictPreprocessing" | "verdictBackground" | "verdictLabelError" | "verdictDuplicate" | "verdictHidden" | "verdictQuality"
  | "verdictSimilarClasses" | "verdictBorderline" | "verdictHardlyConsidered" | "verdictOpen"
  | "answer" | "answerRight" | "expectedRank"
  | "highlights" | "highlightsTrue" | "highlightsNothing" | "highlightsNothingTrue" | "borderMass" | "cornerMass" | "uniformMass"
  | "maskChanges" | "maskChangesTrue" | "maskTurns" | "maskChangesLittle" | "maskDisagrees" | "keepsAnswer" | "keepLosesAnswer"
  | "overlapHigh" | "overlapSome" | "overlapLow"
  | "fixedBy" | "fixedByMore" | "fixedByNone" | "steady" | "fragile"
  | "preprocessingFixes" | "preprocessingFixesMore" | "preprocessingFixesNone" | "preprocessingOneImage"
  | "qualityBlurred" | "qualityDark" | "qualityBright" | "qualityLowContrast" | "qualitySmall" | "qualityElongated" | "qualityTransparent" | "qualityCropped"
  | "unsure" | "sureOfMistake"
  | "neighboursAgree" | "neighboursWithLabel" | "neighboursRight" | "neighboursNeither" | "neighboursNone" | "duplicateOther" | "duplicateSame"
  | "rankClose" | "marginSmall" | "hardlyConsidered" | "cutOff" | "trueAtBorder"
  | "textbookHardly" | "textbookHardlyWhy" | "textbookBorderline" | "textbookBorderlineWhy" | "textbookElse" | "textbookElseWhy";

/** A sentence of the report. */
export function say(code: DebugSentence, data: ErrorData = {}): Sentence<DebugSentence> {
  return { code, data };
}

/** What a fact can be a name of: such a fact is written "@place:topLeft", and whoever shows the sentence translates it. */
export type NameKind = "place" | "variant" | "family" | "quality" | "dimension";

/** A fact that is a name. */
export function named(kind: NameKind, id: string): string {
  return `@${kind}:${id}`;
}

/** "45.2 %"; "< 0.1 %" for what would be 0.0 and is not nothing, and "> 99.9 %" likewise. */
export function percent(share: number): string {
  const shown = (share * 100).toFixed(1);
  if (shown === "0.0" && share > 0) return "< 0.1 %";
  return shown === "100.0" && share < 1 ? "> 99.9 %" : `${shown} %`;
}
