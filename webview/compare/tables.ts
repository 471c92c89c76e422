/** @file Below the tiles: what each map costs, promises, shows of noise and is for; how the maps change; and how alike they rank. */
import { correlationsOf } from "../../src/drawing/comparison.js";
import type { Explanation } from "../../src/protocol/api.js";
import type { ComparisonKind, ComparisonState, ComparisonTile } from "../../src/protocol/comparison.js";
import { fold } from "../controls/fields.js";
import { el } from "../element.js";
import { mapStatistics } from "../mapStatistics.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";
import type { ShownMap } from "./maps.js";
import { changeFrom, noiseOf } from "./measures.js";
import { mapName, tileName } from "./names.js";

export interface TablesView {
  readonly element: HTMLElement;
  /** Works the numbers out anew only when a map was finished or drawn otherwise, or the order changed. */
  update(state: ComparisonState, maps: readonly ShownMap[]): void;
}

type Cell = string | { readonly text: string; readonly title: string };
interface Column {
  readonly head: Source;
  /** `undefined` while the map is not finished. */
  readonly cell: (tile: ComparisonTile, explanation: Explanation | undefined, before: Explanation | undefined) => Cell | undefined;
  readonly isText?: boolean;
}

const gap = ({ completeness }: Explanation) => (completeness ? numbers.percent(Math.abs(completeness.relative)) : undefined);

const cost: Column = { head: "Cost", cell: (_, explanation) => explanation && costText(explanation) };
const noise: Column = { head: "Noise", cell: (_, explanation) => explanation && numbers.percent(noiseOf(explanation)) };
const columns: Readonly<Record<ComparisonKind, readonly Column[]>> = {
  methods: [
    cost,
    { head: "Guarantee", isText: true, cell: ({ facts }, explanation) => [facts.guarantee, ...(explanation && gap(explanation) !== undefined ? [t("gap {gap}", { gap: gap(explanation) ?? "" })] : [])].join(" · ") },
    noise,
    { head: "Use", isText: true, cell: ({ facts }) => facts.use },
  ],
  baselines: [cost, { head: "Completeness gap", cell: (_, explanation) => explanation && gapText(explanation) }, noise],
  samples: [
    cost, noise,
    { head: "Change", cell: (_, explanation, before) => explanation && (before ? numbers.percent(changeFrom(before, explanation).distance) : "–") },
    { head: "Rank correlation with the one before", cell: (_, explanation, before) => explanation && (before ? correlationText(changeFrom(before, explanation).correlation) : "–") },
  ],
};
const firstHead: Readonly<Record<ComparisonKind, Source>> = { methods: "Method", baselines: "Baseline", samples: "Samples" };

/** The comparison table and the matrix of rank correlations. */
export function createTables(): TablesView {
  const element = el("div", { id: "tables", class: "folded" });
  const measured = el("div", {});
  const { element: asTable } = fold("maps-table", t("Maps as a table"), measured);
  let [shownTiles, shownHeats]: (readonly unknown[])[] = [[], []];
  const isSame = (a: readonly unknown[], b: readonly unknown[]) => a.length === b.length && a.every((part, i) => part === b[i]);
  const readMaps = (state: ComparisonState, maps: readonly ShownMap[]) => measured.replaceChildren(...(asTable.open ? [mapsTable(state, maps)] : []));
  let latest: [ComparisonState, readonly ShownMap[]] | undefined;
  // Reading every value of every map takes a moment, which nobody who does not look should wait for.
  asTable.addEventListener("toggle", () => latest && readMaps(...latest));
  return {
    element,
    update: (state, maps) => {
      latest = [state, maps];
      const order = maps.flatMap(({ tile }) => tile ?? []);
      const [tiles, heats] = [order.flatMap((tile) => [tile.id, finished(tile), tile.status]), maps.map(({ heat }) => heat)];
      if (!isSame(tiles, shownTiles ?? [])) element.replaceChildren(...comparisonTable(state, order), ...matrixTable(state, order), asTable);
      if (!isSame(heats, shownHeats ?? [])) readMaps(state, maps);
      [shownTiles, shownHeats] = [tiles, heats];
    },
  };
}

/** The result of a tile that is whole. */
const finished = (tile: ComparisonTile) => (tile.status === "done" ? tile.explanation : undefined);

function comparisonTable({ kind }: ComparisonState, order: readonly ComparisonTile[]): HTMLElement[] {
  const head = el("tr", {}, el("th", { scope: "col" }, t(firstHead[kind])), ...columns[kind].map(({ head: name, isText }) => el("th", { scope: "col", class: isText ? "words" : undefined }, t(name))));
  // What changes from one to the next follows the number of samples, whatever the order of the tiles.
  const rows = kind === "samples" ? order.toSorted((a, b) => Number(a.id) - Number(b.id)) : order;
  const body = rows.map((tile, i) => {
    const before = rows.slice(0, i).map(finished).findLast((one) => one !== undefined);
    return el("tr", { "data-id": tile.id }, el("th", { scope: "row" }, tileName(kind, tile)), ...columns[kind].map(({ cell, isText }) => cellElement(cell(tile, finished(tile), before), isText)));
  });
  const footnotes = [t("Noise: the share of the map's energy that a median filter of 3 × 3 removes. Time and evaluations are of this run."), ...(kind === "samples" ? [t("Change: the distance to the map before, as a share of this map's length, over all raw values.")] : [])];
  return [el("section", {}, el("table", { id: "comparison" }, el("caption", {}, t("Comparison")), el("thead", {}, head), el("tbody", {}, ...body)), ...footnotes.map((text) => el("p", { class: "hint" }, text)))];
}

function cellElement(cell: Cell | undefined, isText = false): HTMLElement {
  const { text, title } = cell === undefined ? { text: t("not finished"), title: undefined } : typeof cell === "string" ? { text: cell, title: undefined } : cell;
  return el("td", { class: [isText ? "words" : "", cell === undefined ? "missing" : ""].join(" ").trim() || undefined, title }, text);
}

function costText({ ms, evaluations: { forward, gradient }, isCached }: Explanation): string {
  const parts = [...(forward > 0 ? [t("{forward} forward", { forward })] : []), ...(gradient > 0 ? [t("{gradient} with gradient", { gradient })] : [])];
  return [isCached ? t("from the cache") : t("{ms} ms", { ms: numbers.milliseconds(ms.compute) }), ...parts].join(" · ");
}

function gapText(explanation: Explanation): Cell {
  const text = gap(explanation);
  return text === undefined ? "–" : { text, title: numbers.raw(explanation.completeness?.gap ?? 0) };
}

const bands = { rows: ["top", "middle", "bottom"], columns: ["left", "centre", "right"] } as const;

/** Each map as it is drawn now: its largest value and where it is, its mean, and the ninth of the image that holds most of it. */
function mapsTable({ kind }: ComparisonState, maps: readonly ShownMap[]): HTMLElement {
  const head = el("tr", {}, ...(["Map", "Largest value", "Mean value", "Most of its mass"] as const).map((name) => el("th", { scope: "col" }, t(name))));
  const rows = maps.flatMap((map) => {
    if (!map.heat) return [];
    const { peak, mean, shares } = mapStatistics(map.heat);
    const most = Math.max(...shares.flat());
    const row = shares.findIndex((line) => line.includes(most));
    const column = shares[row]?.indexOf(most) ?? 0;
    const place = `${t(bands.rows[row] ?? "top")} ${t(bands.columns[column] ?? "left")}`;
    const values = { value: numbers.scaled(peak.value), raw: numbers.raw(peak.raw), x: Math.round(peak.x), y: Math.round(peak.y) };
    return [el("tr", { "data-id": map.id }, el("th", { scope: "row" }, mapName(kind, map)), ...[t("{value} (raw {raw}) at ({x}, {y})", values), numbers.scaled(mean), most > 0 ? `${place}, ${numbers.percent(most)}` : "–"].map((text) => el("td", {}, text)))];
  });
  return el("table", { id: "measured" }, el("thead", {}, head), el("tbody", {}, ...rows));
}

function correlationText(value: number): string {
  return Number.isNaN(value) ? "–" : numbers.scaled(value);
}

function matrixTable({ kind }: ComparisonState, order: readonly ComparisonTile[]): HTMLElement[] {
  const done = order.flatMap((tile) => { const explanation = finished(tile); return explanation ? [{ name: tileName(kind, tile), explanation }] : []; });
  if (done.length < 2) return [];
  const { matrix, grid } = correlationsOf(done.map(({ explanation }) => explanation), kind === "methods");
  const caption = grid
    ? t("Spearman's rank correlation of the maps as their methods draw them, on a grid of {columns} × {rows} means", { columns: grid[1], rows: grid[0] })
    : t("Spearman's rank correlation of the maps, pixel by pixel of the model's input");
  const head = el("tr", {}, el("td", {}), ...done.map(({ name }) => el("th", { scope: "col" }, name)));
  const rows = done.map(({ name }, i) => el("tr", {}, el("th", { scope: "row" }, name), ...(matrix[i] ?? []).map((value, j) => correlationCell(i === j ? 1 : value))));
  return [el("section", {}, el("table", { id: "correlations" }, el("caption", {}, t("Rank correlations")), el("thead", {}, head), el("tbody", {}, ...rows)), el("p", { class: "hint" }, caption))];
}

/** The number, with a bar beneath that is as long as the number is large. */
function correlationCell(value: number): HTMLElement {
  const cell = el("td", { class: "correlation" }, correlationText(value));
  cell.style.setProperty("--share", `${Number.isNaN(value) ? 0 : 100 * Math.max(0, value)}%`);
  return cell;
}
