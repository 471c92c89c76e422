/** @file A gradient that computes attention weights again is the same gradient, and nothing of the way back reads those of the forward pass. */
import { describe, expect, it } from "vitest";
import { buildForward, buildGradient, cotangentOf } from "../../../src/engine/attribution/programs.js";
import { predictedInput, seedInput } from "../../../src/engine/attribution/target.js";
import type { GraphBuilder } from "../../../src/engine/ir/builder.js";
import { dependents, type Graph } from "../../../src/engine/ir/graph.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { recomputeAttention } from "../../../src/engine/passes/recomputeAttention.js";
import { onnxruntimeRuntime } from "../../../src/runtimes/onnxruntime.js";
import { sameWithin } from "./expectSame.js";
import { smooth } from "./numbers.js";
import { graphOf, noFile } from "./smallGraph.js";

const [tokens, heads, size] = [6, 2, 2];
const x = float32([1, tokens, heads * size], smooth([1, tokens, heads * size], 1, -1, 1).data as Float64Array);
const seeds = { [seedInput]: float32([1, 3], [0, 1, -1]), [predictedInput]: float32([1], [0]) };

/** Attention as importers write it, of so many tokens, with a bias on the scores; and three scores. */
function attention(given = x, after: (graph: GraphBuilder, weights: string) => string = (_, weights) => weights): Graph {
  return graphOf([given], (graph, input) => {
    const width = heads * size;
    const linear = (seed: number) => graph.add("MatMul", [input!, graph.constant(float32([width, width], smooth([width, width], seed, -1, 1).data as Float64Array))]);
    const split = (value: string) => graph.add("Transpose", [graph.add("Reshape", [value, graph.ints([1, given.shape[1]!, heads, size])], {})], { perm: [0, 2, 1, 3] });
    const [query, key, value] = [2, 3, 4].map((seed) => split(linear(seed))) as [string, string, string];
    const product = graph.add("Mul", [graph.add("MatMul", [query, graph.add("Transpose", [key], { perm: [0, 1, 3, 2] })]), graph.scalar(0.7)]);
    const weights = after(graph, graph.add("Softmax", [graph.add("Add", [product, graph.constant(float32([1, 1, 1, given.shape[1]!], Array.from({ length: given.shape[1]! }, (_, i) => i / 5)))])], { axis: -1 }));
    const mixed = graph.add("ReduceMean", [graph.add("Tanh", [graph.add("MatMul", [weights, value])]), graph.ints([1, 3])], { keepdims: 0 });
    return [graph.rename(graph.add("MatMul", [mixed, graph.constant(float32([given.shape[1]!, 3], smooth([given.shape[1]!, 3], 6, -1, 1).data as Float64Array))]), "scores")];
  });
}

const gradient = buildGradient(attention(), "scores", "logit", ["x0"]);
const softmaxes = ({ nodes }: Graph) => nodes.filter(({ op }) => op === "Softmax").map(({ outputs }) => outputs[0]!);

describe("recomputeAttention", () => {
  it("changes no number", () => sameWithin(1e-12)(recomputeAttention(gradient), gradient, { x0: x, ...seeds }));

  it("leaves the first weights to the forward pass, and computes the second behind a cotangent", () => {
    const graph = recomputeAttention(gradient);
    const [first, second] = softmaxes(graph);
    expect(softmaxes(graph)).toHaveLength(2);
    expect(graph.nodes.filter(({ inputs }) => inputs.includes(first!)).map(({ op }) => op)).toEqual(["MatMul"]);
    expect(dependents(graph, [first!]).has(second!)).toBe(true);
  });

  it("gives the same gradient on ONNX Runtime", async () => {
    const runtime = await onnxruntimeRuntime();
    const [own, plain] = await Promise.all([gradient, { ...gradient, outputs: [...gradient.outputs, softmaxes(gradient)[0]!] }].map(async (graph) => (await runtime.compile(graph, noFile)).run({ x0: x, ...seeds })));
    const [actual, expected] = [own, plain].map((outputs) => outputs![cotangentOf("x0")]!.data as Float32Array);
    actual!.forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 5));
  });

  const short = float32([1, 3, heads * size], Float32Array.from(x.data as Float32Array).subarray(0, 3 * heads * size));
  it.each([
    ["a forward pass", buildForward(attention(), "scores")], ["weights that are asked for", { ...gradient, outputs: [...gradient.outputs, softmaxes(gradient)[0]!] }],
    ["weights smaller than queries and keys", buildGradient(attention(short), "scores", "logit", ["x0"])],
    ["a softmax of no product", buildGradient(graphOf([x], (graph, input) => [graph.rename(graph.add("ReduceMean", [graph.add("Softmax", [input!], { axis: -1 }), graph.ints([1])], { keepdims: 0 }), "scores")]), "scores", "logit", ["x0"])],
  ])("leaves %s as it is", (_, graph) => expect(recomputeAttention(graph)).toBe(graph));
});
