/** @file The weights of TensorFlow's bicubic resizing, as TensorFlow 2.21 gave them: `tf.raw_ops.ResizeBicubic` of the columns of an identity matrix. */
import { describe, expect, it } from "vitest";
import { cubicMatrix, type Placing } from "../../../src/engine/importers/tabulatedCubic.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";

describe("bicubic resizing", () => {
  it.each<[Placing, number, number, readonly (readonly number[])[]]>([
    ["half_pixel", 5, 7, [[1.058161, -0.05816089, 0, 0, 0], [0.4406182, 0.6258516, -0.06646981, 0, 0], [-0.07290755, 0.8304594, 0.271671, -0.02922286, 0], [0, 0, 1, 0, 0], [0, -0.02922286, 0.271671, 0.8304594, -0.07290755], [0, 0, -0.06646982, 0.6258516, 0.4406183], [0, 0, 0, -0.05816089, 1.058161]]],
    ["half_pixel", 7, 3, [[0.3210269, 0.7504054, -0.07143226, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, -0.07143226, 0.7504054, 0.3210269]]],
    ["align_corners", 5, 7, [[1, 0, 0, 0, 0], [0.3144622, 0.7966489, -0.111111, 0, 0], [-0.111111, 0.7966489, 0.3699364, -0.05547418, 0], [0, 0, 1, 0, 0], [0, -0.05547418, 0.3699364, 0.7966489, -0.111111], [0, 0, -0.111111, 0.7966489, 0.3144622], [0, 0, 0, 0, 1]]],
    ["align_corners", 7, 3, [[1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1]]],
    ["asymmetric", 5, 7, [[1, 0, 0, 0, 0], [0.2642905, 0.8450708, -0.1093613, 0, 0], [-0.1049392, 0.6849582, 0.4987302, -0.07874922, 0], [0, -0.07861461, 0.9578838, 0.1338034, -0.01307259], [0, -0.01307259, 0.1338034, 0.9578838, -0.07861461], [0, 0, -0.07874922, 0.4987302, 0.5800191], [0, 0, 0, -0.1093613, 1.109361]]],
    ["asymmetric", 7, 3, [[1, 0, 0, 0, 0, 0, 0], [0, -0.111111, 0.7966489, 0.3699364, -0.05547418, 0, 0], [0, 0, 0, -0.05547418, 0.3699364, 0.7966489, -0.111111]]],
  ])("takes TensorFlow's weights with %s from %i to %i", (placing, from, to, expected) => {
    const matrix = cubicMatrix(from, to, placing)!;
    expect(matrix.shape).toEqual([to, from]);
    const found = toNumbers(matrix);
    expect(Math.max(...expected.flat().map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(5e-7);
  });

  it.each([[5, Number.NaN], [0, 3], [4096, 4096]])("has no matrix from %d to %d", (from, to) => expect(cubicMatrix(from, to, "half_pixel")).toBeUndefined());
});
