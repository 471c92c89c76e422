/** @file The page of a comparison: tiles in a row, one column of controls, the slider and the tables; hovering, zooming and panning are linked. */
import type { ImagePreview } from "../../src/protocol/api.js";
import type { ComparisonApi, ComparisonState, ComparisonTile, ComparisonView } from "../../src/protocol/comparison.js";
import { el, setText } from "../element.js";
import type { HeatmapView, Picture, Pointed } from "../heatmapView.js";
import { t } from "../strings.js";
import { button } from "../ui.js";
import { createBeforeAfter } from "./beforeAfter.js";
import { createComparisonControls } from "./controls.js";
import { createMaps, swapped, type ShownMap } from "./maps.js";
import { comparisonTitle, mapName } from "./names.js";
import { createTables } from "./tables.js";
import { createTileView, type TileView } from "./tileView.js";

export interface ComparisonApp {
  /** Shows a whole state. */
  show(state: ComparisonState): void;
  /** Shows one tile that changed. */
  showTile(tile: ComparisonTile): void;
}

/** What the page asks of the host, without waiting. */
export type ComparisonAsk = <Name extends Exclude<keyof ComparisonApi, "ready">>(name: Name, args: Parameters<ComparisonApi[Name]>[0]) => void;

/** Builds the page in `root`. `keep` stores what must survive a reload. */
export function createComparisonApp(root: HTMLElement, initial: ComparisonView, ask: ComparisonAsk, keep: (state: ComparisonState, view: ComparisonView) => void): ComparisonApp {
  let state: ComparisonState | undefined;
  let view = initial;
  let picture: Picture | undefined;
  let pictureOf: ImagePreview | undefined;
  let pointed: Pointed | undefined;
  let maps: readonly ShownMap[] = [];
  let shownActions = "";
  const views = new Map<string, TileView>();
  const mapsOf = createMaps();

  const title = el("h1", { id: "title" });
  const progressText = el("span", { id: "progress-text", role: "status" });
  const cancel = button("cancel", t("Cancel"), "secondary", () => ask("cancel", {}));
  const resume = button("resume", t("Continue"), "secondary", () => ask("resume", {}));
  const model = button("choose-model", t("Choose model…"), "secondary", () => ask("act", { action: "chooseModel" }));
  const fit = button("fit", t("Fit"), "secondary", () => everyStage((stage) => stage.fit()));
  const fill = el("div", { class: "fill" });
  const bar = el("div", { id: "progress-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, "data-known": true }, fill);
  const row = el("div", { id: "tiles" });
  const hint = el("p", { class: "hint", id: "hover-hint" }, t("Point at a map: every tile reads the same place"));
  const failureText = el("p", {});
  const failureActions = el("div", { class: "actions" });
  const failure = el("div", { id: "failure", role: "alert", hidden: true }, failureText, failureActions);
  const controls = createComparisonControls(draw, (ids) => ask("setTiles", { ids }));
  const sides = createBeforeAfter((at) => point(at), zoomFrom, (split) => draw({ split }));
  const tables = createTables();
  root.classList.add("comparison");
  root.replaceChildren(
    el("header", {}, title, el("div", { id: "progress" }, progressText, cancel, resume), el("div", { class: "actions" }, fit, model)),
    bar,
    el("main", {}, el("section", { class: "compared" }, failure, row, hint, sides.element), el("aside", {}, controls.element)),
    tables.element);

  const ids = () => state?.tiles.map(({ id }) => id) ?? [];
  const shownTiles = () => maps.filter(({ kind }) => kind === "tile");
  const stages = () => [...[...views.values()].map(({ stage }) => stage), ...sides.stages];

  function everyStage(act: (stage: HeatmapView) => void): void {
    for (const stage of stages()) act(stage);
  }

  function draw(change: Partial<ComparisonView>): void {
    view = { ...view, ...change };
    render();
  }

  function point(at: Pointed | undefined, from?: string): void {
    pointed = at;
    for (const tile of views.values()) {
      tile.read(at);
      tile.stage.mark(tile.id === from ? undefined : at);
    }
    for (const stage of sides.stages) stage.mark(from === undefined ? undefined : at);
  }

  /** All tiles are of one size, so the zoom and pan of one are those of all. */
  function zoomFrom(stage: HeatmapView): void {
    const viewport = stage.viewport();
    for (const other of stages()) if (other !== stage) other.follow(sameShare(viewport, stage, other));
    fit.toggleAttribute("disabled", !stage.isZoomed());
  }

  /** Tiles change places in the order that is shown, which is the order asked for from then on. */
  function swap(a: string, b: string): void {
    view = { ...view, order: "asked" };
    ask("setTiles", { ids: swapped(shownTiles().map(({ id }) => id), a, b) });
  }

  function makeTile(id: string): TileView {
    return createTileView(id, {
      point, swap,
      zoom: (from) => {
        const tile = views.get(from);
        if (tile) zoomFrom(tile.stage);
      },
      open: (tile) => ask("open", { id: tile }),
      pin: (tile) => draw({ pinned: view.pinned === tile ? undefined : tile }),
      remove: (tile) => ask("setTiles", { ids: ids().filter((one) => one !== tile) }),
      move: (tile, by) => {
        const shown = shownTiles().map((map) => map.id);
        const other = shown[shown.indexOf(tile) + by];
        if (other !== undefined) swap(tile, other);
      },
    });
  }

  function placeTiles(): void {
    for (const id of views.keys()) {
      if (maps.some((map) => map.id === id)) continue;
      views.get(id)?.element.remove();
      views.delete(id);
    }
    const focused = document.activeElement;
    maps.forEach(({ id }, i) => {
      const tile = views.get(id) ?? makeTile(id);
      views.set(id, tile);
      if (row.children[i] !== tile.element) row.insertBefore(tile.element, row.children[i] ?? null);
    });
    // Moving an element takes the focus away from it.
    if (focused instanceof HTMLElement && focused !== document.activeElement && row.contains(focused)) focused.focus();
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
    const { kind, tiles, image, imageName } = state;
    maps = mapsOf(state, view);
    placeTiles();
    const swappable = shownTiles().map(({ id }) => id);
    if (image) root.style.setProperty("--aspect", `${image.width} / ${image.height}`);
    for (const map of maps) {
      const at = swappable.indexOf(map.id);
      views.get(map.id)?.update(map, {
        name: mapName(kind, map), imageName, picture, view, canRemove: tiles.length > 1, canSwap: { before: at > 0, after: at >= 0 && at < swappable.length - 1 },
      });
    }
    point(pointed);
    const side = (id: string) => { const map = maps.find((one) => one.id === id); return map && { map, name: mapName(kind, map) }; };
    const [left, right] = view.sides ? [side(view.sides.left), side(view.sides.right)] : [];
    sides.update(left && right ? [left, right] : undefined, picture, view);
    controls.update(state, view, maps);
    tables.update(state, maps);
    showProgress(state);
    showFailure(state);
    const text = comparisonTitle(state);
    setText(title, text);
    title.title = text;
    root.dataset["kind"] = kind;
    keep(state, view);
  }

  function showProgress({ tiles, failure: failed }: ComparisonState): void {
    const done = tiles.filter(({ status }) => status === "done").length;
    const isRunning = tiles.some(({ status }) => status === "running");
    const isOpen = isRunning || (!failed && tiles.some(({ status }) => status === "waiting"));
    const within = tiles.reduce((sum, { busy }) => sum + (busy && busy.total > 0 ? busy.done / busy.total : 0), 0);
    const share = tiles.length === 0 ? 100 : Math.round((100 * (done + within)) / tiles.length);
    setText(progressText, isOpen ? t("{done} of {total} maps", { done, total: tiles.length }) : "");
    bar.hidden = !isOpen;
    bar.setAttribute("aria-valuenow", String(share));
    bar.setAttribute("aria-label", progressText.textContent);
    fill.style.width = `${share}%`;
    cancel.hidden = !isOpen;
    resume.hidden = isOpen || failed !== undefined || tiles.every(({ status }) => status === "done");
    root.dataset["state"] = failed ? "failed" : isOpen ? "computing" : "done";
    root.setAttribute("aria-busy", String(isOpen));
  }

  function showFailure({ failure: failed }: ComparisonState): void {
    failure.hidden = failed === undefined;
    const key = JSON.stringify(failed ?? null);
    if (!failed || key === shownActions) return;
    shownActions = key;
    setText(failureText, failed.text);
    failureActions.replaceChildren(...failed.actions.map(({ id, title: name }, i) => button(`action-${id}`, name, i === 0 ? "primary" : "secondary", () => ask("act", { action: id }))));
  }

  fit.toggleAttribute("disabled", true);
  return {
    show: (next) => {
      // What is the same picture keeps its bitmap; what is the same map keeps its drawing.
      const image = next.image && pictureOf && isSameBytes(next.image.bytes, pictureOf.bytes) ? pictureOf : next.image;
      const tiles = next.tiles.map((tile) => keepExplanation(tile, state?.tiles.find(({ id }) => id === tile.id)));
      state = { ...next, image, tiles };
      if (image && image !== pictureOf) void loadPicture(image).catch(() => {});
      render();
    },
    showTile: (tile) => {
      if (!state) return;
      state = { ...state, tiles: state.tiles.map((known) => (known.id === tile.id ? keepExplanation(tile, known) : known)) };
      render();
    },
  };
}

/** Pans are lengths on the stage; a stage of another size shows the same part when they grow with it. */
function sameShare(viewport: ReturnType<HeatmapView["viewport"]>, from: HeatmapView, to: HeatmapView): ReturnType<HeatmapView["viewport"]> {
  const factor = from.element.clientWidth === 0 ? 1 : to.element.clientWidth / from.element.clientWidth;
  return { zoom: viewport.zoom, panX: viewport.panX * factor, panY: viewport.panY * factor };
}

/** Every message is a copy: an explanation that did not change keeps its identity, and so is neither drawn nor measured again. */
function keepExplanation(next: ComparisonTile, known: ComparisonTile | undefined): ComparisonTile {
  const [a, b] = [next.explanation, known?.explanation];
  const isSame = a && b && a.target.index === b.target.index && a.score === b.score && a.layer === b.layer && a.ms.compute === b.ms.compute && a.partial?.done === b.partial?.done && isSameBytes(a.attribution.data, b.attribution.data);
  return isSame ? { ...next, explanation: b } : next;
}

function isSameBytes(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
