/** @file Exports of explanations: sizes, contents that other programs can read, and huge pictures in bands. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { colorTable } from "../../../src/drawing/colormap.js";
import { reportTexts } from "../../../src/protocol/reportTexts.js";
import { exportFormats, type Explanation, type ExportFormat } from "../../../src/protocol/api.js";
import { decodeImage, imageBands } from "../../../src/worker/decodeImage.js";
import { exportPicture } from "../../../src/worker/exportPicture.js";
import { createImageCache } from "../../../src/worker/imageCache.js";
import { encodePng } from "../../../src/worker/pngStream.js";
import { renderOverlay } from "../../../src/worker/renderImage.js";
import { defaultStyle } from "../../../src/drawing/style.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-export-"));
const [photo, turned] = [join(folder, "a <photo> & co.png"), join(folder, "turned.jpg")];
/** A picture of a single colour, wider than any default for previews. */
const size = { width: 1500, height: 900 } as const;
beforeAll(async () => {
  await sharp({ create: { ...size, channels: 3, background: { r: 10, g: 20, b: 30 } } }).png().toFile(photo);
  await sharp({ create: { width: 60, height: 40, channels: 3, background: { r: 200, g: 20, b: 30 } } }).jpeg().withMetadata({ orientation: 6 }).toFile(turned);
});
afterAll(() => rmSync(folder, { recursive: true }));

const prediction = { index: 3, label: "tabby <cat>", logit: 4, probability: 0.5 };
/** A Grad-CAM that is positive in its lower right quarter only. */
const explanation: Explanation = {
  model: { path: join(folder, "net.onnx"), format: "onnx", inputs: [], labels: undefined }, runtime: { name: "reference", detail: "interpreter", passedOver: [] }, input: photo, method: "grad-cam", parameters: { steps: 50 },
  family: "cam", layer: "layer4", layers: [], score: "logit", target: prediction, versus: undefined, predictions: [prediction], classCount: 10, attribution: { shape: [2, 2], data: Float32Array.of(-1, 0, 0, 0.25) },
  heatmap: { shape: [2, 2], data: Float32Array.of(0, 0, 0, 1) }, region: { x: 300, y: 0, width: 900, height: 900 }, inputSize: [30, 30], completeness: { gap: 0.002, relative: 0.004 }, facts: { sigma: 0.71 },
  evaluations: { forward: 1, gradient: 50 }, partial: undefined, isCached: false,
  preprocess: { resize: { mode: "none" }, crop: undefined, size: [30, 30], channels: "rgb", layout: "NCHW", scale: 1 / 255, mean: [0], std: [1] } as unknown as Explanation["preprocess"], preprocessOrigin: "defaults", labelsOrigin: undefined,
  notes: [{ code: "zeroGradient", data: {} }], ms: { load: 1, compile: 2, compute: 3, draw: 4 },
};
const images = createImageCache();
const make = async (format: ExportFormat, style: Record<string, unknown> = {}, change: Partial<Explanation> = {}, strings = {}) => (await exportPicture(images, { explanation: { ...explanation, ...change }, format, style, strings })).bytes;
const text = async (...args: Parameters<typeof make>) => new TextDecoder().decode(await make(...args));

/** The pixel of a PNG, as RGB. */
async function pixelsOf(png: Uint8Array) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, at: (x: number, y: number) => [...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)] };
}

describe("PNG", () => {
  it("has the image's full size, the map's colours inside the region, and the image outside", async () => {
    const { width, height, at } = await pixelsOf(await make("png", { opacity: 1, interpolation: "nearest", colormap: "jet" }));
    expect({ width, height }).toEqual(size);
    const jet = colorTable("jet");
    expect([at(299, 450), at(300, 450), at(1199, 899), at(1200, 899), at(750, 449)]).toEqual([[10, 20, 30], Array.from(jet.slice(0, 3)), Array.from(jet.slice(-3)), [10, 20, 30], Array.from(jet.slice(0, 3))]);
  });

  it("mixes by the opacity", async () => {
    const [low = 0] = colorTable("viridis");
    expect((await pixelsOf(await make("png", { opacity: 0.25, interpolation: "nearest" }))).at(301, 1)[0]).toBe(Math.round(10 * 0.75 + low * 0.25));
  });

  it("draws iso-lines where the map passes their level", async () => {
    const { at } = await pixelsOf(await make("png", { contours: 1, opacity: 0 }));
    // Smoothed from 2 x 2 cells, the map is the product of two ramps from the middles of the cells; it is a half on a curve through (sqrt 1/2, sqrt 1/2).
    const along = 300 + 900 * (0.25 + 0.5 * Math.SQRT1_2);
    expect(at(Math.round(along), Math.round(along) - 300).every((value) => value > 200)).toBe(true);
    expect(at(400, 100)).toEqual([10, 20, 30]);
  });

  it("is turned as EXIF says", async () => {
    const { width, height } = await pixelsOf(await make("png", {}, { input: turned, region: { x: 0, y: 10, width: 40, height: 40 } }));
    expect([width, height]).toEqual([40, 60]);
  });

  it("of a huge image comes out of bands as out of one piece", async () => {
    const noisy = join(folder, "noise.png");
    const noise = Buffer.from(Array.from({ length: 61 * 47 * 3 }, (_, i) => (i * 7919) % 251));
    await sharp(noise, { raw: { width: 61, height: 47, channels: 3 } }).png().toFile(noisy);
    const decoded = await decodeImage(noisy);
    const bands: { data: Uint8Array; width: number }[] = [];
    for await (const { data, width } of imageBands(noisy, decoded, 61 * 10)) bands.push({ data: Uint8Array.from(data), width });
    expect(bands.map(({ data, width }) => data.length / 3 / width)).toEqual([10, 10, 10, 10, 7]);
    expect(Buffer.concat(bands.map(({ data }) => data)).equals(noise)).toBe(true);
    async function* again() { for (const { data } of bands) yield await Promise.resolve(data); }
    const { data } = await sharp(await encodePng(61, 47, again())).raw().toBuffer({ resolveWithObject: true });
    expect(data.equals(noise)).toBe(true);
  });

  it("of an image that was reduced when it was read still has all pixels", async () => {
    const whole = await renderOverlay(images, { ...explanation, region: { x: 0, y: 0, ...size } }, { ...defaultStyle, contours: 2 });
    const reduced = { get: async () => ({ ...(await decodeImage(photo)), reduced: true }) };
    const banded = await renderOverlay(reduced, { ...explanation, region: { x: 0, y: 0, ...size } }, { ...defaultStyle, contours: 2 });
    const [a, b] = await Promise.all([whole, banded].map((png) => sharp(png).raw().toBuffer()));
    expect(a!.equals(b!)).toBe(true);
  });
});

describe("SVG", () => {
  it("holds image and map, the scale with its raw ends, and words; and is drawn by a renderer", async () => {
    const svg = await text("svg", { opacity: 1, interpolation: "nearest", colormap: "jet", contours: 2 });
    expect(svg.match(/href="data:image\/png;base64,/g)).toHaveLength(2);
    expect(svg).toContain("<title id=\"title\">grad-cam for tabby &#60;cat&#62; 50.0 %</title>");
    expect(svg).toContain("a &#60;photo&#62; &#38; co.png. Raw values on the scale run from 0 to 0.25.");
    expect(svg.match(/<path /g)).toHaveLength(2);
    expect(svg).not.toMatch(/<script|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
    const { width, at } = await pixelsOf(await sharp(Buffer.from(svg)).png().toBuffer());
    expect(width).toBe(size.width);
    expect(at(100, 100)).toEqual([10, 20, 30]);
    // Between the iso-lines, which follow the middles of the cells, lie the cells' plain colours.
    const jet = colorTable("jet");
    expect([at(310, 10), at(1190, 890)]).toEqual([Array.from(jet.slice(0, 3)), Array.from(jet.slice(-3))]);
  });

  it("says what a target is held against", async () => {
    expect(await text("svg", {}, { versus: { ...prediction, index: 4, label: "lynx" } })).toContain("grad-cam for tabby &#60;cat&#62; rather than lynx");
  });
});

describe("numbers", () => {
  it("NumPy reads: magic, header, shape, and the raw values in order", async () => {
    const bytes = await make("npy");
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const header = view.getUint16(8, true);
    expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    expect((10 + header) % 64).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(10, 10 + header))).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 2\), \} *\n$/);
    expect(Array.from({ length: 4 }, (_, i) => view.getFloat32(10 + header + 4 * i, true))).toEqual([-1, 0, 0, 0.25]);
    expect(new TextDecoder().decode(await make("npy", {}, { attribution: { shape: [3], data: new Float32Array(3) } }))).toContain("'shape': (3,),");
  });

  it("safetensors hold the raw map and the one drawn by default", async () => {
    const { readArrays } = await import("../readReference.js");
    const path = join(folder, "map.safetensors");
    (await import("node:fs")).writeFileSync(path, await make("safetensors"));
    expect([...readArrays(path)].map(([name, { shape }]) => [name, shape])).toEqual([["attribution", [2, 2]], ["heatmap", [2, 2]]]);
  });
});

describe("page", () => {
  it("needs nothing else, and tells parameters, time, gap and the ends of the scale", async () => {
    const page = await text("html");
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)|<photo>|<cat>/);
    for (const fact of ["steps 50", "sigma 0.71", "0.002, 0.4 % of the score&#39;s difference", "3 ms", "1 forward, 50 gradients", "<span>0</span>", "<span>0.25</span>", "The gradient is zero everywhere"]) expect(page, fact).toContain(fact);
  });

  it("is written in the reader's language", async () => {
    expect(await text("html", {}, {}, { [reportTexts.gap]: "完全性のずれ", [reportTexts.language]: "ja" })).toMatch(/<html lang="ja">[^]*完全性のずれ: 0\.4 %/);
  });
});

it("passes over choices of drawing that it does not know", async () => {
  const [plain, odd] = await Promise.all([make("png"), make("png", { colormap: "none", opacity: 7, wipe: 0.5, contours: -1, scale: ["a", 1] })]);
  expect(Buffer.from(odd).equals(Buffer.from(plain))).toBe(true);
  expect(exportFormats).toHaveLength(5);
});
