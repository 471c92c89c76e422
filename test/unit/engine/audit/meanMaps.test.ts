/** @file Mean maps of classes and pairs by hand, and the kinds of maps that groups fall into: planted ones are told, maps of one kind or of none are not. */
import { describe, expect, it } from "vitest";
import { mapClusters } from "../../../../src/engine/audit/mapClusters.js";
import { ninthsOf } from "../../../../src/engine/audit/ninths.js";
import type { AuditRecord } from "../../../../src/engine/audit/record.js";
import { createSummary } from "../../../../src/engine/audit/summarize.js";
import type { AuditSummary, MapGroup } from "../../../../src/engine/audit/summary.js";
import { randomFrom } from "./random.js";
import { head, record, squareMap } from "./records.js";

const side = 8;
const end = { finished: "2026-01-01T00:01:00Z", seconds: 60 };
const [cat, dog] = [[0.9, 0.06, 0.04], [0.06, 0.9, 0.04]];

function summaryOf(records: readonly AuditRecord[], labels = head.labels): AuditSummary {
  const summary = createSummary({ ...head, labels });
  for (const one of records) summary.add(one);
  return summary.finish(end);
}

function mapOf({ maps }: AuditSummary, group: MapGroup) {
  return maps.find((one) => JSON.stringify(one.group) === JSON.stringify(group));
}

/** A round spot over a little noise. */
function spot(random: () => number, x: number, y: number, width = 1): Float32Array {
  const values = Array.from({ length: side * side }, (_, i) => Math.exp(-(((i % side) + 0.5 - x) ** 2 + (Math.floor(i / side) + 0.5 - y) ** 2) / (2 * width ** 2)) + 0.01 * random());
  const sum = values.reduce((all, value) => all + value, 0);
  return Float32Array.from(values, (value) => value / sum);
}

const anywhere = (random: () => number) => spot(random, side * random(), side * random());

describe("mean maps", () => {
  it("are those of right answers, mistakes into a class, and pairs, by hand", () => {
    const summary = summaryOf([
      record("a", 0, cat, { map: squareMap(0, 0) }), record("b", 0, cat, { map: squareMap(2, 0) }), record("blank", 0, cat, { map: new Float32Array(64) }), record("mapless", 0, cat),
      record("c", 0, dog, { map: squareMap(6, 6) }), record("d", 2, dog, { map: squareMap(4, 6) }), record("unlabelled", -1, dog, { map: squareMap(3, 3) }),
    ]);
    // Two squares of four cells each: eight cells of an eighth.
    const eighths = (...squares: readonly (readonly [x: number, y: number])[]) => Array.from({ length: 64 }, (_, i) => (squares.some(([x, y]) => i % 8 >= x && i % 8 < x + 2 && i >= 8 * y && i < 8 * (y + 2)) ? 0.125 : 0));
    expect(mapOf(summary, { kind: "right", predicted: 0 })).toEqual({ group: { kind: "right", predicted: 0 }, images: 2, mean: eighths([0, 0], [2, 0]), place: "topLeft", inPlace: 0.666667, clustered: 2, clusters: [] });
    expect(mapOf(summary, { kind: "mistakesInto", predicted: 1 })).toMatchObject({ images: 2, mean: eighths([6, 6], [4, 6]), place: "bottomRight" });
    expect(mapOf(summary, { kind: "pair", label: 0, predicted: 1 })).toMatchObject({ images: 1, mean: Array.from(squareMap(6, 6)), place: "bottomRight", inPlace: 1, clusters: [] });
    expect(summary.maps.map(({ group: { kind, predicted } }) => `${kind} ${predicted}`)).toEqual(["mistakesInto 1", "right 0", "pair 1", "pair 1"]);
  });

  it("sum to one, in any order of the images, and so do their clusters", () => {
    const random = randomFrom(3);
    const records = Array.from({ length: 300 }, (_, i) => record(`${i}.jpg`, i % 2, i % 3 === 0 ? cat : dog, { map: i % 5 < 2 ? spot(random, 1, 1) : spot(random, 6.5, 6) }));
    const [first, second] = [summaryOf(records), summaryOf(records.map((one) => ({ one, at: random() })).toSorted((a, b) => a.at - b.at).map(({ one }) => one))];
    expect(second.maps).toEqual(first.maps);
    // Right, and mistakes into it, of two classes; two pairs.
    expect(first.maps).toHaveLength(6);
    for (const { images, mean, clustered, clusters } of first.maps) {
      for (const one of [mean, ...clusters.map((cluster) => cluster.mean)]) expect(one.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
      expect(clusters.map(({ place }) => place)).toEqual(["bottomRight", "topLeft"]);
      expect(clusters.reduce((sum, cluster) => sum + cluster.images, 0)).toBe(images);
      expect(clustered).toBe(images);
      // The mean of all is the mean of the clusters by their images.
      mean.forEach((value, cell) => expect(value).toBeCloseTo(clusters.reduce((sum, cluster) => sum + cluster.mean[cell]! * cluster.images, 0) / images, 5));
    }
  });

  it("are told of the fifty classes with the most mistakes, and of every image where few maps are kept", () => {
    const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const random = randomFrom(4);
    const summary = createSummary({ ...head, labels });
    for (let i = 0; i < 14_000; i++) {
      const label = i % 1000;
      // The last fifty classes are taken for their neighbour half of the time.
      const predicted = label >= 950 && i % 2000 < 1000 ? (label + 1 < 1000 ? label + 1 : 950) : label;
      summary.add({ ...record(`${i}`, 0, cat, { map: anywhere(random) }), label, predicted });
    }
    const made = summary.finish(end);
    const told = made.maps.filter(({ group }) => group.kind === "right");
    expect(new Set(told.map(({ group }) => group.predicted))).toEqual(new Set(Array.from({ length: 50 }, (_, i) => 950 + i)));
    expect(told.every(({ images, clustered }) => images === 7 && clustered <= 7)).toBe(true);
    expect(told.some(({ clustered }) => clustered < 7)).toBe(true);
    expect(made.maps.filter(({ group }) => group.kind === "pair")).toHaveLength(20);
    expect(JSON.stringify(made.maps).length).toBeLessThan(200_000);
  }, 30_000);
});

describe("the ninth with the most mass", () => {
  it.each([[squareMap(0, 0), "topLeft", 1], [squareMap(3, 3), "centre", 1], [squareMap(3, 6), "bottom", 1], [new Float32Array(64).fill(1 / 64), "centre", 1 / 9], [squareMap(6, 3), "right", 1]] as const)("is found (%#)", (map, place, mass) => {
    const found = ninthsOf(map);
    expect(found.place).toBe(place);
    expect(found.mass).toBeCloseTo(mass, 9);
  });

  it("shares cells that two ninths have", () => {
    // The first third ends two thirds into the third column: of a square in columns 2 and 3 the middle third holds (1/3 + 1) / 2.
    expect(ninthsOf(squareMap(2, 0))).toMatchObject({ place: "top" });
    expect(ninthsOf(squareMap(2, 0)).mass).toBeCloseTo(2 / 3, 9);
  });
});

describe("kinds of maps", () => {
  it("that were planted are told with their members, largest first", () => {
    const random = randomFrom(5);
    const at = (i: number): readonly [number, number] => (i % 6 < 3 ? [4, 4] : i % 6 < 5 ? [1, 1] : [7, 7]);
    const maps = Array.from({ length: 60 }, (_, i) => spot(random, at(i)[0] + 0.5 * random(), at(i)[1] + 0.5 * random()));
    const members = (of: number) => maps.flatMap((_, i) => (at(i)[0] === of ? [i] : []));
    expect(mapClusters(maps)).toEqual([members(4), members(1), members(7)]);
  });

  it("are told where half look at a corner, and the others anywhere", () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = randomFrom(100 + seed);
      const kinds = mapClusters(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? spot(random, 1, 1) : spot(random, 3 + 5 * random(), 3 + 5 * random()))));
      const corner = kinds.find((kind) => kind.includes(0));
      expect(corner?.filter((i) => i % 2 === 0).length).toBe(20);
    }
  });

  it("are not told of maps of one kind, nor of maps that look anywhere, in 39 of 40 groups or more", () => {
    let told = 0;
    for (let seed = 0; seed < 40; seed++) {
      const random = randomFrom(200 + seed);
      const count = [12, 30, 80][seed % 3]!;
      if (mapClusters(Array.from({ length: count }, () => anywhere(random))).length > 0) told++;
      expect(mapClusters(Array.from({ length: count }, () => spot(random, 4 + 0.5 * random(), 4 + 0.5 * random(), 1 + random())))).toEqual([]);
    }
    expect(told).toBeLessThanOrEqual(1);
  });

  it("need five images and 15 % of the group each", () => {
    const random = randomFrom(6);
    const maps = (left: number, right: number) => Array.from({ length: left + right }, (_, i) => spot(random, i < left ? 1 : 7, 4));
    const sizes = (left: number, right: number) => mapClusters(maps(left, right)).map(({ length }) => length);
    expect(sizes(5, 5)).toEqual([5, 5]);
    expect(sizes(4, 20)).toEqual([]);
    expect(sizes(85, 15)).toEqual([85, 15]);
    expect(sizes(86, 14)).toEqual([]);
  });
});
