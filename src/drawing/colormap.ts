/** @file Colour maps as tables of 256 RGB colours, so that the panel, the command line and the report paint alike. */
import { rgb } from "d3-color";
import { interpolateCividis, interpolateInferno, interpolateTurbo, interpolateViridis, schemeBlues, schemeGreens, schemeReds } from "d3-scale-chromatic";

/**
 * The maps people choose from: even steps in lightness first, then those that other tools draw with, then those for signed values, white being zero.
 * `diverging` runs blue, white, orange; `red-white-green` is Captum's, and hard to read for colour-blind people.
 */
export const colormapIds = ["viridis", "cividis", "inferno", "turbo", "jet", "hot", "gray", "blues", "greens", "reds", "diverging", "red-white-green"] as const;
export type ColormapId = (typeof colormapIds)[number];

/** A colour's place on the scale, 0 to 1, and its three parts, 0 to 255. */
type Stop = readonly [at: number, red: number, green: number, blue: number];
type Rgb = readonly [red: number, green: number, blue: number];

/** Colours at even distances. */
function even(colors: readonly string[]): Stop[] {
  return colors.map((color, i) => { const { r, g, b } = rgb(color); return [i / (colors.length - 1), r, g, b]; });
}

function between(stops: readonly Stop[], t: number): Rgb {
  const index = Math.max(0, stops.findLastIndex(([at]) => at <= t));
  const [from, to] = [stops[index]!, stops[Math.min(stops.length - 1, index + 1)]!];
  const share = to[0] > from[0] ? (t - from[0]) / (to[0] - from[0]) : 0;
  return [from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share, from[3] + (to[3] - from[3]) * share];
}

/** matplotlib gives its own points to each part of a colour (`_cm.py`, `_jet_data`, `_hot_data`). */
type Part = readonly (readonly [at: number, value: number])[];
const parts = (...all: readonly [red: Part, green: Part, blue: Part]) => (t: number): Rgb => {
  const [red, green, blue] = all.map((part) => 255 * between(part.map(([at, value]) => [at, value, 0, 0]), t)[0]) as [number, number, number];
  return [red, green, blue];
};

const through = (colors: readonly string[]) => { const stops = even(colors); return (t: number) => between(stops, t); };
const css = (interpolate: (t: number) => string) => (t: number): Rgb => { const { r, g, b } = rgb(interpolate(t)); return [r, g, b]; };

const interpolators: Readonly<Record<ColormapId, (t: number) => Rgb>> = {
  viridis: css(interpolateViridis),
  cividis: css(interpolateCividis),
  inferno: css(interpolateInferno),
  turbo: css(interpolateTurbo),
  jet: parts(
    [[0, 0], [0.35, 0], [0.66, 1], [0.89, 1], [1, 0.5]], [[0, 0], [0.125, 0], [0.375, 1], [0.64, 1], [0.91, 0], [1, 0]], [[0, 0.5], [0.11, 1], [0.34, 1], [0.65, 0], [1, 0]],
  ),
  hot: parts([[0, 0.0416], [0.365079, 1], [1, 1]], [[0, 0], [0.365079, 0], [0.746032, 1], [1, 1]], [[0, 0], [0.746032, 0], [1, 1]]),
  gray: through(["#000000", "#ffffff"]),
  // ColorBrewer's nine colours, joined by straight lines as matplotlib does.
  blues: through(schemeBlues[9]!),
  greens: through(schemeGreens[9]!),
  reds: through(schemeReds[9]!),
  // Blue and orange stay apart for every common kind of colour blindness, unlike red and green; ends of about equal lightness.
  diverging: through(["#0a4a8f", "#4393c3", "#d1e5f0", "#f7f7f7", "#fee0b6", "#e6842a", "#8f4302"]),
  "red-white-green": through(["red", "white", "green"]),
};

const tables = new Map<ColormapId, Uint8Array>();

/** The map as 256 colours of three bytes each, red first: the colour of `t` in 0 to 1 starts at byte `3 * Math.round(255 * t)`. Shared: do not write into it. */
export function colorTable(id: ColormapId): Uint8Array {
  const known = tables.get(id);
  if (known) return known;
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.set(interpolators[id](i / 255).map(Math.round), 3 * i);
  tables.set(id, table);
  return table;
}
