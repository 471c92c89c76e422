/** @file Two audits compared, by hand. */
import { describe, expect, it } from "vitest";
import { compareAudits } from "../../../../src/engine/audit/compareAudits.js";
import type { SharedRegion } from "../../../../src/engine/audit/summary.js";

const region = (id: string, predicted: number, x: number, over: Partial<SharedRegion> = {}): SharedRegion => ({
  id, group: { kind: "mistakesInto", predicted }, area: { x, y: 0.5, width: 0.25, height: 0.25 }, place: "right", inRegion: 9, images: 10, elsewhereShare: 0, pValue: 0.001, meanMap: [], files: [],
  masked: undefined, planted: undefined, verdict: "suspected", ...over,
});
const image = (file: string, label: number, predicted: number) => ({ file, label, predicted });

describe("two audits", () => {
  it("tells fixed from broken, by class, though the second model numbers its classes differently", () => {
    const before = { labels: ["cat", "dog"], regions: [], images: [image("a", 0, 0), image("b", 0, 1), image("c", 0, 1), image("d", 1, 1), image("e", 1, 0), image("gone", 0, 0), image("unlabelled", -1, 0), image("relabelled", 0, 0)] };
    const after = { labels: ["dog", "cat"], regions: [], images: [image("e", 0, 1), image("d", 0, 1), image("c", 1, 1), image("b", 1, 1), image("a", 1, 1), image("new", 0, 0), image("unlabelled", -1, 0), image("relabelled", 0, 0)] };
    expect(compareAudits(before, after)).toEqual({
      images: 5, onlyBefore: 2, onlyAfter: 2, right: { before: 2, after: 3 }, fixed: 2, broken: 1, wrongInBoth: 1,
      // Three changed; two or more one way: 2 * (3 + 1) / 8.
      pValue: expect.closeTo(1, 12), regions: [],
      classes: [{ label: 0, images: 2, before: 1, after: 0, fixed: 0, broken: 1 }, { label: 1, images: 3, before: 1, after: 3, fixed: 2, broken: 0 }],
    });
  });

  it("calls an uneven split what it is", () => {
    const images = (predicted: number) => Array.from({ length: 10 }, (_, i) => image(`${i}`, 1, predicted));
    // Ten of ten one way: 2 / 2^10.
    expect(compareAudits({ labels: [], regions: [], images: images(0) }, { labels: [], regions: [], images: images(1) }).pValue).toBeCloseTo(2 / 1024, 12);
  });

  it("follows regions by their class's name and their area", () => {
    const before = { labels: ["cat", "dog"], images: [], regions: [region("stays", 0, 0.5), region("moves", 1, 0), region("refuted", 1, 0.5, { verdict: "refuted" })] };
    const after = { labels: ["dog", "cat"], images: [], regions: [region("stays still", 1, 0.55), region("moved", 0, 0.6)] };
    expect(compareAudits(before, after).regions).toEqual([
      { id: "stays still", label: "cat", place: "right", change: "stays" }, { id: "moved", label: "dog", place: "right", change: "new" }, { id: "moves", label: "dog", place: "right", change: "gone" },
    ]);
  });
});
