/** @file How much of a map lies in a part of the image. */
import type { Grid } from "../../drawing/heatmap.js";
import type { Region } from "../../protocol/api.js";

/** Whether a point of the whole image, in its pixels, lies inside. */
export type Inside = (x: number, y: number) => boolean;

export interface FocusShare {
  /** The part's share of the map's positive mass, 0 to 1; `undefined` where the map has none. */
  readonly share: number | undefined;
  /** The part's share of the map's pixels: what a map without focus would put there. */
  readonly area: number;
}

/** `map` is `[height, width]` over `region` of the image; each of its pixels counts as inside where its centre is. */
export function focusShare({ shape, data }: Grid, region: Region, isInside: Inside): FocusShare {
  const [height, width] = [shape[0]!, shape[1]!];
  let [total, inside, pixels] = [0, 0, 0];
  for (let i = 0; i < height * width; i++) {
    const value = Math.max(0, data[i]!);
    total += value;
    if (!isInside(region.x + ((i % width) + 0.5) * (region.width / width), region.y + (Math.floor(i / width) + 0.5) * (region.height / height))) continue;
    inside += value;
    pixels++;
  }
  return { share: total > 0 ? inside / total : undefined, area: pixels / (height * width) };
}

/** A rectangle; its right and lower edges belong to what lies beyond. */
export function insideBox([x, y, width, height]: readonly [number, number, number, number]): Inside {
  return (px, py) => px >= x && px < x + width && py >= y && py < y + height;
}

/** The bright pixels of a mask that lies over the whole image of `width` by `height`, whatever its own size. */
export function insideMask(mask: { readonly width: number; readonly height: number; readonly channels: number; readonly data: ArrayLike<number> }, width: number, height: number): Inside {
  const [across, down] = [mask.width / width, mask.height / height];
  return (x, y) => {
    const [column, row] = [Math.floor(x * across), Math.floor(y * down)];
    return column >= 0 && column < mask.width && row >= 0 && row < mask.height && mask.data[(row * mask.width + column) * mask.channels]! > 127;
  };
}
