/** @file Functions inside models, branches, and what is said of operators that hold graphs but are not supported. */
import { describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { importOnnx } from "../../../src/engine/importers/onnx/importOnnx.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { specialize } from "../../../src/engine/passes/specialize.js";
import { unsupportedOperators } from "../../../src/engine/inspect.js";
import { float32Proto, int64Proto, modelBytes, sourceOf, type ModelText } from "../engine/onnxBytes.js";
import { float64 } from "../engine/numbers.js";
import { evaluate64 } from "../engine/smallGraph.js";

const plain = (opType: string, input: readonly string[], output: readonly string[], rest: object = {}) => ({ opType, input, output, ...rest });
const value = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });
const read = (text: ModelText) => importOnnx(sourceOf(modelBytes(text))).graph;

/** The first output for x = [1, 2, ...] of the given shape. */
function run(text: ModelText, shape: readonly number[]): number[] {
  const x = float64(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1));
  const graph = specialize(read(text), { x: shape });
  return toNumbers(evaluate64(graph, { x })[graph.outputs[0]!]!);
}

/** Mean over the last axis with the axes in an attribute, as opsets below 18 write it. */
const oldMean = { name: "Mean", domain: "local", input: ["v"], output: ["w"], opsetImport: [{ domain: "", version: 13 }], node: [plain("ReduceMean", ["v"], ["w"], { attribute: [{ name: "axes", type: 7, ints: [-1] }] })] };

describe("functions inside models", () => {
  const calls: ModelText = {
    opset: 21, irVersion: 10, domains: { local: 1 }, functions: [oldMean], inputs: { x: [2, 3] }, outputs: { y: undefined },
    nodes: [{ op: "Mean", domain: "local", inputs: ["x"], outputs: ["m"] }, { op: "Sub", inputs: ["x", "m"], outputs: ["y"] }],
  };

  it("read their nodes by their own opset", () => expect(run(calls, [2, 3])).toEqual([-1, 0, 1, -1, 0, 1]));

  it("keep what they compute under names of the call", () => expect(read({ ...calls, nodes: [{ ...calls.nodes[0]!, name: "first" }, calls.nodes[1]!] }).nodes.map(({ name }) => name)[0]).toBe("first/ReduceMean_0"));

  it("pass an input through as an output", () => {
    const same = { name: "Same", domain: "local", input: ["v"], output: ["v"], opsetImport: [{ domain: "", version: 21 }], node: [] };
    expect(run({ ...calls, functions: [same], nodes: [{ op: "Same", domain: "local", inputs: ["x"], outputs: ["m"] }, { op: "Neg", inputs: ["m"], outputs: ["y"] }] }, [2, 3])).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it("do not mix up the values of two calls", () => {
    const shift = { name: "Shift", domain: "local", input: ["v"], output: ["w"], opsetImport: [{ domain: "", version: 21 }], node: [plain("Neg", ["v"], ["t"]), plain("Exp", ["t"], ["w"])] };
    const nodes = [{ op: "Shift", domain: "local", inputs: ["x"], outputs: ["a"] }, { op: "Shift", domain: "local", inputs: ["a"], outputs: ["y"] }];
    expect(run({ ...calls, functions: [shift], nodes, inputs: { x: [1] } }, [1])[0]).toBeCloseTo(Math.exp(-Math.exp(-1)), 12);
  });

  it("are refused when they call themselves", () => {
    const loop = { ...oldMean, node: [plain("Mean", ["v"], ["w"], { domain: "local" })] };
    expect(() => read({ ...calls, functions: [loop] })).toThrow(/calls itself/);
  });
});

/** `y = condition ? then : else`, where the condition comes from `nodes`. */
const choosing = (nodes: ModelText["nodes"], rest: Partial<ModelText> = {}): ModelText => ({
  opset: 13, inputs: { x: ["n", 2] }, outputs: { y: undefined }, initializers: [int64Proto("zero", [], [0]), int64Proto("two", [], [2]), float32Proto("ten", [], [10])],
  nodes: [...nodes, {
    op: "If", name: "choice", inputs: ["c"], outputs: ["y"], attributes: {
      then_branch: { graph: { name: "then", node: [plain("Add", ["x", "ten"], ["r"])], output: [value("r")] } },
      else_branch: { graph: { name: "else", node: [plain("Mul", ["x", "ten"], ["r"])], output: [value("r")] } },
    },
  }], ...rest,
});
const byShape: ModelText["nodes"] = [{ op: "Shape", inputs: ["x"], outputs: ["s"] }, { op: "Gather", inputs: ["s", "zero"], outputs: ["d"] }, { op: "Less", inputs: ["d", "two"], outputs: ["c"] }];

describe("branches", () => {
  it("are chosen anew for every shape", () => {
    expect(run(choosing(byShape), [1, 2])).toEqual([11, 12]);
    expect(run(choosing(byShape), [2, 2])).toEqual([10, 20, 30, 40]);
  });

  it("are chosen at import where the condition is a constant", () => {
    const graph = read(choosing([{ op: "Less", inputs: ["zero", "two"], outputs: ["c"] }]));
    expect(graph.nodes.map(({ op }) => op)).not.toContain("If");
    expect(graph.types.get("y")?.shape).toEqual(["n", 2]);
  });

  it("inside branches are chosen too", () => {
    const inner = (op: string) => ({ name: op, node: [plain(op, ["x"], ["r"])], output: [value("r")] });
    const outer = { name: "outer", node: [plain("If", ["c"], ["q"], { attribute: [{ name: "then_branch", type: 5, g: inner("Neg") }, { name: "else_branch", type: 5, g: inner("Exp") }] }), plain("Add", ["q", "ten"], ["r"])], output: [value("r")] };
    const text = choosing(byShape);
    const nodes = [...text.nodes.slice(0, -1), { ...text.nodes.at(-1)!, attributes: { then_branch: { graph: outer }, else_branch: { graph: inner("Identity") } } }];
    expect(run({ ...text, nodes }, [1, 2])).toEqual([9, 8]);
    expect(run({ ...text, nodes }, [2, 2])).toEqual([1, 2, 3, 4]);
  });

  it("may hand out a value from around them", () => {
    const text = choosing(byShape);
    const through = { name: "through", node: [], output: [value("x")] };
    const nodes = [...text.nodes.slice(0, -1), { ...text.nodes.at(-1)!, attributes: { then_branch: { graph: through }, else_branch: { graph: through } } }];
    expect(run({ ...text, nodes }, [1, 2])).toEqual([1, 2]);
  });

  it("name the node where the condition depends on the data", () => {
    const byData: ModelText["nodes"] = [{ op: "ReduceMax", inputs: ["x"], outputs: ["m"], attributes: { keepdims: 0 } }, { op: "Greater", inputs: ["m", "ten"], outputs: ["c"] }];
    const graph = read(choosing(byData));
    expect(unsupportedOperators(graph)).toEqual([]);
    expect(() => specialize(graph, { x: [1, 2] })).toThrow(expect.objectContaining({ code: "opUnsupported", data: { op: "If (its condition depends on the data)", node: "choice" } }) as WhylightError);
  });
});

describe("operators that hold graphs", () => {
  it.each(["Loop", "Scan"])("%s is named as unsupported", (op) => {
    const body = { name: "body", node: [plain("Identity", ["v"], ["w"])], output: [value("w")] };
    const graph = read({ opset: 13, inputs: { x: [2] }, outputs: { y: undefined }, nodes: [{ op, name: "again", inputs: ["", "", "x"], outputs: ["y"], attributes: { body: { graph: body } } }] });
    expect(unsupportedOperators(graph)).toEqual([{ op, node: "again", problem: "run" }]);
  });
});
