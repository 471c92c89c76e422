/** @file What a tokenizer promises: the ids a model was trained on, and where each token lies in the user's own text. */

/** One token of an encoded text. */
export interface EncodedToken {
  readonly id: number;
  /** The vocabulary's own spelling: "##ing", "Ġthe". */
  readonly token: string;
  /** UTF-16 code units `[start, end)` of the text or its pair; 0 and 0 for special tokens, which stand for no characters. */
  readonly start: number;
  readonly end: number;
  /** 0 for the text, 1 for its pair. */
  readonly part: 0 | 1;
  /** What `token_type_ids` hold. */
  readonly type: number;
  readonly special: boolean;
}

export interface SpecialToken {
  readonly id: number;
  readonly token: string;
}

export interface Tokenizer {
  /** The model of the vocabulary: "WordPiece", "BPE", "Unigram". */
  readonly kind: string;
  /** How many ids there are. */
  readonly size: number;
  /** The longest sequence, special tokens included, as its files state it; `undefined` when they do not. */
  readonly longest: number | undefined;
  readonly special: Readonly<Record<"pad" | "mask" | "unk" | "cls" | "sep" | "bos" | "eos", SpecialToken | undefined>>;
  /** Tokens of a text, without special tokens. */
  tokenize(text: string, part?: 0 | 1): readonly EncodedToken[];
  /** Puts special tokens around tokens of a text, and of its pair. Tokens may be any stretch of what `tokenize` gave, so that long texts can be read in windows. */
  assemble(text: readonly EncodedToken[], pair?: readonly EncodedToken[]): readonly EncodedToken[];
  /** The vocabulary's spelling of an id; `undefined` for ids it does not have. */
  tokenOf(id: number): string | undefined;
  idOf(token: string): number | undefined;
  /** What a token looks like to people: "##ing" is "ing", "Ġthe" is " the". */
  display(token: string): string;
}

/** `assemble` of `tokenize`. */
export function encode(tokenizer: Tokenizer, text: string, pair?: string): readonly EncodedToken[] {
  return tokenizer.assemble(tokenizer.tokenize(text, 0), pair === undefined ? undefined : tokenizer.tokenize(pair, 1));
}
