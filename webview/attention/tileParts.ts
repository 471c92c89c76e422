/** @file The grid of one layer's heads, and the model view: every head of every layer. */
import { paintWeights, scaleFor } from "../../src/drawing/attention/scale.js";
import { tilesSvg } from "../../src/drawing/attention/tilesSvg.js";
import { cutWeights, headWeights, largestWeight, pooledWeights, selectTokens, type TokenSelection } from "../../src/drawing/attention/weights.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { AttentionSummary } from "../../src/protocol/attention.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { createHeadsTable, measureOf, type HeadPlace } from "./headsTable.js";
import { matrixHints, rowsOf } from "./matrixPart.js";
import { measureText } from "./numbers.js";
import { waiting, type AttentionPart, type PartActions, type Shown, type Subject } from "./part.js";
import { remembered } from "./shown.js";
import { theme } from "./theme.js";
import { createTiles, type Tile } from "./tiles.js";
import { layerLabels, pairStart, selectionFor } from "./tokens.js";
import { leastWeight, orderedHeads, type AttentionViewState, type HeadOrder } from "./view.js";

/** The longest side of a small picture, in pixels of its own. */
const side = 192;

/** A layer's heads in the chosen order. */
export function headsOf({ summary, layerIndex, view }: Pick<Subject, "summary" | "layerIndex" | "view">): number[] {
  const of = { index: () => 0, entropy: (head: number) => measureOf(summary.entropy, { layer: layerIndex, head }), distance: (head: number) => measureOf(summary.distance, { layer: layerIndex, head }) } as const;
  return orderedHeads(summary.layers[layerIndex]?.heads ?? 0, view.order, of[view.order]);
}

const entropyText = (summary: AttentionSummary, place: HeadPlace) => t("entropy {value}", { value: measureText(measureOf(summary.entropy, place)) });
const distanceText = (summary: AttentionSummary, place: HeadPlace) => t("distance {value}", { value: measureText(measureOf(summary.distance, place)) });

function tileOf(summary: AttentionSummary, place: HeadPlace, isNamed: boolean): Tile {
  const numbers = [entropyText(summary, place), distanceText(summary, place)];
  return {
    ...place, title: isNamed ? t("head {head}", { head: place.head }) : "", lines: isNamed ? numbers : [],
    label: [t("Layer {layer}, head {head}", { layer: place.layer, head: place.head }), ...numbers].join(", "),
  };
}

const openHead = ({ layer, head }: HeadPlace): Partial<AttentionViewState> => ({ view: "heatmap", layer, head });

/** All heads of the layer on one scale. */
export function createGridPart(actions: PartActions): AttentionPart {
  const tiles = createTiles("grid", t("Grid"), (tile) => actions.draw(openHead(tile)), (tile) => actions.read(tile?.label));
  const heads = createHeadsTable("grid-heads", (place) => actions.draw(openHead(place)));
  const element = el("div", { id: "grid-stage", class: "stage scrolling" }, tiles.element);
  const order = remembered((summary: AttentionSummary, layerIndex: number, wanted: HeadOrder) => headsOf({ summary, layerIndex, view: { order: wanted } as AttentionViewState }));
  const places = remembered((layer: number, ordered: readonly number[]) => ordered.map((head) => ({ layer, head })));
  const labels = remembered(layerLabels);
  const select = remembered((...[queries, keys, hideSpecial, pairs, start]: [Parameters<typeof selectionFor>[0], Parameters<typeof selectionFor>[1], boolean, AttentionViewState["pairs"], number | undefined]) => selectionFor(queries, keys, { hideSpecial, pairs }, start));
  const matrices = remembered((weights: Grid, window: number, selection: TokenSelection) => {
    const all = Array.from({ length: weights.shape[1]! }, (_, head) => selectTokens(headWeights(weights, window, head), selection));
    const factor = Math.ceil(Math.max(1, ...(all[0]?.shape ?? [])) / side);
    // A threshold that is applied to the largest weight of a block leaves out what it leaves out of the whole matrix.
    return { all, small: all.map((matrix) => pooledWeights(matrix, factor)), largest: Math.max(0, ...all.map(({ data }) => largestWeight(data))) };
  });
  return {
    element, table: heads.element,
    update: (subject): Shown => {
      const { summary, view, layer, layerIndex, weights, window, colors, title } = subject;
      const ordered = places(layerIndex, order(summary, layerIndex, view.order));
      tiles.update([{ name: undefined, tiles: ordered.map((place) => tileOf(summary, place, true)) }], [], "");
      heads.update(summary, ordered, false);
      const opened = view.head === "mean" ? undefined : { layer: layerIndex, head: view.head };
      if (!weights) {
        tiles.paint(() => undefined, opened);
        return waiting;
      }
      const queries = labels(summary, layer, "queries");
      const keys = layer.queries === layer.keys ? queries : layerLabels(summary, layer, "keys");
      const start = queries.length === summary.tokens.length ? pairStart(summary.tokens) : undefined;
      const selection = select(queries, keys, view.hideSpecial, view.pairs, start);
      const { all, small, largest } = matrices(weights, window, selection);
      const least = leastWeight(view.threshold, largest);
      const scale = scaleFor(view.scale, largest);
      const cut = (grid: Grid) => (least > 0 ? cutWeights(grid, least, Infinity) : grid);
      const pixels = (head: number) => {
        const grid = cut(small[head]!);
        return { rgba: paintWeights(grid, scale, colors), width: grid.shape[1]!, height: grid.shape[0]! };
      };
      tiles.paint((_, head) => pixels(head), opened);
      const name = t("Layer {layer}, all heads", { layer: layerIndex });
      const hints = [t("All heads on one scale."), ...matrixHints(view, selection.renormalised !== undefined, start !== undefined, { least, drawn: weights, weights })];
      return {
        name, scale, hints, least, tips: [t("Click a head to open it.")],
        drawing: () => ({
          svg: tilesSvg({
            title: `${title} · ${name}`, caption: [t("Query rows, key columns"), ...hints].join(" · "), theme: theme().kind, colors, scale, isShared: true, columns: [], corner: "",
            rows: [{ name: undefined, tiles: ordered.map((place) => ({ title: t("head {head}", { head: place.head }), lines: [entropyText(summary, place), distanceText(summary, place)], grid: cut(small[place.head]!) })) }],
          }),
          numbers: { what: name, queries: selection.rows, keys: selection.columns, heads: ordered.map((place) => ({ head: place.head, entropy: measureOf(summary.entropy, place), distance: measureOf(summary.distance, place), weights: rowsOf(all[place.head]!) })) },
        }),
      };
    },
  };
}

/** Every layer's heads, from the summary's thumbnails: each on its own scale. */
export function createModelPart(actions: PartActions): AttentionPart {
  const tiles = createTiles("model", t("Model view"), (tile) => actions.draw(openHead(tile)), (tile) => actions.read(tile?.label));
  const heads = createHeadsTable("model-heads", (place) => actions.draw(openHead(place)));
  const element = el("div", { id: "model-stage", class: "stage scrolling" }, tiles.element);
  const layout = remembered((summary: AttentionSummary, order: HeadOrder) => {
    const rows = summary.layers.map((_, layer) => headsOf({ summary, layerIndex: layer, view: { order } as AttentionViewState }).map((head) => ({ layer, head })));
    const by = order === "index" ? undefined : summary[order];
    const value = (place: HeadPlace) => (by ? measureOf(by, place) : 0);
    return { rows, sorted: by ? rows.flat().toSorted((a, b) => value(a) - value(b)) : rows.flat() };
  });
  return {
    element, table: heads.element,
    update: ({ summary, view, layerIndex, colors, title }): Shown => {
      const { rows, sorted } = layout(summary, view.order);
      const most = Math.max(0, ...rows.map((row) => row.length));
      const columns = Array.from({ length: most }, (_, i) => String(view.order === "index" ? i : i + 1));
      tiles.update(rows.map((row, layer) => ({ name: t("layer {layer}", { layer }), tiles: row.map((place) => tileOf(summary, place, false)) })), columns, view.order === "index" ? t("Head") : t("Place"));
      heads.update(summary, sorted, true);
      const scale = { highest: 1, isRoot: view.scale === "root" };
      const grid = ({ layer, head }: HeadPlace) => thumbnail(summary, layer, head);
      tiles.paint((layer, head) => {
        const { shape, data } = grid({ layer, head });
        return { rgba: paintWeights({ shape, data }, scale, colors), width: shape[1]!, height: shape[0]! };
      }, view.head === "mean" ? undefined : { layer: layerIndex, head: view.head });
      const hints = [t("Each head on its own scale, from 0 to its largest weight."), ...(view.order === "index" ? [] : [t("In each layer the heads stand in the order of the sorting, smallest first.")])];
      return {
        name: t("Model view"), scale: undefined, hints, tips: [t("Click a head to open it.")],
        drawing: () => ({
          svg: tilesSvg({
            title: `${title} · ${t("Model view")}`, caption: hints.join(" "), theme: theme().kind, colors, scale, isShared: false, columns, corner: view.order === "index" ? t("Head") : t("Place"),
            rows: rows.map((row, layer) => ({ name: t("layer {layer}", { layer }), tiles: row.map((place) => ({ title: view.order === "index" ? "" : String(place.head), lines: [], grid: grid(place) })) })),
          }),
          numbers: { what: t("Model view"), heads: rows.flat().map((place) => ({ ...place, entropy: measureOf(summary.entropy, place), distance: measureOf(summary.distance, place) })) },
        }),
      };
    },
  };
}

/** A head's thumbnail as shares of its largest weight. */
function thumbnail({ thumbnails: { side: length, heads, values } }: AttentionSummary, layer: number, head: number): Grid {
  const size = length * length;
  const from = (layer * heads + head) * size;
  return { shape: [length, length], data: Float32Array.from(values.subarray(from, from + size), (value) => value / 255) };
}
