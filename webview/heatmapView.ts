/** @file The picture: the image with the map over it, on a canvas that zooms, pans, wipes and reads values. */
import { colorTable, type ColormapId } from "../src/drawing/colormap.js";
import { contourLevels, contourPath, contours } from "../src/drawing/contours.js";
import type { Region } from "../src/protocol/api.js";
import { el } from "./element.js";
import { cellRegion, paint, type Heat } from "./heat.js";
import { clamp, fitted, panBy, place, zoomAt, type Viewport } from "./viewport.js";

/** The image with its full size; the bitmap may be smaller. */
export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;
}

/** How the map lies over the image. */
export interface Look {
  readonly colormap: ColormapId;
  readonly opacity: number;
  /** Smooth between the map's own pixels. */
  readonly smooth: boolean;
  /** The share of the picture, from its left, that shows the original. */
  readonly wipe: number;
  /** Whether the image beneath is drawn in grey. */
  readonly gray?: boolean;
  /** How many iso-lines lie over it. */
  readonly contours?: number;
  /** Parts of the image that are framed, in image pixels. */
  readonly frames?: readonly Region[];
}

/** A place the reader points at, in image pixels, or a cell the keyboard stands on. */
export type Pointed = { readonly x: number; readonly y: number; readonly cell?: { readonly row: number; readonly column: number } };

export interface HeatmapView {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Shows an image and a map; nothing is fetched or computed elsewhere. */
  update(picture: Picture | undefined, heat: Heat | undefined, look: Look): void;
  fit(): void;
  isZoomed(): boolean;
  viewport(): Viewport;
  /** Takes the zoom and pan of another stage of the same size; nobody is told. */
  follow(viewport: Viewport): void;
  /** Marks a place that is pointed at elsewhere. */
  mark(at: Pointed | undefined): void;
}

const keyStep = 1.25;
const arrows: Readonly<Record<string, readonly [rows: number, columns: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The stage. `point` is told what is pointed at, `undefined` when nothing is; `changed` after every zoom or pan. `ids` are for pages with several. */
export function createHeatmapView(point: (at: Pointed | undefined) => void, changed: () => void, ids = { stage: "stage", map: "map" }): HeatmapView {
  const canvas = el("canvas", { id: ids.map, class: "map", tabindex: 0, role: "application" });
  const element = el("div", { id: ids.stage, class: "stage" }, canvas);
  let picture: Picture | undefined;
  let heat: Heat | undefined;
  let look: Look | undefined;
  let viewport: Viewport = fitted;
  let overlay: HTMLCanvasElement | undefined;
  let lines: Path2D | undefined;
  let cell: { row: number; column: number } | undefined;
  let marked: Pointed | undefined;
  let dragFrom: { x: number; y: number } | undefined;
  let frame = 0;

  const stage = () => ({ width: element.clientWidth, height: element.clientHeight });
  const redraw = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(draw);
  };
  const move = (next: (picture: Picture) => Viewport) => {
    if (!picture) return;
    viewport = next(picture);
    redraw();
    changed();
  };
  const imagePlace = (event: MouseEvent): Pointed | undefined => {
    if (!picture) return undefined;
    const { x, y, scale } = place(stage(), picture, viewport);
    const box = canvas.getBoundingClientRect();
    const at = { x: Math.floor((event.clientX - box.left - x) / scale), y: Math.floor((event.clientY - box.top - y) / scale) };
    return at.x >= 0 && at.y >= 0 && at.x < picture.width && at.y < picture.height ? at : undefined;
  };
  const standOn = (next: { row: number; column: number } | undefined) => {
    cell = next;
    redraw();
    if (!next || !heat) return point(undefined);
    const { x, y, width, height } = cellRegion(heat, next.row, next.column);
    return point({ x: Math.floor(x + width / 2), y: Math.floor(y + height / 2), cell: next });
  };

  function draw(): void {
    const ratio = devicePixelRatio || 1;
    const { width, height } = stage();
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!picture || !look) return;
    const { x, y, scale } = place(stage(), picture, viewport);
    context.translate(x, y);
    context.scale(scale, scale);
    drawLayers(context, picture, overlay && heat && { map: overlay, region: heat.region, lines }, look, scale);
    if (look.wipe > 0 && look.wipe < 1 && overlay) line(context, look.wipe * picture.width, picture.height, scale);
    for (const region of look.frames ?? []) frameRegion(context, region, scale);
    if (heat && cell) frameRegion(context, cellRegion(heat, cell.row, cell.column), scale);
    if (marked && !cell) cross(context, marked.x + 0.5, marked.y + 0.5, scale);
  }

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    move((of) => zoomAt(stage(), of, viewport, Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 500)), event.clientX - box.left, event.clientY - box.top));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragFrom = { x: event.clientX, y: event.clientY };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!dragFrom) return point(imagePlace(event));
    const [dx, dy] = [event.clientX - dragFrom.x, event.clientY - dragFrom.y];
    dragFrom = { x: event.clientX, y: event.clientY };
    return move((of) => panBy(stage(), of, viewport, dx, dy));
  });
  for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, () => (dragFrom = undefined));
  canvas.addEventListener("pointerleave", () => point(undefined));
  canvas.addEventListener("blur", () => cell && standOn(undefined));
  canvas.addEventListener("keydown", (event) => {
    const step = arrows[event.key];
    if (step && heat) {
      const [rows, columns] = heat.cells;
      const by = event.shiftKey ? 10 : 1;
      const from = cell ?? { row: Math.floor(rows / 2) - step[0], column: Math.floor(columns / 2) - step[1] };
      standOn({ row: Math.min(rows - 1, Math.max(0, from.row + by * step[0])), column: Math.min(columns - 1, Math.max(0, from.column + by * step[1])) });
    } else if (event.key === "+" || event.key === "=") move((of) => zoomAt(stage(), of, viewport, keyStep, stage().width / 2, stage().height / 2));
    else if (event.key === "-") move((of) => zoomAt(stage(), of, viewport, 1 / keyStep, stage().width / 2, stage().height / 2));
    else if (event.key === "0") move(() => fitted);
    else if (event.key === "Escape" && cell) standOn(undefined);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => {
    if (picture) viewport = clamp(stage(), picture, viewport);
    // At once: a resized canvas is empty until it is drawn.
    draw();
  }).observe(element);

  return {
    element, canvas,
    update: (nextPicture, nextHeat, nextLook) => {
      if (nextPicture?.width !== picture?.width || nextPicture?.height !== picture?.height) viewport = fitted;
      const repaint = nextHeat !== heat || nextLook.colormap !== look?.colormap;
      const retrace = nextHeat !== heat || nextLook.contours !== look?.contours;
      if (cell && nextHeat && (cell.row >= nextHeat.cells[0] || cell.column >= nextHeat.cells[1])) cell = undefined;
      [picture, heat, look] = [nextPicture, nextHeat, nextLook];
      if (repaint) overlay = heat && heatCanvas(heat, look.colormap);
      if (retrace) lines = heat && look.contours ? contourLines(heat, look.contours) : undefined;
      redraw();
    },
    fit: () => move(() => fitted),
    isZoomed: () => viewport.zoom > 1.001,
    viewport: () => viewport,
    follow: (next) => {
      viewport = next;
      redraw();
    },
    mark: (at) => {
      if (at?.x === marked?.x && at?.y === marked?.y) return;
      marked = at;
      redraw();
    },
  };
}

/** The map as a canvas of its grid's size, in the colours of a map. */
function heatCanvas(heat: Heat, colormap: ColormapId): HTMLCanvasElement {
  const { width, height, rgba } = paint(heat, colorTable(colormap));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas;
}

/** The map's iso-lines in image pixels. */
function contourLines({ grid, ends: [low, high], signed, region }: Heat, count: number): Path2D {
  const levels = contourLevels(count, signed).map((level) => (signed ? level * high : low + level * (high - low)));
  return new Path2D(contours(grid, levels).map((contour) => contourPath(contour, grid, region)).join(""));
}

interface Overlay {
  readonly map: HTMLCanvasElement;
  readonly region: Region;
  readonly lines: Path2D | undefined;
}

/** Draws the image and, right of the wipe, the map over what the model saw, in image pixels. */
function drawLayers(context: CanvasRenderingContext2D, picture: Picture, overlay: Overlay | undefined, look: Look, scale: number): void {
  // Far in, pixels are shown as they are.
  context.imageSmoothingEnabled = scale < 4;
  context.imageSmoothingQuality = "high";
  context.filter = look.gray ? "grayscale(1)" : "none";
  context.drawImage(picture.bitmap, 0, 0, picture.width, picture.height);
  context.filter = "none";
  if (!overlay) return;
  const { map, region, lines } = overlay;
  const from = look.wipe * picture.width;
  context.save();
  context.beginPath();
  context.rect(from, 0, picture.width - from, picture.height);
  context.clip();
  context.globalAlpha = look.opacity;
  context.imageSmoothingEnabled = look.smooth;
  context.drawImage(map, region.x, region.y, region.width, region.height);
  context.globalAlpha = 1;
  if (lines) strokeTwice(context, scale, () => context.stroke(lines));
  context.restore();
}

/** White within black shows on every picture. */
function strokeTwice(context: CanvasRenderingContext2D, scale: number, stroke: () => void): void {
  for (const [color, width] of [["#000", 3], ["#fff", 1.25]] as const) {
    context.strokeStyle = color;
    context.lineWidth = width / scale;
    stroke();
  }
}

function line(context: CanvasRenderingContext2D, x: number, height: number, scale: number): void {
  strokeTwice(context, scale, () => {
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
  });
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, scale: number): void {
  const [from, to] = [3 / scale, 9 / scale];
  strokeTwice(context, scale, () => {
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      context.moveTo(x + dx * from, y + dy * from);
      context.lineTo(x + dx * to, y + dy * to);
    }
    context.stroke();
  });
}

function frameRegion(context: CanvasRenderingContext2D, { x, y, width, height }: Region, scale: number): void {
  // A cell smaller than a few screen pixels still gets a visible frame.
  const least = 6 / scale;
  const [w, h] = [Math.max(width, least), Math.max(height, least)];
  strokeTwice(context, scale, () => context.strokeRect(x + (width - w) / 2, y + (height - h) / 2, w, h));
}
