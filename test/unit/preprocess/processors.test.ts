/** @file What transformers' processors make of one picture, out of configs as the hub has them: complete, older and with fields left out (test/fixtures/images/processors/record.py). */
import { readFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { parseFields } from "../../../src/engine/preprocess/fields.js";
import { readPreprocessorConfig } from "../../../src/engine/preprocess/huggingFace.js";
import { prepareImage } from "../../../src/engine/preprocess/image.js";
import { fixture, readArrays } from "../readReference.js";

const configs = JSON.parse(readFileSync(fixture("images/processors/processors.json"), "utf8")) as Readonly<Record<string, object>>;
const recorded = readArrays(fixture("images/processors/processors.safetensors"));
/** Pixels are the same bytes; only the rounding of the arithmetic after them may differ. A grey level is 1/255 at least. */
const tolerance = 1e-5;

describe("the processor of", async () => {
  const { data, info } = await sharp(fixture("images/processors/picture.png")).raw().toBuffer({ resolveWithObject: true });
  const picture = { width: info.width, height: info.height, channels: 3 as const, data };

  it.each(Object.keys(configs))("%s", (name) => {
    const expected = recorded.get(name)!;
    const [, , height, width] = expected.shape as [number, number, number, number];
    for (const size of [{ height, width }, { height: undefined, width: undefined }]) {
      const preprocess = readPreprocessorConfig(parseFields("preprocessor_config.json", JSON.stringify(configs[name])), { layout: "NCHW", channels: 3, ...size });
      const { tensor } = prepareImage(picture, preprocess);
      expect(tensor.shape).toEqual(expected.shape);
      const wanted = toNumbers(expected);
      expect(toNumbers(tensor).reduce((worst, value, i) => Math.max(worst, Math.abs(value - wanted[i]!)), 0)).toBeLessThanOrEqual(tolerance);
    }
  });
});
