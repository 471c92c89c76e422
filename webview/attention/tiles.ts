/** @file Small pictures of many heads, one button each: rows of heads, walked with the arrow keys, opened with a click. */
import { el } from "../element.js";

/** One head's small picture. */
export interface Tile {
  readonly layer: number;
  readonly head: number;
  /** Above the picture; empty for none. */
  readonly title: string;
  /** Below it. */
  readonly lines: readonly string[];
  /** The whole of it in words. */
  readonly label: string;
}

/** Heads side by side; `name` stands before a row of the model view. */
export interface TileRow {
  readonly name: string | undefined;
  readonly tiles: readonly Tile[];
}

export interface Tiles {
  readonly element: HTMLElement;
  /** Lays out rows; `columns` are names above them, which `corner` says what they are of. The pictures are painted by `paint`. */
  update(rows: readonly TileRow[], columns: readonly string[], corner: string): void;
  /** Paints every picture with a canvas of its own pixels. `opened` is marked. */
  paint(pixels: (layer: number, head: number) => { readonly rgba: Uint8ClampedArray<ArrayBuffer>; readonly width: number; readonly height: number } | undefined, opened: { readonly layer: number; readonly head: number } | undefined): void;
}

interface Button {
  readonly tile: Tile;
  readonly element: HTMLButtonElement;
  readonly canvas: HTMLCanvasElement;
}

/** The pictures. `open` is told what was clicked, `point` what is pointed at or has the focus. */
export function createTiles(id: string, label: string, open: (tile: Tile) => void, point: (tile: Tile | undefined) => void): Tiles {
  const element = el("div", { id, class: "tile-grid", role: "grid", "aria-label": label });
  let buttons: Button[] = [];
  let shown = "";

  const tileOf = (event: Event) => buttons.find(({ element: button }) => event.target instanceof Node && button.contains(event.target));
  const focusOn = (to: Button | undefined) => {
    if (!to) return;
    for (const { element: button } of buttons) button.tabIndex = button === to.element ? 0 : -1;
    to.element.focus();
  };
  /** The tile above or below: the nearest one in the next line, wherever the window's width broke the lines. */
  const below = (from: Button, direction: number): Button | undefined => {
    const [x, y] = [from.element.offsetLeft, from.element.offsetTop];
    const others = buttons.filter(({ element: button }) => (button.offsetTop - y) * direction > 2);
    const line = Math.min(...others.map(({ element: button }) => Math.abs(button.offsetTop - y)));
    return others.filter(({ element: button }) => Math.abs(button.offsetTop - y) === line).toSorted((a, b) => Math.abs(a.element.offsetLeft - x) - Math.abs(b.element.offsetLeft - x))[0];
  };

  element.addEventListener("click", (event) => {
    const found = tileOf(event);
    if (found) open(found.tile);
  });
  for (const type of ["pointermove", "focusin"] as const) element.addEventListener(type, (event) => point(tileOf(event)?.tile));
  for (const type of ["pointerleave", "focusout"] as const) element.addEventListener(type, () => point(undefined));
  element.addEventListener("keydown", (event) => {
    const from = tileOf(event);
    if (!from) return;
    const at = buttons.indexOf(from);
    const moves: Readonly<Record<string, () => Button | undefined>> = {
      ArrowRight: () => buttons[at + 1], ArrowLeft: () => buttons[at - 1], ArrowDown: () => below(from, 1), ArrowUp: () => below(from, -1), Home: () => buttons[0], End: () => buttons.at(-1),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    focusOn(move());
  });

  function make(tile: Tile): Button {
    const canvas = el("canvas", { "aria-hidden": "true" });
    const button = el("button", { type: "button", class: "head-tile", tabindex: -1, "data-layer": tile.layer, "data-head": tile.head },
      ...(tile.title === "" ? [] : [el("span", { class: "tile-title" }, tile.title)]), canvas, ...tile.lines.map((line) => el("span", { class: "tile-number" }, line)));
    return { tile, element: button, canvas };
  }

  return {
    element,
    update: (rows, columns, corner) => {
      const key = JSON.stringify([rows, columns, corner]);
      if (key === shown) return;
      shown = key;
      buttons = [];
      const lines = rows.map(({ name, tiles }) => {
        const made = tiles.map(make);
        buttons.push(...made);
        const cells = made.map(({ element: button, tile }) => {
          button.setAttribute("aria-label", tile.label);
          return el("div", { role: "gridcell" }, button);
        });
        return el("div", { class: "tile-row", role: "row" }, ...(name === undefined ? [] : [el("div", { class: "row-name", role: "rowheader" }, name)]), ...cells);
      });
      const isTable = columns.length > 0;
      const names = isTable ? [el("div", { class: "tile-row names", role: "row" }, el("div", { role: "columnheader", class: "row-name" }, corner), ...columns.map((name) => el("div", { role: "columnheader" }, name)))] : [];
      element.toggleAttribute("data-table", isTable);
      element.style.setProperty("--heads", String(Math.max(1, ...rows.map(({ tiles }) => tiles.length))));
      element.replaceChildren(...names, ...lines);
      if (buttons[0]) buttons[0].element.tabIndex = 0;
    },
    paint: (pixels, opened) => {
      for (const { tile, element: button, canvas } of buttons) {
        const isOpen = tile.layer === opened?.layer && tile.head === opened.head;
        button.toggleAttribute("data-opened", isOpen);
        const drawn = pixels(tile.layer, tile.head);
        button.toggleAttribute("data-skeleton", !drawn);
        if (!drawn) continue;
        if (canvas.width !== drawn.width || canvas.height !== drawn.height) Object.assign(canvas, { width: drawn.width, height: drawn.height });
        canvas.style.aspectRatio = `${drawn.width} / ${drawn.height}`;
        canvas.getContext("2d")?.putImageData(new ImageData(drawn.rgba, drawn.width, drawn.height), 0, 0);
      }
    },
  };
}

