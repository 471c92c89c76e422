/** @file Rankings and the class a person means. */
import { describe, expect, it } from "vitest";
import { resolveTarget, topPredictions } from "../../../src/worker/predictions.js";

it("ranks by logit, equal ones by index, and names what has no label", () => {
  const ranked = topPredictions(Float32Array.of(1, 3, 3, 2), { labels: ["a", "b"], activation: "softmax" }, 3);
  expect(ranked.map(({ index, label }) => [index, label])).toEqual([[1, "b"], [2, "class 2"], [3, "class 3"]]);
});

describe("the class meant", () => {
  const labels = ["Cat", "dog", "cat", "7 up"];
  it.each([["predicted", "predicted"], [2, 2], ["dog", 1], ["DOG", 1], ["cat", 2], ["Cat", 0], ["CAT", 0], ["7 UP", 3]])("%j", (target, index) => {
    expect(resolveTarget(target, labels, 4)).toBe(index);
  });

  it.each(["bird", 4, -1, 1.5, "7"])("%j is none", (target) => {
    expect(() => resolveTarget(target, labels, 4)).toThrow(expect.objectContaining({ code: "targetUnknown", data: { target, classes: 4 } }) as Error);
  });

  it("is none where the model has fewer classes than labels", () => {
    expect(() => resolveTarget("7 up", labels, 3)).toThrow(expect.objectContaining({ code: "targetUnknown" }) as Error);
  });
});
