/** @file The gallery of an audit: where tiles lie, what is asked for and given up, and where keys lead. */
import { describe, expect, it } from "vitest";
import { createPages, type Page } from "../../../webview/audit/pages.js";
import { createThumbnails } from "../../../webview/audit/thumbnails.js";
import { placeOfTile, scrollToTile, tileAfterKey, tileGrid, tilesInSight } from "../../../webview/audit/tileGrid.js";

/** Lets promises that are settled call back. */
const settled = () => new Promise((done) => setTimeout(done, 0));

describe("the grid", () => {
  // 560 wide with gaps of 10: four tiles of 132, each 44 higher than wide.
  const grid = tileGrid(560, 20_000, 128, 44);

  it("has as many columns as fit, and rows for every tile", () => {
    expect(grid).toMatchObject({ columns: 4, tile: 132, rows: 5000, rowStep: 186, contentHeight: 5000 * 186 - 10, scrollHeight: 5000 * 186 - 10 });
    expect(tileGrid(90, 7, 128, 44)).toMatchObject({ columns: 1, tile: 90, rows: 7 });
    expect(tileGrid(560, 0, 128, 44)).toMatchObject({ rows: 0, contentHeight: 0 });
  });

  it("makes only what is in sight, with spare rows around it", () => {
    expect(tilesInSight(grid, 0, 400, 0)).toEqual({ first: 0, end: 12 });
    expect(tilesInSight(grid, 1000 * 186, 400, 2)).toEqual({ first: 998 * 4, end: 1005 * 4 });
    expect(tilesInSight(grid, grid.scrollHeight - 400, 400, 2).end).toBe(20_000);
    expect(tilesInSight(tileGrid(560, 3, 128, 44), 0, 400, 2)).toEqual({ first: 0, end: 3 });
  });

  it("places tiles row by row", () => {
    expect(placeOfTile(grid, 0, 0, 400)).toEqual({ x: 0, y: 0 });
    expect(placeOfTile(grid, 4001, 0, 400)).toEqual({ x: 142, y: 1000 * 186 });
  });

  it("reaches the last tile of a list that is taller than a browser scrolls", () => {
    const tall = tileGrid(560, 20_000, 128, 44, 100_000);
    expect(tall.scrollHeight).toBe(100_000);
    const bottom = 100_000 - 400;
    expect(tilesInSight(tall, 0, 400, 0).first).toBe(0);
    expect(tilesInSight(tall, bottom, 400, 0).end).toBe(20_000);
    // The last row ends where what scrolls ends.
    expect(placeOfTile(tall, 19_999, bottom, 400).y + 186 - 10).toBeCloseTo(100_000);
    // Every tile that is asked for comes into sight.
    for (const index of [0, 1, 9999, 15_000, 19_999]) {
      const { first, end } = tilesInSight(tall, scrollToTile(tall, index, 0, 400), 400, 0);
      expect(index >= first && index < end, String(index)).toBe(true);
    }
  });

  it("scrolls no further than it must", () => {
    expect(scrollToTile(grid, 5, 0, 400)).toBe(0);
    expect(scrollToTile(grid, 8, 0, 400)).toBe(3 * 186 - 400);
    expect(scrollToTile(grid, 0, 5000, 400)).toBe(0);
  });

  it.each([
    ["ArrowRight", 5, 6], ["ArrowLeft", 0, 0], ["ArrowDown", 5, 9], ["ArrowUp", 5, 1], ["ArrowUp", 2, 2], ["PageDown", 0, 8], ["PageUp", 9, 1], ["Home", 50, 0], ["End", 0, 19_999], ["ArrowDown", 19_998, 19_998],
  ])("%s leads from tile %i to %i", (key, from, to) => {
    expect(tileAfterKey(grid, from, key, 400)).toBe(to);
  });

  it("goes down to the last tile from above its gap, and leaves other keys alone", () => {
    const short = tileGrid(560, 6, 128, 44);
    expect(tileAfterKey(short, 3, "ArrowDown", 400)).toBe(5);
    expect(tileAfterKey(short, 3, "a", 400)).toBeUndefined();
    expect(tileAfterKey(short, 3, "toString", 400)).toBeUndefined();
  });
});

describe("pages", () => {
  function listOf(total: number) {
    const asked: { offset: number; signal: AbortSignal; answer: (page: Page<string>) => void; fail: () => void }[] = [];
    const fetch = (offset: number, count: number, signal: AbortSignal) => new Promise<Page<string>>((resolve, reject) => {
      asked.push({ offset, signal, answer: resolve, fail: () => reject(new Error("lost")) });
      void count;
    });
    const page = (offset: number) => ({ total, images: Array.from({ length: Math.min(10, total - offset) }, (_, i) => `image ${offset + i}`) });
    return { asked, fetch, answer: (which: number) => asked[which]!.answer(page(asked[which]!.offset)) };
  }

  it("are asked for once, and say how long the list is", async () => {
    const { asked, fetch, answer } = listOf(95);
    let changes = 0;
    const pages = createPages<string>(() => changes++, 10);
    pages.restart(fetch);
    expect(pages.total()).toBeUndefined();
    pages.want(5, 25);
    pages.want(5, 25);
    expect(asked.map(({ offset }) => offset)).toEqual([0, 10, 20]);
    answer(1);
    await settled();
    expect(changes).toBe(1);
    expect([pages.total(), pages.get(10), pages.get(19), pages.get(9)]).toEqual([95, "image 10", "image 19", undefined]);
  });

  it("that scrolled away are given up, and asked for again when they come back", async () => {
    const { asked, fetch } = listOf(1000);
    const pages = createPages<string>(() => {}, 10);
    pages.restart(fetch);
    pages.want(0, 20);
    pages.want(500, 510);
    expect(asked.map(({ offset, signal }) => [offset, signal.aborted])).toEqual([[0, true], [10, true], [500, false]]);
    asked[0]!.fail();
    await settled();
    expect(pages.hasFailed()).toBe(false);
    pages.want(0, 10);
    expect(asked.at(-1)).toMatchObject({ offset: 0 });
  });

  it("of another list do not come back", async () => {
    const [old, next] = [listOf(50), listOf(20)];
    const pages = createPages<string>(() => {}, 10);
    pages.restart(old.fetch);
    pages.want(0, 10);
    pages.restart(next.fetch);
    old.answer(0);
    await settled();
    expect(pages.total()).toBeUndefined();
    pages.want(0, 10);
    next.answer(0);
    await settled();
    expect(pages.total()).toBe(20);
  });

  it("that fail are said, and those used last are kept", async () => {
    const { asked, fetch, answer } = listOf(1000);
    const pages = createPages<string>(() => {}, 10, 2);
    pages.restart(fetch);
    for (const [i, offset] of [0, 10, 20].entries()) {
      pages.want(offset, offset + 10);
      answer(i);
      await settled();
    }
    expect([pages.get(5), pages.get(15), pages.get(25)]).toEqual([undefined, "image 15", "image 25"]);
    pages.want(30, 40);
    asked.at(-1)!.fail();
    await settled();
    expect(pages.hasFailed()).toBe(true);
  });
});

describe("small pictures", () => {
  function pictures(atOnce: number, most?: number) {
    const asked: { file: string; signal: AbortSignal; send: () => void; fail: () => void }[] = [];
    const released: string[] = [];
    const thumbnails = createThumbnails({
      fetch: ({ file, hasMap }, signal) => new Promise((resolve, reject) => asked.push({ file, signal, send: () => resolve(`blob:${file}${hasMap ? "+map" : ""}`), fail: () => reject(new Error("lost")) })),
      release: (address) => released.push(address),
      changed: () => {},
    }, atOnce, most);
    return { asked, released, thumbnails };
  }
  const plain = (...files: string[]) => files.map((file) => ({ file, hasMap: false }));

  it("come a few at a time, the first ones first", async () => {
    const { asked, thumbnails } = pictures(2);
    thumbnails.want(plain("a", "b", "c"));
    expect(asked.map(({ file }) => file)).toEqual(["a", "b"]);
    asked[0]!.send();
    await settled();
    expect(asked.map(({ file }) => file)).toEqual(["a", "b", "c"]);
    expect(thumbnails.get(plain("a")[0]!)).toBe("blob:a");
    expect(thumbnails.get({ file: "a", hasMap: true })).toBeUndefined();
  });

  it("that scrolled away are given up at once", async () => {
    const { asked, thumbnails } = pictures(2);
    thumbnails.want(plain("a", "b", "c", "d"));
    thumbnails.want(plain("b", "x", "y"));
    expect(asked.map(({ file, signal }) => [file, signal.aborted])).toEqual([["a", true], ["b", false], ["x", false]]);
    asked[0]!.fail();
    asked[2]!.send();
    await settled();
    // "c" and "d" were never asked for, and what was given up is no failure.
    expect(asked.map(({ file }) => file)).toEqual(["a", "b", "x", "y"]);
    expect(thumbnails.get(plain("a")[0]!)).toBeUndefined();
  });

  it("that cannot be had are not asked for again, and the oldest are let go", async () => {
    const { asked, released, thumbnails } = pictures(1, 2);
    thumbnails.want(plain("bad"));
    asked[0]!.fail();
    await settled();
    expect(thumbnails.get(plain("bad")[0]!)).toBeNull();
    thumbnails.want(plain("bad", "b"));
    asked[1]!.send();
    await settled();
    thumbnails.want(plain("bad", "c"));
    asked[2]!.send();
    await settled();
    expect(asked.map(({ file }) => file)).toEqual(["bad", "b", "c"]);
    expect(released).toEqual(["blob:b"]);
    expect(thumbnails.get(plain("c")[0]!)).toBe("blob:c");
  });

  it("that are in sight are kept, however many", async () => {
    const { asked, released, thumbnails } = pictures(1, 1);
    thumbnails.want(plain("a", "b", "c"));
    for (const i of [0, 1, 2]) {
      asked[i]!.send();
      await settled();
    }
    expect(released).toEqual([]);
    expect(asked).toHaveLength(3);
  });
});
