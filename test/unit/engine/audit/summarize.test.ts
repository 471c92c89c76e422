/** @file The summary of an audit: by hand, in any order, and with more images than it keeps maps of. */
import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../../../src/engine/audit/record.js";
import { createSummary } from "../../../../src/engine/audit/summarize.js";
import { randomFrom } from "./random.js";
import { head, record, squareMap } from "./records.js";

const end = { finished: "2026-01-01T00:01:00Z", seconds: 60 };

function summaryOf(records: readonly AuditRecord[]) {
  const summary = createSummary(head);
  for (const one of records) summary.add(one);
  return summary;
}

/** Forty mistakes into "dog" that all look at the top left, and right images that look anywhere, with features along their class's axis. */
function shortcutRecords(right: number): AuditRecord[] {
  const random = randomFrom(20);
  const features = (axis: number) => Float32Array.from({ length: 128 }, (_, i) => (i === axis ? 1 : 0.05 * random()));
  const anywhere = () => squareMap(1 + Math.floor(6 * random()), 1 + Math.floor(6 * random()));
  return [
    ...Array.from({ length: 40 }, (_, i) => record(`cat/wrong ${i}.jpg`, 0, [0.02, 0.97, 0.01], { map: squareMap(0, 0), features: features(1) })),
    ...Array.from({ length: right }, (_, i) => {
      const label = i % 3;
      return record(`right ${i}.jpg`, label, [0.05, 0.05, 0.05].map((share, j) => (j === label ? 0.9 : share)), { map: anywhere(), features: features(label) });
    }),
  ];
}

describe("a summary", () => {
  it("counts by hand", () => {
    const summary = summaryOf([
      record("a", 0, [0.7, 0.2, 0.1], { flags: ["dark"] }), record("b", 0, [0.3, 0.6, 0.1], { flags: ["dark", "blurred"] }), record("c", 1, [0.1, 0.8, 0.1]), record("d", -1, [0.2, 0.2, 0.6]),
    ]);
    summary.add(record("e", -1, [0.9, 0.1, 0]), "giraffe");
    summary.fail({ file: "broken", code: "imageInvalid", reason: "cut short" });
    const made = summary.finish(end);
    expect(made).toMatchObject({
      version: 1, ...head, ...end, images: 5, labelled: 3, mistakes: 1, accuracy: 2 / 3, topFive: 1, failedCount: 1, failed: [{ file: "broken" }], unknownLabels: [{ label: "giraffe", images: 1 }],
      pairs: [{ label: 0, predicted: 1, images: 1 }], worst: [{ file: "b", label: 0, predicted: 1, confidence: 0.6 }], regions: [], preprocessing: [],
      quality: [{ flag: "dark", images: 2, mistakes: 1 }, { flag: "blurred", images: 1, mistakes: 1 }],
    });
    expect(made.accuracyRange![0]).toBeLessThan(2 / 3);
    expect(made.calibration!.bins.reduce((sum, { images }) => sum + images, 0)).toBe(3);
  });

  it("says nothing of accuracy without labels", () => {
    expect(summaryOf([record("a", -1, [1, 0, 0])]).finish(end)).toMatchObject({ accuracy: null, accuracyRange: null, topFive: null, calibration: null, labelSuspects: [], mistakes: 0 });
    expect(createSummary(head).finish({ finished: undefined, seconds: 0 })).toMatchObject({ images: 0, accuracy: null, findings: [], finished: undefined });
  });

  it("does not depend on the order of images", () => {
    const random = randomFrom(21);
    const records = shortcutRecords(300).map((one): AuditRecord => ({ ...one, hash: Math.floor(random() * 64).toString(16).padStart(2, "0").repeat(8), flags: random() < 0.2 ? ["dark"] : [] }));
    const forwards = summaryOf(records);
    const shuffled = summaryOf(records.map((one) => ({ one, at: random() })).toSorted((a, b) => a.at - b.at).map(({ one }) => one));
    expect(shuffled.sample(20)).toEqual(forwards.sample(20));
    const [first, second] = [forwards.finish(end), shuffled.finish(end)];
    expect(second).toEqual(first);
    expect(first.duplicates.length).toBeGreaterThan(10);
  });

  it("hands out what a region can be tested on, and takes the results", () => {
    const summary = summaryOf(shortcutRecords(300));
    const [region] = summary.regions();
    expect(region).toMatchObject({ id: "mistakes-into-1", place: "topLeft", inRegion: 40, images: 40, elsewhereShare: 0 });
    expect(region!.files).toHaveLength(24);
    expect(region!.files.every((file) => file.startsWith("cat/wrong"))).toBe(true);
    expect(region!.plantOn).toHaveLength(24);
    // Right images of cats and birds: every third one is a dog.
    expect(region!.plantOn.every((file) => file.startsWith("right") && Number(/\d+/.exec(file)![0]) % 3 !== 1)).toBe(true);
    const masked = { tried: 24, changed: 24, corrected: 22, changedElsewhere: 0, before: 0.97, after: 0.03 };
    const made = summary.finish({ ...end, masked: new Map([[region!.id, masked]]) });
    expect(made.regions[0]).toMatchObject({ id: "mistakes-into-1", verdict: "confirmed", masked, planted: undefined });
    expect(made.regions[0]).not.toHaveProperty("plantOn");
    expect(made.findings[0]).toMatchObject({ id: "shortcut", about: "mistakes-into-1", severity: "high" });
    expect(summary.finish({ ...end, masked: new Map([[region!.id, { ...masked, changed: 0 }]]) }).regions[0]!.verdict).toBe("refuted");
  });

  it("draws labelled images, on demand without those of a region", () => {
    const summary = summaryOf([...shortcutRecords(60), record("unlabelled", -1, [1, 0, 0])]);
    expect(summary.sample(1000).toSorted()).toEqual(shortcutRecords(60).map(({ file }) => file).toSorted());
    expect(summary.sample(1000, new Set(["mistakes-into-1"])).every((file) => file.startsWith("right"))).toBe(true);
    expect(summary.sample(7)).toEqual(summary.sample(1000).slice(0, 7));
  });

  it("does not call mistakes label errors that a region explains, but those that near files and the model agree on", () => {
    const stray = record("cat/stray.jpg", 0, [0.02, 0.02, 0.96], { map: squareMap(3, 4), features: Float32Array.from({ length: 128 }, (_, i) => (i === 2 ? 1 : 0)) });
    // The model says dog, but its own features lie among the cats.
    const odd = record("cat/odd.jpg", 0, [0.02, 0.96, 0.02], { map: squareMap(3, 4), features: Float32Array.from({ length: 128 }, (_, i) => (i === 0 ? 1 : 0)) });
    const { labelSuspects } = summaryOf([...shortcutRecords(300), stray, odd]).finish(end);
    expect(labelSuspects).toEqual([{ file: "cat/stray.jpg", label: 0, likely: 2, labelProbability: 0.02, likelyProbability: 0.96, neighbours: { agree: 10, of: 10 } }]);
  });

  it("lists nearly the same pictures, those in different classes first", () => {
    const { duplicates } = summaryOf([
      record("cat/1", 0, [1, 0, 0], { hash: "00ff00ff00ff00ff" }), record("cat/2", 0, [1, 0, 0], { hash: "00ff00ff00ff00fe" }), record("cat/3", 0, [1, 0, 0], { hash: "00ff00ff00ff00ff" }),
      record("dog/1", 1, [0, 1, 0], { hash: "f0f0f0f0f0f0f0f0" }), record("bird/1", 2, [0, 0, 1], { hash: "f0f0f0f0f0f0f0f1" }), record("dog/2", 1, [0, 1, 0], { hash: "123456789abcdef0" }),
    ]).finish(end);
    expect(duplicates).toEqual([
      { isAcrossClasses: true, files: [{ file: "bird/1", label: 2 }, { file: "dog/1", label: 1 }] },
      { isAcrossClasses: false, files: [{ file: "cat/1", label: 0 }, { file: "cat/2", label: 0 }, { file: "cat/3", label: 0 }] },
    ]);
  });

  it("counts mistakes exactly where right images are more than it keeps maps of", () => {
    const [region] = summaryOf(shortcutRecords(12_000)).regions();
    expect(region).toMatchObject({ inRegion: 40, images: 40, elsewhereShare: 0 });
  });
});
