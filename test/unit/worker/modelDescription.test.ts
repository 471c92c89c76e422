/** @file Where labels and preprocessing of an image model are found beside it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { OutputActivation } from "../../../src/engine/preprocess/description.js";
import { describeModel } from "../../../src/worker/modelDescription.js";

const work = mkdtempSync(join(tmpdir(), "whylight-description-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const processor = (side: number) => ({ image_processor_type: "ViTImageProcessor", size: { height: side, width: side } });
const labels = { model_type: "vit", id2label: { 0: "cat", 1: "dog" } };

/** A folder with these files. */
function written(files: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(work, "model-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  return folder;
}

/** What is said of a model in a folder with these files. */
function described(model: string, files: Readonly<Record<string, object>>, classes = 2) {
  const folder = written(files);
  const { description, notes } = describeModel({ path: join(folder, model), imported: { metadata: {} }, input: { layout: "NCHW", channels: 3, height: undefined, width: undefined }, classes, activation: undefined });
  return { size: description.preprocess.size, origin: description.preprocessOrigin, labels: description.labels, notes: notes.map(({ code }) => code) };
}

describe("what lies beside an image model", () => {
  it("is the processor's own file", () => {
    expect(described("model.safetensors", { "preprocessor_config.json": processor(40), "config.json": labels })).toEqual({ size: [40, 40], origin: "preprocessor_config.json", labels: ["cat", "dog"], notes: [] });
  });

  it("is the file for all modalities, unless there is one of its own", () => {
    const all = { processor_class: "CLIPProcessor", image_processor: processor(48) };
    expect(described("model.safetensors", { "processor_config.json": all })).toMatchObject({ size: [48, 48], origin: "processor_config.json" });
    expect(described("model.safetensors", { "processor_config.json": all, "preprocessor_config.json": processor(40) })).toMatchObject({ size: [40, 40], origin: "preprocessor_config.json" });
    expect(described("model.safetensors", { "processor_config.json": { processor_class: "Wav2Vec2Processor" } })).toMatchObject({ origin: "defaults" });
    expect(() => described("model.safetensors", { "processor_config.json": { image_processor: { size: "large" } } })).toThrow(expect.objectContaining({ code: "descriptionInvalid", data: expect.objectContaining({ field: "image_processor.size" }) as unknown }) as Error);
  });

  it("stands above the folder of a repository's ONNX files, and above no other", () => {
    const above = { "config.json": labels, "preprocessor_config.json": processor(40) };
    expect(described("onnx/model.onnx", { ...above, "onnx/x": {} })).toEqual({ size: [40, 40], origin: "preprocessor_config.json", labels: ["cat", "dog"], notes: [] });
    expect(described("best/model.onnx", { ...above, "best/x": {} })).toMatchObject({ origin: "defaults", labels: undefined });
  });

  it.each<[string, OutputActivation | undefined, Readonly<Record<string, object>>, OutputActivation]>([
    ["the softmax unless told", undefined, {}, "softmax"],
    ["what config.json says of the problem", undefined, { "config.json": { ...labels, problem_type: "multi_label_classification" } }, "sigmoid"],
    ["another problem", undefined, { "config.json": { ...labels, problem_type: "single_label_classification" } }, "softmax"],
    ["what the graph ends in before that", "softmax", { "config.json": { ...labels, problem_type: "multi_label_classification" } }, "softmax"],
    ["what a person states before all", "softmax", { "model.whylight.json": { activation: "sigmoid" } }, "sigmoid"],
  ])("makes probabilities by %s", (_, ofGraph, files, activation) => {
    const folder = written(files);
    expect(describeModel({ path: join(folder, "model.safetensors"), imported: { metadata: {} }, input: undefined, classes: 2, activation: ofGraph }).description.activation).toBe(activation);
  });

  it("names a single output by the second of two classes, whose score it is", () =>
    expect(described("model.keras", { "model.whylight.json": { labels: ["cat", "dog"] } }, 1)).toMatchObject({ labels: ["dog"], notes: ["defaultsUsed"] }));
});
