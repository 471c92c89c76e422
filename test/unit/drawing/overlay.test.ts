/** @file Laying a map over a picture, pixel by pixel. */
import { expect, it } from "vitest";
import { composeOverlay } from "../../../src/drawing/overlay.js";

/** Colour i is (i, 0, 255 - i). */
const colors = Uint8Array.from({ length: 768 }, (_, i) => [Math.floor(i / 3), 0, 255 - Math.floor(i / 3)][i % 3]!);
const gray = (width: number, height: number) => ({ width, height, rgb: new Uint8Array(width * height * 3).fill(100) });

it("mixes picture and map inside the region and leaves the rest", () => {
  const heatmap = { shape: [1, 1], data: Float32Array.of(1) };
  const rgba = composeOverlay(gray(3, 1), heatmap, { x: 1, y: 0, width: 1, height: 1 }, { colors, opacity: 0.5 });
  expect([...rgba]).toEqual([100, 100, 100, 255, 178, 50, 50, 255, 100, 100, 100, 255]);
});

it("shows the map alone at full opacity and the picture alone at none", () => {
  const heatmap = { shape: [1, 2], data: Float32Array.of(0, 1) };
  const region = { x: 0, y: 0, width: 2, height: 1 };
  expect([...composeOverlay(gray(2, 1), heatmap, region, { colors, opacity: 1 })]).toEqual([0, 0, 255, 255, 255, 0, 0, 255]);
  expect([...composeOverlay(gray(2, 1), heatmap, region, { colors, opacity: 0 })]).toEqual([100, 100, 100, 255, 100, 100, 100, 255]);
});

it("draws the visible part of a region that reaches beyond the picture", () => {
  const heatmap = { shape: [1, 4], data: Float32Array.of(0, 0, 1, 1) };
  const rgba = composeOverlay(gray(2, 1), heatmap, { x: -1, y: 0, width: 4, height: 1 }, { colors, opacity: 1 });
  expect([...rgba]).toEqual([0, 0, 255, 255, 255, 0, 0, 255]);
});
