/** @file The scale of a picture of weights: its colours with both ends labelled. */
import { middleOf, type Scale } from "../../src/drawing/attention/scale.js";
import { el, setText } from "../element.js";
import { t } from "../strings.js";
import { weightText } from "./numbers.js";

export interface ScaleBar {
  readonly element: HTMLElement;
  /** Without a scale its place stays empty. */
  update(scale: Scale | undefined, colors: Uint8Array): void;
}

/** The bar. */
export function createScaleBar(): ScaleBar {
  const canvas = Object.assign(el("canvas", { "aria-hidden": "true" }), { width: 256, height: 1 });
  const [low, middle, high] = [el("span", {}), el("span", {}), el("span", {})];
  const element = el("div", { id: "legend", class: "legend", role: "img" }, el("div", { class: "line" }, canvas), el("div", { class: "line raw" }, low, middle, high));
  let painted: Uint8Array | undefined;
  return {
    element,
    update: (scale, colors) => {
      element.toggleAttribute("data-empty", !scale);
      if (painted !== colors) {
        painted = colors;
        const pixels = new Uint8ClampedArray(256 * 4);
        for (let i = 0; i < 256; i++) pixels.set([...colors.subarray(3 * i, 3 * i + 3), 255], 4 * i);
        canvas.getContext("2d")?.putImageData(new ImageData(pixels, 256, 1), 0, 0);
      }
      if (!scale) return;
      setText(low, "0");
      setText(middle, scale.isRoot ? weightText(middleOf(scale)) : t("weight"));
      setText(high, weightText(scale.highest));
      element.setAttribute("aria-label", t("Scale of weights from 0 to {high}", { high: weightText(scale.highest) }));
    },
  };
}
