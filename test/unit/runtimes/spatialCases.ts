/** @file Convolutions, transposed convolutions and pooling in every form. */
import type { Attributes } from "../../../src/engine/ir/graph.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { between, caseOf, draw, image, plain, window, type OperatorCase } from "./operatorCase.js";

const convolution = (name: string, x: readonly number[], w: readonly number[], attributes: Attributes, hasBias = false) =>
  plain(`Conv ${name}`, "Conv", [draw(x, 3)], window(w.slice(2), attributes), [draw(w, 4), ...(hasBias ? [draw([w[0]!], 5)] : [])]);

const convolutionCases = [
  convolution("1x1", [1, 3, 4, 5], [6, 3, 1, 1], {}),
  convolution("3x3 padded with a bias", [2, 3, 5, 6], [4, 3, 3, 3], { pads: [1, 1, 1, 1] }, true),
  convolution("7x7 stride 2", [1, 3, 14, 15], [5, 3, 7, 7], { pads: [3, 3, 3, 3], strides: [2, 2] }),
  convolution("asymmetric pads", [1, 3, 6, 6], [4, 3, 3, 3], { pads: [0, 1, 2, 0], strides: [2, 1] }),
  convolution("dilated", [1, 3, 8, 8], [4, 3, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
  convolution("dilated and strided", [1, 3, 9, 9], [4, 3, 3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2], strides: [2, 2] }),
  convolution("in 2 groups", [1, 6, 5, 5], [4, 3, 3, 3], { pads: [1, 1, 1, 1], group: 2 }, true),
  convolution("in 8 groups", [1, 32, 4, 4], [16, 4, 3, 3], { pads: [1, 1, 1, 1], group: 8 }, true),
  convolution("in 2 large groups", [1, 40, 3, 3], [6, 20, 3, 3], { pads: [1, 1, 1, 1], group: 2 }),
  convolution("depthwise", [2, 5, 6, 6], [5, 1, 3, 3], { pads: [1, 1, 1, 1], group: 5 }, true),
  convolution("depthwise stride 2", [1, 5, 7, 7], [5, 1, 3, 3], { pads: [1, 1, 1, 1], group: 5, strides: [2, 2] }),
  convolution("depthwise dilated", [1, 5, 7, 7], [5, 1, 3, 3], { pads: [2, 2, 2, 2], group: 5, dilations: [2, 2] }),
  convolution("depthwise with a multiplier", [1, 3, 5, 5], [6, 1, 3, 3], { pads: [1, 1, 1, 1], group: 3 }, true),
  convolution("over a sequence", [2, 3, 9], [4, 3, 3], { pads: [1, 1], strides: [2] }, true),
  convolution("depthwise over a sequence", [2, 3, 9], [3, 1, 3], { pads: [1, 1], group: 3 }),
  plain("Conv with a weight that is an input", "Conv", [draw([1, 3, 5, 5], 3), draw([4, 3, 3, 3], 4)], window([3, 3])),
  caseOf("Conv then Relu, fused", [image(3)], (graph, x) => [graph.add("Relu", [graph.add("Conv", [x!, graph.constant(draw([5, 4, 3, 3], 4)), graph.constant(draw([5], 5))], window([3, 3]))])]),
  caseOf("Conv in groups then Relu, fused", [image(3)], (graph, x) => [graph.add("Relu", [graph.add("Conv", [x!, graph.constant(draw([4, 2, 3, 3], 4)), graph.constant(draw([4], 5))], window([3, 3], { group: 2 }))])]),
  caseOf("Conv whose output is read twice", [image(3)], (graph, x) => {
    const y = graph.add("Conv", [x!, graph.constant(draw([4, 4, 1, 1], 4))], window([1, 1]));
    return [graph.add("Relu", [y]), y];
  }),
];

const transposed = (name: string, x: readonly number[], w: readonly number[], attributes: Attributes, hasBias = false) =>
  plain(`ConvTranspose ${name}`, "ConvTranspose", [draw(x, 3)], window(w.slice(2), attributes), [draw(w, 4), ...(hasBias ? [draw([w[1]! * ((attributes["group"] as number | undefined) ?? 1)], 5)] : [])]);

const transposedCases = [
  transposed("1x1", [2, 3, 4, 5], [3, 4, 1, 1], {}),
  transposed("3x3", [1, 3, 4, 5], [3, 4, 3, 3], { pads: [1, 1, 1, 1] }, true),
  transposed("more padding than a kernel reaches", [1, 3, 5, 5], [3, 4, 1, 1], { pads: [1, 0, 0, 1] }),
  transposed("1x1 stride 2", [1, 3, 4, 4], [3, 5, 1, 1], { strides: [2, 2], output_padding: [1, 1] }),
  transposed("3x3 stride 2", [1, 3, 4, 4], [3, 5, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }, true),
  transposed("7x7 stride 2", [1, 4, 5, 5], [4, 3, 7, 7], { strides: [2, 2], pads: [3, 3, 3, 3], output_padding: [1, 0] }),
  transposed("2x2 stride 2", [1, 3, 3, 4], [3, 4, 2, 2], { strides: [2, 2] }),
  transposed("unequal strides", [1, 3, 4, 5], [3, 4, 3, 5], { strides: [3, 2], pads: [1, 2, 0, 1] }),
  transposed("kernel smaller than its stride", [1, 3, 4, 4], [3, 2, 2, 2], { strides: [3, 3], output_padding: [1, 2] }, true),
  transposed("dilated", [1, 3, 5, 5], [3, 4, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2] }),
  transposed("dilated and strided", [1, 3, 4, 4], [3, 4, 3, 3], { dilations: [2, 2], strides: [2, 2], pads: [2, 2, 2, 2], output_padding: [1, 1] }),
  transposed("dilated 3, strided 2", [1, 3, 4, 4], [3, 4, 3, 3], { dilations: [3, 3], strides: [2, 2], pads: [3, 3, 3, 3], output_padding: [1, 1] }),
  transposed("in 2 groups", [1, 6, 4, 4], [6, 2, 3, 3], { group: 2, strides: [2, 2], pads: [1, 1, 1, 1] }, true),
  transposed("depthwise", [1, 5, 4, 4], [5, 1, 3, 3], { group: 5, pads: [1, 1, 1, 1] }),
  transposed("depthwise stride 2", [1, 5, 4, 4], [5, 1, 3, 3], { group: 5, strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }, true),
  transposed("of several channels to one in each group", [1, 6, 4, 4], [6, 1, 3, 3], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }, true),
  transposed("over a sequence in groups, of two channels to one", [1, 4, 5], [4, 1, 3], { group: 2, strides: [2] }),
  transposed("over a sequence", [2, 3, 5], [3, 4, 3], { strides: [2], pads: [1, 1], output_padding: [1] }, true),
];

const pooled = (op: string, name: string, x: readonly number[], attributes: Attributes, kernel: readonly number[] = [3, 3]) => {
  const { group, ...rest } = window(kernel, attributes);
  void group;
  return plain(`${op} ${name}`, op, [draw(x, 3)], rest);
};

const poolCases = [
  pooled("MaxPool", "3x3 stride 2 padded", [2, 3, 7, 7], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  pooled("MaxPool", "asymmetric pads", [1, 3, 6, 5], { strides: [2, 1], pads: [0, 1, 1, 0] }),
  pooled("MaxPool", "ceil_mode", [1, 3, 6, 6], { strides: [2, 2], ceil_mode: 1 }, [3, 3]),
  pooled("MaxPool", "dilated", [1, 3, 8, 8], { dilations: [2, 2] }),
  pooled("MaxPool", "over a sequence", [2, 3, 9], { strides: [2], pads: [1, 1] }, [3]),
  pooled("AveragePool", "2x2 stride 2", [2, 3, 6, 6], { strides: [2, 2] }, [2, 2]),
  pooled("AveragePool", "pads left out", [1, 3, 6, 6], { pads: [1, 1, 1, 1] }),
  pooled("AveragePool", "pads counted", [1, 3, 6, 6], { pads: [1, 1, 1, 1], count_include_pad: 1, strides: [2, 2] }),
  pooled("AveragePool", "ceil_mode", [1, 3, 6, 6], { strides: [2, 2], ceil_mode: 1 }),
  pooled("AveragePool", "ceil_mode, pads counted", [1, 3, 6, 6], { strides: [2, 2], ceil_mode: 1, count_include_pad: 1, pads: [1, 1, 1, 1] }, [2, 2]),
  pooled("AveragePool", "over a sequence", [2, 3, 8], { strides: [2] }, [2]),
  plain("GlobalAveragePool", "GlobalAveragePool", [image(3)]), between("GlobalAveragePool", "GlobalAveragePool"),
  plain("GlobalMaxPool", "GlobalMaxPool", [image(3)]),
];

/** Levels of a third make ties common, and negative images make the maximum of a window negative. */
const poolGradient = (name: string, shape: readonly number[], attributes: Attributes, kernel: readonly number[], [low, high]: readonly [number, number]) => {
  const levels = float32(shape, Array.from(draw(shape, 3, low, high).data as Float32Array, (value) => Math.round(value * 3) / 3));
  return caseOf(`MaxPoolGrad ${name}`, [levels], (graph, x) => {
    const { group, ...rest } = window(kernel, attributes);
    void group;
    const y = graph.add("MaxPool", [x!], rest);
    return [graph.add("MaxPoolGrad", [x!, y, graph.constant(draw(graph.shape(y), 9))], rest)];
  });
};

const poolGradientCases = [
  poolGradient("2x2 stride 2", [1, 3, 6, 6], { strides: [2, 2] }, [2, 2], [-1, 1]),
  poolGradient("3x3 stride 2 padded", [2, 3, 7, 7], { strides: [2, 2], pads: [1, 1, 1, 1] }, [3, 3], [-1, 1]),
  poolGradient("of zeros", [1, 2, 6, 6], { strides: [2, 2], pads: [1, 1, 1, 1] }, [3, 3], [0, 0]),
  poolGradient("of negatives", [1, 2, 6, 6], { strides: [1, 1], pads: [1, 1, 1, 1] }, [3, 3], [-3, -1]),
  poolGradient("ceil_mode", [1, 2, 6, 6], { strides: [2, 2], ceil_mode: 1 }, [3, 3], [-1, 1]),
  poolGradient("dilated", [1, 2, 7, 7], { dilations: [2, 2] }, [2, 2], [-1, 1]),
  poolGradient("over a sequence", [1, 2, 9], { strides: [2] }, [3], [-1, 1]),
];

/** Every case. */
export const spatialCases: readonly OperatorCase[] = [...convolutionCases, ...transposedCases, ...poolCases, ...poolGradientCases];
