/** @file Grad-CAM of the sample classifier points at the object in 50 pictures it never saw; the same net with random weights does not. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Explanation } from "../../src/protocol/api.js";
import { decodeImage } from "../../src/worker/decodeImage.js";
import { createJobs } from "../../src/worker/jobs.js";

const root = join(import.meta.dirname, "../..");
const heldout = join(root, "test/fixtures/heldout");
const labels = Object.entries(JSON.parse(readFileSync(join(heldout, "labels.json"), "utf8")) as Record<string, string>);
const trained = join(root, "samples/models/scenes.onnx");

/** Which heatmap pixels lie in the object: the mask's pixel under each one's centre. `region` is the part of the picture the model saw. */
async function maskUnder({ heatmap, region }: Explanation, file: string): Promise<boolean[]> {
  const { pixels } = await decodeImage(join(heldout, file.replace(".jpg", ".mask.png")));
  const [height, width] = heatmap.shape as [number, number];
  return Array.from({ length: height * width }, (_, i) => {
    const x = Math.floor(region!.x + ((i % width) + 0.5) * (region!.width / width));
    const y = Math.floor(region!.y + (Math.floor(i / width) + 0.5) * (region!.height / height));
    return pixels.data[(y * pixels.width + x) * 3]! > 127;
  });
}

interface Score {
  readonly isRight: boolean;
  readonly isHit: boolean;
  /** The mask's share of the map's positive mass, and of its area. */
  readonly mass: number;
  readonly area: number;
}

function scoreOf(explanation: Explanation, mask: readonly boolean[], label: string): Score {
  const heat = Array.from(explanation.heatmap.data as Float32Array);
  const hottest = heat.indexOf(heat.reduce((a, b) => Math.max(a, b), -Infinity));
  const total = heat.reduce((a, b) => a + b, 0);
  const inside = heat.reduce((sum, value, i) => sum + (mask[i] ? value : 0), 0);
  return { isRight: explanation.predictions[0]!.label === label, isHit: mask[hottest]!, mass: total > 0 ? inside / total : 0, area: mask.filter(Boolean).length / mask.length };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const summary = (scores: readonly Score[]) => ({
  right: mean(scores.map(({ isRight }) => Number(isRight))), hits: mean(scores.map(({ isHit }) => Number(isHit))),
  /** How many times more mass the mask holds than its area would, over all pictures together. */
  ratio: mean(scores.map(({ mass }) => mass)) / mean(scores.map(({ area }) => area)),
});

describe("Grad-CAM on held-out pictures", () => {
  const jobs = createJobs();
  const folder = mkdtempSync(join(tmpdir(), "whylight-localisation-"));
  const found = {} as Record<"trained" | "random", ReturnType<typeof summary>>;

  beforeAll(async () => {
    // The control is fed exactly as the trained model is.
    const random = join(folder, "scenes.onnx");
    copyFileSync(join(root, "test/fixtures/scenes-random.onnx"), random);
    copyFileSync(join(root, "samples/models/scenes.whylight.json"), join(folder, "scenes.whylight.json"));
    for (const [name, model] of [["trained", trained], ["random", random]] as const) {
      const scores: Score[] = [];
      for (const [file, label] of labels) {
        const explanation = await jobs.explain({ model, input: join(heldout, file), method: "grad-cam", target: label, score: "logit", layer: undefined, parameters: {}, runtime: "auto" });
        scores.push(scoreOf(explanation, await maskUnder(explanation, file), label));
      }
      found[name] = summary(scores);
      const { right, hits, ratio } = found[name];
      console.log(`${name}: ${labels.length} pictures, ${(100 * right).toFixed(0)} % classified right, the map's maximum in the mask in ${(100 * hits).toFixed(0)} %, positive mass in the mask ${ratio.toFixed(2)} times its area's share`);
    }
  });
  afterAll(() => {
    jobs.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has 50 pictures and knows them", () => {
    expect(labels).toHaveLength(50);
    expect(found.trained.right).toBeGreaterThanOrEqual(0.95);
  });

  it("has its maximum on the object in at least 85 %", () => expect(found.trained.hits).toBeGreaterThanOrEqual(0.85));

  it("holds at least 3 times the mass in the mask that its area would", () => expect(found.trained.ratio).toBeGreaterThanOrEqual(3));

  it("does clearly worse with random weights", () => {
    expect(found.random.hits).toBeLessThanOrEqual(found.trained.hits - 0.3);
    expect(found.random.ratio).toBeLessThanOrEqual(found.trained.ratio / 1.5);
  });
});
