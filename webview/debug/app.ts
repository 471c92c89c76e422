/** @file The page of a misclassification report: the verdict, the pictures with the classes beside them, what was found and tried, and what is near. */
import type { ImagePreview } from "../../src/protocol/api.js";
import { debugFormats, type Area, type DebugApi, type DebugConfig, type DebugFormat, type DebugMemento, type DebugReport, type DebugState } from "../../src/protocol/debug.js";
import { el, setText } from "../element.js";
import type { HeatmapView, Picture, Pointed } from "../heatmapView.js";
import { createMenu } from "../menu.js";
import { createProgress } from "../progress.js";
import { t, type Source } from "../strings.js";
import { button } from "../ui.js";
import { createDebugControls, type Labels } from "./controls.js";
import { createDetails } from "./details.js";
import { createFindings } from "./findings.js";
import { areaRegion, createReportRows, originalId, shapeOf } from "./maps.js";
import { reportTitle } from "./names.js";
import { createNeighbours } from "./neighbours.js";
import { createQuality } from "./quality.js";
import { createRanking } from "./ranking.js";
import { createRow, type RowView } from "./row.js";
import { createTile } from "./tile.js";
import { createVariants } from "./variants.js";
import type { DebugView } from "./view.js";
import { sentence } from "./words.js";

export interface DebugApp {
  /** Shows a whole state. */
  show(state: DebugState): void;
  /** Shows the small picture of a near file. */
  showNeighbour(file: string, picture: ImagePreview): void;
}

/** What the page asks of the host, without waiting. */
export type DebugAsk = <Name extends Exclude<keyof DebugApi, "ready">>(name: Name, args: Parameters<DebugApi[Name]>[0]) => void;

/** What the page stands in. `keep` stores what must survive a reload. */
export interface DebugSurroundings {
  readonly config: DebugConfig;
  readonly ask: DebugAsk;
  readonly keep: (label: Pick<DebugMemento, "label" | "labelFrom" | "expected">, view: DebugView) => void;
}

const formatNames: Readonly<Record<DebugFormat, Source>> = { html: "Page that opens anywhere (HTML)", markdown: "Markdown with pictures", json: "Data (JSON)", text: "Plain text" };

/** Builds the page in `root`. */
export function createDebugApp(root: HTMLElement, initial: DebugView, { config, ask, keep }: DebugSurroundings): DebugApp {
  let state: DebugState | undefined;
  let view = initial;
  let picture: Picture | undefined;
  let pictureOf: ImagePreview | undefined;
  let pointed: Pointed | undefined;
  let pointedFrom: string | undefined;
  let outlined: readonly Area[] = [];
  let asked: Labels | undefined;
  const rowsOf = createReportRows();
  const rows = new Map<string, RowView>();

  const title = el("h1", { id: "title" });
  const mark = el("span", { class: "mark", "aria-hidden": "true" });
  const verdict = el("p", { id: "verdict", role: "status" });
  const progress = createProgress({ cancel: () => ask("cancel", {}), act: (action) => ask("act", { action }) });
  const save = createMenu("export", t("Export"), debugFormats.map((format) => ({ id: `export-${format}`, text: t(formatNames[format]), press: () => ask("export", { format }) })));
  const model = button("choose-model", t("Choose model…"), "secondary", () => ask("act", { action: "chooseModel" }));
  const fit = button("fit", t("Fit"), "secondary", () => everyStage((stage) => stage.fit()));
  const notes = el("ul", { id: "notes", hidden: true });
  const actions = { point, zoom: zoomFrom, open: (id: string) => ask("openMap", { id }) };
  const original = createTile(originalId, actions);
  const controls = createDebugControls((labels) => {
    asked = labels;
    ask("relabel", { label: labels.label, expected: labels.expected });
    render();
  }, draw);
  const ranking = createRanking((target) => ask("explain", { target }));
  const maps = el("div", { id: "maps" });
  const outline = (areas: readonly Area[]) => {
    outlined = areas;
    if (state) showPictures(state);
  };
  const findings = createFindings(outline);
  const variants = createVariants(outline);
  const quality = createQuality();
  const neighbours = createNeighbours((file, as) => ask("openNeighbour", { file, as }));
  const details = createDetails();

  root.classList.add("debug");
  fit.toggleAttribute("disabled", true);
  root.replaceChildren(
    el("header", {}, title, progress.progress, el("div", { class: "actions" }, fit, model, save.element)),
    progress.bar, progress.failure, el("div", { class: "verdict" }, mark, verdict),
    el("main", {},
      el("div", { class: "side" }, original.element, controls.classes, ranking.element, controls.drawing),
      el("div", { class: "body" }, maps, notes, findings.element, variants.element, quality.element, neighbours.element, details.element)),
    details.footer);

  function everyStage(act: (stage: HeatmapView) => void): void {
    for (const stage of [original.stage, ...[...rows.values()].flatMap(({ stages }) => stages)]) act(stage);
  }

  function draw(change: Partial<DebugView>): void {
    view = { ...view, ...change };
    render();
  }

  function point(at: Pointed | undefined, from?: string): void {
    [pointed, pointedFrom] = [at, from];
    original.read(at);
    original.stage.mark(from === originalId ? undefined : at);
    for (const row of rows.values()) row.read(at, from);
  }

  /** All pictures show the same part. Pans are lengths on the stage; a stage of another size shows the same part when they grow with it. */
  function zoomFrom(stage: HeatmapView): void {
    const { zoom, panX, panY } = stage.viewport();
    everyStage((other) => {
      const factor = stage.element.clientWidth === 0 ? 1 : other.element.clientWidth / stage.element.clientWidth;
      if (other !== stage) other.follow({ zoom, panX: panX * factor, panY: panY * factor });
    });
    fit.toggleAttribute("disabled", !stage.isZoomed());
  }

  async function loadPicture(image: ImagePreview): Promise<void> {
    pictureOf = image;
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(image.bytes)], { type: image.mime }));
    if (pictureOf !== image) return;
    picture = { bitmap, width: image.width, height: image.height };
    render();
  }

  function showPictures(of: DebugState): void {
    const frames = of.report ? outlined.map((area) => areaRegion(area, of.report!.region)) : [];
    original.update({ heat: undefined, isExplanation: false }, { name: t("Original"), description: of.imageName, picture, view, frames, isWaiting: !picture && !of.failure });
    const shown = rowsOf(of.report, of.image, view);
    const shapes = shown.map(shapeOf);
    for (const shape of rows.keys()) if (!shapes.includes(shape)) rows.delete(shape);
    shown.forEach((row, i) => {
      const made = rows.get(shapes[i]!) ?? createRow(row, actions);
      rows.set(shapes[i]!, made);
      made.update(row, { report: of.report, imageName: of.imageName, picture, view, frames });
    });
    const elements = shapes.flatMap((shape) => rows.get(shape)?.element ?? []);
    if (elements.length !== maps.childElementCount || elements.some((element, i) => maps.children[i] !== element)) maps.replaceChildren(...elements);
    details.update(of, shown);
  }

  function showNotes({ notes: said, failure }: DebugState): void {
    notes.hidden = said.length === 0 || failure !== undefined;
    const key = said.map(({ text }) => text).join("\n");
    if (notes.dataset["text"] !== key) notes.replaceChildren(...said.map(({ text }) => el("li", {}, text)));
    notes.dataset["text"] = key;
  }

  function render(): void {
    if (!state) return;
    const { report, image } = state;
    if (image) root.style.setProperty("--aspect", `${image.width} / ${image.height}`);
    showPictures(state);
    point(pointed, pointedFrom);
    setText(title, reportTitle(state));
    title.title = title.textContent ?? "";
    setText(verdict, report ? sentence(report.verdict) : "");
    mark.className = report?.isMistake === false ? "mark good" : "mark bad";
    progress.update(state);
    const labels = asked ?? labelsOf(report);
    controls.update(state, labels, view);
    ranking.update(report);
    findings.update(report, picture);
    variants.update(report);
    quality.update(report);
    neighbours.update(report);
    showNotes(state);
    save.setDisabled(!report || state.busy !== undefined);
    Object.assign(root.dataset, { state: state.failure ? "failed" : state.busy ? (report ? "computing" : "loading") : report ? "done" : "loading" });
    root.toggleAttribute("data-no-report", !report);
    root.toggleAttribute("data-no-image", !image);
    root.setAttribute("aria-busy", String(state.busy !== undefined));
    const { label, labelFrom, expected } = config;
    keep(labels ? { ...labels, labelFrom: asked ? "given" : (report?.labelFrom ?? labelFrom) } : { label, labelFrom, expected }, view);
  }

  return {
    show: (next) => {
      // Every state comes whole and as a copy: what did not change keeps its identity, and is neither decoded nor drawn again.
      const image = next.image && pictureOf && isSameBytes(next.image.bytes, pictureOf.bytes) ? pictureOf : next.image;
      const report = next.report && state?.report && isSameReport(next.report, state.report) ? state.report : next.report;
      if (report !== state?.report || (!next.busy && !next.failure)) asked = undefined;
      state = { ...next, image, report };
      if (image && image !== pictureOf) void loadPicture(image).catch(() => {});
      render();
    },
    showNeighbour: (file, small) => neighbours.picture(file, small),
  };

  function labelsOf(of: DebugReport | undefined): Labels | undefined {
    if (of) return { label: of.true.index, expected: of.expected?.index };
    const index = (spec: DebugConfig["label"] | undefined) => (typeof spec === "number" ? spec : spec === undefined ? undefined : state?.labels.indexOf(spec));
    const [label, expected] = [index(config.label), index(config.expected)];
    return label === undefined || label < 0 ? undefined : { label, expected: expected === undefined || expected < 0 ? undefined : expected };
  }
}

function isSameReport(a: DebugReport, b: DebugReport): boolean {
  return a.true.index === b.true.index && a.expected?.index === b.expected?.index && a.predicted.index === b.predicted.index && a.predicted.logit === b.predicted.logit && a.ms.compute === b.ms.compute &&
    a.maps.length === b.maps.length && a.maps.every((map, i) => isSameBytes(map.explanation.attribution.data, b.maps[i]!.explanation.attribution.data)) &&
    a.neighbours?.found.length === b.neighbours?.found.length;
}

function isSameBytes(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
