/** @file Small files with resizing, grid sampling, recurrent layers, branches and functions. */
import { toNumbers } from "../../src/engine/ir/tensor.js";
import { smooth } from "../unit/engine/numbers.js";
import { float32Proto, int64Proto, type AttributeValue, type ModelText } from "../unit/engine/onnxBytes.js";

/** A file, run with smooth numbers in [-1.5, 1.5). */
export interface SamplingCase {
  readonly name: string;
  readonly text: ModelText;
  readonly irVersion?: number;
  /** What the symbols in the inputs' shapes stand for. */
  readonly symbols?: Readonly<Record<string, number>>;
}

const noise = (name: string, dims: readonly number[], seed = 5) => float32Proto(name, dims, toNumbers(smooth(dims, dims.length + seed, -0.8, 0.8)));
const int32Proto = (name: string, dims: readonly number[], values: readonly number[]) => ({ name, dims, dataType: 6, rawData: new Uint8Array(Int32Array.from(values).buffer) });
const nameOf = (tensor: object) => (tensor as { name: string }).name;

/** One node over x. Inputs after x are initializers; "" leaves one out. */
const node = (name: string, opset: number, op: string, shape: readonly number[], attributes: Record<string, AttributeValue>, constants: readonly (object | "")[] = [], outputs: readonly string[] = ["y"]): SamplingCase => ({
  name,
  text: {
    opset, nodes: [{ op, inputs: ["x", ...constants.map((tensor) => (tensor === "" ? "" : nameOf(tensor)))], outputs, attributes }], inputs: { x: shape },
    outputs: Object.fromEntries(outputs.filter((output) => output !== "").map((output) => [output, undefined])), initializers: constants.filter((tensor) => tensor !== "") as object[],
  },
});

const image = [1, 2, 5, 7];
const scales = (...values: number[]) => float32Proto("scales", [values.length], values);
const sizes = (...values: number[]) => int64Proto("sizes", [values.length], values);

const resizes: SamplingCase[] = [
  ...["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"].flatMap((coordinate_transformation_mode) => ["nearest", "linear", "cubic"].flatMap((mode) => [
    node(`Resize ${mode} ${coordinate_transformation_mode} up by scales`, 13, "Resize", image, { mode, coordinate_transformation_mode }, ["", scales(1, 1, 2, 3)]),
    node(`Resize ${mode} ${coordinate_transformation_mode} to sizes`, 13, "Resize", image, { mode, coordinate_transformation_mode }, ["", "", sizes(1, 2, 8, 4)]),
  ])),
  ...["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"].map((nearest_mode) => node(`Resize nearest ${nearest_mode}`, 13, "Resize", image, { mode: "nearest", nearest_mode, coordinate_transformation_mode: "half_pixel" }, ["", scales(1, 1, 1.7, 0.6)])),
  node("Resize nearest as PyTorch exports it", 11, "Resize", image, { mode: "nearest", nearest_mode: "floor", coordinate_transformation_mode: "asymmetric", cubic_coeff_a: -0.75 }, [float32Proto("roi", [0], []), scales(1, 1, 2, 2)]),
  node("Resize cubic, a = -0.5, outside left out", 13, "Resize", image, { mode: "cubic", cubic_coeff_a: -0.5, exclude_outside: 1 }, ["", scales(1, 1, 0.8, 1.4)]),
  node("Resize linear with antialiasing", 18, "Resize", [1, 2, 9, 11], { mode: "linear", antialias: 1 }, ["", "", sizes(1, 2, 4, 3)]),
  node("Resize cubic with antialiasing", 18, "Resize", [1, 2, 9, 11], { mode: "cubic", antialias: 1 }, ["", "", sizes(1, 2, 4, 5)]),
  node("Resize of some axes", 18, "Resize", image, { mode: "linear", axes: [2, 3] }, ["", "", sizes(3, 9)]),
  node("Resize keeping the aspect, not larger", 18, "Resize", image, { mode: "linear", axes: [2, 3], keep_aspect_ratio_policy: "not_larger" }, ["", "", sizes(9, 9)]),
  node("Resize keeping the aspect, not smaller", 18, "Resize", image, { mode: "nearest", axes: [2, 3], keep_aspect_ratio_policy: "not_smaller" }, ["", "", sizes(9, 9)]),
  node("Resize crop", 13, "Resize", image, { mode: "linear", coordinate_transformation_mode: "tf_crop_and_resize", extrapolation_value: { float: 3 } }, [float32Proto("roi", [8], [0, 0, 0.2, -0.3, 1, 1, 0.9, 0.8]), "", sizes(1, 2, 4, 6)]),
  node("Resize of a volume", 13, "Resize", [1, 2, 3, 4, 5], { mode: "linear" }, ["", scales(1, 1, 2, 2, 1.5)]),
  node("Resize of a line", 13, "Resize", [1, 2, 6], { mode: "nearest" }, ["", scales(1, 1, 2)]),
  node("Resize half_pixel_symmetric", 19, "Resize", image, { mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" }, ["", scales(1, 1, 1.3, 0.7)]),
  node("Resize of opset 10", 10, "Resize", image, { mode: "linear" }, [scales(1, 1, 2, 1.5)]),
  node("Resize nearest of opset 10", 10, "Resize", image, { mode: "nearest" }, [scales(1, 1, 2, 1.5)]),
  node("Upsample of opset 9", 9, "Upsample", image, { mode: "nearest" }, [scales(1, 1, 2, 3)]),
  node("Upsample of opset 7", 7, "Upsample", image, { mode: "linear", scales: { floats: [1, 1, 2, 3] } }),
];

const grids: SamplingCase[] = ["bilinear", "nearest", "bicubic"].flatMap((mode) => ["zeros", "border", "reflection"].flatMap((padding_mode) => [0, 1].map((align_corners): SamplingCase => ({
  name: `GridSample ${mode} ${padding_mode}${align_corners ? ", corners aligned" : ""}`,
  text: { opset: 16, nodes: [{ op: "GridSample", inputs: ["x", "grid"], outputs: ["y"], attributes: { mode, padding_mode, align_corners } }], inputs: { x: [2, 2, 4, 5], grid: [2, 3, 4, 2] }, outputs: { y: undefined } },
}))));
const volume: SamplingCase = { name: "GridSample of a volume", text: { opset: 20, nodes: [{ op: "GridSample", inputs: ["x", "grid"], outputs: ["y"], attributes: { mode: "linear" } }], inputs: { x: [1, 2, 3, 4, 5], grid: [1, 2, 3, 2, 3] }, outputs: { y: undefined } } };

/** A spatial transformer: the grid from matrices, the image through it. */
const affine: SamplingCase[] = [0, 1].flatMap((align_corners) => [[2, 2, 3, 4], [2, 2, 3, 2, 4]].map((size): SamplingCase => ({
  name: `AffineGrid of ${size.length - 2} axes${align_corners ? ", corners aligned" : ""}`,
  text: {
    opset: 20, inputs: { theta: [2, size.length - 2, size.length - 1], x: [2, 2, ...size.slice(2).map(() => 5)] }, outputs: { grid: undefined, y: undefined }, initializers: [sizes(...size)],
    nodes: [{ op: "AffineGrid", inputs: ["theta", "sizes"], outputs: ["grid"], attributes: { align_corners } }, { op: "GridSample", inputs: ["x", "grid"], outputs: ["y"], attributes: { mode: "linear", padding_mode: "border", align_corners } }],
  },
})));

/** Columns put back into an image, as unfolding attention does. */
const blocks: SamplingCase[] = ([
  ["overlapping", [2, 18, 20], [4, 5], [3, 3], { pads: [1, 1, 1, 1] }],
  ["with strides that leave a rest", [1, 8, 6], [5, 6], [2, 2], { strides: [2, 2] }],
  ["dilated, padded on one side", [1, 12, 16], [5, 4], [2, 3], { dilations: [2, 1], pads: [0, 1, 1, 1] }],
  ["of three axes", [1, 16, 12], [3, 3, 4], [2, 2, 2], {}],
] as const).map(([name, shape, size, block, attributes]) => node(`Col2Im ${name}`, 18, "Col2Im", shape, attributes, [int64Proto("image", [size.length], size), int64Proto("block", [block.length], block)]));

/** [sequence, batch, input] = [5, 3, 4], hidden 6. */
const recurrent = (name: string, op: "LSTM" | "GRU" | "RNN", directions: number, attributes: Record<string, AttributeValue>, extras: readonly (object | "")[] = []): SamplingCase => {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const outputs = op === "LSTM" ? ["y", "h", "c"] : ["y", "h"];
  return node(`${op}, ${name}`, 14, op, [5, 3, 4], { hidden_size: 6, ...attributes }, [noise("w", [directions, gates * 6, 4]), noise("r", [directions, gates * 6, 6], 11), ...extras], outputs);
};
const lengths = int32Proto("lengths", [3], [5, 2, 3]);

const layers: SamplingCase[] = (["LSTM", "GRU", "RNN"] as const).flatMap((op) => {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const bias = (directions: number) => noise("b", [directions, 2 * gates * 6], 17);
  const states = (directions: number) => [noise("h0", [directions, 3, 6], 3), ...(op === "LSTM" ? [noise("c0", [directions, 3, 6], 23)] : [])];
  return [
    recurrent("plain", op, 1, {}), recurrent("backwards, with biases", op, 1, { direction: "reverse" }, [bias(1)]),
    recurrent("both ways, with states", op, 2, { direction: "bidirectional" }, [bias(2), "", ...states(2)]),
    recurrent("lengths", op, 2, { direction: "bidirectional" }, [bias(2), lengths, ...states(2)]),
    recurrent("clipped", op, 1, { clip: { float: 0.4 } }, [bias(1)]),
  ];
}).concat([
  recurrent("peepholes", "LSTM", 1, {}, [noise("b", [1, 48], 17), "", noise("h0", [1, 3, 6], 3), noise("c0", [1, 3, 6], 23), noise("p", [1, 18], 29)]),
  recurrent("forget gate tied", "LSTM", 1, { input_forget: 1 }, [noise("b", [1, 48], 17)]),
  recurrent("reset after the product", "GRU", 1, { linear_before_reset: 1 }, [noise("b", [1, 36], 17)]),
  recurrent("ReLU", "RNN", 1, { activations: { strings: ["Relu"] } }, [noise("b", [1, 12], 17)]),
  recurrent("other activations", "GRU", 2, { direction: "bidirectional", activations: { strings: ["HardSigmoid", "Softsign", "Sigmoid", "LeakyRelu"] }, activation_alpha: { floats: [0.3, 0.1] }, activation_beta: { floats: [0.4] } }, [noise("b", [2, 36], 17)]),
]);

const attribute = (name: string, refAttrName: string) => ({ name, refAttrName, type: 1 });
const value = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });
const plain = (opType: string, input: readonly string[], output: readonly string[], rest: object = {}) => ({ opType, input, output, ...rest });

/** Squeezes where the second axis is 1, as PyTorch exports `squeeze(1)`. */
const squeezing = (name: string, n: number): SamplingCase => ({
  name: `If ${name}`, symbols: { n },
  text: {
    opset: 13, inputs: { x: [2, "n", 3] }, outputs: { y: undefined }, initializers: [int64Proto("one", [], [1]), int64Proto("axes", [1], [1]), float32Proto("two", [], [2])],
    nodes: [
      { op: "Shape", inputs: ["x"], outputs: ["s"] }, { op: "Gather", inputs: ["s", "one"], outputs: ["d"], attributes: { axis: 0 } }, { op: "Equal", inputs: ["d", "one"], outputs: ["c"] }, { op: "Mul", inputs: ["x", "two"], outputs: ["m"] },
      {
        op: "If", inputs: ["c"], outputs: ["z"], attributes: {
          then_branch: { graph: { name: "then", node: [plain("Squeeze", ["m", "axes"], ["t"]), plain("Neg", ["t"], ["out"])], output: [value("out")] } },
          else_branch: { graph: { name: "else", node: [plain("Add", ["m", "half"], ["t"]), plain("Identity", ["t"], ["out"])], initializer: [float32Proto("half", [], [0.5])], output: [value("out")] } },
        },
      },
      { op: "Tanh", inputs: ["z"], outputs: ["y"] },
    ],
  },
});

/** y = outer(x): a function that calls another twice, with an attribute passed on and a default. */
const nested: SamplingCase = {
  name: "functions that call functions", irVersion: 10,
  text: {
    opset: 17, domains: { local: 1 }, inputs: { x: [2, 3, 4] }, outputs: { y: undefined },
    nodes: [{ op: "Outer", domain: "local", inputs: ["x"], outputs: ["a"], attributes: { slope: { float: 0.25 } } }, { op: "Outer", domain: "local", inputs: ["a"], outputs: ["y"], attributes: { slope: { float: 0.5 } } }],
    functions: [
      {
        name: "Inner", domain: "local", input: ["v", "unused"], output: ["w"], attribute: [], attributeProto: [{ name: "alpha", type: 1, f: 0.1 }], opsetImport: [{ domain: "", version: 17 }],
        node: [plain("LeakyRelu", ["v"], ["t"], { attribute: [attribute("alpha", "alpha")] }), plain("ReduceMean", ["t"], ["m"], { attribute: [{ name: "axes", type: 7, ints: [-1] }] }), plain("Sub", ["t", "m"], ["w"])],
      },
      {
        name: "Outer", domain: "local", input: ["p"], output: ["q"], attribute: ["slope"], opsetImport: [{ domain: "", version: 17 }, { domain: "local", version: 1 }],
        node: [
          plain("Inner", ["p"], ["t"], { domain: "local", attribute: [attribute("alpha", "slope")] }), plain("Inner", ["t"], ["u"], { domain: "local" }),
          plain("Constant", [], ["yes"], { attribute: [{ name: "value", type: 4, t: { dims: [], dataType: 9, rawData: Uint8Array.of(1) } }] }),
          plain("If", ["yes"], ["q"], { attribute: [{ name: "then_branch", type: 5, g: { name: "t", node: [plain("Mul", ["u", "p"], ["r"])], output: [value("r")] } }, { name: "else_branch", type: 5, g: { name: "e", node: [plain("Neg", ["u"], ["r"])], output: [value("r")] } }] }),
        ],
      },
    ],
  },
};

export const samplingCases: readonly SamplingCase[] = [...resizes, ...grids, volume, ...affine, ...blocks, ...layers, squeezing("an axis of 1", 1), squeezing("a longer axis", 4), nested];
