/** @file One picture of a report: the image alone or under a map, its name, and the value at the place that is pointed at. */
import type { Region } from "../../src/protocol/api.js";
import { el, setText } from "../element.js";
import { isBlank, readValue, valueAt } from "../heat.js";
import { createHeatmapView, type HeatmapView, type Picture, type Pointed } from "../heatmapView.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { originalId, type ReportTile } from "./maps.js";
import type { DebugView } from "./view.js";

/** What a tile tells. */
export interface TileActions {
  point(at: Pointed | undefined, from: string): void;
  zoom(from: HeatmapView): void;
  open(id: string): void;
}

export interface TileContext {
  readonly name: string;
  /** What the picture is, for those who do not see it. */
  readonly description: string;
  readonly picture: Picture | undefined;
  readonly view: DebugView;
  /** Framed on every picture. */
  readonly frames: readonly Region[];
  readonly isWaiting: boolean;
}

export interface TileView {
  readonly element: HTMLElement;
  readonly stage: HeatmapView;
  update(tile: Pick<ReportTile, "heat" | "isExplanation">, context: TileContext): void;
  /** Shows the value at a place of the image. */
  read(at: Pointed | undefined): void;
}

/** A tile; the others are told of pointing and zooming through `actions`. */
export function createTile(id: string, actions: TileActions): TileView {
  const slug = id.replace("/", "-");
  const stage = createHeatmapView((at) => actions.point(at, id), () => actions.zoom(stage), { stage: `stage-${slug}`, map: `map-${slug}` });
  const name = el("button", { type: "button", class: "tile-name" });
  const value = el("output", { class: "tile-value" });
  const element = el("figure", { class: "tile", "data-id": id }, el("div", { class: "tile-head" }, name), stage.element, el("figcaption", {}, value));
  let shown: Pick<ReportTile, "heat" | "isExplanation"> | undefined;
  let pointed: Pointed | undefined;
  let picture: Picture | undefined;

  const open = () => shown?.isExplanation && shown.heat && actions.open(id);
  name.addEventListener("click", open);
  if (id !== originalId) stage.canvas.addEventListener("dblclick", open);

  const readPlace = () => {
    const raw = pointed && shown?.heat && valueAt(shown.heat, pointed.x, pointed.y);
    if (shown?.heat && raw !== undefined) return setText(value, t("{value} · raw {raw}", { value: numbers.scaled(readValue(shown.heat, raw)), raw: numbers.raw(raw) }));
    if (id !== originalId) return setText(value, !shown?.heat ? "" : pointed ? t("no value here") : isBlank(shown.heat) ? t("blank map") : "");
    return setText(value, pointed ? t("at ({x}, {y})", { x: pointed.x, y: pointed.y }) : picture ? t("{width} × {height} pixels", { width: picture.width, height: picture.height }) : "");
  };

  return {
    element, stage,
    update: (tile, context) => {
      const { name: called, description, view, frames, isWaiting } = context;
      [shown, picture] = [tile, context.picture];
      const isSigned = tile.heat?.signed ?? false;
      stage.update(picture, tile.heat, { colormap: isSigned ? "diverging" : view.colormap, opacity: view.opacity, smooth: view.smooth, wipe: 0, frames });
      stage.element.toggleAttribute("data-skeleton", isWaiting);
      stage.canvas.setAttribute("aria-roledescription", t(id === originalId ? "image" : "heatmap"));
      stage.canvas.setAttribute("aria-label", description);
      const canOpen = tile.isExplanation && tile.heat !== undefined;
      setText(name, called);
      name.disabled = !canOpen;
      name.title = canOpen ? t("{name}: {action}", { name: called, action: t("Open as an explanation") }) : called;
      readPlace();
    },
    read: (at) => {
      pointed = at;
      readPlace();
    },
  };
}
