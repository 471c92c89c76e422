/** @file The box rule of LRP at layers that read the image itself: pixels have a lowest and a highest value (Montavon et al., Pattern Recognition 65, 2017; Zennit's `ZBox`). */
import type { GraphBuilder } from "../../ir/builder.js";
import type { Graph, Node } from "../../ir/graph.js";
import { float32 } from "../../ir/tensor.js";
import { applied, negative, positive, sentBack, share, type LayerRule } from "./lrpLayers.js";

/** The least and greatest value the input's elements can have, per channel, and where the image is still itself. */
export interface PixelBox {
  readonly input: string;
  /** Which axis of the input counts channels. */
  readonly channelAxis: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** The values that are the image but for monotone steps (`pixelValues`), the input among them. */
  readonly pixels: ReadonlySet<string>;
}

/** What may stand between the image and its first layer: moving elements, and one scale and offset per channel. All are monotone in every element. */
const before = new Set(["Cast", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Gather", "Concat", "Pad", "Add", "Sub", "Mul", "Div", "Neg", "BatchNormalization"]);

/** The values of a graph that are the image but for such steps. */
export function pixelValues(graph: Graph, input: string): ReadonlySet<string> {
  const found = new Set([input]);
  const varying = new Set([input]);
  for (const { op, inputs, outputs } of graph.nodes) {
    const own = inputs.filter((value) => varying.has(value));
    if (own.length === 0) continue;
    for (const output of outputs) varying.add(output);
    if (before.has(op) && outputs.length === 1 && own.every((value) => found.has(value)) && (own.length === 1 || op === "Concat")) found.add(outputs[0]!);
  }
  return found;
}

/** The bounds of such a value, made by the steps that made it. */
function boundsOf(graph: GraphBuilder, value: string, box: PixelBox): readonly [low: string, high: string] {
  if (value === box.input) {
    const shape = graph.shape(value);
    const filled = (values: readonly number[]) => {
      const perChannel = graph.constant(float32(shape.map((dim, axis) => (axis === box.channelAxis ? dim : 1)), Array.from({ length: shape[box.channelAxis]! }, (_, c) => values[c % values.length]!)));
      return graph.add("Expand", [perChannel, graph.ints(shape)]);
    };
    return [filled(box.low), filled(box.high)];
  }
  const node = graph.producer(value)!;
  const operands = node.inputs.map((input) => (box.pixels.has(input) ? boundsOf(graph, input, box) : ([input, input] as const)));
  const ends = ([0, 1] as const).map((side) => graph.add(node.op, operands.map((operand) => operand[side]), node.attributes));
  return [graph.add("Min", ends), graph.add("Max", ends)];
}

/** `x w - low w+ - high w-` per connection, without biases, at layers that read the image; the other rule elsewhere. */
export const zBox = (box: PixelBox, epsilon: number, elsewhere: LayerRule): LayerRule => (graph: GraphBuilder, node: Node, r: string, at: number) => {
  const [x, w] = [node.inputs[at]!, node.inputs[1 - at]!];
  if (!box.pixels.has(x)) return elsewhere(graph, node, r, at);
  const bounds = boundsOf(graph, x, box);
  const terms = [[x, w], [bounds[0], positive(graph, w)], [bounds[1], negative(graph, w)]] as const;
  const less = (values: readonly string[]) => values.reduce((a, b) => graph.add("Sub", [a, b]));
  const shares = share(graph, r, less(terms.map(([operand, weights]) => applied(graph, node, at, operand, weights))), epsilon);
  return less(terms.map(([operand, weights]) => graph.add("Mul", [operand, sentBack(graph, node, at, operand, weights, shares)])));
};
