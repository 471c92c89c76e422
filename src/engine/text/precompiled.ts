/** @file The character map that SentencePiece compiles into its models: a double-array trie over UTF-8, and the replacements it points into. */
import { decodeBase64 } from "../base64.js";
import { codePoints, rewrite, type AlignedText, type Rewriting } from "./alignedText.js";
import { textOfBytes, utf8Bytes, utf8Length } from "./byteLevel.js";
import { eachGrapheme } from "./segments.js";
import { textField, wrongField, type Fields } from "../preprocess/fields.js";

/** Above this size no map has ever been; SentencePiece's own are near 250 kB. */
const largestMap = 16 * 2 ** 20;

/** The normalizer of the field `precompiled_charsmap`, base64 of: bytes of the trie (uint32), the trie (uint32 each), the replacements, each ended by 0. */
export function precompiled(fields: Fields): (piece: AlignedText) => AlignedText {
  const key = "precompiled_charsmap";
  const encoded = textField(fields, key) ?? wrongField(fields, key, "it is missing");
  if (encoded.length > largestMap) return wrongField(fields, key, "it is too large");
  const bytes = decodeBase64(encoded) ?? wrongField(fields, key, "it is not base64");
  const view = new DataView(bytes.buffer);
  const trieBytes = bytes.length < 4 ? Infinity : view.getUint32(0, true);
  if (trieBytes + 4 > bytes.length) return wrongField(fields, key, "it is cut short");
  const trie = Uint32Array.from({ length: trieBytes >> 2 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const replacements = bytes.subarray(4 + 4 * trie.length);
  const known = new Map<string, readonly number[] | undefined>();
  return (piece) => apply(piece, (part) => {
    if (known.has(part)) return known.get(part);
    const found = lookUp(trie, replacements, part);
    if (known.size < 10_000) known.set(part, found);
    return found;
  });
}

/** Whole graphemes of fewer than six bytes are looked up first, then single characters, as `tokenizers` does. */
function apply(piece: AlignedText, find: (part: string) => readonly number[] | undefined): AlignedText {
  const rewriting: Rewriting = { codes: [], changes: [] };
  let changed = false;
  const append = (part: string): boolean => {
    const found = find(part);
    if (found === undefined) return false;
    changed = true;
    replace(rewriting, codePoints(part).length, found);
    return true;
  };
  eachGrapheme(piece.text, (start, end) => {
    const segment = piece.text.slice(start, end);
    const codes = codePoints(segment);
    if (codes.length > 1 && codes.reduce((bytes, code) => bytes + utf8Length(code), 0) < 6 && append(segment)) return;
    for (const code of codes) if (!append(String.fromCodePoint(code))) replace(rewriting, 1, [code]);
  });
  return changed ? rewrite(piece, rewriting) : piece;
}

function replace({ codes, changes }: Rewriting, old: number, replacement: readonly number[]): void {
  replacement.forEach((code, i) => {
    codes.push(code);
    changes.push(i < old ? 0 : 1);
  });
  // With nothing before them, removed characters are forgotten, and what follows lies one to the left: an oddity of `tokenizers`.
  if (replacement.length < old && changes.length > 0) changes[changes.length - 1]! += replacement.length - old;
}

/** The replacement of the shortest prefix that the trie holds. */
function lookUp(trie: Uint32Array, replacements: Uint8Array, part: string): readonly number[] | undefined {
  let at = offsetOf(trie[0] ?? 0);
  for (const code of codePoints(part)) {
    for (const byte of utf8Bytes(code)) {
      if (byte === 0) return undefined;
      at ^= byte;
      const unit = trie[at];
      // Bit 31 marks a value, which no byte may match.
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
      at ^= offsetOf(unit);
      if (((unit >> 8) & 1) === 1) return textAt(replacements, (trie[at] ?? 0) & 0x7fffffff);
    }
  }
  return undefined;
}

function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}

function textAt(replacements: Uint8Array, from: number): readonly number[] | undefined {
  const end = replacements.indexOf(0, from);
  const text = textOfBytes(replacements.subarray(from, end < 0 ? replacements.length : end));
  return text === undefined ? undefined : codePoints(text);
}
