/** @file Every operator and its gradient in float32 on every runtime, against the interpreter in float64, on random shapes and attributes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, withOutputs } from "../../src/engine/autodiff/gradient.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import { isInMemory, type Graph } from "../../src/engine/ir/graph.js";
import { float32, sizeOf, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { toWhylightError } from "../../src/engine/errors.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { Draw, gradientCases, type GradientCase, type MakeCase } from "../unit/engine/gradientCases.js";
import { movingCases } from "../unit/engine/gradientCasesMoving.js";
import { attentionCase, plainFormCases } from "../unit/engine/gradientCasesPlain.js";
import { numericCases } from "../unit/engine/gradientCasesNumeric.js";
import { smooth } from "../unit/engine/numbers.js";
import { evaluate64, noFile } from "../unit/engine/smallGraph.js";
import { workingRuntimes } from "../unit/runtimes/workingRuntimes.js";

/** The share of the largest element by which float32 may differ. */
const tolerance = 2e-5;

const seed = 20260803;
const runs = 12;
/** On an emulated card ONNX Runtime takes half a second for each graph: one form of each operator, unless all are asked for. */
const runsOn = ({ name }: Runtime) => (name === "onnxruntime-webgpu" && process.env["WHYLIGHT_TEST_WEBGPU"] !== "1" ? 1 : runs);

/** The graph with its outputs and the gradient of the first one with respect to the differentiated inputs. */
function withGradient({ graph, wrt }: GradientCase): Graph {
  const builder = new GraphBuilder(graph, "");
  const output = graph.outputs[0]!;
  const seedName = builder.input("seed", { dtype: "float32", shape: builder.shape(output) });
  const { graph: grown, cotangents } = gradient(builder.build(graph.outputs), output, seedName, wrt.map((i) => `x${i}`));
  const found = [...cotangents.values()].filter((name) => name !== undefined && name !== seedName);
  return withOutputs(grown, [...new Set([...graph.outputs, ...found.map((name) => name!)])]);
}

/** What people feed is float32. */
const narrow = (tensor: Tensor): Tensor => (tensor.dtype === "float64" ? float32(tensor.shape, toNumbers(tensor)) : tensor);

/** The case with its constants in float32, as importing would have them. */
function narrowed(made: GradientCase): GradientCase {
  const initializers = new Map([...made.graph.initializers].map(([name, initializer]) => [name, isInMemory(initializer) ? narrow(initializer) : initializer]));
  const types = new Map([...made.graph.types].map(([name, type]) => [name, type.dtype === "float64" ? { ...type, dtype: "float32" as const } : type]));
  return { ...made, graph: { ...made.graph, initializers, types } };
}

async function agree(runtime: Runtime, made: GradientCase): Promise<void> {
  // Graphs name the type of a cast; float64 stands for the interpreter's own.
  if (made.graph.nodes.some(({ attributes }) => attributes["to"] === "float64")) return;
  const graph = withGradient(narrowed(made));
  const named = Object.fromEntries(made.tensors.map((tensor, i) => [`x${i}`, narrow(tensor)]));
  const all: Record<string, Tensor> = { ...named, seed: narrow(smooth(graph.types.get("seed")?.shape as number[] ?? [], 77, -1, 1)) };
  const inputs = Object.fromEntries(graph.inputs.map((name) => [name, all[name]!]));
  // TensorFlow.js and ONNX Runtime refuse graphs over nothing at all.
  if (Object.values(inputs).some(({ shape }) => sizeOf(shape) === 0)) return;
  const expected = evaluate64(graph, inputs);
  const program = await runtime.compile(graph, noFile);
  const actual = await program.run(inputs);
  program.dispose();
  for (const output of graph.outputs) {
    const [found, wanted] = [toNumbers(actual[output]!), toNumbers(expected[output]!)];
    expect(actual[output]!.shape).toEqual(expected[output]!.shape);
    const limit = tolerance * Math.max(1, ...wanted.map(Math.abs));
    found.forEach((value, i) => expect(Math.abs(value - wanted[i]!), `${output}[${i}] is ${value} instead of ${wanted[i]}`).toBeLessThanOrEqual(limit));
  }
}

const cases: Readonly<Record<string, MakeCase>> = { ...gradientCases, ...numericCases, ...movingCases, ...plainFormCases, Attention: attentionCase };

describe("operators and their gradients", async () => {
  const runtimes = (await workingRuntimes()).filter(({ name }) => name !== "reference");
  describe.each(runtimes)("on $name", (runtime) => {
    it.each(Object.keys(cases))("%s", async (op) => {
      await fc.assert(fc.asyncProperty(fc.gen(), async (gen) => {
        const made = cases[op]!(new Draw(gen));
        try {
          await agree(runtime, made);
        } catch (thrown) {
          throw thrown instanceof Error && "code" in thrown ? new Error(toWhylightError(thrown).message, { cause: thrown }) : thrown;
        }
      }), { seed, numRuns: runsOn(runtime) });
    });
  });
});
