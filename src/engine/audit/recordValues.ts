/** @file What a record keeps of what its program tells: the class activation map on a small grid, and the features in few numbers. */
import { featureLength, mapSide } from "./record.js";

/** The positive part of a map over a grid as means over `mapSide * mapSide` equal areas, summing to one; all zero for a blank map. */
export function recordMap(values: Float32Array, [rows, columns]: readonly [number, number]): Float32Array {
  const map = areaMeans(values.map((value) => Math.max(0, value)), rows, columns, mapSide);
  return scaled(map, map.reduce((sum, value) => sum + value, 0));
}

/** The channels' means, added up in equal groups beyond `featureLength`, as long as one; all zero where nothing is active. */
export function recordFeatures(means: Float32Array): Float32Array {
  const group = Math.ceil(means.length / featureLength);
  const sums = new Float64Array(Math.ceil(means.length / group));
  for (const [channel, mean] of means.entries()) sums[Math.floor(channel / group)]! += mean;
  return scaled(sums, Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0)));
}

/** Means over `side * side` equal areas of a grid, cells counted by the share of them that lies in the area. */
export function areaMeans(data: ArrayLike<number>, rows: number, columns: number, side: number): Float64Array {
  const [down, across] = [shares(rows, side), shares(columns, side)];
  const means = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let mean = 0;
      for (const [row, rowShare] of down[y]!) for (const [column, columnShare] of across[x]!) mean += rowShare * columnShare * data[row * columns + column]!;
      means[y * side + x] = mean;
    }
  }
  return means;
}

/** For each of `parts` equal parts of a side, the cells it covers with the share of the part that each makes up. */
function shares(cells: number, parts: number): (readonly [cell: number, share: number])[][] {
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [(part * cells) / parts, ((part + 1) * cells) / parts];
    const found: (readonly [number, number])[] = [];
    for (let cell = Math.floor(from); cell < to; cell++) {
      const share = (Math.min(to, cell + 1) - Math.max(from, cell)) / (to - from);
      if (share > 1e-9) found.push([cell, share]);
    }
    return found;
  });
}

function scaled(values: Float64Array, by: number): Float32Array {
  return Float32Array.from(values, (value) => (by > 0 && Number.isFinite(by) ? value / by : 0));
}
