/** @file Shared regions: planted ones are found at every share, random maps and objects in the middle raise none. */
import { describe, expect, it } from "vitest";
import { areasOverHalf, cellAreas, mirroredAreas, sharedArea } from "../../../../src/engine/audit/areas.js";
import { sharedRegions, type MappedImage } from "../../../../src/engine/audit/sharedRegions.js";
import { randomFrom } from "./random.js";

const side = 8;
type Cells = readonly (readonly [x: number, y: number])[];

const square = (x: number, y: number, size: number): Cells => Array.from({ length: size * size }, (_, i) => [x + (i % size), y + Math.floor(i / size)] as const);
const bottomRight = square(6, 6, 2);

/** A map like Grad-CAM's: a round spot of about two cells somewhere, over a little noise. */
function spot(random: () => number, at: readonly [x: number, y: number], width = 1.2): Float32Array {
  const values = Array.from({ length: side * side }, (_, i) => Math.exp(-(((i % side) + 0.5 - at[0]) ** 2 + (Math.floor(i / side) + 0.5 - at[1]) ** 2) / (2 * width ** 2)) + 0.01 * random());
  const sum = values.reduce((total, value) => total + value, 0);
  return Float32Array.from(values, (value) => value / sum);
}

/** All but `rest` of the mass evenly over some cells. */
function planted(random: () => number, cells: Cells, rest = 0.3): Float32Array {
  const map = spot(random, [8 * random(), 8 * random()]).map((value) => value * rest);
  for (const [x, y] of cells) map[y * side + x]! += (1 - rest) / cells.length;
  return map;
}

/** Objects anywhere in the picture, near the middle more often. */
const anywhere = (random: () => number) => spot(random, [2 + 2 * random() + 2 * random(), 2 + 2 * random() + 2 * random()]);

function audit(random: () => number, count: number, classes: number, mistakes: number, mapOf: (label: number, predicted: number) => Float32Array): MappedImage[] {
  return Array.from({ length: count }, (_, image) => {
    const label = Math.floor(random() * classes);
    const predicted = random() < mistakes ? Math.floor(random() * classes) : label;
    return { image, label, predicted, weight: 1, map: mapOf(label, predicted) };
  });
}

describe("areas", () => {
  it("are all rectangles from two by two to sixteen cells, each once", () => {
    let count = 0;
    for (let width = 2; width <= side; width++) for (let height = 2; height <= side; height++) if (width * height <= 16) count += (side + 1 - width) * (side + 1 - height);
    expect(cellAreas.length).toBe(count);
    expect(new Set(cellAreas.map((area) => JSON.stringify(area))).size).toBe(count);
  });

  it("have their mirror images", () => {
    cellAreas.forEach((area, i) => expect(cellAreas[mirroredAreas[i]!]).toEqual({ ...area, left: side - area.right, right: side - area.left }));
  });

  it("hold over half of a map where adding up their cells says so", () => {
    const random = randomFrom(7);
    for (let round = 0; round < 50; round++) {
      const map = spot(random, [8 * random(), 8 * random()], 0.5 + random());
      const found = new Set<number>();
      areasOverHalf(map, (index) => found.add(index));
      const sum = (cells: Cells) => cells.reduce((total, [x, y]) => total + map[y * side + x]!, 0);
      cellAreas.forEach(({ left, top, right, bottom }, i) => {
        const share = sum(Array.from({ length: (right - left) * (bottom - top) }, (_, cell) => [left + (cell % (right - left)), top + Math.floor(cell / (right - left))] as const)) / sum(square(0, 0, side));
        // Closer than rounding decides nothing.
        if (Math.abs(share - 0.5) > 1e-6) expect(found.has(i)).toBe(share > 0.5);
      });
    }
  });

  it("hold nothing of a blank map", () => {
    areasOverHalf(new Float32Array(64), () => expect.unreachable());
  });
});

describe("shared regions", () => {
  it("names the planted corner, counts by hand, and tells it once", () => {
    const random = randomFrom(8);
    // 41 of 50 mistakes into class 3, from five classes, look at the corner; 200 others look anywhere.
    const mistakes = Array.from({ length: 50 }, (_, image): MappedImage => ({ image, label: 4 + (image % 5), predicted: 3, weight: 1, map: image < 41 ? planted(random, bottomRight) : spot(random, [2, 2]) }));
    const others = Array.from({ length: 200 }, (_, i): MappedImage => ({ image: 50 + i, label: i % 10, predicted: i % 10, weight: 1, map: spot(random, [3 + 2 * random(), 3 + 2 * random()]) }));
    const found = sharedRegions([...mistakes, ...others]);
    expect(found.map(({ id }) => id)).toEqual(["mistakes-into-3"]);
    const [region] = found;
    expect(region).toMatchObject({ group: { kind: "mistakesInto", predicted: 3 }, place: "bottomRight", area: { x: 0.75, y: 0.75, width: 0.25, height: 0.25 }, inRegion: 41, images: 50, elsewhereShare: 0 });
    expect(region!.members.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 41 }, (_, i) => i));
    const massOf = (image: number) => bottomRight.reduce((sum, [x, y]) => sum + mistakes[image]!.map[y * side + x]!, 0);
    expect(region!.members.map(massOf)).toEqual(region!.members.map(massOf).toSorted((a, b) => b - a));
    const mean = Array.from({ length: 64 }, (_, cell) => mistakes.slice(0, 41).reduce((sum, { map }) => sum + map[cell]!, 0) / 41);
    region!.meanMap.forEach((value, cell) => expect(value).toBeCloseTo(mean[cell]!, 10));
    expect(region!.meanMap.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it.each([0.4, 0.5, 0.6, 0.8, 1])("finds a shortcut that %f of the mistakes take, in 49 of 50 audits or more", (share) => {
    let found = 0;
    for (let seed = 0; seed < 50; seed++) {
      const random = randomFrom(1000 + seed);
      const corner = square(seed % 2 === 0 ? 0 : 6, seed % 4 < 2 ? 0 : 6, 2);
      const images = audit(random, 400, 8, 0.04, () => anywhere(random));
      const wrong = Array.from({ length: 30 }, (_, i): MappedImage => ({ image: 400 + i, label: 1 + (i % 7), predicted: 0, weight: 1, map: i < share * 30 ? planted(random, corner) : anywhere(random) }));
      const area = { x: corner[0]![0] / side, y: corner[0]![1] / side, width: 0.25, height: 0.25 };
      const regions = sharedRegions([...images, ...wrong]);
      if (regions.some(({ group, area: where }) => group.kind === "mistakesInto" && group.predicted === 0 && sharedArea(where, area) === 1)) found++;
      // Nothing else is there to be found.
      expect(regions.filter(({ group }) => group.predicted !== 0)).toEqual([]);
    }
    expect(found).toBeGreaterThanOrEqual(49);
  });

  it("finds two regions of one group", () => {
    const random = randomFrom(9);
    const topLeft = square(0, 0, 2);
    const wrong = Array.from({ length: 40 }, (_, image): MappedImage => ({ image, label: 1 + (image % 5), predicted: 0, weight: 1, map: planted(random, image < 22 ? bottomRight : topLeft) }));
    const found = sharedRegions([...wrong, ...audit(random, 300, 6, 0, () => anywhere(random))]);
    expect(found.map(({ id, place, inRegion, images }) => [id, place, inRegion, images])).toEqual([["mistakes-into-0", "bottomRight", 22, 40], ["mistakes-into-0-2", "topLeft", 18, 40]]);
  });

  it("finds what one pair of classes shares where other mistakes into the class do not", () => {
    const random = randomFrom(10);
    const pair = Array.from({ length: 20 }, (_, image): MappedImage => ({ image, label: 1, predicted: 0, weight: 1, map: planted(random, bottomRight) }));
    const rest = Array.from({ length: 60 }, (_, i): MappedImage => ({ image: 20 + i, label: 2 + (i % 20), predicted: 0, weight: 1, map: anywhere(random) }));
    const found = sharedRegions([...pair, ...rest, ...audit(random, 300, 6, 0, () => anywhere(random))]);
    expect(found.map(({ id, inRegion, images }) => [id, inRegion, images])).toEqual([["pair-1-0", 20, 20]]);
  });

  it("finds a mark that all right images of a class bear, though nothing is wrong", () => {
    const random = randomFrom(11);
    const found = sharedRegions(audit(random, 400, 5, 0, (label) => (label === 2 ? planted(random, bottomRight) : anywhere(random))));
    expect(found.map(({ id, place }) => [id, place])).toEqual([["predicted-as-2", "bottomRight"]]);
  });

  it("finds it where every image gets the same answer, unless it is in the middle", () => {
    const random = randomFrom(12);
    const all = (cells: Cells) => Array.from({ length: 25 }, (_, image): MappedImage => ({ image, label: 1 + (image % 9), predicted: 0, weight: 1, map: planted(random, cells) }));
    expect(sharedRegions(all(bottomRight)).map(({ id, inRegion }) => [id, inRegion])).toEqual([["mistakes-into-0", 25]]);
    expect(sharedRegions(all(square(3, 3, 2)))).toEqual([]);
  });

  it("raises nothing where objects stand in the middle, or one class's objects stand elsewhere than the others'", () => {
    const random = randomFrom(13);
    expect(sharedRegions(audit(random, 500, 6, 0.15, () => spot(random, [4 + 0.5 * random(), 4 + 0.5 * random()])))).toEqual([]);
    // Balloons are in the sky.
    expect(sharedRegions(audit(random, 500, 6, 0, (label) => spot(random, [2.5 + 3 * random(), label === 0 ? 1.5 + random() : 5 + random()])))).toEqual([]);
    expect(sharedRegions(audit(random, 500, 6, 0, (label) => (label === 0 ? spot(random, [4, 4]) : spot(random, [8 * random(), 8 * random()]))))).toEqual([]);
  });

  it("raises nothing where mistakes look where the class's objects usually are, unless that is a corner", () => {
    const random = randomFrom(15);
    const at = (x: number, y: number) => Array.from({ length: 60 }, (_, image): MappedImage => ({ image, label: image < 20 ? 1 : 0, predicted: 0, weight: 1, map: planted(random, square(x, y, 2)) }));
    const others = Array.from({ length: 200 }, (_, i): MappedImage => ({ image: 60 + i, label: 2, predicted: 2, weight: 1, map: anywhere(random) }));
    expect(sharedRegions([...at(3, 6), ...others])).toEqual([]);
    expect(sharedRegions([...at(6, 6), ...others]).map(({ id }) => id)).toEqual(["mistakes-into-0"]);
    // The same mark where right answers do not look.
    const mistakes = at(3, 6).map((image) => (image.label === 0 ? { ...image, map: anywhere(random) } : image));
    expect(sharedRegions([...mistakes, ...others]).map(({ id, place }) => [id, place])).toEqual([["mistakes-into-0", "bottom"]]);
  });

  it("raises little in 100 audits where every class has its place", () => {
    let raised = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = randomFrom(5000 + seed);
      const places = Array.from({ length: 8 }, () => [3 + 2 * random(), 2.5 + 3 * random()] as const);
      const near = (centre: number) => centre + 1.6 * (random() + random() + random() - 1.5);
      // Mistakes look where the class they are taken for usually is.
      if (sharedRegions(audit(random, 400, 8, 0.15, (_, predicted) => spot(random, [near(places[predicted]![0]), near(places[predicted]![1])]))).length > 0) raised++;
    }
    console.log(`regions raised in ${raised} of 100 audits of classes with places`);
    expect(raised).toBeLessThanOrEqual(2);
  });

  it("raises nothing in 500 random audits", () => {
    let raised = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = randomFrom(seed);
      const [count, classes, mistakes] = [30 + Math.floor(270 * random()), 2 + Math.floor(9 * random()), 0.5 * random()];
      // Of three kinds: objects near the middle, spots anywhere, a few sharp cells.
      const kinds = [() => anywhere(random), () => spot(random, [8 * random(), 8 * random()], 0.6), () => planted(random, square(Math.floor(7 * random()), Math.floor(7 * random()), 2))];
      if (sharedRegions(audit(random, count, classes, mistakes, () => kinds[seed % 3]!())).length > 0) raised++;
    }
    console.log(`regions raised in ${raised} of 500 random audits`);
    expect(raised).toBeLessThanOrEqual(2);
  });

  it("does not mind the order, blank maps, or images without a label", () => {
    const random = randomFrom(14);
    const images = [
      ...Array.from({ length: 12 }, (_, image): MappedImage => ({ image, label: 1, predicted: 0, weight: 1, map: image < 10 ? planted(random, bottomRight) : new Float32Array(64) })),
      ...Array.from({ length: 80 }, (_, i): MappedImage => ({ image: 12 + i, label: i % 2 === 0 ? -1 : 2, predicted: 2, weight: 1, map: anywhere(random) })),
    ];
    const found = sharedRegions(images);
    expect(found.map(({ id, inRegion, images: of }) => [id, inRegion, of])).toEqual([["mistakes-into-0", 10, 12]]);
    const told = (regions: typeof found) => regions.map(({ id, area, pValue, elsewhereShare, members }) => ({ id, area, pValue, elsewhereShare, members }));
    expect(told(sharedRegions(images.toReversed()))).toEqual(told(found));
  });
});
