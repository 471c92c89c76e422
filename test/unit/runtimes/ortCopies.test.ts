/** @file When ONNX Runtime holds weights once: batch norms that stay beside their convolutions, and graphs that run on the weights as they lie. */
import { describe, expect, it } from "vitest";
import { prepare } from "../../../src/engine/attribution/prepare.js";
import { buildForward, buildGradient } from "../../../src/engine/attribution/programs.js";
import { lower } from "../../../src/engine/passes/lower.js";
import { GraphWriter } from "../../../src/engine/importers/graphWriter.js";
import { batchNorm, conv2d } from "../../../src/engine/importers/modules.js";
import { weightsOf } from "../../../src/engine/importers/weights.js";
import type { Initializer } from "../../../src/engine/ir/graph.js";
import { sizeOf } from "../../../src/engine/ir/tensor.js";
import { keepsBatchNorms, rulesWithoutCopies, sparesCopies } from "../../../src/runtimes/ortCopies.js";

const place = (shape: readonly number[]): Initializer => ({ dtype: "float32", shape, range: { file: "/models/weights", offset: 0, length: 4 * sizeOf(shape) } });

/** A convolution and, where there is one, its norm, of weights that nobody reads. */
function graphOf(kernel: readonly [number, number, number, number], { groups = 1, isNormed = true } = {}) {
  const parts = ["weight", "bias", "running_mean", "running_var"].map((part) => [`bn.${part}`, [kernel[0]]] as const);
  const writer = new GraphWriter("net", weightsOf("/models/weights", new Map([["conv.weight", kernel] as const, ...parts].map(([name, shape]) => [name, place(shape)]))));
  const maps = conv2d(writer, "conv", writer.input("x", "float32", ["batch", kernel[1] * groups, 8, 8]), { groups });
  writer.output(isNormed ? batchNorm(writer, "bn", maps) : maps, "y");
  return writer.build();
}

it.each([
  ["weights of 36 MB", graphOf([1024, 1024, 3, 3]), true], ["few weights", graphOf([64, 64, 3, 3]), false], ["a depthwise convolution", graphOf([2 ** 20, 1, 3, 3], { groups: 2 ** 20 }), false],
  ["a convolution without a norm", graphOf([1024, 1024, 3, 3], { isNormed: false }), false],
])("batch norms are kept of %s: %s", (_, graph, expected) => expect(keepsBatchNorms(graph)).toBe(expected));

/** Two convolutions of maps of 64 places, and a score for each channel. */
function classifier(width: number) {
  const shapes: readonly (readonly [string, readonly number[]])[] = [["first.weight", [16, 3, 3, 3]], ["second.weight", [width, 16, 3, 3]]];
  const writer = new GraphWriter("net", weightsOf("/models/weights", new Map(shapes.map(([name, shape]) => [name, place(shape)]))));
  const maps = conv2d(writer, "second", conv2d(writer, "first", writer.input("x", "float32", ["batch", 3, 8, 8]), { padding: 1 }), { padding: 1 });
  writer.output(writer.add("Flatten", [writer.add("GlobalAveragePool", [maps])], { axis: 1 }), "scores");
  return { graph: writer.build(), input: "x", logits: "scores" };
}

const at = (width: number, images: number) => prepare(classifier(width), [images, 3, 8, 8]).graph;
const [few, many] = [64, 2 ** 17];

describe("graphs that run on the weights as they lie", () => {
  it.each([
    ["the gradient of one image through large kernels", buildGradient(at(many, 1), "scores", "logit", ["x"]), true], ["through small ones", buildGradient(at(few, 1), "scores", "logit", ["x"]), false],
    ["of several images", buildGradient(at(many, 2), "scores", "logit", ["x"]), false], ["a forward pass", buildForward(at(many, 1), "scores"), false],
  ])("%s: %s", (_, graph, expected) => expect(sparesCopies(graph)).toBe(expected));

  it("turn only kernels that are smaller than the columns of the output", () => {
    const { nodes } = lower(buildGradient(at(many, 1), "scores", "logit", ["x"]), rulesWithoutCopies({}));
    const back = nodes.filter(({ name }) => name.startsWith("grad/") || name.startsWith("lower/"));
    expect(back.flatMap(({ op, inputs }) => (op === "ConvTranspose" ? [inputs[1]] : []))).toEqual(["second.weight"]);
    expect(back.filter(({ op }) => op === "Conv")).toHaveLength(1);
  });
});
