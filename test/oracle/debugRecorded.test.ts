/**
 * @file Misclassification reports of the recorded models: every line that the textbook's report prints, worked out here from PyTorch's logits by the textbook's own rules, with every class as the true one;
 * and both classes' maps against what Captum and pytorch-grad-cam gave. The recorded inputs are whole pixels once they are no longer normalised, so that they are fed as images.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { defaultHeatmap } from "../../src/drawing/heatmap.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import type { DebugReport } from "../../src/protocol/debug.js";
import { createJobs } from "../../src/worker/jobs.js";
import { fixture, readArrays, relativeError } from "../unit/readReference.js";
import { recordedLayers, type Recording } from "./recordedModels.js";

/** As the models were trained (`config.json` of the recordings); the layer is that of the recorded Grad-CAM. */
const shapes = ["circle", "square", "triangle", "star", "cross", "ring", "stripes_h", "stripes_v", "checker", "gradient"];
const models = [
  { name: "resnet_tiny", layer: "layer4", labels: shapes, channels: "rgb", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  { name: "cnn_mnistlike", layer: "relu2", labels: shapes.map((_, i) => `digit ${i}`), channels: "gray", mean: [0.1307], std: [0.3081] },
  { name: "vit_tiny", layer: "vit.encoder.layer.2.layernorm_before", labels: shapes, channels: "rgb", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
] as const;

const folder = mkdtempSync(join(tmpdir(), "whylight-debug-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

const japanese = JSON.parse(readFileSync(join(import.meta.dirname, "../../media/l10n/bundle.l10n.ja.json"), "utf8")) as Record<string, string>;

describe.each(models)("$name", async ({ name, layer, labels, channels, mean, std }) => {
  const arrays = readArrays(fixture("reference", name, "reference.safetensors"));
  const recording = JSON.parse(readFileSync(fixture("reference", name, "reference.json"), "utf8")) as Recording;
  const model = join(folder, name, "model.onnx");
  mkdirSync(join(folder, name));
  copyFileSync(fixture("reference", name, "model.onnx"), model);
  const [, , height, width] = arrays.get("x0")!.shape as readonly [number, number, number, number];
  writeFileSync(join(folder, name, "model.whylight.json"), JSON.stringify({
    labels, layer: recordedLayers(name, "model.onnx", recording).get(layer), preprocess: { resize: "none", size: [height, width], channels, scale: 1 / 255, mean, std },
  }));

  describe.each(["x0", "x1"])("%s", async (x) => {
    const input = join(folder, name, `${x}.png`);
    await writePicture(arrays.get(x)!, mean, std, input);
    const logits = toNumbers(arrays.get(`${x}/logits`)!);
    const report = (label: number, steps: number) => jobs.debugImage({ model, input, label, labelFrom: "given", runtime: "onnxruntime", integrated: { steps, rule: "gauss-legendre", baseline: "mean" } });

    it("prints what the textbook prints, whichever class is the true one", async () => {
      // The predicted class, the next ones, and those on both sides of the rank that the thresholds ask for.
      for (const real of [0, 1, 2, 4, 5, 9].map((place) => likeliest(logits)[place]!)) {
        const made = await report(real, 2);
        const lines = await textOf(made, {});
        expect(lines, `${labels[real]}`).toEqual(expect.arrayContaining(textbook(logits, labels, real, name === "vit_tiny" ? "the relevance of patches" : "Grad-CAM")));
        expect(lines.slice(0, 3)).toEqual(["=".repeat(60), "Misclassification report", "=".repeat(60)]);
        const translated = await textOf(made, japanese);
        const [predicted, rank] = [likeliest(logits)[0]!, 1 + logits.filter((logit) => logit > logits[real]!).length];
        expect(translated).toEqual(expect.arrayContaining([
          "誤分類分析レポート", `正解: ${labels[real]}`, `予測: ${labels[predicted]} (確率: ${percent(softmax(logits)[predicted]!)})`, "Top-5予測:", `正解クラスのランク: ${rank}位 (確率: ${percent(softmax(logits)[real]!)})`, "診断", "3. 考えられる原因:",
        ]));
        expect(translated.join("\n")).not.toMatch(/[{}]/);
      }
    });

    it("maps both classes as Captum and pytorch-grad-cam do", async () => {
      const { pred, other } = recording.targets[Number(x.slice(1))]!;
      const made = await report(other, 50);
      expect([made.predicted.index, made.true.index]).toEqual([pred, other]);
      for (const [of, target] of [["predicted", "pred"], ["true", "other"]] as const) {
        const map = (method: string) => made.maps.find(({ id }) => id === `${method}/${of}`)!.explanation;
        const expectClose = (actual: ArrayLike<number>, key: string, tolerance: number) => {
          const { ill_conditioned: isHopeless, rel_f32_f64: floor } = recording.arrays[key]!;
          if (!isHopeless) expect(relativeError(actual, arrays.get(key)), key).toBeLessThanOrEqual(Math.max(tolerance, 3 * (floor ?? 0)));
        };
        expectClose(map("integrated-gradients").attribution.data, `${x}/${target}/ig/zeros/gausslegendre`, 1e-4);
        expectClose(map("grad-cam").attribution.data, `${x}/${target}/cam/${layer}/gradcam/raw`, 1e-4);
        expectClose(defaultHeatmap(map("grad-cam").attribution, { form: "grid", drawn: "max-abs" }, [height, width]).data, `${x}/${target}/cam/${layer}/gradcam/final`, 1e-3);
      }
      // Grad-CAM before its ReLU is linear in the score, so the contrast is the difference.
      const [predicted, real, contrast] = (["predicted", "true", "contrast"] as const).map((of) => made.maps.find(({ id }) => id === `grad-cam/${of}`)!.explanation.attribution.data);
      expect(relativeError(contrast!, { dtype: "float32", shape: [contrast!.length], data: predicted!.map((value, i) => value - real![i]!) })).toBeLessThan(1e-4);
      if (name === "vit_tiny") expectAttention(made, arrays, x);
    });
  });
});

/** Rollout and relevance over the patches, in the row of the class token, as shares of one. */
function expectAttention(made: DebugReport, arrays: ReadonlyMap<string, Tensor>, x: string): void {
  const shares = (values: readonly number[]) => values.map((value) => value / values.reduce((sum, one) => sum + one, 0));
  const row = (key: string) => {
    const { shape, data } = arrays.get(key)!;
    return shares(Array.from(data as ArrayLike<number>, Number).slice(1, shape.at(-1)));
  };
  const found = (kind: string, of: string) => [...made.attention.find((part) => part.kind === kind && part.of === of)!.grid.data];
  expect(made.attention.map(({ kind, of }) => `${kind}/${of}`)).toEqual(["rollout/any", "relevance/predicted", "relevance/true"]);
  found("rollout", "any").forEach((value, i) => expect(value).toBeCloseTo(row(`${x}/rollout`)[i]!, 5));
  found("relevance", "predicted").forEach((value, i) => expect(value).toBeCloseTo(row(`${x}/pred/relevancy_chefer`)[i]!, 4));
  found("relevance", "true").forEach((value, i) => expect(value).toBeCloseTo(row(`${x}/other/relevancy_chefer`)[i]!, 4));
}

async function textOf(report: DebugReport, strings: Readonly<Record<string, string>>): Promise<string[]> {
  const { files: [file] } = await jobs.exportDebug({ report, format: "text", name: "report", strings });
  return new TextDecoder().decode(file!.bytes).split("\n");
}

/** The lines of `MisclassificationAnalyzer.analyze_misclassification` (its format strings and thresholds), in English, from PyTorch's logits. */
function textbook(logits: readonly number[], labels: readonly string[], real: number, method: string): string[] {
  const probs = softmax(logits);
  const order = likeliest(logits);
  const rank = 1 + probs.filter((prob) => prob > probs[real]!).length;
  const causes = probs[real]! < 0.01 ? ["The model hardly considers the true class.", "The data it learned from may have too few pictures like this one."]
    : rank <= 5 ? ["The true class is near the top: a borderline case.", "The classes may be much alike."] : ["The picture's quality or its preprocessing may be at fault.", "Part of the object may be hidden."];
  return [
    `True: ${labels[real]}`, `Predicted: ${labels[order[0]!]} (probability: ${percent(probs[order[0]!]!)})`, "Top-5 predictions:",
    ...order.slice(0, 5).map((index, i) => `  ${index === real ? "✓" : " "} ${i + 1}. ${labels[index]}: ${percent(probs[index]!)}`),
    `Rank of the true class: ${rank} (probability: ${percent(probs[real]!)})`, "Diagnosis", `1. Comparing ${method}:`, "2. Checking Integrated Gradients:", "3. Possible causes:", ...causes.map((line) => `   - ${line}`),
  ];
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
const likeliest = (logits: readonly number[]) => [...logits.keys()].toSorted((a, b) => logits[b]! - logits[a]!);

function softmax(logits: readonly number[]): number[] {
  const powers = logits.map((logit) => Math.exp(logit));
  return powers.map((power) => power / powers.reduce((sum, one) => sum + one, 0));
}

async function writePicture({ shape, data }: Tensor, mean: readonly number[], std: readonly number[], path: string): Promise<void> {
  const [, channels, height, width] = shape as readonly [number, number, number, number];
  const pixels = new Uint8Array(channels * height * width);
  for (let c = 0; c < channels; c++) for (let i = 0; i < height * width; i++) pixels[i * channels + c] = Math.round((Number(data[c * height * width + i]) * std[c]! + mean[c]!) * 255);
  await sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 } }).png().toFile(path);
}
