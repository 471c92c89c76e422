/** @file SLIC: pieces that cover the image, hold together, number about what was asked for, and follow colour. */
import { describe, expect, it } from "vitest";
import { colorPlanes, labOf } from "../../../../../src/engine/attribution/perturbations/colors.js";
import { connect, type Superpixels } from "../../../../../src/engine/attribution/perturbations/connect.js";
import { slic } from "../../../../../src/engine/attribution/perturbations/superpixels.js";
import { randomSource } from "../../numbers.js";

/** Whether every label is one piece, by flooding from its first place through neighbours of its own. */
function holdTogether({ labels, count }: Superpixels, height: number, width: number): boolean {
  const flooded = new Set<number>();
  const reached = new Uint8Array(labels.length);
  for (let start = 0; start < labels.length; start++) {
    if (reached[start] === 1) continue;
    if (flooded.has(labels[start]!)) return false;
    flooded.add(labels[start]!);
    for (let grown = [start]; grown.length > 0;) {
      const p = grown.pop()!;
      if (reached[p] === 1) continue;
      reached[p] = 1;
      const [y, x] = [Math.floor(p / width), p % width];
      for (const [row, column] of [[y - 1, x], [y + 1, x], [y, x - 1], [y, x + 1]] as const) {
        const inside = row >= 0 && row < height && column >= 0 && column < width;
        if (inside && labels[row * width + column] === labels[start]) grown.push(row * width + column);
      }
    }
  }
  return flooded.size === count && Math.max(...labels) === count - 1 && Math.min(...labels) === 0;
}

const planes = (height: number, width: number, value: (c: number, y: number, x: number) => number) => ({
  count: 3, data: Float32Array.from({ length: 3 * height * width }, (_, i) => value(Math.floor(i / (height * width)), Math.floor((i % (height * width)) / width), i % width)),
});
const noise = randomSource(3);
const pictures = {
  plain: () => 50,
  noisy: (c: number, y: number, x: number) => 40 + 20 * Math.sin((y + c) / 9) * Math.cos(x / 6) + 40 * (noise() - 0.5),
  smooth: (c: number, y: number, x: number) => 40 + 30 * Math.sin((y + 2 * c) / 7) * Math.cos((x - c) / 5),
  checked: (_: number, y: number, x: number) => ((y >> 2) + (x >> 2)) % 2 * 80,
};

describe("superpixels", () => {
  it.each(Object.keys(pictures).flatMap((name) => [[64, 64, 50], [48, 80, 30], [28, 28, 12]].map(([height, width, segments]) => ({ name: name as keyof typeof pictures, height: height!, width: width!, segments: segments! }))))(
    "of a $name picture, $height x $width, cover it with about $segments connected pieces", ({ name, height, width, segments }) => {
      const colors = planes(height, width, pictures[name]);
      const found = slic(colors, height, width, segments, 10);
      expect(holdTogether(found, height, width)).toBe(true);
      expect(found.count).toBeLessThanOrEqual(segments);
      expect(found.count).toBeGreaterThanOrEqual(0.6 * segments);
      const sizes = Array.from({ length: found.count }, (_, label) => found.labels.reduce((sum, other) => sum + (other === label ? 1 : 0), 0));
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(Math.floor((height * width) / segments / 8));
      expect(slic(colors, height, width, segments, 10)).toEqual(found);
    });

  it("of one colour are a regular grid", () => {
    const { labels, count } = slic(planes(12, 12, () => 30), 12, 12, 9, 10);
    expect(count).toBe(9);
    expect([...labels]).toEqual(Array.from({ length: 144 }, (_, p) => 3 * Math.floor(p / 48) + Math.floor((p % 12) / 4)));
  });

  it("keep to the edges of a picture of few colours", () => {
    // A disc on a plain ground: no piece may hold places of both.
    const isDisc = (y: number, x: number) => (y - 31) ** 2 + (x - 36) ** 2 < 18 ** 2;
    const { labels, count } = slic(planes(64, 64, (c, y, x) => (isDisc(y, x) ? 80 - 20 * c : 20)), 64, 64, 40, 10);
    const inside = Array.from({ length: count }, () => [0, 0]);
    labels.forEach((label, p) => { inside[label]![isDisc(Math.floor(p / 64), p % 64) ? 1 : 0]!++; });
    const strays = inside.reduce((sum, [ground, disc]) => sum + Math.min(ground!, disc!), 0);
    expect(strays / labels.length).toBeLessThan(0.01);
  });

  it("are no more than the places of a tiny picture", () => {
    const found = slic(planes(3, 2, pictures.smooth), 3, 2, 50, 10);
    expect(found.count).toBeGreaterThan(1);
    expect(holdTogether(found, 3, 2)).toBe(true);
  });

  it("in pieces come apart, and specks join the neighbour they touch most", () => {
    const labels = Int32Array.from([0, 0, 1, 0, 0, 0, 1, 0, 0, 2, 1, 0, 0, 0, 1, 0]);
    expect([...connect(labels, 4, 4, 2, 99).labels]).toEqual([0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2, 0, 0, 1, 2]);
  });

  it("are merged, smallest first, until no more are left than wanted", () => {
    const labels = Int32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 2, 2, 2, 2]);
    expect([3, 2, 1].map((most) => [...connect(labels, 3, 4, 1, most).labels])).toEqual([[...labels], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], new Array<number>(12).fill(0)]);
  });
});

describe("colours", () => {
  // Values of sRGB colours under D65, from the CIE's formulas as published by Bruce Lindbloom's calculator.
  it.each([
    [[1, 1, 1], [100, 0, 0]], [[0, 0, 0], [0, 0, 0]], [[1, 0, 0], [53.2408, 80.0925, 67.2032]], [[0, 1, 0], [87.7347, -86.1827, 83.1793]], [[0, 0, 1], [32.297, 79.1875, -107.8602]],
  ])("%j is %j in L*a*b*", ([r, g, b], expected) => {
    labOf(r!, g!, b!).forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(0.02));
  });

  it("are those of the picture before it was normalised, whatever the axis order", () => {
    const space = { scale: 1 / 255, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] };
    const rgb = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1];
    const normalized = (c: number, p: number) => (rgb[3 * p + c]! - space.mean[c]!) / space.std[c]!;
    const first = Float32Array.from({ length: 12 }, (_, i) => normalized(Math.floor(i / 4), i % 4));
    const last = Float32Array.from({ length: 12 }, (_, i) => normalized(i % 3, Math.floor(i / 3)));
    const grid = { height: 2, width: 2, channels: 3 };
    const expected = [0, 1, 2].flatMap((k) => [0, 1, 2, 3].map((p) => labOf(rgb[3 * p]!, rgb[3 * p + 1]!, rgb[3 * p + 2]!)[k]!));
    for (const planes of [colorPlanes(first, space, { ...grid, channelStep: 4, placeStep: 1 }), colorPlanes(last, space, { ...grid, channelStep: 1, placeStep: 3 })]) {
      expect(planes.count).toBe(3);
      expected.forEach((value, i) => expect(Math.abs(planes.data[i]! - value)).toBeLessThan(1e-3));
    }
  });
});
