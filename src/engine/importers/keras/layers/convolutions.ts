/** @file Convolutions and dense layers. Kernels lie as `[...window, in, out]`. */
import type { Attributes } from "../../../ir/graph.js";
import type { Fields } from "../../../preprocess/fields.js";
import type { KerasValue } from "../kerasGraph.js";
import { flagOf, isChannelsFirst, numberOf, rules, sizesOf, variables, wordOf, type LayerCall, type LayerRules } from "../layerRule.js";
import { activated } from "./activations.js";

/** Strides, dilations and padding; TensorFlow's "same" pads the uneven pixel at the end. "causal" sees nothing later. */
function windowOf({ config, x, refuse }: LayerCall, kernel: readonly number[]): Attributes {
  const count = x.rank - 2;
  const dilations = sizesOf(config, "dilation_rate", count, 1);
  const padding = wordOf(config, "padding", "valid");
  const pads: Readonly<Record<string, Attributes>> = {
    valid: { pads: Array<number>(2 * count).fill(0) }, same: { auto_pad: "SAME_UPPER" }, causal: { pads: [...kernel.map((size, i) => (size - 1) * dilations[i]!), ...kernel.map(() => 0)] },
  };
  return { kernel_shape: kernel, strides: sizesOf(config, "strides", count, 1), dilations, ...(Object.hasOwn(pads, padding) ? pads[padding] : refuse(`its padding ${padding} is unknown`)) };
}

/** The weight's window, and its other two sizes. */
function kernelOf({ graph, x }: LayerCall, name: string): { readonly weight: string; readonly window: readonly number[]; readonly sizes: readonly [number, number] } {
  const weight = graph.writer.weight(name, Array<number>(x.rank).fill(-1));
  const shape = graph.writer.shapeOf(name)!;
  return { weight, window: shape.slice(0, -2), sizes: [shape.at(-2)!, shape.at(-1)!] };
}

/** `[...window, in, out]` as `[out, in, ...window]`. */
const outermost = (rank: number) => [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, i) => i)];

const biasOf = ({ graph, config }: LayerCall) => (flagOf(config, "use_bias", true) ? [graph.writer.weight("bias", [-1])] : []);

function convolution(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const { weight, window } = kernelOf(call, "kernel");
  const turned = graph.writer.add("Transpose", [weight], { perm: outermost(x.rank) });
  return activated(call, result(graph.writer.add("Conv", [value, turned, ...biasOf(call)], { ...windowOf(call, window), group: numberOf(config, "groups", 1) })));
}

/** Each channel on its own; its kernel `[...window, channels, multiplier]` becomes `[channels * multiplier, 1, ...window]`. */
function eachChannel(call: LayerCall, name: string, bias: readonly string[]): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const { weight, window, sizes: [channels, multiplier] } = kernelOf(call, name);
  const turned = graph.writer.add("Transpose", [weight], { perm: [x.rank - 2, x.rank - 1, ...window.map((_, i) => i)] });
  const single = multiplier === 1 ? turned : graph.writer.add("Reshape", [turned, graph.writer.ints([-1, 1, ...window])]);
  return result(graph.writer.add("Conv", [value, single, ...bias], { ...windowOf(call, window), group: channels }));
}

function separable(call: LayerCall): KerasValue {
  const { graph } = call;
  const spread = eachChannel(call, "depthwise_kernel", []);
  const { weight, window } = kernelOf(call, "pointwise_kernel");
  const turned = graph.writer.add("Transpose", [weight], { perm: outermost(spread.rank) });
  return activated(call, { ...spread, value: graph.writer.add("Conv", [spread.value, turned, ...biasOf(call)], { kernel_shape: window }) });
}

/** A gradient of a convolution: its kernel lies as `[...window, out, in]`. */
function transposed(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const { value, result } = graph.onImages(x, isChannelsFirst(config));
  const { weight, window } = kernelOf(call, "kernel");
  const count = window.length;
  const [strides, dilations] = [sizesOf(config, "strides", count, 1), sizesOf(config, "dilation_rate", count, 1)];
  const reach = window.map((size, i) => (size - 1) * dilations[i]! + 1);
  const isSame = wordOf(config, "padding", "valid") === "same";
  const extra = config.values["output_padding"] === null || config.values["output_padding"] === undefined ? undefined : sizesOf(config, "output_padding", count);
  // What the result is shorter by than all windows laid out; negative where strides leave gaps after the last one.
  const cut = reach.map((size, i) => (extra ? (isSame ? 2 * Math.floor(size / 2) : 0) - extra[i]! : isSame ? size - strides[i]! : Math.min(0, size - strides[i]!)));
  const begin = cut.map((total) => Math.floor(Math.max(0, total) / 2));
  const pads = [...begin, ...cut.map((total, i) => Math.max(0, total) - begin[i]!)];
  const turned = graph.writer.add("Transpose", [weight], { perm: outermost(x.rank) });
  const attributes = { kernel_shape: window, strides, dilations, pads, output_padding: cut.map((total) => Math.max(0, -total)) };
  return activated(call, result(graph.writer.add("ConvTranspose", [value, turned, ...biasOf(call)], attributes)));
}

/** A product over the last axis, whatever the rank. */
function dense(call: LayerCall): KerasValue {
  const { graph, x } = call;
  return biased(call, graph.writer.add("MatMul", [graph.last(x), graph.writer.weight("kernel", [-1, -1])]), x.rank);
}

/** A product in Keras's order with the bias, where the layer has one, and the activation. */
function biased(call: LayerCall, product: string, rank: number): KerasValue {
  const { graph: { writer }, graph, config } = call;
  const hasBias = config.values["equation"] === undefined ? flagOf(config, "use_bias", true) : hasBiasAxes(config);
  return activated(call, graph.plain(hasBias ? writer.add("Add", [product, writer.weight("bias")]) : product, rank));
}

const hasBiasAxes = (config: Fields) => typeof config.values["bias_axes"] === "string";

/** Any product that an equation describes. */
function einsumDense(call: LayerCall): KerasValue {
  const { graph, config, x } = call;
  const equation = wordOf(config, "equation", "");
  // "abc,cd->abd" is a dense layer: as a plain product the picture can be followed through it.
  if (/^([a-z.]*)([a-z]),\2([a-z])->\1\3$/.test(equation)) return dense(call);
  const product = graph.writer.add("Einsum", [graph.last(x), graph.writer.weight("kernel")], { equation });
  const letters = equation.slice(equation.indexOf("->") + 2);
  const rank = letters.startsWith("...") ? x.rank - (equation.indexOf(",") - 3) + letters.length - 3 : letters.length;
  return biased(call, product, rank);
}

const kernelAndBias = variables(["kernel"], ["bias", "use_bias"]);

export const convolutionLayers: LayerRules = {
  ...rules(["Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"], { variables: kernelAndBias, write: convolution }),
  ...rules(["DepthwiseConv1D", "DepthwiseConv2D"], {
    variables: variables(["kernel", "", "depthwise_kernel"], ["bias", "use_bias"]), write: (call) => activated(call, eachChannel(call, "kernel", biasOf(call))),
  }),
  ...rules(["SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D"], { variables: variables(["depthwise_kernel"], ["pointwise_kernel"], ["bias", "use_bias"]), write: separable }),
  ...rules(["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution2DTranspose"], { variables: kernelAndBias, write: transposed }),
  Dense: { variables: kernelAndBias, write: dense },
  EinsumDense: { variables: (config) => [{ name: "kernel" }, ...(hasBiasAxes(config) ? [{ name: "bias" }] : [])], write: einsumDense },
};
