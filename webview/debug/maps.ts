/** @file From a report to the maps that are shown: a row per method, each group of a row on one scale. Pure. */
import { resizeBilinear } from "../../src/drawing/heatmap.js";
import { defaultStyle } from "../../src/drawing/style.js";
import type { Explanation, Region } from "../../src/protocol/api.js";
import type { Area, DebugAttention, DebugMap, DebugReport } from "../../src/protocol/debug.js";
import { makeHeat, type Heat } from "../heat.js";
import type { DebugView } from "./view.js";

/** One map. */
export interface ReportTile {
  readonly id: string;
  readonly of: DebugAttention["of"];
  /** Without one a skeleton stands in its place. */
  readonly heat: Heat | undefined;
  /** What the predicted class is held against in a contrast. */
  readonly versus?: string | undefined;
  /** Whether it can be opened as an explanation of its own. */
  readonly isExplanation: boolean;
}

/** Maps beside each other whose colours mean the same. */
export interface ScaleGroup {
  readonly tiles: readonly ReportTile[];
}

/** What one method says of the classes. */
export interface ReportRow {
  readonly id: string;
  /** Of the first map; `undefined` for attention, and before there is a report. */
  readonly explanation: Explanation | undefined;
  readonly groups: readonly ScaleGroup[];
}

/** The tile of the picture itself, which stands beside the rows. */
export const originalId = "original";

const waiting = (of: ReportTile["of"], method: string): ReportTile => ({ id: `${method}/${of}`, of, heat: undefined, isExplanation: true });
const placeOf = (method: string): ReportRow => ({
  id: method, explanation: undefined, groups: [{ tiles: [waiting("predicted", method), waiting("true", method)] }, { tiles: [waiting("contrast", method)] }],
});

/** What stands there before a report comes: nearly every report has these. */
const places: readonly ReportRow[] = ["grad-cam", "integrated-gradients"].map(placeOf);

/** Makes the rows; a report and a smoothing that did not change are not drawn again. */
export function createReportRows(): (report: DebugReport | undefined, image: { readonly width: number; readonly height: number } | undefined, view: Pick<DebugView, "smooth">) => readonly ReportRow[] {
  let kept: { readonly of: readonly unknown[]; readonly rows: readonly ReportRow[] } | undefined;
  return (report, image, { smooth }) => {
    if (!report || !image) return places;
    const of = [report, smooth, image.width, image.height];
    if (!kept || kept.of.some((part, i) => part !== of[i])) kept = { of, rows: rowsOf(report, image, smooth) };
    return kept.rows;
  };
}

type Size = Parameters<typeof makeHeat>[2];

function rowsOf(report: DebugReport, image: Size, smooth: boolean): ReportRow[] {
  const methods = [...new Set(report.maps.map(({ explanation }) => explanation.method))];
  const attention = attentionGroups(report, smooth);
  return [
    ...methods.map((method): ReportRow => {
      const own = report.maps.filter(({ explanation }) => explanation.method === method);
      const maps = withDifference(own);
      const tile = (map: DebugMap): ReportTile => ({ id: map.id, of: map.of, heat: heatOf(map, image, smooth), versus: map.explanation.versus?.label, isExplanation: own.includes(map) });
      return { id: method, explanation: own[0]?.explanation, groups: groupsOf(maps.map((map) => ({ ends: map.ends, tile: tile(map) }))) };
    }),
    ...(attention.length > 0 ? [{ id: "attention", explanation: undefined, groups: attention }] : []),
  ];
}

/**
 * The maps with the contrast where the report has none: what speaks for the predicted class less what speaks for the true one. Attributions to a logit are linear in it, so this is the attribution
 * to the difference of the two logits, as far as both were worked out alike.
 */
function withDifference(maps: readonly DebugMap[]): readonly DebugMap[] {
  const [predicted, label] = (["predicted", "true"] as const).map((of) => maps.find((map) => map.of === of));
  if (!predicted || !label || maps.some(({ of }) => of === "contrast")) return maps;
  const { shape, data } = predicted.explanation.attribution;
  const other = label.explanation.attribution.data;
  const attribution = { shape, data: data.map((value, i) => value - (other[i] ?? 0)) };
  const explanation = { ...predicted.explanation, attribution, versus: label.explanation.target };
  // As reports do: a few single pixels would make all others invisible.
  const clip = shape.length === 2 ? {} : ({ clip: "percentile", clipPercent: 0.5 } as const);
  const { ends } = makeHeat(explanation, { ...defaultStyle, gridValues: "signed", pixelValues: "sum", ...clip }, { width: 1, height: 1 }, "sum");
  return [...maps, { id: `${explanation.method}/contrast`, of: "contrast", explanation, ends, isSigned: true }];
}

/** The map on the scale that the report gives it. */
function heatOf({ explanation, ends, isSigned }: DebugMap, image: Size, smooth: boolean): Heat {
  const style = { ...defaultStyle, interpolation: smooth ? "bilinear" : "nearest", gridValues: isSigned ? "signed" : "positive", pixelValues: isSigned ? "sum" : "auto", scale: ends } as const;
  return makeHeat(explanation, style, image, "sum-abs");
}

/** Neighbours with the same ends are one group. */
function groupsOf(maps: readonly { readonly ends: DebugMap["ends"]; readonly tile: ReportTile }[]): ScaleGroup[] {
  const groups: { ends: DebugMap["ends"]; tiles: ReportTile[] }[] = [];
  for (const { ends, tile } of maps) {
    const last = groups.at(-1);
    if (last && last.ends[0] === ends[0] && last.ends[1] === ends[1] && last.tiles[0]?.heat?.signed === tile.heat?.signed) last.tiles.push(tile);
    else groups.push({ ends, tiles: [tile] });
  }
  return groups;
}

/** Weights over patches: from zero to the largest, one scale per kind. */
function attentionGroups({ attention, region, inputSize }: DebugReport, smooth: boolean): ScaleGroup[] {
  return (["relevance", "rollout"] as const).flatMap((kind) => {
    const parts = attention.filter((part) => part.kind === kind);
    if (parts.length === 0) return [];
    const drawn = parts.map(({ grid }) => (smooth ? resizeBilinear(grid, inputSize) : grid));
    const highest = drawn.reduce((most, { data }) => data.reduce((a, b) => Math.max(a, b), most), 0);
    return [{
      tiles: parts.map(({ of, grid }, i): ReportTile => ({
        id: `${kind}/${of}`, of, isExplanation: false,
        heat: { grid: drawn[i]!, cells: [grid.shape[0] ?? 1, grid.shape[1] ?? 1], ends: [0, highest], signed: false, region },
      })),
    }];
  });
}

/** An area of the model's input as a rectangle in image pixels. */
export function areaRegion({ x, y, width, height }: Area, region: Region): Region {
  return { x: region.x + x * region.width, y: region.y + y * region.height, width: width * region.width, height: height * region.height };
}

/** What decides whether a row can show another: its tiles, and how they share scales. */
export function shapeOf({ id, groups }: ReportRow): string {
  return JSON.stringify([id, groups.map(({ tiles }) => tiles.map((tile) => tile.id))]);
}
