/** @file Which values lie over the image once windows, merged patches, heads and shuffled channels come and go. */
import { describe, expect, it } from "vitest";
import { spatialValues } from "../../../../src/engine/attribution/spatial.js";
import type { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { weights } from "./smallClassifiers.js";
import { graphOf, window } from "../smallGraph.js";

/** The layout and the grid of every value that `build` names, over an image `[n, 4, 8, 6]`. */
function layouts(build: (graph: GraphBuilder, x: string, name: (value: string, label: string) => string) => void, n = 1): Record<string, string> {
  const labels = new Map<string, string>();
  const graph = graphOf([weights([n, 4, 8, 6], 1)], (builder, x) => {
    build(builder, x!, (value, label) => { labels.set(label, value); return value; });
    return [...labels.values()];
  });
  const found = spatialValues(graph, "x0");
  return Object.fromEntries([...labels].map(([label, value]) => { const at = found.get(value); return [label, at ? `${at.layout} ${at.grid.join("×")}${at.prefix ? ` after ${at.prefix}` : ""}` : "none"]; }));
}

const to = (graph: GraphBuilder, value: string, ...shape: number[]) => graph.add("Reshape", [value, graph.ints(shape)]);
const turn = (graph: GraphBuilder, value: string, ...perm: number[]) => graph.add("Transpose", [value], { perm });
const times = (graph: GraphBuilder, value: string, from: number, size: number) => graph.add("MatMul", [value, graph.constant(weights([from, size], 3))]);

describe.each([1, 2])("of a batch of %i", (n) => {
  it("windows leave the grid and come back to it, as in Swin", () => {
    expect(layouts((graph, x, name) => {
      const last = turn(graph, x, 0, 2, 3, 1);
      const windows = to(graph, turn(graph, to(graph, last, n, 4, 2, 3, 2, 4), 0, 1, 3, 2, 4, 5), n * 12, 4, 4);
      const mixed = name(times(graph, windows, 4, 4), "in windows");
      name(to(graph, turn(graph, to(graph, mixed, n, 4, 3, 2, 2, 4), 0, 1, 3, 2, 4, 5), n, 8, 6, 4), "back");
    }, n)).toEqual({ "in windows": "none", back: "mapLast 8×6" });
  });

  it("merged patches are channels of a coarser grid, by reshaping (timm) or by slicing (torchvision)", () => {
    expect(layouts((graph, x, name) => {
      const last = turn(graph, x, 0, 2, 3, 1);
      const merged = name(to(graph, turn(graph, to(graph, last, n, 4, 2, 3, 2, 4), 0, 1, 3, 4, 2, 5), n, 4, 3, 16), "reshaped");
      name(times(graph, merged, 16, 8), "reduced");
      const every = (from: number, axis: number, value: string) => graph.add("Slice", [value, graph.ints([from]), graph.ints([8]), graph.ints([axis]), graph.ints([2])]);
      name(graph.add("Concat", [every(0, 2, every(0, 1, last)), every(0, 2, every(1, 1, last)), every(1, 2, every(0, 1, last)), every(1, 2, every(1, 1, last))], { axis: -1 }), "sliced");
    }, n)).toEqual({ reshaped: "mapLast 4×3", reduced: "mapLast 4×3", sliced: "mapLast 4×3" });
  });

  it("patches cut out by reshaping are tokens; a prefix comes and goes", () => {
    expect(layouts((graph, x, name) => {
      const patches = to(graph, turn(graph, to(graph, x, n, 4, 4, 2, 3, 2), 0, 2, 4, 3, 5, 1), n, 12, 16);
      const tokens = name(times(graph, patches, 16, 8), "tokens");
      const more = name(graph.add("Concat", [graph.constant(weights([n, 2, 8], 4)), tokens], { axis: 1 }), "prefixed");
      const heads = to(graph, more, n, 14, 2, 4);
      name(heads, "heads");
      name(graph.add("Slice", [to(graph, heads, n, 14, 8), graph.ints([2]), graph.ints([14]), graph.ints([1])]), "freed");
      name(graph.add("Slice", [more, graph.ints([1]), graph.ints([14]), graph.ints([1])]), "partly freed");
    }, n)).toEqual({ tokens: "tokens 4×3", prefixed: "tokens 4×3 after 2", heads: "none", freed: "tokens 4×3", "partly freed": "none" });
  });

  it("channels are split, shuffled, joined and normalised in groups on the same grid", () => {
    expect(layouts((graph, x, name) => {
      const [a, b] = graph.addMany("Split", [x, graph.ints([1, 3])], { axis: 1 }, 2) as [string, string];
      name(graph.add("Concat", [b, a], { axis: 1 }), "joined");
      name(to(graph, turn(graph, to(graph, x, n, 2, 2, 8, 6), 0, 2, 1, 3, 4), n, 4, 8, 6), "shuffled");
      const rows = graph.add("InstanceNormalization", [to(graph, x, n, 2, 96), graph.constant(weights([2], 5)), graph.constant(weights([2], 6))], { epsilon: 1e-5 });
      name(rows, "rows");
      name(to(graph, rows, n, 4, 8, 6), "normalised");
    }, n)).toEqual({ joined: "map 8×6", shuffled: "map 8×6", rows: "none", normalised: "map 8×6" });
  });

  it("a convolution of single cells keeps windows, any other ends them", () => {
    expect(layouts((graph, x, name) => {
      const parts = to(graph, turn(graph, to(graph, x, n, 4, 4, 2, 3, 2), 0, 1, 3, 5, 2, 4), n, 4, 4, 12);
      const single = graph.add("Conv", [parts, graph.constant(weights([6, 4, 1, 1], 7))], window([1, 1]));
      const wide = graph.add("Conv", [parts, graph.constant(weights([6, 4, 3, 3], 8))], window([3, 3], { pads: [1, 1, 1, 1] }));
      const back = (value: string) => to(graph, turn(graph, to(graph, value, n, 6, 2, 2, 4, 3), 0, 1, 4, 2, 5, 3), n, 6, 8, 6);
      name(back(single), "of single cells");
      name(back(wide), "of neighbours");
    }, n)).toEqual({ "of single cells": "map 8×6", "of neighbours": "none" });
  });

  it("a transposed or rolled grid and one padded for windows are none; a padded map goes on", () => {
    expect(layouts((graph, x, name) => {
      name(turn(graph, x, 0, 1, 3, 2), "turned");
      name(to(graph, turn(graph, x, 0, 1, 3, 2), n, 4, 48), "turned tokens");
      const part = (from: number, end: number) => graph.add("Slice", [x, graph.ints([from]), graph.ints([end]), graph.ints([2])]);
      name(graph.add("Concat", [part(3, 8), part(0, 3)], { axis: 2 }), "rolled");
      name(graph.add("Pad", [turn(graph, x, 0, 2, 3, 1), graph.ints([0, 0, 0, 0, 0, 6, 8, 0])], { mode: "constant" }), "padded, channels last");
      name(graph.add("Pad", [x, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: "constant" }), "padded");
    }, n)).toEqual({ turned: "none", "turned tokens": "none", rolled: "none", "padded, channels last": "none", padded: "map 10×8" });
  });
});
