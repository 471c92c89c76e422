/** @file Layers' activations as small pictures: the strongest channels, by hand and of the sample models. */
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Layer } from "../../../../src/engine/attribution/layers.js";
import type { LayerThumbnail } from "../../../../src/protocol/models.js";
import { createJobs } from "../../../../src/worker/jobs.js";
import { overGrid, strongestChannels } from "../../../../src/worker/models/channelGrids.js";

const sample = (path: string) => fileURLToPath(new URL(`../../../../samples/${path}`, import.meta.url));
const layer = (layout: Layer["spatial"]["layout"], shape: readonly number[], prefix = 0): Layer => ({ name: "x", op: "Conv", shape, spatial: { layout, grid: [1, 2], prefix } });

describe("the channels of a layer", () => {
  // Two channels over a grid of 1 × 2: 1, 2 and -5, 7.
  it.each([
    ["map", [1, 2, 1, 2], [1, 2, -5, 7], 0], ["mapLast", [1, 1, 2, 2], [1, -5, 2, 7], 0],
    ["tokens", [1, 3, 2], [9, 9, 1, -5, 2, 7], 1], ["tokensLast", [1, 2, 3], [9, 1, 2, 9, -5, 7], 1],
  ] as const)("are read from %s", (layout, shape, data, prefix) => {
    const grids = overGrid(layer(layout, shape, prefix), Float32Array.from(data));
    expect(grids.channels).toBe(2);
    expect([...grids.channel(0)]).toEqual([1, 2]);
    expect([...grids.channel(1)]).toEqual([-5, 7]);
    const { mean, strongest } = strongestChannels(grids, 1);
    expect([...mean]).toEqual([-2, 4.5]);
    expect(strongest).toEqual([1]);
  });
});

describe("a model's thumbnails", () => {
  it.each(["scenes.onnx", "scenes-vit.onnx"])("are made of every layer of %s, told in groups on the way", async (file) => {
    const jobs = createJobs();
    const model = sample(`models/${file}`);
    const { layers } = await jobs.inspectModel(model);
    const told: LayerThumbnail[] = [];
    const steps: number[] = [];
    const made = await jobs.layerThumbnails({ model, input: sample("images/fish-1.jpg"), layers: [], runtime: "onnxruntime" }, {
      onThumbnails: (some, done, total) => { told.push(...some); steps.push(done / total); },
    });
    expect(made.map((one) => one.layer)).toEqual(layers.map(({ name }) => name));
    expect(told).toEqual(made);
    expect(steps.at(-1)).toBe(1);
    for (const { mean, channels, shape } of made) {
      expect(mean.range[0]).toBeLessThanOrEqual(mean.range[1]);
      expect(channels.length).toBeGreaterThan(0);
      expect(new Set(channels.map(({ index }) => index)).size).toBe(channels.length);
      const { width, height } = await sharp(mean.picture.bytes).metadata();
      expect([width, height]).toEqual([mean.picture.width, mean.picture.height]);
      // A grid of the layer, or its patches behind a class token.
      expect(shape.includes(mean.picture.width) || shape.includes(mean.picture.width * mean.picture.height + 1)).toBe(true);
    }
    jobs.dispose();
  });

  it("equals what the interpreter computes, refuses layers that are not there, and can be cancelled", async () => {
    const jobs = createJobs();
    const [model, input] = [sample("models/scenes.onnx"), sample("images/fish-1.jpg")];
    const layers = (await jobs.inspectModel(model)).layers.slice(0, 2).map(({ name }) => name);
    const [a, b] = await Promise.all((["onnxruntime", "reference"] as const).map((runtime) => jobs.layerThumbnails({ model, input, layers, runtime })));
    expect(a!.map(({ channels }) => channels.map(({ index }) => index))).toEqual(b!.map(({ channels }) => channels.map(({ index }) => index)));
    a!.forEach(({ mean }, i) => expect(Math.abs(mean.range[1] - b![i]!.mean.range[1])).toBeLessThan(1e-4));
    await expect(jobs.layerThumbnails({ model, input, layers: ["nope"], runtime: "auto" })).rejects.toMatchObject({ code: "layerUnknown", data: { layer: "nope" } });
    const controller = new AbortController();
    const cancelled = jobs.layerThumbnails({ model, input, layers: [], runtime: "onnxruntime" }, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    jobs.dispose();
  });
});
