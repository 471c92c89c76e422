/** @file Holds a gradient graph against central differences of the graph it came from, both in float64. */
import { expect } from "vitest";
import { gradient, withOutputs } from "../../../src/engine/autodiff/gradient.js";
import { GraphBuilder } from "../../../src/engine/ir/builder.js";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { float64, smooth } from "./numbers.js";
import { evaluate64 } from "./smallGraph.js";

/** Steps of the differences; the error of a smooth function is about step². */
const step = 1e-5;

/** Constants of gradient graphs are float32, so 6e-8 each. */
const tolerance = 2e-6;

/** Elements of one input that are nudged; more take long and show nothing new. */
const probes = 24;

/** The cotangents of `wrt` for the cotangent `seed` of the graph's only output; `undefined` where the output does not depend on a value. */
export function cotangentsOf(graph: Graph, inputs: Readonly<Record<string, Tensor>>, seed: Tensor, wrt: readonly string[]): (Tensor | undefined)[] {
  const builder = new GraphBuilder(graph, "");
  const seedName = builder.input("seed", { dtype: "float32", shape: seed.shape });
  const { graph: grown, cotangents } = gradient(builder.build(graph.outputs), graph.outputs[0]!, seedName, wrt);
  const found = wrt.map((value) => cotangents.get(value));
  const program = withOutputs(grown, [...new Set(found.filter((name) => name !== undefined))]);
  const results = evaluate64(program, { ...inputs, seed });
  return found.map((name) => (name === undefined ? undefined : results[name]!));
}

/**
 * Expects the gradient of `sum(seed * output)` with respect to the inputs of these indices to be what central differences give.
 * A missing cotangent counts as zero.
 */
export function expectGradient(graph: Graph, tensors: readonly Tensor[], wrt: readonly number[] = [0], what = ""): void {
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [`x${i}`, tensor]));
  const output = graph.outputs[0]!;
  const shape = evaluate64(graph, inputs)[output]!.shape;
  const seed = smooth(shape, 77, -1, 1);
  const value = (changed: Readonly<Record<string, Tensor>>) => toNumbers(evaluate64(graph, { ...inputs, ...changed })[output]!).reduce((sum, y, i) => sum + y * Number(seed.data[i]), 0);
  const analytic = cotangentsOf(graph, inputs, seed, wrt.map((i) => `x${i}`));
  wrt.forEach((at, k) => {
    const x = toNumbers(tensors[at]!);
    const dx = analytic[k];
    if (dx !== undefined) expect(dx.shape, `${what}: shape of the gradient of x${at}`).toEqual(tensors[at]!.shape);
    const largest = dx === undefined ? 1 : Math.max(1, ...toNumbers(dx).map(Math.abs));
    for (let probe = 0; probe < Math.min(probes, x.length); probe++) {
      const i = Math.floor((probe * x.length) / Math.min(probes, x.length));
      const nudged = (by: number) => ({ [`x${at}`]: float64(tensors[at]!.shape, x.map((old, n) => (n === i ? old + by : old))) });
      const expected = (value(nudged(step)) - value(nudged(-step))) / (2 * step);
      const actual = dx === undefined ? 0 : Number(dx.data[i]);
      expect(Math.abs(actual - expected) / largest, `${what}: d/dx${at}[${i}] is ${actual}, differences give ${expected}`).toBeLessThanOrEqual(tolerance);
    }
  });
}
