/** @file How strong a colour each token gets, and the colours themselves for every kind of theme. A few steps, since each is one decoration of the editor. */
import type { TextScale } from "../../protocol/text.js";

export const themeKinds = ["dark", "light", "highContrast", "highContrastLight"] as const;
export type ThemeKind = (typeof themeKinds)[number];

/** Steps on either side of the middle: levels run from `-levelSteps` to `levelSteps`. */
export const levelSteps = 6;
export const levels: readonly number[] = Array.from({ length: 2 * levelSteps + 1 }, (_, i) => i - levelSteps);

/** The colours of one level; `undefined` parts are not painted. */
export interface Tone {
  readonly background: string | undefined;
  /** High contrast themes draw lines instead of relying on colour: solid for, dashed against. */
  readonly outline: { readonly style: "solid" | "dashed"; readonly color: string } | undefined;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour of a level and how much of it lies over the editor's own background. */
export interface Wash {
  readonly color: Rgb;
  readonly alpha: number;
}

/**
 * The level of each value. `blue-orange`: the share of the largest absolute value, so that zero is level 0. `red-yellow-green`: min-max over the values, as the
 * textbook does, so that the least is the lowest level even when it speaks for the class; values that are all equal are in the middle.
 */
export function levelsOf(values: readonly number[], scale: TextScale): number[] {
  if (scale === "blue-orange") {
    const largest = Math.max(...values.map(Math.abs));
    return values.map((value) => (largest > 0 ? Math.round((levelSteps * value) / largest) + 0 : 0));
  }
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (most > least ? Math.round((2 * levelSteps * (value - least)) / (most - least)) - levelSteps : 0));
}

/** Ends and, for the scale that has one, the middle. Light themes take lighter colours, so that dark letters stay readable on them. */
const hues: Readonly<Record<"dark" | "light", { readonly blue: Rgb; readonly orange: Rgb; readonly red: Rgb; readonly yellow: Rgb; readonly green: Rgb }>> = {
  dark: { blue: [35, 112, 210], orange: [200, 92, 8], red: [200, 50, 47], yellow: [140, 120, 20], green: [20, 130, 60] },
  light: { blue: [96, 165, 250], orange: [251, 146, 60], red: [248, 128, 120], yellow: [250, 220, 90], green: [95, 200, 120] },
};
/** The strongest level's share. */
const strongest: Readonly<Record<ThemeKind, number>> = { dark: 0.58, light: 0.8, highContrast: 0.62, highContrastLight: 0.75 };

/** What a level looks like; `undefined` for one that is not painted. */
export function washOf(level: number, scale: TextScale, theme: ThemeKind): Wash | undefined {
  const { blue, orange, red, yellow, green } = hues[isLight(theme) ? "light" : "dark"];
  const share = Math.abs(level) / levelSteps;
  if (scale === "blue-orange") return level === 0 ? undefined : { color: level < 0 ? blue : orange, alpha: round(strongest[theme] * (0.12 + 0.88 * share)) };
  const end = level < 0 ? red : green;
  return { color: yellow.map((from, i) => Math.round(from + ((end[i] ?? 0) - from) * share)) as unknown as Rgb, alpha: round(strongest[theme]) };
}

/** The decoration of a level. */
export function toneOf(level: number, scale: TextScale, theme: ThemeKind): Tone {
  const wash = washOf(level, scale, theme);
  if (!wash) return { background: undefined, outline: undefined };
  const isContrast = theme === "highContrast" || theme === "highContrastLight";
  // On the scale by min and max the middle is no zero, so lines would tell of signs that are not there.
  const outline = isContrast && scale === "blue-orange" ? { style: level < 0 ? "dashed" : "solid", color: css(wash.color, 1) } as const : undefined;
  return { background: css(wash.color, wash.alpha), outline };
}

function isLight(theme: ThemeKind): boolean {
  return theme === "light" || theme === "highContrastLight";
}

function css([red, green, blue]: Rgb, alpha: number): string {
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function round(alpha: number): number {
  return Math.round(alpha * 1000) / 1000;
}
