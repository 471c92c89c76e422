/** @file Where the positive mass of a map lies: in its hot region, at the border, in a corner, over even background. */
import { relu } from "../attribution/maps.js";
import type { PlainTensor } from "../attribution/parameters.js";
import { coarseCorrelation, comparisonGrid } from "../attribution/trust/coarse.js";
import type { PixelImage } from "../preprocess/resample.js";
import type { Focus, Overlap, Place } from "./evidence.js";
import { areaAround, hotRegion, placeOf } from "./hotRegion.js";
import { lumaOf } from "./seenPixels.js";

/** The border's width, as a share of the shorter side; a corner's width and height, as shares of the sides. */
const borderShare = 0.1;
const cornerShare = 0.25;
/** A pixel is near-uniform where the luma's standard deviation in a window of a sixteenth of the shorter side is below this many of 255 levels: about what JPEG adds to an even area at usual qualities. */
const uniformDeviation = 4;
const windowShare = 1 / 16;

/** Measures a map `[h, w]` over the pixels of the same size that the model saw. Only the map's positive part counts. */
export function focusOf(map: PlainTensor, seen: PixelImage): Focus {
  const [height, width] = map.shape as readonly [number, number];
  const hot = hotRegion(map);
  const isUniform = uniformCells(seen);
  const corners: Record<"topLeft" | "topRight" | "bottomLeft" | "bottomRight", number> = { topLeft: 0, topRight: 0, bottomLeft: 0, bottomRight: 0 };
  let [mass, inRegion, regionCells, atBorder, overUniform, uniformCount] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const value = Math.max(0, map.data[i]!);
      mass += value;
      regionCells += hot[i]!;
      uniformCount += isUniform[i]!;
      if (hot[i] === 1) inRegion += value;
      if (isUniform[i] === 1) overUniform += value;
      if (Math.min(x, width - 1 - x, y, height - 1 - y) + 0.5 < borderShare * Math.min(height, width)) atBorder += value;
      const [side, end] = [endOf(x, width), endOf(y, height)];
      if (side !== undefined && end !== undefined) corners[end === "low" ? (side === "low" ? "topLeft" : "topRight") : side === "low" ? "bottomLeft" : "bottomRight"] += value;
    }
  }
  const share = (part: number) => (mass > 0 ? Math.min(1, part / mass) : 0);
  const region = areaAround(hot, [height, width]);
  const [cornerPlace, corner] = Object.entries(corners).reduce((best, next) => (next[1] > best[1] ? next : best)) as [Place, number];
  return {
    region, place: placeOf(region), regionMass: share(inRegion), regionArea: regionCells / map.data.length, border: share(atBorder), corner: share(corner), cornerPlace,
    uniform: share(overUniform), uniformArea: uniformCount / map.data.length, outside: mass > 0 ? 1 - share(inRegion) : 0,
  };
}

/** Whether a cell's centre lies in the first or the last quarter of a side. */
function endOf(at: number, size: number): "low" | "high" | undefined {
  if (at + 0.5 < cornerShare * size) return "low";
  return at + 0.5 > (1 - cornerShare) * size ? "high" : undefined;
}

/** 1 where the picture is near-uniform. Sums over the window come from tables of running sums, so that its size costs nothing. */
function uniformCells(seen: PixelImage): Uint8Array {
  const { width, height } = seen;
  const luma = lumaOf(seen);
  const radius = Math.max(1, Math.round((windowShare * Math.min(width, height)) / 2));
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1));
  const squares = new Float64Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0, sum = 0, square = 0; x < width; x++) {
      const value = luma[y * width + x]!;
      const at = (y + 1) * stride + x + 1;
      sums[at] = sums[at - stride]! + (sum += value);
      squares[at] = squares[at - stride]! + (square += value * value);
    }
  }
  const uniform = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - radius) * stride, Math.min(height, y + radius + 1) * stride];
    for (let x = 0; x < width; x++, i++) {
      const [left, right] = [Math.max(0, x - radius), Math.min(width, x + radius + 1)];
      const within = (table: Float64Array) => table[bottom + right]! - table[top + right]! - table[bottom + left]! + table[top + left]!;
      const count = ((bottom - top) / stride) * (right - left);
      const mean = within(sums) / count;
      if (within(squares) / count - mean * mean < uniformDeviation ** 2) uniform[i] = 1;
    }
  }
  return uniform;
}

/** How the maps of two classes overlap; both `[h, w]` of one size, positive parts only. */
export function overlapOf(a: PlainTensor, b: PlainTensor): Overlap {
  const [hotA, hotB] = [hotRegion(a), hotRegion(b)];
  const massOf = ({ data }: PlainTensor) => data.reduce((sum, value) => sum + Math.max(0, value), 0);
  const [massA, massB] = [massOf(a), massOf(b)];
  let [both, either, shared] = [0, 0, 0];
  for (let i = 0; i < hotA.length; i++) {
    both += hotA[i]! & hotB[i]!;
    either += hotA[i]! | hotB[i]!;
    if (massA > 0 && massB > 0) shared += Math.min(Math.max(0, a.data[i]!) / massA, Math.max(0, b.data[i]!) / massB);
  }
  const correlation = coarseCorrelation(relu(a), relu(b), comparisonGrid(a, a.shape as readonly [number, number]));
  return { iou: either > 0 ? both / either : 0, shared: Math.min(1, shared), correlation };
}
