/** @file The hot region of a map: the connected piece around its maximum that its strongest half cuts out. */
import { relu, resizeBilinear } from "../attribution/maps.js";
import type { PlainTensor } from "../attribution/parameters.js";
import { averageTo, comparisonGrid } from "../attribution/trust/coarse.js";
import { places, type Area, type Place } from "./evidence.js";

/** The share of a map's mass that the level set holds which the hot region is cut from. */
const heldMass = 0.5;

/**
 * 1 where the hot region of a map `[h, w]` is, 0 elsewhere; all 0 for a map without positive values. Negative values count as nothing.
 *
 * The region is the smallest level set (all cells of at least some value) with half of the mass, and of it the piece that hangs together with the map's maximum (the first one in reading order),
 * neighbours across corners included. So the threshold follows the map: a peaked map has a small region, an even one a large region, and no share of the maximum has to be chosen, which one hot cell could distort.
 */
export function hotRegion({ shape, data }: PlainTensor): Uint8Array {
  const [height, width] = shape as readonly [number, number];
  const mask = new Uint8Array(data.length);
  const threshold = levelHolding(data, heldMass);
  if (threshold === undefined) return mask;
  // Comparisons with not-a-number are false, so the search must not begin at a cell.
  let [peak, highest] = [0, 0];
  for (let i = 0; i < data.length; i++) if (data[i]! > highest) [peak, highest] = [i, data[i]!];
  mask[peak] = 1;
  for (const stack = [peak]; stack.length > 0; ) {
    const at = stack.pop()!;
    const [x, y] = [at % width, Math.floor(at / width)];
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx;
        if (mask[next] === 1 || !(data[next]! >= threshold)) continue;
        mask[next] = 1;
        stack.push(next);
      }
    }
  }
  return mask;
}

/**
 * A map of single pixels, `[h, w]`, as one of places: means of its positive part over the grid that the trust report compares maps on, blended between its cells.
 * Pixels that hang together by chance are no region.
 */
export function asPlaces(map: PlainTensor): PlainTensor {
  const size = map.shape as readonly [number, number];
  const grid = comparisonGrid(map, size);
  return resizeBilinear({ shape: grid, data: Float32Array.from(averageTo(relu(map), grid)) }, size);
}

/** The largest value such that all cells of at least it hold the share of the positive mass; `undefined` without any. */
function levelHolding(data: Float32Array, share: number): number | undefined {
  const positive = data.filter((value) => value > 0).sort();
  const wanted = share * positive.reduce((sum, value) => sum + value, 0);
  for (let i = positive.length - 1, held = 0; i >= 0; i--) if ((held += positive[i]!) >= wanted) return positive[i];
  return undefined;
}

/** The smallest rectangle around the cells of a mask of `[height, width]`; empty, at the origin, for an empty mask. */
export function areaAround(mask: Uint8Array, [height, width]: readonly [number, number]): Area {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  if (right === 0) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: left / width, y: top / height, width: (right - left) / width, height: (bottom - top) / height };
}

/** 1 for the cells of `[height, width]` whose centre lies in the area: the mask of a rectangle. */
export function maskOfArea({ x, y, width: across, height: down }: Area, [height, width]: readonly [number, number]): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const [cx, cy] = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
    return cx >= x && cx < x + across && cy >= y && cy < y + down ? 1 : 0;
  });
}

/** In which third of the picture, across and down, the area's centre lies; the centre for an empty area. */
export function placeOf({ x, y, width, height }: Area): Place {
  if (width === 0 || height === 0) return "centre";
  const third = (value: number) => Math.min(2, Math.floor(value * 3 + 1e-9));
  return places[third(y + height / 2) * 3 + third(x + width / 2)]!;
}
