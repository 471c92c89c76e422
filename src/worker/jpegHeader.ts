/** @file The frame header of a JPEG file: its size and how many components it has (ITU-T T.81, B.2.2). */

export interface JpegHeader {
  /** As stored, before any turn. */
  readonly width: number;
  readonly height: number;
  /** 1 is grey, 3 colours, 4 CMYK. */
  readonly components: number;
}

const marker = 0xff;
/** SOF0 to SOF15 but for DHT, JPG and DAC, which lie among them. */
const isFrame = (code: number): boolean => code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
/** Markers that stand alone. */
const isBare = (code: number): boolean => code === 0x01 || (code >= 0xd0 && code <= 0xd8);

/** `undefined` for what is no JPEG file, or one whose header is not where it should be. */
export function jpegHeader(bytes: Uint8Array): JpegHeader | undefined {
  const word = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
  if (bytes.length < 4 || word(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== marker) return undefined;
    const code = bytes[at + 1]!;
    if (code === marker) at++;
    else if (isBare(code)) at += 2;
    else if (isFrame(code)) return { height: word(at + 5), width: word(at + 7), components: bytes[at + 9]! };
    else at += 2 + word(at + 2);
  }
  return undefined;
}
