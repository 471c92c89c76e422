/** @file Where the layers and tokens of recorded vision models lie on the image, as their configs say. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { placeFinder } from "../../../src/engine/attribution/attention/tokenPlaces.js";
import { tokenLayout, type TokenLayout } from "../../../src/engine/attribution/attention/windowLayout.js";
import { attentionSites } from "../../../src/engine/attribution/attentionSites.js";
import { imageModelOf } from "../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../src/engine/attribution/prepare.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { fixture, readArrays } from "../../unit/readReference.js";

type Grid = readonly [rows: number, columns: number];
interface Expected {
  /** What Grad-CAM takes: the last map, or the normalised input of the last attention. */
  readonly layer: string;
  readonly grid: Grid;
  readonly attention: readonly TokenLayout[];
}

const map = (layer: string, grid: Grid): Expected => ({ layer, grid, attention: [] });
const tokens = (layer: string, grid: Grid, prefix: number): Expected => ({ layer, grid, attention: [1, 2].map(() => ({ prefix, grid })) });
const windows = (side: number, grid: Grid, shift: number, image: Grid): TokenLayout => ({ prefix: 0, grid: [side, side], windows: { grid, shift: [shift, shift], image } });

const expected: Readonly<Record<string, Expected>> = {
  beit: tokens("beit.encoder.layer.1.layernorm_before", [5, 5], 1),
  "beit-base": tokens("encoder.layer.1.layernorm_before", [3, 3], 1),
  "beit-shared": tokens("beit.encoder.layer.1.layernorm_before", [3, 3], 1),
  clip: tokens("vision_model.encoder.layers.1.layer_norm1", [4, 4], 1),
  "clip-classifier": tokens("vision_model.encoder.layers.1.layer_norm1", [4, 4], 1),
  "clip-projection": tokens("vision_model.encoder.layers.1.layer_norm1", [4, 4], 1),
  "clip-vision": tokens("encoder.layers.1.layer_norm1", [4, 4], 1),
  convnext: map("convnext.encoder.stages.2.layers.0", [4, 5]),
  "convnext-base": map("encoder.stages.1.layers.0", [4, 3]),
  convnextv2: map("convnextv2.encoder.stages.2.layers.0", [4, 5]),
  deit: tokens("deit.encoder.layer.1.layernorm_before", [3, 3], 2),
  "deit-distilled": tokens("deit.encoder.layer.1.layernorm_before", [3, 3], 2),
  dinov2: tokens("dinov2.encoder.layer.1.norm1", [4, 6], 1),
  "dinov2-base": tokens("encoder.layer.1.norm1", [6, 6], 1),
  "dinov2-registers": tokens("dinov2_with_registers.encoder.layer.1.norm1", [3, 8], 4),
  "mobilenet-v2": map("mobilenet_v2.conv_1x1", [2, 3]),
  "mobilenet-v2-dilated": map("mobilenet_v2.conv_1x1", [5, 4]),
  "mobilenet-v2-plain": map("mobilenet_v2.conv_1x1", [8, 7]),
  resnet: map("resnet.encoder.stages.1.layers.1", [8, 6]),
  "resnet-basic": map("resnet.encoder.stages.1.layers.0", [5, 4]),
  "resnet-early": map("encoder.stages.1.layers.1", [7, 7]),
  // Windows of 3 x 3 cells over 13 x 11, then over 7 x 6; every second layer is shifted.
  swin: {
    layer: "swin.encoder.layers.1.blocks.1.layernorm_before", grid: [7, 6],
    attention: [windows(3, [5, 4], 0, [13, 11]), windows(3, [5, 4], 1, [13, 11]), windows(3, [3, 2], 0, [7, 6]), windows(3, [3, 2], 1, [7, 6])],
  },
  "swin-base": { layer: "encoder.layers.1.blocks.1.layernorm_before", grid: [4, 4], attention: [windows(4, [2, 2], 0, [8, 8]), windows(4, [2, 2], 2, [8, 8]), { prefix: 0, grid: [4, 4] }, { prefix: 0, grid: [4, 4] }] },
  // Norms stand behind the attention they belong to.
  swinv2: {
    layer: "swinv2.encoder.layers.1.blocks.0.layernorm_after", grid: [7, 6],
    attention: [windows(3, [5, 4], 0, [13, 11]), windows(3, [5, 4], 1, [13, 11]), windows(3, [3, 2], 0, [7, 6]), windows(3, [3, 2], 1, [7, 6])],
  },
  "swinv2-base": { layer: "encoder.layers.1.blocks.0.layernorm_after", grid: [4, 4], attention: [windows(4, [2, 2], 0, [8, 8]), windows(4, [2, 2], 2, [8, 8]), { prefix: 0, grid: [4, 4] }, { prefix: 0, grid: [4, 4] }] },
  vit: tokens("vit.encoder.layer.1.layernorm_before", [3, 5], 1),
  "vit-base": tokens("encoder.layer.1.layernorm_before", [4, 5], 1),
  "vit-half": tokens("vit.encoder.layer.1.layernorm_before", [4, 4], 1),
};

describe("layers of recorded vision models", () => {
  it("are of every model", () => expect(readdirSync(fixture("models/vision")).toSorted()).toEqual(Object.keys(expected).toSorted()));

  it.each(Object.entries(expected))("%s", async (name, { layer, grid, attention }) => {
    const pixels = readArrays(fixture("models/vision", name, "expected.safetensors")).get("input.pixel_values")!;
    // Of models without a head too: their layers are looked at, though no map of theirs is explained.
    const { graph: whole, input, output } = imageModelOf((await importModel(fixture("models/vision", name, "model.safetensors"))).graph);
    const { graph, defaultLayer } = prepare({ graph: whole, input, logits: output }, pixels.shape);
    expect([defaultLayer?.name, defaultLayer?.spatial.grid]).toEqual([layer, grid]);
    const place = placeFinder(graph, input);
    expect(attentionSites(graph).map((site) => tokenLayout(place(site)!, site.shape[0], site.shape[2]))).toEqual(attention);
  });
});
