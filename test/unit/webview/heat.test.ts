/** @file What the panel draws, against values worked out by hand and against the default heatmap of the drawing room. */
import { describe, expect, it } from "vitest";
import { colorTable } from "../../../src/drawing/colormap.js";
import { defaultHeatmap } from "../../../src/drawing/heatmap.js";
import { cellRegion, isBlank, makeHeat as draw, onScale, paint, readValue, valueAt } from "../../../webview/heat.js";
import type { Explanation } from "../../../src/protocol/api.js";
import { mapStatistics } from "../../../webview/mapStatistics.js";
import { initialView, shownColormap, type ViewState } from "../../../webview/view.js";
import { camValue, explanation, imageSize, region } from "../../e2e/webviewHarness/syntheticState.js";

const view = initialView(undefined, undefined);
const makeHeat = (one: Explanation, style: ViewState, image: typeof imageSize) => draw(one, style, image, "max-abs");
const cam = (data: number[], shape: number[]) => explanation("grad-cam", 0, { attribution: { shape, data: Float32Array.from(data) }, region: { x: 0, y: 0, width: 4, height: 4 }, inputSize: [4, 4] });
/** `[1, 2, 1, 2]`: two channels of two pixels. */
const pixels = explanation("saliency", 0, { attribution: { shape: [1, 2, 1, 2], data: Float32Array.from([1, -4, -3, 2]) }, inputSize: [1, 2], region: { x: 10, y: 20, width: 20, height: 10 } });

describe("heat", () => {
  it.each(["grad-cam", "saliency"] as const)("equals the default heatmap of %s with the default view", (method) => {
    const one = explanation(method, 0);
    const heat = makeHeat(one, view, imageSize);
    const expected = defaultHeatmap(one.attribution, { form: method === "grad-cam" ? "grid" : "pixels", drawn: "max-abs" }, one.inputSize);
    expect(heat.grid.shape).toEqual(expected.shape);
    const worst = Math.max(...Array.from(expected.data, (value, i) => Math.abs(value - onScale(heat, heat.grid.data[i] ?? NaN))));
    expect(worst).toBeLessThan(1e-5);
  });

  it.each([
    ["max-abs", [3, 4], [0, 4], [0.75, 1]],
    ["sum-abs", [4, 6], [0, 6], [4 / 6, 1]],
    ["sum", [-2, -2], [-2, 2], [-1, -1]],
  ] as const)("reduces channels by %s", (pixelValues, raw, ends, read) => {
    const heat = makeHeat(pixels, { ...view, pixelValues }, imageSize);
    expect([...heat.grid.data]).toEqual(raw);
    expect(heat.ends).toEqual(ends);
    expect([...heat.grid.data].map((value) => readValue(heat, value))).toEqual(read);
  });

  it("reduces channels as the method has it unless told otherwise", () => {
    expect([...draw(pixels, view, imageSize, "sum-abs").grid.data]).toEqual([4, 6]);
    expect([...draw(pixels, { ...view, pixelValues: "abs-sum" }, imageSize, "sum-abs").grid.data]).toEqual([2, 2]);
  });

  it("gives signed maps colours of their own", () => {
    expect(shownColormap(view, makeHeat(pixels, { ...view, pixelValues: "sum" }, imageSize).signed)).toBe("diverging");
    expect(shownColormap(view, makeHeat(pixels, { ...view, pixelValues: "sum", sign: "negative" }, imageSize).signed)).toBe("viridis");
  });

  it("keeps the cells without smoothing, and both signs on request", () => {
    const positive = makeHeat(cam([-2, 1, 0, 4], [2, 2]), { ...view, interpolation: "nearest" }, imageSize);
    expect([...positive.grid.data]).toEqual([0, 1, 0, 4]);
    expect(positive.ends).toEqual([0, 4]);
    const signed = makeHeat(cam([-2, 1, 0, 4], [2, 2]), { ...view, interpolation: "nearest", gridValues: "signed" }, imageSize);
    expect([...signed.grid.data].map((value) => readValue(signed, value))).toEqual([-0.5, 0.25, 0, 1]);
  });

  it("reads the value of the pixel under the pointer, and none outside of what the model saw", () => {
    const heat = makeHeat(pixels, view, imageSize);
    expect(valueAt(heat, 10, 20)).toBe(3);
    expect(valueAt(heat, 19, 29)).toBe(3);
    expect(valueAt(heat, 20, 20)).toBe(4);
    for (const [x, y] of [[9, 20], [30, 20], [15, 19], [15, 30]] as const) expect(valueAt(heat, x, y)).toBeUndefined();
  });

  it("takes no value of the next or the last row for one beside the map", () => {
    const heat = makeHeat(cam([1, 2, 3, 4], [2, 2]), { ...view, interpolation: "nearest" }, imageSize);
    expect([valueAt(heat, 0, 3), valueAt(heat, -1, 3), valueAt(heat, 4, 0)]).toEqual([3, undefined, undefined]);
  });

  it("places the cells in the image", () => {
    const heat = makeHeat(explanation("grad-cam", 0), { ...view, interpolation: "nearest" }, imageSize);
    expect(cellRegion(heat, 2, 4)).toEqual({ x: region.x + 240, y: region.y + 120, width: 60, height: 60 });
    expect(valueAt(heat, region.x + 270, region.y + 150)).toBe(camValue(2, 4));
  });

  it("draws a constant map at zero and calls it blank", () => {
    const heat = makeHeat(cam([0, 0, 0, 0], [2, 2]), view, imageSize);
    expect(isBlank(heat)).toBe(true);
    expect([...paint(heat, colorTable("viridis")).rgba.subarray(0, 4)]).toEqual([0x44, 0x01, 0x54, 255]);
  });

  it("paints both ends in the table's ends", () => {
    const heat = makeHeat(pixels, { ...view, pixelValues: "max-abs" }, imageSize);
    const { width, height, rgba } = paint({ ...heat, ends: [3, 4] }, colorTable("viridis"));
    expect([width, height]).toEqual([2, 1]);
    expect([...rgba]).toEqual([0x44, 0x01, 0x54, 255, 0xfd, 0xe7, 0x25, 255]);
  });
});

describe("map statistics", () => {
  it("finds the peak and shares the mass by area", () => {
    const heat = makeHeat(cam([0, 2, 0, 2], [2, 2]), { ...view, interpolation: "nearest" }, imageSize);
    const { peak, mean, shares } = mapStatistics(heat);
    expect(peak).toEqual({ value: 1, raw: 2, x: 3, y: 1 });
    expect(mean).toBe(0.5);
    // The right half is a third of the middle column's width and the whole of the right column's.
    expect(shares.map((line) => line.map((share) => Number(share.toFixed(4))))).toEqual([[0, 0.1111, 0.2222], [0, 0.1111, 0.2222], [0, 0.1111, 0.2222]]);
  });

  it("has no shares on a blank map", () => {
    expect(mapStatistics(makeHeat(cam([0, 0, 0, 0], [2, 2]), view, imageSize)).shares.flat()).toEqual(Array(9).fill(0));
  });
});
