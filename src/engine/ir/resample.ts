/** @file How `Resize` maps an axis: for every output position, the input positions it reads and their weights. */
import { numberOf, numbersOf, textOf } from "./attributes.js";
import type { Node } from "./graph.js";
import { mapDim } from "./shapeRules/rule.js";
import { normalizeAxis, type Dim } from "./shape.js";

/** The inputs of a `Resize` that shape it, where they are known; empty lists count as absent. */
export interface ResizeInputs {
  readonly roi?: readonly number[] | undefined;
  readonly scales?: readonly number[] | undefined;
  readonly sizes?: readonly Dim[] | undefined;
}

/** One axis of a `Resize`. `scale` is what the coordinates are divided by; `undefined` while a size is symbolic. */
export interface ResizedAxis {
  readonly from: Dim;
  readonly to: Dim;
  readonly scale: number | undefined;
  readonly roi: readonly [start: number, end: number];
}

/** What an output position reads. No taps: it lies outside and takes `extrapolation_value`. */
export interface Tap {
  readonly at: number;
  readonly weight: number;
}
export type Taps = readonly Tap[];

const roundHalfUp = (value: number) => Math.floor(value + 0.5);

/** Every axis of the input, resized or not. `undefined` when neither scales nor sizes are known. */
export function resizedAxes(node: Node, shape: readonly Dim[], inputs: ResizeInputs): readonly ResizedAxis[] | undefined {
  const { roi = [], scales = [], sizes = [] } = inputs;
  if (scales.length === 0 && sizes.length === 0) return undefined;
  const axes = numbersOf(node, "axes")?.map((axis) => normalizeAxis(axis, shape.length)) ?? shape.map((_, axis) => axis);
  const policy = textOf(node, "keep_aspect_ratio_policy", "stretch");
  const ratios = axes.map((axis, i) => (typeof shape[axis] === "number" && typeof sizes[i] === "number" ? sizes[i] / shape[axis] : Number.NaN));
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return shape.map((from, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { from, to: from, scale: 1, roi: [0, 1] };
    const ends: [number, number] = [roi[i] ?? 0, roi[i + axes.length] ?? 1];
    if (scales.length > 0) {
      const scale = scales[i]!;
      const isCrop = textOf(node, "coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize";
      const length = (size: number) => Math.floor(Math.fround(Math.fround(size * (isCrop ? ends[1] - ends[0] : 1)) * Math.fround(scale)));
      return { from, to: mapDim(from, length, (symbol) => (scale === 1 ? symbol : `${symbol}*${scale}`)), scale, roi: ends };
    }
    if (policy !== "stretch" && sizes.length > 0) {
      return Number.isNaN(common) ? { from, to: `${from}~${String(sizes[i])}`, scale: undefined, roi: ends } : { from, to: roundHalfUp(common * (from as number)), scale: common, roi: ends };
    }
    const to = sizes[i]!;
    return { from, to, scale: typeof from === "number" && typeof to === "number" ? to / from : undefined, roi: ends };
  });
}

interface Axis { readonly from: number; readonly to: number; readonly scale: number; readonly roi: readonly [number, number] }

const f = Math.fround;

/** Output position to input position, in float32 as every implementation computes it: a rounding decides which neighbour is nearest. */
const coordinates: Readonly<Record<string, (x: number, axis: Axis) => number>> = {
  half_pixel: (x, { scale }) => f(f(f(x + 0.5) / f(scale)) - 0.5),
  half_pixel_symmetric: (x, { from, to, scale }) => { const centre = from / 2; return centre * (1 - to / (scale * from)) + (x + 0.5) / scale - 0.5; },
  pytorch_half_pixel: (x, { to, scale }) => (to > 1 ? f(f(f(x + 0.5) / f(scale)) - 0.5) : 0),
  align_corners: (x, { from, to }) => (to === 1 ? 0 : f(f(x * (from - 1)) / (to - 1))),
  asymmetric: (x, { scale }) => f(x / f(scale)),
  tf_half_pixel_for_nn: (x, { scale }) => f(f(x + 0.5) / f(scale)),
  tf_crop_and_resize: (x, { from, to, roi: [start, end] }) => (to > 1 ? start * (from - 1) + (x * (end - start) * (from - 1)) / (to - 1) : 0.5 * (start + end) * (from - 1)),
};

const nearest: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

const triangle = (distance: number) => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic convolution kernel. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/** The taps of every output position along one axis. */
export function axisTaps(node: Node, axis: Axis): readonly Taps[] {
  const transformation = textOf(node, "coordinate_transformation_mode", "half_pixel");
  const coordinate = coordinates[transformation]!;
  const mode = textOf(node, "mode", "nearest");
  const isOutside = (x: number) => transformation === "tf_crop_and_resize" && (x < 0 || x > axis.from - 1);
  const clamp = (i: number) => Math.min(Math.max(i, 0), axis.from - 1);
  const round = nearest[textOf(node, "nearest_mode", "round_prefer_floor")]!;
  const a = numberOf(node, "cubic_coeff_a", -0.75);
  const kernel = mode === "cubic" ? (distance: number) => cubic(distance, a) : triangle;
  // Antialiasing stretches the kernel over all the input positions that an output position covers.
  const squeeze = numberOf(node, "antialias", 0) === 1 ? Math.min(1, axis.scale) : 1;
  const reach = (mode === "cubic" ? 2 : 1) / squeeze;
  const dropsOutside = numberOf(node, "exclude_outside", 0) === 1 && mode === "cubic";
  return Array.from({ length: axis.to }, (_, to): Taps => {
    const x = coordinate(to, axis);
    if (isOutside(x)) return [];
    if (mode === "nearest") return [{ at: clamp(round(x)), weight: 1 }];
    const weights = new Map<number, number>();
    let sum = 0;
    for (let i = Math.floor(x - reach) + 1; i < x + reach; i++) {
      if (dropsOutside && i !== clamp(i)) continue;
      const weight = kernel((i - x) * squeeze);
      sum += weight;
      weights.set(clamp(i), (weights.get(clamp(i)) ?? 0) + weight);
    }
    const scale = squeeze < 1 || dropsOutside ? 1 / sum : 1;
    return [...weights].filter(([, weight]) => weight !== 0).map(([at, weight]) => ({ at, weight: weight * scale }));
  });
}

/** Whether the taps copy the axis as it is. */
export function isIdentity(taps: readonly Taps[], from: number): boolean {
  return taps.length === from && taps.every((tap, i) => tap.length === 1 && tap[0]!.at === i && Math.abs(tap[0]!.weight - 1) < 1e-12);
}
