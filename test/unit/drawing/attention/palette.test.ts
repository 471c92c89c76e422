/** @file The heads' colours: contrast with the ground by WCAG, and neighbours apart for people who see no red or no green (Machado, Oliveira and Fernandes, 2009). */
import { lab, rgb } from "d3-color";
import { describe, expect, it } from "vitest";
import { headColor } from "../../../../src/drawing/attention/palette.js";

const grounds = { light: "#ffffff", dark: "#1f1f1f" } as const;
/** Severity 1.0 of the paper's tables, for linear RGB. */
const blindness = {
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]], deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
} as const;

const linear = (part: number) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
const gamma = (part: number) => 255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055);
const parts = (color: string) => { const { r, g, b } = rgb(color); return [r, g, b].map(linear); };
const luminance = (color: string) => { const [r = 0, g = 0, b = 0] = parts(color); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const contrast = (a: string, b: string) => { const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x); return (high + 0.05) / (low + 0.05); };
const seen = (color: string, matrix: readonly (readonly number[])[]) => {
  const [r, g, b] = matrix.map((row) => gamma(Math.min(1, Math.max(0, row.reduce((sum, weight, i) => sum + weight * parts(color)[i]!, 0)))));
  return lab(rgb(r!, g!, b!));
};
const apart = (a: string, b: string, matrix: readonly (readonly number[])[]) => { const [p, q] = [seen(a, matrix), seen(b, matrix)]; return Math.hypot(p.l - q.l, p.a - q.a, p.b - q.b); };

describe.each(["light", "dark"] as const)("on a %s ground", (theme) => {
  it("every head's colour stands out", () => {
    for (let head = 0; head < 16; head++) expect(contrast(headColor(head, theme), grounds[theme]), `head ${head}`).toBeGreaterThanOrEqual(3);
  });

  it.each(["protanopia", "deuteranopia"] as const)("neighbours stay apart in %s", (kind) => {
    // A difference of 10 in CIE Lab is seen at a glance.
    for (let head = 0; head < 15; head++) expect(apart(headColor(head, theme), headColor(head + 1, theme), blindness[kind]), `heads ${head} and ${head + 1}`).toBeGreaterThan(10);
  });

  it("sixteen heads have sixteen colours, and more begin again", () => {
    expect(new Set(Array.from({ length: 16 }, (_, head) => headColor(head, theme))).size).toBe(16);
    expect(headColor(16, theme)).toBe(headColor(0, theme));
  });
});
