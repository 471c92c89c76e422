/** @file Numbers that tell heads apart: how spread their weights are, and how far they look. */
import type { Grid } from "../heatmap.js";

/** Where tokens stand, `[windows, tokens, 2]`: row and column; not-a-number for tokens that stand nowhere (class tokens, padding). */
export type TokenPositions = Float64Array;

/** Per head. */
export interface HeadStatistics {
  /** The mean over queries of the entropy of a query's weights, in nats: 0 for a single key, ln(keys) for all alike. */
  readonly entropy: Float32Array;
  /**
   * The mean over queries of the distance to their keys, weighed by attention. Tokens without a position are left out, as queries and as keys, and the other keys' weights count as if they summed to 1.
   * Not-a-number where nothing has a position.
   */
  readonly distance: Float32Array;
}

/** Positions of words: one after the other. */
export function positionsInText(tokens: number): TokenPositions {
  return Float64Array.from({ length: 2 * tokens }, (_, i) => (i % 2 === 0 ? 0 : (i - 1) / 2));
}

/** Positions of patches: `cells` `[windows, tokens]` of a grid so many columns wide, -1 for none. Those of shifted windows lie as far apart as on the image. */
export function positionsOnImage(cells: ArrayLike<number>, columns: number): TokenPositions {
  const places = new Float64Array(2 * cells.length).fill(Number.NaN);
  for (let i = 0; i < cells.length; i++) if (cells[i]! >= 0) places.set([Math.floor(cells[i]! / columns), cells[i]! % columns], 2 * i);
  return places;
}

/** Of weights `[windows, heads, queries, keys]`. Without positions, or where keys are no queries, distances are not-a-number. */
export function headStatistics({ shape, data }: Grid, positions: TokenPositions | undefined): HeadStatistics {
  const [windows, heads, queries, keys] = shape as [number, number, number, number];
  const [entropy, distance] = [new Float64Array(heads), new Float64Array(heads)];
  const measured = new Float64Array(heads);
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  const isPlaced = positions !== undefined && queries === keys;
  for (let window = 0; window < windows; window++) {
    const [apart, counts] = isPlaced ? distancesIn(positions, window, queries) : [undefined, undefined];
    for (let head = 0; head < heads; head++) for (let query = 0; query < queries; query++) {
      const from = ((window * heads + head) * queries + query) * keys;
      entropy[head]! += entropyOf(data, bits, from, keys);
      if (!apart || counts[query] === 0) continue;
      let [sum, mass] = [0, 0];
      for (let key = 0, at = query * keys; key < keys; key++, at++) {
        const weight = data[from + key]! * counts[key]!;
        sum += weight * apart[at]!;
        mass += weight;
      }
      if (mass > 0) {
        distance[head]! += sum / mass;
        measured[head]!++;
      }
    }
  }
  return { entropy: Float32Array.from(entropy, (sum) => sum / (windows * queries)), distance: Float32Array.from(distance, (sum, head) => (measured[head]! > 0 ? sum / measured[head]! : Number.NaN)) };
}

/** ln(1 + i / steps): a row of half a million weights after another, and `Math.log` would take longer than the model. Straight lines between the steps are exact to 1e-8. */
const [steps, stepBits] = [4096, 12];
const logarithms = Float64Array.from({ length: steps + 1 }, (_, i) => Math.log1p(i / steps));
const mantissaBits = 23;
const restBits = mantissaBits - stepBits;

/** Of one row of weights: `bits` are the same numbers as IEEE 754 lays them out, exponent and mantissa apart. Weights are never below 0. */
function entropyOf(data: Float32Array, bits: Int32Array, from: number, count: number): number {
  let sum = 0;
  for (let i = from; i < from + count; i++) {
    const word = bits[i]!;
    const step = (word >>> restBits) & (steps - 1);
    const low = logarithms[step]!;
    sum -= data[i]! * (((word >>> mantissaBits) - 127) * Math.LN2 + low + (logarithms[step + 1]! - low) * ((word & ((1 << restBits) - 1)) / (1 << restBits)));
  }
  return sum;
}

/** Euclidean distances between the tokens of a window, `[tokens, tokens]`, and 1 for tokens with a position, 0 for others. */
function distancesIn(places: TokenPositions, window: number, tokens: number): [apart: Float32Array, counts: Uint8Array] {
  const [apart, counts] = [new Float32Array(tokens * tokens), new Uint8Array(tokens)];
  const start = 2 * window * tokens;
  for (let a = 0; a < tokens; a++) {
    counts[a] = Number.isNaN(places[start + 2 * a]!) ? 0 : 1;
    for (let b = 0; b < tokens; b++) {
      const gap = Math.sqrt((places[start + 2 * a]! - places[start + 2 * b]!) ** 2 + (places[start + 2 * a + 1]! - places[start + 2 * b + 1]!) ** 2);
      apart[a * tokens + b] = Number.isNaN(gap) ? 0 : gap;
    }
  }
  return [apart, counts];
}
