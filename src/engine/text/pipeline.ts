/** @file A text's way through a tokenizer: added tokens out, normalize, cut into words, spell the words, and where each token lies. */
import type { AddedTokens } from "./addedTokens.js";
import { isPairAt, type AlignedText } from "./alignedText.js";
import { utf8Length } from "./byteLevel.js";
import type { VocabularyModel } from "./models/model.js";
import { isWhiteSpace } from "./normalizers.js";
import type { PostProcessor } from "./postProcessors.js";
import type { PreTokenizer } from "./preTokenizers.js";
import type { EncodedToken } from "./tokenizer.js";

export interface Pipeline {
  readonly added: AddedTokens;
  readonly preTokenizer: PreTokenizer;
  readonly model: VocabularyModel;
  readonly postProcessor: PostProcessor;
}

/** A token with the spelling it had in the text, which decides what is trimmed. */
interface Placed {
  readonly id: number;
  readonly spelling: string;
  readonly start: number;
  readonly end: number;
}

/** Tokens of a text; their `type` is that of a text alone until they are assembled. */
export function tokenize(pipeline: Pipeline, text: string, part: 0 | 1): readonly EncodedToken[] {
  const { added, model, postProcessor } = pipeline;
  const trim = postProcessor.trim === undefined ? undefined : trimmer(text, postProcessor.trim.keepsFirst);
  return place(pipeline, text).map((placed, i) => {
    const [start, end] = trim ? trim(placed, i) : [placed.start, placed.end];
    return { id: placed.id, token: added.tokenOf(placed.id) ?? model.tokenOf(placed.id) ?? "", start, end, part, type: part, special: false };
  });
}

function place({ added, preTokenizer, model }: Pipeline, text: string): readonly Placed[] {
  const tokens: Placed[] = [];
  for (const { piece, id } of added.find(text)) {
    if (id !== undefined) tokens.push({ id, spelling: piece.text, start: piece.starts[0] ?? 0, end: piece.ends.at(-1) ?? 0 });
    else if (piece.text !== "") for (const word of preTokenizer(piece)) spell(model, word, tokens);
  }
  return tokens;
}

/** Spells a word. A token lies from where its first byte's character begins to where its last byte's ends. */
function spell(model: VocabularyModel, word: AlignedText, tokens: Placed[]): void {
  // Two cursors, since neighbouring tokens may stand for the same bytes: each only goes forward.
  const [first, last] = [byteCursor(word.text), byteCursor(word.text)];
  model.encode(word.text, (id, start, end) => {
    if (end > start) tokens.push({ id, spelling: model.tokenOf(id) ?? "", start: word.starts[first(start)]!, end: word.ends[last(end - 1)]! });
  });
}

/** Finds the code unit at which the character of a UTF-8 byte begins; bytes must be asked for in ascending order. */
function byteCursor(text: string): (byte: number) => number {
  let unit = 0;
  let from = 0;
  return (byte) => {
    for (;;) {
      const length = utf8Length(text.codePointAt(unit) ?? 0);
      const next = unit + (isPairAt(text, unit) ? 2 : 1);
      if (byte < from + length || next >= text.length) return unit;
      unit = next;
      from += length;
    }
  };
}

/** What `ByteLevel` and `RobertaProcessing` do with `trim_offsets`: the spaces a token is spelled with at its ends are not part of where it lies. */
function trimmer(text: string, keepsFirst: boolean): (token: Placed, i: number) => readonly [number, number] {
  return ({ spelling, start, end }, i) => {
    let leading = 0;
    let trailing = 0;
    while (leading < spelling.length && isSpaceSpelling(spelling.charCodeAt(leading))) leading++;
    while (trailing < spelling.length && isSpaceSpelling(spelling.charCodeAt(spelling.length - 1 - trailing))) trailing++;
    if (leading === 1 && keepsFirst && (i === 0 || start === 0)) leading = 0;
    let [from, to] = [start, end];
    for (; leading > 0 && from < end; leading--) from += isPairAt(text, from) ? 2 : 1;
    for (; trailing > 0 && to > from; trailing--) to -= to >= 2 && isPairAt(text, to - 2) ? 2 : 1;
    return [from, to];
  };
}

/** U+0120 spells a space in the alphabet of bytes. */
function isSpaceSpelling(code: number): boolean {
  return code === 0x120 || isWhiteSpace(code);
}
