/** @file The names of what a report speaks of, in the reader's language. */
import { sentenceText } from "../../src/protocol/debugTexts.js";
import type { CauseId, Place, QualityFlag, Sentence, VariantFamily } from "../../src/protocol/debug.js";
import { translate } from "../strings.js";

export const sentence = (of: Sentence): string => sentenceText(of, translate);
export const causeName = (id: CauseId): string => translate(id);
export const familyName = (family: VariantFamily): string => translate(family);
export const variantName = (id: string): string => translate(id);
export const flagName = (flag: QualityFlag): string => translate(flag);
export const placeName = (place: Place): string => translate(place);
