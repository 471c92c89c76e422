/** @file Deletion and insertion curves (Petsiuk et al., RISE, arXiv 1806.07421): the class's probability while the image goes or comes back in the map's order. */
import type { MethodContext } from "../context.js";
import type { PlainTensor } from "../parameters.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import { createRandom } from "../random.js";
import { softmax, type ResolvedTarget } from "../target.js";
import type { TrustCurve } from "./finding.js";

/** The probability of the class; of a contrastive target, the first class's share of the two. */
export function probabilityOf(logits: ArrayLike<number>, { index, versus }: Pick<ResolvedTarget, "index" | "versus">): number {
  return versus === undefined ? softmax(logits)[index]! : 1 / (1 + Math.exp(logits[versus]! - logits[index]!));
}

/** The place of each pixel in the map's order, the highest value first. Equal values follow by chance: a fixed order would sweep the image in rows. */
export function placesByMap({ data }: PlainTensor, seed: number): Int32Array {
  const chance = shuffled(data.length, seed);
  return placesOf(Array.from(data, (_, i) => i).sort((a, b) => data[b]! - data[a]! || chance[a]! - chance[b]!));
}

/** A random order of the cells of a grid over `[height, width]`; the pixels of a cell stay together, so that it takes pieces as large as a map of that grid does. */
export function placesByChance([height, width]: readonly [number, number], [rows, columns]: readonly [number, number], seed: number): Int32Array {
  const chance = shuffled(rows * columns, seed);
  const cell = (i: number) => chance[Math.floor((Math.floor(i / width) * rows) / height) * columns + Math.floor(((i % width) * columns) / width)]!;
  return placesOf(Array.from({ length: height * width }, (_, i) => i).sort((a, b) => cell(a) - cell(b) || a - b));
}

function placesOf(order: readonly number[]): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((pixel, place) => { places[pixel] = place; });
  return places;
}

/** 0 to `count` - 1, shuffled. */
function shuffled(count: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const result = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [result[i], result[other]] = [result[other]!, result[i]!];
  }
  return result;
}

export interface CurveOrders {
  /** Per pixel, its place in the map's order. */
  readonly map: Int32Array;
  readonly random: Int32Array;
}

/**
 * The three curves over `steps` equal steps. `fill` stands where the image is taken away. 3 (steps - 1) + 1 forward images beside the explained one,
 * since the curves share their ends. The random curve needs no insertion of its own: backwards it is one.
 */
export async function curvesOf(context: MethodContext, orders: CurveOrders, fill: Float32Array, steps: number): Promise<readonly TrustCurve[]> {
  const grid = pixelGridOf(context);
  const pixels = grid.height * grid.width;
  const target = await context.target();
  const whole = probabilityOf((await context.atInput()).logits, target);
  const inner = steps - 1;
  const found: number[] = [];
  await context.forEachScore(3 * inner + 1, (i, into) => {
    const kind = Math.floor(i / inner);
    const taken = Math.round((((i % inner) + 1) * pixels) / steps);
    const places = kind === 2 ? orders.random : orders.map;
    // The last image of all is the fill alone.
    const isGone = (p: number) => kind === 3 || (kind === 1 ? places[p]! >= taken : places[p]! < taken);
    for (let c = 0; c < grid.channels; c++) {
      for (let p = 0, at = c * grid.channelStep; p < pixels; p++, at += grid.placeStep) into[at] = isGone(p) ? fill[at]! : context.x[at]!;
    }
  }, (i, { logits }) => { found[i] = probabilityOf(logits, target); });
  const gone = found[3 * inner]!;
  const part = (kind: number) => found.slice(kind * inner, (kind + 1) * inner);
  return [curve("deletion", [whole, ...part(0), gone]), curve("insertion", [gone, ...part(1), whole]), curve("random", [whole, ...part(2), gone])];
}

function curve(name: TrustCurve["name"], values: readonly number[]): TrustCurve {
  const steps = values.length - 1;
  const area = values.reduce((total, value, k) => total + (k === 0 || k === steps ? value / 2 : value), 0) / steps;
  return { name, shares: values.map((_, k) => k / steps), values, area };
}
