/** @file From a comparison's state to the maps that are shown: each on its scale, in its order, with what follows from all of them. Pure. */
import { average, commonEnds, disagreement } from "../../src/drawing/comparison.js";
import { colormapIds, type ColormapId } from "../../src/drawing/colormap.js";
import { defaultStyle, type DrawStyle } from "../../src/drawing/style.js";
import type { Explanation } from "../../src/protocol/api.js";
import type { ComparisonConfig, ComparisonState, ComparisonTile, ComparisonView } from "../../src/protocol/comparison.js";
import { makeHeat, type Heat } from "../heat.js";
import { noiseOf } from "./measures.js";

/** What stands in one place of the row. */
export interface ShownMap {
  /** A tile's id, or one of the others' own. */
  readonly id: string;
  readonly kind: "original" | "tile" | "average" | "disagreement";
  readonly tile: ComparisonTile | undefined;
  /** The whole result, once it is there. */
  readonly explanation: Explanation | undefined;
  readonly heat: Heat | undefined;
  /** Whether its colours mean the same raw values as the others'. */
  readonly isShared: boolean;
}

export const originalId = "original";
const averageId = "average";
const disagreementId = "disagreement";

/** The view of a new comparison, with what a stored one knows better. Maps of one method have one unit, maps of several have none. */
export function initialComparisonView(config: ComparisonConfig, stored: Partial<ComparisonView> | undefined): ComparisonView {
  const first: ComparisonView = {
    scale: config.kind === "methods" ? "own" : "shared", smooth: true, values: "drawn", order: "asked", pinned: undefined, sides: undefined, split: 0.5, ...config.view, ...stored,
  };
  return { ...first, colormap: colormapIds.find((id) => id === first.colormap) ?? "viridis" };
}

/** The colour map of a map: signed values need one with two colours. */
export function comparedColormap({ colormap }: Pick<ComparisonView, "colormap">, signed: boolean): ColormapId {
  return signed ? "diverging" : (colormapIds.find((id) => id === colormap) ?? "viridis");
}

/** How a map is drawn in this view. */
function styleOf({ values, smooth }: ComparisonView): DrawStyle {
  const interpolation = smooth ? "bilinear" : "nearest";
  if (values === "drawn") return { ...defaultStyle, interpolation };
  return { ...defaultStyle, interpolation, pixelValues: values === "signed" ? "sum" : values, gridValues: values === "signed" ? "signed" : "positive" };
}

/** Makes the shown maps. What did not change since the last time is not drawn again. */
export function createMaps(): (state: ComparisonState, view: ComparisonView) => ShownMap[] {
  let kept = new Map<string, { readonly of: readonly unknown[]; readonly heat: Heat }>();
  return (state, view) => {
    const next: typeof kept = new Map();
    const once = (id: string, of: readonly unknown[], make: () => Heat): Heat => {
      const known = kept.get(id);
      const found = known && known.of.length === of.length && known.of.every((part, i) => part === of[i]) ? known : { of, heat: make() };
      next.set(id, found);
      return found.heat;
    };
    const size = state.image ?? { width: 1, height: 1 };
    const style = styleOf(view);
    const how = [view.values, view.smooth, size.width, size.height];
    const drawnBy = ({ method }: ComparisonTile) => state.catalogue?.find(({ id }) => id === method)?.drawn ?? "max-abs";
    const draw = (tile: ComparisonTile, explanation: Explanation) => once(tile.id, [explanation, drawnBy(tile), ...how], () => makeHeat(explanation, style, size, drawnBy(tile)));

    const tiles = state.tiles.map((tile): ShownMap => ({
      id: tile.id, kind: "tile", tile, explanation: tile.status === "done" ? tile.explanation : undefined, heat: tile.explanation && draw(tile, tile.explanation), isShared: false,
    }));
    const derived = state.kind === "baselines" ? derivedMaps(tiles, (explanation, tile) => once(averageId, [...tiles.map((map) => map.explanation), ...how], () => makeHeat(explanation, style, size, drawnBy(tile))), once, how) : [];
    kept = next;
    const original: ShownMap = { id: originalId, kind: "original", tile: undefined, explanation: undefined, heat: undefined, isShared: false };
    return [original, ...pinnedFirst([...ordered(tiles, view), ...derived], view.pinned)].map(onSharedScale(view));
  };
}

/** The average over the baselines that are there, and where they disagree: places that stay empty until two are. */
function derivedMaps(tiles: readonly ShownMap[], drawAverage: (explanation: Explanation, tile: ComparisonTile) => Heat, once: (id: string, of: readonly unknown[], make: () => Heat) => Heat, how: readonly unknown[]): ShownMap[] {
  const done = tiles.filter(({ explanation, heat }) => explanation && heat);
  const [first] = done;
  const isEnough = done.length > 1 && first?.explanation && first.tile && first.heat;
  const shared = { tile: undefined, explanation: undefined, isShared: false } as const;
  if (!isEnough) return [{ id: averageId, kind: "average", heat: undefined, ...shared }, { id: disagreementId, kind: "disagreement", heat: undefined, ...shared }];
  const [explanation, tile, heat] = [first.explanation, first.tile, first.heat] as const;
  // Raw values are averaged, signs and channels and all: the map of Integrated Gradients averaged over its baselines.
  const mean = { ...explanation, attribution: average(done.flatMap((map) => map.explanation?.attribution ?? [])) };
  const spread = once(disagreementId, [...done.map((map) => map.heat), ...how], () => {
    const grid = disagreement(done.flatMap((map) => map.heat?.grid ?? []));
    return { ...heat, grid, ends: [0, grid.data.reduce((most, value) => Math.max(most, value), 0)], signed: false };
  });
  return [{ id: averageId, kind: "average", heat: drawAverage(mean, tile), ...shared }, { id: disagreementId, kind: "disagreement", heat: spread, ...shared }];
}

/** Maps without a number yet come last, in the order they were asked for. */
function ordered(tiles: readonly ShownMap[], { order }: ComparisonView): readonly ShownMap[] {
  if (order === "asked") return tiles;
  const key = ({ explanation }: ShownMap) => (!explanation ? Infinity : order === "time" ? explanation.ms.compute : noiseOf(explanation));
  const keys = new Map(tiles.map((map) => [map, key(map)]));
  return tiles.toSorted((a, b) => (keys.get(a) === keys.get(b) ? 0 : (keys.get(a) ?? 0) - (keys.get(b) ?? 0)));
}

function pinnedFirst(maps: readonly ShownMap[], pinned: string | undefined): ShownMap[] {
  return [...maps.filter(({ id }) => id === pinned), ...maps.filter(({ id }) => id !== pinned)];
}

/** One scale for all maps of attributions; how far they disagree is another quantity and keeps its own. */
function onSharedScale({ scale }: ComparisonView): (map: ShownMap, i: number, all: readonly ShownMap[]) => ShownMap {
  return (map, _, all) => {
    if (scale === "own" || !map.heat || map.kind === "disagreement") return map;
    const { ends, signed } = commonEnds(all.flatMap(({ heat, kind }) => (heat && kind !== "disagreement" ? [heat] : [])));
    const isSame = map.heat.ends[0] === ends[0] && map.heat.ends[1] === ends[1] && map.heat.signed === signed;
    return { ...map, heat: isSame ? map.heat : { ...map.heat, ends, signed }, isShared: true };
  };
}

/** The ids of the tiles after two of them changed places; as they were where one is no tile. */
export function swapped(ids: readonly string[], a: string, b: string): string[] {
  if (!ids.includes(a) || !ids.includes(b)) return [...ids];
  return ids.map((id) => (id === a ? b : id === b ? a : id));
}
