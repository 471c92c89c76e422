/** @file What gradients are at kinks and ties, and what the reverse pass leaves out. Expected values are PyTorch's documented choices, worked by hand. */
import { describe, expect, it } from "vitest";
import { gradient, withOutputs } from "../../../src/engine/autodiff/gradient.js";
import { WhylightError } from "../../../src/engine/errors.js";
import { GraphBuilder } from "../../../src/engine/ir/builder.js";
import type { Attributes, Graph } from "../../../src/engine/ir/graph.js";
import { float32, int64, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { cotangentsOf, expectGradient } from "./gradientCheck.js";
import { distinct, float64, smooth } from "./numbers.js";
import { evaluate64, graphOf, nodeGraph, window } from "./smallGraph.js";

const vector = (...values: number[]) => float64([values.length], values);
const ints = (...values: number[]) => int64([values.length], values);

/** Cotangents of all inputs where the output's cotangent is one everywhere. */
function slopes(graph: Graph, inputs: readonly Tensor[]): (number[] | undefined)[] {
  const feeds = Object.fromEntries(inputs.map((tensor, i) => [`x${i}`, tensor]));
  const { shape, data } = evaluate64(graph, feeds)[graph.outputs[0]!]!;
  const ones = float64(shape, new Float64Array(data.length).fill(1));
  return cotangentsOf(graph, feeds, ones, graph.inputs).map((tensor) => tensor && toNumbers(tensor));
}

const slope = (op: string, x: Tensor, attributes: Attributes = {}, constants: readonly (Tensor | undefined)[] = []) => slopes(nodeGraph(op, [x], attributes, constants), [x])[0];
const scalar = (value: number) => float32([], [value]);

describe("kinks", () => {
  it.each([
    ["Relu", vector(-1, 0, 1), [0, 0, 1]],
    ["Abs", vector(-1, 0, 1), [-1, 0, 1]],
    ["LeakyRelu", vector(-1, 0, 1), [0.5, 0.5, 1]],
    ["Elu", vector(0, 1), [0.5, 1]],
    ["HardSigmoid", vector(-1, 0, 1), [0, 0.5, 0]],
    ["HardSwish", vector(-3, 0, 3), [0, 0.5, 1]],
  ])("%s", (op, x, expected) => expect(slope(op, x, { alpha: 0.5, beta: 0.5 })).toEqual(expected));

  it("ReLU6 passes nothing at 0 and at 6", () => expect(slope("Clip", vector(-1, 0, 3, 6, 7), {}, [scalar(0), scalar(6)])).toEqual([0, 0, 1, 0, 0]));

  it("other bounds pass the gradient at the bounds, as torch.clamp", () => {
    expect(slope("Clip", vector(-1, 0, 3, 5, 7), {}, [scalar(0), scalar(5)])).toEqual([0, 1, 1, 1, 0]);
    expect(slope("Clip", vector(-1, 0, 6, 7), {}, [undefined, scalar(6)])).toEqual([1, 1, 1, 0]);
    expect(slope("Clip", vector(-1, 0, 6, 7), {}, [scalar(0)])).toEqual([0, 1, 1, 1]);
  });

  it("PRelu at 0 takes the slope", () => {
    const inputs = [vector(-1, 0, 2), vector(0.25, 0.25, 0.25)];
    expect(slopes(nodeGraph("PRelu", inputs), inputs)).toEqual([[0.25, 0.25, 1], [-1, 0, 0]]);
  });

  it("ReduceL2 of zeros passes nothing, as torch.linalg.vector_norm", () => expect(slope("ReduceL2", float64([2, 2], [0, 0, 3, 4]), {}, [ints(1)])).toEqual([0, 0, 0.6000000000000001, 0.8]));

  it("powers have no slope at exponent 0, and none with respect to the exponent of 0, as torch.pow", () => {
    const inputs = [vector(0, 0, 2), vector(0, 2, 0)];
    const [base, exponent] = slopes(nodeGraph("Pow", inputs), inputs);
    expect(base).toEqual([0, 0, 0]);
    [0, 0, Math.LN2].forEach((value, i) => expect(exponent![i]).toBeCloseTo(value, 12));
  });

  it.each([
    ["ThresholdedRelu", vector(0.5, 1, 1.5), [0, 0, 1]],
    ["Shrink", vector(-1, -0.5, 0, 0.5, 1), [1, 0, 0, 0, 1]],
    ["Celu", vector(-1, 0, 1), [Math.exp(-1), 1, 1]],
  ])("%s", (op, x, expected) => slope(op, x)!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6)));

  it("a product of several zeros passes nothing, of one zero to that one alone", () => {
    expect(slope("ReduceProd", float64([3, 3], [0, 2, 3, 0, 0, 5, 1, 2, 3]), {}, [ints(1)])).toEqual([6, 0, 0, 0, 0, 0, 6, 3, 2]);
  });

  it("steps pass nothing", () => {
    for (const op of ["Sign", "Floor", "Ceil", "Round"]) expect(slope(op, vector(0.2, 1.7)), op).toBeUndefined();
  });
});

describe("weights that the model computes", () => {
  it.each([
    [[2, 4, 5, 6], [6, 2, 2, 3], { group: 2, ...window([2, 3], { strides: [2, 1], dilations: [1, 2], pads: [1, 0, 0, 2] }) }],
    [[1, 2, 7], [3, 2, 3], window([3], { strides: [3] })],
    [[2, 3, 4, 4], [3, 1, 2, 2], { group: 3, ...window([2, 2], { strides: [3, 1] }) }],
    [[1, 1, 3, 4, 3], [2, 1, 2, 2, 1], window([2, 2, 1], { dilations: [1, 2, 1] })],
  ] as const)("Conv of %j with %j", (x, w, attributes) => {
    const inputs = [smooth(x, 1), smooth(w, 2), smooth([w[0]], 3)];
    expectGradient(nodeGraph("Conv", inputs, attributes), inputs, [0, 1, 2], "Conv");
  });
});

describe("scales and biases that the model computes", () => {
  const image = smooth([2, 4, 2, 3], 1);
  const channels = [smooth([4], 2, 0.5, 2), smooth([4], 3)];
  it.each([
    ["LayerNormalization", [smooth([2, 3, 4], 4), smooth([3, 4], 5, 0.5, 2), smooth([4], 6)], { axis: 1, epsilon: 0.01 }, []],
    ["RMSNormalization", [smooth([2, 3, 4], 4), smooth([4], 5, 0.5, 2)], { epsilon: 0.01 }, []],
    ["InstanceNormalization", [image, ...channels], { epsilon: 0.01 }, []],
    ["GroupNormalization", [image, ...channels], { num_groups: 2, epsilon: 0.01 }, []],
    ["BatchNormalization", [image, ...channels], { epsilon: 0.01 }, [smooth([4], 7), smooth([4], 8, 0.5, 2)]],
  ] as const)("%s", (op, inputs, attributes, constants) => expectGradient(nodeGraph(op, inputs, attributes, constants), inputs, inputs.map((_, i) => i), op));
});

describe("ties", () => {
  it("MaxPool and GlobalMaxPool take the first maximum in row-major order", () => {
    const x = float64([1, 1, 2, 4], [1, 1, 2, 5, 1, 1, 5, 5]);
    expect(slope("MaxPool", x, window([2, 2], { strides: [2, 2] }))).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    expect(slope("GlobalMaxPool", x)).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
  });

  it("overlapping windows add up in a maximum they share", () => {
    expect(slope("MaxPool", float64([1, 1, 5], [0, 3, 1, 3, 2]), window([3]))).toEqual([0, 2, 0, 1, 0]);
  });

  it("a maximum in the padding is never taken", () => {
    expect(slope("MaxPool", float64([1, 1, 3], [-5, -4, -6]), window([3], { pads: [1, 1] }))).toEqual([0, 3, 0]);
  });

  it("Max and Min share evenly between operands", () => {
    const inputs = [vector(1, 2, 3), vector(1, 3, 2), vector(1, 0, 3)];
    expect(slopes(nodeGraph("Max", inputs), inputs)).toEqual([[1 / 3, 0, 0.5], [1 / 3, 1, 0], [1 / 3, 0, 0.5]]);
    const two = [vector(1, 2), float64([], [1])];
    expect(slopes(nodeGraph("Min", two), two)).toEqual([[0.5, 0], [1.5]]);
  });

  it("ReduceMax and ReduceMin share evenly between elements, as torch.amax", () => {
    const x = float64([2, 3], [4, 1, 4, 2, 2, 2]);
    expect(slope("ReduceMax", x, { keepdims: 0 }, [ints(1)])).toEqual([0.5, 0, 0.5, 1 / 3, 1 / 3, 1 / 3]);
    expect(slope("ReduceMin", x, { keepdims: 1 })).toEqual([0, 1, 0, 0, 0, 0]);
  });
});

describe("shapes", () => {
  it("pass an empty dimension", () => {
    const x = float64([0, 3], []);
    expect(slope("Softmax", x)).toEqual([]);
    expect(slope("ReduceSum", x, { keepdims: 0 }, [ints(0)])).toEqual([]);
    expect(slopes(graphOf([x, vector(1, 2, 3)], (graph, a, b) => [graph.add("Mul", [a!, b!])]), [x, vector(1, 2, 3)])).toEqual([[], [0, 0, 0]]);
  });

  it("sum over broadcast axes of both operands", () => {
    const inputs = [float64([2, 1], [1, 2]), float64([3], [10, 20, 30])];
    expect(slopes(nodeGraph("Mul", inputs), inputs)).toEqual([[60, 60], [3, 3, 3]]);
  });

  it("give zero to rows a strided convolution never reads", () => {
    const x = smooth([1, 1, 4, 4], 1);
    const graph = nodeGraph("Conv", [x], { ...window([1, 1], { strides: [2, 2] }), group: 1 }, [float32([1, 1, 1, 1], [3])]);
    expect(slopes(graph, [x])[0]).toEqual([3, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0, 0, 0]);
  });

  it.each([
    ["stride 2 over an odd size", [1, 2, 7, 9], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }],
    ["stride 2 over an even size", [1, 2, 8, 6], [3, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }],
    ["groups", [1, 4, 5, 5], [6, 2, 3, 3], { group: 2 }],
    ["depthwise, strided, dilated", [1, 3, 9, 8], [3, 1, 3, 3], { group: 3, strides: [2, 2], dilations: [2, 2], pads: [2, 1, 1, 2] }],
    ["three spatial axes", [1, 2, 3, 4, 3], [2, 2, 2, 2, 2], { strides: [1, 2, 1] }],
  ] as const)("convolution: %s", (_, shape, weights, rest) => {
    const x = smooth(shape, 3);
    expectGradient(nodeGraph("Conv", [x], { ...window(weights.slice(2)), group: 1, ...rest } as Attributes, [smooth(weights, 4)]), [x]);
  });

  it("a transposed convolution whose output_padding lies within its end padding", () => {
    const x = smooth([1, 2, 3, 3], 3);
    expectGradient(nodeGraph("ConvTranspose", [x], { ...window([3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }), output_padding: [1, 1] }, [smooth([2, 2, 3, 3], 4)]), [x]);
  });

  it.each([["MaxPool", {}], ["AveragePool", { count_include_pad: 0 }], ["AveragePool", { count_include_pad: 1 }]])("%s whose last window reaches past the padding %o", (op, rest) => {
    const x = distinct([1, 2, 6, 6], 5);
    expectGradient(nodeGraph(op, [x], { ...window([3, 3], { strides: [2, 2], pads: [1, 0, 0, 0] }), ceil_mode: 1, ...rest }), [x]);
  });

  it.each([[1, 2], [1, -1], [1, -2]])("Slice %o", (_, step) => {
    const x = vector(1, 2, 3, 4, 5);
    const [start, end] = step > 0 ? [0, 4] : [-1, 0];
    const expected = { 2: [1, 0, 1, 0, 0], [-1]: [0, 1, 1, 1, 1], [-2]: [0, 0, 1, 0, 1] }[step];
    expect(slope("Slice", x, {}, [ints(start), ints(end), ints(0), ints(step)])).toEqual(expected);
  });

  it("Slice of nothing, backwards", () => expect(slope("Slice", vector(1, 2, 3), {}, [ints(0), ints(2), ints(0), ints(-2)])).toEqual([0, 0, 0]));

  it("Gather: one position, and repeated ones", () => {
    const x = float64([3, 2], [1, 2, 3, 4, 5, 6]);
    expect(slope("Gather", x, { axis: 0 }, [int64([], [-1])])).toEqual([0, 0, 0, 0, 1, 1]);
    expect(slope("Gather", x, { axis: 0 }, [ints(1, 1, -2, 0)])).toEqual([1, 1, 3, 3, 0, 0]);
  });

  it("Split with an unused output, Concat, Expand, negative Pad", () => {
    const x = vector(1, 2, 3);
    const splitted = nodeGraph("Split", [x], { axis: 0 }, [ints(2, 1)], 2);
    expect(slopes({ ...splitted, outputs: [splitted.outputs[1]!] }, [x])).toEqual([[0, 0, 1]]);
    const joined = graphOf([x, vector(4)], (graph, a, b) => [graph.add("Slice", [graph.add("Concat", [a!, b!], { axis: 0 }), graph.ints([2]), graph.ints([4])])]);
    expect(slopes(joined, [x, vector(4)])).toEqual([[0, 0, 1], [1]]);
    expect(slope("Expand", float64([3, 1], [1, 2, 3]), {}, [ints(2, 1, 4)])).toEqual([8, 8, 8]);
    expect(slope("Pad", x, {}, [ints(-1, 2)])).toEqual([0, 1, 1]);
  });
});

/** y = relu(x w) * 2 + x, with a side branch nobody asks for. */
const branching = () => graphOf([float64([1, 2], [0.5, -0.25])], (graph, x) => {
  const below = graph.add("Exp", [x!]);
  const layer = graph.add("MatMul", [below, graph.constant(float32([2, 2], [1, 2, 3, -4]))]);
  const top = graph.add("Relu", [layer]);
  return [graph.add("Add", [graph.add("Mul", [top, top]), layer])];
});

describe("the reverse pass", () => {
  it("adds the contributions of a value used twice", () => {
    const x = vector(1, 2, 3);
    expect(slopes(graphOf([x], (graph, a) => [graph.add("Add", [graph.add("Mul", [a!, a!]), a!])]), [x])).toEqual([[3, 5, 7]]);
  });

  it("differentiates with respect to intermediate values and several at once", () => {
    const graph = branching();
    const layer = graph.nodes.find(({ op }) => op === "MatMul")!.outputs[0]!;
    const feeds = { x0: float64([1, 2], [0.5, -0.25]) };
    const [dx, dLayer, missing] = cotangentsOf({ ...graph, types: graph.types }, feeds, float64([1, 2], [1, 1]), ["x0", layer, graph.initializers.keys().next().value!]);
    const [e0, e1] = [Math.exp(0.5), Math.exp(-0.25)];
    const h = [e0 + 3 * e1, 2 * e0 - 4 * e1];
    const g = h.map((value) => (value > 0 ? 2 * value + 1 : 1));
    toNumbers(dLayer!).forEach((value, i) => expect(value).toBeCloseTo(g[i]!, 12));
    const expected = [e0 * (g[0]! + 2 * g[1]!), e1 * (3 * g[0]! - 4 * g[1]!)];
    toNumbers(dx!).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
    expect(missing?.shape).toEqual([2, 2]);
  });

  it("leaves out what lies below the layer, and every weight gradient", () => {
    const graph = branching();
    const layer = graph.nodes.find(({ op }) => op === "MatMul")!.outputs[0]!;
    const builder = new GraphBuilder(graph, "");
    const seed = builder.input("seed", { dtype: "float32", shape: [1, 2] });
    const { graph: grown, cotangents } = gradient(builder.build(graph.outputs), graph.outputs[0]!, seed, [layer]);
    const program = withOutputs(grown, [cotangents.get(layer)!]);
    const gradientNodes = program.nodes.filter(({ name }) => name.startsWith("grad/"));
    expect(program.nodes.filter(({ name }) => !name.startsWith("grad/")).map(({ op }) => op)).toEqual(["Exp", "MatMul", "Relu"]);
    expect(gradientNodes.map(({ op }) => op)).not.toContain("MatMul");
    expect(gradientNodes.flatMap(({ inputs }) => inputs).filter((name) => name === "x0" || program.types.get(name)?.shape?.join() === "2,2")).toEqual([]);
  });

  it("gives nothing for a value the target does not depend on", () => {
    const x = vector(1, 2);
    expect(slopes(graphOf([x, x], (graph, a) => [graph.add("Exp", [a!])]), [x, x])[1]).toBeUndefined();
  });

  it("gives the seed for the target itself", () => {
    const graph = nodeGraph("Exp", [vector(1, 2)]);
    expect(toNumbers(cotangentsOf(graph, { x0: vector(1, 2) }, vector(5, 7), [graph.outputs[0]!])[0]!)).toEqual([5, 7]);
  });

  it.each([
    ["a second derivative of MaxPool", graphOf([smooth([1, 1, 2, 2], 1), smooth([1, 1, 1, 1], 2)], (graph, x, dy) => [graph.add("MaxPoolGrad", [x!, graph.add("MaxPool", [x!], window([2, 2])), dy!], window([2, 2]))]), "MaxPoolGrad"],
    ["ConvTranspose whose weights depend on the input", graphOf([smooth([1, 1, 3, 3], 1)], (graph, x) => [graph.add("ConvTranspose", [x!, x!], window([3, 3]))]), "ConvTranspose (weights)"],
    ["Clip whose bound depends on the input", graphOf([vector(1, 2)], (graph, x) => [graph.add("Clip", [x!, graph.add("ReduceMean", [x!], { keepdims: 0 })])]), "Clip (bounds)"],
  ])("refuses %s, naming operator and node", (_, graph, op) => {
    const failure = (() => { try { return gradient(graph, graph.outputs[0]!, graph.outputs[0]!, ["x0"]); } catch (thrown) { return thrown; } })();
    expect(failure).toBeInstanceOf(WhylightError);
    expect(failure).toMatchObject({ code: "gradientUndefined", data: { op, node: graph.nodes.at(-1)!.name } });
  });
});

describe("operators taken apart on the path", () => {
  it("leave the seed's own nodes and a target that is no output where they are", () => {
    // h = tanh(w x) for one step of one unit; y = h + h, whose slope is 2 (1 - tanh²) w, times the seed 3.
    const graph = graphOf([float64([1, 1, 1], [0.5]), float64([1, 1, 1], [1])], (builder, x, one) => {
      const weight = builder.constant(float32([1, 1, 1], [2]));
      const [, h] = builder.addMany("RNN", [x!, weight, builder.constant(float32([1, 1, 1], [0]))], { hidden_size: 1, activations: ["Tanh"], direction: "forward" }, 2);
      builder.copy({ op: "Mul", name: "seed", inputs: [one!, builder.scalar(3)], outputs: ["seed"], attributes: {} });
      builder.copy({ op: "Add", name: "target", inputs: [h!, h!], outputs: ["target"], attributes: {} });
      return [builder.add("Neg", [h!])];
    });
    const { graph: grown, cotangents } = gradient(graph, "target", "seed", ["x0"]);
    const slope = evaluate64(withOutputs(grown, [cotangents.get("x0")!]), [float64([1, 1, 1], [0.5]), float64([1, 1, 1], [1])])[cotangents.get("x0")!]!;
    expect(toNumbers(slope)[0]).toBeCloseTo(3 * 2 * 2 * (1 - Math.tanh(1) ** 2), 12);
  });
});
