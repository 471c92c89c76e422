/** @file The drawn map against pytorch-grad-cam's, and its small laws. */
import { describe, expect, it } from "vitest";
import { defaultHeatmap, divideByMax, minMax, rangeOf, reduceChannels, resizeBilinear, type Grid } from "../../../src/drawing/heatmap.js";
import { fixture, readArrays, relativeError, sharedReference } from "../readReference.js";

const grid = (shape: readonly number[], data: readonly number[]): Grid => ({ shape, data: Float32Array.from(data) });

describe("Grad-CAM as pytorch-grad-cam draws it", () => {
  const folders = [fixture("cnn"), sharedReference("resnet_tiny"), sharedReference("cnn_mnistlike")].filter((folder) => folder !== undefined);
  it.each(folders)("%s", (folder) => {
    const arrays = readArrays(`${folder}/reference.safetensors`);
    const raws = [...arrays.keys()].filter((name) => name.endsWith("/gradcam/raw"));
    expect(raws.length).toBeGreaterThan(2);
    for (const name of raws) {
      const raw = arrays.get(name)!;
      const final = arrays.get(name.replace(/raw$/, "final"))!;
      const drawn = defaultHeatmap({ shape: raw.shape, data: raw.data as Float32Array }, cam, final.shape as [number, number]);
      expect(drawn.shape).toEqual(final.shape);
      expect(relativeError(drawn.data, final), name).toBeLessThan(1e-3);
    }
  });

  it("is 0 everywhere when nothing is positive, or everything is equal", () => {
    expect([...defaultHeatmap(grid([2, 2], [-1, -2, -3, -4]), cam, [4, 4]).data]).toEqual(Array.from({ length: 16 }, () => 0));
    expect([...defaultHeatmap(grid([2, 2], [3, 3, 3, 3]), cam, [2, 2]).data]).toEqual([0, 0, 0, 0]);
  });
});

const cam = { form: "grid", drawn: "max-abs" } as const;
const pixels = { form: "pixels", drawn: "max-abs" } as const;

describe("pixel methods", () => {
  it("takes the largest absolute value over the channels, 0 staying 0", () => {
    const expected = [Math.fround(0.25), 0.75, 0, 1];
    expect([...defaultHeatmap(grid([1, 2, 2, 2], [1, -3, 0, 2, -0.5, 1, 0, -4]), pixels, [2, 2]).data]).toEqual(expected);
    expect([...defaultHeatmap(grid([1, 2, 2, 2], [1, -0.5, -3, 1, 0, 0, 2, -4]), pixels, [2, 2], "NHWC").data]).toEqual(expected);
  });

  it("reduces channels in the ways that have names", () => {
    const raw = grid([1, 2, 1, 2], [1, -2, 3, -4]);
    expect([...reduceChannels(raw, "sum").data]).toEqual([4, -6]);
    expect([...reduceChannels(raw, "abs-sum").data]).toEqual([4, 6]);
    expect([...reduceChannels(raw, "sum-abs").data]).toEqual([4, 6]);
    expect([...reduceChannels(grid([1, 2, 1, 1], [1, -3]), "sum-abs").data]).toEqual([4]);
    expect([...reduceChannels(grid([1, 2, 1, 1], [1, -3]), "abs-sum").data]).toEqual([2]);
  });

  it("is 0 everywhere without attribution", () => {
    expect([...divideByMax(grid([2], [0, 0])).data]).toEqual([0, 0]);
  });
});

describe("the parts", () => {
  it("resizes with half-pixel centres and clamped edges", () => {
    expect([...resizeBilinear(grid([1, 2], [0, 1]), [1, 4]).data]).toEqual([0, 0.25, 0.75, 1]);
    expect([...resizeBilinear(grid([2, 1], [0, 1]), [4, 1]).data]).toEqual([0, 0.25, 0.75, 1]);
  });

  it("stretches to 0 to 1", () => {
    expect([...minMax(grid([3], [-1, 0, 3])).data]).toEqual([0, 0.25, 1]);
  });

  it("finds the range without not-a-number", () => {
    expect(rangeOf(Float32Array.of(NaN, 2, -1))).toEqual([-1, 2]);
    expect(rangeOf(new Float32Array(0))).toEqual([0, 0]);
  });
});
