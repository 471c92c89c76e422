/** @file Image models without a head, through the jobs that people start: looked at, not explained. */
import { afterAll, describe, expect, it } from "vitest";
import { createJobs } from "../../../src/worker/jobs.js";
import { fixture, readArrays } from "../readReference.js";

const jobs = createJobs();
afterAll(() => jobs.dispose());
const model = fixture("models/vision", "dinov2-base");
const picture = fixture("cnn", "input0.png");
const elements = (file: string) => [...readArrays(file)].map(([name, { shape }]) => [name, shape.reduce((product, size) => product * size, 1)] as const);

describe("an image encoder", () => {
  it("is told as one, with layers and no labels", async () => {
    const { task, labels, layers, defaultLayer, attentionLayers } = await jobs.inspectModel(model);
    expect([task, labels, defaultLayer, attentionLayers, layers.length > 0]).toEqual(["image-encoder", undefined, undefined, 2, true]);
  });

  it("has no classes to predict, explain or audit", async () => {
    const asked = { model, input: picture, runtime: "onnxruntime" } as const;
    const refused = { code: "modelUnsuitable", data: { reason: expect.stringContaining("features (\"pooler_output\")") as unknown } };
    await expect(jobs.predict({ ...asked, top: 5 })).rejects.toMatchObject(refused);
    await expect(jobs.explain({ ...asked, method: "saliency", target: "predicted", score: "logit" } as unknown as Parameters<typeof jobs.explain>[0])).rejects.toMatchObject(refused);
  });

  it("shows its attention without scores", async () => {
    const { task, predictions, target, average } = await jobs.attention({ model, input: { kind: "image", path: picture }, target: "predicted", runtime: "onnxruntime" });
    expect([task, predictions, target]).toEqual(["image-encoder", [], undefined]);
    expect(average).toBeDefined();
  });

  it("shows what its layers make of an image", async () => {
    expect((await jobs.layerThumbnails({ model, input: picture, runtime: "onnxruntime", layers: [] })).length).toBeGreaterThan(0);
  });
});

describe("parameters are counted as they lie in the file", () => {
  // Relative places, scales and indices that the graph needs beside them are nobody's parameters; a mask token, for training alone, is no part of the graph.
  it.each(["vision/dinov2-base", "vision/swin", "encoders/bert-masked", "encoders/mpnet", "decoders/llama", "decoders/gpt2"])("%s", async (name) => {
    const folder = fixture("models", name);
    const counted = elements(`${folder}/model.safetensors`).filter(([weight]) => !weight.endsWith("mask_token")).reduce((total, [, size]) => total + size, 0);
    expect((await jobs.inspectModel(folder)).parameters).toBe(counted);
  });
});
