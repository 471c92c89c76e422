/** @file A small map of an audit as a picture: viridis from 0 to its largest value, one square per cell. */
import { colorTable } from "../../src/drawing/colormap.js";
import { el } from "../element.js";

/** `values` are `side * side`, row by row. The picture says nothing by itself: whoever shows it names it. */
export function mapPicture(values: readonly number[]): HTMLCanvasElement {
  const side = Math.max(1, Math.round(Math.sqrt(values.length)));
  const canvas = Object.assign(el("canvas", { class: "map-picture" }), { width: side, height: side });
  const most = Math.max(...values, Number.MIN_VALUE);
  const colors = colorTable("viridis");
  const pixels = new Uint8ClampedArray(side * side * 4);
  values.forEach((value, i) => pixels.set([...colors.subarray(3 * Math.round((255 * value) / most)).subarray(0, 3), 255], 4 * i));
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, side, side), 0, 0);
  return canvas;
}
