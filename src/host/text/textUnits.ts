/** @file The stretches of text that are painted, each with its value and rank: the words or the tokens of an explanation. */
import type { AttributedToken, TextExplanation, TextScale } from "../../protocol/text.js";
import { levelsOf } from "./textScale.js";

/** What gets one colour. */
export const textUnitKinds = ["word", "token"] as const;
export type TextUnitKind = (typeof textUnitKinds)[number];

/** One painted stretch. */
export interface TextUnit {
  /** UTF-16 code units `[start, end)` of the explained text, without surrounding white space. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly raw: number;
  readonly attribution: number;
  /** 1 for the largest absolute value. */
  readonly rank: number;
  /** From `textScale.ts`. */
  readonly level: number;
  /** The tokens it is made of, when there are several. */
  readonly pieces: readonly { readonly token: string; readonly attribution: number }[];
}

type Stretch = Omit<TextUnit, "rank" | "level">;

/** The words or tokens of the text itself (not of a pair), in its order. Special tokens stand for no characters and are not among them. */
export function unitsOf(explanation: Pick<TextExplanation, "text" | "tokens" | "words">, kind: TextUnitKind, scale: TextScale): TextUnit[] {
  const stretches = (kind === "word" ? wordsOf(explanation) : tokensOf(explanation)).map((stretch) => trimmed(stretch, explanation.text));
  const order = stretches.map((_, i) => i).toSorted((a, b) => Math.abs(stretches[b]!.raw) - Math.abs(stretches[a]!.raw));
  const ranks = new Map(order.map((index, rank) => [index, rank + 1]));
  const levels = levelsOf(stretches.map(({ attribution }) => attribution), scale);
  return stretches.map((stretch, i) => ({ ...stretch, rank: ranks.get(i) ?? 0, level: levels[i] ?? 0 }));
}

function wordsOf({ words, tokens }: Pick<TextExplanation, "tokens" | "words">): Stretch[] {
  return words.filter(({ part, start, end }) => part === 0 && end > start).map(({ text, start, end, raw, attribution, from, to }) => {
    const pieces = tokens.slice(from, to).map((token) => ({ token: token.token, attribution: token.attribution }));
    return { text, start, end, raw, attribution, pieces: pieces.length > 1 ? pieces : [] };
  });
}

/** Tokens that share characters, as the bytes of one emoji do, are one stretch with their sum: a character has one colour. */
function tokensOf({ text, tokens }: Pick<TextExplanation, "text" | "tokens">): Stretch[] {
  const groups: AttributedToken[][] = [];
  let end = 0;
  for (const token of tokens) {
    if (token.special || token.part !== 0 || token.end <= token.start) continue;
    if (token.start < end) groups.at(-1)?.push(token);
    else groups.push([token]);
    end = Math.max(end, token.end);
  }
  return groups.map((group) => {
    const [from, to] = [Math.min(...group.map(({ start }) => start)), Math.max(...group.map((token) => token.end))];
    const sum = (key: "raw" | "attribution") => group.reduce((total, token) => total + token[key], 0);
    const pieces = group.map(({ token, attribution }) => ({ token, attribution }));
    return { text: text.slice(from, to), start: from, end: to, raw: sum("raw"), attribution: sum("attribution"), pieces: text.slice(from, to) === pieces[0]?.token ? [] : pieces };
  });
}

/** Without the white space around it, which many vocabularies count to the token behind it; a token of white space alone keeps it. */
function trimmed(stretch: Stretch, text: string): Stretch {
  const own = text.slice(stretch.start, stretch.end);
  if (own.trim() === "") return stretch;
  const start = stretch.start + own.length - own.trimStart().length;
  return { ...stretch, start, end: start + own.trim().length, text: own.trim() };
}
