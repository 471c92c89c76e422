/** @file The verifier catches each kind of illegality; pruning, printing and the recognition of layer normalisation. */
import { describe, expect, it } from "vitest";
import type { Attributes, Graph, Node, ValueType } from "../../../src/engine/ir/graph.js";
import type { GraphBuilder } from "../../../src/engine/ir/builder.js";
import { print } from "../../../src/engine/ir/print.js";
import { float32, int64, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { verify } from "../../../src/engine/ir/verify.js";
import { fuseLayerNormalization } from "../../../src/engine/passes/fuseLayerNormalization.js";
import { prune } from "../../../src/engine/passes/prune.js";
import { evaluate64, graphOf } from "./smallGraph.js";
import { smooth } from "./numbers.js";

const type = (shape: ValueType["shape"], dtype: ValueType["dtype"] = "float32"): ValueType => ({ dtype, shape });
const node = (op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): Node => ({ op, name: output, inputs, outputs: [output], attributes });

/** y = relu(x + w) */
const legal: Graph = {
  name: "g", inputs: ["x"], outputs: ["y"], nodes: [node("Add", ["x", "w"], "a"), node("Relu", ["a"], "y")], initializers: new Map([["w", float32([2], [1, 2])]]),
  types: new Map([["x", type([3, 2])], ["w", type([2])], ["a", type([3, 2])], ["y", type([3, 2])]]),
};
const withType = (name: string, value: ValueType | undefined): Graph => {
  const types = new Map(legal.types);
  if (value) types.set(name, value);
  else types.delete(name);
  return { ...legal, types };
};

describe("verify", () => {
  it("returns a legal graph", () => expect(verify(legal, "test")).toBe(legal));

  it.each<[string, Graph, RegExp]>([
    ["a value read before it is written", { ...legal, nodes: [...legal.nodes].reverse() }, /Relu "y" reads "a" before it is written/],
    ["a value written twice", { ...legal, nodes: [...legal.nodes, node("Relu", ["a"], "y")] }, /"y" is written twice/],
    ["a node that writes an input", { ...legal, nodes: [...legal.nodes, node("Relu", ["a"], "x")] }, /"x" is written twice/],
    ["an initializer named like an input", { ...legal, initializers: new Map([...legal.initializers, ["x", float32([1], [1])]]) }, /an input is written twice/],
    ["a value without a type", withType("a", undefined), /"a" has no type/],
    ["a dtype the operator does not give", withType("a", type([3, 2], "int64")), /"a" is int64, its operator gives float32/],
    ["a shape the operator does not give", withType("y", type([2, 3])), /"y" is recorded as \[2, 3\], its operator gives \[3, 2\]/],
    ["elements that do not fit their shape", { ...legal, initializers: new Map([["w", { dtype: "float32", shape: [2], data: new Float32Array(3) } as Tensor]]) }, /initializer "w" has 3 elements for \[2\]/],
    ["an output nobody writes", { ...legal, outputs: ["z"] }, /output "z" is never written/],
  ])("catches %s, and names the pass", (_, graph, message) => {
    expect(() => verify(graph, "somePass")).toThrow(message);
    expect(() => verify(graph, "somePass")).toThrow(/^internal: after somePass: /);
  });

  it("catches an unknown operator and operands that do not fit", () => {
    expect(() => verify({ ...legal, nodes: [node("Frobnicate", ["x"], "a"), legal.nodes[1]!] }, "p")).toThrow(/opUnsupported/);
    expect(() => verify({ ...legal, types: new Map([...legal.types, ["w", type([5])]]) }, "p")).toThrow(/shapeMismatch/);
  });
});

describe("prune", () => {
  const graph: Graph = {
    ...legal, inputs: ["x", "unused"], nodes: [...legal.nodes, node("Exp", ["spare"], "e")], initializers: new Map([...legal.initializers, ["spare", float32([1], [1])]]),
    types: new Map([...legal.types, ["unused", type([1])], ["spare", type([1])], ["e", type([1])]]),
  };

  it("drops nodes, weights and types that no output needs, and keeps a model's inputs", () => {
    const pruned = prune(graph);
    expect(pruned.nodes.map(({ name }) => name)).toEqual(["a", "y"]);
    expect([...pruned.initializers.keys()]).toEqual(["w"]);
    expect([...pruned.types.keys()].sort()).toEqual(["a", "unused", "w", "x", "y"]);
    expect(pruned.inputs).toEqual(["x", "unused"]);
  });

  it("drops inputs too when asked", () => expect(prune(graph, false).inputs).toEqual(["x"]));

  it("keeps a node for any of its outputs", () => {
    const split = graphOf([smooth([4], 1)], (builder, x) => builder.addMany("Split", [x!, builder.ints([1, 3])], { axis: 0 }, 2));
    expect(prune({ ...split, outputs: [split.outputs[1]!] }).nodes).toHaveLength(1);
  });
});

describe("print", () => {
  it("shows one line per value: types, small constants, attributes, what is left out", () => {
    const graph: Graph = {
      ...legal, nodes: [...legal.nodes.slice(0, 1), { op: "Clip", name: "y", inputs: ["a", "", "high"], outputs: ["y"], attributes: { mode: "edge", axes: [1, 2], size: 0.5, value: int64([1], [7]) } }],
      initializers: new Map([...legal.initializers, ["high", float32([], [6])], ["big", { dtype: "float32", shape: [1000], range: { file: "m.onnx", offset: 128, length: 4000 } }], ["long", float32([9], new Float32Array(9))]]),
      types: new Map([...legal.types, ["x", type(["batch", 2])], ["a", type(undefined)]]),
    };
    expect(print(graph)).toBe(`graph g(x: float32[batch, 2]) {
  weight w: float32[2] = [1, 2]
  weight high: float32[] = [6]
  weight big: float32[1000] @ 128
  weight long: float32[9]
  a: float32[?] = Add(x, w)
  y: float32[3, 2] = Clip(a, _, high) mode="edge" axes=[1, 2] size=0.5 value=int64[1]
  return y
}`);
  });
});

interface Written {
  readonly power?: number;
  readonly axis?: number;
  readonly keepdims?: number;
  readonly swap?: boolean;
  readonly scaleShape?: readonly number[];
  readonly shape?: readonly number[];
  readonly otherMean?: boolean;
  readonly epsilonFromInput?: boolean;
}

/** Layer normalisation as exporters below opset 17 write it, or almost. */
function writtenOut({ power = 2, axis = -1, keepdims = 1, swap = false, shape = [2, 3, 3], scaleShape = [shape.at(-1)!], otherMean = false, epsilonFromInput = false }: Written): { graph: Graph; x: Tensor } {
  const x = smooth(shape, 1);
  const size = scaleShape.reduce((a, b) => a * b, 1);
  const graph = graphOf([x], (builder: GraphBuilder, input) => {
    const mean = (value: string) => builder.add("ReduceMean", [value, builder.constant(int64([1], [axis]))], { keepdims });
    const m = mean(otherMean ? builder.add("Abs", [input!]) : input!);
    const centred = swap ? builder.add("Sub", [m, input!]) : builder.add("Sub", [input!, m]);
    const variance = mean(builder.add("Pow", [centred, builder.scalar(power)]));
    const epsilon = epsilonFromInput ? builder.add("ReduceMax", [builder.add("Abs", [input!])], { keepdims: 0 }) : builder.constant(float32([], [0.01]));
    const deviation = builder.add("Sqrt", [builder.add("Add", [variance, epsilon])]);
    const scaled = builder.add("Mul", [builder.add("Div", [centred, deviation]), builder.constant(smooth32(scaleShape, size))]);
    return [builder.rename(builder.add("Add", [scaled, builder.constant(smooth32(scaleShape, size + 1))]), "y")];
  });
  return { graph, x };
}

const smooth32 = (shape: readonly number[], seed: number) => float32(shape, toNumbers(smooth(shape, seed)));

describe("fuseLayerNormalization", () => {
  it.each([{}, { axis: 2 }])("recognises %o, keeps the value's name and computes the same", (form) => {
    const { graph, x } = writtenOut(form);
    const fused = fuseLayerNormalization(graph);
    expect(fused.nodes.map(({ op }) => op)).toEqual(["LayerNormalization", "Identity"]);
    expect(fused.nodes[0]!.outputs).toEqual([graph.nodes.at(-2)!.outputs[0]]);
    expect(fused.nodes[0]!.attributes).toEqual({ axis: -1, epsilon: Math.fround(0.01) });
    const [actual, expected] = [fused, graph].map((each) => toNumbers(evaluate64(each, [x])["y"]!));
    actual!.forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 12));
  });

  it.each<[string, Written]>([
    ["a power other than 2", { power: 4 }], ["another axis", { axis: 1, scaleShape: [3] }], ["means that lose their axis", { keepdims: 0, shape: [3, 3] }], ["mean minus value", { swap: true }],
    ["a scale that is no vector", { scaleShape: [1] }], ["a scale over two axes", { scaleShape: [3, 3] }], ["the mean of something else", { otherMean: true }], ["an epsilon that is not constant", { epsilonFromInput: true }],
  ])("leaves %s alone", (_, form) => {
    const { graph } = writtenOut(form);
    expect(fuseLayerNormalization(graph).nodes.map(({ op }) => op)).toEqual(graph.nodes.map(({ op }) => op));
  });

  it("keeps what another node still reads", () => {
    const { graph, x } = writtenOut({});
    const centred = graph.nodes.find(({ op }) => op === "Sub")!.outputs[0]!;
    const both = { ...graph, outputs: [...graph.outputs, centred] };
    const fused = fuseLayerNormalization(both);
    expect(fused.nodes.map(({ op }) => op)).toEqual(["ReduceMean", "Sub", "LayerNormalization", "Identity"]);
    expect(toNumbers(evaluate64(fused, [x])[centred]!)).toEqual(toNumbers(evaluate64(both, [x])[centred]!));
  });
});
