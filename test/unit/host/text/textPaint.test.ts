/** @file Levels, colours and painted stretches: values by hand, contrast by the formula of WCAG 2 over the default themes' own colours. */
import { describe, expect, it } from "vitest";
import { textScales } from "../../../../src/protocol/text.js";
import { levels, levelsOf, levelSteps, themeKinds, toneOf, washOf, type Rgb, type ThemeKind } from "../../../../src/host/text/textScale.js";
import { unitsOf } from "../../../../src/host/text/textUnits.js";
import { textExplanation } from "./textExplanation.js";

describe("levels", () => {
  it("have zero in the middle of blue and orange, and the largest absolute value at an end", () => {
    expect(levelsOf([0, 3, -1.5, -3, 0.2], "blue-orange")).toEqual([0, 6, -3, -6, 0]);
    expect(levelsOf([1, 2], "blue-orange")).toEqual([3, 6]);
    expect(levelsOf([0, 0], "blue-orange")).toEqual([0, 0]);
    expect(levelsOf([], "blue-orange")).toEqual([]);
  });

  it("run from the least to the largest value on the textbook's scale, wherever zero is", () => {
    expect(levelsOf([1, 4, 2.5], "red-yellow-green")).toEqual([-6, 6, 0]);
    expect(levelsOf([5, 5], "red-yellow-green")).toEqual([0, 0]);
  });
});

/** Foreground and background of VS Code's default themes: `editor.foreground` and `editor.background` of Dark Modern, Light Modern, and the two of high contrast. */
const editors: Readonly<Record<ThemeKind, { readonly ink: Rgb; readonly paper: Rgb }>> = {
  dark: { ink: [0xcc, 0xcc, 0xcc], paper: [0x1f, 0x1f, 0x1f] },
  light: { ink: [0x3b, 0x3b, 0x3b], paper: [0xff, 0xff, 0xff] },
  highContrast: { ink: [0xff, 0xff, 0xff], paper: [0, 0, 0] },
  highContrastLight: { ink: [0x29, 0x29, 0x29], paper: [0xff, 0xff, 0xff] },
};

const luminance = (color: Rgb) => {
  const [red, green, blue] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (a: Rgb, b: Rgb) => {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};
const over = (paper: Rgb, wash: ReturnType<typeof washOf>): Rgb => (wash ? (paper.map((part, i) => part + ((wash.color[i] ?? 0) - part) * wash.alpha) as unknown as Rgb) : paper);

describe.each(themeKinds)("colours in the theme %s", (theme) => {
  const { ink, paper } = editors[theme];

  it.each(textScales)("keep the text readable on every level of %s", (scale) => {
    const needed = theme.startsWith("high") ? 7 : 4.5;
    for (const level of levels) expect(contrast(ink, over(paper, washOf(level, scale, theme))), `level ${level}`).toBeGreaterThanOrEqual(needed);
  });

  it("grow away from the paper with every step to either side of zero", () => {
    const distance = (level: number) => Math.hypot(...over(paper, washOf(level, "blue-orange", theme)).map((part, i) => part - (paper[i] ?? 0)));
    for (let level = 1; level <= levelSteps; level++) {
      expect(distance(level)).toBeGreaterThan(distance(level - 1) + 4);
      expect(distance(-level)).toBeGreaterThan(distance(1 - level) + 4);
    }
  });

  it("are marked by lines too where contrast is high, and only there", () => {
    expect(toneOf(3, "blue-orange", theme).outline?.style).toBe(theme.startsWith("high") ? "solid" : undefined);
    expect(toneOf(-3, "blue-orange", theme).outline?.style).toBe(theme.startsWith("high") ? "dashed" : undefined);
    expect(toneOf(0, "blue-orange", theme)).toEqual({ background: undefined, outline: undefined });
    expect(toneOf(0, "red-yellow-green", theme).background).toMatch(/^rgba\(\d+, \d+, \d+, 0\.\d+\)$/);
  });
});

describe("painted stretches", () => {
  it("are the words with their sums, ranked by size", () => {
    const units = unitsOf(textExplanation(), "word", "blue-orange");
    expect(units.map(({ text, start, end, raw, rank, level }) => [text, start, end, Number(raw.toFixed(3)), rank, level])).toEqual([
      ["a", 0, 1, 0, 4, 0], ["terrible", 2, 10, 2, 3, 4], [",", 10, 11, 0, 5, 0], ["terrible", 12, 20, -3, 1, -6], ["film", 21, 25, 2.449, 2, 5],
    ]);
    expect(units.map(({ pieces }) => pieces.map(({ token }) => token))).toEqual([[], ["ter", "##rible"], [], [], []]);
  });

  it("are the tokens, without special ones", () => {
    const units = unitsOf(textExplanation(), "token", "blue-orange");
    expect(units.map(({ text, rank, level }) => [text, rank, level])).toEqual([["a", 5, 0], ["ter", 1, 6], ["rible", 4, -2], [",", 6, 0], ["terrible", 2, -6], ["film", 3, 5]]);
    expect(units[2]!.pieces).toEqual([{ token: "##rible", attribution: -0.2 }]);
  });

  it("leave out the white space that a vocabulary counts to the token behind it, and keep a token of white space alone", () => {
    const token = (spelling: string, start: number, end: number) => ({ token: spelling, id: 1, special: false, part: 0, start, end, raw: 1, attribution: 1 }) as const;
    const units = unitsOf({ text: "so  bad\n\nend", words: [], tokens: [token("so", 0, 2), token("ĠĠbad", 2, 7), token("ĊĊ", 7, 9), token("end", 9, 12)] }, "token", "blue-orange");
    expect(units.map(({ start, end, text }) => [start, end, text])).toEqual([[0, 2, "so"], [4, 7, "bad"], [7, 9, "\n\n"], [9, 12, "end"]]);
  });

  it("join the tokens of one character and leave out those of a pair", () => {
    const token = (spelling: string, start: number, end: number, part: 0 | 1 = 0) => ({ token: spelling, id: 1, special: false, part, start, end, raw: 2, attribution: 0.5 }) as const;
    const units = unitsOf({ text: "😀!", words: [], tokens: [token("ðŁĺ", 0, 2), token("Ģ", 0, 2), token("!", 2, 3), token("no", 0, 2, 1)] }, "token", "blue-orange");
    expect(units).toEqual([
      { text: "😀", start: 0, end: 2, raw: 4, attribution: 1, rank: 1, level: 6, pieces: [{ token: "ðŁĺ", attribution: 0.5 }, { token: "Ģ", attribution: 0.5 }] },
      { text: "!", start: 2, end: 3, raw: 2, attribution: 0.5, rank: 2, level: 3, pieces: [] },
    ]);
  });
});
