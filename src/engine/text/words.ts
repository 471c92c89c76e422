/** @file Words of the user's text, each with the tokens that spell it. */
import { eachWord } from "./segments.js";
import type { EncodedToken } from "./tokenizer.js";

/** A word `[start, end)` of a text (`part` 0) or its pair (1), in UTF-16 code units, and its tokens `[from, to)` in the list that it was made from. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly part: 0 | 1;
  readonly from: number;
  readonly to: number;
}

/**
 * The words that the tokens of one part spell, in the order of the text. Words are those of Unicode's text segmentation ("didn't" is one, Chinese and Japanese go by dictionary);
 * marks and emoji are words of their own, white space is none. A token that spans several makes them one. Special tokens, empty ones and those of white space alone belong to no word.
 */
export function wordsOf(text: string, tokens: readonly EncodedToken[], part: 0 | 1): readonly Word[] {
  const segments: { readonly start: number; readonly end: number }[] = [];
  eachWord(text, (start, end) => {
    if (text.slice(start, end).trim() !== "") segments.push({ start, end });
  });
  const words: { first: number; last: number; from: number; to: number }[] = [];
  tokens.forEach((token, i) => {
    if (token.part !== part || token.special || token.end <= token.start) return;
    const first = firstEndingAfter(segments, token.start);
    let last = first;
    while (last + 1 < segments.length && segments[last + 1]!.start < token.end) last++;
    if (first >= segments.length || segments[first]!.start >= token.end) return;
    const word = words.at(-1);
    if (word && first <= word.last) {
      word.first = Math.min(word.first, first);
      word.last = Math.max(word.last, last);
      word.to = i + 1;
    } else words.push({ first, last, from: i, to: i + 1 });
  });
  return words.map(({ first, last, from, to }) => {
    const { start } = segments[first]!;
    const { end } = segments[last]!;
    return { text: text.slice(start, end), start, end, part, from, to };
  });
}

function firstEndingAfter(segments: readonly { readonly end: number }[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.end > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
