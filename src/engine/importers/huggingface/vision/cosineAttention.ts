/** @file Attention of Swin version 2: by the angle between query and key, with a bias that a small network makes of their distance. */
import { float32 } from "../../../ir/tensor.js";
import type { GraphWriter } from "../../graphWriter.js";
import { linear } from "../../modules.js";
import { attend, joinHeads, splitHeads } from "../attention.js";
import type { LayerOptions } from "./transformerLayer.js";

/** `nn.functional.normalize` over the last axis. */
function unit(writer: GraphWriter, x: string): string {
  const length = writer.add("Max", [writer.add("ReduceL2", [x, writer.ints([-1])], { keepdims: 1 }), writer.scalar(1e-12)]);
  return writer.add("Div", [x, length]);
}

/** Self-attention of windows `[batch, windows, cells, width]`, in the layer's scope. */
export function cosineAttention(writer: GraphWriter, x: string, { names, heads }: LayerOptions, size: number, biases: readonly string[]): string {
  const part = (name: string) => splitHeads(writer, linear(writer, name, x), heads, size, 2);
  const scale = writer.add("Exp", [writer.add("Min", [writer.weight("attention.self.logit_scale", [heads, 1, 1]), writer.scalar(Math.log(100))])]);
  const query = writer.add("Mul", [unit(writer, part(names.query)), scale]);
  return linear(writer, names.output, joinHeads(writer, attend(writer, { query, key: unit(writer, part(names.key)), value: part(names.value), scale: 1, biases, outer: 2 }), heads * size, 2));
}

/** The rows `[distances, heads]` that the network gives for every distance in a window of so many cells to a side, measured against the windows of pretraining where there were any. */
export function distanceTable(writer: GraphWriter, side: number, pretrained: number): string {
  const whole = pretrained > 0 ? pretrained - 1 : Math.max(1, side - 1);
  const logarithmic = (distance: number) => (Math.sign(distance) * Math.log2(Math.abs((8 * distance) / whole) + 1)) / 3;
  const distances = Array.from({ length: 2 * side - 1 }, (_, i) => logarithmic(i - side + 1));
  const coordinates = writer.constant("distances", float32([distances.length ** 2, 2], distances.flatMap((row) => distances.flatMap((column) => [row, column]))));
  return writer.within("attention.self.continuous_position_bias_mlp", () => linear(writer, "2", writer.add("Relu", [linear(writer, "0", coordinates)])));
}
