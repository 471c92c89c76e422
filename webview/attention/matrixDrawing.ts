/** @file What a matrix picture consists of: numbers in cells, labels beside them, and the marks above of what is pointed at and chosen. */
import { onScale } from "../../src/drawing/attention/scale.js";
import { createTextFitter, strokeTwice } from "./canvas.js";
import { labelStep, type Cell, type MatrixLayout } from "./matrixLayout.js";
import type { ShownMatrix } from "./shown.js";
import { theme } from "./theme.js";
import type { Label } from "./tokens.js";

/** What is drawn, where, and on what. */
export interface MatrixSurface {
  readonly context: CanvasRenderingContext2D;
  readonly layout: MatrixLayout;
  readonly shown: ShownMatrix;
}

const font = 12;
const lineHeight = 15;
const longestLabel = 120;
/** Cells of this size hold their weight as a number. */
export const withNumbers = 30;
const fitText = createTextFitter();

/** How wide the labels of a side are at most, up to a bound. The longest texts decide: measuring all of a thousand would take a while. */
export function widestLabel(context: CanvasRenderingContext2D, labels: readonly Label[]): number {
  context.font = labelFont();
  const longest = labels.toSorted((a, b) => b.text.length - a.text.length).slice(0, 24);
  return Math.ceil(Math.max(14, ...longest.map(({ text }) => fitText(context, text, longestLabel).width)));
}

/** The weights of the cells that are in view, dark on bright and bright on dark; those below half a hundredth are left out. */
export function drawNumbers({ context, layout: { left, top, cell, x, y, width, height, columns, rows }, shown: { drawn, scale } }: MatrixSurface, colors: Uint8Array): void {
  context.font = `${Math.min(12, cell * 0.34)}px ${theme().font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = Math.floor(y / cell); row < Math.min(rows, (y + height) / cell); row++) {
    for (let column = Math.floor(x / cell); column < Math.min(columns, (x + width) / cell); column++) {
      const weight = drawn.data[row * columns + column]!;
      if (!(weight >= 0.005)) continue;
      const color = 3 * Math.round(255 * onScale(scale, weight));
      const light = 0.299 * colors[color]! + 0.587 * colors[color + 1]! + 0.114 * colors[color + 2]!;
      context.fillStyle = light > 140 ? "#000" : "#fff";
      context.fillText(shortWeight(weight), left - x + (column + 0.5) * cell, top - y + (row + 0.5) * cell + 0.5);
    }
  }
}

/** Every label, or every few so that they do not lie on each other; special tokens are dimmer. */
export function drawLabels({ context, layout: { left, top, cell, x, y, width, height }, shown: { rows, columns } }: MatrixSurface): void {
  const { ink, dim } = theme();
  const every = labelStep(cell, lineHeight);
  context.font = labelFont();
  context.textBaseline = "middle";
  const each = (labels: readonly Label[], offset: number, room: number, draw: (text: string, at: number) => void) => {
    for (let i = 0; i < labels.length; i += every) {
      const at = (i + 0.5) * cell - offset;
      if (at < 0 || at > room) continue;
      context.fillStyle = labels[i]!.special ? dim : ink;
      draw(fitText(context, labels[i]!.text, longestLabel).text, at);
    }
  };
  context.textAlign = "right";
  each(rows, y, height, (text, at) => context.fillText(text, left - 6, top + at));
  context.textAlign = "left";
  each(columns, x, width, (text, at) => upright(context, left + at, top - 6, () => context.fillText(text, 0, 0)));
}

/** Two lines along a row or a column, which hide none of its cells, and its label on a ground of its own, whether there is room for all labels or not. */
export function drawBand(surface: MatrixSurface, side: "row" | "column", index: number, color: { readonly paper: string; readonly ink: string }): void {
  const { context, layout } = surface;
  if (index >= layout[`${side}s`]) return;
  context.font = labelFont();
  context.textBaseline = "middle";
  for (const at of [index, index + 1]) edge(context, layout, side, at * layout.cell);
  chip(surface, side, index, color);
}

function edge(context: CanvasRenderingContext2D, { left, top, cell, width, height, x, y, rows, columns }: MatrixLayout, side: "row" | "column", offset: number): void {
  const isRow = side === "row";
  const at = isRow ? offset - y : offset - x;
  if (at < -1 || at > (isRow ? height : width) + 1) return;
  const length = isRow ? Math.min(width, columns * cell - x) : Math.min(height, rows * cell - y);
  strokeTwice(context, () => {
    context.beginPath();
    context.moveTo(isRow ? left : left + at, isRow ? top + at : top);
    context.lineTo(isRow ? left + length : left + at, isRow ? top + at : top + length);
    context.stroke();
  }, [2.5, 1]);
}

function chip({ context, layout: { left, top, cell, width, height, x, y }, shown }: MatrixSurface, side: "row" | "column", index: number, color: { readonly paper: string; readonly ink: string }): void {
  const label = shown[`${side}s`][index];
  const at = (index + 0.5) * cell - (side === "row" ? y : x);
  if (!label || at < 0 || at > (side === "row" ? height : width)) return;
  const { text, width: long } = fitText(context, label.text, longestLabel);
  const draw = () => {
    context.fillStyle = color.paper;
    context.fillRect(side === "row" ? -long - 4 : -4, -lineHeight / 2 - 1, long + 8, lineHeight + 2);
    context.fillStyle = color.ink;
    context.textAlign = side === "row" ? "right" : "left";
    context.fillText(text, 0, 0);
  };
  if (side === "column") return upright(context, left + at, top - 6, draw);
  context.save();
  context.translate(left - 6, top + at);
  draw();
  context.restore();
}

/** A frame around a cell; a cell of a pixel or two gets a larger one. */
export function drawFrame({ context, layout: { left, top, cell, x, y, width, height } }: MatrixSurface, { row, column }: Cell): void {
  const [fromX, fromY, side] = [left - x + column * cell, top - y + row * cell, Math.max(6, cell)];
  context.save();
  context.beginPath();
  context.rect(left - 3, top - 3, width + 6, height + 6);
  context.clip();
  strokeTwice(context, () => context.strokeRect(fromX + (cell - side) / 2, fromY + (cell - side) / 2, side, side), [4, 2]);
  context.restore();
}

/** Draws text that runs upwards from a point. */
function upright(context: CanvasRenderingContext2D, x: number, y: number, draw: () => void): void {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  draw();
  context.restore();
}

const labelFont = () => `${font}px ${theme().font}`;

/** ".34", "1.0". */
function shortWeight(weight: number): string {
  return weight >= 0.995 ? weight.toFixed(1) : weight.toFixed(2).replace(/^0/, "");
}
