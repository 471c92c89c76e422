/** @file The alphabet of byte-level vocabularies, which spells each of the 256 bytes as a printable character (GPT-2). */

/** `byteSpelling[b]` is the code point that stands for byte b: printable Latin-1 stands for itself, the rest for U+0100 onward. */
export const byteSpelling: readonly number[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => ((byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae ? byte : next++));
})();

const byteOf: ReadonlyMap<number, number> = new Map(byteSpelling.map((code, byte) => [code, byte]));

/** The UTF-8 bytes of a code point. */
export function utf8Bytes(code: number): readonly number[] {
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
}

/** How many UTF-8 bytes a code point takes. */
export function utf8Length(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** A code point's bytes in the alphabet. */
export function spellBytes(code: number): readonly number[] {
  return utf8Bytes(code).map((byte) => byteSpelling[byte]!);
}

/** The bytes that a token of the alphabet stands for; `undefined` when it holds a character outside the alphabet. */
export function bytesOf(token: string): readonly number[] | undefined {
  const bytes: number[] = [];
  for (let i = 0; i < token.length; i++) {
    const byte = byteOf.get(token.charCodeAt(i));
    if (byte === undefined) return undefined;
    bytes.push(byte);
  }
  return bytes;
}

/** The text that bytes encode; `undefined` when they are not whole UTF-8 characters. */
export function textOfBytes(bytes: ArrayLike<number>): string | undefined {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return undefined;
  }
}
