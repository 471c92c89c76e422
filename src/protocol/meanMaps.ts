/** @file Mean maps of an audit: which one is of which images, and what they show in words. English sources are the keys of translations. */
import type { AveragedMaps, MapGroup, MeanMap } from "../engine/audit/summary.js";
import { placeTexts } from "./debugTexts.js";
import type { Translate } from "./reportTexts.js";

export const meanMapTexts = {
  meanMap: "Mean map",
  ofRight: "Map of right answers",
  ofMistakes: "Map of mistakes into it",
  /** Said of a picture to those who do not see it. */
  described: "Mean map of {images} images: most mass in {place} ({share})",
  how: "Means of the images' maps, each drawn from 0 to its own largest value. Where the maps are of distinct kinds, these stand beside the mean with the number of their images.",
  kinds: "{count} kinds of maps: {kinds}",
  kind: "{where} ({images} images)",
} as const;

/** The map of a group; `undefined` where it has none, or its class has too few mistakes to be among those told. */
export function meanMapOf(maps: readonly MeanMap[], wanted: MapGroup): MeanMap | undefined {
  const labelOf = (group: MapGroup) => (group.kind === "pair" ? group.label : undefined);
  return maps.find(({ group }) => group.kind === wanted.kind && group.predicted === wanted.predicted && labelOf(group) === labelOf(wanted));
}

/** "Mean map of 180 images: most mass in the bottom right (62 %)". */
export function meanMapTitle({ images, place, inPlace }: AveragedMaps, translate: Translate): string {
  return translate(meanMapTexts.described, { images, place: translate(placeTexts[place]), share: wholePercent(inPlace) });
}

/** "the bottom right 62 %". */
export function meanMapPlace({ place, inPlace }: AveragedMaps, translate: Translate): string {
  return `${translate(placeTexts[place])} ${wholePercent(inPlace)}`;
}

/** Place and share, of a group that falls apart those of its kinds. */
export function meanMapWords(map: MeanMap, translate: Translate): string {
  if (map.clusters.length === 0) return meanMapPlace(map, translate);
  const kinds = map.clusters.map((kind) => translate(meanMapTexts.kind, { where: meanMapPlace(kind, translate), images: kind.images }));
  return translate(meanMapTexts.kinds, { count: kinds.length, kinds: kinds.join(", ") });
}

/** Means are rough. */
function wholePercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
