/** @file The page: puts the parts in their places and hands each what it shows. */
import type { ImagePreview, PanelApi, PanelState } from "../src/protocol/api.js";
import type { ViewState } from "../src/protocol/panelMemento.js";
import { createControls } from "./controls.js";
import { el, setText } from "./element.js";
import { createFacts } from "./facts.js";
import { makeHeat, readValue, valueAt, type Heat } from "./heat.js";
import { createHeatmapView, type Picture, type Pointed } from "./heatmapView.js";
import { createLegend } from "./legend.js";
import { createNotices } from "./notices.js";
import * as numbers from "./numbers.js";
import { createPredictions } from "./predictions.js";
import { pictureBytes, suggestedName } from "./savePng.js";
import { methodAt, pageState, titleParts } from "./state.js";
import { t } from "./strings.js";
import { button } from "./ui.js";

export interface App {
  /** Shows a whole state. */
  show(state: PanelState): void;
}

/** What the page asks of the host: the calls of `PanelApi`, without waiting. */
export type Ask = <Name extends Exclude<keyof PanelApi, "ready">>(name: Name, args: Parameters<PanelApi[Name]>[0]) => void;

/** Builds the page in `root`. `keep` stores what must survive a reload. */
export function createApp(root: HTMLElement, initial: ViewState, ask: Ask, keep: (chosen: Chosen, view: ViewState) => void): App {
  let state: PanelState | undefined;
  let view = initial;
  let picture: Picture | undefined;
  let pictureOf: ImagePreview | undefined;
  let heat: Heat | undefined;
  let heatOf: unknown[] = [];

  const title = el("h1", { id: "title" });
  const save = button("save-png", t("Save picture"), "secondary", () => void savePicture());
  const model = button("choose-model", t("Choose model…"), "secondary", () => ask("act", { action: "chooseModel" }));
  const fit = button("fit", t("Fit"), "secondary", () => heatmap.fit());
  const readout = el("output", { id: "readout", "aria-live": "polite" });
  const legend = createLegend();
  const notices = createNotices(() => ask("cancel", {}), (action) => ask("act", { action }));
  const heatmap = createHeatmapView(showPointed, () => fit.toggleAttribute("disabled", !heatmap.isZoomed()));
  const predictions = createPredictions((index) => explain({ target: index }));
  const controls = createControls(explain, draw);
  const facts = createFacts();

  root.replaceChildren(
    el("header", {}, title, notices.progress, el("div", { class: "actions" }, model, save)),
    el("main", {},
      el("section", { class: "picture" }, notices.bar, heatmap.element, el("div", { class: "reading" }, legend.element, readout, fit), notices.failure),
      el("aside", {}, predictions.element, controls.element, notices.notes)),
    el("div", { class: "folded" }, facts.table, facts.details),
    facts.footer,
  );
  fit.toggleAttribute("disabled", true);

  function explain(change: Partial<Chosen>): void {
    if (state) ask("explain", { ...state.chosen, ...change });
  }

  function draw(change: Partial<ViewState>): void {
    view = { ...view, ...change };
    render();
  }

  function showPointed(at: Pointed | undefined): void {
    const value = at && heat && valueAt(heat, at.x, at.y);
    if (!at || !heat) return setText(readout, heat ? t("Point at the map to read values") : "");
    if (value === undefined) return setText(readout, t("no value here"));
    const values = { value: numbers.scaled(readValue(heat, value)), raw: numbers.raw(value), x: at.x, y: at.y };
    const [rows, columns] = heat.cells;
    return setText(readout, at.cell
      ? t("{value} at ({x}, {y}), raw {raw}, row {row} of {rows}, column {column} of {columns}", { ...values, row: at.cell.row + 1, rows, column: at.cell.column + 1, columns })
      : t("{value} at ({x}, {y}), raw {raw}", values));
  }

  async function savePicture(): Promise<void> {
    if (!picture || !heat || !state?.explanation) return;
    const { imageName, explanation } = state;
    ask("savePng", { png: await pictureBytes(picture, heat, view), suggestedName: suggestedName(imageName, explanation.method) });
  }

  async function loadPicture(image: ImagePreview): Promise<void> {
    pictureOf = image;
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(image.bytes)], { type: image.mime }));
    if (pictureOf !== image) return;
    picture = { bitmap, width: image.width, height: image.height };
    render();
  }

  function render(): void {
    if (!state) return;
    const { explanation, image } = state;
    const next = explanation && image ? [explanation, image.width, image.height, view.smooth, view.pixelValues, view.camValues] : [];
    if (next.length !== heatOf.length || next.some((part, i) => part !== heatOf[i])) {
      heatOf = next;
      heat = explanation && image ? makeHeat(explanation, view, image) : undefined;
      showPointed(undefined);
    }
    Object.assign(root.dataset, { state: pageState(state), method: explanation?.method ?? "", target: String(explanation?.target.index ?? ""), runtime: explanation?.runtime.name ?? "" });
    root.toggleAttribute("data-no-image", !image);
    root.setAttribute("aria-busy", String(state.busy !== undefined));
    const parts = titleParts(state);
    setText(title, parts.join(" · "));
    title.title = parts.join(" · ");
    heatmap.element.toggleAttribute("data-skeleton", !picture && !state.failure);
    heatmap.canvas.setAttribute("aria-roledescription", t("heatmap"));
    heatmap.canvas.setAttribute("aria-label", explanation
      ? t("Map of {method} over {file}. Arrow keys read the values, plus and minus zoom, 0 fits.", { method: methodAt(explanation), file: state.imageName })
      : state.imageName);
    heatmap.update(picture, heat, view);
    legend.update(heat, view.colormap);
    notices.update(state);
    predictions.update(explanation);
    controls.update(state, view);
    facts.update(state, heat);
    save.toggleAttribute("disabled", !heat);
    keep(state.chosen, view);
  }

  return {
    show: (next) => {
      // Every state comes whole and as a copy: what did not change keeps its identity, and is neither decoded nor painted again.
      const image = next.image && pictureOf && isSamePreview(next.image, pictureOf) ? pictureOf : next.image;
      const explanation = next.explanation && state?.explanation && isSameExplanation(next.explanation, state.explanation) ? state.explanation : next.explanation;
      state = { ...next, image, explanation };
      if (image && image !== pictureOf) void loadPicture(image).catch(() => {});
      render();
    },
  };
}

function isSamePreview(a: ImagePreview, b: ImagePreview): boolean {
  return a.width === b.width && a.height === b.height && isSameData(a.bytes, b.bytes);
}

function isSameExplanation(a: NonNullable<PanelState["explanation"]>, b: NonNullable<PanelState["explanation"]>): boolean {
  return a.method === b.method && a.layer === b.layer && a.score === b.score && a.target.index === b.target.index && a.ms.compute === b.ms.compute && isSameData(a.attribution.data, b.attribution.data);
}

function isSameData(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
