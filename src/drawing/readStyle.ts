/** @file A drawing style out of a place that may know other choices than ours: a page, a stored panel. */
import { colormapIds } from "./colormap.js";
import { clipIds, defaultStyle, gridValueIds, interpolationIds, scaleIds, signIds, type DrawStyle } from "./style.js";

const oneOf = (...choices: readonly unknown[]) => (value: unknown) => choices.includes(value);
const number = (low: number, high: number) => (value: unknown) => typeof value === "number" && value >= low && value <= high;

/** What each choice may be. */
const checks: { readonly [Name in keyof DrawStyle]: (value: unknown) => boolean } = {
  pixelValues: oneOf("auto", "max-abs", "sum-abs", "sum", "abs-sum"), gridValues: oneOf(...gridValueIds), sign: oneOf(...signIds), clip: oneOf(...clipIds), clipPercent: number(0, 99),
  scale: (value) => oneOf(...scaleIds)(value) || (Array.isArray(value) && value.length === 2 && value.every((end) => Number.isFinite(end))),
  interpolation: oneOf(...interpolationIds), power: number(0.1, 10), contours: (value) => Number.isInteger(value) && number(0, 50)(value), opacity: number(0, 1),
  colormap: oneOf("auto", ...colormapIds), background: oneOf("image", "gray"),
};

/** The style with our defaults for what is missing or no choice of ours. */
export function readStyle(value: Readonly<Record<string, unknown>>): DrawStyle {
  const known = Object.entries(value).filter(([name, choice]) => Object.hasOwn(checks, name) && checks[name as keyof DrawStyle](choice));
  return { ...defaultStyle, ...Object.fromEntries(known) };
}
