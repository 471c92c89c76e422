/** @file Where audits take their maps from: the layer itself, or a transformer's first tokens. */
import { describe, expect, it } from "vitest";
import type { Layer } from "../../../../src/engine/attribution/layers.js";
import { mapSourceOf } from "../../../../src/engine/audit/mapSource.js";

const layer = (name: string, op: string, layout: Layer["spatial"]["layout"]): Layer => ({ name, op, shape: [1, 4, 4, 4], spatial: { layout, grid: [2, 2], prefix: 0 } as Layer["spatial"] });

describe("the source of maps", () => {
  it("is Grad-CAM at the layer of a convolutional model", () => {
    const last = layer("last", "Relu", "map");
    expect(mapSourceOf({ layers: [layer("first", "LayerNormalization", "map"), last], defaultLayer: last }, last)).toEqual({ layer: last, formula: "grad-cam" });
  });

  it("is gradient times activation at the first normalised tokens of a transformer", () => {
    const [stem, tokens, first, last] = [layer("stem", "Conv", "map"), layer("tokens", "Add", "tokens"), layer("first", "LayerNormalization", "tokens"), layer("last", "LayerNormalization", "tokens")];
    expect(mapSourceOf({ layers: [stem, tokens, first, last], defaultLayer: last }, last)).toEqual({ layer: first, formula: "hires-cam" });
    // A layer that was chosen is taken at its word.
    expect(mapSourceOf({ layers: [stem, tokens, first, last], defaultLayer: last }, tokens)).toEqual({ layer: tokens, formula: "grad-cam" });
    expect(mapSourceOf({ layers: [tokens], defaultLayer: tokens }, tokens)).toEqual({ layer: tokens, formula: "grad-cam" });
  });
});
