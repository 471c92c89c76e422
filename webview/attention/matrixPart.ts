/** @file The heatmap of one head (or the heads' mean) of one layer, and of what is made of all layers: average, rollout, relevance. */
import type { Grid } from "../../src/drawing/heatmap.js";
import { heatmapSvg } from "../../src/drawing/attention/heatmapSvg.js";
import { headWeights, keysByWeight } from "../../src/drawing/attention/weights.js";
import { el } from "../element.js";
import { t, type Source } from "../strings.js";
import { createKeysTable } from "./keysTable.js";
import { createLinksTable } from "./linksTable.js";
import { createMatrixPicture, type PointedCell } from "./matrixPicture.js";
import { weightText } from "./numbers.js";
import { waiting, type AttentionPart, type Empty, type PartActions, type Shown, type Subject, type TokenWeight } from "./part.js";
import { createShown, remembered, linksOf, withoutDiagonal, type ShownMatrix } from "./shown.js";
import { theme } from "./theme.js";
import { layerLabels, pairStart, selectionFor, sharedLabels, type Label } from "./tokens.js";
import { topOf, type AttentionViewState } from "./view.js";

/** A matrix with the names of its two sides, or why there is none. */
export type Matrix = { readonly weights: Grid; readonly queries: readonly Label[]; readonly keys: readonly Label[] } | { readonly empty: Empty } | undefined;

/** Names of what is made of all layers. */
export const summaryNames: Readonly<Record<AttentionViewState["summary"], Source>> = { average: "Average over layers and heads", rollout: "Rollout", relevance: "Relevance, weighed by the gradient" };
/** More marks than this make a text no clearer. */
const strongest = 32;

/** The weights of the chosen head. */
export function createHeadMatrix(): (subject: Subject) => Matrix {
  const weigh = remembered(headWeights);
  const name = remembered(layerLabels);
  const all = remembered((weights: Grid, queries: readonly Label[], keys: readonly Label[]): Matrix => ({ weights, queries, keys }));
  return ({ summary, layer, weights, window, head }) => {
    if (!weights) return undefined;
    const queries = name(summary, layer, "queries");
    return all(weigh(weights, window, head), queries, layer.queries === layer.keys ? queries : layerLabels(summary, layer, "keys"));
  };
}

/** One of the three summaries over layers. */
export function createSummaryMatrix(): (subject: Subject, which: AttentionViewState["summary"]) => Matrix {
  const name = remembered(sharedLabels);
  const bare = remembered(withoutDiagonal);
  const all = remembered((weights: Grid, labels: readonly Label[]): Matrix => ({ weights, queries: labels, keys: labels }));
  return ({ summary, view }, which) => {
    const weights = summary[which];
    if (weights) return all(which === "relevance" && view.zeroDiagonal ? bare(weights) : weights, name(summary));
    const isWithoutGradient = which === "relevance" && summary.average !== undefined;
    const text = isWithoutGradient && summary.predictions.length === 0 ? t("This model gives no score, so there is no gradient to weigh its attention by.") : isWithoutGradient ? t("The gradient of this model's score does not reach its attention, so nothing weighs it.") : t("The layers of this model look at different tokens, so there is nothing to average over them. Look at one layer.");
    return { empty: { text, action: { text: t("Show the heatmap"), change: { view: "heatmap" } } } };
  };
}

/** The heatmap of one head (`links` false), or of a summary with each token's strongest link beside it. */
export function createMatrixPart(id: string, actions: PartActions, matrixOf: (subject: Subject) => Matrix, nameOf: (subject: Subject) => string, hasLinks: boolean): AttentionPart {
  const picture = createMatrixPicture(point, choose, actions.zoomed);
  picture.element.id = `${id}-stage`;
  picture.canvas.id = id;
  const keys = createKeysTable(`${id}-keys`, t("Key"), (column) => picture.mark(column === undefined ? undefined : { row: chosenRow, column }));
  const links = createLinksTable((link) => picture.mark(link && cellOf(link.from, link.to)), (from) => choose({ row: rowOf(from), column: undefined }));
  const table = el("div", { class: "tables" }, ...(hasLinks ? [links.element] : []), keys.element);
  const shownFor = createShown();
  const select = remembered((queries: readonly Label[], columns: readonly Label[], hideSpecial: boolean, pairs: AttentionViewState["pairs"], start: number | undefined) => selectionFor(queries, columns, { hideSpecial, pairs }, start));
  const linksFor = remembered((weights: Grid, rows: readonly Label[], columns: readonly Label[], ready: Subject["summary"]["links"] | undefined) => ready?.filter(({ weight }) => weight > 0) ?? linksOf({ weights, rows, columns }));
  let shown: ShownMatrix | undefined;
  let chosenRow: number | undefined;

  const rowOf = (token: number) => shown?.rows.findIndex(({ index }) => index === token);
  const cellOf = (from: number, to: number): PointedCell => ({ row: rowOf(from), column: shown?.columns.findIndex(({ index }) => index === to) });

  function point(at: PointedCell | undefined): void {
    if (!shown || at?.row === undefined || at.column === undefined) {
      const label = at && (at.row !== undefined ? shown?.rows[at.row] : at.column !== undefined ? shown?.columns[at.column] : undefined);
      return actions.read(label?.text);
    }
    const weight = shown.weights.data[at.row * shown.columns.length + at.column] ?? NaN;
    return actions.read(t("“{query}” attends to “{key}”: {weight}", { query: shown.rows[at.row]?.text ?? "", key: shown.columns[at.column]?.text ?? "", weight: weightText(weight) }));
  }

  function choose({ row, column }: PointedCell): void {
    const token = row !== undefined ? shown?.rows[row]?.index : column !== undefined ? shown?.columns[column]?.index : undefined;
    if (token !== undefined) actions.choose(token);
  }

  return {
    element: picture.element, table,
    fit: picture.fit, isZoomed: picture.isZoomed,
    update: (subject): Shown => {
      const { summary, view, colors, title } = subject;
      const matrix = matrixOf(subject);
      if (!matrix || "empty" in matrix) {
        shown = undefined;
        picture.update(undefined, colors, undefined);
        keys.update(undefined, undefined);
        links.update([], []);
        return matrix ? { ...waiting, empty: matrix.empty } : waiting;
      }
      const start = matrix.queries.length === summary.tokens.length ? pairStart(summary.tokens) : undefined;
      const selection = select(matrix.queries, matrix.keys, view.hideSpecial, view.pairs, start);
      const next = shownFor(matrix.weights, matrix.queries, matrix.keys, selection, view.threshold ** 2, topOf(view.top, view.view, selection.columns.length), view.scale);
      shown = next;
      const found = typeof view.query === "number" ? rowOf(view.query) : undefined;
      chosenRow = found === undefined || found < 0 ? undefined : found;
      const name = nameOf(subject);
      picture.canvas.setAttribute("aria-roledescription", t("heatmap"));
      picture.canvas.setAttribute("aria-label", t("{name}: query rows, key columns. Arrow keys read the weights, Enter chooses the query, plus and minus zoom, 0 fits.", { name }));
      picture.update(next, colors, chosenRow);
      keys.update(next, chosenRow);
      if (hasLinks) {
        const isPlain = view.summary === "average" && selection.renormalised === undefined && selection.rows.length === matrix.queries.length && selection.columns.length === matrix.keys.length;
        links.update(linksFor(next.weights, next.rows, next.columns, isPlain ? summary.links : undefined), matrix.queries);
      }
      const hints = matrixHints(view, selection.renormalised !== undefined, start !== undefined, next);
      return {
        name, scale: next.scale, hints, least: next.least, keys: () => strongestKeys(next.drawn, chosenRow, next.columns),
        empty: next.rows.length * next.columns.length === 0 ? { text: t("The filters leave no tokens."), action: { text: t("Show all tokens"), change: { hideSpecial: false, pairs: "all" } } } : undefined,
        drawing: () => ({
          svg: heatmapSvg({ weights: next.drawn, rows: next.rows.map(({ text }) => text), columns: next.columns.map(({ text }) => text), title: `${title} · ${name}`, caption: [t("Query rows, key columns"), ...hints].join(" · "), theme: theme().kind, colors, scale: next.scale }),
          numbers: { what: name, queries: next.rows.map(({ index }) => index), keys: next.columns.map(({ index }) => index), weights: rowsOf(next.weights), least: next.least, ...(hasLinks ? { links: linksOf(next) } : {}) },
        }),
      };
    },
  };
}

/** What was left out and whether rows were divided again, in sentences. */
export function matrixHints({ pairs }: Pick<AttentionViewState, "pairs">, isRenormalised: boolean, isPair: boolean, { least, drawn, weights }: Pick<ShownMatrix, "least" | "drawn" | "weights">): string[] {
  return [
    ...(isRenormalised ? [t("Special tokens are hidden; each row is renormalised over the tokens that are left.")] : []),
    ...(isPair && pairs !== "all" ? [t("A slice of the pair, not renormalised: its rows need not sum to 1.")] : []),
    ...(least > 0 ? [t("Weights below {least} are not drawn.", { least: weightText(least) })] : []),
    ...(least === 0 && drawn !== weights ? [t("Only the strongest keys of each query are drawn.")] : []),
  ];
}

/** The strongest keys of a row, by their own indexes; none without a row. */
export function strongestKeys(drawn: Grid, row: number | undefined, columns: readonly Label[]): TokenWeight[] {
  return row === undefined ? [] : keysByWeight(drawn, row).slice(0, strongest).flatMap(({ key, weight }) => (weight > 0 ? { token: columns[key]!.index, weight } : []));
}

/** A matrix as a list of rows, with the digits that 32 bits hold. */
export function rowsOf({ shape, data }: Grid): number[][] {
  return Array.from({ length: shape[0]! }, (_, row) => Array.from(data.subarray(row * shape[1]!, (row + 1) * shape[1]!), (weight) => Number(weight.toPrecision(7))));
}
