/** @file When ONNX Runtime leaves batch norms beside their convolutions, so that no weight is held twice. */
import { expect, it } from "vitest";
import { GraphWriter } from "../../../src/engine/importers/graphWriter.js";
import { batchNorm, conv2d } from "../../../src/engine/importers/modules.js";
import { weightsOf } from "../../../src/engine/importers/weights.js";
import type { Initializer } from "../../../src/engine/ir/graph.js";
import { sizeOf } from "../../../src/engine/ir/tensor.js";
import { keepsBatchNorms } from "../../../src/runtimes/ortLarge.js";

/** A convolution and, where there is one, its norm, of weights that nobody reads. */
function graphOf(kernel: readonly [number, number, number, number], { groups = 1, isNormed = true } = {}) {
  const parts = ["weight", "bias", "running_mean", "running_var"].map((part) => [`bn.${part}`, [kernel[0]]] as const);
  const place = (shape: readonly number[]): Initializer => ({ dtype: "float32", shape, range: { file: "/models/weights", offset: 0, length: 4 * sizeOf(shape) } });
  const writer = new GraphWriter("net", weightsOf("/models/weights", new Map([["conv.weight", kernel] as const, ...parts].map(([name, shape]) => [name, place(shape)]))));
  const maps = conv2d(writer, "conv", writer.input("x", "float32", ["batch", kernel[1] * groups, 8, 8]), { groups });
  writer.output(isNormed ? batchNorm(writer, "bn", maps) : maps, "y");
  return writer.build();
}

it.each([
  ["weights of 36 MB", graphOf([1024, 1024, 3, 3]), true], ["few weights", graphOf([64, 64, 3, 3]), false], ["a depthwise convolution", graphOf([2 ** 20, 1, 3, 3], { groups: 2 ** 20 }), false],
  ["a convolution without a norm", graphOf([1024, 1024, 3, 3], { isNormed: false }), false],
])("%s", (_, graph, expected) => expect(keepsBatchNorms(graph)).toBe(expected));
