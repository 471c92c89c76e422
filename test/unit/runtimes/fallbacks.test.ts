/** @file What is said beforehand about the interpreter's share is what compiling then does; ONNX Runtime's sessions are taken apart around what it refuses. */
import { describe, expect, it } from "vitest";
import { float32, int64, type Tensor } from "../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import { interpretedOperators } from "../../../src/runtimes/interpreted.js";
import { onnxruntimeRuntime } from "../../../src/runtimes/onnxruntime.js";
import { splitGraph } from "../../../src/runtimes/splitGraph.js";
import { tfjsRuntime } from "../../../src/runtimes/tfjs/tfjsRuntime.js";
import { caseOf, draw, window } from "./operatorCase.js";
import { operatorCases } from "./operatorCases.js";

const noFile = () => {
  throw new Error("no initializer of these cases lies in a file");
};

describe("interpretedOperators", async () => {
  const wasm = await tfjsRuntime("tfjs-wasm");

  it.each(operatorCases)("tells of $name what compiling does", async ({ graph }) => {
    const program = await wasm.compile(graph, noFile);
    program.dispose();
    expect(interpretedOperators(graph).flatMap(({ runtime, op, reason }) => (runtime === "tfjs-wasm" ? [{ op, reason }] : []))).toEqual(program.fallbacks);
  });

  it("names the operator, the runtimes and the reason", () => {
    const { graph } = caseOf("volume", [draw([1, 2, 4, 5, 6], 1)], (builder, x) => [builder.add("Conv", [x!, builder.constant(draw([3, 2, 2, 3, 3], 2))], window([2, 3, 3]))]);
    expect(interpretedOperators(graph)).toEqual(["tfjs-tensorflow", "tfjs-webgpu", "tfjs-wasm"].map((runtime) => ({ runtime, op: "Conv", reason: "TensorFlow.js has no kernel for convolution over 3 axes" })));
  });
});

describe("ONNX Runtime", () => {
  /** Its CPU has no kernel for the hyperbolic sine of a double. */
  const doubles: Tensor = { dtype: "float64", shape: [3], data: Float64Array.of(0.25, -1.5, 3) };

  it("runs around what it refuses, on both sides of it, and says so", async () => {
    const { graph } = caseOf("islands", [doubles], (builder, x) => {
      const before = builder.add("Mul", [x!, x!]);
      const middle = builder.add("Sinh", [builder.add("Cast", [before], { to: "float64" })]);
      return [builder.add("Add", [middle, before]), builder.add("Neg", [builder.add("Sinh", [before])]), x!, builder.constant(int64([1], [7]))];
    });
    const program = await (await onnxruntimeRuntime()).compile(graph, noFile);
    for (let time = 0; time < 2; time++) {
      const [actual, expected] = [await program.run({ x0: doubles }), await (await referenceRuntime.compile(graph, noFile)).run({ x0: doubles })];
      for (const output of graph.outputs) {
        expect(actual[output]!.shape).toEqual(expected[output]!.shape);
        Array.from(actual[output]!.data, Number).forEach((value, i) => expect(value).toBeCloseTo(Number(expected[output]!.data[i]), 12));
      }
    }
    program.dispose();
    expect(program.fallbacks).toEqual([{ op: "Sinh", reason: "ONNX Runtime has no kernel for its form or types" }]);
  });

  it("has no fallbacks to tell of for an ordinary graph", async () => {
    const { graph } = caseOf("plain", [float32([2], [1, 2])], (builder, x) => [builder.add("Exp", [x!])]);
    const program = await (await onnxruntimeRuntime()).compile(graph, noFile);
    program.dispose();
    expect(program.fallbacks).toEqual([]);
  });
});

describe("splitGraph", () => {
  it("makes as few stretches as the dependencies allow, each with what others read of it", () => {
    const { graph } = caseOf("two islands", [float32([2], [1, 2])], (builder, x) => {
      const [a, b] = [builder.add("Sinh", [builder.add("Exp", [x!])]), builder.add("Sinh", [builder.add("Neg", [x!])])];
      return [builder.add("Add", [a, b]), builder.add("Abs", [x!])];
    });
    const stretches = splitGraph(graph, ({ op }) => op === "Sinh");
    expect(stretches.map(({ isInterpreted, graph: part }) => [isInterpreted, part.nodes.map(({ op }) => op), part.inputs.length, part.outputs.length])).toEqual([
      [false, ["Exp", "Neg", "Abs"], 1, 3], [true, ["Sinh", "Sinh"], 2, 2], [false, ["Add"], 2, 1],
    ]);
  });
});
