/**
 * @file Deletion and insertion curves (Petsiuk et al., RISE, arXiv 1806.07421): the class's probability while the image goes or comes back in the map's order.
 * It goes in regions, as in Samek et al. (arXiv 1509.06321): single pixels taken out here and there make a noise that no model knows, and a random order of
 * pixels would win by that alone.
 */
import type { MethodContext } from "../context.js";
import type { PlainTensor } from "../parameters.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import { createRandom } from "../random.js";
import type { OutputActivation } from "../../preprocess/description.js";
import { probabilities, sigmoid } from "../probabilities.js";
import type { ResolvedTarget } from "../target.js";
import { averageTo } from "./coarse.js";
import type { TrustCurve } from "./finding.js";

/** The probability of the class; of a contrastive target, the first class's share of the two. */
export function probabilityOf(logits: ArrayLike<number>, { index, versus }: Pick<ResolvedTarget, "index" | "versus">, activation: OutputActivation): number {
  return versus === undefined ? probabilities(logits, activation)[index]! : sigmoid(logits[index]! - logits[versus]!);
}

type Grid = readonly [rows: number, columns: number];

/** The place of each pixel in the map's order: cells of the grid by their mean, the highest first. Equal ones follow by chance: a fixed order would sweep the image in rows. */
export function placesByMap(map: PlainTensor, grid: Grid, seed: number): Int32Array {
  const means = averageTo(map, grid);
  const chance = shuffled(means.length, seed);
  const order = Array.from(means, (_, cell) => cell).sort((a, b) => means[b]! - means[a]! || chance[a]! - chance[b]!);
  return placesOf(order, map.shape as Grid, grid);
}

/** The place of each pixel of `[height, width]` in a random order of the grid's cells. */
export function placesByChance(size: Grid, grid: Grid, seed: number): Int32Array {
  return placesOf([...shuffled(grid[0] * grid[1], seed)], size, grid);
}

/** From an order of cells to places of pixels; those of a cell follow each other. */
function placesOf(order: readonly number[], [height, width]: Grid, [rows, columns]: Grid): Int32Array {
  const cells: number[][] = Array.from({ length: rows * columns }, () => []);
  for (let i = 0; i < height * width; i++) cells[Math.floor((Math.floor(i / width) * rows) / height) * columns + Math.floor(((i % width) * columns) / width)]!.push(i);
  const places = new Int32Array(height * width);
  order.flatMap((cell) => cells[cell]!).forEach((pixel, place) => { places[pixel] = place; });
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
  /** Per pixel of the input, its place in the map's order. */
  readonly map: Int32Array;
  /** The places in a random order, another for each step from 1: independent steps make an area that one lucky order does not decide. */
  readonly random: (step: number) => Int32Array;
}

/**
 * The three curves over `steps` equal steps. `fill` stands where the image is taken away. 3 (steps - 1) + 1 forward images beside the explained one,
 * since the curves share their ends. The random curve needs no insertion of its own: what is left after taking away at random is what random bringing back has brought.
 */
export async function curvesOf(context: MethodContext, orders: CurveOrders, fill: Float32Array, steps: number, activation: OutputActivation): Promise<readonly TrustCurve[]> {
  const grid = pixelGridOf(context);
  const pixels = grid.height * grid.width;
  const target = await context.target();
  const whole = probabilityOf((await context.atInput()).logits, target, activation);
  const inner = steps - 1;
  const found: number[] = [];
  await context.forEachScore(3 * inner + 1, (i, into) => {
    const kind = Math.floor(i / inner);
    const step = (i % inner) + 1;
    const taken = Math.round((step * pixels) / steps);
    const places = kind === 2 ? orders.random(step) : orders.map;
    // The last image of all is the fill alone.
    const isGone = (p: number) => kind === 3 || (kind === 1 ? places[p]! >= taken : places[p]! < taken);
    for (let c = 0; c < grid.channels; c++) {
      for (let p = 0, at = c * grid.channelStep; p < pixels; p++, at += grid.placeStep) into[at] = isGone(p) ? fill[at]! : context.x[at]!;
    }
  }, (i, { logits }) => { found[i] = probabilityOf(logits, target, activation); });
  const gone = found[3 * inner]!;
  const part = (kind: number) => found.slice(kind * inner, (kind + 1) * inner);
  return [curve("deletion", [whole, ...part(0), gone]), curve("insertion", [gone, ...part(1), whole]), curve("random", [whole, ...part(2), gone])];
}

function curve(name: TrustCurve["name"], values: readonly number[]): TrustCurve {
  const steps = values.length - 1;
  const area = values.reduce((total, value, k) => total + (k === 0 || k === steps ? value / 2 : value), 0) / steps;
  return { name, shares: values.map((_, k) => k / steps), values, area };
}
