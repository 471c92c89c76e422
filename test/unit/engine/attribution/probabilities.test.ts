/** @file Probabilities of logits, and how undecided they are. */
import { describe, expect, it } from "vitest";
import { entropyOf, probabilities } from "../../../../src/engine/attribution/probabilities.js";

const rounded = (values: Iterable<number>) => [...values].map((value) => Number(value.toFixed(4)));

describe("probabilities", () => {
  it("are the softmax, for large logits too", () => expect(rounded(probabilities(Float32Array.of(1000, 1000, 1000 - Math.log(2)), "softmax"))).toEqual([0.4, 0.4, 0.2]));

  it("are the sigmoid of each where classes do not exclude each other", () => expect(rounded(probabilities(Float32Array.of(0, Math.log(3), -Math.log(3), -1000), "sigmoid"))).toEqual([0.5, 0.75, 0.25, 0]));

  it.each(["softmax", "sigmoid"] as const)("are the sigmoid of a single output (%s)", (activation) => expect(probabilities(Float32Array.of(0), activation)[0]).toBe(0.5));
});

describe("entropy", () => {
  it.each([
    ["of one answer among four equal ones", [0.25, 0.25, 0.25, 0.25], "softmax", Math.log(4), 1],
    ["of a sure answer", [1, 0, 0], "softmax", 0, 0],
    ["of yes and no for each", [0.5, 0.5, 1], "sigmoid", 2 * Math.LN2, 2 / 3],
    ["of a lone yes or no", [0.5], "softmax", Math.LN2, 1],
  ] as const)("%s", (_, shares, activation, nats, share) => {
    const found = entropyOf(Float64Array.from(shares), activation);
    expect(found.nats).toBeCloseTo(nats, 12);
    expect(found.share).toBeCloseTo(share, 12);
  });
});
