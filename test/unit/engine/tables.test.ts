/** @file The tables of rules cover the operator table, and nothing else. */
import { describe, expect, it } from "vitest";
import { gradientRules, withoutGradient } from "../../../src/engine/autodiff/rules.js";
import { shapeRules } from "../../../src/engine/ir/infer.js";
import { isOp, ops } from "../../../src/engine/ir/ops.js";
import { expansions, plainForms } from "../../../src/engine/passes/expand/expansions.js";
import { kernels } from "../../../src/engine/reference/interpreter.js";

const known = Object.keys(ops).sort();

describe("rule tables", () => {
  it("have a shape rule for every operator and for nothing else", () => expect(Object.keys(shapeRules).sort()).toEqual(known));

  it("have a kernel for every operator that is not gone once shapes are known, and for nothing else", () => {
    expect([...Object.keys(kernels), ...Object.keys(expansions), "If"].sort()).toEqual(known);
  });

  it("have, for every operator and nothing else, a gradient rule, a form in plain operators or the reason why not, never two of them", () => {
    expect([...Object.keys(gradientRules), ...Object.keys(withoutGradient), ...Object.keys(expansions), ...Object.keys(plainForms), "If"].sort()).toEqual(known);
  });

  it("take no name of Object.prototype for an operator", () => expect(["toString", "constructor", "__proto__"].filter(isOp)).toEqual([]));
});
