/** @file Byte pair encoding: a word's characters, joined pair by pair in the order in which the pairs were learned. */
import { codePoints } from "../alignedText.js";
import { utf8Bytes, utf8Length } from "../byteLevel.js";
import type { VocabularyModel } from "./model.js";
import { mergeHeap } from "./mergeHeap.js";
import { unknownMissing, vocabularyField } from "./vocabulary.js";
import { booleanField, present, textField, wrongField, type Fields } from "../../preprocess/fields.js";

/** The learned pairs: what rank a pair of ids has, and what it becomes. */
interface Merges {
  readonly ranks: ReadonlyMap<number, number>;
  readonly results: readonly number[];
}

/** Ids are below this, so `first * idLimit + second` names a pair. */
const idLimit = 2 ** 26;
const keptWords = 10_000;
const longestKeptWord = 256;

/**
 * The model of type `BPE`. Its own code rather than the library's: that one knows no character offsets, merges by text instead of ids (which differs for unknown characters and bytes),
 * and does not drop characters as `tokenizers` does when there is no token for unknown ones. Dropout, which is for training, is left out.
 */
export function bpe(fields: Fields): VocabularyModel {
  const { ids, tokenOf } = vocabularyField(fields);
  const unknown = textField(fields, "unk_token");
  const prefix = textField(fields, "continuing_subword_prefix") ?? "";
  const suffix = textField(fields, "end_of_word_suffix") ?? "";
  const fusesUnknown = booleanField(fields, "fuse_unk") ?? false;
  const fallsBack = booleanField(fields, "byte_fallback") ?? false;
  const ignoresMerges = booleanField(fields, "ignore_merges") ?? false;
  const merges = mergesField(fields, ids, prefix);
  const byteIds = Array.from({ length: 256 }, (_, byte) => ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`));
  const kept = new Map<string, readonly number[]>();

  /** The ids of a word's characters and the bytes each stands for. */
  function symbolsOf(word: string): { readonly symbols: number[]; readonly lengths: number[] } {
    const codes = codePoints(word);
    const symbols: number[] = [];
    const lengths: number[] = [];
    // Bytes of the unknown characters not written down yet; `tokenizers` writes them down before the next known character, after any bytes in between.
    let waiting = 0;
    const write = (id: number, length: number): void => {
      symbols.push(id);
      lengths.push(length);
    };
    const flush = (): void => {
      if (waiting > 0 && unknown !== undefined) write(ids.get(unknown) ?? unknownMissing(fields.file, unknown), waiting);
      waiting = 0;
    };
    codes.forEach((code, i) => {
      const character = String.fromCodePoint(code);
      const spelled = (i === 0 ? character : prefix + character) + (i === codes.length - 1 ? suffix : "");
      const id = ids.get(spelled);
      if (id !== undefined) {
        flush();
        write(id, utf8Length(code));
        return;
      }
      const bytes = fallsBack ? codePoints(spelled).flatMap(utf8Bytes).map((byte) => byteIds[byte]) : [];
      if (bytes.length > 0 && bytes.every((byte) => byte !== undefined)) {
        for (const byteId of bytes) write(byteId, 1);
        return;
      }
      // Without a token for it, an unknown character is dropped, and what follows moves to its place.
      if (unknown === undefined) return;
      if (!fusesUnknown) flush();
      waiting += utf8Length(code);
    });
    flush();
    return { symbols, lengths };
  }

  function spell(word: string): readonly number[] {
    const whole = ignoresMerges ? ids.get(word) : undefined;
    if (whole !== undefined) return [whole, codePoints(word).reduce((bytes, code) => bytes + utf8Length(code), 0)];
    const known = kept.get(word);
    if (known) return known;
    const { symbols, lengths } = symbolsOf(word);
    const spelled = mergeAll(symbols, lengths, merges);
    if (word.length < longestKeptWord && kept.size < keptWords) kept.set(word, spelled);
    return spelled;
  }

  return {
    kind: "BPE", size: ids.size, tokenOf,
    idOf: (token) => ids.get(token),
    encode: (word, emit) => {
      let start = 0;
      const spelled = spell(word);
      for (let i = 0; i < spelled.length; i += 2) {
        emit(spelled[i]!, start, start + spelled[i + 1]!);
        start += spelled[i + 1]!;
      }
    },
  };
}

/** Joins neighbours, the pair of the lowest rank first, the leftmost of equal ones. Returns ids and lengths by turns. Takes O(n log n). */
function mergeAll(symbols: number[], lengths: number[], { ranks, results }: Merges): readonly number[] {
  const count = symbols.length;
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const next = Int32Array.from({ length: count }, (_, i) => i + 1);
  const heap = mergeHeap();
  const rankAt = (at: number): number | undefined => (next[at]! < count ? ranks.get(symbols[at]! * idLimit + symbols[next[at]!]!) : undefined);
  const offer = (at: number): void => {
    const rank = rankAt(at);
    if (rank !== undefined) heap.push(rank, at);
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const at = top.position;
    if (lengths[at] === 0) continue;
    // A pair that has changed since it was offered counts if it becomes the same token.
    const rank = rankAt(at);
    if (rank === undefined || results[rank] !== results[top.rank]) continue;
    const right = next[at]!;
    symbols[at] = results[top.rank]!;
    lengths[at]! += lengths[right]!;
    lengths[right] = 0;
    next[at] = next[right]!;
    if (next[at]! < count) previous[next[at]!] = at;
    if (previous[at]! >= 0) offer(previous[at]!);
    offer(at);
  }
  const spelled: number[] = [];
  for (let i = 0; i < count; i++) if (lengths[i] !== 0) spelled.push(symbols[i]!, lengths[i]!);
  return spelled;
}

/** The list `merges`, of texts "a b" or pairs. Throws `descriptionInvalid` where a token is not in the vocabulary. */
function mergesField(fields: Fields, ids: ReadonlyMap<string, number>, prefix: string): Merges {
  const list = present(fields, "merges");
  if (!Array.isArray(list)) return wrongField(fields, "merges", "it must be a list");
  if (list.length >= idLimit) return wrongField(fields, "merges", "it is too long");
  const ranks = new Map<number, number>();
  const results: number[] = [];
  list.forEach((merge: unknown, rank) => {
    const pair: readonly unknown[] = typeof merge === "string" ? merge.split(" ") : Array.isArray(merge) ? merge : [];
    const [first, second] = pair;
    if (pair.length !== 2 || typeof first !== "string" || typeof second !== "string") return wrongField(fields, `merges[${rank}]`, "it must be a pair of tokens");
    const known = (token: string): number => ids.get(token) ?? wrongField(fields, `merges[${rank}]`, `the token ${JSON.stringify(token.slice(0, 40))} is not in the vocabulary`);
    ranks.set(known(first) * idLimit + known(second), rank);
    results.push(known(first + second.slice(prefix.length)));
  });
  return { ranks, results };
}
