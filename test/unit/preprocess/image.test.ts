/** @file The model's input: layouts, channel orders, padding, and the part of the image it comes from. */
import { expect, it } from "vitest";
import type { Preprocess } from "../../../src/engine/preprocess/description.js";
import { prepareImage } from "../../../src/engine/preprocess/image.js";

const none: Preprocess = { resize: "none", size: [1, 1], crop: undefined, interpolation: "bilinear", channels: "rgb", scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout: "NCHW" };
const two = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(10, 20, 30, 40, 50, 60) };

it("lays out planes or pixels, in the channel order asked for", () => {
  expect([...prepareImage(two, none).tensor.data]).toEqual([10, 40, 20, 50, 30, 60]);
  expect([...prepareImage(two, { ...none, layout: "NHWC" }).tensor.data]).toEqual([10, 20, 30, 40, 50, 60]);
  expect([...prepareImage(two, { ...none, channels: "bgr", layout: "NHWC" }).tensor.data]).toEqual([30, 20, 10, 60, 50, 40]);
});

it("normalises each channel by its own numbers", () => {
  const { tensor } = prepareImage(two, { ...none, mean: [10, 20, 30], std: [1, 10, 30] });
  expect([...tensor.data]).toEqual([0, 30, 0, 3, 0, 1]);
});

it("mixes grey as Pillow does", () => {
  const { tensor } = prepareImage(two, { ...none, channels: "gray", mean: [0], std: [1] });
  // PIL.Image.new("RGB", (1, 1), (10, 20, 30)).convert("L") is 18, and (40, 50, 60) gives 48.
  expect(tensor.shape).toEqual([1, 1, 1, 2]);
  expect([...tensor.data]).toEqual([18, 48]);
});

it("tells which part of the image the model sees", () => {
  const wide = { width: 400, height: 200, channels: 3 as const, data: new Uint8Array(400 * 200 * 3) };
  const { tensor, region } = prepareImage(wide, { ...none, resize: "shortest-side", size: [100, 100], crop: [80, 80] });
  expect(tensor.shape).toEqual([1, 3, 80, 80]);
  // 200 x 100 after resizing; the crop begins at (60, 10), in the image's own pixels at (120, 20).
  expect(region).toEqual({ x: 120, y: 20, width: 160, height: 160 });
  expect(prepareImage(wide, { ...none, resize: "exact", size: [10, 20] }).region).toEqual({ x: 0, y: 0, width: 400, height: 200 });
});

it("pads with black where the crop is larger than the image", () => {
  const { tensor, region } = prepareImage(two, { ...none, crop: [3, 4], mean: [0, 0, 0] });
  expect(tensor.shape).toEqual([1, 3, 3, 4]);
  expect([...tensor.data.subarray(0, 12)]).toEqual([0, 0, 0, 0, 0, 10, 40, 0, 0, 0, 0, 0]);
  expect(region).toEqual({ x: -1, y: -1, width: 4, height: 3 });
});
