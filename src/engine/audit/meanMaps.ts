/** @file What classes and confused pairs look at on average: sums of all maps per class, and of pairs the maps that were kept. */
import { mapClusters } from "./mapClusters.js";
import { ninthsOf } from "./ninths.js";
import { mapSide } from "./record.js";
import type { MappedImage } from "./sharedRegions.js";
import type { AveragedMaps, ConfusionCell, MapGroup, MeanMap } from "./summary.js";

/** Classes whose maps are told: those with the most mistakes. */
const mostClasses = 50;
/** Sums in whole steps are exact, and so do not depend on the order of images; far finer than maps are written down. */
const step = 2 ** -24;
/** Means are told to so many places. */
const digits = 6;

type GroupKind = Exclude<MapGroup["kind"], "pair">;

/** Sums of maps, 64 numbers per class and kind. */
export interface MapSums {
  /** Adds a labelled image's map. */
  add(label: number, predicted: number, map: ArrayLike<number>): void;
  averaged(kind: GroupKind, predicted: number): AveragedMaps | undefined;
}

/** Nothing added yet. */
export function createMapSums(): MapSums {
  const sums: Readonly<Record<GroupKind, Map<number, Sum>>> = { right: new Map(), mistakesInto: new Map() };
  return {
    add(label, predicted, map) {
      const classes = sums[label === predicted ? "right" : "mistakesInto"];
      const sum = classes.get(predicted) ?? emptySum();
      classes.set(predicted, sum);
      addMap(sum, map);
    },
    averaged: (kind, predicted) => averageOf(sums[kind].get(predicted)),
  };
}

/** Mean maps of the classes with the most mistakes (from them or into them), then of pairs. `kept` are the maps that clusters are made of, in an order that does not depend on the images'. */
export function meanMaps(sums: MapSums, cells: readonly ConfusionCell[], pairs: readonly ConfusionCell[], kept: readonly MappedImage[]): MeanMap[] {
  const members = membersOf(kept, pairs);
  const ofClasses = worstClasses(cells).flatMap((predicted) => (["right", "mistakesInto"] as const).map((kind) => ({ group: { kind, predicted }, averaged: sums.averaged(kind, predicted) })));
  const ofPairs = pairs.map(({ label, predicted }) => ({ group: { kind: "pair", label, predicted } as const, averaged: averageAll(members.get(keyOf({ kind: "pair", label, predicted })) ?? []) }));
  return [...ofClasses, ...ofPairs].flatMap(({ group, averaged }) => {
    if (!averaged) return [];
    const maps = members.get(keyOf(group)) ?? [];
    const clusters = mapClusters(maps).map((kind) => averageAll(kind.map((i) => maps[i]!))!);
    return [{ group, ...averaged, clustered: maps.length, clusters }];
  });
}

/** Classes by the mistakes from them or into them. */
function worstClasses(cells: readonly ConfusionCell[]): number[] {
  const mistakes = new Map<number, number>();
  for (const { label, predicted, images } of cells) for (const index of [label, predicted]) mistakes.set(index, (mistakes.get(index) ?? 0) + (label === predicted ? 0 : images));
  return [...mistakes].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, mostClasses).map(([index]) => index);
}

/** The maps of each group, without blank ones. */
function membersOf(kept: readonly MappedImage[], pairs: readonly ConfusionCell[]): Map<string, ArrayLike<number>[]> {
  const wanted = new Set(pairs.map(({ label, predicted }) => keyOf({ kind: "pair", label, predicted })));
  const members = new Map<string, ArrayLike<number>[]>();
  const push = (key: string, map: ArrayLike<number>) => {
    const known = members.get(key) ?? [];
    members.set(key, known);
    known.push(map);
  };
  for (const { label, predicted, map } of kept) {
    if (label < 0 || isBlank(map)) continue;
    const groups: MapGroup[] = label === predicted ? [{ kind: "right", predicted }] : [{ kind: "mistakesInto", predicted }, { kind: "pair", label, predicted }];
    for (const group of groups) {
      const key = keyOf(group);
      if (group.kind !== "pair" || wanted.has(key)) push(key, map);
    }
  }
  return members;
}

function keyOf(group: MapGroup): string {
  return `${group.kind} ${group.predicted}${group.kind === "pair" ? ` ${group.label}` : ""}`;
}

interface Sum {
  images: number;
  readonly steps: Float64Array;
}

function emptySum(): Sum {
  return { images: 0, steps: new Float64Array(mapSide * mapSide) };
}

function addMap(sum: Sum, map: ArrayLike<number>): void {
  if (isBlank(map)) return;
  sum.images++;
  for (let cell = 0; cell < sum.steps.length; cell++) sum.steps[cell]! += Math.round(map[cell]! / step);
}

function isBlank(map: ArrayLike<number>): boolean {
  for (let cell = 0; cell < map.length; cell++) if (map[cell]! > 0) return false;
  return true;
}

function averageAll(maps: readonly ArrayLike<number>[]): AveragedMaps | undefined {
  const sum = emptySum();
  for (const map of maps) addMap(sum, map);
  return averageOf(sum);
}

/** `undefined` where nothing was added. */
function averageOf(sum: Sum | undefined): AveragedMaps | undefined {
  if (!sum || sum.images === 0) return undefined;
  const all = sum.steps.reduce((total, value) => total + value, 0);
  const mean = Array.from(sum.steps, (value) => rounded(value / all));
  const { place, mass } = ninthsOf(mean);
  return { images: sum.images, mean, place, inPlace: rounded(mass) };
}

function rounded(value: number): number {
  return Number(value.toFixed(digits));
}
