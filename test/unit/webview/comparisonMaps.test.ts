/** @file The maps of a comparison's page: their scales, their order, and what is made of them. */
import { describe, expect, it } from "vitest";
import type { ComparisonConfig, ComparisonKind, ComparisonState, ComparisonView } from "../../../src/protocol/comparison.js";
import { comparedColormap, createMaps, initialComparisonView, swapped } from "../../../webview/compare/maps.js";
import { comparisonState, comparisonTile, tileExplanation } from "../../e2e/webviewHarness/syntheticComparison.js";

const image = { bytes: new Uint8Array(1), mime: "image/png", width: 640, height: 480 } as const;
const config = (kind: ComparisonKind): ComparisonConfig => ({ page: "comparison", kind, image: "", model: "", view: { opacity: 0.5, colormap: "viridis" } });
const view = (kind: ComparisonKind, change: Partial<ComparisonView> = {}) => ({ ...initialComparisonView(config(kind), undefined), ...change });

function finished(kind: ComparisonKind, ids: readonly string[]): ComparisonState {
  return comparisonState(kind, image, { tiles: ids.map((id) => comparisonTile(kind, id, { status: "done", explanation: tileExplanation(kind, id) })) });
}

/** Two-pixel results, so that every value is known. */
function small(values: Readonly<Record<string, readonly [number, number]>>): ComparisonState {
  const tiles = Object.entries(values).map(([id, data]) => {
    const explanation = tileExplanation("baselines", id, { attribution: { shape: [1, 1, 1, 2], data: Float32Array.from(data) }, inputSize: [1, 2] });
    return comparisonTile("baselines", id, { status: "done", explanation });
  });
  return comparisonState("baselines", image, { tiles });
}

describe("scales", () => {
  it("are each map's own for methods and one for all maps of one method, unless people say otherwise", () => {
    expect([initialComparisonView(config("methods"), undefined).scale, initialComparisonView(config("samples"), undefined).scale]).toEqual(["own", "shared"]);
    expect(initialComparisonView(config("samples"), { scale: "own", colormap: "rainbow" })).toMatchObject({ scale: "own", colormap: "viridis" });
  });

  it("hold the largest value of all maps when they are shared", () => {
    const state = small({ black: [1, -2], white: [0, 5] });
    const maps = createMaps()(state, view("baselines"));
    const drawn = maps.filter(({ kind }) => kind === "tile");
    expect(drawn.map(({ heat, isShared }) => [heat?.ends, isShared])).toEqual([[[0, 5], true], [[0, 5], true]]);
    expect(createMaps()(state, view("baselines", { scale: "own" })).filter(({ kind }) => kind === "tile").map(({ heat }) => heat?.ends)).toEqual([[0, 2], [0, 5]]);
    const signed = createMaps()(state, view("baselines", { values: "signed" }))[1]?.heat;
    expect([signed?.ends, signed?.signed, comparedColormap(view("baselines"), true)]).toEqual([[-5, 5], true, "diverging"]);
  });
});

describe("baselines", () => {
  it("average raw values with their signs, and disagree by what is drawn", () => {
    const maps = createMaps()(small({ black: [1, -2], white: [3, 4] }), view("baselines"));
    expect(maps.map(({ id }) => id)).toEqual(["original", "black", "white", "average", "disagreement"]);
    expect([...(maps[3]?.heat?.grid.data ?? [])]).toEqual([2, 1]);
    // Magnitudes 1, 2 and 3, 4: one apart from their mean on either side.
    expect([...(maps[4]?.heat?.grid.data ?? [])]).toEqual([1, 1]);
    expect(maps[4]).toMatchObject({ heat: { ends: [0, 1] }, isShared: false });
  });

  it("have empty places for both until there are two", () => {
    const maps = createMaps()(small({ black: [1, 2] }), view("baselines"));
    expect(maps.slice(-2).map(({ kind, heat }) => [kind, heat])).toEqual([["average", undefined], ["disagreement", undefined]]);
  });
});

describe("order", () => {
  const ids = ["saliency", "grad-cam", "input-x-gradient"];
  const shown = (change: Partial<ComparisonView>) => createMaps()(finished("methods", ids), view("methods", change)).map(({ id }) => id);

  it("is the one asked for, by time or by noise, with the original first and the pinned one next", () => {
    expect(shown({})).toEqual(["original", ...ids]);
    expect(shown({ order: "noise" })[1]).toBe("grad-cam");
    expect(shown({ order: "noise", pinned: "saliency" })).toEqual(["original", "saliency", "grad-cam", "input-x-gradient"]);
  });

  it("keeps maps without a number at the end", () => {
    const state = finished("methods", ids);
    const tiles = state.tiles.map((tile) => (tile.id === "saliency" ? comparisonTile("methods", "saliency") : tile));
    expect(createMaps()({ ...state, tiles }, view("methods", { order: "time" })).at(-1)?.id).toBe("saliency");
  });

  it("swaps two and nothing else", () => {
    expect(swapped(["a", "b", "c"], "a", "c")).toEqual(["c", "b", "a"]);
    expect(swapped(["a", "b"], "a", "x")).toEqual(["a", "b"]);
  });
});

it("draws a map again only when it changed", () => {
  const maps = createMaps();
  const state = finished("methods", ["grad-cam", "saliency"]);
  const before = maps(state, view("methods"));
  const tiles = [state.tiles[0]!, comparisonTile("methods", "saliency", { status: "done", explanation: tileExplanation("methods", "saliency") })];
  const after = maps({ ...state, tiles }, view("methods", { opacity: 1 }));
  expect(after[1]?.heat).toBe(before[1]?.heat);
  expect(after[2]?.heat).not.toBe(before[2]?.heat);
  expect(maps({ ...state, tiles }, view("methods", { smooth: false }))[1]?.heat).not.toBe(before[1]?.heat);
});
