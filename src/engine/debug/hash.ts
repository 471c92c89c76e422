/** @file A perceptual hash: 64 bits that stay nearly the same when a picture is resized, recompressed or slightly changed. */
import type { PixelImage } from "../preprocess/resample.js";

const columns = 9;
const rows = 8;

/** At most this many of 64 bits differ between pictures that are nearly the same: recompressing and resizing change up to about 2, and pictures of different things differ by 32 on average. */
export const nearlySameBits = 4;

/**
 * The difference hash (Krawetz's dHash): the luma's means over 9 columns and 8 rows of equal areas, one bit for each neighbour on the right that is brighter; 16 hexadecimal digits, row by row.
 * Reads each pixel once.
 */
export function perceptualHash({ width, height, channels, data }: PixelImage): string {
  const ends = (size: number, parts: number) => Int32Array.from({ length: parts }, (_, i) => Math.max(1, Math.floor(((i + 1) * size) / parts)));
  const [across, down] = [ends(width, columns), ends(height, rows)];
  let hash = "";
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [Math.min(row === 0 ? 0 : down[row - 1]!, down[row]! - 1), down[row]!];
    const means = new Float64Array(columns);
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.min(column === 0 ? 0 : across[column - 1]!, across[column]! - 1), across[column]!];
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left, read = (y * width + left) * channels; x < right; x++, read += channels) {
          sum += channels === 1 ? data[read]! * 1000 : 299 * data[read]! + 587 * data[read + 1]! + 114 * data[read + 2]!;
        }
      }
      means[column] = sum / ((bottom - top) * (right - left));
    }
    let bits = 0;
    for (let column = 0; column < rows; column++) bits = bits * 2 + (means[column + 1]! > means[column]! ? 1 : 0);
    hash += bits.toString(16).padStart(2, "0");
  }
  return hash;
}

/** A hash as two unsigned numbers of 32 bits, for comparing many. */
export function hashWords(hash: string): readonly [high: number, low: number] {
  return [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16)];
}

/** How many bits are set in a number of 32 bits. */
export function bitCount(value: number): number {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** In how many of their 64 bits two hashes differ (Hamming distance). */
export function hashDistance(a: string, b: string): number {
  const [[highA, lowA], [highB, lowB]] = [hashWords(a), hashWords(b)];
  return bitCount(highA ^ highB) + bitCount(lowA ^ lowB);
}
