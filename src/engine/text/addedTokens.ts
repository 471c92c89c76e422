/** @file Tokens added beside a vocabulary: found in the text before the model sees it, each as one token. */
import { alignedText, slice, type AlignedText } from "./alignedText.js";
import type { VocabularyModel } from "./models/model.js";
import { isWhiteSpace, type Normalizer } from "./normalizers.js";
import { charTrie, type CharTrie } from "./charTrie.js";
import { longestToken } from "./tokenizerFields.js";
import { booleanField, textField, wrongField, type Fields } from "../preprocess/fields.js";

/** One entry of `added_tokens`. */
export interface AddedToken {
  readonly content: string;
  /** Matches only where no letter or digit touches it. */
  readonly singleWord: boolean;
  /** Takes the white space before it, after it. */
  readonly leftStrip: boolean;
  readonly rightStrip: boolean;
  /** Looked for in the normalized text, normalized itself, instead of in the user's. */
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A piece of text that is an added token (`id`), or one that the vocabulary spells. */
export interface FoundPiece {
  readonly piece: AlignedText;
  readonly id: number | undefined;
}

export interface AddedTokens {
  readonly ids: ReadonlyMap<string, number>;
  tokenOf(id: number): string | undefined;
  /** Cuts a text at the added tokens in it and normalizes the rest. Pieces may be empty. */
  find(text: string): readonly FoundPiece[];
}

/** An object of the list `added_tokens`, or of a configuration file's tokens. */
export function addedTokenOf(fields: Fields): AddedToken {
  const special = booleanField(fields, "special") ?? false;
  const content = textField(fields, "content") ?? wrongField(fields, "content", "it is missing");
  if (content.length > longestToken) return wrongField(fields, "content", `it has ${content.length} characters`);
  return {
    content, special, singleWord: booleanField(fields, "single_word") ?? false, leftStrip: booleanField(fields, "lstrip") ?? false, rightStrip: booleanField(fields, "rstrip") ?? false,
    normalized: booleanField(fields, "normalized") ?? !special,
  };
}

/** Added tokens with ids: the vocabulary's where it has them, else the next free ones, as `tokenizers` counts them whatever the file says. */
export function addTokens(tokens: readonly AddedToken[], model: VocabularyModel, normalizer: Normalizer): AddedTokens {
  const ids = new Map<string, number>();
  const byId = new Map<number, AddedToken>();
  let largest = -1;
  for (const token of tokens) {
    if (token.content === "") continue;
    const id = ids.get(token.content) ?? model.idOf(token.content) ?? (largest >= model.size || (model.size === 0 && largest >= 0) ? largest + 1 : model.size);
    ids.set(token.content, id);
    byId.set(id, token);
    largest = Math.max(largest, id);
  }
  const plain = charTrie();
  const normalized = charTrie();
  // Of two that are spelled alike once normalized, the first counts, special ones before others: added backwards, since the trie keeps the last.
  for (const [id, token] of [...byId].sort(([, first], [, second]) => Number(first.special) - Number(second.special) || -1)) {
    if (!token.normalized) plain.add(token.content, id);
    else normalized.add(normalizer(alignedText(token.content)).text, id);
  }
  return {
    ids,
    tokenOf: (id) => byId.get(id)?.content,
    find: (text) => cut(alignedText(text), plain, byId).flatMap((found) => (found.id === undefined ? cut(normalizer(found.piece), normalized, byId) : [found])),
  };
}

const wordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Cuts a piece at the longest tokens that begin leftmost. */
function cut(piece: AlignedText, tokens: CharTrie, byId: ReadonlyMap<number, AddedToken>): readonly FoundPiece[] {
  const { text } = piece;
  const pieces: FoundPiece[] = [];
  let last = 0;
  if (tokens.size > 0) {
    for (let i = 0; i < text.length;) {
      const match = tokens.longestAt(text, i);
      if (match === undefined) {
        i++;
        continue;
      }
      const token = byId.get(match.value)!;
      let [start, end] = [i, match.end];
      i = Math.max(match.end, i + 1);
      if (token.singleWord && (isWordEnd(text, start) || isWordStart(text, end))) continue;
      if (token.leftStrip) while (start > last && isWhiteSpace(text.charCodeAt(start - 1))) start--;
      if (token.rightStrip) while (end < text.length && isWhiteSpace(text.charCodeAt(end))) end++;
      if (start > last) pieces.push({ piece: slice(piece, last, start), id: undefined });
      pieces.push({ piece: slice(piece, start, end), id: match.value });
      last = end;
    }
  }
  if (last < text.length || text === "") pieces.push({ piece: slice(piece, last, text.length), id: undefined });
  return pieces;
}

function isWordEnd(text: string, at: number): boolean {
  return at > 0 && wordCharacter.test(String.fromCodePoint(text.codePointAt(at >= 2 && text.charCodeAt(at - 1) >= 0xdc00 && text.charCodeAt(at - 1) < 0xe000 ? at - 2 : at - 1)!));
}

function isWordStart(text: string, at: number): boolean {
  return at < text.length && wordCharacter.test(String.fromCodePoint(text.codePointAt(at)!));
}
