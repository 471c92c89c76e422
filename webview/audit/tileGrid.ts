/** @file Where tiles of one size lie in a grid that scrolls, when only those in sight exist. Pure; lengths are CSS pixels. */

/** The grid of a gallery. */
export interface TileGrid {
  readonly total: number;
  readonly columns: number;
  readonly rows: number;
  /** Width of a tile, and the distance from one to the next. */
  readonly tile: number;
  readonly columnStep: number;
  readonly rowStep: number;
  /** Height of everything, and of what scrolls, which is less where a browser could not scroll so far. */
  readonly contentHeight: number;
  readonly scrollHeight: number;
}

/** Browsers place nothing beyond about 33 million pixels. */
const tallest = 16_000_000;
const gap = 10;

/** As many columns of at least `least` as fit; `caption` is what a tile is higher than wide. */
export function tileGrid(width: number, total: number, least: number, caption: number, most = tallest): TileGrid {
  const columns = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const tile = Math.max(1, Math.floor((width - gap * (columns - 1)) / columns));
  const rowStep = tile + caption + gap;
  const rows = Math.ceil(total / columns);
  const contentHeight = Math.max(0, rows * rowStep - gap);
  return { total, columns, rows, tile, columnStep: tile + gap, rowStep, contentHeight, scrollHeight: Math.min(contentHeight, most) };
}

/** How far the content lies above what scrolls: 0 but for a grid that is too tall, whose scroll bar stands for more than its length. */
function shift({ contentHeight, scrollHeight }: TileGrid, scrollTop: number, height: number): number {
  if (contentHeight <= scrollHeight) return 0;
  const share = Math.min(1, scrollTop / Math.max(1, scrollHeight - height));
  return share * (contentHeight - scrollHeight);
}

/** The tiles in sight and `spare` rows around them: from `first` up to, not including, `end`. */
export function tilesInSight(grid: TileGrid, scrollTop: number, height: number, spare: number): { readonly first: number; readonly end: number } {
  const top = scrollTop + shift(grid, scrollTop, height);
  const firstRow = Math.max(0, Math.floor(top / grid.rowStep) - spare);
  const endRow = Math.min(grid.rows, Math.ceil((top + height) / grid.rowStep) + spare);
  return { first: Math.min(grid.total, firstRow * grid.columns), end: Math.max(0, Math.min(grid.total, endRow * grid.columns)) };
}

/** Where a tile lies within what scrolls. */
export function placeOfTile(grid: TileGrid, index: number, scrollTop: number, height: number): { readonly x: number; readonly y: number } {
  return { x: (index % grid.columns) * grid.columnStep, y: Math.floor(index / grid.columns) * grid.rowStep - shift(grid, scrollTop, height) };
}

/** The scroll position that shows a tile whole, as near to the present one as can be. */
export function scrollToTile(grid: TileGrid, index: number, scrollTop: number, height: number): number {
  const top = Math.floor(index / grid.columns) * grid.rowStep;
  const bottom = top + grid.rowStep;
  const now = scrollTop + shift(grid, scrollTop, height);
  const wanted = top < now ? top : bottom > now + height ? Math.max(top - Math.max(0, height - grid.rowStep), bottom - height) : now;
  if (wanted === now) return scrollTop;
  const [scrollable, all] = [Math.max(0, grid.scrollHeight - height), Math.max(1, grid.contentHeight - height)];
  return Math.max(0, Math.min(scrollable, grid.contentHeight > grid.scrollHeight ? (wanted / all) * scrollable : wanted));
}

/** Where a key leads from a tile; `undefined` for a key that leads nowhere. */
export function tileAfterKey(grid: TileGrid, index: number, key: string, height: number): number | undefined {
  const page = Math.max(1, Math.floor(height / grid.rowStep)) * grid.columns;
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -grid.columns, ArrowDown: grid.columns, PageUp: -page, PageDown: page, Home: -grid.total, End: grid.total };
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined;
  if (step === undefined || grid.total === 0) return undefined;
  const to = index + step;
  // A step that leaves by the last, shorter row still reaches it; one within the row stays in it.
  const isRow = key === "ArrowUp" || key === "ArrowDown";
  if (isRow && to < 0) return index;
  if (key === "ArrowDown" && to >= grid.total) return Math.floor(index / grid.columns) < grid.rows - 1 ? grid.total - 1 : index;
  return Math.max(0, Math.min(grid.total - 1, to));
}
