/** @file The mean map of a shared region as a small picture, with the region's frame. */
import { colorTable } from "../../src/drawing/colormap.js";
import type { SharedRegion } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";

/** The map in viridis from 0 to its largest share, one square per cell; the frame is the region. */
export function meanMap({ meanMap: values, area }: Pick<SharedRegion, "meanMap" | "area">): HTMLElement {
  const side = Math.max(1, Math.round(Math.sqrt(values.length)));
  const canvas = Object.assign(el("canvas", {}), { width: side, height: side });
  const most = Math.max(...values, Number.MIN_VALUE);
  const colors = colorTable("viridis");
  const pixels = new Uint8ClampedArray(side * side * 4);
  values.forEach((value, i) => pixels.set([...colors.subarray(3 * Math.round((255 * value) / most)).subarray(0, 3), 255], 4 * i));
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, side, side), 0, 0);
  const frame = el("div", { class: "frame" });
  Object.assign(frame.style, { left: `${100 * area.x}%`, top: `${100 * area.y}%`, width: `${100 * area.width}%`, height: `${100 * area.height}%` });
  const text = t("Mean map, from 0 to {most} of the mass per cell; the frame is the region", { most: numbers.percent(most) });
  return el("figure", { class: "mean-map" }, el("div", { class: "picture-frame", role: "img", "aria-label": text, title: text }, canvas, frame), el("figcaption", {}, t("0 to {most}", { most: numbers.percent(most) })));
}
