/** @file Above the picture: which view, and of which layer and head. */
import { attentionViews, type AttentionView } from "../../src/protocol/attention.js";
import { el } from "../element.js";
import { t, type Source } from "../strings.js";
import { choiceField } from "../ui.js";
import { summaryNames } from "./matrixPart.js";
import type { Subject } from "./part.js";
import { createStepField } from "./stepField.js";
import { headsOf } from "./tileParts.js";
import { headOrders, matrixSources, type AttentionViewState, type HeadOrder } from "./view.js";

export interface Toolbar {
  readonly tabs: HTMLElement;
  readonly pickers: HTMLElement;
  /** Without a subject the tabs are there, and nothing to pick. */
  update(view: AttentionViewState, kind: "text" | "image", subject: Subject | undefined): void;
}

export const viewNames: Readonly<Record<AttentionView, Source>> = { overlay: "Overlay", heatmap: "Heatmap", grid: "Grid", heads: "Head view", model: "Model view", average: "Average" };
const orderNames: Readonly<Record<HeadOrder, Source>> = { index: "by number", entropy: "by entropy, sharpest first", distance: "by distance, nearest first" };

/** The views that an input has. */
export function viewsFor(kind: "text" | "image"): readonly AttentionView[] {
  return attentionViews.filter((view) => kind === "image" || view !== "overlay");
}

/** The tabs and the pickers. `draw` changes the view. */
export function createToolbar(draw: (change: Partial<AttentionViewState>) => void): Toolbar {
  const tabs = el("div", { id: "views", role: "tablist", "aria-label": t("Views") });
  const layer = createStepField("layer", t("Layer"), (value) => typeof value === "number" && draw({ layer: value }));
  const head = createStepField("head", t("Head"), (value) => draw({ head: value }));
  const window = createStepField("window", t("Window"), (value) => typeof value === "number" && draw({ window: value }));
  const order = choiceField("order", t("Sort heads"), (value) => draw({ order: value as HeadOrder }));
  const source = choiceField("source", t("Shown"), (value) => draw(isOverlay ? { overlay: value as AttentionViewState["overlay"] } : { summary: value as AttentionViewState["summary"] }));
  const part = (label: Source, field: HTMLElement, id: string) => el("div", { class: "picker-part" }, el("label", { for: id }, t(label)), field);
  const parts = {
    source: part("Shown", source.element, "source"), layer: part("Layer", layer.element, "layer"), head: part("Head", head.element, "head"),
    window: part("Window", window.element, "window"), order: part("Sort heads", order.element, "order"),
  };
  const pickers = el("div", { id: "pickers" }, parts.source, parts.layer, parts.head, parts.window, parts.order);
  let made: readonly HTMLElement[] = [];
  let isOverlay = false;

  tabs.addEventListener("keydown", (event) => {
    const at = made.findIndex((tab) => tab === document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = step !== undefined ? made[(at + step + made.length) % made.length] : event.key === "Home" ? made[0] : event.key === "End" ? made.at(-1) : undefined;
    if (at < 0 || !to) return;
    event.preventDefault();
    to.focus();
    to.click();
  });

  return {
    tabs, pickers,
    update: (view, kind, subject) => {
      const views = viewsFor(kind);
      if (made.length !== views.length) {
        made = views.map((id) => {
          const tab = el("button", { type: "button", id: `view-${id}`, role: "tab", class: "tab", "aria-controls": "view-panel" }, t(viewNames[id]));
          tab.addEventListener("click", () => draw({ view: id }));
          return tab;
        });
        tabs.replaceChildren(...made);
      }
      made.forEach((tab, i) => {
        const isShown = views[i] === view.view;
        tab.setAttribute("aria-selected", String(isShown));
        tab.tabIndex = isShown ? 0 : -1;
      });
      isOverlay = view.view === "overlay";
      const ofOne = (isOverlay && view.overlay === "head") || view.view === "heatmap";
      const hasLayer = ofOne || view.view === "grid" || view.view === "heads";
      parts.source.hidden = !subject || !(isOverlay || view.view === "average");
      parts.layer.hidden = !subject || !hasLayer;
      parts.head.hidden = !subject || !ofOne;
      // The overlay puts all windows in their places.
      parts.window.hidden = !subject || !hasLayer || isOverlay || subject.layer.windows === 1;
      parts.order.hidden = !subject || isOverlay || view.view === "average";
      if (!subject) return;
      const { summary, layer: shown, layerIndex } = subject;
      const indexes = (count: number) => Array.from({ length: count }, (_, i) => i);
      layer.set(layerIndex, summary.layers.length, indexes(summary.layers.length));
      head.set(subject.head, shown.heads, headsOf(subject), t("mean"));
      window.set(subject.window, shown.windows, indexes(shown.windows));
      order.set(headOrders.map((value) => ({ value, text: t(orderNames[value]) })), view.order);
      const sources = matrixSources.map((value) => ({ value, text: value === "head" ? t("One layer") : t(summaryNames[value]) }));
      source.set(isOverlay ? sources : sources.slice(1), isOverlay ? view.overlay : view.summary);
    },
  };
}
