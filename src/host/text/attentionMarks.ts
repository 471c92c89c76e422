/** @file Where the tokens that people point at in an attention panel lie in their own document. Knows nothing of VS Code. */
import type { AttentionPanelApi } from "../../protocol/attention.js";
import type { TextToken } from "../../protocol/text.js";
import { levelSteps } from "./textScale.js";
import type { TrackedText } from "./trackedText.js";

/** A stretch of the document `[start, end)` and how it is marked. */
export interface AttentionMark {
  readonly start: number;
  readonly end: number;
  /** `undefined` for the token that was pointed at; else 1 to `levelSteps` by the weight it gets. */
  readonly level: number | undefined;
}

type Highlight = Parameters<AttentionPanelApi["highlight"]>[0];

/**
 * The marks of the token pointed at and of those it attends to, by weight: the largest of the weights gets the strongest mark, and what rounds to none has none.
 * Special tokens stand nowhere. Tokens of a text that was edited have no marks. `places` holds where the text and its pair lie.
 */
export function attentionMarks({ token, keys }: Highlight, tokens: readonly TextToken[], places: readonly TrackedText[]): AttentionMark[] {
  const at = (index: number, level: number | undefined): AttentionMark[] => {
    const found = tokens[index];
    const place = found && places[found.part];
    if (!found || found.special || found.end <= found.start || !place?.isIntact) return [];
    return [{ start: place.start + found.start, end: place.start + found.end, level }];
  };
  const largest = Math.max(0, ...keys.map(({ weight }) => weight));
  const levelOf = (weight: number) => (largest > 0 ? Math.round((levelSteps * weight) / largest) : 0);
  return [...(token === undefined ? [] : at(token, undefined)), ...keys.flatMap((key) => (levelOf(key.weight) > 0 ? at(key.token, levelOf(key.weight)) : []))];
}
