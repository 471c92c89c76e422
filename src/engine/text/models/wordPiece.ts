/** @file WordPiece: the longest token that a word begins with, then the longest that goes on, as BERT spells words; and whole words without any parts. */
import { isPairAt } from "../alignedText.js";
import { utf8Length } from "../byteLevel.js";
import type { Emit, VocabularyModel } from "./model.js";
import { unknownMissing, vocabularyField } from "./vocabulary.js";
import { longestToken } from "../tokenizerFields.js";
import { numberField, textField, wrongField, type Fields } from "../../preprocess/fields.js";

/** The model of type `WordPiece`. */
export function wordPiece(fields: Fields): VocabularyModel {
  const { ids, tokenOf } = vocabularyField(fields);
  const unknown = textField(fields, "unk_token") ?? "[UNK]";
  const prefix = textField(fields, "continuing_subword_prefix") ?? "##";
  const longestWord = numberField(fields, "max_input_chars_per_word") ?? 100;
  let longest = 1;
  for (const token of ids.keys()) longest = Math.max(longest, token.length);
  if (longest > longestToken) return wrongField(fields, "vocab", `it has a token of ${longest} characters`);

  /** The tokens of a word as `[id, end]`; `undefined` when some part is not in the vocabulary. */
  function parts(word: string): [number, number][] | undefined {
    const found: [number, number][] = [];
    for (let start = 0; start < word.length;) {
      let end = Math.min(word.length, start + longest);
      let id: number | undefined;
      for (; end > start; end--) {
        if (end < word.length && isPairAt(word, end - 1)) continue;
        const part = word.slice(start, end);
        id = ids.get(start === 0 ? part : prefix + part);
        if (id !== undefined) break;
      }
      if (id === undefined) return undefined;
      found.push([id, end]);
      start = end;
    }
    return found;
  }

  return {
    kind: "WordPiece", size: ids.size, tokenOf,
    idOf: (token) => ids.get(token),
    encode: (word, emit) => {
      const bytes = byteEnds(word);
      const found = characters(word) > longestWord ? undefined : parts(word);
      if (found === undefined) return emit(ids.get(unknown) ?? unknownMissing(fields.file, unknown), 0, bytes(word.length));
      let start = 0;
      for (const [id, end] of found) {
        emit(id, bytes(start), bytes(end));
        start = end;
      }
    },
  };
}

/** The model of type `WordLevel`: a word is a token or unknown. */
export function wordLevel(fields: Fields): VocabularyModel {
  const { ids, tokenOf } = vocabularyField(fields);
  const unknown = textField(fields, "unk_token") ?? "<unk>";
  return {
    kind: "WordLevel", size: ids.size, tokenOf,
    idOf: (token) => ids.get(token),
    encode: (word, emit: Emit) => emit(ids.get(word) ?? ids.get(unknown) ?? unknownMissing(fields.file, unknown), 0, byteEnds(word)(word.length)),
  };
}

function characters(word: string): number {
  let count = word.length;
  for (let i = 0; i < word.length; i++) if (isPairAt(word, i)) count--;
  return count;
}

/** How many UTF-8 bytes come before a code unit; asked for in ascending order. */
function byteEnds(word: string): (unit: number) => number {
  let unit = 0;
  let bytes = 0;
  return (target) => {
    if (target < unit) unit = bytes = 0;
    while (unit < target) {
      const code = word.codePointAt(unit)!;
      bytes += utf8Length(code);
      unit += code > 0xffff ? 2 : 1;
    }
    return bytes;
  };
}
