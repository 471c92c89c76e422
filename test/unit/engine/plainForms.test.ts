/** @file Operators that are taken apart to be differentiated: the plain form gives what the kernel gives, and its gradient what differences give. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attributes, Graph } from "../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { expand } from "../../../src/engine/passes/expand/expand.js";
import { canonicalForms, expansions, plainForms } from "../../../src/engine/passes/expand/expansions.js";
import { Draw, type GradientCase, type MakeCase } from "./gradientCases.js";
import { expectGradient } from "./gradientCheck.js";
import { smooth } from "./numbers.js";
import { evaluate64, nodeGraph } from "./smallGraph.js";

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

const cases: Readonly<Record<string, MakeCase>> = { LSTM: recurrent("LSTM"), GRU: recurrent("GRU"), RNN: recurrent("RNN"), GridSample: gridSample };

/** The same numbers, up to the float32 of constants. */
function expectSame(graph: Graph, other: Graph, tensors: readonly Tensor[]): void {
  const [wanted, actual] = [graph, other].map((each) => evaluate64(each, tensors)[graph.outputs[0]!]!);
  expect(actual!.shape).toEqual(wanted!.shape);
  const numbers = toNumbers(wanted!);
  toNumbers(actual!).forEach((value, i) => expect(Math.abs(value - numbers[i]!), `element ${i}`).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(numbers[i]!))));
}

describe("plain forms", () => {
  it("has a random case for each", () => expect(Object.keys(cases).sort()).toEqual(Object.keys(plainForms).sort()));

  it.each(Object.keys(cases))("%s is what its kernel computes", (op) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = cases[op]!(new Draw(gen));
      const plain = expand(graph, plainForms);
      expect(plain.nodes.map((node) => node.op)).not.toContain(op);
      expectSame(graph, plain, tensors);
    }), { seed: 20260801, numRuns: 60 });
  });

  it.each(Object.keys(cases))("%s has the gradient of differences", (op) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors, wrt } = cases[op]!(new Draw(gen));
      expectGradient(graph, tensors, wrt, op);
    }), { seed: 20260801, numRuns: 25 });
  });

  it("lets gradients reach a bilinear grid", () => {
    const x = smooth([1, 2, 4, 5], 3);
    const grid = smooth([1, 3, 3, 2], 4, -0.9, 0.9);
    expectGradient(nodeGraph("GridSample", [x, grid], { mode: "linear", align_corners: 1 }), [x, grid], [1], "grid");
  });
});

/** Attention in every form, by the operands' shapes. */
const attention: MakeCase = (draw) => {
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

describe("attention, taken apart", () => {
  it("has the gradient of differences for every operand", () => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors, wrt } = attention(new Draw(gen));
      expectGradient(graph, tensors, wrt, "Attention");
    }), { seed: 20260801, numRuns: 40 });
  });
});

describe("recurrent layers with the batch first", () => {
  it.each(["LSTM", "GRU", "RNN"] as const)("%s is the same layer between transposes", (op) => {
    const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
    const [x, w, r] = [smooth([2, 3, 4], 1), smooth([1, gates * 2, 4], 2), smooth([1, gates * 2, 2], 3)];
    const swapped: Tensor = { ...x, shape: [3, 2, 4], data: Float64Array.from({ length: 24 }, (_, i) => Number(x.data[((Math.floor(i / 4) % 2) * 3 + Math.floor(i / 8)) * 4 + (i % 4)])) };
    const plain = evaluate64(nodeGraph(op, [swapped, w, r], { hidden_size: 2 }, [], 2), [swapped, w, r]);
    const graph = expand(nodeGraph(op, [x, w, r], { hidden_size: 2, layout: 1 }, [], 2), canonicalForms);
    const [y, h] = graph.outputs.map((name) => evaluate64(graph, [x, w, r])[name]!);
    const [plainY, plainH] = Object.values(plain);
    expect([y!.shape, h!.shape]).toEqual([[2, 3, 1, 2], [2, 1, 2]]);
    for (let n = 0; n < 2; n++) for (let t = 0; t < 3; t++) for (let unit = 0; unit < 2; unit++) expect(y!.data[(n * 3 + t) * 2 + unit]).toBeCloseTo(Number(plainY!.data[(t * 2 + n) * 2 + unit]), 12);
    expect(toNumbers(h!)).toEqual(toNumbers(plainH!));
  });
});
