/** @file The pictures of an audit: which classes a confusion matrix shows, how cells are shaded, what a calibration curve's bars measure. */
import { describe, expect, it } from "vitest";
import { calibrationSvg } from "../../../../src/drawing/audit/calibrationSvg.js";
import { confusionClasses } from "../../../../src/drawing/audit/confusionClasses.js";
import { confusionSvg } from "../../../../src/drawing/audit/confusionSvg.js";

const cell = (label: number, predicted: number, images: number) => ({ label, predicted, images });

describe("confusionClasses", () => {
  it("shows every class that occurs where they fit", () => {
    expect(confusionClasses([cell(7, 7, 5), cell(2, 9, 1)], 3)).toEqual([2, 7, 9]);
  });

  it("keeps the largest confusions where they do not, whatever is right", () => {
    const cells = [cell(0, 0, 100), cell(1, 2, 3), cell(3, 4, 9), cell(5, 3, 8), cell(6, 7, 2)];
    expect(confusionClasses(cells, 4)).toEqual([3, 4, 5]);
    expect(confusionClasses(cells, 5)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("confusionSvg", () => {
  const texts = { title: "a & b", label: "label", predicted: "answer" };
  const draw = (cells: readonly ReturnType<typeof cell>[], classes = [{ index: 4, label: "<cat>" }, { index: 8, label: "dog" }]) =>
    confusionSvg({ classes, cells, texts, describe: ({ label, predicted, images }) => `${label}>${predicted}: ${images}` });

  it("shades a cell by its share of the row, classes that are not shown included", () => {
    // Of 20 images labelled 4, five are answered with 8 and five with a class that is not shown.
    const svg = draw([cell(4, 4, 10), cell(4, 8, 5), cell(4, 1, 5)]);
    const shades = [...svg.matchAll(/data-predicted="(\d)".*?class="(\w+)".*?fill-opacity="([\d.]+)"/g)].map(([, predicted, kind, shade]) => [predicted, kind, Number(shade)]);
    expect(shades).toEqual([["4", "right", 0.12 + 0.4 * 0.5], ["8", "wrong", 0.12 + 0.4 * 0.25]]);
  });

  it("puts rows and columns by the order of the classes, and escapes what is out of files", () => {
    const svg = draw([cell(8, 4, 1)]);
    expect(svg).toContain("&#60;cat&#62;");
    expect(svg).not.toMatch(/<cat>|a & b/);
    const [, x, y] = /<rect class="wrong" x="([\d.]+)" y="([\d.]+)"/.exec(svg)!;
    const [, above] = /M([\d.]+) ([\d.]+)h/.exec(svg)!;
    // First column, second row.
    expect(Number(x)).toBe(Number(above));
    expect(Number(y)).toBeGreaterThan(Number(x) - 1);
  });
});

describe("calibrationSvg", () => {
  it("draws accuracy as bars, the distance to the confidence as gaps, and leaves empty bins out", () => {
    const bins = [
      { from: 0, to: 0.5, images: 0, confidence: null, accuracy: null },
      { from: 0.5, to: 1, images: 10, confidence: 0.9, accuracy: 0.6 },
    ];
    const svg = calibrationSvg({ bins, texts: { title: "t", confidence: "c", accuracy: "a", images: "n" }, describe: ({ images }) => `${images} images` });
    const height = (kind: string) => [...svg.matchAll(new RegExp(`class="${kind}" [^/]*height="([\\d.]+)"`, "g"))].map(([, value]) => Number(value));
    expect(svg.match(/<title>/g)).toHaveLength(1);
    const [full] = height("bar").map((value) => value / 0.6);
    expect(height("gap")[0]! / full!).toBeCloseTo(0.3, 3);
  });
});
