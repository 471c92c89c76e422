/** @file ONNX files of our own making: forms of every opset, tensors of every kind, weights left in the file, and damaged bytes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import type { ImportedModel } from "../../../src/engine/importers/importedModel.js";
import { importOnnx } from "../../../src/engine/importers/onnx/importOnnx.js";
import { encodeUtf8 } from "../../../src/engine/importers/utf8.js";
import { unsupportedOperators } from "../../../src/engine/inspect.js";
import { isInMemory } from "../../../src/engine/ir/graph.js";
import { print } from "../../../src/engine/ir/print.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { verify } from "../../../src/engine/ir/verify.js";
import { loadInitializer } from "../../../src/engine/ir/weights.js";
import { specialize } from "../../../src/engine/passes/specialize.js";
import { float32Proto, int64Proto, modelBytes, rangeReader, sourceOf, type AttributeValue, type ModelText, type NodeText } from "./onnxBytes.js";

const importText = (text: ModelText): ImportedModel => importOnnx(sourceOf(modelBytes(text)));

/** One operator over x [2, 4, 6] at this opset, printed. */
function lines(opset: number, op: string, attributes: Record<string, AttributeValue>, initializers: readonly object[] = [], outputs: readonly string[] = ["y"]): string[] {
  const names = initializers.map((tensor) => (tensor as { name: string }).name);
  const { graph } = importText({ opset, nodes: [{ op, name: "n", inputs: ["x", ...names], outputs, attributes }], inputs: { x: ["batch", 4, 6] }, outputs: { y: undefined }, initializers });
  return print(graph).split("\n").slice(1, -2).map((line) => line.trim());
}

/** What a call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

describe("forms of older opsets", () => {
  it("Squeeze, Unsqueeze, reductions and Split take their axes as inputs", () => {
    expect(lines(11, "Unsqueeze", { axes: [0] })).toEqual(["weight n.axes: int64[1] = [0]", "y: float32[1, batch, 4, 6] = Unsqueeze(x, n.axes)"]);
    expect(lines(12, "ReduceSum", { axes: [-1], keepdims: 0 })).toEqual(["weight n.axes: int64[1] = [-1]", "y: float32[batch, 4] = ReduceSum(x, n.axes) keepdims=0"]);
    expect(lines(17, "ReduceMean", { axes: [1] })).toEqual(["weight n.axes: int64[1] = [1]", "y: float32[batch, 1, 6] = ReduceMean(x, n.axes)"]);
    expect(lines(11, "Split", { axis: 1, split: [1, 3] }, [], ["y", "z"])).toEqual(["weight n.split: int64[2] = [1, 3]", "y: float32[batch, 1, 6], z: float32[batch, 3, 6] = Split(x, n.split) axis=1"]);
  });

  it("Split without sizes counts its outputs, the unused too", () => {
    expect(lines(13, "Split", { axis: 1 }, [], ["y", ""])).toEqual(["y: float32[batch, 2, 6], n:unused_1: float32[batch, 2, 6] = Split(x) axis=1 num_outputs=2"]);
  });

  it("Slice, Pad and Clip take what were attributes as inputs", () => {
    expect(lines(9, "Slice", { starts: [1], ends: [3], axes: [2] })).toEqual(["weight n.0: int64[1] = [1]", "weight n.1: int64[1] = [3]", "weight n.2: int64[1] = [2]", "y: float32[batch, 4, 2] = Slice(x, n.0, n.1, n.2)"]);
    expect(lines(10, "Pad", { pads: [0, 0, 1, 0, 0, 2], mode: "constant", value: { float: 5 } }))
      .toEqual(["weight n.pads: int64[6] = [0, 0, 1, 0, 0, 2]", "weight n.value: float32[] = [5]", "y: float32[batch, 4, 9] = Pad(x, n.pads, n.value) mode=\"constant\""]);
    expect(lines(6, "Clip", { min: { float: 0 }, max: { float: 6 } })).toEqual(["weight n.0: float32[] = [0]", "weight n.1: float32[] = [6]", "y: float32[batch, 4, 6] = Clip(x, n.0, n.1)"]);
  });

  it("Softmax before opset 13 runs over everything from its axis on", () => {
    expect(lines(11, "Softmax", { axis: 1 })).toEqual([
      "y:flat: float32[batch, 24] = Flatten(x) axis=1", "y:soft: float32[batch, 24] = Softmax(y:flat) axis=-1", "y:shape: int64[3] = Shape(x)", "y: float32[batch, 4, 6] = Reshape(y:soft, y:shape)",
    ]);
    expect(lines(11, "Softmax", { axis: -1 })).toEqual(["y: float32[batch, 4, 6] = Softmax(x) axis=-1"]);
  });

  it("Dropout passes its input, BatchNormalization what only training sets", () => {
    expect(lines(10, "Dropout", { ratio: { float: 0.5 } }, [], ["y", "mask"])).toEqual(["y: float32[batch, 4, 6] = Identity(x)"]);
    const parameters = ["s", "b", "m", "v"].map((name) => float32Proto(name, [4], [1, 1, 1, 1]));
    expect(lines(9, "BatchNormalization", { epsilon: 0.25, momentum: 0.9 }, parameters, ["y"]).at(-1)).toBe("y: float32[batch, 4, 6] = BatchNormalization(x, s, b, m, v) epsilon=0.25");
    // Before opset 14 further outputs are what says that a node trains: it then normalises by the batch itself.
    expect(lines(9, "BatchNormalization", { epsilon: 0.25 }, parameters, ["y", "m2", "v2"]).join()).not.toContain("BatchNormalization");
  });
});

describe("tensors", () => {
  /** Initializers as the importer has them, by name. */
  const initializersOf = (initializers: readonly object[], external?: Parameters<typeof importOnnx>[1]) =>
    importOnnx(sourceOf(modelBytes({ opset: 13, nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }], inputs: { x: [1] }, outputs: { y: [1] }, initializers })), external).graph.initializers;

  it.each([
    ["float_data", { dataType: 1, floatData: [1.5, -2] }, [1.5, -2], "float32"],
    ["int64_data", { dataType: 7, int64Data: [3, -4] }, [3, -4], "int64"],
    ["int32_data", { dataType: 6, int32Data: [5, -6] }, [5, -6], "int32"],
    ["int32_data as bool", { dataType: 9, int32Data: [1, 0] }, [1, 0], "bool"],
    ["int32_data as float16 bits", { dataType: 10, int32Data: [0x3c00, 0xc000] }, [1, -2], "float32"],
    ["int32_data as int8", { dataType: 3, int32Data: [-1, 127] }, [-1, 127], "int8"],
    ["double_data", { dataType: 11, doubleData: [0.1, 2] }, [Math.fround(0.1), 2], "float32"],
    ["uint64_data as uint32", { dataType: 12, uint64Data: [7, 8] }, [7, 8], "uint32"],
    ["raw_data", { dataType: 11, rawData: new Uint8Array(Float64Array.of(0.1, 2).buffer) }, [Math.fround(0.1), 2], "float32"],
    ["raw_data as bfloat16", { dataType: 16, rawData: Uint8Array.of(0x80, 0x3f, 0x00, 0xc0) }, [1, -2], "float32"],
  ])("%s", (_, proto, expected, dtype) => {
    const tensor = initializersOf([{ name: "t", dims: [2], ...proto }]).get("t") as Tensor;
    expect([tensor.dtype, tensor.shape, toNumbers(tensor)]).toEqual([dtype, [2], expected]);
  });

  it.each([
    ["too few elements", { dims: [3], dataType: 1, floatData: [1, 2] }], ["raw data of another length", { dims: [3], dataType: 1, rawData: new Uint8Array(8) }],
    ["a negative size", { dims: [-1, -2], dataType: 1, floatData: [1, 2] }], ["an absurd size", { dims: [2 ** 31, 2 ** 31], dataType: 1, floatData: [1] }],
    ["text", { dims: [1], dataType: 8 }],
  ])("refuses %s", (_, proto) => expect(thrownBy(() => initializersOf([{ name: "t", ...proto }]))).toMatchObject({ code: "modelCorrupt" }));

  const external = (entries: Record<string, string>) => ({ name: "t", dims: [2], dataType: 1, dataLocation: 1, externalData: Object.entries(entries).map(([key, value]) => ({ key, value })) });

  it("names the range of external data", () => {
    const initializers = initializersOf([external({ location: "w.bin", offset: "4", length: "8" })], (location) => ({ path: `/models/${location}`, size: 12 }));
    expect(initializers.get("t")).toEqual({ dtype: "float32", shape: [2], range: { file: "/models/w.bin", offset: 4, length: 8 } });
  });

  it.each([[{ location: "w.bin", offset: "8" }], [{ location: "w.bin", offset: "-4" }], [{ location: "w.bin", offset: "1.5" }], [{ location: "w.bin", offset: "all" }]])("refuses external data out of range: %o", (entries) => {
    expect(thrownBy(() => initializersOf([external(entries)], () => ({ path: "w.bin", size: 12 })))).toMatchObject({ code: "modelCorrupt" });
  });

  it("refuses external data where there is no folder", () => expect(thrownBy(() => initializersOf([external({ location: "w.bin" })]))).toMatchObject({ code: "modelCorrupt" }));

  it("leaves large raw data in the file, unread", () => {
    const big = Array.from({ length: 100_000 }, (_, i) => i);
    const bytes = modelBytes({ opset: 13, nodes: [{ op: "Add", inputs: ["x", "big"], outputs: ["y"] }], inputs: { x: [1] }, outputs: { y: [100_000] }, initializers: [float32Proto("small", [2], [1, 2]), float32Proto("big", [100_000], big)] });
    const source = sourceOf(bytes);
    const { graph } = importOnnx(source);
    const stored = graph.initializers.get("big")!;
    if (isInMemory(stored)) throw new Error("it was copied");
    const { offset, length } = stored.range;
    expect(length).toBe(400_000);
    expect(toNumbers(loadInitializer(stored, rangeReader(bytes)))).toEqual(big);
    // Reads come in windows of 64 KB, so the ends of the data may be touched, its middle never.
    const middle = offset + length / 2;
    expect(source.reads.filter(([from, size]) => from <= middle && from + size > middle)).toEqual([]);
    expect(source.reads.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(200_000);
  });

  it("takes initializers listed among the inputs for what they are", () => {
    const { graph } = importText({ opset: 13, irVersion: 3, nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }], inputs: { x: ["n", 2], w: [2] }, outputs: { y: ["n", 2] }, initializers: [float32Proto("w", [2], [1, 2])] });
    expect(graph.inputs).toEqual(["x"]);
  });
});

/** A net as small exporters make it: a strided convolution, ReLU, a classifier over a flattened map. */
const smallNet: ModelText = {
  opset: 13,
  nodes: [
    { op: "Conv", name: "conv", inputs: ["image", "conv.weight", "conv.bias"], outputs: ["features"], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 } },
    { op: "Relu", name: "relu", inputs: ["features"], outputs: ["active"] },
    { op: "Shape", inputs: ["active"], outputs: ["size"] },
    { op: "Constant", inputs: [], outputs: ["zero"], attributes: { value_int: 0 } },
    { op: "Gather", inputs: ["size", "zero"], outputs: ["n"] },
    { op: "Unsqueeze", inputs: ["n", "first"], outputs: ["n1"] },
    { op: "Concat", inputs: ["n1", "rest"], outputs: ["flat_size"], attributes: { axis: 0 } },
    { op: "Reshape", inputs: ["active", "flat_size"], outputs: ["flat"] },
    { op: "Gemm", name: "fc", inputs: ["flat", "fc.weight", "fc.bias"], outputs: ["logits"], attributes: { transB: 1, alpha: { float: 1 } } },
  ],
  inputs: { image: ["batch", 1, 4, 4] }, outputs: { logits: ["batch", 3] },
  initializers: [float32Proto("conv.weight", [2, 1, 3, 3], new Array<number>(18).fill(0.5)), float32Proto("conv.bias", [2], [1, 2]), int64Proto("first", [1], [0]), int64Proto("rest", [1], [-1]), float32Proto("fc.weight", [3, 8], new Array<number>(24).fill(1)), float32Proto("fc.bias", [3], [0, 1, 2])],
};

describe("graphs", () => {
  it("prints a small net with its batch symbolic", () => {
    expect(print(importText(smallNet).graph)).toBe(`graph tiny(image: float32[batch, 1, 4, 4]) {
  weight conv.weight: float32[2, 1, 3, 3]
  weight conv.bias: float32[2] = [1, 2]
  weight first: int64[1] = [0]
  weight rest: int64[1] = [-1]
  weight fc.weight: float32[3, 8]
  weight fc.bias: float32[3] = [0, 1, 2]
  weight zero: int64[] = [0]
  features: float32[batch, 2, 2, 2] = Conv(image, conv.weight, conv.bias) kernel_shape=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1] dilations=[1, 1] group=1
  active: float32[batch, 2, 2, 2] = Relu(features)
  size: int64[4] = Shape(active)
  n: int64[] = Gather(size, zero)
  n1: int64[1] = Unsqueeze(n, first)
  flat_size: int64[2] = Concat(n1, rest) axis=0
  flat: float32[batch, 8] = Reshape(active, flat_size)
  logits: float32[batch, 3] = Gemm(flat, fc.weight, fc.bias) transB=1 alpha=1
  return logits
}`);
  });

  it("prints it specialised to one image: shapes fixed, shape arithmetic gone", () => {
    expect(print(specialize(importText(smallNet).graph, { image: [1, 1, 4, 4] }))).toBe(`graph tiny(image: float32[1, 1, 4, 4]) {
  weight conv.weight: float32[2, 1, 3, 3]
  weight conv.bias: float32[2] = [1, 2]
  weight fc.weight: float32[3, 8]
  weight fc.bias: float32[3] = [0, 1, 2]
  weight flat_size: int64[2] = [1, -1]
  features: float32[1, 2, 2, 2] = Conv(image, conv.weight, conv.bias) kernel_shape=[3, 3] strides=[2, 2] pads=[1, 1, 1, 1] dilations=[1, 1] group=1
  active: float32[1, 2, 2, 2] = Relu(features)
  flat: float32[1, 8] = Reshape(active, flat_size)
  logits: float32[1, 3] = Gemm(flat, fc.weight, fc.bias) transB=1 alpha=1
  return logits
}`);
  });

  it("reads who made it", () => expect(importText(smallNet)).toMatchObject({ format: "onnx", producer: "by hand 1", opset: 13, metadata: { purpose: "test" } }));

  const strange = (node: NodeText) => importText({ ...smallNet, nodes: [...smallNet.nodes, node], outputs: { logits: ["batch", 3], y: ["batch", 3] } });

  it.each([
    [{ op: "Det", name: "mix", inputs: ["logits"], outputs: ["y"] }, "Det"],
    [{ op: "NhwcMaxPool", name: "mix", domain: "com.microsoft", inputs: ["logits"], outputs: ["y"] }, "com.microsoft::NhwcMaxPool"],
  ])("keeps an unknown operator for inspect and refuses to run it: %o", (node, op) => {
    const { graph } = strange(node);
    expect(unsupportedOperators(graph)).toContainEqual({ op, node: "mix", problem: "run" });
    expect(thrownBy(() => specialize(graph, { image: [1, 1, 4, 4] }))).toMatchObject({ code: "opUnsupported", data: { op, node: "mix" } });
  });

  it("lists what cannot be differentiated once, with its first node", () => {
    const { graph } = importText({ opset: 13, nodes: [{ op: "MaxPoolGrad", name: "a", inputs: ["x", "x", "x"], outputs: ["b"] }, { op: "MaxPoolGrad", name: "c", inputs: ["b", "x", "x"], outputs: ["y"] }], inputs: { x: [1, 3, 2, 2] }, outputs: { y: [1, 3, 2, 2] } });
    expect(unsupportedOperators(graph)).toEqual([{ op: "MaxPoolGrad", node: "a", problem: "differentiate" }]);
  });

  it.each<[string, readonly NodeText[]]>([
    ["values that wait for each other", [{ op: "Relu", inputs: ["later"], outputs: ["y"] }, { op: "Relu", inputs: ["y"], outputs: ["later"] }]],
    ["a value that nobody writes", [{ op: "Relu", inputs: ["nowhere"], outputs: ["y"] }]],
    ["a value written twice", [{ op: "Relu", inputs: ["x"], outputs: ["y"] }, { op: "Relu", inputs: ["x"], outputs: ["y"] }]],
    ["an output nobody writes", [{ op: "Relu", inputs: ["x"], outputs: ["z"] }]],
    ["a required input left out", [{ op: "Add", inputs: ["", "x"], outputs: ["y"] }]],
    ["too many inputs", [{ op: "Relu", inputs: ["x", "x"], outputs: ["y"] }]],
    ["no output at all", [{ op: "Relu", inputs: ["x"], outputs: ["y"] }, { op: "Relu", inputs: ["x"], outputs: [] }]],
    ["a type that does not exist", [{ op: "Cast", inputs: ["x"], outputs: ["y"], attributes: { to: 99 } }]],
  ])("refuses %s", (_, nodes) => {
    expect(thrownBy(() => importText({ opset: 13, nodes, inputs: { x: [1, 2] }, outputs: { y: [1, 2] } }))).toMatchObject({ code: "modelCorrupt" });
  });

  it.each<[string, NodeText]>([
    ["operands that do not broadcast", { op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
    ["a stride of zero", { op: "MaxPool", inputs: ["x"], outputs: ["y"], attributes: { kernel_shape: [2, 2], strides: [0, 0] } }],
    ["a negative repeat", { op: "Tile", inputs: ["x", "minus"], outputs: ["y"] }],
  ])("names the node where shapes do not fit: %s", (_, node) => {
    const text = { opset: 13, nodes: [{ ...node, name: "culprit" }], inputs: { x: [1, 1, 4, 4] }, outputs: { y: undefined }, initializers: [float32Proto("w", [3], [1, 2, 3]), int64Proto("minus", [4], [1, 1, -1, 1])] };
    expect(thrownBy(() => importText(text))).toMatchObject({ code: "shapeMismatch", data: { node: "culprit" } });
  });
});

describe("damaged bytes", () => {
  const bytes = modelBytes(smallNet);

  /** Imports and, if that succeeds, checks what came of it and specialises it; only WhylightErrors may be thrown. */
  function survive(damaged: Uint8Array): void {
    try {
      const { graph } = importOnnx(sourceOf(damaged));
      if (unsupportedOperators(graph).some(({ problem }) => problem === "run")) return;
      verify(graph, "import");
      specialize(graph, Object.fromEntries(graph.inputs.map((input) => [input, [1, 1, 4, 4]])));
    } catch (thrown) {
      if (!(thrown instanceof WhylightError) || thrown.code === "internal") throw thrown;
    }
  }

  it.each([
    ["nothing", new Uint8Array()], ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)], ["text", encodeUtf8("# A readme\n\nThis is no model.\n")], ["JSON", encodeUtf8("{\"model\": 1}")],
    ["safetensors", new Uint8Array([...new Uint8Array(BigUint64Array.of(2n).buffer), ...encodeUtf8("{}")])], ["zeros", new Uint8Array(64)], ["a zip", encodeUtf8("PK\u0003\u0004\u0014\u0000")], ["0xff", new Uint8Array(64).fill(255)],
  ])("takes %s for no model", (_, other) => expect(thrownBy(() => importOnnx(sourceOf(other)))).toMatchObject({ code: "modelFormatUnknown" }));

  it("survives truncation at every length", () => {
    for (let length = 0; length < bytes.length; length++) survive(bytes.slice(0, length));
    const cut = thrownBy(() => importOnnx(sourceOf(bytes.slice(0, bytes.length - 40))));
    expect(cut).toMatchObject({ code: "modelCorrupt" });
  });

  it("survives any one byte changed", () => {
    for (let at = 0; at < bytes.length; at++) for (const flip of [0x01, 0x80, 0xff]) {
      const damaged = bytes.slice();
      damaged[at]! ^= flip;
      survive(damaged);
    }
  }, 60_000);

  it("survives several bytes changed, inserted or lost", () => {
    const edit = fc.record({ at: fc.nat(bytes.length - 1), lost: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) });
    fc.assert(fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let damaged = bytes;
      for (const { at, lost, put } of edits) damaged = new Uint8Array([...damaged.slice(0, at), ...put, ...damaged.slice(at + lost)]);
      survive(damaged);
    }), { seed: 20260803, numRuns: 1500 });
  }, 60_000);

  it.each([["a graph", [0x3a]], ["a name", [0x12]]])("refuses %s longer than any file", (_, tag) => {
    const absurd = new Uint8Array([0x08, 0x08, 0x42, 0x02, 0x10, 0x0d, ...tag, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    expect(thrownBy(() => importOnnx(sourceOf(absurd)))).toMatchObject({ code: "modelCorrupt" });
  });
});
