/** @file The bench's random models: the same bytes each time, and nets that compute something. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { drawImages } from "../../../bench/images.js";
import { bytesOf, writeRandomModel, type RandomModel } from "../../../bench/models/randomModel.js";
import { randomResnet } from "../../../bench/models/resnet.js";
import { randomBert, randomDistilbert, randomVit } from "../../../bench/models/transformers.js";
import { imageSide } from "../../../bench/imageSide.js";
import { textSide } from "../../../bench/textSide.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-bench-models-"));
afterAll(() => rmSync(folder, { recursive: true }));

const small = { layers: 2, width: 64, heads: 2, inner: 128 };
const texts = { ...small, words: 30_522, positions: 32 };
const tokens = 16;

function written(name: string, model: RandomModel): string {
  const path = join(folder, name);
  writeRandomModel(path, model);
  return path;
}

function deviation(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
}

describe("random models", () => {
  it("are the same bytes each time, as many as were said", () => {
    const model = randomDistilbert({ ...texts, words: 50 });
    const [one, other] = ["one", "other"].map((name) => readFileSync(join(written(name, model), "model.safetensors")));
    expect(one!.equals(other!)).toBe(true);
    const header = 8 + Number(one!.readBigUInt64LE());
    expect(one!.length - header).toBe(bytesOf(model));
    expect(header % 8).toBe(0);
  });

  it.each([
    ["a ResNet", randomResnet({ blocks: [2, 2, 3, 2], width: 16, classes: 20 })],
    ["a ViT", randomVit({ ...small, patch: 56, side: 224, classes: 20 })],
  ])("%s answers differently to different images, and its gradient neither vanishes nor explodes", async (name, model) => {
    const side = await imageSide(written(name, model));
    const two = drawImages(2);
    const half = two.data.length / 2;
    const [first, second] = [0, 1].map((i) => ({ ...two, shape: [1, ...two.shape.slice(1)], data: (two.data as Float32Array).slice(i * half, (i + 1) * half) }));
    const [one, other] = [await side.forward(first!), await side.forward(second!)];
    expect(one).toHaveLength(20);
    expect(deviation(one)).toBeGreaterThan(0.1);
    expect(deviation(one)).toBeLessThan(10);
    expect(deviation(one.map((value, i) => value - other[i]!))).toBeGreaterThan(0.01 * deviation(one));
    const slope = deviation(await side.map("saliency", first!));
    expect(slope).toBeGreaterThan(1e-6);
    expect(slope).toBeLessThan(10);
  });

  it.each([["BERT", randomBert(texts)], ["DistilBERT", randomDistilbert(texts)]])("%s has a gradient at every token", async (name, model) => {
    const side = await textSide(written(name, model));
    expect(await side.forward(tokens)).toHaveLength(2);
    const gradient = await side.gradient(tokens);
    for (let token = 0; token < tokens; token++) expect(deviation(gradient.subarray(token * small.width, (token + 1) * small.width))).toBeGreaterThan(1e-7);
    expect(deviation(gradient)).toBeLessThan(10);
  });
});
