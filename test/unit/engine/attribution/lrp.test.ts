/** @file Layer-wise relevance propagation against loops over every connection of small nets, and its conservation. Captum's recordings are in the oracle tests. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { float32, toNumbers, type Tensor } from "../../../../src/engine/ir/tensor.js";
import { window } from "../smallGraph.js";
import { explain, head, image, model, target, weights } from "./smallClassifiers.js";

const x = toNumbers(image);
const flat = (graph: GraphBuilder, value: string) => graph.add("Flatten", [value], { axis: 1 });

/** A linear layer written out: `matrix[k][j]` from input j to output k. */
interface Connections {
  readonly matrix: readonly (readonly number[])[];
  readonly bias: readonly number[];
}
/** What an input may be at least and at most. */
type Box = readonly (readonly [low: number, high: number])[];
/** What connection j to k contributes, in each of the sums that relevance is shared by. */
type Share = (layer: Connections, x: readonly number[], k: number, r: number) => number[];

const away = (z: number) => z + (z < 0 ? -1e-9 : 1e-9);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const outputs = ({ matrix, bias }: Connections, values: readonly number[]) => matrix.map((row, k) => bias[k]! + sum(row.map((w, j) => w * values[j]!)));
const relu = (values: readonly number[]) => values.map((value) => Math.max(0, value));

const epsilon: Share = ({ matrix, bias }, values, k, r) => {
  const parts = matrix[k]!.map((w, j) => w * values[j]!);
  return parts.map((part) => (part * r) / away(bias[k]! + sum(parts)));
};
/** Contributions of the output's sign count once and a quarter. */
const gamma: Share = ({ matrix, bias }, values, k, r) => {
  const plain = matrix[k]!.map((w, j) => w * values[j]!);
  const sign = Math.sign(bias[k]! + sum(plain));
  const raised = (part: number) => (part * sign > 0 ? 1.25 * part : part);
  return plain.map((part) => (raised(part) * r) / away(raised(bias[k]!) + sum(plain.map(raised))));
};
const alphaBeta = (alpha: number): Share => ({ matrix, bias }, values, k, r) => {
  const parts = matrix[k]!.map((w, j) => w * values[j]!);
  const [pro, contra] = [Math.max, Math.min].map((of) => of(0, bias[k]!) + sum(parts.map((part) => of(0, part)))) as [number, number];
  return parts.map((part) => (part > 0 ? (alpha * part * r) / away(pro) : ((1 - alpha) * part * r) / away(contra)));
};
const inBox = (box: Box): Share => ({ matrix }, values, k, r) => {
  const parts = matrix[k]!.map((w, j) => w * values[j]! - Math.max(0, w) * box[j]![0] - Math.min(0, w) * box[j]![1]);
  return parts.map((part) => (part * r) / away(sum(parts)));
};
const shared = (share: Share, layer: Connections, values: readonly number[], r: readonly number[]) => {
  const perOutput = r.map((relevance, k) => share(layer, values, k, relevance));
  return values.map((_, j) => sum(perOutput.map((parts) => parts[j]!)));
};

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value) / scale, `element ${i}: ${actual[i]}, ${value}`).toBeLessThan(2e-6));
}

const rows = ({ shape, data }: Tensor): number[][] => Array.from({ length: shape[0]! }, (_, k) => Array.from({ length: shape[1]! }, (__, j) => (data as Float32Array)[k * shape[1]! + j]!));

/** A padded convolution of `[2, 4, 3]` to `[channels, 4, 3]` as connections, by its definition. */
function unrolled({ shape, data }: Tensor, bias: Tensor): Connections {
  const [m, c, kh, kw] = shape as [number, number, number, number];
  const [h, w] = [4, 3];
  const matrix: number[][] = [];
  for (let k = 0; k < m; k++) for (let i = 0; i < h; i++) for (let j = 0; j < w; j++) {
    const row = new Array<number>(c * h * w).fill(0);
    for (let l = 0; l < c; l++) for (let a = 0; a < kh; a++) for (let b = 0; b < kw; b++) {
      const [y, z] = [i + a - 1, j + b - 1];
      if (y >= 0 && y < h && z >= 0 && z < w) row[(l * h + y) * w + z]! += (data as Float32Array)[((k * c + l) * kh + a) * kw + b]!;
    }
    matrix.push(row);
  }
  return { matrix, bias: matrix.map((_, i) => (bias.data as Float32Array)[Math.floor(i / (h * w))]!) };
}

describe("by hand", () => {
  const kernel = weights([4, 2, 3, 3], 1);
  const [kernelBias, dense, denseBias, last, lastBias] = [weights([4], 2), weights([6, 48], 3), weights([6], 4), weights([3, 6], 5), weights([3], 6)];
  const layers: readonly Connections[] = [unrolled(kernel, kernelBias), { matrix: rows(dense), bias: toNumbers(denseBias) }, { matrix: rows(last), bias: toNumbers(lastBias) }];
  /** Convolution, ReLU, dense, tanh (so that the last layer sees negative values), dense. */
  const net = (before: (graph: GraphBuilder, input: string) => string = (_, input) => input, input?: Tensor) => model((graph, given) => {
    const a = graph.add("Relu", [graph.add("Conv", [before(graph, given), graph.constant(kernel), graph.constant(kernelBias)], window([3, 3], { pads: [1, 1, 1, 1] }))]);
    const b = graph.add("Tanh", [graph.add("Gemm", [flat(graph, a), graph.constant(dense), graph.constant(denseBias)], { transB: 1 })]);
    // Written as exporters write a dense layer of more than two axes.
    return graph.add("Add", [graph.add("MatMul", [b, graph.add("Transpose", [graph.constant(last)], { perm: [1, 0] })]), graph.constant(lastBias)]);
  }, input);

  const byHand = (values: readonly number[], rules: readonly [Share, Share, Share], weightsOf = (scores: readonly number[]) => [0, scores[1]!, 0]): number[] => {
    const a = relu(outputs(layers[0]!, values));
    const b = outputs(layers[1]!, a).map(Math.tanh);
    const z = outputs({ ...layers[2]!, bias: [0, 0, 0] }, b);
    const scores = outputs(layers[2]!, b);
    // The bias takes its share first, then the matrix shares what is left.
    const left = weightsOf(scores).map((r, k) => (r * z[k]!) / away(scores[k]!));
    const atB = shared(rules[2], { ...layers[2]!, bias: [0, 0, 0] }, b, left);
    return shared(rules[0], layers[0]!, values, shared(rules[1], layers[1]!, a, atB));
  };
  const pixels = { scale: 1 / 255, mean: [0.4, 0.6], std: [0.3, 0.2], layout: "NCHW" } as const;
  const box: Box = x.map((_, j) => (j < 12 ? [-0.4 / 0.3, 0.6 / 0.3] : [-0.6 / 0.2, 0.4 / 0.2]));

  it.each([
    ["epsilon", [epsilon, epsilon, epsilon], {}],
    ["gamma", [gamma, gamma, gamma], {}],
    ["alpha-beta", [alphaBeta(2), alphaBeta(2), alphaBeta(2)], {}],
    ["alpha-beta", [alphaBeta(1), alphaBeta(1), alphaBeta(1)], { alpha: 1 }],
    ["composite", [inBox(box), epsilon, epsilon], {}],
  ] as const)("the rule %s gives what loops over every connection give", async (rule, rules, parameters) => {
    const { attribution } = await explain(net(), { method: "lrp", target: target(1), pixels, parameters: { rule, ...parameters } });
    expectClose(attribution.data, byHand(x, rules));
  });

  it("starts from the score of the one class and minus that of the other", async () => {
    const { attribution } = await explain(net(), { method: "lrp", target: target(1, { versus: 0 }) });
    expectClose(attribution.data, byHand(x, [epsilon, epsilon, epsilon], (scores) => [-scores[0]!, scores[1]!, 0]));
  });

  it("takes gamma at convolutions that do not read the image", async () => {
    const deeper = (rule: string) => explain(model((graph, input) => {
      const a = graph.add("Relu", [graph.add("Conv", [input, graph.constant(weights([2, 2, 1, 1], 9))])]);
      const b = graph.add("Relu", [graph.add("Conv", [a, graph.constant(kernel), graph.constant(kernelBias)], window([3, 3], { pads: [1, 1, 1, 1] }))]);
      return graph.add("Gemm", [flat(graph, b), graph.constant(weights([3, 48], 8))], { transB: 1 });
    }), { method: "lrp", target: target(1), pixels, parameters: { rule } });
    const channelWeight = (k: number, j: number) => (weights([2, 2, 1, 1], 9).data as Float32Array)[Math.floor(k / 12) * 2 + Math.floor(j / 12)]!;
    const point: Connections = { matrix: x.map((_, k) => x.map((__, j) => (k % 12 === j % 12 ? channelWeight(k, j) : 0))), bias: x.map(() => 0) };
    const end: Connections = { matrix: rows(weights([3, 48], 8)), bias: [0, 0, 0] };
    const a = relu(outputs(point, x));
    const b = relu(outputs(layers[0]!, a));
    const start = [0, outputs(end, b)[1]!, 0];
    expectClose((await deeper("composite")).attribution.data, shared(inBox(box), point, x, shared(gamma, layers[0]!, a, shared(epsilon, end, b, start))));
  });

  it("moves the box through what stands before the first layer, turned round by a negative scale", async () => {
    const scale = [-2, 3];
    const scaled = net((graph, input) => graph.add("Mul", [input, graph.constant(float32([2, 1, 1], scale))]));
    const moved: Box = box.map(([low, high], j) => (j < 12 ? [high * -2, low * -2] : [low * 3, high * 3]));
    const { attribution } = await explain(scaled, { method: "lrp", target: target(1), pixels, parameters: { rule: "composite" } });
    expectClose(attribution.data, byHand(x.map((value, j) => value * scale[Math.floor(j / 12)]!), [inBox(moved), epsilon, epsilon]));
  });
});

describe("conservation", () => {
  /** Without biases: a residual block, pooling of both kinds, concatenation, a gate, a batch normalisation without an offset. */
  const net = model((graph, input) => {
    const conv = (value: string, seed: number, shape: readonly number[]) => graph.add("Conv", [value, graph.constant(weights(shape, seed))], window([3, 3], { pads: [1, 1, 1, 1] }));
    const a = graph.add("Relu", [conv(input, 1, [6, 2, 3, 3])]);
    const ones = (value: number) => graph.constant(float32([6], new Array<number>(6).fill(value)));
    const normal = graph.add("BatchNormalization", [conv(a, 2, [6, 6, 3, 3]), graph.constant(weights([6], 3)), ones(0), ones(0), ones(2)], { epsilon: 1e-5 });
    const b = graph.add("Relu", [graph.add("Add", [a, normal])]);
    const gated = graph.add("Mul", [b, graph.add("Sigmoid", [graph.add("GlobalAveragePool", [b])])]);
    const both = graph.add("Concat", [graph.add("MaxPool", [gated], window([2, 2])), graph.add("AveragePool", [b], window([2, 2]))], { axis: 1 });
    return head(graph, both, weights([3, 12], 4));
  });

  it.each(["epsilon", "gamma", "composite"])("of the whole score by the rule %s", async (rule) => {
    const found = await explain(net, { method: "lrp", target: target(2), parameters: { rule } });
    expect(Math.abs(found.logits[2]!)).toBeGreaterThan(1e-2);
    expect(Math.abs(found.attribution.data.reduce((a, b) => a + b, 0) / found.logits[2]! - 1)).toBeLessThan(1e-5);
    expect([Math.abs(found.completeness!.relative) < 1e-5, found.remarks]).toEqual([true, []]);
  });

  it("holds where two varying values are multiplied, half each; attention names its softmax, which has no rule", async () => {
    const attention = model((graph, input) => {
      const tokens = graph.add("Reshape", [input, graph.ints([1, 6, 4])], {});
      const projected = (seed: number) => graph.add("MatMul", [tokens, graph.constant(weights([4, 4], seed))]);
      const weighting = graph.add("Softmax", [graph.add("MatMul", [projected(1), graph.add("Transpose", [projected(2)], { perm: [0, 2, 1] })])], { axis: -1 });
      return graph.add("Gemm", [graph.add("ReduceMean", [graph.add("MatMul", [weighting, projected(3)]), graph.ints([1])], { keepdims: 0 }), graph.constant(weights([3, 4], 6))], { transB: 1 });
    });
    const found = await explain(attention, { method: "lrp" });
    expect(found.remarks).toEqual([{ code: "relevanceApproximate", data: { operators: "Softmax" } }]);
    const product = model((graph, input) => {
      const tokens = graph.add("Reshape", [input, graph.ints([1, 6, 4])], {});
      const both = graph.add("MatMul", [graph.add("MatMul", [tokens, graph.constant(weights([4, 6], 1))]), graph.add("MatMul", [tokens, graph.constant(weights([4, 4], 3))])]);
      return graph.add("Gemm", [graph.add("ReduceMean", [both, graph.ints([1])], { keepdims: 0 }), graph.constant(weights([3, 4], 6))], { transB: 1 });
    });
    expect(Math.abs((await explain(product, { method: "lrp" })).completeness!.relative)).toBeLessThan(1e-5);
  });
});

it("names the softmax of a probability", async () => {
  const net = model((graph, input) => graph.add("Gemm", [flat(graph, input), graph.constant(weights([3, 24], 1))], { transB: 1 }));
  expect((await explain(net, { method: "lrp", target: target(0, { score: "softmax" }) })).remarks.map(({ code }) => code)).toEqual(["relevanceApproximate"]);
  expect((await explain(net, { method: "lrp" })).remarks).toEqual([]);
});

it("says so when a sum close to zero blows relevance up", async () => {
  const w = weights([3, 24], 1);
  const before = outputs({ matrix: rows(w), bias: [0, 0, 0] }, x);
  const biased = (bias: readonly number[]) => model((graph, input) => graph.add("Gemm", [flat(graph, input), graph.constant(w), graph.constant(float32([3], bias))], { transB: 1 }));
  const withBias = (bias: readonly number[]) => explain(biased(bias), { method: "lrp" });
  expect(Math.abs(before[0]!)).toBeGreaterThan(0.2);
  expect((await withBias([0.01, 0.01, 0.01])).remarks).toEqual([]);
  // The bias leaves a score of a hundredth, which is then shared by contributions that add up to the whole.
  const [remark] = (await withBias(before.map((value) => 0.01 - value))).remarks;
  expect(remark!.code).toBe("relevanceUnstable");
  expect(Number(remark!.data["times"]) / Math.abs(before[0]! / 0.01)).toBeCloseTo(1, 1);
});
