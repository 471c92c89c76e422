/** @file A gallery of any length: only the tiles in sight exist, and only their data are asked for. Arrow keys walk over it as over a grid. */
import { el } from "../element.js";
import { createContextMenu, type ContextItem } from "./contextMenu.js";
import { createPages, type Fetch } from "./pages.js";
import { createThumbnails, type Thumbnail } from "./thumbnails.js";
import { createTile, type TileElement, type TileText } from "./tile.js";
import { placeOfTile, scrollToTile, tileAfterKey, tileGrid, tilesInSight, type TileGrid } from "./tileGrid.js";

/** What a gallery needs to know of its items. */
export interface GallerySource<Item extends { readonly file: string }> {
  readonly textOf: (item: Item) => TileText;
  /** How many answers a tile has room for. */
  readonly answers: number;
  /** Opens an item: a click, or Enter. */
  readonly open: (item: Item) => void;
  /** What more can be done with it: the context menu. */
  readonly items: (item: Item) => readonly ContextItem[];
  /** The address of a small picture of at least so many pixels. */
  readonly thumbnail: (thumbnail: Thumbnail, side: number, signal: AbortSignal) => Promise<string>;
  /** The number of items became known, or their list could not be had. */
  readonly counted: (total: number | undefined, hasFailed: boolean) => void;
}

export interface Gallery<Item> {
  readonly element: HTMLElement;
  /** Shows another list, from its start. */
  restart(fetch: Fetch<Item>): void;
  /** Lays map over pictures, or not. */
  setMaps(hasMaps: boolean): void;
}

/** Least width of a tile, and the height of a line of its text. */
const [least, lineHeight] = [128, 20];
const spareRows = 2;
/** While people scroll, what is in sight is asked for this often, in ms. */
const askEvery = 80;

/** The gallery. `id` names the element; `label` is its name. */
export function createGallery<Item extends { readonly file: string }>(id: string, label: string, source: GallerySource<Item>): Gallery<Item> {
  const space = el("div", { class: "gallery-space", role: "presentation" });
  const element = el("div", { id, class: "gallery", role: "listbox", tabindex: 0, "aria-label": label }, space);
  const menu = createContextMenu();
  const pages = createPages<Item>(() => {
    source.counted(pages.total(), pages.hasFailed());
    layout();
  });
  const thumbnails = createThumbnails({
    fetch: (thumbnail, signal) => source.thumbnail(thumbnail, thumbnailSide(grid.tile), signal),
    release: (address) => URL.revokeObjectURL(address),
    changed: () => schedule(),
  });
  const tiles = new Map<number, TileElement>();
  const spare: TileElement[] = [];
  // The answers, the label, and a little room.
  const caption = (source.answers + 1) * lineHeight + 4;
  let grid: TileGrid = tileGrid(1, 0, least, caption);
  let active = 0;
  let hasMaps = false;
  let frame = 0;
  let asked = 0;
  let askLater: ReturnType<typeof setTimeout> | undefined;

  function layout(): void {
    grid = tileGrid(element.clientWidth - 2, pages.total() ?? 0, least, caption);
    space.style.height = `${grid.scrollHeight}px`;
    element.style.setProperty("--tile", `${grid.tile}px`);
    active = Math.max(0, Math.min(active, grid.total - 1));
    schedule();
    ask();
  }

  /** Draws once per frame, however much changed. */
  function schedule(): void {
    if (frame === 0) frame = requestAnimationFrame(draw);
  }

  function draw(): void {
    frame = 0;
    const [scrollTop, height] = [element.scrollTop, element.clientHeight];
    const { first, end } = tilesInSight(grid, scrollTop, height, spareRows);
    for (const [index, tile] of tiles) {
      if (index >= first && index < end) continue;
      tiles.delete(index);
      spare.push(tile);
    }
    for (let index = first; index < end; index++) {
      const tile = tiles.get(index) ?? place(index);
      const item = pages.get(index);
      const { x, y } = placeOfTile(grid, index, scrollTop, height);
      tile.element.style.transform = `translate(${x}px, ${y}px)`;
      tile.update(item && source.textOf(item), item && thumbnails.get({ file: item.file, hasMap: hasMaps }));
      tile.element.setAttribute("aria-posinset", String(index + 1));
      tile.element.setAttribute("aria-setsize", String(grid.total));
      tile.element.toggleAttribute("data-active", index === active);
      tile.element.setAttribute("aria-selected", String(index === active));
    }
    for (const tile of spare) tile.element.hidden = true;
    if (tiles.has(active)) element.setAttribute("aria-activedescendant", `${id}-${active}`);
    else element.removeAttribute("aria-activedescendant");
  }

  function place(index: number): TileElement {
    const tile = spare.pop() ?? createTile(source.answers);
    tiles.set(index, tile);
    tile.element.hidden = false;
    tile.element.id = `${id}-${index}`;
    tile.element.dataset["index"] = String(index);
    if (!tile.element.isConnected) space.append(tile.element);
    return tile;
  }

  /** Asks for what is in sight, what is really seen before the rows around it; not more often than now and then. */
  function ask(): void {
    if (askLater !== undefined) return;
    const wait = asked + askEvery - performance.now();
    if (wait > 0) {
      askLater = setTimeout(() => {
        askLater = undefined;
        ask();
      }, wait);
      return;
    }
    asked = performance.now();
    const [scrollTop, height] = [element.scrollTop, element.clientHeight];
    const near = tilesInSight(grid, scrollTop, height, spareRows);
    const seen = tilesInSight(grid, scrollTop, height, 0);
    pages.want(near.first, near.end);
    const indexes = [...range(seen.first, seen.end), ...range(seen.end, near.end), ...range(near.first, seen.first)];
    thumbnails.want(indexes.flatMap((index) => {
      const item = pages.get(index);
      return item ? [{ file: item.file, hasMap: hasMaps }] : [];
    }));
  }

  function choose(index: number, isSeen: boolean): void {
    active = index;
    if (isSeen) element.scrollTop = scrollToTile(grid, index, element.scrollTop, element.clientHeight);
    schedule();
  }

  const indexOf = (target: EventTarget | null) => {
    const shot = target instanceof Element ? target.closest<HTMLElement>(".shot") : null;
    return shot ? Number(shot.dataset["index"]) : undefined;
  };
  function openMenu(index: number, x: number, y: number): void {
    const item = pages.get(index);
    if (item) menu.open(source.items(item), x, y, element);
  }

  element.addEventListener("scroll", () => {
    schedule();
    ask();
  }, { passive: true });
  element.addEventListener("click", ({ target }) => {
    const index = indexOf(target);
    const item = index === undefined ? undefined : pages.get(index);
    if (index === undefined || !item) return;
    choose(index, false);
    source.open(item);
  });
  element.addEventListener("contextmenu", (event) => {
    const index = indexOf(event.target) ?? (tiles.has(active) ? active : undefined);
    if (index === undefined) return;
    event.preventDefault();
    choose(index, false);
    const box = tiles.get(index)?.element.getBoundingClientRect();
    // The menu key has no pointer: its menu opens at the tile.
    const isPointer = event.clientX > 0 || event.clientY > 0;
    openMenu(index, isPointer ? event.clientX : (box?.left ?? 0) + 8, isPointer ? event.clientY : (box?.top ?? 0) + 8);
  });
  element.addEventListener("keydown", (event) => {
    const to = tileAfterKey(grid, active, event.key, element.clientHeight);
    const item = pages.get(active);
    if (to !== undefined) choose(to, true);
    else if ((event.key === "Enter" || event.key === " ") && item) source.open(item);
    else return;
    event.preventDefault();
  });
  element.addEventListener("focus", () => schedule());
  new ResizeObserver(layout).observe(element);

  return {
    element,
    restart: (fetch) => {
      pages.restart(fetch);
      active = 0;
      element.scrollTop = 0;
      source.counted(undefined, false);
      // The first page tells how long the list is.
      pages.want(0, 1);
      layout();
    },
    setMaps: (next) => {
      if (next === hasMaps) return;
      hasMaps = next;
      element.toggleAttribute("data-maps", next);
      schedule();
      ask();
    },
  };
}

/** A few sizes only, so that a panel that is drawn wider finds its pictures made. */
function thumbnailSide(tile: number): number {
  const pixels = tile * (devicePixelRatio || 1);
  return [160, 256, 384].find((side) => side >= pixels) ?? 512;
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
}
