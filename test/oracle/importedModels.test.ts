/** @file Files of every opset's forms: ONNX Runtime runs the bytes as they are, the interpreter runs what the importer made of them. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { sizeOf, toNumbers } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { smooth } from "../unit/engine/numbers.js";
import { float32Proto, int64Proto, modelBytes, rangeReader, sourceOf, type AttributeValue, type ModelText } from "../unit/engine/onnxBytes.js";

const shape = [2, 4, 6, 5];

/** One operator over x [2, 4, 6, 5]; more inputs are initializers. */
const single = (op: string, attributes: Record<string, AttributeValue> = {}, initializers: readonly object[] = [], outputs: readonly string[] = ["y"]): Omit<ModelText, "opset"> => ({
  nodes: [{ op, inputs: ["x", ...initializers.map((tensor) => (tensor as { name: string }).name)], outputs, attributes }], inputs: { x: shape },
  outputs: Object.fromEntries(outputs.filter((name) => name !== "").map((name) => [name, undefined])), initializers,
});

const weights = (name: string, dims: readonly number[], low = -1) => float32Proto(name, dims, toNumbers(smooth(dims, dims.length + 3, low, 1)));
const channels = (name: string, low = -1) => weights(name, [4], low);
const window = (rest: Record<string, AttributeValue>): Record<string, AttributeValue> => ({ kernel_shape: [3, 3], ...rest });

/** The name of the case, the opset of the file, the file. */
const models: readonly (readonly [string, number, Omit<ModelText, "opset">])[] = [
  ["Squeeze by attribute", 11, { ...single("Squeeze", { axes: [1] }), inputs: { x: [2, 1, 3, 1] } }],
  ["Squeeze by input", 13, { ...single("Squeeze", {}, [int64Proto("axes", [1], [-1])]), inputs: { x: [2, 1, 3, 1] } }],
  ["Unsqueeze by attribute", 11, single("Unsqueeze", { axes: [0, 3] })],
  ["Unsqueeze by input", 13, single("Unsqueeze", {}, [int64Proto("axes", [2], [0, -1])])],
  ...["ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceLogSumExp"].flatMap((op) => [[`${op} by attribute`, 11, single(op, { axes: [1, -1], keepdims: 0 })], [`${op} by input`, 18, single(op, { keepdims: 1 }, [int64Proto("axes", [1], [2])])]] as const),
  ["ReduceMean by attribute, opset 17", 17, single("ReduceMean", { axes: [-1] })],
  ["ReduceSumSquare of no axes", 18, single("ReduceSumSquare", { noop_with_empty_axes: 1 })],
  ["Slice by attributes", 9, single("Slice", { starts: [1, -3], ends: [4, 1000], axes: [1, 2] })],
  ["Slice by attributes without axes", 9, single("Slice", { starts: [0, 1], ends: [2, 3] })],
  ["Slice by inputs", 13, single("Slice", {}, [int64Proto("starts", [2], [-1, 5]), int64Proto("ends", [2], [-1000, 0]), int64Proto("axes", [2], [1, -2]), int64Proto("steps", [2], [-2, -1])])],
  ["Pad by attributes", 2, single("Pad", { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: { float: 3 }, mode: "constant" })],
  ["Pad by attributes, reflecting", 10, single("Pad", { pads: [0, 0, 1, 2, 0, 0, 0, 1], mode: "reflect" })],
  ["Pad by inputs", 13, single("Pad", { mode: "edge" }, [int64Proto("pads", [8], [0, 1, 0, 2, 0, 0, 1, 0])])],
  ["Clip by attributes", 6, single("Clip", { min: -0.5, max: { float: 1 } })],
  ["Clip by one attribute", 10, single("Clip", { min: { float: 0 } })],
  ["Clip by inputs", 12, single("Clip", {}, [float32Proto("low", [], [0]), float32Proto("high", [], [0.5])])],
  ["Split by attribute", 11, single("Split", { axis: 1, split: [1, 3] }, [], ["y", "z"])],
  ["Split in equal parts, old", 11, single("Split", { axis: 2 }, [], ["y", "z", "u"])],
  ["Split in equal parts, opset 13, last unused", 13, { ...single("Split", { axis: 2 }, [], ["y", "z", "unused"]), outputs: { y: undefined, z: undefined } }],
  ["Split by input", 13, single("Split", { axis: -1 }, [int64Proto("sizes", [2], [4, 1])], ["y", "z"])],
  ["Split in uneven parts by count", 18, single("Split", { axis: 3, num_outputs: 3 }, [], ["y", "z", "u"])],
  ...[undefined, 0, 2, -1, 3].flatMap((axis) => ["Softmax", "LogSoftmax"].map((op) => [`${op} of old, axis ${axis ?? "left out"}`, 11, single(op, axis === undefined ? {} : { axis })] as const)),
  ["Softmax, axis 1", 13, single("Softmax", { axis: 1 })],
  ["Softmax, axis left out", 13, single("Softmax")],
  ["Flatten", 9, single("Flatten", { axis: 2 })],
  ["Dropout of old", 10, single("Dropout", { ratio: { float: 0.5 } })],
  ["Dropout", 13, single("Dropout", {}, [float32Proto("ratio", [], [0.5])])],
  ["BatchNormalization with its training attributes", 9, single("BatchNormalization", { epsilon: 0.001, momentum: 0.9 }, [channels("s"), channels("b"), channels("m"), channels("v", 0.5)])],
  ["BatchNormalization of opset 7", 7, single("BatchNormalization", { spatial: 1, momentum: 0.9 }, [channels("s"), channels("b"), channels("m"), channels("v", 0.5)])],
  ["BatchNormalization by the batch", 15, { ...single("BatchNormalization", { training_mode: 1, momentum: 0.9 }, [channels("s"), channels("b"), channels("m"), channels("v", 0.5)], ["y", "unused", "idle"]), outputs: { y: undefined } }],
  ["BatchNormalization of standardised weights", 14, { ...single("BatchNormalization", { training_mode: 1, epsilon: 0.01 }, [channels("s"), channels("b"), channels("m"), channels("v", 0.5)], ["y", "unused", "idle"]), inputs: { x: [1, 4, 7] }, outputs: { y: undefined } }],
  ["GroupNormalization per channel", 21, single("GroupNormalization", { num_groups: 2 }, [channels("s"), channels("b")])],
  ["GroupNormalization per group", 18, single("GroupNormalization", { num_groups: 2 }, [weights("s", [2]), weights("b", [2])])],
  ["LayerNormalization", 17, single("LayerNormalization", { axis: -2 }, [weights("s", [6, 5]), weights("b", [6, 5])])],
  ["InstanceNormalization", 6, single("InstanceNormalization", {}, [channels("s"), channels("b")])],
  ["LRN", 13, single("LRN", { size: 3, alpha: { float: 1 }, beta: 0.75, bias: { float: 2 } })],
  ["Gelu, HardSwish and Mish in a row", 20, { ...single("Gelu"), nodes: [{ op: "Gelu", inputs: ["x"], outputs: ["a"], attributes: { approximate: "tanh" } }, { op: "HardSwish", inputs: ["a"], outputs: ["b"] }, { op: "Mish", inputs: ["b"], outputs: ["y"] }] }],
  ["Elu, Selu, HardSigmoid with whole floats", 13, { ...single("Elu"), nodes: [{ op: "Elu", inputs: ["x"], outputs: ["a"], attributes: { alpha: { float: 2 } } }, { op: "Selu", inputs: ["a"], outputs: ["b"] }, { op: "HardSigmoid", inputs: ["b"], outputs: ["y"], attributes: { alpha: { float: 1 } } }] }],
  ...["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap((auto_pad) => [
    [`Conv ${auto_pad}`, 13, single("Conv", window({ auto_pad, strides: [2, 3] }), [weights("w", [3, 4, 3, 3]), weights("b", [3])])],
    [`Conv ${auto_pad}, even kernel`, 13, single("Conv", { auto_pad, kernel_shape: [2, 4] }, [weights("w", [3, 4, 2, 4])])],
    [`MaxPool ${auto_pad}`, 12, single("MaxPool", { kernel_shape: [2, 2], auto_pad, strides: [2, 2] })],
    [`AveragePool ${auto_pad}`, 11, single("AveragePool", { kernel_shape: [3, 2], auto_pad, strides: [2, 2] })],
    [`AveragePool ${auto_pad}, padding counted`, 11, single("AveragePool", { kernel_shape: [3, 2], auto_pad, strides: [2, 2], count_include_pad: 1 })],
    [`ConvTranspose ${auto_pad}`, 11, single("ConvTranspose", window({ auto_pad, strides: [2, 2] }), [weights("w", [4, 2, 3, 3])])],
    [`ConvTranspose ${auto_pad} and output_padding`, 11, single("ConvTranspose", window({ auto_pad, strides: [2, 2], output_padding: [1, 1] }), [weights("w", [4, 2, 3, 3])])],
  ] as const),
  ["ConvTranspose with an output_shape", 11, single("ConvTranspose", window({ strides: [2, 2], output_shape: [12, 10] }), [weights("w", [4, 2, 3, 3])])],
  ["ConvTranspose with an output_shape, SAME_UPPER", 11, single("ConvTranspose", window({ strides: [2, 2], output_shape: [12, 10], auto_pad: "SAME_UPPER" }), [weights("w", [4, 2, 3, 3])])],
  ["AveragePool with ceil_mode, padding counted", 19, single("AveragePool", window({ strides: [2, 2], ceil_mode: 1, count_include_pad: 1, pads: [1, 1, 0, 0] }))],
  ["AveragePool with ceil_mode and dilations", 19, single("AveragePool", { kernel_shape: [2, 2], strides: [3, 2], ceil_mode: 1, dilations: [2, 1], pads: [1, 0, 0, 0] })],
  ["MaxPool with ceil_mode", 12, single("MaxPool", window({ strides: [2, 2], ceil_mode: 1 }))],
  ["Gemm with scales", 9, { ...single("Gemm", { alpha: 0.5, beta: { float: 2 }, transA: 1, transB: 1 }, [weights("w", [3, 5]), weights("c", [6, 1])]), inputs: { x: [5, 6] } }],
  ["Constants of every kind", 13, {
    ...single("Add"), nodes: [
      { op: "Constant", inputs: [], outputs: ["a"], attributes: { value: { tensor: float32Proto("", [1, 4, 1, 1], [1, 2, 3, 4]) } } }, { op: "Constant", inputs: [], outputs: ["b"], attributes: { value_float: { float: 2 } } },
      { op: "Constant", inputs: [], outputs: ["c"], attributes: { value_floats: { floats: [0, 1, 2, 3, 4] } } }, { op: "Constant", inputs: [], outputs: ["d"], attributes: { value_int: 0 } }, { op: "Constant", inputs: [], outputs: ["e"], attributes: { value_ints: [1, 0] } },
      { op: "Add", inputs: ["x", "a"], outputs: ["f"] }, { op: "Mul", inputs: ["f", "b"], outputs: ["g"] }, { op: "Sub", inputs: ["g", "c"], outputs: ["h"] },
      { op: "Gather", inputs: ["h", "e"], outputs: ["i"], attributes: { axis: 0 } }, { op: "Gather", inputs: ["i", "d"], outputs: ["y"], attributes: { axis: 1 } },
    ],
  }],
  ["a shape computed and reshaped to", 11, {
    ...single("Reshape"), nodes: [
      { op: "Shape", inputs: ["x"], outputs: ["s"] }, { op: "Gather", inputs: ["s", "zero"], outputs: ["n"] }, { op: "Unsqueeze", inputs: ["n"], outputs: ["n1"], attributes: { axes: [0] } },
      { op: "Concat", inputs: ["n1", "rest"], outputs: ["target"], attributes: { axis: 0 } }, { op: "Reshape", inputs: ["x", "target"], outputs: ["y"] },
    ], initializers: [int64Proto("zero", [], [0]), int64Proto("rest", [1], [-1])],
  }],
  ["a shape turned round", 13, {
    ...single("Reshape"), nodes: [
      { op: "Shape", inputs: ["x"], outputs: ["s"] }, { op: "Slice", inputs: ["s", "from", "to", "axis", "step"], outputs: ["r"] }, { op: "Reshape", inputs: ["x", "r"], outputs: ["y"] },
    ], initializers: [int64Proto("from", [1], [-1]), int64Proto("to", [1], [-100]), int64Proto("axis", [1], [0]), int64Proto("step", [1], [-1])],
  }],
  ["DepthToSpace by columns", 11, single("DepthToSpace", { blocksize: 2, mode: "CRD" })],
  ["Cast to whole numbers and back", 13, { ...single("Cast"), nodes: [{ op: "Cast", inputs: ["x"], outputs: ["a"], attributes: { to: 6 } }, { op: "Cast", inputs: ["a"], outputs: ["y"], attributes: { to: 1 } }] }],
  ["CumSum, backwards and exclusive", 14, single("CumSum", { reverse: 1, exclusive: 1 }, [int64Proto("axis", [], [1])])],
];

describe("imported models", async () => {
  const ort = await onnxruntimeRuntime();

  it.each(models)("%s (opset %i)", async (_, opset, text) => {
    const bytes = modelBytes({ ...text, opset });
    const [input] = Object.entries(text.inputs) as [[string, readonly number[]]];
    const x = { dtype: "float32" as const, shape: input[1], data: Float32Array.from(smooth(input[1], 9, -2, 2).data as Float64Array) };
    const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
    const expected = await session.run({ x: new OrtTensor("float32", x.data, x.shape) });
    const { graph } = importOnnx(sourceOf(bytes));
    const special = specialize(graph, { x: x.shape });
    for (const runtime of [referenceRuntime, ort]) {
      const program = await runtime.compile(special, rangeReader(bytes));
      const actual = await program.run({ x });
      program.dispose();
      for (const [name, { dims, data }] of Object.entries(expected)) {
        expect(actual[name]!.shape, `${runtime.name}: shape of ${name}`).toEqual(dims);
        expect(sizeOf(dims)).toBeGreaterThan(0);
        const wanted = Array.from(data as Float32Array, Number);
        const largest = Math.max(...wanted.map(Math.abs));
        const worst = Math.max(...toNumbers(actual[name]!).map((value, i) => Math.abs(value - wanted[i]!)));
        expect(worst / largest, `${runtime.name}: ${name}`).toBeLessThanOrEqual(1e-5);
      }
    }
  });
});
