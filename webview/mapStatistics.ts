/** @file A map in numbers, for those who do not see it. Pure. */
import { onScale, readValue, type Heat } from "./heat.js";

export interface MapStatistics {
  /** The largest value, as read and raw, and the middle of its place in image pixels. */
  readonly peak: { readonly value: number; readonly raw: number; readonly x: number; readonly y: number };
  readonly mean: number;
  /** `shares[row][column]` of three by three equal parts: the part's share of the sum of magnitudes; they add up to 1, or are all 0 on a blank map. */
  readonly shares: readonly (readonly number[])[];
}

/** Reads the map as it is drawn. */
export function mapStatistics(heat: Heat): MapStatistics {
  const [rows, columns] = [heat.grid.shape[0] ?? 1, heat.grid.shape[1] ?? 1];
  const { data } = heat.grid;
  const shares = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  let [peakAt, sum, mass] = [0, 0, 0];
  data.forEach((value, i) => {
    if (value > (data[peakAt] ?? 0)) peakAt = i;
    const magnitude = heat.signed ? Math.abs(readValue(heat, value)) : onScale(heat, value);
    sum += readValue(heat, value);
    mass += magnitude;
    spread(shares, Math.floor(i / columns) / rows, 1 / rows, (i % columns) / columns, 1 / columns, magnitude);
  });
  const raw = data[peakAt] ?? 0;
  const [row, column] = [Math.floor(peakAt / columns), peakAt % columns];
  const { region } = heat;
  return {
    peak: { value: readValue(heat, raw), raw, x: region.x + ((column + 0.5) / columns) * region.width, y: region.y + ((row + 0.5) / rows) * region.height },
    mean: data.length === 0 ? 0 : sum / data.length,
    shares: shares.map((line) => line.map((share) => (mass > 0 ? share / mass : 0))),
  };
}

/** Adds a cell's magnitude to the parts it lies in, by area: seven cells do not divide by three. */
function spread(shares: number[][], top: number, height: number, left: number, width: number, magnitude: number): void {
  for (const [i, line] of shares.entries()) {
    const down = overlap(top, top + height, i / 3, (i + 1) / 3) / height;
    if (down === 0) continue;
    for (const j of line.keys()) line[j] = (line[j] ?? 0) + magnitude * down * (overlap(left, left + width, j / 3, (j + 1) / 3) / width);
  }
}

function overlap(from: number, to: number, low: number, high: number): number {
  return Math.max(0, Math.min(to, high) - Math.max(from, low));
}
