/** @file What a report says of the samples' known defects, from files to causes: the shortcut, wrong preprocessing, a wrong label, a duplicate, a dark and a blurred picture. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { DebugReport } from "../../../src/protocol/debug.js";
import { createJobs } from "../../../src/worker/jobs.js";

const root = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const scenes = root("samples/models/scenes.onnx");
const control = root("test/fixtures/scenes-control.onnx");
const folder = mkdtempSync(join(tmpdir(), "whylight-diagnosis-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const report = (model: string, image: string, among?: string): Promise<DebugReport> =>
  jobs.debugImage({ model, input: root(`samples/${image}`), label: image.split("/").at(-2)!, labelFrom: "folder", among, runtime: "onnxruntime" });
const first = ({ causes: [cause] }: DebugReport) => cause && { id: cause.id, strength: cause.strength };

/** The sample model with a description that is wrong in one field. */
function mistaken(name: string, field: object): string {
  const sidecar = JSON.parse(readFileSync(scenes.replace(".onnx", ".whylight.json"), "utf8")) as { preprocess: object };
  copyFileSync(scenes, join(folder, `${name}.onnx`));
  writeFileSync(join(folder, `${name}.whylight.json`), JSON.stringify({ ...sidecar, preprocess: { ...sidecar.preprocess, ...field } }));
  return join(folder, `${name}.onnx`);
}

describe("the planted shortcut", () => {
  it.each(["balloon/01.jpg", "fish/03.jpg", "umbrella/01.jpg"])("is what the report of %s begins with, confirmed by masking it", async (image) => {
    const found = await report(scenes, `shortcut/${image}`);
    expect(found.predicted.label).toBe("mug");
    expect(first(found)).toEqual({ id: "background", strength: "strong" });
    expect(found.verdict).toMatchObject({ code: "verdictBackground", data: { place: "@place:bottomRight" } });
    expect(found.focus.predicted).toMatchObject({ place: "bottomRight", cornerPlace: "bottomRight" });
    const masked = found.variants.filter(({ id }) => id.startsWith("mask-"));
    expect(masked.map(({ id, fixes }) => [id, fixes])).toEqual([["mask-hot", true], ["mask-elsewhere", false], ["mask-hot-mean", true], ["mask-elsewhere-mean", false]]);
  });

  it.each(["balloon/01.jpg", "umbrella/01.jpg"])("is nothing to the control model, which is right on %s", async (image) => {
    const found = await report(control, `shortcut/${image}`);
    expect(found.isMistake).toBe(false);
    expect(found.causes).toEqual([]);
    expect(found.verdict.code).toMatch(/^verdictRight/);
  });
});

describe("wrong preprocessing", () => {
  it.each(["car/09.jpg", "house/07.jpg", "sailboat/07.jpg"])("on the wrong scale is recognised as such on %s", async (image) => {
    const found = await report(mistaken("scale", { scale: 1 }), `labelled/${image}`);
    expect(first(found)).toEqual({ id: "preprocessing", strength: "strong" });
    expect(found.verdict).toMatchObject({ code: "verdictPreprocessing", data: { variant: "@variant:scale-over-255" } });
  });

  it.each(["sailboat/04.jpg", "flower/06.jpg"])("with the channels in the wrong order is recognised as such on %s", async (image) => {
    const found = await report(mistaken("channels", { channels: "bgr" }), `labelled/${image}`);
    expect(first(found)).toEqual({ id: "preprocessing", strength: "strong" });
    expect(found.verdict).toMatchObject({ code: "verdictPreprocessing", data: { variant: "@variant:channels-rgb" } });
  });

  it("without mean and standard deviation is recognised as such", async () => {
    const found = await report(mistaken("mean", { mean: [0, 0, 0], std: [1, 1, 1] }), "labelled/house/09.jpg");
    expect(first(found)).toEqual({ id: "preprocessing", strength: "strong" });
    expect(found.verdict).toMatchObject({ code: "verdictPreprocessing", data: { variant: "@variant:mean-imagenet" } });
  });
});

describe("defects of the labelled folder", () => {
  const among = root("samples/labelled");

  it("a fish in the folder of flowers: the nearest pictures are fish", async () => {
    const found = await report(scenes, "labelled/flower/11.jpg", among);
    expect(found.predicted.label).toBe("fish");
    expect(found.verdict.code).toBe("verdictLabelError");
  });

  it("a house saved once more among the cars: nearly the same picture bears another label", async () => {
    const found = await report(scenes, "labelled/car/11.jpg", among);
    expect(first(found)).toEqual({ id: "labelError", strength: "strong" });
    expect(found.verdict).toMatchObject({ code: "verdictDuplicate", data: { file: "house/10.jpg" } });
  });

  it("an umbrella an eighth as bright: it is dark, and right once its contrast is drawn out", async () => {
    const found = await report(scenes, "labelled/umbrella/10.jpg");
    expect(found.quality.flags).toContain("dark");
    expect(found.variants.find(({ id }) => id === "contrast")).toMatchObject({ fixes: true });
    expect(first(found)).toEqual({ id: "quality", strength: "strong" });
  });

  it("a blurred balloon", async () => {
    const found = await report(scenes, "labelled/balloon/10.jpg");
    expect(found.quality.flags).toEqual(["blurred"]);
    expect(found.verdict).toMatchObject({ code: "verdictQuality", data: { flag: "@quality:blurred" } });
  });
});
