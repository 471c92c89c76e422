/** @file What the product makes of vision models built from checkpoints; and what of their configs is refused, by name. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { imageModelOf } from "../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../src/engine/attribution/prepare.js";
import { importHuggingFace } from "../../../src/engine/importers/huggingface/importHuggingFace.js";
import { safetensorsWeights } from "../../../src/engine/importers/safetensors.js";
import { isInMemory, typeOf } from "../../../src/engine/ir/graph.js";
import { parseFields } from "../../../src/engine/preprocess/fields.js";
import { openFile } from "../../oracle/fileSource.js";
import { fixture, readArrays } from "../readReference.js";

/** A recorded case with some of its config changed. */
function read(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  const file = (part: string) => fixture("models/vision", `${name}/${part}`);
  const config = { ...(JSON.parse(readFileSync(file("config.json"), "utf8")) as object), ...changes };
  return importHuggingFace(parseFields("config.json", JSON.stringify(config)), safetensorsWeights(openFile(file("model.safetensors"))));
}

/** Values of a row are classes of a classifier, or features of a model that has none. */
const outputs: Readonly<Record<string, readonly [output: string, values: number]>> = {
  vit: ["logits", 5], "vit-half": ["logits", 5], "vit-base": ["pooler_output", 9], deit: ["logits", 5], "deit-distilled": ["logits", 5], beit: ["logits", 5], "beit-shared": ["logits", 5], "beit-base": ["pooler_output", 24],
  swin: ["logits", 5], "swin-base": ["pooler_output", 16], swinv2: ["logits", 5], "swinv2-base": ["pooler_output", 16], convnext: ["logits", 5], "convnext-base": ["pooler_output", 8], convnextv2: ["logits", 5],
  resnet: ["logits", 5], "resnet-basic": ["logits", 5], "resnet-early": ["pooler_output", 16], "mobilenet-v2": ["logits", 5], "mobilenet-v2-plain": ["logits", 5], "mobilenet-v2-dilated": ["logits", 5],
  dinov2: ["logits", 5], "dinov2-base": ["pooler_output", 24], "dinov2-registers": ["logits", 5], "clip-vision": ["pooler_output", 24], "clip-projection": ["image_embeds", 7], "clip-classifier": ["logits", 5], clip: ["image_embeds", 7],
};
/** Those that take images of any size; the others have learned positions, or windows that fit one. */
const ofAnySize = /^(convnext|resnet|mobilenet|dinov2)/;

describe("vision models from checkpoints", () => {
  it("are all there", () => expect(readdirSync(fixture("models/vision")).toSorted()).toEqual(Object.keys(outputs).toSorted()));

  it.each(Object.entries(outputs))("%s", (name, [output, values]) => {
    const { graph, architecture, producer } = read(name);
    const { task, ...model } = imageModelOf(graph);
    expect([task, model.input, model.output, typeOf(graph, model.output).shape]).toEqual([output === "logits" ? "image-classification" : "image-encoder", "pixel_values", output, ["batch", values]]);
    expect([architecture, producer]).toEqual([expect.stringMatching(/(Classification|WithTeacher|Model|Projection)$/), "transformers 5.18.0"]);
    const [, channels, height, width] = readArrays(fixture("models/vision", name, "expected.safetensors")).get("input.pixel_values")!.shape as [number, number, number, number];
    expect(typeOf(graph, "pixel_values").shape).toEqual(["batch", channels, ...(ofAnySize.test(name) ? ["height", "width"] : [height, width])]);
    // Several images at once, as steps of Integrated Gradients are.
    expect(prepare({ ...model, logits: model.output }, [1, channels, height, width]).atOnce(4)).toBe(4);
    for (const [value, initializer] of graph.initializers) if (isInMemory(initializer)) expect(initializer.data.length, value).toBeLessThanOrEqual(100);
  });

  it("of old files of CLIP mean the tower's options where they are stated a second time", () => {
    const tower = { hidden_size: 24, intermediate_size: 40, num_attention_heads: 3, num_hidden_layers: 2, image_size: 20, patch_size: 5 };
    expect(read("clip", { vision_config: { ...tower, num_hidden_layers: 9 }, vision_config_dict: tower }).graph.nodes.length).toBe(read("clip").graph.nodes.length);
  });

  it("of any size have as many tokens as patches fit in, and the class token", () => {
    expect(read("dinov2-base").graph.types.get("last_hidden_state")!.shape).toEqual(["batch", "1+((height-4)/4+1)*((width-4)/4+1)", 24]);
  });

  it("without a class's name have the head that the weights have", () => {
    expect(read("vit", { architectures: undefined }).graph.outputs).toEqual(["logits"]);
    expect(read("vit-base", { architectures: undefined }).graph.outputs).toEqual(["last_hidden_state", "pooler_output"]);
  });

  it.each([
    ["vit", { architectures: ["ViTForMaskedImageModeling"] }, "architectureUnknown", /MaskedImageModeling/], ["beit", { architectures: ["BeitForSemanticSegmentation"] }, "architectureUnknown", /Segmentation/],
    ["swin", { architectures: ["SwinBackbone"] }, "architectureUnknown", /Backbone/], ["vit", { hidden_act: "xielu" }, "architectureUnknown", /xielu/], ["resnet", { layer_type: "constructor" }, "architectureUnknown", /layer_type/],
    ["dinov2", { use_swiglu_ffn: true }, "architectureUnknown", /swiglu/], ["beit", { image_size: [20, 24] }, "architectureUnknown", /image_size/],
    ["vit", { num_attention_heads: 5 }, "descriptionInvalid", /5 heads/], ["vit", { patch_size: 80 }, "descriptionInvalid", /smaller than a patch/], ["vit", { image_size: [24, 40, 3] }, "descriptionInvalid", /image_size/],
    ["vit", { image_size: 1e9 }, "descriptionInvalid", /image_size/], ["vit", { num_channels: 0 }, "descriptionInvalid", /num_channels/], ["swin", { num_heads: [2] }, "descriptionInvalid", /2 stages/], ["swin", { depths: [] }, "descriptionInvalid", /depths/],
    ["swinv2", { window_size: 60_000, image_size: 60_000 }, "descriptionInvalid", /256/], ["vit", { num_hidden_layers: 1e9 }, "descriptionInvalid", /1024/],
    ["vit", { image_size: 32 }, "modelCorrupt", /position_embeddings/], ["vit", { num_hidden_layers: 3 }, "modelCorrupt", /layer\.2/], ["swin", { window_size: 4 }, "modelCorrupt", /\[25, 2\], not \[49, 2\]/],
    ["beit", { image_size: 60_000 }, "modelCorrupt", /relative_position_bias_table/], ["convnext", { depths: [1, 1e9, 1] }, "modelCorrupt", /dwconv/], ["clip", { vision_config: { hidden_size: 24, num_attention_heads: 3, patch_size: 5, image_size: 25 } }, "modelCorrupt", /position_embedding/],
  ] as const)("%s with %o is refused", (name, changes, code, reason) => {
    expect(() => read(name, changes)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(reason) as unknown }) as Error);
  });
});
