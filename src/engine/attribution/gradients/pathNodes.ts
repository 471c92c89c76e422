/** @file Looks at the path of Integrated Gradients whose places are chosen as it goes: what each look saw, and when the map stands still. */
import type { MethodContext } from "../context.js";
import type { PlainTensor } from "../parameters.js";
import { interpolate, sumOf } from "./path.js";

export interface AutoOptions {
  /** The largest gap, as a share of the scores' difference. */
  readonly tolerance: number;
  /** The largest change of the map between the last two rounds, as a share of its absolute values' sum: a gap may be small by luck, a map does not stand still by luck. */
  readonly change: number;
  readonly most: number;
}

export interface AutoResult {
  readonly map: Float64Array;
  readonly steps: number;
  readonly difference: number;
  /** How much the last round changed the map, as a share of its absolute values' sum. */
  readonly changed: number;
  /** The difference that the tolerance is a share of: the scores' own, unless that is lost in their size. */
  readonly scale: number;
}

/** Chooses where to look along the path from the baseline, until the map is verified. `partial` makes the map to show from the map so far. */
export type Integrate = (context: MethodContext, baseline: Float32Array, options: AutoOptions, partial: (map: Float64Array) => PlainTensor) => Promise<AutoResult>;

/** Images per round, always the same, so that one compiled program serves. */
export const round = 4;
/** How much a stretch's known error counts beside what it may hide: brings the gap down sooner and leaves the map as good (measured from 0 to 8). */
export const errorShare = 4;
/** Differences smaller than this share of the scores are taken for this share: float32 cannot tell more. */
const smallestDifference = 1e-3;

/** What one look at the path saw. */
export interface PathNode {
  readonly alpha: number;
  readonly score: number;
  /** (x - x') dF/dx. */
  readonly values: Float32Array;
  /** Its sum: the score's slope along the path. */
  readonly slope: number;
}

/** Looks at places of the path, in order. */
export type LookAt = (alphas: readonly number[], show?: () => PlainTensor) => Promise<PathNode[]>;

export function lookAlong(context: MethodContext, baseline: Float32Array): LookAt {
  const { x } = context;
  return async (alphas, show) => {
    const nodes: PathNode[] = [];
    await context.forEachGradient(alphas.length, (i, into) => interpolate(x, baseline, alphas[i]!, into), (i, { score, gradient }) => {
      const values = gradient.map((slope, k) => slope * (x[k]! - baseline[k]!));
      nodes.push({ alpha: alphas[i]!, score, values, slope: sumOf(values) });
    }, { as: round, ...(show && { partial: show }) });
    return nodes;
  };
}

/** What nodes hold must fit into memory as well. */
export function mostNodes({ memory, size }: MethodContext, wanted: number): number {
  return Math.min(wanted, Math.max(2 * round, Math.floor(memory / (4 * size))));
}

/** The rise of the score along the path, and what tolerances are shares of. */
export function riseBetween({ score: start }: PathNode, { score: end }: PathNode): Pick<AutoResult, "difference" | "scale"> {
  const difference = end - start;
  return { difference, scale: Math.max(Math.abs(difference), smallestDifference * Math.max(Math.abs(start), Math.abs(end))) };
}

/** Adds a node's values to a map. */
export function addTo(map: Float64Array, factor: number, { values }: PathNode): void {
  for (let i = 0; i < map.length; i++) map[i]! += factor * values[i]!;
}

/** Adds the update and says how large it was, as a share of the new map; 0 where nothing moves. */
export function replaceBy(map: Float64Array, update: Float64Array): number {
  let [moved, total] = [0, 0];
  for (let i = 0; i < map.length; i++) {
    map[i]! += update[i]!;
    moved += Math.abs(update[i]!);
    total += Math.abs(map[i]!);
  }
  return moved === 0 ? 0 : moved / total;
}
