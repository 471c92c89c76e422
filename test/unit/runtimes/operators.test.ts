/** @file Every operator on every runtime gives what the float64 interpreter gives. */
import { describe, expect, it } from "vitest";
import { ops } from "../../../src/engine/ir/ops.js";
import type { Tensor } from "../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import { lowerings } from "../../../src/runtimes/tfjs/lowerings.js";
import { operatorCases } from "./operatorCases.js";
import { workingRuntimes } from "./workingRuntimes.js";

const noFile = () => {
  throw new Error("no initializer of these cases lies in a file");
};

/** Float results may differ by this share of the largest element; everything else is equal. */
const tolerance = 1e-5;

function expectEqual(actual: Tensor, expected: Tensor): void {
  expect(actual.dtype).toBe(expected.dtype);
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [Array.from(actual.data, Number), Array.from(expected.data, Number)];
  const limit = actual.dtype === "float32" ? tolerance * Math.max(1, ...b.filter(Number.isFinite).map(Math.abs)) : 0;
  const worst = Math.max(0, ...a.map((value, i) => (Object.is(value, b[i]) || value === b[i] ? 0 : Math.abs(value - b[i]!))));
  expect(worst, `${a.slice(0, 8).join(" ")} instead of ${b.slice(0, 8).join(" ")}`).toBeLessThanOrEqual(limit);
}

const runtimes = (await workingRuntimes()).filter(({ name }) => name !== "reference");

describe.each(runtimes)("$name", (runtime) => {
  it.each(operatorCases)("$name", async ({ graph, inputs }) => {
    const expected = await (await referenceRuntime.compile(graph, noFile)).run(inputs);
    const program = await runtime.compile(graph, noFile);
    const actual = await program.run(inputs);
    program.dispose();
    for (const output of graph.outputs) expectEqual(actual[output]!, expected[output]!);
  });
});

describe("the table of lowerings", () => {
  const tested = new Set(operatorCases.flatMap(({ graph }) => graph.nodes.map(({ op }) => op)));

  it.each(Object.keys(lowerings))("has %s, with a case", (op) => {
    expect(Object.keys(ops)).toContain(op);
    expect([...tested]).toContain(op);
  });
});
