/** @file How much arithmetic graphs are, counted by hand. */
import { describe, expect, it } from "vitest";
import { familyOf, flopsOf } from "../../../src/engine/ir/flops.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { graphOf, nodeGraph, window } from "./smallGraph.js";

const zeros = (...shape: number[]) => float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

describe("flopsOf", () => {
  it.each([
    // 2 images, 6 maps of 5 by 5, each of 4 / 2 channels by 3 by 3.
    ["Conv in groups", nodeGraph("Conv", [zeros(2, 4, 7, 7)], { ...window([3, 3]), group: 2 }, [zeros(6, 2, 3, 3)]), 2 * (2 * 6 * 5 * 5) * (2 * 3 * 3)],
    // Each of 4 x 3 x 3 numbers goes to 6 channels by 2 by 2.
    ["ConvTranspose", nodeGraph("ConvTranspose", [zeros(1, 4, 3, 3)], { ...window([2, 2]), group: 1 }, [zeros(4, 6, 2, 2)]), 2 * (4 * 3 * 3) * (6 * 2 * 2)],
    ["MatMul of a batch", nodeGraph("MatMul", [zeros(5, 2, 3), zeros(3, 7)]), 2 * 5 * 2 * 3 * 7],
    ["Gemm, turned round", nodeGraph("Gemm", [zeros(3, 2), zeros(3, 7)], { transA: 1 }), 2 * 2 * 3 * 7],
    ["Einsum", nodeGraph("Einsum", [zeros(2, 3, 4), zeros(2, 4, 5)], { equation: "bij,bjk->bik" }), 2 * 2 * 3 * 4 * 5],
    ["element by element", nodeGraph("Relu", [zeros(2, 3)]), 0],
  ])("%s", (_, graph, expected) => expect(flopsOf(graph)).toBe(expected));

  it("leaves out what is computed once", () => {
    const graph = graphOf([zeros(2, 3)], (builder, x) => [builder.add("MatMul", [x, builder.add("MatMul", [builder.constant(zeros(3, 4)), builder.constant(zeros(4, 5))])])]);
    expect(flopsOf(graph)).toBe(2 * 2 * 3 * 5);
  });
});

describe("familyOf", () => {
  const conv = zeros(8, 4, 3, 3);
  it.each([
    ["more convolution than matrix product", graphOf([zeros(1, 4, 7, 7)], (builder, x) => [builder.add("MatMul", [builder.add("Conv", [x, builder.constant(conv)]), builder.constant(zeros(5, 2))])]), "convolutions"],
    ["patches cut by a convolution", graphOf([zeros(1, 4, 3, 3)], (builder, x) => [builder.add("MatMul", [builder.add("Flatten", [builder.add("Conv", [x, builder.constant(conv)])]), builder.constant(zeros(8, 500))])]), "attention"],
    ["no arithmetic that counts", nodeGraph("Relu", [zeros(2, 3)]), "convolutions"],
  ])("%s", (_, graph, expected) => expect(familyOf(graph)).toBe(expected));

  it("takes lengths that are not known for 1, and leaves out values of unknown rank", () => {
    const graph = graphOf([zeros(1, 4, 3, 3)], (builder, x) => [builder.add("MatMul", [builder.add("Flatten", [builder.add("Conv", [x, builder.constant(conv)])]), builder.constant(zeros(8, 500))])]);
    const typesWith = (change: (name: string) => (string | number)[] | undefined) => ({ ...graph, types: new Map([...graph.types].map(([name, type]) => [name, { ...type, shape: graph.initializers.has(name) ? type.shape : change(name) }])) });
    expect(familyOf(typesWith((name) => graph.types.get(name)!.shape!.map((length, axis) => (axis === 0 ? "batch" : length))))).toBe("attention");
    expect(familyOf(typesWith(() => undefined))).toBe("convolutions");
  });
});
