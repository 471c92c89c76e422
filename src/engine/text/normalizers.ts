/** @file Normalizers of tokenizer files: what is done to a text before it is split. */
import { codePoints, filter, mapEach, prepend, replaceAll, rewrite, type AlignedText } from "./alignedText.js";
import { spellBytes } from "./byteLevel.js";
import { patternField, regexPattern } from "./pattern.js";
import { precompiled } from "./precompiled.js";
import { isControl, isMark, isNonspacingMark } from "./unicodeTables.js";
import { normalForm } from "./unicodeForms.js";
import { booleanField, present, textField, wrongField, type Fields } from "../preprocess/fields.js";
import { longestToken, listField, typeField } from "./tokenizerFields.js";
import { WhylightError } from "../errors.js";

export type Normalizer = (piece: AlignedText) => AlignedText;

/** The normalizer that an object of a file describes. Throws `descriptionInvalid` for kinds that are not known and fields that are not right. */
export function normalizerOf(fields: Fields): Normalizer {
  return inSequence(stepsOf(fields));
}

/** The steps of a normalizer, those of sequences in sequences too. */
function stepsOf(fields: Fields): readonly Normalizer[] {
  const kind = typeField(fields);
  if (kind === "Sequence") return listField(fields, "normalizers").flatMap(stepsOf);
  const make = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  return [make ? make(fields) : wrongField(fields, "type", `the normalizer ${kind} is not known`)];
}

const kinds: Readonly<Record<string, (fields: Fields) => Normalizer>> = {
  BertNormalizer: (fields) => bertNormalizer({
    clean: booleanField(fields, "clean_text") ?? true, chinese: booleanField(fields, "handle_chinese_chars") ?? true,
    accents: booleanField(fields, "strip_accents"), lowercase: booleanField(fields, "lowercase") ?? true,
  }),
  Lowercase: () => lowercase,
  NFC: () => (piece) => normalForm(piece, "NFC"),
  NFD: () => (piece) => normalForm(piece, "NFD"),
  NFKC: () => (piece) => normalForm(piece, "NFKC"),
  NFKD: () => (piece) => normalForm(piece, "NFKD"),
  StripAccents: () => (piece) => filter(piece, (code) => !isMark(code)),
  Strip: (fields) => strip(booleanField(fields, "strip_left") ?? true, booleanField(fields, "strip_right") ?? true),
  Replace: (fields) => {
    const pattern = regexPattern(patternField(fields, "pattern"));
    const content = shortField(fields, "content");
    return (piece) => replaceAll(piece, pattern(piece.text).filter(({ isMatch }) => isMatch).map(({ start, end }) => [start, end] as const), content);
  },
  Prepend: (fields) => {
    const added = shortField(fields, "prepend");
    return (piece) => prepend(piece, added);
  },
  ByteLevel: () => (piece) => mapEach(piece, spellBytes),
  Nmt: () => nmt,
  // Files of some tokenizers of Marian state the type with an empty map, which changes nothing.
  Precompiled: (fields) => (present(fields, "precompiled_charsmap") === undefined ? (piece) => piece : precompiled(fields)),
};

/** One normalizer after the other. */
function inSequence(normalizers: readonly Normalizer[]): Normalizer {
  return (piece) => normalizers.reduce((changed, normalizer) => {
    const next = normalizer(changed);
    checkLength(next.text.length, piece.text.length);
    return next;
  }, piece);
}

/** Text that stands for other text; longer than this it is none that anybody meant. */
function shortField(fields: Fields, key: string): string {
  const text = textField(fields, key) ?? wrongField(fields, key, "it is missing");
  return text.length <= longestToken ? text : wrongField(fields, key, `it has ${text.length} characters`);
}

/** Throws `tokenizerInvalid` when steps that lengthen a text have piled up, before it fills the memory. */
export function checkLength(length: number, before: number): void {
  if (length > 64 * before + longestToken) throw new WhylightError("tokenizerInvalid", { file: "tokenizer.json", reason: "it makes texts more than 64 times as long before it spells them" });
}

/** How BERT prepares text; `accents` that are neither kept nor stripped by name follow `lowercase`. */
function bertNormalizer(options: { readonly clean: boolean; readonly chinese: boolean; readonly accents: boolean | undefined; readonly lowercase: boolean }): Normalizer {
  const steps: Normalizer[] = [];
  if (options.clean) steps.push((piece) => mapEach(filter(piece, (code) => !isControl(code)), (code) => (code !== 0x20 && isWhiteSpace(code) ? [0x20] : undefined)));
  if (options.chinese) steps.push(spaceAroundChinese);
  if (options.accents ?? options.lowercase) steps.push((piece) => filter(normalForm(piece, "NFD"), (code) => code < 0x300 || !isNonspacingMark(code)));
  if (options.lowercase) steps.push(lowercase);
  return inSequence(steps);
}

/** What Unicode calls white space. */
export function isWhiteSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x85 && (code === 0x85 || code === 0xa0 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029
    || code === 0x202f || code === 0x205f || code === 0x3000));
}

/** Each character by itself, so that a final sigma is none. */
function lowercase(piece: AlignedText): AlignedText {
  return mapEach(piece, (code) => {
    if (code < 0x80) return code >= 0x41 && code <= 0x5a ? [code + 0x20] : undefined;
    const character = String.fromCodePoint(code);
    const lower = character.toLowerCase();
    return lower === character ? undefined : codePoints(lower);
  });
}

/** The blocks as `tokenizers` has them, the gap from U+2B820 included, which is none in the original. */
const chineseBlocks: readonly (readonly [number, number])[] = [
  [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff], [0x20000, 0x2a6df], [0x2a700, 0x2b81f], [0x2b920, 0x2ceaf], [0x2f800, 0x2fa1f],
];

function spaceAroundChinese(piece: AlignedText): AlignedText {
  const isChinese = (code: number): boolean => code >= 0x3400 && chineseBlocks.some(([first, last]) => code >= first && code <= last);
  const codes: number[] = [];
  const changes: number[] = [];
  for (const code of codePoints(piece.text)) {
    if (isChinese(code)) {
      codes.push(0x20, code, 0x20);
      changes.push(0, 1, 1);
    } else {
      codes.push(code);
      changes.push(0);
    }
  }
  return changes.every((change) => change === 0) ? piece : rewrite(piece, { codes, changes });
}

function strip(left: boolean, right: boolean): Normalizer {
  return (piece) => {
    const { text } = piece;
    let from = 0;
    let to = text.length;
    while (left && from < to && isWhiteSpace(text.charCodeAt(from))) from++;
    while (right && to > from && isWhiteSpace(text.charCodeAt(to - 1))) to--;
    return { text: text.slice(from, to), starts: piece.starts.subarray(from, to), ends: piece.ends.subarray(from, to), base: piece.base };
  };
}

/** SentencePiece's rules for machine translation that go beyond Unicode's. */
function nmt(piece: AlignedText): AlignedText {
  const kept = filter(piece, (code) => !((code >= 1 && code <= 8) || code === 0x0b || (code >= 0x0e && code <= 0x1f) || code === 0x7f || code === 0x8f || code === 0x9f));
  return mapEach(kept, (code) => (isNmtSpace(code) ? [0x20] : undefined));
}

function isNmtSpace(code: number): boolean {
  return code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d || code === 0x1680 || (code >= 0x200b && code <= 0x200f) || code === 0x2028 || code === 0x2029 || code === 0x2581 || code === 0xfeff || code === 0xfffd;
}
