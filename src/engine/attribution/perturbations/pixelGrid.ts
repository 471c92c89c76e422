/** @file The explained image seen as places with channels, whatever axis order the model takes. */
import type { MethodContext } from "../context.js";

/** Channel c of place p stands at `c * channelStep + p * placeStep`; place `y * width + x`. */
export interface PixelGrid {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly channelStep: number;
  readonly placeStep: number;
}

/** How one image of `[1, c, h, w]` or `[1, h, w, c]` lies in memory. */
export function pixelGridOf({ input, pixels }: Pick<MethodContext, "input" | "pixels">): PixelGrid {
  const [, a, b, c] = input.shape as readonly [number, number, number, number];
  if (pixels.layout === "NHWC") return { height: a, width: b, channels: c, channelStep: 1, placeStep: c };
  return { height: b, width: c, channels: a, channelStep: b * c, placeStep: 1 };
}
