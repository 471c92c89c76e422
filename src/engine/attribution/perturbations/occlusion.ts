/** @file Occlusion: how much the score falls when a window of the image is taken away. */
import { WhylightError } from "../../errors.js";
import type { MethodContext } from "../context.js";
import { defineMethod } from "../method.js";
import type { Values } from "../parameters.js";
import { fillParameters, fillsOf } from "./fills.js";
import { forEachMasked } from "./maskedScores.js";
import { pixelGridOf, type PixelGrid } from "./pixelGrid.js";
import { addOverWindow, windowsOver, type Window } from "./windows.js";

const parameters = {
  /** Side of the square window in pixels of the model's input; `auto` is a seventh of the shorter side. */
  window: { kind: "number", default: "auto", words: ["auto"], min: 1, integer: true },
  /** Pixels from one window to the next; `auto` is half the window. */
  stride: { kind: "number", default: "auto", words: ["auto"], min: 1, integer: true },
  ...fillParameters,
} as const;

/**
 * Zeiler and Fergus, arXiv 1311.2901, as Captum's `Occlusion` counts: each place gets the mean, over the windows that cover it, of how much the score falls when they are filled.
 * Windows whose fill changes nothing are not run. Throws `parameterInvalid` where the windows would not fit the image or not cover it.
 */
export const occlusion = defineMethod({ family: "perturbation", form: "grid", parameters, run: occlude });

async function occlude(context: MethodContext, given: Values<typeof parameters>) {
  const grid = pixelGridOf(context);
  const { height, width } = grid;
  const { window, stride } = sidesOf(given, Math.min(height, width));
  const fills = fillsOf(context, given);
  const windows = windowsOver(height, width, window, stride);
  const falls = new Float64Array(height * width);
  const covered = new Float64Array(height * width);
  for (const place of windows) addOverWindow(covered, width, place, 1);
  const map = () => ({ shape: [height, width], data: Float32Array.from(falls, (fall, p) => fall / covered[p]!) });

  const telling = windows.filter((place) => fills.some((fill) => differs(context.x, fill, place, grid)));
  const { score: whole } = await context.atInput();
  await forEachMasked(context, {
    grid, fills, count: telling.length, partial: map,
    mask: (i, into) => {
      const { top, left, bottom, right } = telling[i]!;
      into.fill(1);
      for (let y = top; y < bottom; y++) into.fill(0, y * width + left, y * width + right);
    },
    each: (i, score) => addOverWindow(falls, width, telling[i]!, whole - score),
  });
  return { attribution: map(), facts: { window, stride, windows: windows.length } };
}

function sidesOf(given: Pick<Values<typeof parameters>, "window" | "stride">, side: number): { window: number; stride: number } {
  const window = given.window === "auto" ? Math.max(1, Math.round(side / 7)) : given.window;
  const stride = given.stride === "auto" ? Math.max(1, Math.floor(window / 2)) : given.stride;
  if (window > side) throw new WhylightError("parameterInvalid", { parameter: "window", reason: `the image's shorter side is ${side}` });
  if (stride > window) throw new WhylightError("parameterInvalid", { parameter: "stride", reason: `windows of ${window} would leave gaps between them` });
  return { window, stride };
}

/** Whether the image and the fill are not the same within a window. */
function differs(x: Float32Array, fill: Float32Array, { top, left, bottom, right }: Window, { width, channels, channelStep, placeStep }: PixelGrid): boolean {
  for (let c = 0; c < channels; c++) {
    for (let y = top; y < bottom; y++) {
      for (let p = y * width + left; p < y * width + right; p++) {
        const i = c * channelStep + p * placeStep;
        if (x[i] !== fill[i]) return true;
      }
    }
  }
  return false;
}
