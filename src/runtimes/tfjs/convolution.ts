/** @file Conv and ConvTranspose, both lowered to forward convolutions. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, textOf, windowOf } from "../../engine/ir/attributes.js";
import { convolve, type Convolution, type Pair } from "./convolve.js";
import { filterKey, filterOf, groupsPerFilter, type FilterPart } from "./filters.js";
import { splitInto } from "./splitInto.js";
import { activationAttribute } from "./fuse.js";
import type { Lowering, Operand, Site } from "./lowering.js";
import { interleave, phasesOf } from "./phases.js";

type Tensor4D = tfc.Tensor4D;

/** A node's window with a height of one added to convolutions over one axis. */
interface Geometry {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: readonly [number, number, number, number];
  /** Whether there is one spatial axis only. */
  readonly isLine: boolean;
}

function geometryOf(site: Site): Geometry {
  const kernel = site.shape(1).slice(2);
  if (kernel.length !== 1 && kernel.length !== 2) throw site.unsupported(`convolution over ${kernel.length} axes`);
  const { strides, dilations, pads } = windowOf(site.node, kernel);
  const isLine = kernel.length === 1;
  const pair = (list: readonly number[], fill: number): Pair => (isLine ? [fill, list[0]!] : [list[0]!, list[1]!]);
  const corners = isLine ? [0, pads[0]!, 0, pads[1]!] : pads;
  return { kernel: pair(kernel, 1), strides: pair(strides, 1), dilations: pair(dilations, 1), pads: corners as unknown as Geometry["pads"], isLine };
}

/** Runs `compute` on a channels-last image, which a sequence `[n, c, l]` becomes and stops being again. */
function onImage(site: Site, isLine: boolean, compute: (x: Tensor4D) => Tensor4D): () => tfc.Tensor {
  const { tf } = site;
  const x = site.input(0);
  if (!isLine) return () => compute(x() as Tensor4D);
  return () => {
    const [n, c, l] = x().shape as [number, number, number];
    const y = compute(tf.reshape(tf.transpose(x(), [0, 2, 1]), [n, 1, l, c]));
    return tf.transpose(tf.reshape(y, [n, y.shape[2], y.shape[3]]), [0, 2, 1]);
  };
}

type Apply = (x: Tensor4D) => Tensor4D;
type PartTaps = Pick<FilterPart, "rows" | "columns">;

/** The convolution of all groups: dense, depthwise, or one dense convolution per few groups. */
function grouped(site: Site, isTransposed: boolean, taps: PartTaps, bias: Operand | undefined, convolution: Omit<Convolution, "isDepthwise">): Apply {
  const { tf } = site;
  const groups = numberOf(site.node, "group", 1);
  const [first, second] = [site.shape(1)[0]!, site.shape(1)[1]!];
  const channels = isTransposed ? first : second * groups;
  const isDepthwise = groups > 1 && groups === channels;
  const weight = (start: number, count: number) => {
    // A sequence's weight [m, c, k] becomes [m, c, 1, k].
    const part: FilterPart = { isTransposed, groups, start, count, isDepthwise, ...taps };
    return site.derive([1], `filter${filterKey(part)}`, (w) => filterOf(tf, w.rank === 3 ? tf.expandDims(w, 2) : w, part));
  };
  if (groups === 1 || isDepthwise) {
    const filter = weight(0, groups);
    return (x) => convolve(tf, x, filter() as Tensor4D, bias?.(), { ...convolution, isDepthwise });
  }
  const count = groupsPerFilter(groups, channels / groups);
  const filters = Array.from({ length: groups / count }, (_, i) => weight(i * count, count));
  return (x) => {
    const parts = filters.length === 1 ? [x] : splitInto(tf, x, filters.map(() => channels / filters.length), 3);
    const results = parts.map((part, i) => convolve(tf, part as Tensor4D, filters[i]!() as Tensor4D, undefined, { ...convolution, activation: undefined, isDepthwise: false }));
    const joined = tf.concat(results, 3);
    const biased = bias === undefined ? joined : tf.add(joined, bias());
    return (convolution.activation === "relu" ? tf.relu(biased) : biased) as Tensor4D;
  };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const conv: Lowering = (site) => {
  const { kernel, isLine, ...window } = geometryOf(site);
  const bias = site.has(2) ? site.input(2) : undefined;
  const activation = textOf(site.node, activationAttribute, "") === "relu" ? ("relu" as const) : undefined;
  const apply = grouped(site, false, { rows: range(kernel[0]), columns: range(kernel[1]) }, bias, { ...window, activation });
  return onImage(site, isLine, apply);
};

/**
 * Every output position belongs to one of `strides[0] * strides[1]` phases, and each phase is a convolution of stride 1
 * with the kernel rows and columns that reach it, flipped (Dumoulin & Visin, arXiv 1603.07285).
 */
const convTranspose: Lowering = (site) => {
  const { tf } = site;
  const { kernel, strides, dilations, pads, isLine } = geometryOf(site);
  const image = (shape: readonly number[]): Pair => (isLine ? [1, shape[2]!] : [shape[2]!, shape[3]!]);
  const [input, output] = [image(site.shape(0)), image(site.outputShape())];
  const axisPhases = ([0, 1] as const).map((i) => phasesOf({ kernel: kernel[i], stride: strides[i], dilation: dilations[i], begin: pads[i], input: input[i], output: output[i] })) as [
    ReturnType<typeof phasesOf>, ReturnType<typeof phasesOf>,
  ];
  const isPlain = strides[0] === 1 && strides[1] === 1;
  const bias = site.has(2) ? site.input(2) : undefined;
  const size: Pair = [axisPhases[0].size, axisPhases[1].size];

  const phases = axisPhases[0].phases.map((row) => axisPhases[1].phases.map((column): Apply | undefined => {
    if (row === undefined || column === undefined) return undefined;
    return grouped(site, true, { rows: row.taps, columns: column.taps }, isPlain ? bias : undefined, {
      strides: [1, 1], dilations: [row.dilation, column.dilation], pads: [row.before, column.before, row.after, column.after],
    });
  }));
  if (isPlain && phases[0]![0] !== undefined) return onImage(site, isLine, phases[0]![0]);
  const channels = site.outputShape()[1]!;
  return onImage(site, isLine, (x) => {
    const whole = interleave(tf, phases.map((row) => row.map((apply) => apply?.(x))), [x.shape[0], ...size, channels], output);
    return (bias === undefined ? whole : tf.add(whole, bias())) as Tensor4D;
  });
};

export const convolutionLowerings: Readonly<Record<string, Lowering>> = { Conv: conv, ConvTranspose: convTranspose };
