/** @file What a vocabulary's model does: it spells one word in tokens. */

/** Writes down a token: its id and the UTF-8 bytes `[start, end)` of the word that it stands for. Bytes, because some tokens stand for part of a character. */
export type Emit = (id: number, start: number, end: number) => void;

export interface VocabularyModel {
  readonly kind: "WordPiece" | "BPE" | "Unigram" | "WordLevel";
  /** How many tokens the vocabulary has. */
  readonly size: number;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  /** Spells a word. Throws `tokenizerInvalid` when a character is unknown and the vocabulary has no token for that. */
  encode(word: string, emit: Emit): void;
}
