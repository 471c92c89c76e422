/** @file Fixing shapes: symbols until then, windows and shape arithmetic resolved after. */
import { describe, expect, it } from "vitest";
import { importOnnx } from "../../../src/engine/importers/onnx/importOnnx.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { fold, infer, specialize } from "../../../src/engine/passes/specialize.js";
import { evaluate64, graphOf } from "./smallGraph.js";
import { float32Proto, int64Proto, modelBytes, sourceOf, type AttributeValue, type NodeText } from "./onnxBytes.js";
import { float64, smooth } from "./numbers.js";

/** A model over x, [batch, 1, 5, 5] unless told. */
const model = (nodes: readonly NodeText[], initializers: readonly object[] = [], x: readonly (number | string)[] = ["batch", 1, 5, 5]) =>
  importOnnx(sourceOf(modelBytes({ opset: 13, nodes, inputs: { x }, outputs: { y: undefined }, initializers }))).graph;

describe("symbols", () => {
  it("stay in every shape until the graph is specialised", () => {
    const graph = model([{ op: "Conv", inputs: ["x", "w"], outputs: ["a"] }, { op: "GlobalAveragePool", inputs: ["a"], outputs: ["b"] }, { op: "Flatten", inputs: ["b"], outputs: ["y"] }], [float32Proto("w", [2, 1, 3, 3], new Array<number>(18).fill(1))]);
    expect(["a", "b", "y"].map((name) => graph.types.get(name)?.shape)).toEqual([["batch", 2, 3, 3], ["batch", 2, 1, 1], ["batch", 2]]);
    expect(infer(graph).types.get("y")).toEqual({ dtype: "float32", shape: ["batch", 2] });
    expect(specialize(graph, { x: [7, 1, 5, 5] }).types.get("y")?.shape).toEqual([7, 2]);
  });

  it("follow heights and widths through windows", () => {
    const graph = model([{ op: "MaxPool", inputs: ["x"], outputs: ["y"], attributes: { kernel_shape: [2, 2], strides: [2, 2] } }], [], ["n", 3, "h", "w"]);
    expect(graph.types.get("y")?.shape).toEqual(["n", 3, "(h-2)/2+1", "(w-2)/2+1"]);
    expect(specialize(graph, { x: [1, 3, 9, 8] }).types.get("y")?.shape).toEqual([1, 3, 4, 4]);
  });

  it("cancel where a reshape keeps them", () => {
    const graph = model([{ op: "Reshape", inputs: ["x", "to"], outputs: ["y"] }], [int64Proto("to", [2], [-1, 25])]);
    expect(graph.types.get("y")?.shape).toEqual(["batch", 25]);
  });

  it("that turn out too small for a window are told, with the node", () => {
    const graph = model([{ op: "MaxPool", name: "pool", inputs: ["x"], outputs: ["y"], attributes: { kernel_shape: [4, 4] } }], [], ["n", 3, "h", "w"]);
    expect(() => specialize(graph, { x: [1, 3, 3, 3] })).toThrow(expect.objectContaining({ code: "shapeMismatch", data: expect.objectContaining({ node: "pool" }) as unknown }) as Error);
  });
});

describe("shape arithmetic", () => {
  it("turned round to the lowest int64, as PyTorch exports pads, folds away", () => {
    const lowest = { name: "lowest", dims: [1], dataType: 7, rawData: new Uint8Array(BigInt64Array.of(-(2n ** 63n) + 1n).buffer) };
    const graph = model([{ op: "Slice", inputs: ["pads", "last", "lowest", "zero", "last"], outputs: ["turned"] }, { op: "Pad", inputs: ["x", "turned"], outputs: ["y"] }],
      [int64Proto("pads", [8], [1, 2, 0, 0, 0, 0, 0, 0]), int64Proto("last", [1], [-1]), int64Proto("zero", [1], [0]), lowest]);
    expect(specialize(graph, { x: [2, 1, 5, 5] }).types.get("y")?.shape).toEqual([2, 1, 7, 6]);
  });
});

describe("auto_pad", () => {
  const pads = (op: string, attributes: Record<string, AttributeValue>, size = 5) =>
    specialize(model([{ op, inputs: ["x", ...(op === "Conv" ? ["w"] : [])], outputs: ["y"], attributes }], op === "Conv" ? [float32Proto("w", [1, 1, 2, 3], [1, 2, 3, 4, 5, 6])] : [], [1, 1, size, size]), { x: [1, 1, size, size] }).nodes[0]!.attributes;

  // TensorFlow's rule: total = max(0, (ceil(size / stride) - 1) * stride + kernel - size); the odd one goes to the end (UPPER) or the beginning (LOWER).
  it.each([
    ["SAME_UPPER", [1, 1], [0, 1, 1, 1]], ["SAME_LOWER", [1, 1], [1, 1, 0, 1]], ["SAME_UPPER", [2, 2], [0, 1, 1, 1]], ["SAME_LOWER", [2, 2], [1, 1, 0, 1]], ["SAME_UPPER", [3, 3], [0, 0, 0, 1]], ["SAME_LOWER", [3, 3], [0, 1, 0, 0]], ["VALID", [1, 1], [0, 0, 0, 0]],
  ])("%s with strides %o", (auto_pad, strides, expected) => {
    const attributes = pads("Conv", { auto_pad, strides });
    expect(attributes).toMatchObject({ kernel_shape: [2, 3], strides, dilations: [1, 1], pads: expected });
    expect(attributes).not.toHaveProperty("auto_pad");
  });

  it("needs no padding where the stride skips what a window would miss", () => expect(pads("MaxPool", { kernel_shape: [1, 1], strides: [2, 2], auto_pad: "SAME_UPPER" })).toMatchObject({ pads: [0, 0, 0, 0] }));

  it("gives ceil(size / stride) cells", () => {
    const graph = model([{ op: "AveragePool", inputs: ["x"], outputs: ["y"], attributes: { kernel_shape: [2, 2], strides: [2, 2], auto_pad: "SAME_LOWER" } }]);
    const special = specialize(graph, { x: [1, 1, 5, 5] });
    expect(special.types.get("y")?.shape).toEqual([1, 1, 3, 3]);
    const y = evaluate64(special, { x: float64([1, 1, 5, 5], Array.from({ length: 25 }, (_, i) => i)) })["y"]!;
    expect(toNumbers(y)).toEqual([0, 1.5, 3.5, 7.5, 9, 11, 17.5, 19, 21]);
  });

  it("is not folded into constants before it is resolved", () => {
    const nodes = [{ op: "Conv", inputs: ["c", "w"], outputs: ["a"], attributes: { auto_pad: "SAME_UPPER" } }, { op: "Add", inputs: ["x", "a"], outputs: ["y"] }];
    const graph = model(nodes, [float32Proto("c", [1, 1, 1, 3], [1, 2, 3]), float32Proto("w", [1, 1, 1, 3], [1, 10, 100])], [1, 1, 1, 3]);
    const special = specialize(graph, { x: [1, 1, 1, 3] });
    expect(toNumbers(evaluate64(special, { x: float64([1, 1, 1, 3], [0, 0, 0]) })["y"]!)).toEqual([210, 321, 32]);
  });
});

describe("folding", () => {
  const flattening: readonly NodeText[] = [
    { op: "Shape", inputs: ["x"], outputs: ["size"] }, { op: "Gather", inputs: ["size", "zero"], outputs: ["n"] }, { op: "Unsqueeze", inputs: ["n", "first"], outputs: ["n1"] }, { op: "Concat", inputs: ["n1", "rest"], outputs: ["to"], attributes: { axis: 0 } },
    { op: "Reshape", inputs: ["x", "to"], outputs: ["y"] },
  ];
  const constants = [int64Proto("zero", [], [0]), int64Proto("first", [1], [0]), int64Proto("rest", [1], [-1])];

  it("computes Shape, Gather, Concat for a Reshape", () => {
    const special = specialize(model(flattening, constants), { x: [2, 1, 5, 5] });
    expect(special.nodes.map(({ op }) => op)).toEqual(["Reshape"]);
    expect(special.types.get("y")?.shape).toEqual([2, 25]);
    expect([...special.initializers.keys()]).toEqual(["to"]);
  });

  it("follows the symbol while the batch is not fixed", () => expect(model(flattening, constants).types.get("y")?.shape).toEqual(["batch", 25]));

  it("computes arithmetic on constants and keeps what depends on the input", () => {
    const graph = fold(model([{ op: "Add", inputs: ["a", "a"], outputs: ["b"] }, { op: "Mul", inputs: ["x", "b"], outputs: ["y"] }], [float32Proto("a", [1], [1.5])]));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Mul"]);
    expect(toNumbers(graph.initializers.get("b") as Tensor)).toEqual([3]);
  });

  it("leaves large constants to the runtime", () => {
    const graph = fold(model([{ op: "Expand", inputs: ["a", "to"], outputs: ["b"] }, { op: "ReduceMax", inputs: ["b"], outputs: ["c"], attributes: { keepdims: 0 } }, { op: "Mul", inputs: ["x", "c"], outputs: ["y"] }], [float32Proto("a", [1], [1.5]), int64Proto("to", [2], [1000, 1000])]));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Expand", "ReduceMax", "Mul"]);
  });

  it("reads through Identity, but keeps outputs", () => {
    const special = specialize(model([{ op: "Identity", inputs: ["x"], outputs: ["a"] }, { op: "Dropout", inputs: ["a"], outputs: ["b"] }, { op: "Relu", inputs: ["b"], outputs: ["c"] }, { op: "Identity", inputs: ["c"], outputs: ["y"] }]), { x: [1, 1, 5, 5] });
    expect(special.nodes.map(({ op, inputs }) => [op, ...inputs])).toEqual([["Relu", "x"], ["Identity", "c"]]);
  });

  it("does not change what the graph computes", () => {
    const x = smooth([2, 1, 5, 5], 1);
    expect(toNumbers(evaluate64(specialize(model(flattening, constants), { x: x.shape }), { x })["y"]!)).toEqual(toNumbers(x));
  });
});

describe("what cannot be known", () => {
  it("names the first node whose shape depends on data", () => {
    const graph = model([
      { op: "ReduceMax", inputs: ["x"], outputs: ["m"], attributes: { keepdims: 0 } }, { op: "Cast", inputs: ["m"], outputs: ["k"], attributes: { to: 7 } },
      { op: "Range", name: "ramp", inputs: ["zero", "k", "one"], outputs: ["r"] }, { op: "Cast", inputs: ["r"], outputs: ["y"], attributes: { to: 1 } },
    ], [int64Proto("zero", [], [0]), int64Proto("one", [], [1])]);
    expect(() => specialize(graph, { x: [1, 1, 5, 5] })).toThrow(expect.objectContaining({ code: "shapeUnknown", data: { op: "Range", node: "ramp" } }) as Error);
  });

  it("is no error before the graph is specialised", () => {
    const graph = graphOf([smooth([2, 3], 1)], (builder, x) => [builder.add("Relu", [x!])]);
    const open = { ...graph, types: new Map([...graph.types, ["x0", { dtype: "float32" as const, shape: undefined }]]) };
    expect(infer(open).types.get(graph.outputs[0]!)).toEqual({ dtype: "float32", shape: undefined });
  });
});
