/** @file Every gradient rule against central differences in float64, on random shapes and attributes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradientRules } from "../../../src/engine/autodiff/rules.js";
import { Draw, gradientCases } from "./gradientCases.js";
import { movingCases } from "./gradientCasesMoving.js";
import { numericCases } from "./gradientCasesNumeric.js";
import { expectGradient } from "./gradientCheck.js";

/** Fixed, so that a failure is the same for everyone; fast-check prints it with the shrunk draw. */
const seed = 20260801;

/** Windows have the most forms. */
const runs = (op: string) => (["Conv", "ConvTranspose", "MaxPool", "AveragePool", "Slice", "Gather", "Pad", "MatMul", "Einsum", "ReduceProd", "ScatterElements", "ScatterND", "Resize"].includes(op) ? 80 : 25);

/** Rounding has no slope to compare with; quantizedGradients.test.ts holds these against the straight-through definition. */
const straightThrough = ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger"];

const cases = { ...gradientCases, ...numericCases, ...movingCases };

describe("gradient rules", () => {
  it("has a random case for every rule", () => {
    expect([...Object.keys(cases), ...straightThrough].sort()).toEqual(Object.keys(gradientRules).filter((op) => gradientRules[op] !== "none").sort());
  });

  it.each(Object.keys(cases))("%s", (op) => {
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors, wrt } = cases[op]!(new Draw(gen));
      expectGradient(graph, tensors, wrt, op);
    }), { seed, numRuns: runs(op) });
  });
});
