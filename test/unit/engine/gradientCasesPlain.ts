/** @file Random recurrent layers, grid samplings and attentions, for the gradients of their plain forms. */
import type { Attributes } from "../../../src/engine/ir/graph.js";
import type { Tensor } from "../../../src/engine/ir/tensor.js";
import { expand } from "../../../src/engine/passes/expand/expand.js";
import { expansions } from "../../../src/engine/passes/expand/expansions.js";
import type { Draw, GradientCase, MakeCase } from "./gradientCases.js";
import { smooth } from "./numbers.js";
import { nodeGraph } from "./smallGraph.js";

const int32 = (values: readonly number[]): Tensor => ({ dtype: "int32", shape: [values.length], data: Int32Array.from(values) });

/** Smooth activations only: differences see no kinks. */
const activations = ["Sigmoid", "Tanh", "Softsign", "Softplus", "ScaledTanh", "Affine"];

/** Any recurrent layer; the gradient is wanted for the input, every weight and every state. */
const recurrent = (op: "LSTM" | "GRU" | "RNN"): MakeCase => (draw) => {
  const direction = draw.of(["forward", "reverse", "bidirectional"]);
  const directions = direction === "bidirectional" ? 2 : 1;
  const [sequence, batch, width, hidden] = [draw.int(1, 3), draw.int(1, 2), draw.int(1, 3), draw.int(1, 3)];
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const optional = (shape: readonly number[]) => (draw.flag() ? smooth(shape, draw.seed(), -1, 1) : undefined);
  const state = [directions, batch, hidden];
  const operands = [
    smooth([sequence, batch, width], draw.seed()), smooth([directions, gates * hidden, width], draw.seed(), -1, 1), smooth([directions, gates * hidden, hidden], draw.seed(), -1, 1),
    optional([directions, 2 * gates * hidden]), draw.flag() ? int32(Array.from({ length: batch }, () => draw.int(1, sequence))) : undefined, optional(state),
    ...(op === "LSTM" ? [optional(state), optional([directions, 3 * hidden])] : []),
  ];
  const each = { LSTM: 3, GRU: 2, RNN: 1 }[op];
  const attributes: Attributes = {
    direction, hidden_size: hidden, ...(draw.flag() ? { activations: Array.from({ length: each * directions }, () => draw.of(activations)), activation_alpha: [0.7] } : {}),
    ...(op === "LSTM" ? { input_forget: draw.flag() } : {}), ...(op === "GRU" ? { linear_before_reset: draw.flag() } : {}),
  };
  return placed(op, operands, attributes, op === "LSTM" ? 3 : 2, draw);
};

/** The operands that are there become graph inputs, in their places; one of the outputs is looked at. */
function placed(op: string, operands: readonly (Tensor | undefined)[], attributes: Attributes, outputs: number, draw: Draw): GradientCase {
  const tensors = operands.filter((operand) => operand !== undefined);
  const graph = nodeGraph(op, tensors, attributes, [], outputs);
  let next = 0;
  const inputs = operands.map((operand) => (operand === undefined ? "" : `x${next++}`));
  const nodes = graph.nodes.map((node) => ({ ...node, inputs }));
  return { graph: { ...graph, nodes, outputs: [draw.of(graph.outputs)] }, tensors, wrt: tensors.flatMap(({ dtype }, i) => (dtype === "float64" ? [i] : [])) };
}

const gridSample: MakeCase = (draw) => {
  const spatial = draw.shape(2, 2, 4).concat(draw.flag() ? [2] : []);
  const mode = draw.of(spatial.length === 2 ? ["linear", "nearest", "cubic"] : ["linear", "nearest"]);
  const x = smooth([draw.int(1, 2), 2, ...spatial], draw.seed());
  const grid = smooth([x.shape[0]!, ...spatial.map(() => 2), spatial.length], draw.seed(), -1.4, 1.4);
  const graph = nodeGraph("GridSample", [x, grid], { mode, padding_mode: draw.of(["zeros", "border", "reflection"]), align_corners: draw.flag() });
  return { graph, tensors: [x, grid], wrt: [0] };
};

/** Attention in every form, by the operands' shapes. */
export const attentionCase: MakeCase = (draw) => {
  const [batch, heads, queries, past, size] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 3), draw.flag(), 2];
  const keyHeads = draw.of([1, heads]);
  const keys = draw.of([queries, 3]);
  const operands = [
    smooth([batch, heads, queries, size], draw.seed()), smooth([batch, keyHeads, keys, size], draw.seed()), smooth([batch, keyHeads, keys, 3], draw.seed()),
    draw.flag() ? smooth(draw.of([[queries, keys + 2 * past], [batch, 1, queries, keys + 2 * past]]), draw.seed()) : undefined,
    ...(past ? [smooth([batch, keyHeads, 2, size], draw.seed()), smooth([batch, keyHeads, 2, 3], draw.seed())] : []),
  ];
  const made = placed("Attention", operands, { is_causal: keys === queries ? draw.flag() : 0, softcap: draw.of([0, 1.5]), scale: draw.of([0.5, 1]) }, 1, draw);
  return { ...made, graph: expand(made.graph, expansions) };
};

/** Operator name to its random forms. */
export const plainFormCases: Readonly<Record<string, MakeCase>> = { LSTM: recurrent("LSTM"), GRU: recurrent("GRU"), RNN: recurrent("RNN"), GridSample: gridSample };
