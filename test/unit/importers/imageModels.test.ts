/** @file Image models told by their weights: names around them, names of files, and everything that does not fit, refused by name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { placeFinder } from "../../../src/engine/attribution/attention/tokenPlaces.js";
import { tokenLayout } from "../../../src/engine/attribution/attention/windowLayout.js";
import { attentionSites } from "../../../src/engine/attribution/attentionSites.js";
import { classifierOf } from "../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../src/engine/attribution/prepare.js";
import { importCheckpoint } from "../../../src/engine/importers/importCheckpoint.js";
import type { ImportedModel } from "../../../src/engine/importers/importedModel.js";
import { renamed, weightsOf, type Weights } from "../../../src/engine/importers/weights.js";
import type { Initializer } from "../../../src/engine/ir/graph.js";
import { sizeOf } from "../../../src/engine/ir/tensor.js";
import { fixture } from "../readReference.js";

type Shapes = Record<string, readonly number[]>;

/** The shapes of a recorded case's weights. */
function shapesOf(name: string): Shapes {
  const { tensors } = JSON.parse(readFileSync(join(fixture(`models/${name}`), "drawn.json"), "utf8")) as { readonly tensors: Record<string, { readonly shape: readonly number[] }> };
  return Object.fromEntries(Object.entries(tensors).map(([weight, { shape }]) => [weight, shape]));
}

/** Weights that nobody may read: importing needs their shapes only. */
function weights(shapes: Shapes, path = "/models/weights.safetensors"): Weights {
  const place = ([name, shape]: [string, readonly number[]]): [string, Initializer] => [name, { dtype: "float32", shape, range: { file: path, offset: 0, length: 4 * sizeOf(shape) } }];
  return weightsOf(path, new Map(Object.entries(shapes).map(place)));
}

function read(from: Weights, config?: object): ImportedModel {
  return importCheckpoint({ format: "safetensors", weights: from, config: config && { file: "/models/config.json", text: JSON.stringify(config) } });
}

const refusal = (code: string, data: object) => expect.objectContaining({ code, data: expect.objectContaining(data) as unknown }) as Error;
const isPaddedAsTensorFlow = ({ graph }: ImportedModel) => graph.nodes.some(({ attributes }) => attributes["auto_pad"] === "SAME_UPPER");
const sizeOfImage = ({ graph }: ImportedModel) => graph.types.get("input")!.shape!.slice(2);

const resnet = shapesOf("torchvision/resnet18");

describe("weights of image models", () => {
  it.each(["module.", "model.", "state_dict.model.module."])("are known behind %s", (prefix) => {
    expect(read(renamed(weights(resnet), (name) => prefix + name)).graph.outputs).toEqual(["logits"]);
  });

  it("keep the names of their modules", () => {
    const { graph } = read(weights(resnet));
    expect(graph.types.get("layer4.1")?.shape?.[1]).toBe(512);
    expect(graph.types.has("layer4.1.conv2")).toBe(true);
    // Blocks without a way around them are called as blocks too.
    const mobile = read(weights(shapesOf("torchvision/mobilenet_v2"))).graph;
    for (let i = 0; i <= 18; i++) expect(mobile.types.has(`features.${i}`), `features.${i}`).toBe(true);
    const timm = read(weights(shapesOf("timm/mobilenetv2_035"))).graph;
    for (const [stage, blocks] of [1, 2, 3, 4, 3, 3, 1].entries()) for (let i = 0; i < blocks; i++) expect(timm.types.has(`blocks.${stage}.${i}`), `blocks.${stage}.${i}`).toBe(true);
  });

  it("without a last layer give their features, where the config says so", () => {
    const { "head.weight": _, "head.bias": __, ...bare } = shapesOf("timm/vit_tiny");
    const { graph } = read(weights(bare), { architecture: "vit_tiny_patch16_224", num_classes: 0 });
    expect([graph.outputs, graph.types.get("features")!.shape]).toEqual([["features"], ["batch", 192]]);
    expect(() => read(weights(bare), { architecture: "vit_tiny_patch16_224", num_classes: 10 })).toThrow(refusal("architectureUnknown", {}));
  });

  it.each<[string, string, string, Shapes]>([
    ["torchvision/resnet18", "fc", "a layer behind a dropout", { "fc.1.weight": [3, 512], "fc.1.bias": [3] }], ["torchvision/mobilenet_v2", "classifier", "a layer alone", { "classifier.weight": [3, 1280], "classifier.bias": [3] }],
    ["torchvision/mobilenet_v3_small", "classifier", "one layer for two", { "classifier.1.weight": [3, 576], "classifier.1.bias": [3] }], ["torchvision/convnext", "classifier", "a layer without a norm", { "classifier.1.weight": [3, 0], "classifier.1.bias": [3] }],
    ["torchvision/vit", "heads", "a layer behind a dropout", { "heads.1.weight": [3, 0], "heads.1.bias": [3] }], ["timm/resnet18", "fc", "a layer behind a dropout", { "fc.1.weight": [3, 512], "fc.1.bias": [3] }],
  ])("%s with a %s of somebody's own: %s", (name, head, _, own) => {
    const whole = shapesOf(name);
    const width = Object.entries(whole).findLast(([weight, shape]) => weight.startsWith(`${head}.`) && shape.length === 2)![1][1]!;
    const fitted = Object.fromEntries(Object.entries(own).map(([weight, shape]) => [weight, shape.map((size) => (size === 0 ? width : size))]));
    const { graph } = read(weights({ ...Object.fromEntries(Object.entries(whole).filter(([weight]) => !weight.startsWith(`${head}.`))), ...fitted }));
    expect([graph.outputs, graph.types.get("logits")!.shape]).toEqual([["logits"], ["batch", 3]]);
  });

  it("with more than one layer in the place of the last are refused by name, since functions between them are in no file", () => {
    const { "fc.weight": _, "fc.bias": __, ...body } = resnet;
    expect(() => read(weights({ ...body, "fc.0.weight": [64, 512], "fc.3.weight": [3, 64] }))).toThrow(refusal("architectureUnknown", { architecture: "ResNet with fc.0.weight, fc.3.weight in the place of fc.weight" }));
    expect(() => read(weights(body))).toThrow(refusal("architectureUnknown", { architecture: "ResNet without fc.weight" }));
  });

  it("are known beside a training program's losses and metrics", () => {
    const trained = { "criterion.weight": [3], ...Object.fromEntries(Object.entries(resnet).map(([name, shape]) => [`model.${name}`, shape])), "train_acc.total": [], "val_auroc.confmat": [3] };
    expect(read(weights(trained)).graph.outputs).toEqual(["logits"]);
  });

  it("may have the names of older torchvisions", () => {
    const densenet = read(renamed(weights(shapesOf("torchvision/densenet121")), (name) => name.replace(/(denselayer\d+\.(?:norm|conv))([12])/, "$1.$2")));
    expect(densenet.graph.types.has("features.denseblock4.denselayer16.conv2")).toBe(true);
    expect(densenet.layer).toBe("features.norm5");
    const vit = read(renamed(weights(shapesOf("torchvision/vit")), (name) => name.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2.")));
    expect(vit.graph.types.has("encoder.layers.encoder_layer_2.mlp.3")).toBe(true);
  });

  it.each([
    ["tf_efficientnet_b0_ns-c0e6a31c.safetensors", true], ["my tf_efficientnet_b0.pth", true], ["my_tf_efficientnet_lite0.pth", false], ["efficientnet_b0.pth", false], ["weights.safetensors", false],
  ])("of %s are padded as TensorFlow pads: %s", (file, expected) => {
    expect(isPaddedAsTensorFlow(read(weights(shapesOf("timm/efficientnet_b0"), `/models/${file}`)))).toBe(expected);
  });

  it("that fit two architectures say which was assumed", () => {
    const either = (name: string, path?: string) => read(weights(shapesOf(name), path)).assumed;
    expect(either("timm/efficientnet_b0")).toEqual({ architecture: "efficientnet_b0", other: "tf_efficientnet_b0" });
    expect(either("timm/tf_efficientnetv2_b0")).toEqual({ architecture: "tf_efficientnetv2_s", other: "efficientnetv2_s" });
    expect(either("timm/efficientnet_b0", "/models/efficientnet_b0.pth")).toBeUndefined();
    expect(read(weights(shapesOf("timm/efficientnet_b0")), { architecture: "efficientnet_b0" }).assumed).toBeUndefined();
    for (const name of ["timm/mobilenetv2_035", "timm/resnet18", "torchvision/efficientnet_b0"]) expect(either(name)).toBeUndefined();
  });

  it("take any size where the architecture does, and otherwise what the config or the positions say", () => {
    expect(sizeOfImage(read(weights(resnet)))).toEqual(["height", "width"]);
    expect(sizeOfImage(read(weights(shapesOf("torchvision/vgg11_bn"))))).toEqual([224, 224]);
    expect(sizeOfImage(read(weights(shapesOf("torchvision/vgg11_bn")), { input_shape: [3, 64, 96] }))).toEqual([64, 96]);
    expect(sizeOfImage(read(weights(shapesOf("torchvision/vit"))))).toEqual([48, 48]);
    const wide = { ...shapesOf("torchvision/vit"), "encoder.pos_embedding": [1, 9, 192] };
    expect(sizeOfImage(read(weights(wide), { input_shape: [3, 32, 64] }))).toEqual([32, 64]);
    expect(() => read(weights(wide))).toThrow(refusal("architectureUnknown", {}));
  });
});

describe("what is no known image model", () => {
  it("is refused with some of its weights", () => {
    expect(() => read(weights({ "stem.weight": [8, 3, 3, 3], "fc.weight": [10, 8] }))).toThrow(refusal("architectureUnknown", { architecture: "of these weights (stem.weight [8, 3, 3, 3], fc.weight [10, 8], …)" }));
    expect(() => read(weights({}))).toThrow(refusal("architectureUnknown", { architecture: "of no weights at all" }));
    expect(() => read(weights({ prompt_embeds: [1, 77, 768] }))).toThrow(refusal("architectureUnknown", { architecture: "of these weights (prompt_embeds [1, 77, 768], …)" }));
  });

  it.each(["vit.embeddings.patch_embeddings.projection.weight", "bert.encoder.layer.0.attention.self.query.weight", "model.layers.0.self_attn.q_proj.weight", "transformer.h.0.attn.c_attn.weight", "distilbert.transformer.layer.0.attention.q_lin.weight"])(
    "of transformers need their config: %s", (name) => expect(() => read(weights({ [name]: [8, 8] }))).toThrow(refusal("configMissing", { path: "/models/weights.safetensors" })));

  it("of adapters are told as such, with a config too", () => {
    const adapter = weights({ "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight": [8, 48], "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": [48, 8] });
    for (const config of [undefined, { model_type: "llama" }]) expect(() => read(adapter, config)).toThrow(refusal("adapterAlone", { path: "/models/weights.safetensors" }));
  });

  it("is refused by the name in the config", () => {
    expect(() => read(weights(resnet), { architecture: "resnetaa50" })).toThrow(refusal("architectureUnknown", { architecture: "resnetaa50" }));
    expect(() => read(weights(resnet), { architecture: "vit_tiny_patch16_224" })).toThrow(refusal("architectureUnknown", { architecture: "vit_tiny_patch16_224" }));
  });

  it("is refused for a weight more", () => {
    expect(() => read(weights({ ...resnet, "layer1.0.attn.weight": [1, 1, 3] }))).toThrow(refusal("architectureUnknown", { architecture: "ResNet with layer1.0.attn.weight" }));
  });

  it("is refused for options that change what no weight shows", () => {
    expect(() => read(weights(resnet), { architecture: "resnet18", model_args: { output_stride: 8 } })).toThrow(refusal("architectureUnknown", { architecture: "resnet18 with output_stride = 8" }));
    expect(() => read(weights(shapesOf("timm/vit_tiny")), { architecture: "vit_tiny_patch16_224", global_pool: "max" })).toThrow(refusal("architectureUnknown", { architecture: "vit_tiny_patch16_224 with global_pool \"max\"" }));
    expect(() => read(weights(resnet), { architecture: "resnet18", model_args: { global_pool: "max" } })).toThrow(refusal("architectureUnknown", { architecture: "resnet18 with global_pool \"max\"" }));
  });

  it("is refused where several models have such weights", () => {
    const clip = shapesOf("timm/vit_clip");
    expect(() => read(weights(clip))).toThrow(refusal("architectureUnknown", {}));
    expect(read(weights(clip, "/models/vit_base_patch32_clip_quickgelu_224.bin")).graph.outputs).toEqual(["logits"]);
  });

  it("is refused where heads cannot share the features", () => {
    const vit = shapesOf("timm/vit_tiny");
    for (const heads of [5, -3, 0]) expect(() => read(weights(vit), { architecture: "vit_tiny_patch16_224", model_args: { num_heads: heads } })).toThrow(refusal("architectureUnknown", {}));
  });

  it("is refused for images smaller than its windows", () => {
    expect(() => read(weights(shapesOf("torchvision/alexnet")), { input_shape: [3, 8, 8] })).toThrow(refusal("architectureUnknown", {}));
  });
});

describe("damaged weights", () => {
  const path = "/models/weights.safetensors";
  it.each<[string, Shapes, string]>([
    ["of other channels", { "layer2.0.conv1.weight": [128, 63, 3, 3] }, "the weight layer2.0.conv1.weight has the shape [128, 63, 3, 3], not [any, 64, any, any]"],
    ["of a norm", { "bn1.weight": [32] }, "the weight bn1.weight has the shape [32], not [64]"],
    ["of the last layer", { "fc.weight": [10, 256] }, "the weight fc.weight has the shape [10, 256], not [any, 512]"],
    ["without rank", { "layer1.0.conv2.weight": [] }, "the weight layer1.0.conv2.weight has the shape [], not [any, 64, any, any]"],
    ["without channels", { "layer3.0.conv1.weight": [0, 0, 3, 3] }, "the weight layer3.0.conv1.weight has the shape [0, 0, 3, 3], not [any, 128, any, any]"],
  ])("%s are named", (_, changed, reason) => {
    expect(() => read(weights({ ...resnet, ...changed }))).toThrow(refusal("modelCorrupt", { path, reason: expect.stringContaining(reason) as unknown }));
  });

  it("of linear layers that do not fit each other are told by their place", () => {
    const vit = { ...shapesOf("timm/vit_tiny"), "blocks.0.mlp.fc2.weight": [192, 767] };
    expect(() => read(weights(vit), { architecture: "vit_tiny_patch16_224" })).toThrow(refusal("modelCorrupt", { path, reason: expect.stringContaining("the weights of blocks.0.mlp.fc2") as unknown }));
  });

  it("that lack one are told", () => {
    const { "layer3.1.bn2.bias": _, ...others } = resnet;
    expect(() => read(weights(others))).toThrow(refusal("modelCorrupt", { path, reason: "the weight layer3.1.bn2.bias is missing" }));
  });

  it("of other classes than the config's are told", () => {
    expect(() => read(weights(resnet), { architecture: "resnet18", num_classes: 12 })).toThrow(refusal("modelCorrupt", { reason: "the weight fc.weight has the shape [10, 512], not [12, 512]" }));
  });
});

/** Case to the layer that Grad-CAM takes, which is the one that pytorch-grad-cam is pointed at: the last block or map, torchvision's `features[-1]`, the norm before the last attention. */
const layers: Readonly<Record<string, string>> = {
  "torchvision/resnet18": "layer4.1", "torchvision/resnext": "layer4.0", "torchvision/vgg11": "features.20", "torchvision/vgg11_bn": "features.28", "torchvision/alexnet": "features.12",
  "torchvision/densenet121": "features.norm5", "torchvision/mobilenet_v2": "features.18", "torchvision/mobilenet_v3_small": "features.12", "torchvision/mobilenet_v3_large": "features.16",
  "torchvision/efficientnet_b0": "features.8", "torchvision/efficientnet_v2": "features.7", "torchvision/convnext": "features.7.1", "torchvision/vit": "encoder.layers.encoder_layer_2.ln_1",
  "timm/resnet26t": "layer4.1", "timm/densenet121": "features.norm5", "timm/mobilenetv2_035": "bn2", "timm/mobilenetv3_small_050": "blocks.5.0", "timm/convnext_atto": "stages.3.blocks.1",
  "timm/vit_tiny": "blocks.1.norm1", "timm/vit_gap": "blocks.1.norm1", "timm/deit_tiny_distilled": "blocks.1.norm1",
};

/** Tokens before the patches, of each layer; the patches are 3 x 3. */
const prefixes: Readonly<Record<string, readonly number[]>> = { "torchvision/vit": [1, 1, 1], "timm/vit_tiny": [1, 1], "timm/vit_gap": [4, 4], "timm/deit_tiny_distilled": [2, 2], "timm/deit3_small": [1, 1] };

/** Read as the case is, with its config where it has one; images are 224 x 224 where any size goes. */
function prepared(name: string) {
  const config = name.startsWith("timm/") ? (JSON.parse(readFileSync(join(fixture(`models/${name}`), "config.json"), "utf8")) as object) : undefined;
  const model = read(weights(shapesOf(name)), config);
  const classifier = classifierOf(model.graph);
  const [height, width] = sizeOfImage(model).map((side) => (typeof side === "number" ? side : 224)) as [number, number];
  return { model, classifier, ...prepare(classifier, [1, 3, height, width]) };
}

describe("image models in use", () => {
  it.each(Object.entries(layers))("%s is looked at in %s", (name, layer) => {
    const { model, defaultLayer, layers: all } = prepared(name);
    expect(model.layer ?? defaultLayer?.name).toBe(layer);
    expect(all.some((known) => known.name === layer)).toBe(true);
  });

  it.each(Object.entries(prefixes))("tokens of %s are known by their places", (name, expected) => {
    const { graph, classifier } = prepared(name);
    const place = placeFinder(graph, classifier.input);
    expect(attentionSites(graph).map((site) => tokenLayout(place(site)!, site.shape[0], site.shape[2]))).toEqual(expected.map((prefix) => ({ prefix, grid: [3, 3] })));
  });
});
