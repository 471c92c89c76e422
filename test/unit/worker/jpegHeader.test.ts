/** @file Headers of JPEG files of every kind, as sharp reads them; and files that have none. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { jpegHeader } from "../../../src/worker/jpegHeader.js";

const noise = (channels: 1 | 3) => sharp(Uint8Array.from({ length: 37 * 21 * channels }, (_, i) => (i * 31) % 256), { raw: { width: 37, height: 21, channels } });

const kinds: Readonly<Record<string, () => Promise<Buffer>>> = {
  colour: () => noise(3).jpeg().toBuffer(),
  grey: () => noise(1).toColourspace("b-w").jpeg().toBuffer(),
  progressive: () => noise(3).jpeg({ progressive: true }).toBuffer(),
  "of another subsampling": () => noise(3).jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
  "with a turn, a profile and more in front": () => noise(3).withMetadata({ orientation: 6, icc: "p3" }).jpeg().toBuffer(),
  CMYK: () => noise(3).toColourspace("cmyk").jpeg().toBuffer(),
};

describe("a header", () => {
  it.each(Object.keys(kinds))("of a file that is %s", async (kind) => {
    const bytes = await kinds[kind]!();
    const { width, height, channels } = await sharp(bytes).metadata();
    expect(jpegHeader(bytes)).toEqual({ width, height, components: channels });
  });

  it("is not made up for what is none", async () => {
    const whole = await kinds["colour"]!();
    const at = whole.indexOf(Uint8Array.of(0xff, 0xc0));
    for (let length = 0; length < at + 10; length++) expect(jpegHeader(whole.subarray(0, length))).toBeUndefined();
    for (const bytes of [await noise(3).png().toBuffer(), Buffer.from("no picture"), Buffer.from([0xff, 0xd8, 0, 0, 0, 0]), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, ...new Uint8Array(20)])]) expect(jpegHeader(bytes)).toBeUndefined();
  });
});
