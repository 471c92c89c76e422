/** @file The head view of one layer: its heads as switches, its lines, and the chosen token's keys as a table. */
import { headColor } from "../../src/drawing/attention/palette.js";
import { headViewSvg } from "../../src/drawing/attention/headViewSvg.js";
import { mostLines, strongestLines } from "../../src/drawing/attention/lines.js";
import { headWeights, keysByWeight, largestWeight, selectTokens, type TokenSelection } from "../../src/drawing/attention/weights.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { createHeadPicture } from "./headPicture.js";
import { isolatedHead, lineStrength, meanWeights, toggledHeads, type HeadLines, type PointedToken } from "./headLines.js";
import { createKeysTable } from "./keysTable.js";
import { matrixHints, rowsOf, strongestKeys } from "./matrixPart.js";
import { weightText } from "./numbers.js";
import { waiting, type AttentionPart, type PartActions, type Shown, type Subject } from "./part.js";
import { keptLabels, remembered, type ShownMatrix } from "./shown.js";
import { onThemeChange, theme } from "./theme.js";
import { headsOf } from "./tileParts.js";
import { layerLabels, pairStart, selectionFor, type Label } from "./tokens.js";
import { leastWeight, topOf, type AttentionViewState } from "./view.js";

/** The part. */
export function createHeadPart(actions: PartActions): AttentionPart {
  const names = { from: t("Query"), to: t("Key") };
  const picture = createHeadPicture(point, (at) => choose(at), names);
  const switches = el("div", { id: "heads", role: "group", "aria-label": t("Heads") });
  const keys = createKeysTable("heads-keys", names.to, () => {});
  const element = el("div", { class: "head-part" }, switches, picture.element);
  let subject: Subject | undefined;
  let shown: HeadLines | undefined;
  let switchesOf = "";

  const labels = remembered(layerLabels);
  const select = remembered((queries: readonly Label[], columns: readonly Label[], hideSpecial: boolean, pairs: AttentionViewState["pairs"], start: number | undefined) => selectionFor(queries, columns, { hideSpecial, pairs }, start));
  const [nameRows, nameColumns] = [remembered(keptLabels), remembered(keptLabels)];
  const weigh = remembered((weights: Grid, window: number, selection: TokenSelection) => {
    const heads = Array.from({ length: weights.shape[1]! }, (_, head) => selectTokens(headWeights(weights, window, head), selection));
    return { heads, largest: Math.max(0, ...heads.map(({ data }) => largestWeight(data))) };
  });
  const connect = remembered(strongestLines);
  const activeOf = remembered((off: readonly number[], count: number) => Array.from({ length: count }, (_, head) => head).filter((head) => !off.includes(head)));
  const show = remembered((...[rows, columns, heads, lines, least, active, strength]: [readonly Label[], readonly Label[], readonly Grid[], HeadLines["lines"], number, readonly number[], number]): HeadLines => ({ rows, columns, heads, lines, least, active, strength }));
  const mean = remembered((of: HeadLines, row: number): ShownMatrix => {
    const data = meanWeights(of, { side: "from", index: row });
    const grid = { shape: [1, data.length], data };
    const largest = largestWeight(data);
    return { weights: grid, drawn: grid, rows: [of.rows[row]!], columns: of.columns, largest, least: 0, scale: { highest: largest, isRoot: false } };
  });

  function point(at: PointedToken | undefined): void {
    if (!at || !shown) return actions.read(undefined);
    const [own, others] = at.side === "from" ? [shown.rows, shown.columns] : [shown.columns, shown.rows];
    const data = meanWeights(shown, at);
    const best = keysByWeight({ shape: [1, data.length], data }, 0).slice(0, 3).map(({ key, weight }) => `“${others[key]?.text ?? ""}” ${weightText(weight)}`).join(", ");
    const token = own[at.index]?.text ?? "";
    return actions.read(at.side === "from" ? t("“{token}” attends to {keys} (mean of the heads that are on)", { token, keys: best }) : t("“{token}” gets most from {keys} (mean of the heads that are on)", { token, keys: best }));
  }

  function choose({ side, index }: PointedToken): void {
    const token = (side === "from" ? shown?.rows : shown?.columns)?.[index]?.index;
    if (token !== undefined) actions.choose(token);
  }

  function drawSwitches({ view, layer, summary, layerIndex }: Subject): void {
    const key = JSON.stringify([view.off, layer.heads, view.order, layerIndex, theme().kind]);
    if (key === switchesOf) return;
    switchesOf = key;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["head"] : undefined;
    const hadFocus = switches.contains(document.activeElement);
    switches.replaceChildren(...headsOf({ summary, layerIndex, view }).map((head) => {
      const isOn = !view.off.includes(head);
      const swatch = el("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = headColor(head, theme().kind);
      const button = el("button", { type: "button", class: "head-switch", "data-head": head, "aria-pressed": String(isOn), "aria-label": t("head {head}", { head }), title: t("Click switches head {head}, double click (or Shift and Enter) shows it alone", { head }) }, swatch, String(head));
      button.addEventListener("click", (event) => {
        if (event.detail === 2) return actions.draw({ off: isolatedHead(toggledHeads(subject?.view.off ?? [], layer.heads, head), layer.heads, head) });
        return actions.draw({ off: event.shiftKey ? isolatedHead(subject?.view.off ?? [], layer.heads, head) : toggledHeads(subject?.view.off ?? [], layer.heads, head) });
      });
      return button;
    }));
    if (hadFocus && focused !== undefined) switches.querySelector<HTMLElement>(`[data-head="${focused}"]`)?.focus();
  }
  onThemeChange(() => subject && drawSwitches(subject));

  return {
    element, table: keys.element,
    update: (next): Shown => {
      subject = next;
      const { summary, view, layer, layerIndex, weights, window, title } = next;
      drawSwitches(next);
      if (!weights) {
        shown = undefined;
        picture.update(undefined, undefined);
        keys.update(undefined, undefined);
        return waiting;
      }
      const queries = labels(summary, layer, "queries");
      const ofKeys = layer.queries === layer.keys ? queries : layerLabels(summary, layer, "keys");
      const start = queries.length === summary.tokens.length ? pairStart(summary.tokens) : undefined;
      const selection = select(queries, ofKeys, view.hideSpecial, view.pairs, start);
      const { heads, largest } = weigh(weights, window, selection);
      const top = topOf(view.top, "heads", selection.columns.length);
      const lines = connect(heads, top);
      const least = leastWeight(view.threshold, largest);
      const active = activeOf(view.off, layer.heads);
      const drawn = show(nameRows(queries, selection.rows), nameColumns(ofKeys, selection.columns), heads, lines, least, active, lineStrength(view.lines, active.length, largest));
      shown = drawn;
      const row = typeof view.query === "number" ? drawn.rows.findIndex(({ index }) => index === view.query) : -1;
      picture.update(drawn, row < 0 ? undefined : row);
      keys.update(row < 0 ? undefined : mean(drawn, row), row < 0 ? undefined : 0);
      const name = t("Layer {layer}, head view", { layer: layerIndex });
      const hints = [
        ...(top < selection.columns.length ? [t("The {count} strongest keys of each query and head are drawn.", { count: top })] : []),
        ...(lines.isCapped ? [t("Only the {count} strongest lines are drawn.", { count: mostLines })] : []),
        ...matrixHints(view, selection.renormalised !== undefined, start !== undefined, { least, drawn: weights, weights }),
        view.lines === "heads" ? t("A line's opacity is its weight divided by the number of heads that are on.") : t("A line's opacity is its weight divided by the largest one, {largest}.", { largest: weightText(largest) }),
      ];
      return {
        name, scale: undefined, hints, least, keys: () => (row < 0 ? [] : strongestKeys(mean(drawn, row).weights, 0, drawn.columns)), tips: view.lines === "heads" ? [t("Pointing at a token shows its lines by their weight alone.")] : [],
        empty: drawn.rows.length * drawn.columns.length === 0 ? { text: t("The filters leave no tokens."), action: { text: t("Show all tokens"), change: { hideSpecial: false, pairs: "all" } } } : undefined,
        drawing: () => ({
          svg: headViewSvg({
            title: `${title} · ${name}`, caption: hints.join(" "), theme: theme().kind, rows: drawn.rows.map(({ text }) => text), columns: drawn.columns.map(({ text }) => text), lines, least, strength: drawn.strength, names,
            active: drawn.active.map((head) => ({ head, name: t("head {head}", { head }) })),
          }),
          numbers: { what: name, queries: selection.rows, keys: selection.columns, heads: drawn.active.map((head) => ({ head, weights: rowsOf(heads[head]!) })) },
        }),
      };
    },
  };
}
