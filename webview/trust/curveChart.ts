/** @file The deletion and insertion curves as a small line chart. */
import type { TrustCurve } from "../../src/protocol/trust.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";

const namespace = "http://www.w3.org/2000/svg";
const [width, height] = [260, 162];
const plot = { left: 26, top: 20, right: 18, bottom: 36 } as const;

const names: Readonly<Record<TrustCurve["name"], Source>> = { deletion: "taken away", insertion: "brought back", random: "random order" };

/** What a curve is, with its area: "taken away, area 0.21". */
export function curveText({ name, area }: TrustCurve): string {
  return t("{curve}, area {area}", { curve: t(names[name]), area: numbers.scaled(area) });
}

/** Where a point of a curve lies in the drawing: shares run to the right, probabilities upwards, both from 0 to 1. */
function chartPoint(share: number, value: number): readonly [x: number, y: number] {
  return [plot.left + share * (width - plot.left - plot.right), height - plot.bottom - value * (height - plot.top - plot.bottom)];
}

/** The chart: one line per curve, told apart by dashes as well as by colour, on axes from 0 to 1. */
export function curveChart(curves: readonly TrustCurve[]): SVGSVGElement {
  const chart = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "curves", "aria-label": curves.map(curveText).join("; ") });
  for (const at of [0, 0.5, 1]) {
    const [x, y] = chartPoint(at, at);
    const [left, bottom] = chartPoint(0, 0);
    const [right, top] = chartPoint(1, 1);
    chart.append(
      shape("path", { class: at === 0 ? "axis" : "grid", d: `M${left} ${y}H${right}M${x} ${top}V${bottom}` }),
      label(left - 5, y + 3.5, "end", String(at)), label(x, bottom + 15, "middle", at === 0.5 ? "50 %" : `${100 * at} %`),
    );
  }
  chart.append(label(plot.left + (width - plot.left - plot.right) / 2, height - 5, "middle", t("share of the pixels")), label(plot.left - 12, 10, "start", t("the class's probability")));
  for (const { name, shares, values } of curves) {
    const points = shares.map((share, i) => chartPoint(share, values[i] ?? 0).map((part) => part.toFixed(1)).join(","));
    chart.append(shape("polyline", { class: `curve ${name}`, points: points.join(" ") }));
  }
  return chart;
}

/** A short piece of a curve's line, for the list beside the chart. */
export function curveKey({ name }: TrustCurve): SVGSVGElement {
  const key = shape("svg", { viewBox: "0 0 22 8", width: 22, height: 8, "aria-hidden": "true", class: "curves" });
  key.append(shape("path", { class: `curve ${name}`, d: "M0 4H22" }));
  return key;
}

function shape<Tag extends keyof SVGElementTagNameMap>(tag: Tag, attributes: Readonly<Record<string, string | number>>): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

function label(x: number, y: number, anchor: "start" | "middle" | "end", text: string): SVGTextElement {
  const made = shape("text", { x, y, "text-anchor": anchor });
  made.textContent = text;
  return made;
}
