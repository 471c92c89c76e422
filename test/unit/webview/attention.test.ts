/** @file The attention page's own arithmetic: tokens and filters, views and storage, places of cells, patches and windows, the store of layers, names of files. */
import { describe, expect, it } from "vitest";
import type { AttentionLayer } from "../../../src/protocol/attention.js";
import type { TextToken } from "../../../src/protocol/text.js";
import { evidenceText } from "../../../webview/attention/evidence.js";
import { exportName, layersToSave } from "../../../webview/attention/exports.js";
import { barWidth, isolatedHead, lineStrength, meanWeights, rowHeight, toggledHeads } from "../../../webview/attention/headLines.js";
import { createLayerStore } from "../../../webview/attention/layerStore.js";
import { hitMatrix, layoutMatrix, revealCell, wholeMatrix, zoomMatrix } from "../../../webview/attention/matrixLayout.js";
import { measureText, weightText } from "../../../webview/attention/numbers.js";
import { patchValues, placeInWindow, planOf, windowValues } from "../../../webview/attention/patches.js";
import { createShown, linksOf, withoutDiagonal } from "../../../webview/attention/shown.js";
import { layerLabels, pairStart, selectionFor, sharedLabels, tokenText } from "../../../webview/attention/tokens.js";
import { indexFrom, initialAttentionView, leastWeight, orderedHeads, topOf } from "../../../webview/attention/view.js";

const layer = (change: Partial<AttentionLayer>): AttentionLayer => ({ node: "softmax", windows: 1, heads: 1, queries: 1, keys: 1, grid: undefined, windowGrid: undefined, prefix: 0, ...change });
const token = (text: string, part: 0 | 1 = 0): TextToken => ({ token: text, id: 0, special: text.startsWith("["), part, start: 0, end: 0 });
const matrix = (rows: readonly (readonly number[])[]) => ({ shape: [rows.length, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) });

describe("tokens", () => {
  it.each([["Ġthe", "the"], ["▁the", "the"], ["ing</w>", "ing"], ["##ing", "##ing"], ["Ġ", "␣"], ["Ċ", "⏎"], ["[CLS]", "[CLS]"]])("%s reads %s", (from, to) => {
    expect(tokenText(from)).toBe(to);
  });

  const pair = ["[CLS]", "a", "b", "[SEP]"].map((text) => token(text)).concat(["c", "[SEP]"].map((text) => token(text, 1)));
  const labels = sharedLabels({ tokens: pair });
  const kept = (hideSpecial: boolean, pairs: "all" | "aa" | "ab" | "ba" | "bb") => selectionFor(labels, labels, { hideSpecial, pairs }, pairStart(pair));

  it("belong to the first text until the second's first own token", () => {
    expect(pairStart(pair)).toBe(4);
    expect(pairStart(pair.slice(0, 4))).toBeUndefined();
    expect(kept(false, "ab")).toEqual({ rows: [0, 1, 2, 3], columns: [4, 5], renormalised: undefined });
    expect(kept(false, "bb")).toEqual({ rows: [4, 5], columns: [4, 5], renormalised: undefined });
  });

  it("are renormalised over all that are not special, whatever slice is shown", () => {
    expect(kept(true, "all")).toEqual({ rows: [1, 2, 4], columns: [1, 2, 4], renormalised: [1, 2, 4] });
    expect(kept(true, "ba")).toEqual({ rows: [4], columns: [1, 2], renormalised: [1, 2, 4] });
  });

  it("stay when all of them are special", () => {
    const special = sharedLabels({ tokens: [token("[CLS]"), token("[SEP]")] });
    expect(selectionFor(special, special, { hideSpecial: true, pairs: "ab" }, undefined)).toEqual({ rows: [0, 1], columns: [0, 1], renormalised: undefined });
  });

  it("of a layer are the summary's, places in a grid, or numbers", () => {
    expect(layerLabels({ tokens: pair }, layer({ queries: 6, keys: 6 }), "keys").map(({ text }) => text)).toEqual(["[CLS]", "a", "b", "[SEP]", "c", "[SEP]"]);
    expect(layerLabels({ tokens: [] }, layer({ queries: 5, keys: 5, prefix: 1, grid: [2, 2] }), "queries").map(({ text }) => text)).toEqual(["[0]", "1,1", "1,2", "2,1", "2,2"]);
    expect(layerLabels({ tokens: [] }, layer({ queries: 3, keys: 2 }), "keys").map(({ text }) => text)).toEqual(["0", "1"]);
  });
});

describe("the view", () => {
  it.each([["0", 0], ["11", 11], ["-1", 11], ["−12", 0], ["12", undefined], ["-13", undefined], ["1.5", undefined], ["", undefined], ["mean", undefined]])("takes layer %s of twelve as %s", (typed, index) => {
    expect(indexFrom(typed, 12)).toBe(index);
  });

  it("comes back from storage without what is no choice", () => {
    const view = initialAttentionView("text", { view: "heads", layer: 3, head: "all", off: [1, "x"], threshold: 2, pairs: "ab", colormap: "none", other: 1 });
    expect(view).toMatchObject({ view: "heads", layer: 3, head: "mean", off: [], threshold: 0, pairs: "ab", colormap: "viridis" });
    expect(view).not.toHaveProperty("other");
    expect(initialAttentionView("image", undefined)).toMatchObject({ view: "overlay", overlay: "head" });
    for (const nothing of [null, 3, "text"]) expect(initialAttentionView("text", nothing)).toEqual(initialAttentionView("text", undefined));
  });

  it("draws ten keys per query for long texts in the head view only", () => {
    expect([topOf("auto", "heads", 64), topOf("auto", "heads", 65), topOf("auto", "heatmap", 512), topOf("all", "heads", 512), topOf("5", "heatmap", 10)]).toEqual([Infinity, 10, Infinity, Infinity, 5]);
  });

  it("squares the threshold's share", () => {
    expect(leastWeight(0.5, 0.8)).toBeCloseTo(0.2);
  });

  it("orders heads, those without a number last", () => {
    const entropy = [2, NaN, 1, 2];
    expect(orderedHeads(4, "entropy", (head) => entropy[head]!)).toEqual([2, 0, 3, 1]);
    expect(orderedHeads(4, "index", (head) => entropy[head]!)).toEqual([0, 1, 2, 3]);
  });
});

describe("what is shown", () => {
  const all = matrix([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.5, 0.25]]);
  const labels = ["a", "b", "c"].map((text, index) => ({ index, text, special: false }));
  const selection = { rows: [0, 1, 2], columns: [0, 1, 2] };

  it("is made again only where something changed", () => {
    const shown = createShown();
    const first = shown(all, labels, labels, selection, 0, Infinity, "largest");
    expect(shown(all, labels, labels, selection, 0, Infinity, "largest")).toBe(first);
    const cut = shown(all, labels, labels, selection, 0.5, Infinity, "largest");
    expect(cut.least).toBe(0.375);
    expect(cut.weights).toBe(first.weights);
    expect(cut.rows).toBe(first.rows);
    expect([...cut.drawn.data].filter((weight) => !Number.isNaN(weight))).toEqual([0.5, 0.75, 0.5]);
  });

  it("links each token to the one it attends to most, apart from itself", () => {
    const [, , ...rest] = labels;
    const shown = { weights: all, rows: labels, columns: labels };
    expect(linksOf(shown)).toEqual([{ from: 0, to: 1, weight: 0.25 }, { from: 1, to: 0, weight: 0.125 }, { from: 2, to: 1, weight: 0.5 }]);
    // Towards the other part of a pair, no key is a token's own.
    expect(linksOf({ weights: matrix([[0.25]]), rows: labels.slice(0, 1), columns: rest })).toEqual([{ from: 0, to: 2, weight: 0.25 }]);
    expect(linksOf({ weights: matrix([[0]]), rows: labels.slice(0, 1), columns: rest })).toEqual([]);
  });

  it("can go without the diagonal", () => {
    expect([...withoutDiagonal(matrix([[1, 2], [3, 4]])).data]).toEqual([0, 2, 3, 0]);
  });
});

describe("heads", () => {
  it("are switched by a click, but not the last one", () => {
    expect(toggledHeads([], 3, 1)).toEqual([1]);
    expect(toggledHeads([1], 3, 1)).toEqual([]);
    expect(toggledHeads([0, 1], 3, 2)).toEqual([0, 1]);
    // Heads that this layer does not have do not count.
    expect(toggledHeads([5, 6], 3, 0)).toEqual([5, 6, 0]);
  });

  it("stand alone after a double click, and come back with the next", () => {
    expect(isolatedHead([], 3, 1)).toEqual([0, 2]);
    expect(isolatedHead([0, 2], 3, 1)).toEqual([]);
    expect(isolatedHead([1], 3, 1)).toEqual([0, 2]);
  });

  it("share the opacity of lines, or measure it by the largest", () => {
    expect(lineStrength("heads", 4, 0.5)).toBe(0.25);
    expect(lineStrength("strongest", 4, 0.5)).toBe(2);
  });

  it("spread over the room in rows of 20 to 34 pixels", () => {
    expect([rowHeight(14, 420), rowHeight(14, 419), rowHeight(5, 600), rowHeight(512, 600), rowHeight(0, 600)]).toEqual([30, 29, 34, 20, 34]);
  });

  it("have a bar for every head, or none where not all fit", () => {
    expect([barWidth(100, 4), barWidth(20, 4), barWidth(8, 4), barWidth(7, 4), barWidth(-10, 4), barWidth(20, 12)]).toEqual([6, 5, 2, 0, 0, 0]);
  });

  it("are averaged where they are on, in both directions", () => {
    const lines = { heads: [matrix([[1, 0], [0.5, 0.5]]), matrix([[0, 1], [0.25, 0.75]]), matrix([[9, 9], [9, 9]])], active: [0, 1] };
    expect([...meanWeights(lines, { side: "from", index: 1 })]).toEqual([0.375, 0.625]);
    expect([...meanWeights(lines, { side: "to", index: 0 })]).toEqual([0.5, 0.375]);
  });
});

describe("places of cells", () => {
  const stage = { width: 440, height: 240 };
  const labels = { left: 40, top: 40 };
  const at = (viewport: typeof wholeMatrix) => layoutMatrix(stage, labels, [10, 10], viewport);

  it("fit the stage, in its middle", () => {
    expect(at(wholeMatrix)).toMatchObject({ cell: 20, left: 140, top: 40, x: 0, y: 0 });
    // Cells of short texts do not grow without end.
    expect(layoutMatrix({ width: 1000, height: 1000 }, labels, [2, 2], wholeMatrix).cell).toBe(44);
  });

  it("are found under the pointer, and labels beside them", () => {
    expect(hitMatrix(at(wholeMatrix), 141, 41)).toEqual({ row: 0, column: 0 });
    expect(hitMatrix(at(wholeMatrix), 339, 239)).toEqual({ row: 9, column: 9 });
    expect(hitMatrix(at(wholeMatrix), 100, 61)).toEqual({ row: 1, column: undefined });
    expect(hitMatrix(at(wholeMatrix), 165, 10)).toEqual({ row: undefined, column: 1 });
    expect(hitMatrix(at(wholeMatrix), 10, 10)).toBeUndefined();
    expect(hitMatrix(at(wholeMatrix), 345, 100)).toBeUndefined();
  });

  it("stay under the pointer while it zooms", () => {
    const place = ({ left, top, x, y, cell }: ReturnType<typeof at>) => [(240 - left + x) / cell, (140 - top + y) / cell];
    const zoomed = zoomMatrix(at, wholeMatrix, 3, 240, 140);
    expect(zoomed.zoom).toBeCloseTo(3);
    const [before, after] = [place(at(wholeMatrix)), place(at(zoomed))];
    expect(after[0]).toBeCloseTo(before[0]!);
    expect(after[1]).toBeCloseTo(before[1]!);
    expect(zoomMatrix(at, zoomed, 0.01, 0, 0)).toEqual(wholeMatrix);
  });

  it("come into view when the keyboard walks to them", () => {
    const zoomed = { zoom: 3, x: 0, y: 0 };
    const revealed = revealCell(at(zoomed), zoomed, { row: 9, column: 0 });
    expect(revealed).toEqual({ zoom: 3, x: 0, y: 10 * 60 - 200 });
    expect(revealCell(at(revealed), revealed, { row: 9, column: 0 })).toEqual(revealed);
  });
});

describe("patches", () => {
  it("lie behind the prefix, row by row", () => {
    const plan = planOf(layer({ queries: 7, keys: 7, prefix: 1, grid: [2, 3] }));
    expect(plan).toMatchObject({ grid: [2, 3], prefix: 1 });
    const weights = matrix([[0.25, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125], ...Array.from({ length: 6 }, () => [0, 0, 0, 1, 0, 0, 0])]);
    const { values, onPrefix } = patchValues(weights, plan!, 0);
    expect([...values.data]).toEqual([0.125, 0.125, 0.125, 0.125, 0.125, 0.125]);
    expect(onPrefix).toBe(0.25);
    expect([...patchValues(weights, plan!, 4).values.data]).toEqual([0, 0, 1, 0, 0, 0]);
    expect(patchValues(weights, plan!, "mean").values.data[2]).toBeCloseTo((0.125 + 6) / 7);
  });

  it("are nowhere when a layer does not say where", () => {
    expect(planOf(layer({ queries: 6, keys: 6 }))).toBeUndefined();
    expect(planOf(layer({ queries: 7, keys: 7, grid: [2, 3] }))).toBeUndefined();
    expect(planOf(layer({ windows: 4, queries: 4, keys: 4, grid: [2, 2] }))).toBeUndefined();
  });

  const windowed = layer({ windows: 4, queries: 4, keys: 4, grid: [2, 2], windowGrid: [2, 2] });

  it("of windows go back to their places", () => {
    const plan = planOf(windowed)!;
    expect(plan.grid).toEqual([4, 4]);
    expect(placeInWindow(plan, 6)).toEqual({ window: 1, place: 2 });
    // Head 0 of window w gives its key k the weight 10 w + k, whatever the query.
    const weights = { shape: [4, 1, 4, 4], data: Float32Array.from({ length: 64 }, (_, i) => 10 * Math.floor(i / 16) + (i % 4)) };
    expect([...windowValues(weights, 0, plan, "mean").values.data]).toEqual([0, 1, 10, 11, 2, 3, 12, 13, 20, 21, 30, 31, 22, 23, 32, 33]);
    // A patch's own window only.
    expect([...windowValues(weights, 0, plan, 6).values.data]).toEqual([NaN, NaN, 10, 11, NaN, NaN, 12, 13, ...Array.from({ length: 8 }, () => NaN)]);
  });

  it("of moved windows wrap around the image", () => {
    const plan = planOf({ ...windowed, windowShift: [1, 1] })!;
    // The first window begins one row down and one column to the right.
    expect(placeInWindow(plan, 5)).toEqual({ window: 0, place: 0 });
    expect(placeInWindow(plan, 0)).toEqual({ window: 3, place: 3 });
  });

  it("of windows that reach beyond the image are those on it", () => {
    const plan = planOf({ ...windowed, imageGrid: [3, 4] })!;
    expect(plan.grid).toEqual([3, 4]);
    expect(placeInWindow(plan, 11)).toEqual({ window: 3, place: 1 });
  });
});

describe("the store of layers", () => {
  const weights = (value: number) => ({ shape: [1, 1, 1, 1], data: Float32Array.of(value) });
  const settled = () => new Promise((resolve) => setTimeout(resolve));

  it("fetches each once, and gives up the one that was not used for longest", async () => {
    const asked: number[] = [];
    let changes = 0;
    const store = createLayerStore((at) => { asked.push(at); return Promise.resolve(weights(at)); }, () => changes++, 8);
    expect(store.get(0)).toBeUndefined();
    expect(store.get(0)).toBeUndefined();
    await settled();
    expect(store.get(0)?.data[0]).toBe(0);
    expect(changes).toBe(1);
    for (const at of [1, 2]) {
      store.get(at);
      await settled();
      store.get(0);
    }
    expect([...store.kept().keys()]).toEqual([2, 0]);
    expect(asked).toEqual([0, 1, 2]);
    const all = await store.all([0, 1, 2]);
    expect([...all.keys()]).toEqual([0, 1, 2]);
  });

  it("does not ask again for what failed until it is told to", async () => {
    let isBroken = true;
    let asked = 0;
    const store = createLayerStore(() => { asked++; return isBroken ? Promise.reject(new Error("no")) : Promise.resolve(weights(1)); }, () => {});
    store.get(0);
    await settled();
    expect([store.get(0), store.hasFailed(0), asked]).toEqual([undefined, true, 1]);
    isBroken = false;
    store.retry(0);
    await settled();
    expect(store.get(0)).toBeDefined();
  });

  it("keeps nothing of an earlier input", async () => {
    let resolve: (value: ReturnType<typeof weights>) => void = () => {};
    const store = createLayerStore(() => new Promise((done) => (resolve = done)), () => {});
    store.get(0);
    store.clear();
    resolve(weights(1));
    await settled();
    expect(store.kept().size).toBe(0);
  });
});

describe("files", () => {
  it("are named after the input and what is shown", () => {
    const view = { view: "heatmap", overlay: "head", summary: "average" } as const;
    expect(exportName("review.txt", view, 3, 5, "svg")).toBe("review.attention.layer3.head5.svg");
    expect(exportName("a b?.jpg", { ...view, view: "overlay", overlay: "rollout" }, 3, "mean", "png")).toBe("a_b_.attention.rollout.png");
    expect(exportName("Untitled-1", { ...view, view: "model" }, 3, "mean", "html")).toBe("Untitled-1.attention.model.html");
    expect(exportName("映画.md", { ...view, view: "average" }, 0, "mean", "json")).toBe("映画.attention.average.json");
  });

  it("hold every layer of small models, and of large ones those at hand", () => {
    const summary = (tokens: number) => ({ layers: Array.from({ length: 12 }, () => layer({ heads: 12, queries: tokens, keys: tokens })) }) as unknown as Parameters<typeof layersToSave>[0];
    expect(layersToSave(summary(128), [])).toHaveLength(12);
    expect(layersToSave(summary(512), [7, 2])).toEqual([2, 7]);
  });
});

describe("numbers and sentences", () => {
  it.each([[weightText(0.5), "0.500"], [weightText(0), "0.000"], [weightText(0.0004), "4.0e-4"], [weightText(1e-44), "<1e-6"], [weightText(NaN), "–"], [measureText(NaN), "–"], [measureText(2.345), "2.35"]])("writes %s", (written, expected) => {
    expect(written).toBe(expected);
  });

  it("says what attention is not evidence of in every case", () => {
    const agreement = (correlation: number | null) => ({ correlation, tokens: 9, method: "input-x-gradient" }) as const;
    const model = { predictions: [{ index: 0, label: "a", logit: 1, probability: 1 }] };
    expect(evidenceText({ predictions: [], task: "text-encoder", agreement: undefined })).toContain("no score");
    const first = "Attention shows where a model mixes information, not why it answers.";
    expect(evidenceText(undefined)).toBe(first);
    expect(evidenceText({ ...model, task: "image-classification", agreement: agreement(0.456) })).toBe(`${first} Here its ranking of the 9 patches agrees with the gradient's by ρ = 0.46.`);
    expect(evidenceText({ ...model, task: "text-classification", agreement: agreement(-0.1) })).toContain("ρ = −0.10.");
    for (const none of [agreement(null), undefined]) expect(evidenceText({ ...model, task: "text-classification", agreement: none }).startsWith(`${first} `)).toBe(true);
  });
});
