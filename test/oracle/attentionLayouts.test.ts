/** @file Vision transformers of every layout: the attention PyTorch recorded, and where each token lies on the image, found by structure. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { placeFinder } from "../../src/engine/attribution/attention/tokenPlaces.js";
import { tokenLayout, type TokenLayout } from "../../src/engine/attribution/attention/windowLayout.js";
import { attentionSites, withAttentionOutputs } from "../../src/engine/attribution/attentionSites.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import { prepare } from "../../src/engine/attribution/prepare.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { toNumbers } from "../../src/engine/ir/tensor.js";
import { infer } from "../../src/engine/passes/specialize.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { fixture, readArrays } from "../unit/readReference.js";
import { openFile } from "./fileSource.js";

/** Conventions: attention absolute. */
const tolerance = 1e-5;

/** What each model's configuration says (test/fixtures/attention/record.py). The layout is that of the queries. */
const layouts: Readonly<Record<string, readonly TokenLayout[]>> = {
  "deit-distilled": [1, 2].map(() => ({ prefix: 2, grid: [4, 4] })),
  registers: [1, 2].map(() => ({ prefix: 5, grid: [4, 4] })),
  wide: [1, 2].map(() => ({ prefix: 1, grid: [4, 6] })),
  "no-class-token": [1, 2].map(() => ({ prefix: 0, grid: [4, 4] })),
  // Every second layer is shifted by half a window. 8 x 6 cells are padded to 8 x 8.
  swin: [0, 2, 0, 2].map((shift, i) => ({ prefix: 0, grid: [4, 4], windows: { grid: i < 2 ? [4, 3] : [2, 2], shift: [shift, shift], image: i < 2 ? [16, 12] : [8, 6] } })),
  "swin-script": [0, 2].map((shift) => ({ prefix: 0, grid: [4, 4], windows: { grid: [2, 2], shift: [shift, shift], image: [8, 6] } })),
  pvt: [{ prefix: 0, grid: [8, 8] }, { prefix: 1, grid: [4, 4] }],
};

describe("layouts of vision transformers", async () => {
  const runtime = await onnxruntimeRuntime();

  it("are all there", () => expect(readdirSync(fixture("attention")).filter((file) => file.endsWith(".onnx")).map((file) => file.replace(".onnx", "")).toSorted()).toEqual(Object.keys(layouts).toSorted()));

  it.each(Object.entries(layouts))("%s", async (name, expected) => {
    const source = openFile(fixture("attention", `${name}.onnx`));
    const recorded = readArrays(fixture("attention", `${name}.safetensors`));
    const x = recorded.get("x")!;
    const classifier = classifierOf(infer(importOnnx(source).graph));
    const { graph } = prepare(classifier, x.shape);
    const sites = attentionSites(graph);
    const { graph: grown, outputs } = withAttentionOutputs(graph, sites);
    const program = await runtime.compile(grown, source.readRange);
    const results = await program.run({ [classifier.input]: x });
    program.dispose();
    expect(sites).toHaveLength(expected.length);
    const place = placeFinder(graph, classifier.input);
    for (const [layer, site] of sites.entries()) {
      const weights = recorded.get(`attentions.${layer}`)!;
      expect(site.shape).toEqual(weights.shape);
      const wanted = toNumbers(weights);
      expect(Math.max(...toNumbers(results[outputs[layer]!]!).map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThanOrEqual(tolerance);
      const places = place(site)!;
      const cells = recorded.get(`cells.${layer}`);
      if (cells) expect([...places.cells]).toEqual(toNumbers(cells));
      expect(tokenLayout(places, site.shape[0], site.shape[2])).toEqual(expected[layer]);
    }
  });
});
