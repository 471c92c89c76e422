/** @file The sample vision transformer, read and run without Python, knows the held-out pictures and gives the logits PyTorch gave when it was trained (samples/make/train_vit.py). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attentionSites } from "../../src/engine/attribution/attentionSites.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { createJobs } from "../../src/worker/jobs.js";
import { openFile } from "./fileSource.js";
import { pictures } from "./localisation.js";

const root = join(import.meta.dirname, "../..");
const model = join(root, "samples/models/scenes-vit.onnx");
const recorded = JSON.parse(readFileSync(join(root, "test/fixtures/scenes-vit.json"), "utf8")) as { readonly right: number; readonly logits: Readonly<Record<string, readonly number[]>> };

const jobs = createJobs();
afterAll(() => jobs.dispose());

const predict = async (file: string) => (await jobs.predict({ model, input: join(root, "test/fixtures/heldout", file), top: 10, runtime: "onnxruntime" })).predictions;

describe("the sample vision transformer", () => {
  it("answers as many of the 50 held-out pictures right as PyTorch, give or take one", async () => {
    let right = 0;
    for (const [file, label] of pictures) right += Number((await predict(file))[0]!.label === label);
    console.log(`scenes-vit: ${right} of ${pictures.length} held-out pictures right, PyTorch ${recorded.right}`);
    // PIL and we decode a JPEG alike but for a level here and there, which can turn one close call.
    expect(right).toBeGreaterThanOrEqual(recorded.right - 1);
  }, 60_000);

  it("gives PyTorch's logits", async () => {
    const rows = Object.entries(recorded.logits);
    expect(rows.length).toBeGreaterThan(0);
    for (const [file, logits] of rows) {
      const found = (await predict(file)).toSorted((a, b) => a.index - b.index).map(({ logit }) => logit);
      found.forEach((logit, i) => expect(Math.abs(logit - logits[i]!), `${file}, class ${i}`).toBeLessThanOrEqual(1e-4));
    }
  });

  it("has five layers of attention, four heads each over a class token and 8 x 8 patches, and Grad-CAM at what the last of them reads", async () => {
    const sites = attentionSites(specialize(importOnnx(openFile(model)).graph, { input: [1, 3, 128, 128] }));
    expect(sites.map(({ shape }) => shape)).toEqual(Array.from({ length: 5 }, () => [1, 4, 65, 65]));
    const { layer } = await jobs.explain({ model, input: join(root, "samples/images/car-1.jpg"), method: "grad-cam", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "onnxruntime" });
    expect(layer).toBe("/encoder/encoder.4/layernorm_before/LayerNormalization_output_0");
  });
});
