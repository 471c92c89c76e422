/** @file Every choice of drawing against its definition: Captum's scale, NumPy's percentiles, Pillow's bicubic, and the default map. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { drawMap, outlierThreshold, percentile } from "../../../src/drawing/drawMap.js";
import { defaultHeatmap, type Grid } from "../../../src/drawing/heatmap.js";
import { resizeBicubic } from "../../../src/drawing/resizeBicubic.js";
import { defaultStyle, type DrawStyle } from "../../../src/drawing/style.js";
import { createRandom } from "../../../src/engine/attribution/random.js";

interface Recorded {
  readonly bicubic: { readonly shape: number[]; readonly data: number[]; readonly resized: readonly { readonly shape: [number, number]; readonly data: number[] }[] };
  readonly percentiles: { readonly data: number[]; readonly at: Readonly<Record<string, number>> };
}
const recorded = JSON.parse(readFileSync(new URL("../../fixtures/drawing/recorded.json", import.meta.url), "utf8")) as Recorded;

const random = createRandom(7);
const normal = (...shape: readonly number[]): Grid => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()) });
const cam = { form: "grid", drawn: "max-abs" } as const;
const pixels = { form: "pixels", drawn: "max-abs" } as const;
const style = (change: Partial<DrawStyle>): DrawStyle => ({ ...defaultStyle, ...change });
const close = (actual: ArrayLike<number>, expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => expect(actual[i], `at ${i}`).toBeCloseTo(value, 5));
};

/** The channel sum of `[1, c, h, w]`. */
const channelSum = ({ shape: [, channels = 1, height = 1, width = 1], data }: Grid) =>
  Array.from({ length: height * width }, (_, i) => Array.from({ length: channels }, (_item, c) => data[c * height * width + i]!).reduce((a, b) => a + b));

describe("Captum's outlier_perc", () => {
  /** From its definition, without sorting: the smallest magnitude below which, itself included, the wanted share of all mass lies. */
  function scaleByDefinition(magnitudes: readonly number[], percent: number): number {
    const mass = magnitudes.reduce((a, b) => a + b, 0);
    const upTo = (limit: number) => magnitudes.filter((value) => value <= limit).reduce((a, b) => a + b, 0);
    return Math.min(...magnitudes.filter((limit) => upTo(limit) >= mass * (1 - percent / 100) * (1 - 1e-12)));
  }
  const selections = {
    all: (value: number) => value, positive: (value: number) => (value > 0 ? value : 0), negative: (value: number) => (value < 0 ? value : 0), absolute: Math.abs,
  } as const;

  it.each(["all", "positive", "negative", "absolute"] as const)("scales and cuts the channel sum: %s", (sign) => {
    const raw = normal(1, 3, 16, 16);
    for (const percent of [0, 2, 10, 50]) {
      const chosen = channelSum(raw).map(selections[sign]);
      const threshold = scaleByDefinition(chosen.map(Math.abs), percent) * (sign === "negative" ? -1 : 1);
      const { grid, ends, signed } = drawMap(raw, pixels, style({ pixelValues: "sum", sign, clip: "outlier", clipPercent: percent }), [16, 16]);
      close(grid.data, chosen.map((value) => Math.min(1, Math.max(-1, value / threshold))));
      expect(signed).toBe(sign === "all");
      close(ends, [sign === "all" ? -Math.abs(threshold) : 0, Math.abs(threshold)]);
    }
  });

  it("is a share of the mass, not of the pixels", () => {
    // Nine small values hold 9 of 109; the large one holds more than 90 per cent alone.
    const data = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1, 100);
    expect([outlierThreshold(data, 2), outlierThreshold(data, 95)]).toEqual([100, 1]);
  });

  it("is 0, not broken, without any attribution", () => {
    const { grid } = drawMap({ shape: [1, 1, 2, 2], data: new Float32Array(4) }, pixels, style({ clip: "outlier", clipPercent: 2 }), [2, 2]);
    expect([...grid.data]).toEqual([0, 0, 0, 0]);
  });
});

describe("percentiles of the places", () => {
  it.each(Object.entries(recorded.percentiles.at))("%s as NumPy has it", (p, expected) => {
    expect(percentile(Float32Array.from(recorded.percentiles.data), Number(p))).toBeCloseTo(expected, 6);
  });

  it("cut both ends of a scale from smallest to largest, the upper one of magnitudes, and both sides alike of a signed one", () => {
    const data = Array.from({ length: 101 }, (_, i) => i - 20);
    const raw = { shape: [1, 101], data: Float32Array.from(data) };
    const clip = { clip: "percentile", clipPercent: 10, interpolation: "nearest" } as const;
    expect(drawMap(raw, cam, style({ ...clip, gridValues: "raw" }), [1, 101]).ends).toEqual([-10, 70]);
    expect(drawMap(raw, cam, style({ ...clip, gridValues: "positive", scale: "max" }), [1, 101]).ends).toEqual([0, 70]);
    expect(drawMap(raw, cam, style({ ...clip, gridValues: "signed" }), [1, 101]).ends).toEqual([-70, 70]);
  });
});

describe("the other choices", () => {
  it("draws by default what the worker calls the default heatmap", () => {
    for (const [raw, method] of [[normal(5, 6), cam], [normal(1, 3, 8, 9), pixels], [{ shape: [2, 2], data: Float32Array.of(-1, -2, -3, -4) }, cam]] as const) {
      const { grid, signed } = drawMap(raw, method, defaultStyle, [20, 24]);
      const expected = defaultHeatmap(raw, method, [20, 24]);
      expect([grid.shape, signed]).toEqual([expected.shape, false]);
      close(grid.data, [...expected.data]);
    }
  });

  it("reads channels last", () => {
    expect([...drawMap({ shape: [1, 1, 2, 2], data: Float32Array.of(1, -4, 2, 0) }, pixels, defaultStyle, [1, 2], "NHWC").grid.data]).toEqual([1, 0.5]);
  });

  it("shares a scale that is given", () => {
    const raw = { shape: [1, 4], data: Float32Array.of(-3, 0, 1, 9) };
    const given = drawMap(raw, cam, style({ gridValues: "raw", interpolation: "nearest", scale: [0, 4] }), [1, 4]);
    expect([[...given.grid.data], given.signed]).toEqual([[0, 0, 0.25, 1], false]);
    const signed = drawMap(raw, cam, style({ gridValues: "signed", interpolation: "nearest", scale: [-4, 4] }), [1, 4]);
    expect([[...signed.grid.data], signed.signed]).toEqual([[-0.75, 0, 0.25, 1], true]);
  });

  it("raises values to a power on their scale", () => {
    const raw = { shape: [1, 3], data: Float32Array.of(0, 1, 2) };
    expect([...drawMap(raw, cam, style({ power: 2, interpolation: "nearest" }), [1, 3]).grid.data]).toEqual([0, 0.25, 1]);
  });

  it("resizes bicubically as Pillow", () => {
    const { shape, data, resized } = recorded.bicubic;
    for (const expected of resized) close(resizeBicubic({ shape, data: Float32Array.from(data) }, expected.shape).data, expected.data);
  });
});
