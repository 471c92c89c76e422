/** @file Pooling over one or two spatial axes, and the gradient of max pooling. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf, numbersOf, windowOf } from "../../engine/ir/attributes.js";
import type { Pair } from "./convolve.js";
import type { Lowering, Site } from "./lowering.js";
import { maxPoolGrad, type PoolWindow } from "./maxPoolGrad.js";
import { maxPoolGradKernel } from "./wasmKernels.js";

type Tensor4D = tfc.Tensor4D;

/** The window as two axes; `after` is how far windows reach past the input, which `ceil_mode` can make more than the padding. */
interface Pool extends PoolWindow {
  readonly after: Pair;
  readonly padsAfter: Pair;
  readonly isLine: boolean;
}

function poolOf(site: Site): Pool {
  const kernelShape = numbersOf(site.node, "kernel_shape") ?? [];
  if (kernelShape.length !== 1 && kernelShape.length !== 2) throw site.unsupported(`pooling over ${kernelShape.length} axes`);
  const { kernel, strides, dilations, pads } = windowOf(site.node, kernelShape);
  const isLine = kernel.length === 1;
  const pair = (list: readonly number[], fill: number): Pair => (isLine ? [fill, list[0]!] : [list[0]!, list[1]!]);
  const axes = kernel.length;
  const window = { kernel: pair(kernel, 1), strides: pair(strides, 1), dilations: pair(dilations, 1), before: pair(pads.slice(0, axes), 0), padsAfter: pair(pads.slice(axes), 0) };
  const pooled = site.node.op === "MaxPoolGrad" ? site.shape(1) : site.outputShape();
  const [input, output] = [pair(site.shape(0).slice(2), 1), pair(pooled.slice(2), 1)];
  const after = ([0, 1] as const).map((i) => Math.max(0, (output[i] - 1) * window.strides[i] + (window.kernel[i] - 1) * window.dilations[i] + 1 - input[i] - window.before[i]));
  return { ...window, after: after as unknown as Pair, isLine };
}

/** A sequence `[n, c, l]` as an image `[n, 1, l, c]`. */
function asImage({ tf }: Site, isLine: boolean, x: tfc.Tensor): Tensor4D {
  return (isLine ? tf.expandDims(tf.transpose(x, [0, 2, 1]), 1) : x) as Tensor4D;
}

function fromImage({ tf }: Site, isLine: boolean, y: tfc.Tensor): tfc.Tensor {
  return isLine ? tf.transpose(tf.squeeze(y, [1]), [0, 2, 1]) : y;
}

type Paddings = [[number, number], [number, number], [number, number], [number, number]];
const paddings = ({ before, after }: Pool): Paddings => [[0, 0], [before[0], after[0]], [before[1], after[1]], [0, 0]];
const isPadded = ({ before, after }: Pool) => before[0] + before[1] + after[0] + after[1] > 0;

const lowest = -3.4028234663852886e38;
const padded = ({ tf }: Site, pool: Pool, x: Tensor4D, value: number): Tensor4D => (isPadded(pool) ? tf.pad(x, paddings(pool), value) : x);

/** A dilated window over an image that is padded already. TensorFlow.js strides or dilates, so that both take every position first and keep some. */
function dilatedPool({ tf }: Site, { kernel, strides, dilations }: Pool, image: Tensor4D, how: "max" | "avg"): Tensor4D {
  const everywhere = tf.pool(image, [...kernel] as [number, number], how, "valid", [...dilations] as [number, number], [1, 1]);
  return Math.max(...strides) === 1 ? everywhere : (tf.stridedSlice(everywhere, [0, 0, 0, 0], [...everywhere.shape], [1, strides[0], strides[1], 1]) as Tensor4D);
}

const maxPool: Lowering = (site) => {
  if (site.node.outputs.length > 1 && site.node.outputs[1] !== "") throw site.unsupported("its Indices output");
  const { tf } = site;
  const pool = poolOf(site);
  const x = site.input(0);
  const isDilated = Math.max(...pool.dilations) > 1;
  const compute = (image: Tensor4D) => isDilated
    ? dilatedPool(site, pool, padded(site, pool, image, lowest), "max")
    : tf.maxPool(padded(site, pool, image, lowest), [...pool.kernel] as [number, number], [...pool.strides] as [number, number], "valid");
  return () => fromImage(site, pool.isLine, compute(asImage(site, pool.isLine, x())));
};

/** How many cells of each window count, as factors `kernel size / count`, for windows that reach past what counts; `undefined` when all count. */
function countFactors(site: Site, pool: Pool, input: Pair, output: Pair): Float32Array | undefined {
  const includesPads = numberOf(site.node, "count_include_pad", 0) === 1;
  const counts = ([0, 1] as const).map((i) => Array.from({ length: output[i] }, (_, o) => {
    const [low, high] = includesPads ? [-pool.before[i], input[i] + pool.padsAfter[i]] : [0, input[i]];
    const cells = Array.from({ length: pool.kernel[i] }, (_cell, k) => o * pool.strides[i] - pool.before[i] + k * pool.dilations[i]);
    return cells.filter((cell) => cell >= low && cell < high).length;
  })) as [number[], number[]];
  const full = pool.kernel[0] * pool.kernel[1];
  const factors = Float32Array.from(counts[0].flatMap((rows) => counts[1].map((columns) => full / (rows * columns))));
  return factors.every((factor) => factor === 1) ? undefined : factors;
}

/** Averages over zero-padded windows, corrected where part of a window does not count. */
const averagePool: Lowering = (site) => {
  const { tf } = site;
  const pool = poolOf(site);
  const pair = (shape: readonly number[]): Pair => (pool.isLine ? [1, shape[2]!] : [shape[2]!, shape[3]!]);
  const [input, output] = [pair(site.shape(0)), pair(site.outputShape())];
  const factors = countFactors(site, pool, input, output);
  const correction = factors && site.constant(`averagePool ${JSON.stringify([pool, input, output, numberOf(site.node, "count_include_pad", 0)])}`, () => tf.tensor(factors, [1, ...output, 1]));
  const x = site.input(0);
  return () => {
    const image = padded(site, pool, asImage(site, pool.isLine, x()), 0);
    const [window, strides] = [[...pool.kernel], [...pool.strides]] as [[number, number], [number, number]];
    const average = Math.max(...pool.dilations) > 1 ? dilatedPool(site, pool, image, "avg") : tf.avgPool(image, window, strides, "valid");
    return fromImage(site, pool.isLine, correction === undefined ? average : tf.mul(average, correction()));
  };
};

const globalPool = (name: "mean" | "max"): Lowering => (site) => {
  const { tf } = site;
  const x = site.input(0);
  const axes = site.shape(0).map((_, axis) => axis).slice(2).map((axis) => site.axis(axis, site.shape(0).length));
  return () => tf[name](x(), axes, true);
};

const maxPoolGradient: Lowering = (site) => {
  const { tf, kind } = site;
  const pool = poolOf(site);
  const [x, y, dy] = [site.input(0), site.input(1), site.input(2)];
  const isDilated = Math.max(...pool.dilations) > 1;
  if (kind === "wasm") {
    const { kernel, strides, dilations, before } = pool;
    const window: PoolWindow = { kernel, strides, dilations, before };
    return () => {
      const inputs = { x: asImage(site, pool.isLine, x()), dy: asImage(site, pool.isLine, dy()) };
      return fromImage(site, pool.isLine, tf.engine().runKernel(maxPoolGradKernel, inputs, window as unknown as tfc.NamedAttrMap) as tfc.Tensor);
    };
  }
  if (isDilated) {
    return () => {
      const [image, cotangent] = [asImage(site, pool.isLine, x()), asImage(site, pool.isLine, dy())];
      const dx = maxPoolGrad(image.dataSync<"float32">(), image.shape, cotangent.dataSync<"float32">(), cotangent.shape, pool);
      return fromImage(site, pool.isLine, tf.tensor4d(dx, image.shape));
    };
  }
  return () => {
    const image = padded(site, pool, asImage(site, pool.isLine, x()), lowest);
    const inputs = { dy: asImage(site, pool.isLine, dy()), input: image, output: asImage(site, pool.isLine, y()) };
    const dx = tf.engine().runKernel("MaxPoolGrad", inputs, { filterSize: [...pool.kernel], strides: [...pool.strides], pad: "valid" }) as Tensor4D;
    const [n, h, w, c] = asImage(site, pool.isLine, x()).shape;
    return fromImage(site, pool.isLine, isPadded(pool) ? tf.slice(dx, [0, ...pool.before, 0], [n, h, w, c]) : dx);
  };
};

export const poolLowerings: Readonly<Record<string, Lowering>> = {
  MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalPool("mean"), GlobalMaxPool: globalPool("max"), MaxPoolGrad: maxPoolGradient,
};
