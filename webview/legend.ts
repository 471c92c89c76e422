/** @file The scale: the colours with both ends labelled, in scaled and raw numbers. */
import { colorTable, type ColormapId } from "../src/drawing/colormap.js";
import { el, setText } from "./element.js";
import { isBlank, type Heat } from "./heat.js";
import * as numbers from "./numbers.js";
import { t } from "./strings.js";

export interface LegendView {
  readonly element: HTMLElement;
  update(heat: Heat | undefined, colormap: ColormapId): void;
}

/** The scale bar. `id` is for pages with several. */
export function createLegend(id = "legend"): LegendView {
  const canvas = Object.assign(el("canvas", { "aria-hidden": "true" }), { width: 256, height: 1 });
  const [low, high] = [el("span", { class: "end" }), el("span", { class: "end" })];
  const [rawLow, rawName, rawHigh] = [el("span", {}), el("span", {}), el("span", {})];
  const element = el("div", { id, class: "legend", role: "img" }, el("div", { class: "line" }, low, canvas, high), el("div", { class: "line raw" }, rawLow, rawName, rawHigh));
  let painted = "";
  return {
    element,
    update: (heat, colormap) => {
      element.toggleAttribute("data-empty", !heat);
      if (painted !== colormap) {
        painted = colormap;
        const colors = colorTable(colormap);
        const pixels = new Uint8ClampedArray(256 * 4);
        for (let i = 0; i < 256; i++) pixels.set([...colors.subarray(3 * i, 3 * i + 3), 255], 4 * i);
        canvas.getContext("2d")?.putImageData(new ImageData(pixels, 256, 1), 0, 0);
      }
      if (!heat) return;
      const ends = { low: heat.signed ? "-1" : "0", high: "1", rawLow: numbers.raw(heat.ends[0]), rawHigh: numbers.raw(heat.ends[1]) };
      setText(low, ends.low);
      setText(high, ends.high);
      setText(rawLow, isBlank(heat) ? "" : ends.rawLow);
      setText(rawName, t(isBlank(heat) ? "the map is the same everywhere" : "raw value"));
      setText(rawHigh, isBlank(heat) ? "" : ends.rawHigh);
      element.setAttribute("aria-label", t("Scale from {low} to {high}, raw values from {rawLow} to {rawHigh}", ends));
    },
  };
}
