/** @file Decoding real image files: what Pillow reads from them, and one clear error for what is no image. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { decodeImage } from "../../../src/worker/decodeImage.js";

const shared = join(dirname(fileURLToPath(import.meta.url)), "../../../../shared/reference/images");
const folder = mkdtempSync(join(tmpdir(), "whylight-decode-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const gradient = (channels: 1 | 3 | 4) => sharp(Uint8Array.from({ length: 40 * 30 * channels }, (_, i) => (i * 31) % 256), { raw: { width: 40, height: 30, channels } });

/** Pillow drops transparency, where this project puts white behind it; what is under it differs on purpose. */
const withTransparency = ["12_palette.png"];

if (!existsSync(shared)) console.log("Skipped: the recorded reference files are not beside this clone.");
describe.skipIf(!existsSync(shared))("the recorded images", () => {
  const names = existsSync(shared) ? readdirSync(join(shared, "src")).filter((name) => !withTransparency.includes(name)) : [];
  it.each(names)("%s", async (name) => {
    const stem = name.replace(/\.\w+$/, "");
    const variant = [".exif", ".onwhite", ".scaled", ""].map((suffix) => join(shared, "decoded", `${stem}${suffix}.png`)).find((path) => existsSync(path))!;
    const expected = await sharp(variant).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
    const { pixels } = await decodeImage(join(shared, "src", name));
    expect([pixels.width, pixels.height]).toEqual([expected.info.width, expected.info.height]);
    expect(Buffer.compare(Buffer.from(pixels.data), expected.data)).toBe(0);
  });
});

describe("kinds of images", () => {
  it("reads WebP, TIFF and the first frame of a GIF as three channels", async () => {
    const frame = await gradient(3).webp({ lossless: true }).toBuffer();
    for (const [name, bytes] of [["a.webp", frame], ["a.tiff", await sharp(frame).tiff({ compression: "lzw" }).toBuffer()]] as const) {
      const { pixels } = await decodeImage(file(name, bytes));
      expect([...pixels.data.subarray(0, 6)]).toEqual([0, 31, 62, 93, 124, 155]);
    }
    const red = { create: { width: 20, height: 20, channels: 3, background: "#ff0000" } } as const;
    const blue = { create: { width: 20, height: 20, channels: 3, background: "#0000ff" } } as const;
    const gif = await sharp([await sharp(red).png().toBuffer(), await sharp(blue).png().toBuffer()], { join: { animated: true } }).gif().toBuffer();
    const { pixels } = await decodeImage(file("a.gif", gif));
    expect([pixels.width, pixels.height, ...pixels.data.subarray(0, 3)]).toEqual([20, 20, 255, 0, 0]);
  });

  it("scales 16-bit colour instead of clipping it", async () => {
    const wide = Uint16Array.from({ length: 16 * 16 * 3 }, (_, i) => i * 80);
    const bytes = await sharp(wide, { raw: { width: 16, height: 16, channels: 3 } }).toColourspace("rgb16").png().toBuffer();
    const { pixels } = await decodeImage(file("wide.png", bytes));
    const stored = await sharp(bytes).toColourspace("rgb16").raw({ depth: "ushort" }).toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe("ushort");
    for (let i = 0; i < wide.length; i += 97) expect(pixels.data[i]).toBe(stored.readUInt16LE(i * 2) >> 8);
  });

  it("puts white behind transparency, also for grey", async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0 } } }).png().toBuffer();
    expect([...(await decodeImage(file("clear.png", clear))).pixels.data.subarray(0, 3)]).toEqual([255, 255, 255]);
    const gray = await sharp(clear).toColourspace("b-w").png().toBuffer();
    expect([...(await decodeImage(file("gray.png", gray))).pixels.data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it("turns by EXIF and tells the turned size", async () => {
    const turned = await gradient(3).jpeg().withExif({ IFD0: { Orientation: "6" } }).toBuffer();
    const image = await decodeImage(file("turned.jpg", await sharp(turned).withMetadata({ orientation: 6 }).toBuffer()));
    expect([image.width, image.height, image.pixels.width, image.pixels.height]).toEqual([30, 40, 30, 40]);
  });
});

describe("bad input", () => {
  const failure = async (path: string): Promise<WhylightError> => {
    const error: unknown = await decodeImage(path).then(() => undefined, (thrown: unknown) => thrown);
    if (!(error instanceof WhylightError)) throw new Error("it must fail with an error of its own");
    return error;
  };

  it("names what is wrong", async () => {
    expect((await failure(join(folder, "none.png"))).code).toBe("inputNotFound");
    expect((await failure(folder)).code).toBe("inputNotFound");
    expect(await failure(file("empty.png", ""))).toMatchObject({ code: "imageInvalid", data: { reason: "the file is empty" } });
    expect(await failure(file("text.png", "this is no image at all"))).toMatchObject({ code: "imageInvalid", data: { reason: "its format is not known" } });
    const png = await gradient(3).png().toBuffer();
    expect((await failure(file("half.png", png.subarray(0, png.length / 2)))).code).toBe("imageInvalid");
    const jpeg = await sharp(Uint8Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * i) % 251), { raw: { width: 200, height: 200, channels: 3 } }).jpeg().toBuffer();
    expect((await failure(file("half.jpg", jpeg.subarray(0, jpeg.length / 2)))).code).toBe("imageInvalid");
  });

  it("reduces 200 megapixels while reading, and refuses more than a gigapixel", async () => {
    const big = await sharp({ create: { width: 16000, height: 12500, channels: 3, background: "#3366cc" } }).png({ compressionLevel: 1 }).toBuffer();
    const image = await decodeImage(file("big.png", big));
    expect([image.width, image.height, image.reduced]).toEqual([16000, 12500, true]);
    expect(image.pixels.width * image.pixels.height).toBeLessThan(16_100_000);
    expect([...image.pixels.data.subarray(0, 3)]).toEqual([0x33, 0x66, 0xcc]);
    // Left half red, right half blue, to be shown turned clockwise: red above blue.
    const half = await sharp({ create: { width: 4000, height: 6600, channels: 3, background: "#0000ff" } }).png({ compressionLevel: 1 }).toBuffer();
    const turned = await sharp({ create: { width: 8000, height: 6600, channels: 3, background: "#ff0000" } }).composite([{ input: half, left: 4000, top: 0 }]).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const wide = await decodeImage(file("turned-big.jpg", turned));
    expect([wide.width, wide.height, wide.reduced]).toEqual([6600, 8000, true]);
    expect(wide.pixels.width / wide.pixels.height).toBeCloseTo(6600 / 8000, 2);
    const at = (y: number) => [...wide.pixels.data.subarray(y * wide.pixels.width * 3, y * wide.pixels.width * 3 + 3)].map((value) => value > 128);
    expect([at(10), at(wide.pixels.height - 10)]).toEqual([[true, false, false], [false, false, true]]);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32000" height="32000"/>`;
    expect(await failure(file("vast.svg", svg))).toMatchObject({ code: "imageTooLarge", data: { width: 32000, height: 32000 } });
  }, 60_000);
});
