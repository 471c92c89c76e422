/** @file The codes of an audit's sentences. */
import type { Sentence } from "../debug/evidence.js";
import type { ErrorData } from "../errors.js";

/** Everything an audit's findings can say; the texts are in `protocol/auditTexts.ts`. */
export type AuditSentence =
  | "trialBetter" | "trialBetterAnswers" | "trialAdvice"
  | "mistakesShare" | "mistakesShareAlone" | "pairShares" | "classShares" | "regionMasked" | "regionPlanted" | "regionConfirmed" | "regionSuspected" | "regionRefuted" | "regionCentred"
  | "labelErrorsFew" | "labelErrorsFirst" | "duplicatesAcross" | "duplicatesFirst"
  | "surerThanRight" | "lessSureThanRight" | "confusedPair" | "filesFailed" | "filesUnlabelled" | "labelsUnknown" | "labelsAdvice" | "flagAmongMistakes";

/** A sentence of an audit. */
export function tell(code: AuditSentence, data: ErrorData = {}): Sentence<AuditSentence> {
  return { code, data };
}
