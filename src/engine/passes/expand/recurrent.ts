/** @file Recurrent layers unrolled into plain operators, step by step, so that their gradients come from those. */
import { numberOf } from "../../ir/attributes.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { Attributes, Node } from "../../ir/graph.js";
import { clipOf, directionsOf, type Activation } from "../../ir/recurrent.js";
import { float32 } from "../../ir/tensor.js";
import type { LoweringRule } from "../lower.js";

/** Layout 1 as layout 0 between transposes: no runtime here has it. */
export const sequenceFirst: LoweringRule = (graph, node) => {
  if (numberOf(node, "layout", 0) === 0) return undefined;
  const { layout: _, ...attributes } = node.attributes;
  const swapped = (value: string | undefined) => (value ? graph.add("Transpose", [value], { perm: [1, 0, 2] }) : "");
  const inputs = node.inputs.map((input, i) => (i === 0 || i === 5 || (i === 6 && node.op === "LSTM") ? swapped(input) : input));
  const [y, ...states] = graph.addMany(node.op, inputs, attributes, node.outputs.length);
  return [graph.add("Transpose", [y!], { perm: [2, 0, 1, 3] }), ...states.map(swapped)];
};

/** Adds nodes with fewer words. */
interface Writer {
  readonly graph: GraphBuilder;
  readonly add: (op: string, inputs: readonly string[], attributes?: Attributes) => string;
}

/** A gate's element-wise function in plain operators. */
function applyActivation({ graph, add }: Writer, x: string, { name, alpha, beta }: Activation): string {
  if (name === "ScaledTanh") return add("Mul", [add("Tanh", [add("Mul", [x, graph.scalar(beta)])]), graph.scalar(alpha)]);
  if (name === "Affine") return add("Add", [add("Mul", [x, graph.scalar(alpha)]), graph.scalar(beta)]);
  if (name === "ThresholdedRelu") return add("Where", [add("Greater", [x, graph.scalar(alpha)]), x, graph.scalar(0)]);
  const attributes: Readonly<Record<string, Attributes>> = { LeakyRelu: { alpha }, Elu: { alpha }, HardSigmoid: { alpha, beta } };
  return add(name, [x], attributes[name] ?? {});
}

/** What a cell sees at one step: per gate `W x + biases` `[batch, hidden]`, and the states. */
interface Step {
  readonly gates: readonly string[];
  /** `R h` of a gate, `[batch, hidden]`. */
  readonly recurrent: (gate: number, state: string) => string;
  /** The recurrent bias of GRU's hidden gate, which `linear_before_reset` keeps apart. */
  readonly hiddenBias: string | undefined;
  readonly peephole: (gate: number) => string | undefined;
  readonly act: (which: number, x: string, isState?: boolean) => string;
  readonly h: string;
  readonly c: string;
}

type Cell = (writer: Writer, node: Node, step: Step) => { h: string; c: string };

const lstm: Cell = ({ graph, add }, node, { gates, recurrent, peephole, act, h, c }) => {
  const raw = (gate: number) => add("Add", [gates[gate]!, recurrent(gate, h)]);
  const peeped = (gate: number, state: string) => { const weights = peephole(gate); return weights ? add("Add", [raw(gate), add("Mul", [weights, state])]) : raw(gate); };
  const input = act(0, peeped(0, c));
  const forget = numberOf(node, "input_forget", 0) === 1 ? add("Sub", [graph.scalar(1), input]) : act(0, peeped(2, c));
  const next = add("Add", [add("Mul", [forget, c]), add("Mul", [input, act(1, raw(3))])]);
  return { c: next, h: add("Mul", [act(0, peeped(1, next)), act(2, next, true)]) };
};

const gru: Cell = ({ graph, add }, node, { gates, recurrent, hiddenBias, act, h, c }) => {
  const gate = (which: number) => act(0, add("Add", [gates[which]!, recurrent(which, h)]));
  const [update, reset] = [gate(0), gate(1)];
  const after = () => { const product = recurrent(2, h); return add("Mul", [reset, hiddenBias ? add("Add", [product, hiddenBias]) : product]); };
  const state = numberOf(node, "linear_before_reset", 0) === 0 ? recurrent(2, add("Mul", [reset, h])) : after();
  const fresh = act(1, add("Add", [gates[2]!, state]));
  return { c, h: add("Add", [add("Mul", [add("Sub", [graph.scalar(1), update]), fresh]), add("Mul", [update, h])]) };
};

const rnn: Cell = ({ add }, _, { gates, recurrent, act, h, c }) => ({ c, h: act(0, add("Add", [gates[0]!, recurrent(0, h)])) });

const cells: Readonly<Record<string, { cell: Cell; gates: number }>> = { LSTM: { cell: lstm, gates: 4 }, GRU: { cell: gru, gates: 3 }, RNN: { cell: rnn, gates: 1 } };

/** Layout 0. The input's product is one `MatMul` over all steps; each step then adds its own. */
export const unroll: LoweringRule = (graph, node) => {
  const add: Writer["add"] = (op, inputs, attributes = {}) => graph.add(op, inputs, attributes);
  const writer: Writer = { graph, add };
  const [x, w, r, b, lengths, h0, c0, p] = node.inputs as [string, string, string, ...(string | undefined)[]];
  const { cell, gates: count } = cells[node.op]!;
  const [sequence, batch] = graph.shape(x) as [number, number];
  const hidden = graph.shape(r)[2]!;
  const reshape = (value: string, shape: readonly number[]) => add("Reshape", [value, graph.ints(shape)], { allowzero: 1 });
  const slice = (value: string, axis: number, from: number, to: number) => add("Slice", [value, graph.ints([from]), graph.ints([to]), graph.ints([axis])]);
  const clip = clipOf(node);
  const isApart = node.op === "GRU" && numberOf(node, "linear_before_reset", 0) !== 0;
  const results = directionsOf(node).map(({ isReverse, activations }, d) => {
    const own = (value: string, shape: readonly number[]) => reshape(slice(value, 0, d, d + 1), shape);
    const gateOf = (value: string, axis: number, gate: number) => slice(value, axis, gate * hidden, (gate + 1) * hidden);
    const state = (value: string | undefined) => (value ? own(value, [batch, hidden]) : graph.constant(float32([batch, hidden], new Float32Array(batch * hidden))));
    const biases = b ? own(b, [2, count * hidden]) : undefined;
    const half = (i: number) => reshape(slice(biases!, 0, i, i + 1), [count * hidden]);
    const flat = (value: string, width: number) => add("Transpose", [own(value, [count * hidden, width])], { perm: [1, 0] });
    let projected = add("MatMul", [x, flat(w, graph.shape(x)[2]!)]);
    let hiddenBias: string | undefined;
    if (biases) {
      let recurrentBias = half(1);
      if (isApart) {
        hiddenBias = gateOf(recurrentBias, 0, 2);
        recurrentBias = add("Pad", [slice(recurrentBias, 0, 0, 2 * hidden), graph.ints([0, hidden]), graph.scalar(0)], { mode: "constant" });
      }
      projected = add("Add", [projected, add("Add", [half(0), recurrentBias])]);
    }
    const recurrentWeights = flat(r, hidden);
    const perGate = Array.from({ length: count }, (_, gate) => (count === 1 ? recurrentWeights : gateOf(recurrentWeights, 1, gate)));
    const peepholes = p ? own(p, [3 * hidden]) : undefined;
    const act = (which: number, value: string, isState = false) => applyActivation(writer, clip === undefined || isState ? value : add("Clip", [value, graph.scalar(-clip), graph.scalar(clip)]), activations[which]!);
    // One product for all gates of a state, unless GRU resets it first.
    const products = new Map<string, string>();
    const recurrent = (gate: number, from: string) => {
      if (count === 1) return add("MatMul", [from, recurrentWeights]);
      if (node.op === "GRU" && gate === 2 && !isApart) return add("MatMul", [from, perGate[gate]!]);
      if (!products.has(from)) products.set(from, add("MatMul", [from, recurrentWeights]));
      return gateOf(products.get(from)!, 1, gate);
    };
    let [h, c] = [state(h0), node.op === "LSTM" ? state(c0) : ""];
    const outputs = new Array<string>(sequence);
    for (let step = 0; step < sequence; step++) {
      const t = isReverse ? sequence - 1 - step : step;
      const at = reshape(slice(projected, 0, t, t + 1), [batch, count * hidden]);
      const gates = Array.from({ length: count }, (_, gate) => (count === 1 ? at : gateOf(at, 1, gate)));
      const next = cell(writer, node, { gates, recurrent, hiddenBias, peephole: (gate) => peepholes && gateOf(peepholes, 0, gate), act, h, c });
      let shown = next.h;
      if (lengths) {
        // Past its end a sequence keeps its state and shows zeros; backwards it has not begun.
        const isInside = add("Greater", [reshape(lengths, [batch, 1]), graph.constant({ dtype: graph.type(lengths).dtype, shape: [], data: Int32Array.of(t) })]);
        shown = add("Where", [isInside, next.h, graph.scalar(0)]);
        h = add("Where", [isInside, next.h, h]);
        if (c !== "") c = add("Where", [isInside, next.c, c]);
      } else ({ h, c } = next);
      outputs[t] = reshape(shown, [1, 1, batch, hidden]);
    }
    return { y: sequence === 1 ? outputs[0]! : add("Concat", outputs, { axis: 0 }), h: reshape(h, [1, batch, hidden]), c: c === "" ? "" : reshape(c, [1, batch, hidden]) };
  });
  const join = (parts: readonly string[], axis: number) => (parts.length === 1 ? parts[0]! : add("Concat", parts, { axis }));
  return [join(results.map(({ y }) => y), 1), join(results.map(({ h }) => h), 0), results[0]!.c === "" ? "" : join(results.map(({ c }) => c), 0)];
};
