/** @file One tile: its name, its buttons, the picture, the scale below it and the value at the place that is pointed at. */
import type { ComparisonView } from "../../src/protocol/comparison.js";
import { el, setText } from "../element.js";
import { readValue, valueAt } from "../heat.js";
import { createHeatmapView, type HeatmapView, type Picture, type Pointed } from "../heatmapView.js";
import { createLegend } from "../legend.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { iconButton, type Icon } from "./icons.js";
import { comparedColormap, originalId, type ShownMap } from "./maps.js";

/** What a tile's buttons and its picture tell. */
export interface TileActions {
  point(at: Pointed | undefined, from: string): void;
  zoom(from: string): void;
  open(id: string): void;
  pin(id: string): void;
  /** Changes places with its neighbour, `-1` the one before and `1` the one after. */
  move(id: string, by: -1 | 1): void;
  swap(id: string, other: string): void;
  remove(id: string): void;
}

export interface TileView {
  readonly id: string;
  readonly element: HTMLElement;
  readonly stage: HeatmapView;
  update(map: ShownMap, context: TileContext): void;
  /** Shows the value at a place of the image. */
  read(at: Pointed | undefined): void;
}

export interface TileContext {
  readonly name: string;
  readonly imageName: string;
  readonly picture: Picture | undefined;
  readonly view: ComparisonView;
  readonly canRemove: boolean;
  readonly canSwap: { readonly before: boolean; readonly after: boolean };
}

/** A tile for one map; the others are told of pointing and zooming through `actions`. */
export function createTileView(id: string, actions: TileActions): TileView {
  const stage = createHeatmapView((at) => actions.point(at, id), () => actions.zoom(id), { stage: `stage-${id}`, map: `map-${id}` });
  const legend = createLegend(`legend-${id}`);
  const name = el("button", { type: "button", class: "tile-name" });
  const scale = el("span", { class: "tile-scale" });
  const value = el("output", { class: "tile-value" });
  const status = el("p", { class: "tile-status" });
  const failure = el("p", { class: "tile-failure", role: "alert", hidden: true });
  const make = (icon: Icon, press: () => void) => iconButton(icon, "", press);
  const buttons = { before: make("before", () => actions.move(id, -1)), after: make("after", () => actions.move(id, 1)), remove: make("remove", () => actions.remove(id)), pin: make("pin", () => actions.pin(id)) };
  const head = el("div", { class: "tile-head" }, name, el("span", { class: "tile-buttons" }, ...Object.values(buttons)));
  const caption = el("figcaption", {}, failure, legend.element, el("div", { class: "tile-line" }, value, scale), status);
  const element = el("figure", { class: "tile", "data-id": id }, head, stage.element, caption);
  let shown: ShownMap | undefined;
  let pointed: Pointed | undefined;

  name.addEventListener("click", () => shown?.kind === "tile" && actions.open(id));
  stage.canvas.addEventListener("dblclick", () => shown?.kind === "tile" && actions.open(id));
  head.addEventListener("dragstart", (event) => event.dataTransfer?.setData("text/whylight-tile", id));
  element.addEventListener("dragover", (event) => {
    if (shown?.kind === "tile" && event.dataTransfer?.types.includes("text/whylight-tile")) event.preventDefault();
  });
  element.addEventListener("drop", (event) => {
    const other = event.dataTransfer?.getData("text/whylight-tile");
    if (other && other !== id) actions.swap(other, id);
  });

  const readPlace = () => {
    const raw = pointed && shown?.heat && valueAt(shown.heat, pointed.x, pointed.y);
    if (shown?.heat && raw !== undefined) setText(value, t("{value} · raw {raw}", { value: numbers.scaled(readValue(shown.heat, raw)), raw: numbers.raw(raw) }));
    else setText(value, pointed && shown?.heat ? t("no value here") : pointed && id === originalId ? t("at ({x}, {y})", { x: pointed.x, y: pointed.y }) : "");
  };

  return {
    id, element, stage,
    update: (map, { name: called, imageName, picture, view, canRemove, canSwap }) => {
      shown = map;
      const { tile, heat, kind } = map;
      const colormap = comparedColormap(view, heat?.signed ?? false);
      stage.update(picture, heat, { colormap, opacity: view.opacity, smooth: view.smooth, wipe: 0 });
      stage.element.toggleAttribute("data-skeleton", !picture || (kind !== "original" && !heat && tile?.status !== "failed" && tile?.status !== "stopped"));
      stage.canvas.setAttribute("aria-roledescription", t("heatmap"));
      stage.canvas.setAttribute("aria-label", kind === "original" ? imageName : t("Map of {method} over {file}. Arrow keys read the values, plus and minus zoom, 0 fits.", { method: called, file: imageName }));
      legend.update(heat, colormap);
      element.dataset["status"] = tile?.status ?? (kind === "original" || heat ? "done" : "waiting");
      setText(name, called);
      name.disabled = kind !== "tile";
      name.title = kind === "tile" ? t("{name}: {action}", { name: called, action: t("Open as an explanation") }) : "";
      head.draggable = kind === "tile";
      setText(scale, !heat ? "" : map.isShared ? t("one scale for all") : t("own scale"));
      setText(status, statusText(map));
      failure.hidden = tile?.failure === undefined;
      setText(failure, tile?.failure?.text ?? "");
      const isPinned = view.pinned === id;
      const labels = {
        pin: t(isPinned ? "Keep first no longer" : "Keep first"), before: t("Swap with the one before"), after: t("Swap with the one after"), remove: t("Remove"),
      };
      for (const [key, label] of Object.entries(labels)) {
        const button = buttons[key as keyof typeof buttons];
        button.title = label;
        button.setAttribute("aria-label", t("{name}: {action}", { name: called, action: label }));
      }
      buttons.pin.setAttribute("aria-pressed", String(isPinned));
      buttons.pin.hidden = kind === "original";
      for (const button of [buttons.before, buttons.after]) button.hidden = kind !== "tile";
      buttons.remove.hidden = kind !== "tile" || !canRemove;
      buttons.before.disabled = !canSwap.before;
      buttons.after.disabled = !canSwap.after;
      readPlace();
    },
    read: (at) => {
      pointed = at;
      readPlace();
    },
  };
}

/** What a tile says of itself: what runs, what is missing, what its map is worth. */
function statusText({ kind, tile }: ShownMap): string {
  if (kind === "average") return t("Mean of the raw maps");
  if (kind === "disagreement") return t("Standard deviation across the baselines");
  if (!tile) return "";
  const { status, busy, explanation, notes } = tile;
  if (status === "waiting") return t("Waiting");
  if (busy) return [busy.text, ...(busy.total > 1 ? [t("{done} of {total}", { done: busy.done, total: busy.total })] : [])].join(" · ");
  const partial = explanation?.partial;
  if (status === "stopped") return partial ? `${t("Stopped")} · ${t("{done} of {total} so far", partial)}` : t("Stopped");
  if (status === "failed" || !explanation) return t("Failed");
  const { completeness } = explanation;
  return [
    explanation.isCached ? t("from the cache") : t("{ms} ms", { ms: numbers.milliseconds(explanation.ms.compute) }),
    ...(completeness ? [t("gap {gap}", { gap: numbers.percent(Math.abs(completeness.relative)) })] : []), ...notes,
  ].join(" · ");
}
