/** @file A part of the picture, cut out small. */
import type { Region } from "../../src/protocol/api.js";
import type { Area } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import type { Picture } from "../heatmapView.js";
import { areaRegion } from "./maps.js";

const side = 40;

/** The area of the model's input as a square canvas, with as much around it as makes it square. */
export function cutOut(picture: Picture, area: Area, region: Region): HTMLCanvasElement {
  const { x, y, width, height } = squareAround(areaRegion(area, region), picture);
  const canvas = Object.assign(el("canvas", { class: "cut", "aria-hidden": "true" }), { width: 2 * side, height: 2 * side });
  // The bitmap may be smaller than the image it shows.
  const scale = picture.bitmap.width / picture.width;
  canvas.getContext("2d")?.drawImage(picture.bitmap, x * scale, y * scale, width * scale, height * scale, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The smallest square that holds a rectangle and lies in the picture, as far as the picture has room for it. */
export function squareAround({ x, y, width, height }: Region, picture: { readonly width: number; readonly height: number }): Region {
  const long = Math.min(Math.max(width, height), picture.width, picture.height);
  const within = (middle: number, room: number) => Math.min(Math.max(0, middle - long / 2), room - long);
  return { x: within(x + width / 2, picture.width), y: within(y + height / 2, picture.height), width: long, height: long };
}
