/** @file The perceptual hash on pictures whose bits follow from its definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitCount, hashDistance, hashWords, nearlySameBits, perceptualHash } from "../../../../src/engine/debug/hash.js";
import { resample, type PixelImage } from "../../../../src/engine/preprocess/resample.js";
import { createRandom } from "../../../../src/engine/attribution/random.js";

const picture = (width: number, height: number, value: (x: number, y: number, c: number) => number): PixelImage => ({
  width, height, channels: 3, data: Uint8ClampedArray.from({ length: width * height * 3 }, (_, i) => value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3)),
});

/** A few soft blobs, like a picture's large shapes. */
function blobs(seed: number, size = 144): PixelImage {
  const random = createRandom(seed);
  const spots = Array.from({ length: 12 }, () => ({ x: random.uniform() * size, y: random.uniform() * size, r: size * (0.05 + 0.2 * random.uniform()), v: 255 * random.uniform() }));
  return picture(size, size, (x, y) => {
    let [sum, weight] = [128, 1];
    for (const spot of spots) {
      const near = 8 * Math.exp(-((x - spot.x) ** 2 + (y - spot.y) ** 2) / spot.r ** 2);
      sum += near * spot.v;
      weight += near;
    }
    return sum / weight;
  });
}

describe("the perceptual hash", () => {
  it("has a bit for each neighbour on the right that is brighter", () => {
    expect(perceptualHash(picture(90, 80, (x) => x))).toBe("ffffffffffffffff");
    expect(perceptualHash(picture(90, 80, (x) => 255 - x))).toBe("0000000000000000");
    expect(perceptualHash(picture(90, 80, () => 77))).toBe("0000000000000000");
    // One bright column in the middle of nine: brighter than its left, so bit 3 from the left; 0b00010000.
    expect(perceptualHash(picture(9, 8, (x) => (x === 4 ? 200 : 0)))).toBe("1010101010101010");
    // Only in the third of eight rows.
    expect(perceptualHash(picture(18, 16, (x, y) => (Math.floor(y / 2) === 2 && x >= 16 ? 200 : 0)))).toBe("0000010000000000");
  });

  it("goes by luma: green weighs more than blue", () => {
    expect(perceptualHash(picture(9, 8, (x, _, c) => (x % 2 === 0 ? (c === 2 ? 255 : 0) : c === 1 ? 100 : 0)))).toBe("aaaaaaaaaaaaaaaa");
  });

  it("takes pictures smaller than its grid", () => {
    expect(perceptualHash(picture(1, 1, () => 9))).toBe("0000000000000000");
    expect(perceptualHash(picture(4, 3, (x) => x * 50))).toMatch(/^[0-9a-f]{16}$/);
  });

  it("stays nearly the same when a picture is resized or gets noise, and differs between pictures", () => {
    for (let seed = 0; seed < 8; seed++) {
      const original = blobs(seed);
      const hash = perceptualHash(original);
      const smaller = resample(original, [100, 100], "bilinear", { x: 0, y: 0, width: 100, height: 100 });
      expect(hashDistance(hash, perceptualHash(smaller))).toBeLessThanOrEqual(nearlySameBits);
      const random = createRandom(seed);
      expect(hashDistance(hash, perceptualHash({ ...original, data: original.data.map((value) => value + 4 * random.normal()) }))).toBeLessThanOrEqual(nearlySameBits);
      expect(hashDistance(hash, perceptualHash(blobs(seed + 100)))).toBeGreaterThan(2 * nearlySameBits);
    }
  });

  it("has a distance that counts differing bits", () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (a, b) => {
      const ones = Array.from((a ^ b).toString(2)).filter((digit) => digit === "1").length;
      const [first, second] = [a, b].map((value) => value.toString(16).padStart(16, "0")) as [string, string];
      expect(hashDistance(first, second)).toBe(ones);
      expect(hashWords(first).map((word) => bitCount(word)).reduce((sum, count) => sum + count)).toBe(Array.from(a.toString(2)).filter((digit) => digit === "1").length);
    }));
  });
});
