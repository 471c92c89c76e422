/** @file What image models are made of: convolutions and norms checked against the channels they get, squeeze-and-excitation, the classifier at the end. */
import type { Activation } from "../activations.js";
import type { GraphWriter } from "../graphWriter.js";
import { batchNorm, batchNormHere, conv2d, layerNorm, linear } from "../modules.js";
import type { Maps, ModelFacts } from "./family.js";

/** What all layers of one network share. */
export interface Net {
  readonly writer: GraphWriter;
  /** Of its batch norms. */
  readonly epsilon: number;
  readonly isPaddedAsTensorFlow?: boolean;
}

export interface ConvolutionOptions {
  readonly stride?: number;
  /** Whether there may be groups, as many as the weights say. */
  readonly isGrouped?: boolean;
  /** Half of the kernel unless given. */
  readonly padding?: number;
}

/** A convolution. Throws `modelCorrupt` where its weights do not fit the channels. */
export function convolve({ writer, isPaddedAsTensorFlow }: Pick<Net, "writer" | "isPaddedAsTensorFlow">, name: string, { value, channels }: Maps, { stride = 1, isGrouped = false, padding }: ConvolutionOptions = {}): Maps {
  const [out = 1, perGroup = 1, height = 1, width = 1] = writer.shapeOf(`${name}.weight`) ?? [];
  const groups = isGrouped ? channels / perGroup : 1;
  if (groups === 1 || !Number.isInteger(groups) || out % groups !== 0) writer.weight(`${name}.weight`, [-1, channels, -1, -1]);
  const half: readonly [number, number] = [Math.floor(height / 2), Math.floor(width / 2)];
  return { value: conv2d(writer, name, value, { stride, groups, padding: padding ?? (isPaddedAsTensorFlow ? "same" : half) }), channels: out };
}

/** A batch norm. Throws `modelCorrupt` where it is of other channels. */
export function normalise({ writer, epsilon }: Net, name: string, { value, channels }: Maps): Maps {
  writer.weight(`${name}.weight`, [channels]);
  return { value: batchNorm(writer, name, value, epsilon), channels };
}

/** timm's `BatchNormAct2d`: a batch norm whose result is that of the activation behind it. */
export function normaliseAndActivate({ writer, epsilon }: Net, name: string, { value, channels }: Maps, activation: Activation): Maps {
  writer.weight(`${name}.weight`, [channels]);
  return { value: writer.within(name, () => activation(writer, batchNormHere(writer, value, epsilon), "")), channels };
}

/** `nn.LayerNorm` over the last axis, which has `width` features and a bias, as RMS norms have not. */
export function norm(writer: GraphWriter, name: string, x: string, width: number, epsilon: number): string {
  for (const part of ["weight", "bias"]) writer.weight(`${name}.${part}`, [width]);
  return layerNorm(writer, name, x, epsilon);
}

/** What a block whose scope this is gives, under its name: `after`, and the way around it where `isAdded`. */
export function blockResult(writer: GraphWriter, after: Maps, before: Maps, isAdded: boolean): Maps {
  return { value: isAdded ? writer.add("Add", [after.value, before.value], {}, "") : writer.rename(after.value, ""), channels: after.channels };
}

/** How a squeeze-and-excitation is written in one library. */
export interface Excitation {
  readonly reduce: string;
  readonly expand: string;
  readonly activation: Activation;
  readonly gate: Activation;
}

/** Channels scaled by what their means say. */
export function squeezeExcite({ writer }: Net, name: string, maps: Maps, { reduce, expand, activation, gate }: Excitation): Maps {
  return writer.within(name, () => {
    const mean = { value: writer.add("GlobalAveragePool", [maps.value]), channels: maps.channels };
    const reduced = convolve({ writer }, reduce, mean);
    const expanded = convolve({ writer }, expand, { ...reduced, value: activation(writer, reduced.value) });
    return { value: writer.add("Mul", [maps.value, gate(writer, expanded.value)], {}, ""), channels: maps.channels };
  });
}

/** Max pooling with torch's rounding down. */
export function maxPool(writer: GraphWriter, { value, channels }: Maps, kernel: number, stride: number, padding: number, module: string): Maps {
  return { value: writer.add("MaxPool", [value], { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: Array<number>(4).fill(padding) }, module), channels };
}

/** The means over all places, `[batch, channels]`. */
export function pooled(writer: GraphWriter, { value }: Maps, module: string): string {
  return writer.add("Flatten", [writer.add("GlobalAveragePool", [value], {}, module)], { axis: 1 });
}

/** The last layer, `[batch, classes]`; the features themselves where there is none. Throws `modelCorrupt` where it has another number of classes than the config says, or of features. */
export function classify({ writer, classes }: ModelFacts, name: string, features: string, width = -1): string {
  if (classes === 0) return features;
  writer.weight(`${name}.weight`, [classes ?? -1, width]);
  return linear(writer, name, features);
}
