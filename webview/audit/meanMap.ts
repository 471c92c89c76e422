/** @file The mean map of a shared region as a small picture, with the region's frame. */
import type { SharedRegion } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { mapPicture } from "./mapPicture.js";

/** The map from 0 to its largest share; the frame is the region. */
export function meanMap({ meanMap: values, area }: Pick<SharedRegion, "meanMap" | "area">): HTMLElement {
  const most = Math.max(...values, Number.MIN_VALUE);
  const frame = el("div", { class: "frame" });
  Object.assign(frame.style, { left: `${100 * area.x}%`, top: `${100 * area.y}%`, width: `${100 * area.width}%`, height: `${100 * area.height}%` });
  const text = t("Mean map, from 0 to {most} of the mass per cell; the frame is the region", { most: numbers.percent(most) });
  return el("figure", { class: "mean-map" }, el("div", { class: "picture-frame", role: "img", "aria-label": text, title: text }, mapPicture(values), frame), el("figcaption", {}, t("0 to {most}", { most: numbers.percent(most) })));
}
