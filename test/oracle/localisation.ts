/** @file How well maps point at the object: by its mask, over held-out pictures, with the trained sample model and with the same net at random weights. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Explanation, MethodId } from "../../src/protocol/api.js";
import { decodeImage } from "../../src/worker/decodeImage.js";
import { createJobs, type Jobs } from "../../src/worker/jobs.js";

const root = join(import.meta.dirname, "../..");
const heldout = join(root, "test/fixtures/heldout");

/** File name and label of every held-out picture. */
export const pictures = Object.entries(JSON.parse(readFileSync(join(heldout, "labels.json"), "utf8")) as Record<string, string>);

/** Over several pictures. */
export interface Localisation {
  /** The share that the model classifies right. */
  readonly right: number;
  /** The pointing game: the share of maps whose maximum lies in the object's mask. */
  readonly hits: number;
  /** The mask's share of the map's positive mass. */
  readonly mass: number;
  /** That share over the mask's share of the area: 1 is chance. */
  readonly ratio: number;
}

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

async function scoreOf(explanation: Explanation, file: string, label: string) {
  const mask = await maskUnder(explanation, file);
  // Of a signed map, what speaks for the class.
  const heat = Array.from(explanation.heatmap.data, (value) => Math.max(0, value));
  const hottest = heat.indexOf(heat.reduce((a, b) => Math.max(a, b), -Infinity));
  const total = heat.reduce((a, b) => a + b, 0);
  const inside = heat.reduce((sum, value, i) => sum + (mask[i] ? value : 0), 0);
  return { right: Number(explanation.predictions[0]!.label === label), hits: Number(mask[hottest]!), mass: total > 0 ? inside / total : 0, area: mask.filter(Boolean).length / mask.length };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Measures methods on both models; `close` ends the jobs. */
export function createLocaliser(): { measure(model: "trained" | "random", method: MethodId, count: number): Promise<Localisation>; close(): void } {
  const folder = mkdtempSync(join(tmpdir(), "whylight-localisation-"));
  // The control is fed exactly as the trained model is.
  copyFileSync(join(root, "test/fixtures/scenes-random.onnx"), join(folder, "scenes.onnx"));
  copyFileSync(join(root, "samples/models/scenes.whylight.json"), join(folder, "scenes.whylight.json"));
  const models = { trained: join(root, "samples/models/scenes.onnx"), random: join(folder, "scenes.onnx") };
  const jobs: Jobs = createJobs();
  return {
    measure: async (model, method, count) => {
      const scores: Awaited<ReturnType<typeof scoreOf>>[] = [];
      for (const [file, label] of pictures.slice(0, count)) {
        const explanation = await jobs.explain({ model: models[model], input: join(heldout, file), method, target: label, score: "logit", layer: undefined, parameters: {}, runtime: "auto" });
        scores.push(await scoreOf(explanation, file, label));
      }
      const [right, hits, mass, area] = (["right", "hits", "mass", "area"] as const).map((key) => mean(scores.map((score) => score[key]))) as [number, number, number, number];
      return { right, hits, mass, ratio: mass / area };
    },
    close: () => {
      jobs.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
