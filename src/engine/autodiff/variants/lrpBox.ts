/** @file The box rule of LRP at layers that read the image itself: pixels have a lowest and a highest value (Montavon et al., Pattern Recognition 65, 2017; Zennit's `ZBox`). */
import type { GraphBuilder } from "../../ir/builder.js";
import type { Node } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import { applied, negative, positive, sentBack, share, type LayerRule } from "./lrpLayers.js";

/** The model's input, and the least and greatest value its elements can have, per channel. */
export interface PixelBox {
  readonly input: string;
  /** Which axis of the input counts channels. */
  readonly channelAxis: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Whether a value depends on the input. */
  readonly varies: (value: string) => boolean;
}

/** What may stand between the image and its first layer: moving elements, and one scale and offset per channel. All are monotone in every element. */
const before = new Set(["Cast", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather", "Concat", "Pad", "Add", "Sub", "Mul", "Div", "Neg", "BatchNormalization"]);

type Bounds = readonly [low: string, high: string];

/** The bounds of a value that is the image but for such steps; `undefined` for any other. */
function boundsOf(graph: GraphBuilder, value: string, box: PixelBox): Bounds | undefined {
  if (value === box.input) {
    const shape = graph.shape(value);
    const filled = (values: readonly number[]) => {
      const perChannel = graph.constant(float32(shape.map((dim, axis) => (axis === box.channelAxis ? dim : 1)), Array.from({ length: shape[box.channelAxis]! }, (_, c) => values[c % values.length]!)));
      return graph.add("Expand", [perChannel, graph.ints(shape)]);
    };
    return [filled(box.low), filled(box.high)];
  }
  const node = graph.producer(value);
  if (node === undefined || !before.has(node.op) || node.outputs.length > 1) return undefined;
  const operands = node.inputs.map((input) => (input !== "" && box.varies(input) ? boundsOf(graph, input, box) : input));
  const isTwice = operands.filter((operand) => typeof operand !== "string").length > 1 && node.op !== "Concat";
  if (isTwice || operands.includes(undefined)) return undefined;
  const at = (side: 0 | 1) => graph.add(node.op, operands.map((operand) => (typeof operand === "string" ? operand : operand![side])), node.attributes);
  const [one, two] = [at(0), at(1)];
  return [graph.add("Min", [one, two]), graph.add("Max", [one, two])];
}

/** `x w - low w+ - high w-` per connection, without biases, at layers that read the image; the other rule elsewhere. */
export const zBox = (box: PixelBox, epsilon: number, elsewhere: LayerRule): LayerRule => (graph: GraphBuilder, node: Node, r: string, at: number) => {
  const [x, w] = [node.inputs[at]!, node.inputs[1 - at]!];
  const bounds = boundsOf(graph, x, box);
  if (bounds === undefined) return elsewhere(graph, node, r, at);
  const terms = [[x, w], [bounds[0], positive(graph, w)], [bounds[1], negative(graph, w)]] as const;
  const less = (values: readonly string[]) => values.reduce((a, b) => graph.add("Sub", [a, b]));
  const shares = share(graph, r, less(terms.map(([operand, weights]) => applied(graph, node, at, operand, weights))), epsilon);
  return less(terms.map(([operand, weights]) => graph.add("Mul", [operand, sentBack(graph, node, at, operand, weights, shares)])));
};
