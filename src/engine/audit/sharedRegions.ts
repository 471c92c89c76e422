/** @file Regions that many images of a group share while others do not: what the maps of mistakes have in common. */
import { placeOf } from "../debug/hotRegion.js";
import { areaOf, areasOverHalf, cellAreas, cellsOf, isCorner, mirroredAreas, sharedArea } from "./areas.js";
import { mapSide } from "./record.js";
import { binomialTail, wilson } from "./statistics.js";
import type { RegionGroup, SharedRegion } from "./summary.js";

/** One image's map. */
export interface MappedImage {
  /** Its number among all images. */
  readonly image: number;
  /** -1 without one. */
  readonly label: number;
  readonly predicted: number;
  /** How many images it stands for: more than one where maps are a sample. */
  readonly weight: number;
  readonly map: ArrayLike<number>;
}

/** A region before it was tested; `members` are the images in it by number, those with the most mass there first. */
export interface FoundRegion extends Pick<SharedRegion, "id" | "group" | "area" | "place" | "inRegion" | "images" | "elsewhereShare" | "pValue" | "meanMap"> {
  readonly members: readonly number[];
}

/** Fewer images than this share nothing, whatever the odds. */
const leastImages = 5;
/** The least share of a group that a region is worth telling of: a third of the mistakes; half of everything that is predicted as a class, most of which is right. */
const leastShare: Readonly<Record<RegionGroup["kind"], number>> = { mistakesInto: 1 / 3, pair: 1 / 3, predictedAs: 1 / 2 };
/** How far above the share elsewhere it has to be: by difference and by ratio. */
const leastRise = 0.25;
const leastRatio = 2;
const mostLikely = 0.01;
/** With fewer other images than this, the group's own maps mirrored left to right stand beside them: what is usual in pictures is as usual on the other side. */
const fewOthers = 20;
/** Of the images in the fullest area, how many a tighter one may lose. */
const mayLose = 0.05;
/** A group's mistakes may have more than one reason, but not many. */
const regionsPerGroup = 3;
const mostRegions = 20;

interface Group {
  readonly group: RegionGroup;
  readonly members: MappedImage[];
}

/** Per area, the share of some images that put over half of their mass there; and how many those images are. */
interface Shares {
  readonly shares: Float64Array;
  readonly images: number;
}

/** What a class's groups are held against: images with another answer, and right answers. */
interface Reference {
  readonly others: Shares;
  readonly right: Shares;
}

/**
 * Searches every group (mistakes into a class, pairs, everything predicted as a class) for areas that hold over half of the mass of many of its maps. Each area's count is held against the upper end
 * of the 95 % interval of its share among images with another prediction, and outside of corners also of the class's right answers (binomial), times the number of areas and groups tried (Bonferroni). Images in a region found are put aside and the rest searched again,
 * so that a group falls into clusters by what they share. What mistakes share is told of the class or of the pair, wherever it is clearer, and not again of everything predicted as the class.
 */
export function sharedRegions(images: readonly MappedImage[]): FoundRegion[] {
  const groups = groupsOf(images);
  const references = referencesOf(images);
  const tests = groups.length * cellAreas.length;
  const isOfAll = ({ group: { kind } }: FoundRegion) => Number(kind === "predictedAs");
  // Of a pair and all mistakes into its class that are equally clear, the latter is told: "mistakes-into" comes before "pair".
  const found = groups.flatMap((group) => regionsOf(group, references(group.group.predicted), tests)).toSorted((a, b) => isOfAll(a) - isOfAll(b) || a.pValue - b.pValue || b.inRegion - a.inRegion || (a.id < b.id ? -1 : 1));
  const kept: FoundRegion[] = [];
  for (const region of found) {
    const isTold = kept.some((other) => other.group.predicted === region.group.predicted && other.group.kind !== region.group.kind && sharedArea(other.area, region.area) > 0.5);
    if (!isTold) kept.push(region);
  }
  return kept.slice(0, mostRegions);
}

/** The groups that are large enough. */
function groupsOf(images: readonly MappedImage[]): Group[] {
  const groups = new Map<string, Group>();
  const join = (group: RegionGroup, image: MappedImage) => {
    const id = idOf(group);
    const known = groups.get(id) ?? { group, members: [] };
    known.members.push(image);
    groups.set(id, known);
  };
  for (const image of images) {
    const { label, predicted } = image;
    if (label >= 0 && label !== predicted) {
      join({ kind: "mistakesInto", predicted }, image);
      join({ kind: "pair", label, predicted }, image);
    }
    join({ kind: "predictedAs", predicted }, image);
  }
  return [...groups.values()].filter(({ members }) => members.length >= leastImages);
}

function idOf(group: RegionGroup): string {
  if (group.kind === "pair") return `pair-${group.label}-${group.predicted}`;
  return `${group.kind === "mistakesInto" ? "mistakes-into" : "predicted-as"}-${group.predicted}`;
}

/** Counts of images by the area they put over half of their mass in. */
interface Counts {
  readonly areas: Float64Array;
  weight: number;
  images: number;
}

/** What each class's groups are held against. */
function referencesOf(images: readonly MappedImage[]): (predicted: number) => Reference {
  const empty = (): Counts => ({ areas: new Float64Array(cellAreas.length), weight: 0, images: 0 });
  const all = empty();
  const [answered, right] = [new Map<number, Counts>(), new Map<number, Counts>()];
  for (const { label, predicted, weight, map } of images) {
    const counted = [all, ...(label === predicted ? [answered, right] : [answered]).map((classes) => {
      const known = classes.get(predicted) ?? empty();
      classes.set(predicted, known);
      return known;
    })];
    for (const counts of counted) {
      counts.weight += weight;
      counts.images += 1;
    }
    areasOverHalf(map, (area) => {
      for (const { areas } of counted) areas[area]! += weight;
    });
  }
  return (predicted) => ({ others: shares(all, answered.get(predicted) ?? empty()), right: shares(right.get(predicted) ?? empty(), empty()) });
}

function shares(counts: Counts, without: Counts): Shares {
  const weight = counts.weight - without.weight;
  return { images: counts.images - without.images, shares: counts.areas.map((count, area) => (weight > 0 ? Math.max(0, count - without.areas[area]!) / weight : 0)) };
}

function regionsOf({ group, members }: Group, reference: Reference, tests: number): FoundRegion[] {
  const found: FoundRegion[] = [];
  let rest = members;
  while (rest.length >= leastImages && found.length < regionsPerGroup) {
    const best = tightestArea(group, rest, members.length, reference, tests);
    if (!best) break;
    const { left, top, right, bottom } = cellAreas[best.index]!;
    const inside = rest.filter(({ map }) => {
      let isIn = false;
      areasOverHalf(map, (index) => (isIn ||= index === best.index));
      return isIn;
    });
    const massOf = ({ map }: MappedImage) => Array.from(map).reduce((sum, value, cell) => (cell % mapSide >= left && cell % mapSide < right && cell >= top * mapSide && cell < bottom * mapSide ? sum + value : sum), 0);
    const area = areaOf(cellAreas[best.index]!);
    found.push({
      id: found.length === 0 ? idOf(group) : `${idOf(group)}-${found.length + 1}`, group, area, place: placeOf(area), inRegion: best.count, images: members.length,
      elsewhereShare: reference.others.shares[best.index]!, pValue: best.pValue, meanMap: meanOf(inside.map(({ map }) => map)),
      members: inside.map((member) => ({ member, mass: massOf(member) })).toSorted((a, b) => b.mass - a.mass).map(({ member }) => member.image),
    });
    rest = rest.filter((member) => !inside.includes(member));
  }
  return found;
}

/** Of the areas that clear every threshold, the smallest that holds nearly as many images as the fullest. */
function tightestArea(group: RegionGroup, rest: readonly MappedImage[], images: number, { others, right }: Reference, tests: number): { readonly index: number; readonly count: number; readonly pValue: number } | undefined {
  const counts = new Int32Array(cellAreas.length);
  for (const { map } of rest) areasOverHalf(map, (index) => counts[index]!++);
  const clear = Array.from(counts, (count, index) => ({ index, count, pValue: 1 })).flatMap((candidate) => {
    const area = cellAreas[candidate.index]!;
    const [share, other] = [candidate.count / images, others.shares[candidate.index]!];
    if (candidate.count < leastImages || share < leastShare[group.kind] || share < other + leastRise || share < other * leastRatio) return [];
    // Most of what is predicted as a class is right, and where its objects usually stand is no shortcut: only a corner is strange enough.
    if (group.kind === "predictedAs" && !isCorner(area)) return [];
    const [beside, mirrored] = others.images < fewOthers ? [rest.length, counts[mirroredAreas[candidate.index]!]!] : [0, 0];
    const elsewhere = wilson(other * others.images + mirrored, others.images + beside)[1];
    // For the same reason mistakes must look there more often than the class's right answers do, but in a corner.
    const usual = right.images < leastImages || isCorner(area) ? 0 : wilson(right.shares[candidate.index]! * right.images, right.images)[1];
    const chance = Math.max(elsewhere, usual);
    const pValue = Math.min(1, tests * binomialTail(candidate.count, images, chance));
    return pValue < mostLikely ? [{ ...candidate, pValue }] : [];
  });
  const most = Math.max(...clear.map(({ count }) => count));
  return clear.filter(({ count }) => count >= most - Math.floor(mayLose * most)).toSorted((a, b) => cellsOf(cellAreas[a.index]!) - cellsOf(cellAreas[b.index]!) || b.count - a.count || a.index - b.index)[0];
}

function meanOf(maps: readonly ArrayLike<number>[]): number[] {
  return Array.from({ length: mapSide * mapSide }, (_, cell) => maps.reduce((sum, map) => sum + map[cell]!, 0) / maps.length);
}
