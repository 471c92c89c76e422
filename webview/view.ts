/** @file How the reader wants the map drawn: kept across reloads, changed without computing anything again. Pure. */
import { colormapIds, type ColormapId } from "../src/drawing/colormap.js";
import { clipIds, defaultStyle, gridValueIds, signIds, type DrawStyle } from "../src/drawing/style.js";

/** The style of the drawing room, with what only a page has. */
export interface ViewState extends Omit<DrawStyle, "colormap"> {
  /** For magnitudes, and for signed maps. */
  readonly colormap: ColormapId;
  readonly signedColormap: ColormapId;
  /** The share of the picture, from its left, that shows the original. */
  readonly wipe: number;
}

/** How channels may become one value; the method's own way first. */
export const pixelValueIds = ["auto", "max-abs", "sum-abs", "abs-sum", "sum"] as const satisfies readonly DrawStyle["pixelValues"][];

const isShare = (value: unknown) => typeof value === "number" && value >= 0 && value <= 1;
const among = (values: readonly unknown[]) => (value: unknown) => values.includes(value);

/** What each choice may be when it comes from storage, of whatever version. */
const checks: { readonly [Name in keyof ViewState]?: (value: unknown) => boolean } = {
  pixelValues: among(pixelValueIds), gridValues: among(gridValueIds), sign: among(signIds), clip: among(clipIds), interpolation: among(["bilinear", "nearest"]), background: among(["image", "gray"]),
  clipPercent: (value) => typeof value === "number" && value >= 0 && value < 50, contours: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 20,
  opacity: isShare, wipe: isShare, colormap: among(colormapIds), signedColormap: among(colormapIds),
};

/** The view of a new panel: the defaults, the settings, then what was stored; whatever is none of the choices is passed over. */
export function initialView(settings: object | undefined, stored: unknown): ViewState {
  const first: ViewState = { ...defaultStyle, colormap: "viridis", signedColormap: "diverging", clipPercent: 2, wipe: 0 };
  const known = (from: unknown) => Object.entries(typeof from === "object" && from !== null ? from : {}).filter(([name, value]) => checks[name as keyof ViewState]?.(value) === true);
  return { ...first, ...Object.fromEntries([...known(settings), ...known(stored)]) };
}

/** The colour map in use: each kind of map has its own. */
export function shownColormap({ colormap, signedColormap }: Pick<ViewState, "colormap" | "signedColormap">, signed: boolean): ColormapId {
  return signed ? signedColormap : colormap;
}
