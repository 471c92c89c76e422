/** @file The page of attention: its views in one place, what they are of above, what is left out beside, and what attention does not show always. */
import { colorTable } from "../../src/drawing/colormap.js";
import type { Grid } from "../../src/drawing/heatmap.js";
import type { ImagePreview } from "../../src/protocol/api.js";
import { attentionExports, type AttentionConfig, type AttentionExport, type AttentionPanelApi, type AttentionState } from "../../src/protocol/attention.js";
import { el, setText } from "../element.js";
import type { Picture } from "../heatmapView.js";
import { createMenu } from "../menu.js";
import { createProgress } from "../progress.js";
import { t, type Source } from "../strings.js";
import { button } from "../ui.js";
import { createClasses } from "./classes.js";
import { createDetails } from "./details.js";
import { evidenceDetail, evidenceText } from "./evidence.js";
import { exportBytes, exportContent, exportName, layersToSave } from "./exports.js";
import { createHeadPart } from "./headPart.js";
import { createLayerStore } from "./layerStore.js";
import { createHeadMatrix, createMatrixPart, createSummaryMatrix, summaryNames } from "./matrixPart.js";
import { createOverlayPart } from "./overlayPart.js";
import { waiting, type AttentionPart, type PartActions, type Shown, type Subject } from "./part.js";
import { createScaleBar } from "./scaleBar.js";
import { createSettings } from "./settings.js";
import { createGridPart, createModelPart } from "./tileParts.js";
import { pairStart } from "./tokens.js";
import { createToolbar, viewsFor } from "./toolbar.js";
import type { AttentionViewState } from "./view.js";

export interface AttentionApp {
  /** Shows a whole state. */
  show(state: AttentionState): void;
}

/** What the page asks of the host, without waiting. */
export type AttentionAsk = <Name extends Exclude<keyof AttentionPanelApi, "ready" | "layer">>(name: Name, args: Parameters<AttentionPanelApi[Name]>[0]) => void;

/** What the page stands in. */
export interface AttentionSurroundings {
  readonly config: AttentionConfig;
  readonly ask: AttentionAsk;
  /** The weights of one layer. */
  readonly layer: (layer: number) => Promise<Grid>;
  /** Stores what must survive a reload. */
  readonly keep: (state: AttentionState, view: AttentionViewState) => void;
  /** For a saved page, which computes nothing: the layers whose weights are in it. */
  readonly saved: readonly number[] | undefined;
}

const formatNames: Readonly<Record<AttentionExport, Source>> = { svg: "Drawing with its scale (SVG)", png: "Picture (PNG)", json: "Numbers (JSON)", html: "Page that opens anywhere (HTML)" };

/** Builds the page in `root`. */
export function createAttentionApp(root: HTMLElement, initial: AttentionViewState, { config, ask, layer: fetchLayer, keep, saved }: AttentionSurroundings): AttentionApp {
  const kind = config.input.kind;
  let state: AttentionState | undefined;
  let view = initial;
  let picture: Picture | undefined;
  let pictureOf: ImagePreview | undefined;
  let subject: Subject | undefined;
  let shown: Shown = waiting;
  let isSaving = false;
  let hasChosen = false;
  let highlighted = "";
  let highlightTimer: ReturnType<typeof setTimeout> | undefined;

  const store = createLayerStore(fetchLayer, () => render());
  const actions: PartActions = {
    draw, choose,
    read: (text) => setText(readout, text ?? restingText()),
    zoomed: () => fit.toggleAttribute("disabled", !(parts[view.view]?.isZoomed?.() ?? false)),
  };
  const headMatrix = createHeadMatrix();
  const summaryMatrix = createSummaryMatrix();
  const headName = ({ layerIndex, head }: Subject) => (head === "mean" ? t("Layer {layer}, mean of its heads", { layer: layerIndex }) : t("Layer {layer}, head {head}", { layer: layerIndex, head }));
  const title = el("h1", { id: "title" });
  const progress = createProgress({ cancel: () => ask("cancel", {}), act: (action) => ask("act", { action }) });
  const evidence = el("p", { id: "evidence", title: evidenceDetail() });
  const save = createMenu("export", t("Export"), attentionExports.filter((format) => format !== "html" || !saved).map((format) => ({ id: `export-${format}`, text: t(formatNames[format]), press: () => void exportAs(format) })));
  const model = button("choose-model", t("Choose model…"), "secondary", () => ask("act", { action: "chooseModel" }));
  const toolbar = createToolbar(draw);
  const settings = createSettings(draw);
  const legend = createScaleBar();
  const readout = el("output", { id: "readout", "aria-live": "polite" });
  const fit = button("fit", t("Fit"), "secondary", () => parts[view.view]?.fit?.());
  const emptyText = el("p", {});
  const emptyAction = el("div", { class: "actions" });
  const empty = el("div", { id: "empty", hidden: true }, emptyText, emptyAction);
  const hints = el("ul", { id: "hints" });
  const notes = el("ul", { id: "notes", hidden: true });
  const classes = createClasses(saved ? undefined : (target) => ask("setTarget", { target }));
  const details = createDetails();
  const parts: Readonly<Partial<Record<AttentionViewState["view"], AttentionPart>>> = {
    ...(kind === "image" ? { overlay: createOverlayPart(actions, () => state?.image) } : {}),
    heatmap: createMatrixPart("matrix", actions, headMatrix, headName, false),
    grid: createGridPart(actions), heads: createHeadPart(actions), model: createModelPart(actions),
    average: createMatrixPart("average", actions, (of) => summaryMatrix(of, of.view.summary), ({ view: { summary } }) => t(summaryNames[summary]), true),
  };
  const panel = el("div", { id: "view-panel", role: "tabpanel" }, ...Object.values(parts).map(({ element }) => element), empty);
  const tables = el("div", { id: "view-table" }, ...Object.values(parts).map(({ table }) => table));

  root.classList.add("attention");
  root.dataset["kind"] = kind;
  model.hidden = saved !== undefined;
  fit.toggleAttribute("disabled", true);
  root.replaceChildren(
    el("header", {}, title, progress.progress, el("div", { class: "actions" }, model, save.element)),
    evidence,
    el("div", { id: "toolbar" }, toolbar.tabs, toolbar.pickers),
    el("main", {},
      el("section", { class: "picture" }, progress.bar, panel, el("div", { class: "reading" }, legend.element, el("div", { class: "values" }, readout), fit), hints, notes, progress.failure),
      el("aside", {}, settings.element, tables, classes.element)),
    details.element, details.footer,
  );

  function draw(change: Partial<AttentionViewState>): void {
    view = { ...view, ...change };
    render();
  }

  function choose(query: number | "mean"): void {
    hasChosen = true;
    draw({ query: query === view.query && view.view !== "overlay" ? undefined : query });
    highlight();
  }

  /** The marks in the reader's text say what this page says. Images have no text, and a page that comes back marks nothing of itself. */
  function highlight(): void {
    clearTimeout(highlightTimer);
    if (kind !== "text" || !hasChosen) return;
    const token = typeof view.query === "number" ? view.query : undefined;
    if (token !== undefined && !shown.keys) return;
    const keys = token === undefined ? [] : (shown.keys?.() ?? []);
    const key = JSON.stringify([token, keys]);
    if (key !== highlighted) ask("highlight", { token, keys });
    highlighted = key;
  }

  function restingText(): string {
    if (!subject || shown.empty) return "";
    return view.view === "grid" || view.view === "model" ? t("Point at a head to read its numbers") : view.view === "heads" ? t("Point at a token to see only its lines") : t("Point at the map to read values");
  }

  async function exportAs(format: AttentionExport): Promise<void> {
    const [drawing, of] = [shown.drawing, subject];
    if (!drawing || !of || !state || isSaving) return;
    isSaving = true;
    try {
      const name = exportName(state.inputName, view, of.layerIndex, of.head, format);
      const exported = { drawing: format === "html" ? { svg: "", numbers: {} } : drawing(), subject: of, state, config };
      const bytes = format === "html" ? new TextEncoder().encode(exportContent(exported, await store.all(layersToSave(of.summary, store.kept().keys())))) : await exportBytes(format, exported);
      ask("save", { format, name, bytes });
    } catch {
      setText(readout, t("The file could not be made; another format may work."));
    } finally {
      isSaving = false;
    }
  }

  async function loadPicture(image: ImagePreview): Promise<void> {
    pictureOf = image;
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(image.bytes)], { type: image.mime }));
    if (pictureOf !== image) return;
    picture = { bitmap, width: image.width, height: image.height };
    render();
  }

  function subjectOf({ summary, inputName, modelName }: AttentionState): Subject | undefined {
    if (!summary || summary.layers.length === 0) return undefined;
    const within = (at: number, count: number) => Math.min(Math.max(0, count - 1), at);
    const layerIndex = within(view.layer, summary.layers.length);
    const layer = summary.layers[layerIndex]!;
    const needsWeights = view.view === "heatmap" || view.view === "grid" || view.view === "heads" || (view.view === "overlay" && view.overlay === "head");
    return {
      summary, view, layer, layerIndex, picture, head: view.head === "mean" ? "mean" : within(view.head, layer.heads), window: within(view.window, layer.windows),
      weights: needsWeights ? store.get(layerIndex) : undefined, colors: colorTable(view.colormap), title: `${inputName} · ${modelName.replace(/\.onnx$/i, "")}`,
    };
  }

  function render(): void {
    if (!state) return;
    if (!viewsFor(kind).includes(view.view)) view = { ...view, view: viewsFor(kind)[0]! };
    subject = subjectOf(state);
    const { summary } = state;
    const part = parts[view.view];
    const lost = subject !== undefined && subject.weights === undefined && store.hasFailed(subject.layerIndex);
    shown = subject && part ? part.update(subject) : waiting;
    if (lost && !shown.drawing && !shown.empty) shown = { ...waiting, empty: { text: saved ? savedText(saved) : t("The weights of layer {layer} could not be loaded.", { layer: subject?.layerIndex ?? 0 }) } };

    for (const [id, { element, table }] of Object.entries(parts)) {
      element.hidden = id !== view.view || (shown.empty !== undefined && id !== "overlay");
      table.hidden = id !== view.view || shown.empty !== undefined || !subject;
    }
    part?.element.toggleAttribute("data-skeleton", !shown.drawing && !shown.empty && !state.failure);
    drawEmpty(lost);
    Object.assign(root.dataset, { state: state.failure ? "failed" : state.busy ? "computing" : !summary ? "loading" : shown.drawing ? "done" : shown.empty ? "empty" : "loading", view: view.view });
    root.setAttribute("aria-busy", String(state.busy !== undefined || root.dataset["state"] === "loading"));
    root.toggleAttribute("data-no-summary", !summary);
    setText(title, [state.inputName, state.modelName.replace(/\.onnx$/i, ""), ...(shown.name === "" ? [] : [shown.name])].join(" · "));
    title.title = title.textContent ?? "";
    setText(evidence, evidenceText(summary));
    panel.setAttribute("aria-labelledby", `view-${view.view}`);
    toolbar.update(view, kind, subject);
    settings.update(view, { isPair: pairStart(summary?.tokens ?? []) !== undefined, hasSpecial: summary?.tokens.some(({ special }) => special) ?? false, isImage: kind === "image", canSmooth: view.overlay !== "head" || subject?.layer.windows === 1, least: shown.least });
    settings.element.toggleAttribute("data-empty", !subject);
    legend.update(shown.scale, colorTable(view.colormap));
    setText(readout, restingText());
    list(hints, [...shown.hints, ...(shown.tips ?? [])]);
    const remarks = [...state.notes.map(({ text }) => text), ...(saved && summary && saved.length < summary.layers.length ? [savedText(saved)] : [])];
    list(notes, remarks);
    notes.hidden = remarks.length === 0 || state.failure !== undefined;
    actions.zoomed();
    progress.update(state);
    classes.update(summary, state.target);
    details.update(state, subject);
    save.setDisabled(!shown.drawing);
    keep(state, view);
    // While a slider moves, the text is not marked anew in every frame.
    clearTimeout(highlightTimer);
    highlightTimer = setTimeout(highlight, 150);
  }

  function drawEmpty(isLost: boolean): void {
    const why = state?.summary?.layers.length === 0 ? { text: t("This model has no attention that can be looked at.") } : shown.empty;
    empty.hidden = why === undefined || state?.failure !== undefined;
    if (!why) return;
    setText(emptyText, why.text);
    const action = "action" in why ? why.action : undefined;
    const retry = isLost && !saved && subject ? button("retry-layer", t("Try again"), "primary", () => subject && (store.retry(subject.layerIndex), render())) : undefined;
    emptyAction.replaceChildren(...(action ? [button("empty-action", action.text, "primary", () => draw(action.change))] : []), ...(retry ? [retry] : []));
  }

  return {
    show: (next) => {
      // Every state comes whole and as a copy: what did not change keeps its identity, and is neither decoded, fetched nor painted again.
      const isSame = next.summary && state?.summary && summaryKey(next.summary) === summaryKey(state.summary);
      // Another class leaves the weights as they are; the same request answered anew may come from a model that was changed meanwhile.
      const isSameInput = isSame || (next.summary && state?.summary && weightsKey(next.summary) === weightsKey(state.summary) && next.summary.request.target !== state.summary.request.target);
      if (!isSameInput && next.summary) store.clear();
      const image = next.image && pictureOf && next.image.width === pictureOf.width && next.image.bytes.length === pictureOf.bytes.length ? pictureOf : next.image;
      state = { ...next, image, summary: isSame ? state?.summary : next.summary };
      if (image && image !== pictureOf) void loadPicture(image).catch(() => {});
      render();
    },
  };
}

const savedText = (saved: readonly number[]) => t("This page holds the weights of these layers only: {layers}.", { layers: saved.join(", ") });

/** Sentences as a list, made again only when they change. */
function list(element: HTMLElement, sentences: readonly string[]): void {
  const key = sentences.join("\n");
  if (element.dataset["text"] !== key) element.replaceChildren(...sentences.map((sentence) => el("li", {}, sentence)));
  element.dataset["text"] = key;
}

/** What weights depend on: not on the class. */
function weightsKey({ request: { model, input, runtime }, layers }: NonNullable<AttentionState["summary"]>): string {
  return JSON.stringify([model, input, runtime, layers.map(({ windows, heads, queries, keys }) => [windows, heads, queries, keys])]);
}

function summaryKey({ request, runtime, ms, target, agreement, layers, tokens }: NonNullable<AttentionState["summary"]>): string {
  return JSON.stringify([request, runtime, ms, target, agreement, layers.length, tokens.length]);
}
