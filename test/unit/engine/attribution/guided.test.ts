/** @file Guided backpropagation, the deconvolution network and Guided Grad-CAM against sums written out by hand; recordings are in the oracle tests. */
import { describe, expect, it } from "vitest";
import type { MethodName } from "../../../../src/engine/attribution/methods.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { float32, toNumbers } from "../../../../src/engine/ir/tensor.js";
import { explain, head, image, model, target, weights } from "./smallClassifiers.js";

const [first, second] = [weights([5, 24], 1), weights([3, 5], 2)];
const matrix = ({ shape, data }: ReturnType<typeof weights>) => (row: number, column: number) => data[row * shape[1]! + column]! as number;
const [w1, w2] = [matrix(first), matrix(second)];
const x = toNumbers(image);

/** Logits of a dense layer, something elementwise, and a dense layer. */
const dense = (bend: (graph: GraphBuilder, value: string) => string) => model((graph, input) => {
  const hidden = graph.add("Gemm", [graph.add("Flatten", [input], { axis: 1 }), graph.constant(first)], { transB: 1, alpha: 4 });
  return graph.add("Gemm", [bend(graph, hidden), graph.constant(second)], { transB: 1 });
});
const hiddens = Array.from({ length: 5 }, (_, k) => 4 * x.reduce((sum, value, j) => sum + w1(k, j) * value, 0));
const relu = (graph: GraphBuilder, value: string) => graph.add("Relu", [value]);
const relu6 = (graph: GraphBuilder, value: string) => graph.add("Clip", [value, graph.scalar(0), graph.scalar(6)]);
const back = (slopes: (hidden: number, cotangent: number) => number) => x.map((_, j) => hiddens.reduce((sum, hidden, k) => sum + 4 * w1(k, j) * slopes(hidden, w2(0, k)), 0));

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i], `element ${i}`).toBeCloseTo(value, 5));
}

describe("at rectifiers", () => {
  it("have hidden values and cotangents of either sign, and some past 6, or the rest shows nothing", () => {
    expect([hiddens.some((h) => h > 6), hiddens.some((h) => h > 0 && h < 6), hiddens.some((h) => h < 0)]).toEqual([true, true, true]);
    expect(new Set(hiddens.map((_, k) => Math.sign(w2(0, k)))).size).toBe(2);
  });

  it.each([
    ["guided-backprop", relu, {}, (h: number, g: number) => (h > 0 ? Math.max(0, g) : 0)],
    ["deconvnet", relu, {}, (_: number, g: number) => Math.max(0, g)],
    ["guided-backprop", relu6, { relu6: "guided" }, (h: number, g: number) => (h > 0 && h < 6 ? Math.max(0, g) : 0)],
    ["deconvnet", relu6, { relu6: "guided" }, (_: number, g: number) => Math.max(0, g)],
    ["guided-backprop", relu6, {}, (h: number, g: number) => (h > 0 && h < 6 ? g : 0)],
  ] as const)("%s %# is the sum by hand", async (method, bend, parameters, slopes) => {
    expectClose((await explain(dense(bend), { method, parameters })).attribution.data, back(slopes));
  });
});

describe("remarks", () => {
  const codes = async (bend: typeof relu, parameters = {}) => (await explain(dense(bend), { method: "guided-backprop", parameters })).remarks.map(({ code }) => code);

  it("say when nothing differs from the gradient, and what to do about ReLU6", async () => {
    expect(await codes((graph, value) => graph.add("Gelu", [value]))).toEqual(["noRectifier"]);
    expect(await codes((graph, value) => graph.add("Clip", [value, graph.scalar(-1), graph.scalar(6)]))).toEqual(["noRectifier"]);
    expect(await codes(relu6)).toEqual(["onlyRelu6"]);
    expect([await codes(relu), await codes(relu6, { relu6: "guided" })]).toEqual([[], []]);
  });
});

describe("guided-grad-cam", () => {
  const [channels, height, width] = [2, 6, 2];
  const planes = float32([1, channels, height, width], x);
  /** The same image, channels last. */
  const turned = float32([1, height, width, channels], x.map((_, i) => x[(i % channels) * height * width + Math.floor(i / channels)]!));
  const pooled = (graph: GraphBuilder, input: string) =>
    graph.add("AveragePool", [graph.add("Relu", [graph.add("Conv", [input, graph.constant(weights([4, channels, 1, 1], 3))])])], { kernel_shape: [2, 1], strides: [2, 1] });
  const net = model((graph, input) => head(graph, pooled(graph, input), weights([3, 4], 7)), planes);
  const netOfTurned = model((graph, input) => head(graph, pooled(graph, graph.add("Transpose", [input], { perm: [0, 3, 1, 2] })), weights([3, 4], 7)), turned);

  it("multiplies every channel of a pixel by the positive part of its cell, for images of either layout", async () => {
    const job = { target: target(1), input: planes };
    const by = (method: MethodName) => explain(net, { ...job, method });
    const [guided, cam, product] = [await by("guided-backprop"), await by("grad-cam"), await by("guided-grad-cam")];
    expect(cam.attribution.shape).toEqual([3, 2]);
    expect([cam.attribution.data.some((value) => value > 0), cam.attribution.data.some((value) => value < 0)]).toEqual([true, true]);
    const cell = (place: number) => Math.max(0, cam.attribution.data[Math.floor(Math.floor(place / width) / 2) * width + (place % width)]!);
    const expected = Array.from(guided.attribution.data, (value, i) => value * cell(i % (height * width)));
    expectClose(product.attribution.data, expected);
    const other = await explain(netOfTurned, { ...job, method: "guided-grad-cam", input: turned, pixels: { scale: 1 / 255, mean: [0], std: [1], layout: "NHWC" } });
    expectClose(other.attribution.data, expected.map((_, i) => expected[(i % channels) * height * width + Math.floor(i / channels)]!));
  });
});
