/** @file When the tests of a region confirm it, refute it, or leave it open. */
import { describe, expect, it } from "vitest";
import type { CounterTest } from "../../../../src/engine/audit/summary.js";
import { verdictOf } from "../../../../src/engine/audit/verdict.js";

const masked = (tried: number, changed: number, changedElsewhere: number): CounterTest => ({ tried, changed, corrected: 0, changedElsewhere, before: 0.9, after: 0.1 });

describe("the verdict on a region", () => {
  it("stays open without tests, or with too few images", () => {
    expect(verdictOf(undefined, undefined)).toBe("suspected");
    expect(verdictOf(masked(4, 4, 0), undefined)).toBe("suspected");
  });

  it("is confirmed where masking changes most answers, and elsewhere few", () => {
    expect(verdictOf(masked(20, 19, 1), undefined)).toBe("confirmed");
    expect(verdictOf(masked(20, 10, 1), undefined)).toBe("confirmed");
    expect(verdictOf(masked(5, 5, 0), undefined)).toBe("confirmed");
  });

  it("stays open where masking anything changes answers, or only some change", () => {
    expect(verdictOf(masked(20, 19, 18), undefined)).toBe("suspected");
    expect(verdictOf(masked(20, 9, 0), undefined)).toBe("suspected");
    // Three of five, where one or two elsewhere would be no surprise: P(at least 3 of 5 at 1/3) = 0.21.
    expect(verdictOf(masked(5, 3, 1), undefined)).toBe("suspected");
  });

  it("is refuted where masking changes no more than elsewhere, unless the region carries the class along", () => {
    expect(verdictOf(masked(20, 1, 1), undefined)).toBe("refuted");
    expect(verdictOf(masked(20, 1, 1), { tried: 20, turned: 1 })).toBe("refuted");
    expect(verdictOf(masked(20, 1, 1), { tried: 20, turned: 12 })).toBe("suspected");
  });
});
