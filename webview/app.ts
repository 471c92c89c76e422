/** @file The page: puts the parts in their places and hands each what it shows. */
import { exportFormats, type Chosen, type ExportFormat, type ImagePreview, type PanelApi, type PanelState } from "../src/protocol/api.js";
import type { KeptParameters } from "../src/protocol/panelMemento.js";
import { changeChoice, summaryOf } from "./choices.js";
import { createCompleteness } from "./completeness.js";
import { createControls } from "./controls.js";
import { el, setText } from "./element.js";
import { createFacts } from "./facts.js";
import { isGrid, makeHeat, readValue, valueAt, type Heat } from "./heat.js";
import { createHeatmapView, type Look, type Picture, type Pointed } from "./heatmapView.js";
import { createLegend } from "./legend.js";
import { createMenu } from "./menu.js";
import { createNotices } from "./notices.js";
import * as numbers from "./numbers.js";
import { createPredictions } from "./predictions.js";
import { methodAt, pageState, titleParts } from "./state.js";
import { t, type Source } from "./strings.js";
import { createTrustSection } from "./trust/trustSection.js";
import { button } from "./ui.js";
import { shownColormap, type ViewState } from "./view.js";

export interface App {
  /** Shows a whole state. */
  show(state: PanelState): void;
}

/** What the page asks of the host: the calls of `PanelApi`, without waiting. */
export type Ask = <Name extends Exclude<keyof PanelApi, "ready">>(name: Name, args: Parameters<PanelApi[Name]>[0]) => void;

const formatNames: Readonly<Record<ExportFormat, Source>> = {
  png: "Picture (PNG)", svg: "Drawing with its scale (SVG)", html: "Page that opens anywhere (HTML)", safetensors: "Raw values (safetensors)", npy: "Raw values (NumPy)",
};
const compareKinds = [{ kind: "methods", name: "Methods" }, { kind: "baselines", name: "Baselines" }, { kind: "samples", name: "Numbers of samples" }] as const satisfies readonly { kind: string; name: Source }[];

/** What must survive a reload of the page. */
export interface Kept {
  readonly view: ViewState;
  readonly parameters: KeptParameters;
}

/** Builds the page in `root`. `keep` stores what must survive a reload. */
export function createApp(root: HTMLElement, initial: Kept, ask: Ask, keep: (chosen: Chosen, kept: Kept) => void): App {
  let state: PanelState | undefined;
  let { view, parameters } = initial;
  let picture: Picture | undefined;
  let pictureOf: ImagePreview | undefined;
  let heat: Heat | undefined;
  let heatOf: unknown[] = [];

  const title = el("h1", { id: "title" });
  const save = createMenu("export", t("Export"), exportFormats.map((format) => ({ id: `export-${format}`, text: t(formatNames[format]), press: () => exportAs(format) })));
  const compare = createMenu("compare", t("Compare"), compareKinds.map(({ kind, name }) => ({ id: `compare-${kind}`, text: t(name), press: () => ask("compare", { kind }) })));
  const model = button("choose-model", t("Choose model…"), "secondary", () => ask("act", { action: "chooseModel" }));
  const fit = button("fit", t("Fit"), "secondary", () => heatmap.fit());
  const readout = el("output", { id: "readout", "aria-live": "polite" });
  const legend = createLegend();
  const completeness = createCompleteness();
  const notices = createNotices({ cancel: () => ask("cancel", {}), act: (action) => ask("act", { action }), explain, draw });
  const heatmap = createHeatmapView(showPointed, () => fit.toggleAttribute("disabled", !heatmap.isZoomed()));
  const predictions = createPredictions((index) => explain({ target: index }));
  const controls = createControls(explain, draw);
  const facts = createFacts();
  const trust = createTrustSection({ check: () => ask("checkTrust", {}), cancel: () => ask("cancelTrust", {}) });

  root.replaceChildren(
    el("header", {}, title, notices.progress, el("div", { class: "actions" }, model, compare.element, save.element)),
    el("main", {},
      el("section", { class: "picture" }, notices.bar, heatmap.element, el("div", { class: "reading" }, legend.element, el("div", { class: "values" }, readout, completeness.element), fit), notices.failure),
      el("aside", {}, predictions.element, controls.element, notices.notes)),
    trust.element,
    el("div", { class: "folded" }, facts.table, facts.details),
    facts.footer,
  );
  fit.toggleAttribute("disabled", true);

  function explain(change: Partial<Chosen>): void {
    if (!state) return;
    const chosen = changeChoice(state, change, parameters);
    parameters = { ...parameters, [chosen.method]: chosen.parameters };
    ask("explain", chosen);
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

  function exportAs(format: ExportFormat): void {
    if (heat) ask("exportPicture", { format, style: { ...view, colormap: shownColormap(view, heat.signed) } });
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
    const drawn = (explanation && summaryOf(state.catalogue, explanation.method)?.drawn) ?? "max-abs";
    const next = explanation && image ? [explanation, image.width, image.height, drawn, view.pixelValues, view.gridValues, view.sign, view.clip, view.clipPercent, view.interpolation] : [];
    if (next.length !== heatOf.length || next.some((part, i) => part !== heatOf[i])) {
      heatOf = next;
      heat = explanation && image ? makeHeat(explanation, view, image, drawn) : undefined;
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
    const look = lookOf(view, heat);
    heatmap.update(picture, heat, look);
    legend.update(heat, look.colormap);
    completeness.update(explanation);
    notices.update(state);
    predictions.update(explanation);
    controls.update(state, view, { isGrid: explanation ? isGrid(explanation) : summaryOf(state.catalogue, state.chosen.method)?.form !== "pixels", signed: heat?.signed ?? false, drawn });
    facts.update(state, heat);
    trust.update(state);
    save.setDisabled(!heat || explanation?.partial !== undefined);
    compare.setDisabled(!image);
    keep(state.chosen, { view, parameters });
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

function lookOf(view: ViewState, heat: Heat | undefined): Look {
  return { colormap: shownColormap(view, heat?.signed ?? false), opacity: view.opacity, smooth: view.interpolation !== "nearest", wipe: view.wipe, gray: view.background === "gray", contours: view.contours };
}

function isSamePreview(a: ImagePreview, b: ImagePreview): boolean {
  return a.width === b.width && a.height === b.height && isSameData(a.bytes, b.bytes);
}

function isSameExplanation(a: NonNullable<PanelState["explanation"]>, b: NonNullable<PanelState["explanation"]>): boolean {
  return a.method === b.method && a.layer === b.layer && a.score === b.score && a.target.index === b.target.index && a.versus?.index === b.versus?.index &&
    a.partial?.done === b.partial?.done && a.isCached === b.isCached && a.ms.compute === b.ms.compute && JSON.stringify(a.parameters) === JSON.stringify(b.parameters) && isSameData(a.attribution.data, b.attribution.data);
}

function isSameData(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
