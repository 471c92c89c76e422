/** @file Colour maps as tables of 256 RGB colours, so that the panel, the command line and the report paint alike. */
import { rgb } from "d3-color";
import { interpolateCividis, interpolateInferno, interpolateTurbo, interpolateViridis } from "d3-scale-chromatic";

/** The maps people choose from. `diverging` runs blue, white, orange and belongs to signed values, white being zero. */
export const colormapIds = ["viridis", "cividis", "inferno", "turbo", "diverging"] as const;
export type ColormapId = (typeof colormapIds)[number];

/** Blue and orange stay apart for every common kind of colour blindness, unlike red and green; ends of about equal lightness. */
const divergingStops = ["#0a4a8f", "#4393c3", "#d1e5f0", "#f7f7f7", "#fee0b6", "#e6842a", "#8f4302"] as const;

const interpolators: Readonly<Record<ColormapId, (t: number) => string>> = {
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  inferno: interpolateInferno,
  turbo: interpolateTurbo,
  diverging: (t) => {
    const place = t * (divergingStops.length - 1);
    const index = Math.min(divergingStops.length - 2, Math.floor(place));
    const [from, to, share] = [rgb(divergingStops[index] ?? ""), rgb(divergingStops[index + 1] ?? ""), place - index];
    return rgb(from.r + (to.r - from.r) * share, from.g + (to.g - from.g) * share, from.b + (to.b - from.b) * share).formatRgb();
  },
};

const tables = new Map<ColormapId, Uint8Array>();

/** The map as 256 colours of three bytes each, red first: the colour of `t` in 0 to 1 starts at byte `3 * Math.round(255 * t)`. Shared: do not write into it. */
export function colorTable(id: ColormapId): Uint8Array {
  const known = tables.get(id);
  if (known) return known;
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const color = rgb(interpolators[id](i / 255));
    table.set([Math.round(color.r), Math.round(color.g), Math.round(color.b)], 3 * i);
  }
  tables.set(id, table);
  return table;
}
