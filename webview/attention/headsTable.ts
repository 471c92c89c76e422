/** @file Heads as a table: entropy and distance of each, in the chosen order; a line opens its head. */
import type { AttentionSummary } from "../../src/protocol/attention.js";
import { isImageTask } from "../../src/protocol/tasks.js";
import { el, setText } from "../element.js";
import { t } from "../strings.js";
import { measureText } from "./numbers.js";

/** A head by its layer. */
export interface HeadPlace {
  readonly layer: number;
  readonly head: number;
}

export interface HeadsTable {
  readonly element: HTMLElement;
  update(summary: AttentionSummary, heads: readonly HeadPlace[], withLayers: boolean): void;
}

/** A head's number out of `[layers, heads]`; NaN where a layer has fewer heads. */
export function measureOf({ shape, data }: AttentionSummary["entropy"], { layer, head }: HeadPlace): number {
  return head < (shape[1] ?? 0) ? (data[layer * shape[1]! + head] ?? NaN) : NaN;
}

/** The table. `id` is its own on the page; `open` is told the head whose line was taken. */
export function createHeadsTable(id: string, open: (place: HeadPlace) => void): HeadsTable {
  const heading = el("h2", { id: `${id}-heading` });
  const layerHead = el("th", { scope: "col", class: "words" }, t("Layer"));
  const distanceHead = el("th", { scope: "col" }, t("Distance"));
  const head = el("thead", {}, el("tr", {}, layerHead, el("th", { scope: "col", class: "words" }, t("Head")), el("th", { scope: "col", title: t("Mean entropy of the queries' weights, in nats: 0 is one key, more is many") }, t("Entropy")), distanceHead));
  const body = el("tbody", {});
  const element = el("section", { class: "table-part" }, heading, el("div", { class: "scroll" }, el("table", { id, class: "heads", "aria-labelledby": heading.id }, head, body)));
  let key: unknown[] = [];
  return {
    element,
    update: (summary, heads, withLayers) => {
      setText(heading, withLayers ? t("All heads") : t("Heads of this layer"));
      const next = [summary, heads, withLayers];
      if (next.every((part, i) => part === key[i])) return;
      key = next;
      layerHead.hidden = !withLayers;
      distanceHead.title = isImageTask(summary.task) ? t("Mean distance between query and key, weighed by attention, in patches") : t("Mean distance between query and key, weighed by attention, in tokens");
      body.replaceChildren(...heads.map((place) => {
        const button = el("button", { type: "button", class: "link", "aria-label": t("Open layer {layer}, head {head}", place as unknown as Record<string, number>) }, String(place.head));
        button.addEventListener("click", () => open(place));
        return el("tr", {}, ...(withLayers ? [el("td", { class: "words" }, String(place.layer))] : []), el("th", { scope: "row" }, button), el("td", {}, measureText(measureOf(summary.entropy, place))), el("td", {}, measureText(measureOf(summary.distance, place))));
      }));
    },
  };
}
