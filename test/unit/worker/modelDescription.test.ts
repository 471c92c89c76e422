/** @file Where labels and preprocessing of an image model are found beside it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describeModel } from "../../../src/worker/modelDescription.js";

const work = mkdtempSync(join(tmpdir(), "whylight-description-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const processor = (side: number) => ({ image_processor_type: "ViTImageProcessor", size: { height: side, width: side } });
const labels = { model_type: "vit", id2label: { 0: "cat", 1: "dog" } };

/** What is said of a model in a folder with these files. */
function described(model: string, files: Readonly<Record<string, object>>, classes = 2) {
  const folder = mkdtempSync(join(work, "model-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  const { description, notes } = describeModel({ path: join(folder, model), imported: { metadata: {} }, input: { layout: "NCHW", channels: 3, height: undefined, width: undefined }, classes });
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

  it("names a single output by the second of two classes, whose score it is", () =>
    expect(described("model.keras", { "model.whylight.json": { labels: ["cat", "dog"] } }, 1)).toMatchObject({ labels: ["dog"], notes: ["defaultsUsed"] }));
});
