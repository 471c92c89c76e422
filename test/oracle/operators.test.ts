/** @file Every operator on ONNX Runtime, an implementation that owes nothing to ours, against the interpreter: fixed forms, and random ones on every runtime. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient, withOutputs } from "../../src/engine/autodiff/gradient.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import type { Graph, Initializer } from "../../src/engine/ir/graph.js";
import { float32, sizeOf, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { Draw, gradientCases } from "../unit/engine/gradientCases.js";
import { smooth } from "../unit/engine/numbers.js";
import { noFile } from "../unit/engine/smallGraph.js";
import { operatorCases } from "../unit/runtimes/operatorCases.js";
import { workingRuntimes } from "./runtimes.js";

const seed = 20260804;

/** Floats may differ by this share of the largest element or of 1; anything else is equal. */
const tolerance = 1e-5;

type Feeds = Readonly<Record<string, Tensor>>;

async function results(runtime: Runtime, graph: Graph, inputs: Feeds): Promise<Record<string, Tensor>> {
  const program = await runtime.compile(graph, noFile);
  try {
    return await program.run(inputs);
  } finally {
    program.dispose();
  }
}

async function expectLikeInterpreter(runtime: Runtime, graph: Graph, inputs: Feeds): Promise<void> {
  const expected = await results(referenceRuntime, graph, inputs);
  const actual = await results(runtime, graph, inputs);
  for (const output of graph.outputs) {
    const [a, b] = [actual[output]!, expected[output]!];
    expect([a.dtype, a.shape], output).toEqual([b.dtype, b.shape]);
    const [found, wanted] = [toNumbers(a), toNumbers(b)];
    const limit = b.dtype === "float32" ? tolerance * wanted.filter(Number.isFinite).reduce((max, value) => Math.max(max, Math.abs(value)), 1) : 0;
    wanted.forEach((value, i) => {
      if (!Object.is(found[i], value)) expect(Math.abs(found[i]! - value), `element ${i} is ${found[i]}, not ${value}`).toBeLessThanOrEqual(limit);
    });
  }
}

const narrow = (tensor: Tensor) => (tensor.dtype === "float64" ? float32(tensor.shape, toNumbers(tensor)) : tensor);

/** The cases of the gradient tests are drawn in float64; runtimes compute in float32. */
function narrowGraph(graph: Graph): Graph {
  const initializers = new Map([...graph.initializers].map(([name, initializer]): [string, Initializer] => [name, narrow(initializer as Tensor)]));
  const types = new Map([...graph.types].map(([name, type]) => [name, type.dtype === "float64" ? { ...type, dtype: "float32" as const } : type]));
  const nodes = graph.nodes.map((node) => (node.attributes["to"] === "float64" ? { ...node, attributes: { to: "float32" } } : node));
  return { ...graph, initializers, types, nodes };
}

/** The operator and its gradient in one graph. */
function withGradient(graph: Graph, tensors: readonly Tensor[], wrt: readonly number[]): { graph: Graph; inputs: Feeds } {
  const output = graph.outputs[0]!;
  const shape = graph.types.get(output)!.shape as readonly number[];
  const builder = new GraphBuilder(graph, "");
  const from = builder.input("seed", { dtype: "float32", shape });
  const { graph: grown, cotangents } = gradient(builder.build(graph.outputs), output, from, wrt.map((i) => `x${i}`));
  const found = [...new Set([...cotangents.values()].filter((name) => name !== undefined && name !== from))] as string[];
  const program = withOutputs(grown, [output, ...found]);
  const feeds: Feeds = { ...Object.fromEntries(tensors.map((tensor, i) => [`x${i}`, narrow(tensor)])), seed: narrow(smooth(shape, 11, -1, 1)) };
  return { graph: program, inputs: Object.fromEntries(program.inputs.map((name) => [name, feeds[name]!])) };
}

/** No runtime takes an output that is an input, or tensors without elements everywhere. */
const isRunnable = (graph: Graph) => graph.outputs.every((name) => !graph.inputs.includes(name)) && [...graph.types.values()].every(({ shape }) => sizeOf(shape as readonly number[]) > 0);

describe("operators", async () => {
  const runtimes = (await workingRuntimes()).filter(({ name }) => name !== "reference");
  const onnxruntime = runtimes.find(({ name }) => name === "onnxruntime")!;

  describe("in fixed forms on ONNX Runtime", () => {
    it.each(operatorCases)("$name", ({ graph, inputs }) => expectLikeInterpreter(onnxruntime, graph, inputs));
  });

  describe.each(runtimes)("in random forms, with their gradients, on $name", (runtime) => {
    it.each(Object.keys(gradientCases))("%s", async (op) => {
      let ran = 0;
      await fc.assert(fc.asyncProperty(fc.gen(), async (gen) => {
        const drawn = gradientCases[op]!(new Draw(gen));
        const { graph, inputs } = withGradient(narrowGraph(drawn.graph), drawn.tensors, drawn.wrt);
        if (!isRunnable(graph)) return;
        ran++;
        await expectLikeInterpreter(runtime, graph, inputs);
      }), { seed, numRuns: 40 });
      expect(ran).toBeGreaterThan(0);
    });
  });
});
