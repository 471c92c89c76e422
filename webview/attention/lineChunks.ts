/** @file The lines of the head view on canvases of a thousand pixels each, drawn when they come near, a few hundred lines per frame, the strongest first. */
import { headColor } from "../../src/drawing/attention/palette.js";
import { el } from "../element.js";
import { freshContext } from "./canvas.js";
import { lineOpacity, type HeadLines } from "./headLines.js";
import { theme } from "./theme.js";

export interface LineChunks {
  /** Takes other lines, in rows of so many pixels. */
  show(lines: HeadLines | undefined, rowHeight: number): void;
  /** Draws what has come into view. */
  draw(): void;
  /** Draws all again, for another size or theme. */
  resize(rowHeight: number): void;
}

const chunkRows = 51;
/** What fits into a frame on a slow machine. */
const linesPerFrame = 250;
/** Fainter lines leave no trace in eight bits of colour. */
const leastOpacity = 0.5 / 255;

/** Draws into `gap`, which is as high as all tokens; `scroller` shows a part of it. */
export function createLineChunks(gap: HTMLElement, scroller: HTMLElement): LineChunks {
  let shown: HeadLines | undefined;
  let tokenHeight = 20;
  let canvases: HTMLCanvasElement[] = [];
  let drawn = new Set<number>();
  let frame = 0;
  let job: Generator<void> | undefined;

  const inView = (): number[] => {
    const height = chunkRows * tokenHeight;
    const [first, last] = [Math.floor(scroller.scrollTop / height), Math.floor((scroller.scrollTop + scroller.clientHeight) / height)];
    return canvases.flatMap((_, i) => (i >= first && i <= last ? i : []));
  };

  function* drawChunk(at: number, { lines, least, active, strength, rows, columns }: HeadLines): Generator<void> {
    const canvas = canvases[at];
    const width = gap.clientWidth;
    const [top, bottom] = [at * chunkRows, Math.min((at + 1) * chunkRows, Math.max(rows.length, columns.length))];
    const context = canvas && width > 0 ? freshContext(canvas, width, (bottom - top) * tokenHeight) : undefined;
    if (!context) return;
    const { kind } = theme();
    const on = new Set(active);
    const y = (row: number) => (row - top + 0.5) * tokenHeight;
    context.lineWidth = 2;
    let count = 0;
    for (let i = 0; i < lines.weight.length; i++) {
      const [weight, from, to] = [lines.weight[i]!, lines.from[i]!, lines.to[i]!];
      const opacity = lineOpacity(weight, strength);
      if (weight < least || opacity < leastOpacity) break;
      if (!on.has(lines.head[i]!) || Math.max(from, to) < top - 1 || Math.min(from, to) > bottom) continue;
      context.strokeStyle = headColor(lines.head[i]!, kind);
      context.globalAlpha = opacity;
      context.beginPath();
      context.moveTo(0, y(from));
      context.lineTo(width, y(to));
      context.stroke();
      if (++count % linesPerFrame === 0) yield;
    }
  }

  function* drawAll(): Generator<void> {
    for (let next = inView().find((i) => !drawn.has(i)); next !== undefined && shown; next = inView().find((i) => !drawn.has(i))) {
      drawn.add(next);
      yield* drawChunk(next, shown);
    }
  }

  function step(): void {
    frame = 0;
    job ??= drawAll();
    if (job.next().done) job = undefined;
    else frame = requestAnimationFrame(step);
  }

  const draw = () => {
    if (frame === 0) frame = requestAnimationFrame(step);
  };
  const restart = () => {
    [drawn, job] = [new Set(), undefined];
    draw();
  };

  const place = (rowHeight: number) => {
    tokenHeight = rowHeight;
    const rows = Math.max(shown?.rows.length ?? 0, shown?.columns.length ?? 0);
    gap.style.height = `${rows * tokenHeight}px`;
    const count = Math.ceil(rows / chunkRows);
    if (count !== canvases.length) {
      canvases = Array.from({ length: count }, () => el("canvas", { class: "lines" }));
      gap.replaceChildren(...canvases);
    }
    canvases.forEach((canvas, i) => (canvas.style.top = `${i * chunkRows * tokenHeight}px`));
    restart();
  };

  return {
    show: (lines, rowHeight) => {
      shown = lines;
      place(rowHeight);
    },
    draw, resize: place,
  };
}
