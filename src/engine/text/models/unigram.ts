/** @file Unigram: the most probable way to cut a word into tokens, as SentencePiece finds it. */
import { isPairAt } from "../alignedText.js";
import { utf8Bytes } from "../byteLevel.js";
import { charTrie } from "../charTrie.js";
import type { VocabularyModel } from "./model.js";
import { unknownMissing } from "./vocabulary.js";
import { idField, longestToken } from "../tokenizerFields.js";
import { booleanField, present, wrongField, type Fields } from "../../preprocess/fields.js";

/** How much less likely than the least likely token an unknown character is, in SentencePiece and `tokenizers`. */
const unknownPenalty = 10;
const keptWords = 10_000;
const longestKeptWord = 256;

/** The model of type `Unigram`. Its own code rather than the library's, which knows no character offsets, no bytes for unknown characters, and takes the square of the length in memory. */
export function unigram(fields: Fields): VocabularyModel {
  const { tokens, scores } = vocabularyField(fields);
  const unknown = idField(fields, "unk_id");
  if (unknown !== undefined && unknown >= tokens.length) return wrongField(fields, "unk_id", "it is not in the vocabulary");
  const fallsBack = booleanField(fields, "byte_fallback") ?? false;
  const ids = new Map<string, number>();
  const trie = charTrie();
  let least = Infinity;
  tokens.forEach((token, id) => {
    ids.set(token, id);
    trie.add(token, id);
    least = Math.min(least, scores[id]!);
  });
  const unknownScore = least - unknownPenalty;
  const byteIds = Array.from({ length: 256 }, (_, byte) => ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`));
  const kept = new Map<string, readonly number[]>();

  /** Where the tokens of the best cut end, in code units, last first, each with its id; neighbouring unknown characters are one. */
  function cut(word: string): readonly (readonly [id: number, start: number, end: number])[] {
    const best = new Float64Array(word.length + 1);
    const from = new Int32Array(word.length + 1).fill(-1);
    const id = new Int32Array(word.length + 1);
    const offer = (start: number, end: number, token: number, score: number): void => {
      const total = score + best[start]!;
      if (from[end] !== -1 && total <= best[end]!) return;
      best[end] = total;
      from[end] = start;
      id[end] = token;
    };
    for (let start = 0; start < word.length;) {
      const next = start + (isPairAt(word, start) ? 2 : 1);
      let single = false;
      trie.eachAt(word, start, (token, end) => {
        offer(start, end, token, scores[token]!);
        if (end === next) single = true;
      });
      if (!single) offer(start, next, unknown ?? unknownMissing(fields.file, undefined), unknownScore);
      start = next;
    }
    const parts: [number, number, number][] = [];
    for (let end = word.length; end > 0; end = from[end]!) {
      const last = parts.at(-1);
      if (last && id[end] === unknown && last[0] === unknown) last[1] = from[end]!;
      else parts.push([id[end]!, from[end]!, end]);
    }
    return parts.reverse();
  }

  /** Ids and byte ranges by turns. */
  function spell(word: string): readonly number[] {
    const known = kept.get(word);
    if (known) return known;
    const spelled: number[] = [];
    let at = 0;
    for (const [, start, end] of cut(word)) {
      const part = word.slice(start, end);
      const bytes: number[] = [];
      for (const character of part) bytes.push(...utf8Bytes(character.codePointAt(0)!));
      const id = ids.get(part);
      const fallback = id === undefined && fallsBack ? bytes.map((byte) => byteIds[byte]) : [];
      // Bytes that stand for unknown characters all lie on the whole stretch of them.
      if (fallback.length > 0 && fallback.every((byteId) => byteId !== undefined)) for (const byteId of fallback) spelled.push(byteId, at, at + bytes.length);
      else spelled.push(id ?? unknown ?? unknownMissing(fields.file, undefined), at, at + bytes.length);
      at += bytes.length;
    }
    if (word.length < longestKeptWord && kept.size < keptWords) kept.set(word, spelled);
    return spelled;
  }

  return {
    kind: "Unigram", size: ids.size,
    tokenOf: (id) => tokens[id],
    idOf: (token) => ids.get(token),
    encode: (word, emit) => {
      const spelled = spell(word);
      for (let i = 0; i < spelled.length; i += 3) emit(spelled[i]!, spelled[i + 1]!, spelled[i + 2]!);
    },
  };
}

/** The list `vocab` of `[token, score]`. */
function vocabularyField(fields: Fields): { readonly tokens: readonly string[]; readonly scores: readonly number[] } {
  const list = present(fields, "vocab");
  if (!Array.isArray(list)) return wrongField(fields, "vocab", "it must be a list of tokens and scores");
  const tokens: string[] = [];
  const scores: number[] = [];
  list.forEach((entry: unknown, i) => {
    const [token, score]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof token !== "string" || typeof score !== "number" || !Number.isFinite(score)) return wrongField(fields, `vocab[${i}]`, "it must be a token and its score");
    if (token.length > longestToken) return wrongField(fields, `vocab[${i}]`, `it has ${token.length} characters`);
    tokens.push(token);
    scores.push(asReadByRust(score));
  });
  return { tokens, scores };
}

/**
 * A number as serde_json reads it: its digits as a whole number, divided by a power of ten, which may miss the nearest number by one bit.
 * Between cuts that are equally likely, as in "abababab", that bit decides in `tokenizers`.
 */
function asReadByRust(score: number): number {
  const [, sign, whole, fraction = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(score)) ?? [];
  if (whole === undefined) return score;
  const digits = Number(BigInt(whole + fraction));
  const exponent = Number(power) - fraction.length;
  const value = exponent < 0 ? digits / Number(`1e${-exponent}`) : digits * Number(`1e${exponent}`);
  return sign === "-" ? -value : value;
}
