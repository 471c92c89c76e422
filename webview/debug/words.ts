/** @file The sentences and names of a report in the reader's language. */
import { causeTexts, familyTexts, placeTexts, qualityTexts, sentenceText, strengthTexts, variantText } from "../../src/protocol/debugTexts.js";
import type { CauseId, CauseStrength, Place, QualityFlag, Sentence, VariantFamily } from "../../src/protocol/debug.js";
import { translate } from "../strings.js";

export const sentence = (of: Sentence): string => sentenceText(of, translate);
export const causeName = (id: CauseId): string => translate(causeTexts[id]);
export const strengthName = (strength: CauseStrength): string => translate(strengthTexts[strength]);
export const familyName = (family: VariantFamily): string => translate(familyTexts[family]);
export const variantName = (id: string): string => variantText(id, translate);
export const flagName = (flag: QualityFlag): string => translate(qualityTexts[flag]);
export const placeName = (place: Place): string => translate(placeTexts[place]);
