/** @file From the raw tensor to the values that are drawn, and back from a place in the image to its value. Pure: no canvas, no page. */
import { drawMap } from "../src/drawing/drawMap.js";
import type { ChannelReduction, Grid } from "../src/drawing/heatmap.js";
import type { Explanation, Region } from "../src/protocol/api.js";

/** The map at the resolution it is drawn in. */
export interface Heat {
  /** Raw values, `[rows, columns]`. */
  readonly grid: Grid;
  /** The raw grid that arrow keys walk on: the layer's own cells, or the input's pixels. */
  readonly cells: readonly [rows: number, columns: number];
  /** The raw values at the two ends of the colour scale. */
  readonly ends: readonly [low: number, high: number];
  /** Signed maps run from -1 to 1 with zero in the middle, others from 0 to 1. */
  readonly signed: boolean;
  readonly region: Region;
}

/** Whether the attribution is a grid over the image, as a layer's, rather than one value per input element. */
export function isGrid(explanation: Explanation): boolean {
  return explanation.attribution.shape.length === 2;
}

/** Draws the raw attribution in a style. `drawn` is how the method's channels are usually reduced. With the default view this is the explanation's own heatmap. */
export function makeHeat(explanation: Explanation, style: Parameters<typeof drawMap>[2], image: { readonly width: number; readonly height: number }, drawn: ChannelReduction): Heat {
  const { attribution, inputSize, preprocess } = explanation;
  const { values, ends, signed } = drawMap(attribution, { form: isGrid(explanation) ? "grid" : "pixels", drawn }, style, inputSize, preprocess.layout);
  return { grid: values, cells: isGrid(explanation) ? sizeOf(attribution) : sizeOf(values), ends, signed, region: explanation.region ?? { x: 0, y: 0, ...image } };
}

/** Whether the map has no two values, so that no colour means anything. */
export function isBlank({ ends: [low, high] }: Heat): boolean {
  return !(high > low);
}

/** Where a raw value stands on the colour scale, 0 to 1. A blank map stands at its zero. */
export function onScale({ ends: [low, high], signed }: Heat, value: number): number {
  if (!(high > low)) return signed ? 0.5 : 0;
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/** The value as people read it: 0 to 1, or -1 to 1 on a signed map. */
export function readValue(heat: Heat, value: number): number {
  const place = onScale(heat, value);
  return heat.signed ? 2 * place - 1 : place;
}

/** The raw value drawn at a place of the image, in image pixels; `undefined` outside of what the model saw. */
export function valueAt({ grid, region }: Heat, x: number, y: number): number | undefined {
  const [rows, columns] = sizeOf(grid);
  const column = Math.floor(((x - region.x) / region.width) * columns);
  const row = Math.floor(((y - region.y) / region.height) * rows);
  if (column < 0 || row < 0 || column >= columns || row >= rows) return undefined;
  return grid.data[row * columns + column];
}

/** The rectangle of a cell in image pixels. */
export function cellRegion({ cells: [rows, columns], region }: Heat, row: number, column: number): Region {
  const [width, height] = [region.width / columns, region.height / rows];
  return { x: region.x + column * width, y: region.y + row * height, width, height };
}

/** RGBA pixels of the whole grid in the colours of a table of 256 RGB triples. */
export function paint(heat: Heat, colors: Uint8Array): { readonly width: number; readonly height: number; readonly rgba: Uint8ClampedArray<ArrayBuffer> } {
  const [rows, columns] = sizeOf(heat.grid);
  const rgba = new Uint8ClampedArray(rows * columns * 4);
  heat.grid.data.forEach((value, i) => {
    const color = 3 * Math.round(255 * onScale(heat, value));
    rgba.set([colors[color] ?? 0, colors[color + 1] ?? 0, colors[color + 2] ?? 0, 255], 4 * i);
  });
  return { width: columns, height: rows, rgba };
}

function sizeOf({ shape }: Grid): [number, number] {
  return [shape[0] ?? 1, shape[1] ?? 1];
}
