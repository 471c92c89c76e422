/** @file A model that is fed wrongly is recognised as such by an audit, and one that is fed right is not suspected. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PreprocessingTrial } from "../../src/protocol/audit.js";
import { createJobs } from "../../src/worker/jobs.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const heldout = join(root, "test/fixtures/heldout");
const base = mkdtempSync(join(tmpdir(), "whylight-fed-"));
const pictures = join(base, "pictures");
const jobs = createJobs();

/** The held-out pictures without their masks. */
beforeAll(() => {
  const labels = JSON.parse(readFileSync(join(heldout, "labels.json"), "utf8")) as Record<string, string>;
  for (const [file, label] of Object.entries(labels)) {
    mkdirSync(join(pictures, label), { recursive: true });
    cpSync(join(heldout, file), join(pictures, label, file));
  }
});
afterAll(() => {
  jobs.dispose();
  rmSync(base, { recursive: true });
});

/** The trials of a model of the samples whose description was changed. */
async function trialsWith(model: string, change: (preprocess: Record<string, unknown>) => Record<string, unknown>): Promise<readonly PreprocessingTrial[]> {
  const folder = mkdtempSync(join(base, "model-"));
  const stem = model.replace(/^.*\/|\.onnx$/g, "");
  cpSync(join(root, model), join(folder, `${stem}.onnx`));
  const sidecar = JSON.parse(readFileSync(join(root, model.replace(".onnx", ".whylight.json")), "utf8")) as { preprocess: Record<string, unknown> };
  writeFileSync(join(folder, `${stem}.whylight.json`), JSON.stringify({ ...sidecar, $schema: undefined, preprocess: change(sidecar.preprocess) }));
  const summary = await jobs.auditFolder({ model: join(folder, `${stem}.onnx`), folder: pictures, out: join(folder, "audit"), resume: false, runtime: "onnxruntime" });
  const isTold = summary.findings.filter(({ id }) => id === "preprocessing").map(({ about }) => about);
  expect(isTold).toEqual(summary.preprocessing.filter(({ isLikely }) => isLikely).map(({ id }) => id));
  return summary.preprocessing;
}

const likely = (trials: readonly PreprocessingTrial[]) => trials.filter(({ isLikely }) => isLikely).map(({ id }) => id);

describe("on the sample model", () => {
  it("swapped channels are recognised, though every answer is still right", async () => {
    const trials = await trialsWith("samples/models/scenes.onnx", (preprocess) => ({ ...preprocess, channels: "bgr" }));
    expect(likely(trials)).toEqual(["channels-rgb"]);
    const found = trials.find(({ isLikely }) => isLikely)!;
    expect(found.likelihoodChanged).toBeGreaterThan(found.likelihood);
  });

  it("values of 0 to 255 where 0 to 1 are meant are recognised", async () => {
    const trials = await trialsWith("samples/models/scenes.onnx", (preprocess) => ({ ...preprocess, scale: 1 }));
    expect(likely(trials)).toHaveLength(1);
    // The change that gives the model's own scale, mean and deviation back.
    expect(likely(trials)[0]).toMatch(/^scale-(imagenet|over-255)$/);
    const found = trials.find(({ isLikely }) => isLikely)!;
    expect(found.right / found.images).toBeLessThan(0.5);
    expect(found.rightChanged / found.images).toBeGreaterThan(0.9);
  });

  it.each(["samples/models/scenes.onnx", "samples/models/scenes-vit.onnx", "test/fixtures/scenes-control.onnx"])("nothing is suspected of %s as it is described", async (model) => {
    expect(likely(await trialsWith(model, (preprocess) => preprocess))).toEqual([]);
  });
});
