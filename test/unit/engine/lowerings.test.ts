/** @file A lowered graph computes what the graph it came from does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { lower } from "../../../src/engine/passes/lower.js";
import { ortWebgpuRules, preciseTrigonometry } from "../../../src/engine/passes/forShaders.js";
import { convTransposeByConv, groupNormalizationPerChannel, matMulByTransposedGemm, maxPoolGradByComparison, maxPoolGradByIndices, reluMaskByClip } from "../../../src/engine/passes/lowerings.js";
import { sameWithin } from "./expectSame.js";
import { Draw, gradientCases } from "./gradientCases.js";
import { float64, smooth } from "./numbers.js";
import { evaluate64, graphOf, nodeGraph } from "./smallGraph.js";

const seed = 20260802;

const expectSame = sameWithin(1e-12);

describe("convTransposeByConv", () => {
  it("equals the transposed convolution", () => {
    let rewritten = 0;
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = gradientCases["ConvTranspose"]!(new Draw(gen));
      const lowered = lower(graph, { ConvTranspose: convTransposeByConv });
      if (lowered.nodes.some(({ op }) => op === "Conv")) rewritten++;
      expectSame(lowered, graph, tensors);
    }), { seed, numRuns: 250 });
    expect(rewritten).toBeGreaterThan(20);
  });
});

/** `MaxPoolGrad` of the pool's own output, or of one that is an input; levels of a third make ties common. */
function pooled(draw: Draw, keepsPool: boolean): { graph: Graph; tensors: readonly Tensor[] } {
  const { graph: pool, tensors } = gradientCases["MaxPool"]!(draw);
  const { attributes, outputs } = pool.nodes[0]!;
  const shape = pool.types.get(outputs[0]!)!.shape as readonly number[];
  const levels = float64(tensors[0]!.shape, toNumbers(tensors[0]!).map((value) => Math.round(value) / 3));
  const given = [levels, smooth(shape, 5), smooth(shape, 6)];
  const graph = graphOf(given, (builder, x, dy, other) => {
    const y = keepsPool ? builder.add("MaxPool", [x!], attributes) : other!;
    const dx = builder.add("MaxPoolGrad", [x!, y, dy!], attributes);
    return keepsPool ? [builder.add("Neg", [dx]), y] : [dx];
  });
  return { graph, tensors: given };
}

describe("maxPoolGradByIndices", () => {
  it.each([true, false])("equals the gradient of max pooling, its MaxPool in the graph: %s", (keepsPool) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = pooled(new Draw(gen), keepsPool);
      const lowered = lower(graph, { MaxPoolGrad: maxPoolGradByIndices });
      expect(lowered.nodes.filter(({ op }) => op === "MaxPool")).toHaveLength(1);
      expect(lowered.nodes.map(({ op }) => op)).not.toContain("MaxPoolGrad");
      expectSame(lowered, graph, tensors);
    }), { seed, numRuns: 60 });
  });

  it("lets two gradients share one MaxPool with indices", () => {
    const x = smooth([1, 2, 6, 6], 1);
    const attributes = { kernel_shape: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0] };
    const graph = graphOf([x], (builder, image) => {
      const y = builder.add("MaxPool", [image!], attributes);
      return [builder.add("MaxPoolGrad", [image!, y, y], attributes), builder.add("MaxPoolGrad", [image!, y, builder.add("Exp", [y])], attributes)];
    });
    const lowered = lower(graph, { MaxPoolGrad: maxPoolGradByIndices });
    expect(lowered.nodes.filter(({ op }) => op === "MaxPool")).toHaveLength(1);
    expectSame(lowered, graph, [x]);
  });
});

describe("maxPoolGradByComparison", () => {
  it("equals the gradient of max pooling, ties included, without a MaxPool that tells places", () => {
    const ops = new Set<string>();
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = pooled(new Draw(gen), true);
      const lowered = lower(graph, { MaxPoolGrad: maxPoolGradByComparison });
      for (const { op, outputs } of lowered.nodes) ops.add(op === "MaxPool" && outputs.length > 1 ? "MaxPool with Indices" : op);
      expectSame(lowered, graph, tensors);
    }), { seed, numRuns: 150 });
    for (const op of ["MaxPoolGrad", "MaxPool with Indices", "ScatterElements"]) expect([...ops]).not.toContain(op);
  });

  it("sends the cotangent of a tied window to its first maximum", () => {
    const attributes = { kernel_shape: [2, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
    const [x, dy] = [float64([1, 1, 3, 3], [0, 0, 0, 0, -1, -1, 0, -1, -1]), float64([1, 1, 2, 2], [1, 10, 100, 1000])];
    const graph = graphOf([x, dy], (builder, image, cotangent) => [builder.add("MaxPoolGrad", [image!, builder.add("MaxPool", [image!], attributes), cotangent!], attributes)]);
    const lowered = lower(graph, { MaxPoolGrad: maxPoolGradByComparison });
    expect(toNumbers(evaluate64(lowered, [x, dy])[graph.outputs[0]!]!)).toEqual([1, 10, 0, 100, 1000, 0, 0, 0, 0]);
  });
});

describe("preciseTrigonometry", () => {
  it.each(["Sin", "Cos", "Tan"] as const)("computes %s by sums and products", (op) => {
    const x = float32([401], Float32Array.from({ length: 401 }, (_, i) => (i - 200) / 3));
    const graph = graphOf([x], (builder, value) => [builder.add(op, [value!])]);
    const lowered = lower(graph, preciseTrigonometry);
    expect(lowered.nodes.map((node) => node.op)).not.toContain(op);
    const [actual, expected] = [lowered, graph].map((each) => toNumbers(evaluate64(each, [x])[graph.outputs[0]!]!)) as [number[], number[]];
    actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-7 * Math.max(1, expected[i]! ** 2)));
  });
});

describe("the arc cosine for shaders", () => {
  it("is what the arc sine leaves of a right angle", () => {
    const x = float32([5], [-1, -0.3, 0, 0.7, 1]);
    const graph = graphOf([x], (builder, value) => [builder.add("Acos", [value!])]);
    const [actual, expected] = [lower(graph, preciseTrigonometry), graph].map((each) => toNumbers(evaluate64(each, [x])[graph.outputs[0]!]!)) as [number[], number[]];
    actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-7));
  });
});

describe("ortWebgpuRules", () => {
  it("gathers what a slice with a negative step takes", () => {
    const x = smooth([5, 6, 2], 3);
    const graph = graphOf([x], (builder, value) => [
      builder.add("Slice", [value!, builder.ints([-1, 4, 0]), builder.ints([-100, 1, 9]), builder.ints([0, -2, 2]), builder.ints([-2, -1, 1])]),
      builder.add("Slice", [value!, builder.ints([1]), builder.ints([3])]),
    ]);
    const lowered = lower(graph, ortWebgpuRules);
    expect(lowered.nodes.filter(({ op }) => op === "Slice")).toHaveLength(1);
    expectSame(lowered, graph, [x]);
  });
});

describe("groupNormalizationPerChannel", () => {
  it("spreads parameters that are per group, and leaves the rest", () => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = gradientCases["GroupNormalization"]!(new Draw(gen));
      const lowered = lower(graph, { GroupNormalization: groupNormalizationPerChannel });
      const last = lowered.nodes.findLast(({ op }) => op === "GroupNormalization")!;
      expect(lowered.types.get(last.inputs[1]!)?.shape).toEqual([tensors[0]!.shape[1]]);
      expectSame(lowered, graph, tensors);
    }), { seed, numRuns: 30 });
  });
});

describe("reluMaskByClip", () => {
  const x = float64([5], [-1, 0, 1e-37, 0.5, 1e30]);

  it("is the sign of a ReLU's output, from the smallest normal float32 on", () => {
    const graph = graphOf([x], (builder, input) => [builder.add("Sign", [builder.add("Relu", [input!])])]);
    const lowered = lower(graph, { Sign: reluMaskByClip });
    expect(lowered.nodes.map(({ op }) => op)).not.toContain("Sign");
    expectSame(lowered, graph, [x]);
  });

  it("leaves the sign of anything else alone", () => {
    const graph = nodeGraph("Sign", [x]);
    expect(lower(graph, { Sign: reluMaskByClip }).nodes.map(({ op }) => op)).toEqual(["Sign"]);
  });
});

describe("lower", () => {
  it("returns a graph without such operators as it is", () => {
    const graph = graphOf([smooth([2], 1)], (builder, x) => [builder.add("Exp", [x!])]);
    expect(lower(graph, { MaxPoolGrad: maxPoolGradByIndices })).toBe(graph);
  });
});

describe("matMulByTransposedGemm", () => {
  it.each([[[3, 4]], [[2, 3, 4]], [[2, 1, 3, 4]], [[0, 3, 4]]])("equals the product of %j with a transposed matrix, and reads the matrix as it lies", (rows) => {
    const given = [smooth(rows, 3), smooth([5, 4], 4)];
    const graph = graphOf(given, (builder, a, w) => [builder.add("MatMul", [a!, builder.add("Transpose", [w!], { perm: [1, 0] })])]);
    const lowered = lower(graph, { MatMul: matMulByTransposedGemm });
    expect(lowered.nodes.map(({ op }) => op).filter((op) => op !== "Reshape" && op !== "Identity")).toEqual(["Gemm"]);
    expectSame(lowered, graph, given);
  });

  it("leaves products with other matrices alone", () => {
    const given = [smooth([2, 3, 4], 3), smooth([2, 5, 4], 4)];
    const graph = graphOf(given, (builder, a, w) => [builder.add("MatMul", [a!, builder.add("Transpose", [w!], { perm: [0, 2, 1] })])]);
    expect(lower(graph, { MatMul: matMulByTransposedGemm }).nodes.map(({ op }) => op)).toEqual(["Transpose", "MatMul"]);
  });
});
