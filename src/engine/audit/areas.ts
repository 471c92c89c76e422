/** @file The areas that images may share: every rectangle of map cells, from two by two up to a quarter of the picture. */
import type { Area } from "../debug/evidence.js";
import { mapSide } from "./record.js";

/** Cells from `left`, `top` to before `right`, `bottom`. */
export interface CellArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An object in the middle often fills more; what does is no shared spot. */
const largestShare = 1 / 4;
/** A single cell of a map is no more exact than the layer it came from. */
const leastSide = 2;

/** All of them, small ones first. */
export const cellAreas: readonly CellArea[] = allAreas().toSorted((a, b) => cellsOf(a) - cellsOf(b));

function allAreas(): CellArea[] {
  const areas: CellArea[] = [];
  for (let top = 0; top < mapSide; top++) {
    for (let left = 0; left < mapSide; left++) {
      for (let bottom = top + leastSide; bottom <= mapSide; bottom++) {
        for (let right = left + leastSide; right <= mapSide; right++) {
          if ((bottom - top) * (right - left) <= largestShare * mapSide * mapSide) areas.push({ left, top, right, bottom });
        }
      }
    }
  }
  return areas;
}

/** Per area, the index of the one at the same place in the picture mirrored left to right. */
export const mirroredAreas: Int32Array = Int32Array.from(cellAreas, ({ left, top, right, bottom }) =>
  cellAreas.findIndex((other) => other.left === mapSide - right && other.right === mapSide - left && other.top === top && other.bottom === bottom));

export function cellsOf({ left, top, right, bottom }: CellArea): number {
  return (right - left) * (bottom - top);
}

/** In shares of the picture. */
export function areaOf({ left, top, right, bottom }: CellArea): Area {
  return { x: left / mapSide, y: top / mapSide, width: (right - left) / mapSide, height: (bottom - top) / mapSide };
}

/** The share of the smaller area that lies in the other one. */
export function sharedArea(a: Area, b: Area): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across <= 0 || down <= 0 ? 0 : (across * down) / Math.min(a.width * a.height, b.width * b.height);
}

/** Whether an area is one corner of the picture: it reaches into it, and is at most three by three cells large. */
export function isCorner(area: CellArea): boolean {
  const { left, top, right, bottom } = area;
  return (left === 0 || right === mapSide) && (top === 0 || bottom === mapSide) && cellsOf(area) <= 9;
}

/** Calls `found` with the index of every area that holds over half of a map's mass; of a blank map with none. */
export function areasOverHalf(map: ArrayLike<number>, found: (index: number) => void): void {
  // Sums of all cells above and to the left make each area four look-ups.
  const stride = mapSide + 1;
  const sums = new Float64Array(stride * stride);
  for (let y = 0; y < mapSide; y++) {
    for (let x = 0, row = 0; x < mapSide; x++) {
      row += map[y * mapSide + x]!;
      sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1]! + row;
    }
  }
  const half = sums[mapSide * stride + mapSide]! / 2;
  if (half === 0) return;
  for (let i = 0; i < cellAreas.length; i++) {
    const { left, top, right, bottom } = cellAreas[i]!;
    if (sums[bottom * stride + right]! - sums[top * stride + right]! - sums[bottom * stride + left]! + sums[top * stride + left]! > half) found(i);
  }
}
