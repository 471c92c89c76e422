/** @file Resizing and cropping against what torchvision and transformers made of the same pixels (all of ../shared when it is there, a subset always). */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Preprocess } from "../../../src/engine/preprocess/description.js";
import { resample, type PixelImage } from "../../../src/engine/preprocess/resample.js";
import { prepareImage } from "../../../src/engine/preprocess/image.js";

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, "../../fixtures/images");
const shared = join(here, "../../../../shared/reference/images");
const folder = existsSync(shared) ? shared : fixtures;

/** Leaves pixel values as they are, so that the tensor can be compared with bytes. */
const plain = { channels: "rgb", scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout: "NHWC" } as const;
const recipes: Readonly<Record<string, Preprocess>> = {
  tv256_224: { ...plain, resize: "shortest-side", size: [256, 256], crop: [224, 224], interpolation: "bilinear" },
  hf_vit_224: { ...plain, resize: "exact", size: [224, 224], crop: undefined, interpolation: "bilinear" },
  deit_256bicubic_224: { ...plain, resize: "exact", size: [256, 256], crop: [224, 224], cropOffset: "floor", interpolation: "bicubic" },
};

async function pixelsOf(path: string): Promise<PixelImage> {
  const { data, info } = await sharp(path).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3, data };
}

describe.each(Object.keys(recipes))("%s", (recipe) => {
  it.each(readdirSync(join(folder, recipe)))("%s, exactly", async (name) => {
    const source = await pixelsOf(join(folder, "decoded", name));
    const expected = await pixelsOf(join(folder, recipe, name));
    const { tensor } = prepareImage(source, recipes[recipe]!);
    expect(tensor.shape).toEqual([1, expected.height, expected.width, 3]);
    let worst = 0;
    for (let i = 0; i < expected.data.length; i++) worst = Math.max(worst, Math.abs(Number(tensor.data[i]) - expected.data[i]!));
    expect(worst).toBe(0);
  });
});

describe("resample", () => {
  const image = { width: 3, height: 1, channels: 1 as const, data: Uint8Array.of(10, 20, 30) };

  it("takes the pixel under the centre for nearest", () => {
    expect([...resample(image, [1, 6], "nearest", { x: 0, y: 0, width: 6, height: 1 }).data]).toEqual([10, 10, 20, 20, 30, 30]);
  });

  it("gives the same pixels for a part as for the whole", () => {
    const source = { width: 37, height: 23, channels: 3 as const, data: Uint8Array.from({ length: 37 * 23 * 3 }, (_, i) => (i * 7919) % 256) };
    const whole = resample(source, [40, 15], "lanczos", { x: 0, y: 0, width: 15, height: 40 });
    const part = resample(source, [40, 15], "lanczos", { x: 4, y: 11, width: 7, height: 9 });
    for (let y = 0; y < 9; y++) {
      const begin = ((y + 11) * 15 + 4) * 3;
      expect([...part.data.subarray(y * 21, (y + 1) * 21)]).toEqual([...whole.data.subarray(begin, begin + 21)]);
    }
  });

  it.each(["bilinear", "bicubic", "lanczos"] as const)("treats the channels of colour as three grey images, %s", (interpolation) => {
    // Colours go through vectors, grey does not. Sizes around the vectors' width, enlarged and shrunk; pixels at both ends of their range, where sums overshoot.
    for (const [width, height, outWidth, outHeight] of [[1, 1, 2, 3], [5, 4, 3, 2], [16, 9, 5, 17], [37, 23, 15, 40], [64, 64, 16, 16], [131, 77, 43, 31]] as const) {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => [0, 255, (i * 7919) % 256][(i * 31) % 3]!);
      const window = { x: outWidth >> 2, y: outHeight >> 2, width: outWidth - (outWidth >> 2), height: outHeight - (outHeight >> 2) };
      const colors = resample({ width, height, channels: 3, data }, [outHeight, outWidth], interpolation, window);
      for (let c = 0; c < 3; c++) {
        const grey = resample({ width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, i) => data[i * 3 + c]!) }, [outHeight, outWidth], interpolation, window);
        expect(colors.data.filter((_, i) => i % 3 === c)).toEqual(grey.data);
      }
    }
  });
});
