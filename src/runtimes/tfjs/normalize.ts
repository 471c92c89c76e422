/** @file Normalisations, written as means, products and sums. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf } from "../../engine/ir/attributes.js";
import { normalizeAxis } from "../../engine/ir/shape.js";
import { sizeOf } from "../../engine/ir/tensor.js";
import type { Lowering, Site } from "./lowering.js";

type Tensor = tfc.Tensor;

const epsilonOf = (site: Site, fallback = 1e-5) => numberOf(site.node, "epsilon", fallback);

/** (x - mean) / sqrt(variance + epsilon) over `axes`. */
function standardize({ tf }: Site, x: Tensor, axes: number[], epsilon: number): Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
}

/** The shape that puts a vector over channels beside x as it is stored. */
const perChannel = (site: Site, channels: number) => site.stored(site.shape(0).map((_, axis) => (axis === 1 ? channels : 1)));

/** x times one factor per channel plus one term per channel, both made from the constants. */
const batchNormalization: Lowering = (site) => {
  const { tf } = site;
  const epsilon = epsilonOf(site);
  const shape = perChannel(site, site.shape(1)[0]!);
  const key = `${epsilon} as ${shape.join()}`;
  const x = site.input(0);
  const factor = site.derive([1, 4], `factor ${key}`, (scale, variance) => tf.reshape(tf.div(scale!, tf.sqrt(tf.add(variance!, epsilon))), shape));
  const term = site.derive([1, 2, 3, 4], `term ${key}`, (scale, bias, mean, variance) =>
    tf.reshape(tf.sub(bias!, tf.mul(mean!, tf.div(scale!, tf.sqrt(tf.add(variance!, epsilon))))), shape));
  return () => tf.add(tf.mul(x(), factor()), term());
};

const layerNormalization: Lowering = (site) => {
  if (site.node.outputs.slice(1).some((output) => output !== "")) throw site.unsupported("its Mean and InvStdDev outputs");
  const { tf } = site;
  const shape = site.shape(0);
  const axis = normalizeAxis(numberOf(site.node, "axis", -1), shape.length);
  const rows = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
  const epsilon = epsilonOf(site);
  const [x, scale, bias] = [site.input(0), site.input(1), site.has(2) ? site.input(2) : undefined];
  return () => {
    const scaled = tf.mul(tf.reshape(standardize(site, tf.reshape(x(), rows), [1], epsilon), [...shape]), scale());
    return bias === undefined ? scaled : tf.add(scaled, bias());
  };
};

const instanceNormalization: Lowering = (site) => {
  const { tf } = site;
  const rank = site.shape(0).length;
  const axes = site.shape(0).map((_, axis) => axis).slice(2).map((axis) => site.axis(axis, rank));
  const shape = perChannel(site, site.shape(1)[0]!);
  const epsilon = epsilonOf(site);
  const x = site.input(0);
  const [scale, bias] = [1, 2].map((i) => site.derive([i], `as ${shape.join()}`, (vector) => tf.reshape(vector, shape)));
  return () => tf.add(tf.mul(standardize(site, x(), axes, epsilon), scale!()), bias!());
};

/** Scale and bias come per group (opset 18) or per channel (opset 21). */
const groupNormalization: Lowering = (site) => {
  const { tf } = site;
  const shape = [...site.shape(0)];
  const [n, channels] = [shape[0]!, shape[1]!];
  const groups = numberOf(site.node, "num_groups", 1);
  const [grouped, byChannel] = [[n, groups, sizeOf(shape) / n / groups], [n, channels, sizeOf(shape) / n / channels]];
  const isPerGroup = site.shape(1)[0] === groups && groups !== channels;
  const epsilon = epsilonOf(site);
  const x = site.input(0);
  const [scale, bias] = [1, 2].map((i) => site.derive([i], "column", (vector) => tf.reshape(vector, [1, vector.size, 1])));
  return () => {
    const standard = standardize(site, tf.reshape(x(), grouped), [2], epsilon);
    return tf.reshape(tf.add(tf.mul(isPerGroup ? standard : tf.reshape(standard, byChannel), scale!()), bias!()), shape);
  };
};

const localResponse: Lowering = (site) => {
  const { tf, node } = site;
  const size = numberOf(node, "size", 1);
  if (size % 2 === 0 || site.shape(0).length !== 4) throw site.unsupported(`a window of ${size} over a tensor of rank ${site.shape(0).length}`);
  const x = site.input(0);
  const [bias, alpha, beta] = [numberOf(node, "bias", 1), numberOf(node, "alpha", 1e-4) / size, numberOf(node, "beta", 0.75)];
  return () => tf.localResponseNormalization(x() as tfc.Tensor4D, (size - 1) / 2, bias, alpha, beta);
};

export const normalizeLowerings: Readonly<Record<string, Lowering>> = {
  BatchNormalization: batchNormalization, LayerNormalization: layerNormalization, InstanceNormalization: instanceNormalization, GroupNormalization: groupNormalization, LRN: localResponse,
};
