/** @file Pre-tokenizers of tokenizer files: how a text is cut into the words that a vocabulary sees. */
import { mapEach, prepend, replaceAll, slice, type AlignedText } from "./alignedText.js";
import { spellBytes } from "./byteLevel.js";
import { checkLength, isWhiteSpace } from "./normalizers.js";
import { characterPattern, inverted, patternField, regexPattern, split, splitBehaviors, type SplitBehavior } from "./pattern.js";
import { listField, typeField } from "./tokenizerFields.js";
import { isPunctuation } from "./unicodeTables.js";
import { booleanField, choiceField, numberField, textField, wrongField, type Fields } from "../preprocess/fields.js";

/** Cuts one piece into smaller ones; none of them is empty. */
export type PreTokenizer = (piece: AlignedText) => readonly AlignedText[];

/** The pre-tokenizer that an object of a file describes. Throws `descriptionInvalid` for kinds that are not known and fields that are not right. */
export function preTokenizerOf(fields: Fields): PreTokenizer {
  const steps = stepsOf(fields);
  return (whole) => steps.reduce<readonly AlignedText[]>((pieces, step) => {
    const cut = pieces.flatMap(step);
    checkLength(cut.reduce((length, piece) => length + piece.text.length, 0), whole.text.length);
    return cut;
  }, [whole]);
}

/** The steps of a pre-tokenizer, those of sequences in sequences too. */
function stepsOf(fields: Fields): readonly PreTokenizer[] {
  const kind = typeField(fields);
  if (kind === "Sequence") return listField(fields, "pretokenizers").flatMap(stepsOf);
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return [make ? make(fields) : wrongField(fields, "type", `the pre-tokenizer ${kind} is not known`)];
}

const whiteSpace = characterPattern(isWhiteSpace);
const punctuation = characterPattern(isPunctuation);
const words = inverted(regexPattern(/[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu));
const gpt2Words = regexPattern(/'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu);
const numbers = characterPattern((code) => /\p{N}/u.test(String.fromCodePoint(code)));

const kinds: Readonly<Record<string, (fields: Fields) => PreTokenizer>> = {
  BertPreTokenizer: () => (piece) => split(piece, whiteSpace, "Removed").flatMap((word) => split(word, punctuation, "Isolated")),
  ByteLevel: (fields) => byteLevel(booleanField(fields, "add_prefix_space") ?? true, booleanField(fields, "use_regex") ?? true),
  Whitespace: () => (piece) => split(piece, words, "Removed"),
  WhitespaceSplit: () => (piece) => split(piece, whiteSpace, "Removed"),
  Punctuation: (fields) => {
    const behavior = behaviorOf(fields) ?? "Isolated";
    return (piece) => split(piece, punctuation, behavior);
  },
  Digits: (fields) => {
    const behavior = (booleanField(fields, "individual_digits") ?? false) ? "Isolated" : "Contiguous";
    return (piece) => split(piece, numbers, behavior);
  },
  CharDelimiterSplit: (fields) => {
    const delimiter = characterOf(fields, "delimiter");
    return (piece) => split(piece, characterPattern((code) => code === delimiter), "Removed");
  },
  Split: (fields) => {
    const matches = regexPattern(patternField(fields, "pattern"));
    const pattern = (booleanField(fields, "invert") ?? false) ? inverted(matches) : matches;
    const behavior = behaviorOf(fields) ?? wrongField(fields, "behavior", "it is missing");
    return (piece) => split(piece, pattern, behavior);
  },
  FixedLength: (fields) => {
    const length = numberField(fields, "length") ?? 5;
    if (!Number.isInteger(length) || length < 1) return wrongField(fields, "length", "it must be a whole number from 1 on");
    return (piece) => fixedLength(piece, length);
  },
  Metaspace: (fields) => metaspace(fields),
};

/** Files name the behaviours in camel case, Python's own names are in snake case. */
function behaviorOf(fields: Fields): SplitBehavior | undefined {
  return choiceField(fields, "behavior", splitBehaviors);
}

function characterOf(fields: Fields, key: string): number {
  const text = textField(fields, key);
  const code = text?.codePointAt(0);
  return code !== undefined && String.fromCodePoint(code) === text ? code : wrongField(fields, key, "it must be one character");
}

/** Words as GPT-2 cuts them, spelled in the alphabet of bytes. */
function byteLevel(addsSpace: boolean, cuts: boolean): PreTokenizer {
  return (piece) => {
    const spaced = addsSpace && !piece.text.startsWith(" ") ? prepend(piece, " ") : piece;
    const cut = cuts ? split(spaced, gpt2Words, "Isolated") : spaced.text === "" ? [] : [spaced];
    return cut.map((word) => mapEach(word, (code) => (code >= 0x21 && code <= 0x7e ? undefined : spellBytes(code))));
  };
}

/** Words as SentencePiece marks them: a space becomes a character that begins its word. */
function metaspace(fields: Fields): PreTokenizer {
  const replacement = characterOf(fields, "replacement");
  const mark = String.fromCodePoint(replacement);
  const stated = choiceField(fields, "prepend_scheme", ["always", "first", "never"]) ?? "always";
  const scheme = booleanField(fields, "add_prefix_space") === false ? "never" : stated;
  const cuts = booleanField(fields, "split") ?? true;
  const space = characterPattern((code) => code === 0x20);
  const marks = characterPattern((code) => code === replacement);
  return (piece) => {
    const spaces = space(piece.text).filter(({ isMatch }) => isMatch);
    const marked = replaceAll(piece, spaces.map(({ start, end }) => [start, end] as const), mark);
    const begins = scheme === "always" || (scheme === "first" && piece.base === 0);
    const whole = begins && !marked.text.startsWith(mark) ? prepend(marked, mark) : marked;
    return cuts ? split(whole, marks, "MergedWithNext") : whole.text === "" ? [] : [whole];
  };
}

function fixedLength(piece: AlignedText, length: number): readonly AlignedText[] {
  const pieces: AlignedText[] = [];
  let from = 0;
  let characters = 0;
  for (let i = 0; i < piece.text.length;) {
    i += piece.text.codePointAt(i)! > 0xffff ? 2 : 1;
    if (++characters % length !== 0 && i < piece.text.length) continue;
    pieces.push(slice(piece, from, i));
    from = i;
  }
  return pieces;
}
