/** @file The colour maps that people choose from, by the names they know them by. */
import { colormapIds, type ColormapId } from "../../src/drawing/colormap.js";
import { t, type Source } from "../strings.js";
import type { Choice } from "../ui.js";

export const colormapNames: Readonly<Record<ColormapId, Source>> = {
  viridis: "viridis", cividis: "cividis", inferno: "inferno", turbo: "turbo", jet: "jet", hot: "hot", gray: "Grey", blues: "Blues", greens: "Greens", reds: "Reds",
  diverging: "Blue, white, orange", "red-white-green": "Red, white, green",
};

const signed: ReadonlySet<ColormapId> = new Set(["diverging", "red-white-green"]);

/** For values without a sign: maps with a middle are not offered. */
export function magnitudeChoices(): Choice[] {
  return colormapIds.filter((id) => !signed.has(id)).map((id) => ({ value: id, text: t(colormapNames[id]) }));
}
