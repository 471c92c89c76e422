/** @file Quantisation passes gradients straight through, as PyTorch's fake quantisation defines it: 1 inside the range of the integers, 0 where they saturate. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../../src/engine/ir/builder.js";
import { float32, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { cotangentsOf } from "./gradientCheck.js";
import { float64 } from "./numbers.js";
import { evaluate64, graphOf } from "./smallGraph.js";

const int8 = (shape: readonly number[], values: readonly number[]): Tensor => ({ dtype: "int8", shape, data: Int8Array.from(values) });
const uint8 = (shape: readonly number[], values: readonly number[]): Tensor => ({ dtype: "uint8", shape, data: Uint8Array.from(values) });

/** dx for the cotangent `dy` of the built output, and the output. */
function run(x: Tensor, dy: Tensor, build: (graph: GraphBuilder, x: string) => string): { dx: number[]; y: number[] } {
  const graph = graphOf([x], (builder, name) => [build(builder, name!)]);
  const [dx] = cotangentsOf(graph, { x0: x }, dy, ["x0"]);
  return { dx: toNumbers(dx!), y: toNumbers(evaluate64(graph, [x])[graph.outputs[0]!]!) };
}

const close = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
};

describe("quantised gradients", () => {
  it("pass where the integer fits and stop where it saturates", () => {
    const x = float64([5], [-13, -12.8, 0.26, 12.7, 12.8]);
    const { dx, y } = run(x, float32([5], [1, 2, 3, 4, 5]), (graph, input) => {
      const [scale, zero] = [graph.constant(float32([], [0.1])), graph.constant(int8([], [0]))];
      return graph.add("DequantizeLinear", [graph.add("QuantizeLinear", [input, scale, zero]), scale, zero]);
    });
    close(y, [-12.8, -12.8, 0.3, 12.7, 12.7]);
    close(dx, [0, 2, 3, 4, 0]);
  });

  it("take the scale of each slice along the axis", () => {
    const x = float64([2, 2], [1, 300, 1, 300]);
    const { dx, y } = run(x, float32([2, 2], [1, 1, 1, 1]), (graph, input) => {
      const [scale, zero] = [graph.constant(float32([2], [1, 2])), graph.constant(uint8([2], [0, 0]))];
      const [wide, wideZero] = [graph.constant(float32([2], [3, 5])), zero];
      return graph.add("DequantizeLinear", [graph.add("QuantizeLinear", [input, scale, zero], { axis: 0 }), wide, wideZero], { axis: 0 });
    });
    close(y, [3, 765, 0, 750]);
    close(dx, [3, 0, 2.5, 2.5]);
  });

  it("take the scale of each block", () => {
    const x = float64([1, 4], [0.5, 1.1, 7, 9]);
    const { dx, y } = run(x, float32([1, 4], [1, 1, 1, 1]), (graph, input) => {
      const [scale, zero] = [graph.constant(float32([1, 2], [0.5, 2])), graph.constant(uint8([1, 2], [0, 0]))];
      const out = graph.constant(float32([1, 2], [1, 10]));
      return graph.add("DequantizeLinear", [graph.add("QuantizeLinear", [input, scale, zero], { axis: 1, block_size: 2 }), out, zero], { axis: 1, block_size: 2 });
    });
    // 7 / 2 and 9 / 2 are halves, which go to the even neighbour.
    close(y, [1, 2, 40, 40]);
    close(dx, [2, 2, 5, 5]);
  });

  it("run through integers that are moved and pooled", () => {
    const x = float64([1, 1, 2, 2], [1, 4, 3, 2]);
    const { dx } = run(x, float32([1], [7]), (graph, input) => {
      const [scale, zero] = [graph.constant(float32([], [0.5])), graph.constant(uint8([], [3]))];
      const pooled = graph.add("MaxPool", [graph.add("QuantizeLinear", [input, scale, zero])], { kernel_shape: [2, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] });
      return graph.add("DequantizeLinear", [graph.add("Reshape", [pooled, graph.ints([1])]), scale, zero]);
    });
    close(dx, [0, 7, 0, 0]);
  });

  it("of a dynamically quantised layer are those of the layer with its rounded weights", () => {
    const x = float64([1, 3], [0.5, -1, 2]);
    const weights = [4, 128, 200, 120, 255, 0];
    const { dx, y } = run(x, float32([1, 2], [1, -2]), (graph, input) => {
      const [q, scale, zero] = graph.addMany("DynamicQuantizeLinear", [input], {}, 3) as [string, string, string];
      const product = graph.add("MatMulInteger", [q, graph.constant(uint8([3, 2], weights)), zero, graph.constant(uint8([], [128]))]);
      const factor = graph.add("Mul", [scale, graph.constant(float32([], [0.01]))]);
      return graph.add("Mul", [graph.add("Cast", [product], { to: "float32" }), factor]);
    });
    const real = weights.map((value) => (value - 128) * 0.01);
    close(dx, [0, 1, 2].map((row) => real[row * 2]! - 2 * real[row * 2 + 1]!));
    // The rounding of x moves the output by at most half a step of each input.
    [0, 1].forEach((column) => expect(Math.abs(y[column]! - [0.5, -1, 2].reduce((sum, value, row) => sum + value * real[row * 2 + column]!, 0))).toBeLessThan(0.03));
  });

  it("of an integer convolution are those of the convolution of the differences from the zero points", () => {
    const x = float64([1, 1, 1, 3], [0, 1, 2]);
    const { dx } = run(x, float32([1, 1, 1, 2], [1, 10]), (graph, input) => {
      const zero = graph.constant(uint8([], [0]));
      const q = graph.add("QuantizeLinear", [input, graph.constant(float32([], [1])), zero]);
      const y = graph.add("ConvInteger", [q, graph.constant(uint8([1, 1, 1, 2], [5, 7])), zero, graph.constant(uint8([], [4]))], { kernel_shape: [1, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] });
      return graph.add("Cast", [y], { to: "float32" });
    });
    close(dx, [1, 3 + 10, 30]);
  });

  it("stop at counts: an integer that no quantisation made has no gradient", () => {
    const x = float64([2], [1.5, 2.5]);
    const graph = graphOf([x], (builder, name) => [builder.add("Cast", [builder.add("Cast", [name!], { to: "int32" })], { to: "float32" })]);
    expect(cotangentsOf(graph, { x0: x }, float32([2], [1, 1]), ["x0"])).toEqual([undefined]);
  });
});
