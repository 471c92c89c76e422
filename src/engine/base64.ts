/** @file Bytes as base64 text and back, without what only browsers or only Node have. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
const places = new Uint8Array(128);
codes.forEach((code, place) => (places[code] = place));
const padding = "=".charCodeAt(0);
/** Small enough for the arguments of one call, and divisible by four. */
const chunk = 0x8000;

/** RFC 4648, with padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const three = (bytes[from]! << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    text[to] = codes[three >> 18]!;
    text[to + 1] = codes[(three >> 12) & 63]!;
    text[to + 2] = from + 1 < bytes.length ? codes[(three >> 6) & 63]! : padding;
    text[to + 3] = from + 2 < bytes.length ? codes[three & 63]! : padding;
  }
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += chunk) parts.push(String.fromCharCode(...text.subarray(at, at + chunk)));
  return parts.join("");
}

/** The bytes of what `toBase64` wrote. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const length = text.length === 0 ? 0 : (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
  const bytes = new Uint8Array(length);
  const place = (at: number) => places[text.charCodeAt(at)]!;
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    const three = (place(from) << 18) | (place(from + 1) << 12) | (place(from + 2) << 6) | place(from + 3);
    bytes[to] = three >> 16;
    if (to + 1 < length) bytes[to + 1] = (three >> 8) & 255;
    if (to + 2 < length) bytes[to + 2] = three & 255;
  }
  return bytes;
}

/** The bytes of text out of a file; `undefined` where it is no base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? fromBase64(text) : undefined;
}
