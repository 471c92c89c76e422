/** @file `Col2Im` in plain operators: each column is a pixel whose channels a transposed convolution spreads over its block. */
import { numbersOf } from "../../ir/attributes.js";
import { float32, sizeOf } from "../../ir/tensor.js";
import type { LoweringRule } from "../lower.js";

/** `[n, c * block, places]` to `[n, c, ...image]`, where blocks that overlap are added. */
export const columnsToImage: LoweringRule = (graph, node) => {
  const [columns, imageShape, blockShape] = node.inputs as [string, string, string];
  const [image, block] = [graph.constantNumbers(imageShape), graph.constantNumbers(blockShape)];
  const [n, rows] = graph.shape(columns) as [number, number];
  const [strides, dilations, pads] = [numbersOf(node, "strides") ?? block.map(() => 1), numbersOf(node, "dilations") ?? block.map(() => 1), numbersOf(node, "pads") ?? [...block, ...block].map(() => 0)];
  const span = block.map((size, i) => dilations[i]! * (size - 1) + 1);
  const free = image.map((size, i) => size + pads[i]! + pads[i + block.length]! - span[i]!);
  const places = free.map((room, i) => Math.floor(room / strides[i]!) + 1);
  const cells = sizeOf(block);
  const spread = graph.constant(float32([cells, 1, ...block], Float32Array.from({ length: cells * cells }, (_, at) => (at % (cells + 1) === 0 ? 1 : 0))));
  const grid = graph.add("Reshape", [columns, graph.ints([(n * rows) / cells, cells, ...places])], { allowzero: 1 });
  const sums = graph.add("ConvTranspose", [grid, spread], { kernel_shape: block, strides, dilations, pads, output_padding: free.map((room, i) => room % strides[i]!), group: 1 });
  return [graph.add("Reshape", [sums, graph.ints([n, rows / cells, ...image])], { allowzero: 1 })];
};
