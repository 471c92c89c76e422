/** @file What is tried on a picture: changes with known pixels, other preprocessing, masks, and inputs of the right shape for all. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elsewhere, inverted, masked } from "../../../../src/engine/debug/masks.js";
import { brightened, cut, mirrored, padded, stretched, turned } from "../../../../src/engine/debug/pictureChanges.js";
import { preprocessingDimensions, preprocessingVariants } from "../../../../src/engine/debug/preprocessingVariants.js";
import { lumaOf, seenPixels } from "../../../../src/engine/debug/seenPixels.js";
import { variantResult, variantsOf } from "../../../../src/engine/debug/variants.js";
import { float32 } from "../../../../src/engine/ir/tensor.js";
import { prepareImage } from "../../../../src/engine/preprocess/image.js";
import type { Preprocess } from "../../../../src/engine/preprocess/description.js";
import type { PixelImage } from "../../../../src/engine/preprocess/resample.js";
import { createRandom } from "../../../../src/engine/attribution/random.js";
import { variantText } from "../../../../src/protocol/debugTexts.js";

const imageNet: Preprocess = {
  resize: "shortest-side", size: [36, 36], crop: [32, 32], interpolation: "bilinear", channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: "NCHW",
};
const grayscale: Preprocess = { ...imageNet, channels: "gray", mean: [0.5], std: [0.5], layout: "NHWC" };
const noise = (width: number, height: number, seed = 1): PixelImage => {
  const random = createRandom(seed);
  return { width, height, channels: 3, data: Uint8ClampedArray.from({ length: width * height * 3 }, () => random.below(256)) };
};
/** One channel-less row of pixels as a picture: each value in all three channels. */
const row = (...values: number[]): PixelImage => ({ width: values.length, height: 1, channels: 3, data: Uint8ClampedArray.from(values.flatMap((value) => [value, value, value])) });
const reds = ({ data }: PixelImage) => [...data].filter((_, i) => i % 3 === 0);

describe("the picture as the model sees it", () => {
  it.each([["NCHW", "rgb"], ["NHWC", "rgb"], ["NCHW", "bgr"], ["NHWC", "bgr"]] as const)("is got back exactly from an input in %s and %s", (layout, channels) => {
    const image = noise(32, 32);
    const preprocess: Preprocess = { ...imageNet, resize: "none", layout, channels };
    expect(seenPixels(prepareImage(image, preprocess).tensor, preprocess)).toEqual(image);
  });

  it("is the same gray when it was gray", () => {
    const { tensor } = prepareImage(noise(32, 32), grayscale);
    const seen = seenPixels(tensor, grayscale);
    expect(prepareImage(seen, { ...grayscale, resize: "none" }).tensor.data).toEqual(tensor.data);
    expect([...lumaOf(seen)].every((value, i) => Math.abs(value - seen.data[3 * i]!) < 1e-3)).toBe(true);
  });
});

describe("changes of a picture", () => {
  it("cut, with black where there is nothing", () => {
    expect(reds(cut(row(1, 2, 3, 4), { x: 1, y: 0, width: 2, height: 1 }))).toEqual([2, 3]);
    expect(reds(cut(row(1, 2), { x: -1, y: 0, width: 4, height: 2 }))).toEqual([0, 1, 2, 0, 0, 0, 0, 0]);
    expect(reds(cut(row(1, 2), { x: 5, y: 5, width: 1, height: 1 }))).toEqual([0]);
  });

  it("pad to a ratio of sides with the mean colour", () => {
    const square = padded(row(10, 20, 30), 1);
    expect([square.width, square.height]).toEqual([3, 3]);
    expect(reds(square)).toEqual([20, 20, 20, 10, 20, 30, 20, 20, 20]);
  });

  it("mirror, and twice is nothing", () => {
    expect(reds(mirrored(row(1, 2, 3)))).toEqual([3, 2, 1]);
    expect(mirrored(mirrored(noise(7, 5)))).toEqual(noise(7, 5));
  });

  it("turn clockwise: a quarter turn moves pixels exactly, none leaves them", () => {
    expect(turned(noise(9, 9), 0)).toEqual(noise(9, 9));
    const image: PixelImage = { width: 2, height: 2, channels: 3, data: Uint8ClampedArray.from([1, 2, 3, 4].flatMap((value) => [value, value, value])) };
    // 1 2 turns to 3 1
    // 3 4          4 2
    expect(reds(turned(image, 90))).toEqual([3, 1, 4, 2]);
  });

  it("brighten and clamp", () => {
    expect(reds(brightened(row(10, 200), 1.3))).toEqual([13, 255]);
  });
});

describe("contrast", () => {
  it("is drawn out to black and white, past the outermost hundredth", () => {
    expect(reds(stretched(row(10, 20, 35)))).toEqual([0, 102, 255]);
    // One of 200 pixels is far brighter: it is left behind.
    const values = Array.from({ length: 200 }, (_, i) => (i === 0 ? 255 : i % 2 === 0 ? 20 : 30));
    expect(reds(stretched(row(...values))).slice(0, 4)).toEqual([255, 255, 0, 255]);
    expect(stretched(row(7, 7))).toEqual(row(7, 7));
  });
});

describe("masks", () => {
  const maskOf = (...cells: number[]) => Uint8Array.from({ length: 64 }, (_, i) => (cells.includes(i) ? 1 : 0));
  const map = { shape: [8, 8], data: Float32Array.from({ length: 64 }, (_, i) => (i % 8 >= 4 ? 1 : 0)) };
  const grid = (value: (x: number, y: number) => number) => float32([1, 1, 8, 8], Float32Array.from({ length: 64 }, (_, i) => value(i % 8, Math.floor(i / 8))));

  it("move to where the map has the least mass, keeping their shape and size", () => {
    const hot = maskOf(6, 7, 14, 15);
    const moved = elsewhere(hot, map);
    expect(moved.reduce((sum, value) => sum + value, 0)).toBe(4);
    expect(moved.some((value, i) => value === 1 && map.data[i]! > 0)).toBe(false);
    const first = moved.indexOf(1);
    expect([0, 1, 8, 9].every((offset) => moved[first + offset] === 1)).toBe(true);
  });

  it("keep their size and avoid the mask as far as there is room", () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { minLength: 1, maxLength: 40 }), (cells) => {
      const hot = maskOf(...cells);
      const moved = elsewhere(hot, map);
      expect(moved.reduce((sum, value) => sum + value, 0)).toBe(cells.length);
    }));
    const half = Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? 1 : 0));
    expect(elsewhere(half, map)).toEqual(inverted(half));
  });

  it("are filled with the mean colour, or with the colours around them", () => {
    const tensor = grid((x) => x);
    const hot = maskOf(27, 28, 35, 36);
    const mean = masked(tensor, "NCHW", hot, "mean").data as Float32Array;
    expect([27, 28, 35, 36].map((i) => mean[i])).toEqual([3.5, 3.5, 3.5, 3.5]);
    const around = masked(grid(() => 7), "NCHW", hot, "surroundings").data as Float32Array;
    for (const value of around) expect(value).toBeCloseTo(7, 5);
    // A spot that differs is gone: what stands there comes from outside it alone.
    const spot = masked(grid((x, y) => (hot[y * 8 + x] === 1 ? 100 : 2)), "NCHW", hot, "surroundings").data as Float32Array;
    for (const value of spot) expect(value).toBeCloseTo(2, 5);
    // What is not masked stays.
    expect([...(tensor.data as Float32Array)].every((value, i) => hot[i] === 1 || mean[i] === value)).toBe(true);
  });

  it("fill channels alike in both axis orders", () => {
    const image = noise(8, 8);
    const hot = maskOf(0, 1, 8, 9, 10);
    const [first, last] = (["NCHW", "NHWC"] as const).map((layout) => {
      const preprocess: Preprocess = { ...imageNet, resize: "none", crop: undefined, layout };
      return seenPixels(masked(prepareImage(image, preprocess).tensor, layout, hot, "surroundings"), preprocess);
    });
    expect(first).toEqual(last);
  });
});

describe("other preprocessing", () => {
  const idsOf = (preprocess: Preprocess) => preprocessingVariants(preprocess).map(({ id }) => id);

  it("names its dimensions, one each or two together", () => {
    for (const { id, dimensions, preprocess } of preprocessingVariants(imageNet)) {
      expect(id.split("+").map((part) => preprocessingDimensions.find((dimension) => part.startsWith(`${dimension}-`)))).toEqual(dimensions);
      expect(preprocess).not.toEqual(imageNet);
    }
    expect(new Set(idsOf(imageNet)).size).toBe(idsOf(imageNet).length);
  });

  it("undoes the common mistakes: for each mistaken description the right one is among what is tried", () => {
    const zeros = { mean: [0, 0, 0], std: [1, 1, 1] };
    const mistakes: readonly (readonly [string, Preprocess, Preprocess])[] = [
      ["channels-rgb", { ...imageNet, channels: "bgr" }, imageNet],
      ["scale-over-255", { ...imageNet, scale: 1 }, imageNet],
      ["scale-imagenet", { ...imageNet, scale: 1, ...zeros }, imageNet],
      ["mean-imagenet", { ...imageNet, ...zeros }, imageNet],
      ["mean-imagenet", { ...imageNet, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, imageNet],
      ["mean-minus1-1", imageNet, { ...imageNet, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }],
      ["scale-0-255", imageNet, { ...imageNet, scale: 1, ...zeros }],
      ["channels-bgr+scale-caffe", imageNet, { ...imageNet, channels: "bgr", scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] }],
      ["resize-stretch", imageNet, { ...imageNet, resize: "exact", size: [32, 32], crop: undefined }],
      ["resize-short", imageNet, { ...imageNet, size: [32, 32] }],
      ["resize-margin", { ...imageNet, size: [32, 32] }, { ...imageNet, size: [37, 37] }],
      ["interpolation-bicubic", imageNet, { ...imageNet, interpolation: "bicubic" }],
    ];
    const image = noise(50, 40);
    for (const [id, present, right] of mistakes) {
      const found = preprocessingVariants(present).find((variant) => variant.id === id);
      expect(found, id).toBeDefined();
      const [a, b] = [prepareImage(image, found!.preprocess).tensor.data as Float32Array, prepareImage(image, right).tensor.data as Float32Array];
      expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b.map(Math.abs)), id).toBeLessThan(1e-5);
    }
  });

  it("leaves out what amounts to the present one", () => {
    // -1 to 1 in two spellings.
    expect(idsOf({ ...imageNet, scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] }).filter((id) => id.includes("minus1-1") && !id.includes("+"))).toEqual([]);
    expect(idsOf(imageNet).filter((id) => id.endsWith("imagenet") && !id.includes("+"))).toEqual([]);
    expect(idsOf({ ...imageNet, resize: "exact", size: [32, 32], crop: undefined })).not.toContain("resize-stretch");
    expect(idsOf({ ...imageNet, resize: "none", crop: undefined }).filter((id) => /^(?:resize|interpolation)/.test(id))).toEqual([]);
  });

  it("has no order of channels for gray", () => {
    expect(idsOf(grayscale).some((id) => id.includes("channels"))).toBe(false);
    expect(preprocessingVariants(grayscale).every(({ preprocess }) => preprocess.mean.length === 1)).toBe(true);
  });
});

describe("all that is tried", () => {
  const map = { shape: [32, 32], data: Float32Array.from({ length: 1024 }, (_, i) => (i % 32 > 24 && i > 800 ? 1 : 0)) };
  it.each([["RGB", imageNet], ["gray", grayscale], ["channels last and BGR", { ...imageNet, layout: "NHWC", channels: "bgr" }], ["stretched", { ...imageNet, resize: "exact", size: [32, 32], crop: undefined }]] as const)("makes inputs of the model's shape, each with a name of its own: %s", (_, preprocess) => {
    const image = noise(50, 40);
    const unchanged = prepareImage(image, preprocess).tensor;
    const variants = variantsOf({ image, preprocess, map });
    expect(new Set(variants.map(({ id }) => id)).size).toBe(variants.length);
    expect(new Set(variants.map(({ id }) => variantText(id, (english) => english))).size).toBe(variants.length);
    for (const variant of variants) {
      const { shape, data } = variant.make();
      expect(shape, variant.id).toEqual(unchanged.shape);
      expect((data as Float32Array).every(Number.isFinite), variant.id).toBe(true);
      expect(data, variant.id).not.toEqual(unchanged.data);
      expect(variantText(variant.id, (english) => english)).not.toBe(variant.id);
    }
  });

  it("cuts the part of what is seen that it says", () => {
    // What is seen is the middle 32 of 36 columns of a picture of 36 x 36: a slope across, so that values tell columns.
    const slope: PixelImage = { width: 36, height: 36, channels: 3, data: Uint8ClampedArray.from({ length: 36 * 36 * 3 }, (_, i) => (Math.floor(i / 3) % 36) * 7) };
    const valueAt = (id: string, x: number) => {
      const seen = seenPixels(variantsOf({ image: slope, preprocess: imageNet, map }).find((variant) => variant.id === id)!.make(), imageNet);
      return seen.data[(16 * 32 + x) * 3]! / 7;
    };
    // Columns 2 to 34 are seen; the middle 60 % are 8.4 to 27.6.
    expect(valueAt("crop-0.6", 0)).toBeCloseTo(8, 0);
    expect(valueAt("crop-0.6", 31)).toBeCloseTo(27, 0);
    expect(valueAt("crop-topLeft", 0)).toBeCloseTo(2, 0);
    expect(valueAt("crop-bottomRight", 31)).toBeCloseTo(33, 0);
    expect(valueAt("crop-whole", 0)).toBeCloseTo(0, 0);
    expect(valueAt("flip", 0)).toBeCloseTo(33, 0);
  });

  it("masks nothing where the map is blank", () => {
    expect(variantsOf({ image: noise(40, 40), preprocess: imageNet, map: { ...map, data: new Float32Array(1024) } }).filter(({ family }) => family === "mask")).toEqual([]);
  });

  it("tells what the model says of each", () => {
    const variant = { id: "flip", family: "flip" } as const;
    expect(variantResult(variant, [0.1, 0.6, 0.3], { predicted: 2, true: 1 })).toEqual({ ...variant, predicted: 1, confidence: 0.6, predictedProbability: 0.3, trueProbability: 0.6, fixes: true });
    expect(variantResult(variant, [0.1, 0.6, 0.3], { predicted: 1, true: 1 }).fixes).toBe(false);
    expect(variantResult(variant, [0.7, 0.2, 0.1], { predicted: 2, true: 1 }).fixes).toBe(false);
  });
});
