/** @file Patterns of tokenizer files, and the pieces that splitting at their matches leaves. */
import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { isPairAt, slice, type AlignedText } from "./alignedText.js";
import { present, wrongField, isRecord, type Fields } from "../preprocess/fields.js";

/** A stretch of code units `[start, end)`, and whether it matched. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isMatch: boolean;
}

/** Cuts a whole text into matches and what lies between them. */
export type Pattern = (text: string) => readonly Stretch[];

export const splitBehaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;
export type SplitBehavior = (typeof splitBehaviors)[number];

/** Matches of a global regular expression. Empty ones count unless they touch the match before, as in Oniguruma. */
export function regexPattern(regex: RegExp): Pattern {
  return (text) => {
    const stretches: Stretch[] = [];
    if (text === "") return stretches;
    let last = 0;
    for (const match of text.matchAll(regex)) {
      const { index } = match;
      const end = index + match[0].length;
      // V8 finds empty matches of lookaheads in the middle of surrogate pairs, where there is no character.
      if (end === index && ((stretches.at(-1)?.isMatch === true && index === last) || (index > 0 && isPairAt(text, index - 1)))) continue;
      if (index > last) stretches.push({ start: last, end: index, isMatch: false });
      stretches.push({ start: index, end, isMatch: true });
      last = end;
    }
    if (last < text.length) stretches.push({ start: last, end: text.length, isMatch: false });
    return stretches;
  };
}

/** Matches of single characters. */
export function characterPattern(isMatch: (code: number) => boolean): Pattern {
  return (text) => {
    const stretches: Stretch[] = [];
    let last = 0;
    for (let i = 0; i < text.length;) {
      const code = text.codePointAt(i)!;
      const next = i + (code > 0xffff ? 2 : 1);
      if (isMatch(code)) {
        if (i > last) stretches.push({ start: last, end: i, isMatch: false });
        stretches.push({ start: i, end: next, isMatch: true });
        last = next;
      }
      i = next;
    }
    if (last < text.length) stretches.push({ start: last, end: text.length, isMatch: false });
    return stretches;
  };
}

/** The pattern with matches and the rest changed about. */
export function inverted(pattern: Pattern): Pattern {
  return (text) => pattern(text).map(({ start, end, isMatch }) => ({ start, end, isMatch: !isMatch }));
}

/** The field `pattern` of a file: `{ "String": text }` or `{ "Regex": expression }` in Oniguruma's syntax, or plain text. Throws for expressions that cannot be read. */
export function patternField(fields: Fields, key: string): RegExp {
  const value = present(fields, key);
  const literal = typeof value === "string" ? value : isRecord(value) ? value["String"] : undefined;
  if (typeof literal === "string") return new RegExp(literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gu");
  const expression = isRecord(value) ? value["Regex"] : undefined;
  if (typeof expression !== "string") return wrongField(fields, key, "it must be a text or a regular expression");
  try {
    const { pattern } = new SplitPreTokenizer({ type: "Split", pattern: { Regex: foldedFurther(expression) }, behavior: "Isolated", invert: false });
    if (pattern !== null) return pattern;
  } catch (thrown) {
    return wrongField(fields, key, `the regular expression cannot be read (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
  return wrongField(fields, key, "the regular expression cannot be read");
}

/** Letters beyond ASCII that equal an ASCII letter when case is ignored; the library, which folds ASCII only, does not know them. */
const furtherCases: Readonly<Record<string, string>> = { s: "\u017f", S: "\u017f", k: "\u212a", K: "\u212a" };

/** Writes the further cases of letters out in groups that ignore case, `(?i:...)`. */
function foldedFurther(expression: string): string {
  if (!expression.includes("(?i:")) return expression;
  let folded = "";
  let inClass = "";
  const groups: boolean[] = [];
  for (let i = 0; i < expression.length; i++) {
    const character = expression[i]!;
    const further = groups.at(-1) === true ? furtherCases[character] : undefined;
    if (character === "\\") folded += character + (expression[++i] ?? "");
    else if (inClass !== "") {
      inClass += further ?? "";
      folded += character === "]" ? inClass.slice(1) + character : character;
      if (character === "]") inClass = "";
    } else if (character === "[") {
      inClass = character;
      folded += character;
    } else {
      if (character === "(") groups.push(expression.startsWith("(?i:", i) || groups.at(-1) === true);
      if (character === ")") groups.pop();
      folded += further === undefined ? character : `[${character}${further}]`;
    }
  }
  return folded;
}

/** Splits a piece at a pattern; empty pieces are dropped. */
export function split(piece: AlignedText, pattern: Pattern, behavior: SplitBehavior): AlignedText[] {
  const pieces: AlignedText[] = [];
  for (const { start, end } of joins[behavior](pattern(piece.text))) if (end > start) pieces.push(slice(piece, start, end));
  return pieces;
}

type Span = { start: number; end: number };

const joins: Readonly<Record<SplitBehavior, (stretches: readonly Stretch[]) => readonly Span[]>> = {
  Removed: (stretches) => stretches.filter(({ isMatch }) => !isMatch),
  Isolated: (stretches) => stretches,
  Contiguous: (stretches) => joined(stretches, (isMatch, previous) => isMatch === previous),
  MergedWithPrevious: (stretches) => joined(stretches, (isMatch, previous) => isMatch && !previous),
  MergedWithNext: (stretches) => joined(stretches.toReversed(), (isMatch, previous) => isMatch && !previous).toReversed(),
};

/** Joins a stretch to the one before it where the rule says so. */
function joined(stretches: readonly Stretch[], joins: (isMatch: boolean, previous: boolean) => boolean): Span[] {
  const spans: Span[] = [];
  let previous = false;
  for (const { start, end, isMatch } of stretches) {
    const last = spans.at(-1);
    if (last !== undefined && joins(isMatch, previous)) {
      last.start = Math.min(last.start, start);
      last.end = Math.max(last.end, end);
    } else spans.push({ start, end });
    previous = isMatch;
  }
  return spans;
}
