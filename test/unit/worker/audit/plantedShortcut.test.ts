/** @file The planted shortcut of the sample models is found by an audit that nobody told of it, and confirmed; the control model, trained without the sticker, and honest pictures raise no such finding. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createJobs } from "../../../../src/worker/jobs.js";
import { auditSentenceText } from "../../../../src/protocol/auditTexts.js";
import type { AuditSummary } from "../../../../src/protocol/audit.js";

const root = join(import.meta.dirname, "../../../..");
const out = mkdtempSync(join(tmpdir(), "whylight-audit-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(out, { recursive: true, force: true });
});

let made = 0;
const audit = (model: string, folder: string): Promise<AuditSummary> =>
  jobs.auditFolder({ model: join(root, model), folder: join(root, folder), out: join(out, String(made++)), resume: false, runtime: "onnxruntime" });
const suspicions = ({ findings }: AuditSummary) => findings.filter(({ id }) => id === "shortcut" || id === "region");

const [cnn, control, transformer] = ["samples/models/scenes.onnx", "test/fixtures/scenes-control.onnx", "samples/models/scenes-vit.onnx"] as const;

describe("the planted shortcut", () => {
  // What the stickered pictures are answered is counted one by one: 23 of 27 by the ResNet (samples/README.md), and by the transformer below.
  it.each([[cnn, 23], [transformer, 27]])("is found and confirmed in %s", async (model, mugs) => {
    const summary = await audit(model, "samples/shortcut");
    const mug = summary.labels.indexOf("mug");
    const [region] = summary.regions;
    expect(summary.regions).toHaveLength(1);
    expect(region).toMatchObject({ group: { kind: "mistakesInto", predicted: mug }, place: "bottomRight", images: mugs, verdict: "confirmed" });
    // The sticker lies in the lower right corner of all of them.
    expect(region!.inRegion).toBeGreaterThanOrEqual(0.95 * mugs);
    expect(region!.area.x + region!.area.width).toBe(1);
    expect(region!.area.y + region!.area.height).toBe(1);
    expect(region!.masked!.changed).toBeGreaterThanOrEqual(0.9 * region!.masked!.tried);
    expect(region!.masked!.changedElsewhere).toBeLessThanOrEqual(0.1 * region!.masked!.tried);
    const [first] = summary.findings;
    expect(first).toMatchObject({ id: "shortcut", severity: "high", about: region!.id });
    expect(auditSentenceText(first!.sentences[0]!, (english) => english)).toContain(`${region!.inRegion} of ${mugs} mistakes into 'mug' put over half of their mass in the bottom right`);
    // A crop that cuts the sticker off makes the answers right; the region is the reason, not the preprocessing.
    expect(summary.findings.filter(({ id }) => id === "preprocessing")).toEqual([]);
  });

  it("has all 27 pictures answered 'mug' by the transformer, asked one by one", async () => {
    const files = readdirSync(join(root, "samples/shortcut"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".jpg"));
    const answers: string[] = [];
    for (const file of files) answers.push((await jobs.predict({ model: join(root, transformer), input: join(root, "samples/shortcut", file), top: 1, runtime: "onnxruntime" })).predictions[0]!.label);
    expect(answers).toEqual(Array.from({ length: 27 }, () => "mug"));
  });

  it("is not found in the control model", async () => {
    const summary = await audit(control, "samples/shortcut");
    expect(summary).toMatchObject({ images: 27, mistakes: 0, regions: [] });
    expect(suspicions(summary)).toEqual([]);
  });
});

describe("a folder with known defects", () => {
  it.each([cnn, control, transformer])("shows the picture in the wrong folder and the one that is there twice, with %s", async (model) => {
    const summary = await audit(model, "samples/labelled");
    expect(summary.labelSuspects.map(({ file }) => file).toSorted()).toEqual(["car/11.jpg", "flower/11.jpg"]);
    expect(summary.labelSuspects.find(({ file }) => file === "flower/11.jpg")!.likely).toBe(summary.labels.indexOf("fish"));
    expect(summary.duplicates).toEqual([{ isAcrossClasses: true, files: [{ file: "car/11.jpg", label: summary.labels.indexOf("car") }, { file: "house/10.jpg", label: summary.labels.indexOf("house") }] }]);
    expect(summary.failed.map(({ file }) => file)).toEqual(["sailboat/10.jpg"]);
    expect(summary.regions.map(({ verdict, place }) => [verdict, place])).toEqual(model === control ? [] : [["confirmed", "bottomRight"]]);
  });
});

describe("honest pictures", () => {
  it.each([cnn, control, transformer])("raise nothing with %s", async (model) => {
    // One folder of fifty pictures and their masks: the labels are in a file.
    const summary = await jobs.auditFolder({ model: join(root, model), folder: join(root, "test/fixtures/heldout"), labels: join(root, "test/fixtures/heldout/labels.json"), out: join(out, String(made++)), resume: false, runtime: "onnxruntime" });
    expect(summary.labelled).toBe(50);
    expect(suspicions(summary)).toEqual([]);
  });
});
