/** @file DeepLIFT against the rescale rule written out by hand, Shapley values by hand, and completeness through every kind of operator. Captum's recordings are in the oracle tests. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { float32, toNumbers, type Tensor } from "../../../../src/engine/ir/tensor.js";
import { window } from "../smallGraph.js";
import { explain, head, image, model, target, weights } from "./smallClassifiers.js";

const x = toNumbers(image);
const other = weights([1, 2, 4, 3], 77);
const baseline = { shape: other.shape, data: other.data as Float32Array };
const x0 = toNumbers(other);
const lift = (graph: ReturnType<typeof model>, more: Parameters<typeof explain>[1] = {}) => explain(graph, { method: "deeplift", ...more, parameters: { baseline, ...more.parameters } });

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i], `element ${i}`).toBeCloseTo(value, 5));
}

const matrix = ({ shape, data }: Tensor) => (row: number, column: number) => (data as Float32Array)[row * shape[1]! + column]!;
const dot = (row: (j: number) => number, values: readonly number[]) => values.reduce((sum, value, j) => sum + row(j) * value, 0);
const flat = (graph: GraphBuilder, value: string) => graph.add("Flatten", [value], { axis: 1 });

describe("the rescale rule", () => {
  const [first, second, third] = [weights([6, 24], 1), weights([5, 6], 2), weights([3, 5], 3)];
  const relu = (value: number) => Math.max(0, value);
  const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

  it("is what two hidden layers give by hand", async () => {
    const net = model((graph, input) => {
      const a = graph.add("Relu", [graph.add("Gemm", [flat(graph, input), graph.constant(first)], { transB: 1 })]);
      return graph.add("Gemm", [graph.add("Sigmoid", [graph.add("Gemm", [a, graph.constant(second)], { transB: 1 })]), graph.constant(third)], { transB: 1 });
    });
    const layer = (m: Tensor, values: readonly number[]) => Array.from({ length: m.shape[0]! }, (_, i) => dot((j) => matrix(m)(i, j), values));
    const [h, h0] = [layer(first, x), layer(first, x0)];
    const [k, k0] = [layer(second, h.map(relu)), layer(second, h0.map(relu))];
    const atK = k.map((value, i) => matrix(third)(1, i) * (sigmoid(value) - sigmoid(k0[i]!)) / (value - k0[i]!));
    const atH = h.map((value, i) => dot((j) => matrix(second)(j, i), atK) * (relu(value) - relu(h0[i]!)) / (value - h0[i]!));
    const { attribution } = await lift(net, { target: target(1) });
    expectClose(attribution.data, x.map((value, i) => (value - x0[i]!) * dot((j) => matrix(first)(j, i), atH)));
  });

  it("takes the gradient where image and baseline agree", async () => {
    const net = model((graph, input) => graph.add("Gemm", [graph.add("Exp", [flat(graph, input)]), graph.constant(weights([3, 24], 1))], { transB: 1 }));
    const data = Float32Array.from(x, (value, i) => (i < 12 ? value : x0[i]!));
    const { attribution } = await lift(net, { parameters: { baseline: { shape: image.shape, data } } });
    expectClose(attribution.data, x.map((value, i) => (i < 12 ? 0 : matrix(weights([3, 24], 1))(0, i) * (Math.exp(value) - Math.exp(x0[i]!)))));
  });

  it("means over several baselines", async () => {
    const net = model((graph, input) => graph.add("Gemm", [graph.add("Tanh", [flat(graph, input)]), graph.constant(weights([3, 24], 1))], { transB: 1 }));
    const second0 = Float32Array.from(x0, (value) => -value / 2);
    const both = await lift(net, { parameters: { baseline: [baseline, { shape: image.shape, data: second0 }] } });
    const w = matrix(weights([3, 24], 1));
    expectClose(both.attribution.data, x.map((value, i) => w(0, i) * (Math.tanh(value) - (Math.tanh(x0[i]!) + Math.tanh(second0[i]!)) / 2)));
    expect(Math.abs(both.completeness!.gap)).toBeLessThan(1e-6);
    // Both baselines, and the prediction for the image.
    expect(both.evaluations).toEqual({ forward: 3, gradient: 2 });
  });
});

describe("max pooling", () => {
  /** Four numbers in one window of a pooling, and its output as the score. */
  const pooled = (values: readonly number[], from: readonly number[], pool: string) => {
    const input = float32([1, 1, 2, 2], values);
    const net = model((graph, at) => graph.add("Concat", [flat(graph, graph.add("MaxPool", [at], window([2, 2]))), graph.constant(float32([1, 1], [0]))], { axis: 1 }), input);
    return lift(net, { input, parameters: { baseline: { shape: input.shape, data: Float32Array.from(from) }, pool } });
  };

  it.each([
    // The image's maximum rises from 2 at the baseline to 3: all of it stands where the image has its maximum.
    [[3, 1, 0, 0], [0, 2, 0, 0], "rescale", [1, 0, 0, 0]],
    // It falls from 5 to 1: all of it stands where the baseline has its own.
    [[1, 0, 0, 0], [0, 0, 5, 0], "rescale", [0, 0, -4, 0]],
    // Captum in practice: the difference of the place of the image's maximum, whatever the pooling does.
    [[3, 1, 0, 0], [0, 2, 0, 0], "gradient", [3, 0, 0, 0]],
  ])("of %j, with %j for the baseline and pool=%s, is by hand %j", async (values, from, pool, expected) => {
    expectClose((await pooled(values, from, pool)).attribution.data, expected);
  });
});

describe("products", () => {
  it("are split as the Shapley value of two players", async () => {
    const [u, v] = [weights([3, 24], 1), weights([3, 24], 2)];
    const net = model((graph, input) => graph.add("Mul", [u, v].map((w) => graph.add("Gemm", [flat(graph, input), graph.constant(w)], { transB: 1 }))));
    const at = (w: Tensor, values: readonly number[]) => dot((j) => matrix(w)(2, j), values);
    // The mean over both orders of what joining adds.
    const joining = (f: (a: number, b: number) => number, a: number, b: number, a0: number, b0: number) => (f(a, b0) - f(a0, b0) + f(a, b) - f(a0, b)) / 2;
    const times = (a: number, b: number) => a * b;
    const [ofU, ofV] = [joining(times, at(u, x), at(v, x), at(u, x0), at(v, x0)), joining(times, at(v, x), at(u, x), at(v, x0), at(u, x0))];
    // Linear players hand on what they got in proportion to their own differences.
    const expected = x.map((value, i) => (value - x0[i]!) * (matrix(u)(2, i) * ofU / (at(u, x) - at(u, x0)) + matrix(v)(2, i) * ofV / (at(v, x) - at(v, x0))));
    expectClose((await lift(net, { target: target(2) })).attribution.data, expected);
  });
});

/** Nets whose every difference must arrive at the pixels. */
const complete: readonly (readonly [string, (graph: GraphBuilder, input: string) => string])[] = [
  ["overlapping max pooling", (graph, input) => {
    const a = graph.add("Relu", [graph.add("Conv", [input, graph.constant(weights([5, 2, 3, 3], 1))], window([3, 3], { pads: [1, 1, 1, 1] }))]);
    return head(graph, graph.add("MaxPool", [a], window([3, 2], { strides: [1, 1], pads: [1, 0, 1, 1] })), weights([3, 5], 2));
  }],
  ["global max pooling", (graph, input) => {
    const a = graph.add("GlobalMaxPool", [graph.add("Conv", [input, graph.constant(weights([5, 2, 1, 1], 1))])]);
    return graph.add("Gemm", [flat(graph, a), graph.constant(weights([3, 5], 2))], { transB: 1 });
  }],
  ["a gate by squeeze and excitation", (graph, input) => {
    const a = graph.add("Gelu", [graph.add("Conv", [input, graph.constant(weights([5, 2, 1, 1], 1))])]);
    const gate = graph.add("Sigmoid", [graph.add("Conv", [graph.add("GlobalAveragePool", [a]), graph.constant(weights([5, 5, 1, 1], 3))])]);
    return head(graph, graph.add("Mul", [a, gate]), weights([3, 5], 2));
  }],
  ["a quotient", (graph, input) => {
    const [a, b] = [3, 4].map((seed) => graph.add("Conv", [input, graph.constant(weights([5, 2, 1, 1], seed))]));
    return head(graph, graph.add("Div", [a!, graph.add("Add", [graph.add("Exp", [b!]), graph.scalar(0.5)])]), weights([3, 5], 2));
  }],
  ["attention with the tokens in front of the batch", (graph, input) => {
    const tokens = graph.add("Transpose", [graph.add("Reshape", [input, graph.ints([1, 6, 4])], {})], { perm: [1, 0, 2] });
    const projected = (seed: number) => graph.add("Transpose", [graph.add("MatMul", [tokens, graph.constant(weights([4, 4], seed))])], { perm: [1, 0, 2] });
    const scores = graph.add("MatMul", [projected(1), graph.add("Transpose", [projected(2)], { perm: [0, 2, 1] })]);
    const mixed = graph.add("MatMul", [graph.add("Softmax", [scores], { axis: -1 }), projected(3)]);
    const normal = graph.add("LayerNormalization", [mixed, graph.constant(weights([4], 4)), graph.constant(weights([4], 5))], { axis: -1, epsilon: 1e-5 });
    return graph.add("Gemm", [graph.add("ReduceMean", [normal, graph.ints([1])], { keepdims: 0 }), graph.constant(weights([3, 4], 6))], { transB: 1 });
  }],
  ["instance normalisation", (graph, input) => {
    const a = graph.add("Conv", [input, graph.constant(weights([5, 2, 1, 1], 1))]);
    const normal = graph.add("InstanceNormalization", [a, graph.constant(weights([5], 3)), graph.constant(weights([5], 4))], { epsilon: 1e-5 });
    return head(graph, graph.add("Relu", [normal]), weights([3, 5], 2));
  }],
  ["a leaky unit, a parametric one, a clip, and a power", (graph, input) => {
    const a = graph.add("LeakyRelu", [graph.add("Conv", [input, graph.constant(weights([5, 2, 1, 1], 1))])], { alpha: 0.1 });
    const b = graph.add("PRelu", [a, graph.constant(float32([5, 1, 1], [0.5, 0.4, 0.3, 0.2, 0.1]))]);
    return head(graph, graph.add("Pow", [graph.add("Clip", [b, graph.scalar(-0.3), graph.scalar(0.4)]), graph.scalar(2)]), weights([3, 5], 2));
  }],
];

describe("completeness", () => {
  it.each(complete.flatMap(([name, build]) => (["logit", "softmax", "sigmoid"] as const).map((score) => [name, score, build] as const)))("through %s, for the %s", async (_, score, build) => {
    const net = model(build);
    const found = await lift(net, { target: target(1, { score, versus: 2 }) });
    const [at, at0] = [await explain(net), await explain(net, { input: other })].map(({ logits }) => {
      const powers = logits.map(Math.exp);
      const values = { logit: logits, softmax: powers.map((power) => power / powers.reduce((a, b) => a + b, 0)), sigmoid: powers.map((power) => power / (1 + power)) }[score];
      return values[1]! - values[2]!;
    }) as [number, number];
    expect(Math.abs(at - at0)).toBeGreaterThan(1e-3);
    expect(found.attribution.data.reduce((a, b) => a + b, 0)).toBeCloseTo(at - at0, 5);
    expect(Math.abs(found.completeness!.gap)).toBeLessThan(1e-6);
  });

  it("is missed, and said to be, by the gradient at products", async () => {
    const found = await lift(model(complete[4]![1]), { parameters: { products: "gradient" } });
    expect(Math.abs(found.completeness!.relative)).toBeGreaterThan(1e-3);
  });
});

it("starts from black pixels unless told", async () => {
  const net = model((graph, input) => graph.add("Gemm", [flat(graph, input), graph.constant(weights([3, 24], 1))], { transB: 1 }));
  const pixels = { scale: 1 / 255, mean: [0.5, 0.25], std: [0.5, 2], layout: "NCHW" } as const;
  const { attribution } = await explain(net, { method: "deeplift", pixels });
  expectClose(attribution.data, x.map((value, i) => (value - (i < 12 ? -1 : -0.125)) * matrix(weights([3, 24], 1))(0, i)));
});
