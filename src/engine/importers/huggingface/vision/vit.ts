/** @file Plain vision transformers: ViT, DeiT with its two classifiers, BEiT with relative positions. */
import type { Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption } from "../activations.js";
import { flagOption, headSize, layersOption, numberOption, refuseOption, sizeOption } from "../options.js";
import { classifier, features, imageArchitecture, meanFrom, tokenAt, type HeadContext, type ImageModel } from "./imageModel.js";
import { pairOption, patchGrid } from "./imageOptions.js";
import { patchTokens, withTokens } from "./patches.js";
import { distanceWeights, relativeBiases } from "./relativePosition.js";
import { selfAttention, transformerLayer, type LayerNames, type LayerOptions } from "./transformerLayer.js";

const names: LayerNames = {
  norms: ["layernorm_before", "layernorm_after"],
  query: "attention.attention.query", key: "attention.attention.key", value: "attention.attention.value", output: "attention.output.dense",
  mlp: ["intermediate.dense", "output.dense"], wide: "intermediate", scales: ["lambda_1", "lambda_2"],
};

const imageSize = (config: Fields) => pairOption(config, "image_size", 224);
const epsilonOf = (config: Fields) => numberOption(config, "layer_norm_eps", 1e-12);

function embeddings(writer: GraphWriter, config: Fields, pixels: string, tokenNames: readonly string[]): string {
  const width = sizeOption(config, "hidden_size", 768);
  const patch = pairOption(config, "patch_size", 16);
  const [rows, columns] = patchGrid(config, imageSize(config), patch);
  return writer.within("embeddings", () => {
    const tokens = withTokens(writer, patchTokens(writer, "patch_embeddings.projection", pixels, patch), tokenNames.map((name) => writer.weight(name, [1, 1, width])), width);
    return writer.has("position_embeddings") ? writer.add("Add", [tokens, writer.weight("position_embeddings", [1, rows * columns + tokenNames.length, width])], {}, "") : tokens;
  });
}

/** The states before the last norm. */
function encoded(writer: GraphWriter, config: Fields, pixels: string, tokenNames: readonly string[]): string {
  const options: LayerOptions = { names, heads: sizeOption(config, "num_attention_heads", 12), epsilon: epsilonOf(config), activation: activationOption(writer, config, "hidden_act", "gelu") };
  const size = headSize(config, sizeOption(config, "hidden_size", 768), options.heads, "num_attention_heads");
  const biases = positionBiases(writer, config, options.heads);
  let tokens = embeddings(writer, config, pixels, tokenNames);
  for (let i = 0, layers = layersOption(config, "num_hidden_layers", 12); i < layers; i++) {
    tokens = writer.within(`encoder.layer.${i}`, () => transformerLayer(writer, tokens, options, (x) => selfAttention(writer, x, options, size, biases())));
  }
  return tokens;
}

/** What a BEiT adds to the scores of the layer in whose scope it is asked: a bias of the layer's own, or one for all. */
function positionBiases(writer: GraphWriter, config: Fields, heads: number): () => readonly string[] {
  const [isOwn, isShared] = [flagOption(config, "use_relative_position_bias", false), flagOption(config, "use_shared_relative_position_bias", false)];
  if (!isOwn && !isShared) return () => [];
  const window = patchGrid(config, imageSize(config), pairOption(config, "patch_size", 16));
  // The library stretches a table through a transposed view of it, which leaves it as it is for squares alone.
  if (window[0] !== window[1]) refuseOption(writer, config, "image_size");
  const biasOf = relativeBiases(writer, window, true);
  const bias = (scope: string) => biasOf(distanceWeights(writer, `${scope}.relative_position_bias.relative_position_bias_table`, window, heads, true));
  const shared = isShared ? [bias("encoder")] : [];
  return () => (isOwn ? [bias("attention.attention"), ...shared] : shared);
}

const architecture = (model: Omit<ImageModel, "probe" | "size">) => imageArchitecture({ ...model, probe: "embeddings.patch_embeddings.projection.weight", size: imageSize });

const classToken = ({ writer, last }: HeadContext) => tokenAt(writer, last, 0);

/** Through the pooler, where the model was saved with one. */
function pooled(context: HeadContext): string {
  const { writer, config, inBody } = context;
  const token = classToken(context);
  return inBody(() => (writer.has("pooler.dense.weight") ? activationOption(writer, config, "pooler_act", "tanh")(writer, linear(writer, "pooler.dense", token), "pooler") : token));
}

const normalised = (tokenNames: readonly string[]): ImageModel["states"] => (writer, config, pixels) => layerNorm(writer, "layernorm", encoded(writer, config, pixels, tokenNames), epsilonOf(config));

export const vit = architecture({
  body: "vit", states: normalised(["cls_token"]),
  heads: { ForImageClassification: classifier(classToken), Model: features(pooled) },
});

export const deit = architecture({
  body: "deit", states: normalised(["cls_token", "distillation_token"]),
  heads: {
    ForImageClassification: classifier(classToken),
    ForImageClassificationWithTeacher: ({ writer, last }) => {
      const both = ["cls_classifier", "distillation_classifier"].map((name, token) => linear(writer, name, tokenAt(writer, last, token)));
      return { logits: writer.add("Div", [writer.add("Add", both), writer.scalar(2)]) };
    },
    Model: features(pooled),
  },
});

/** BEiT normalises the mean of the patches, or all tokens. */
const isPooledByMean = (config: Fields) => flagOption(config, "use_mean_pooling", true);

function beitPooled({ writer, config, last, inBody }: HeadContext): string {
  return isPooledByMean(config) ? inBody(() => layerNorm(writer, "pooler.layernorm", meanFrom(writer, last, 1), epsilonOf(config))) : tokenAt(writer, last, 0);
}

export const beit = architecture({
  body: "beit",
  states: (writer, config, pixels) => {
    const tokens = encoded(writer, config, pixels, ["cls_token"]);
    return isPooledByMean(config) ? tokens : layerNorm(writer, "layernorm", tokens, epsilonOf(config));
  },
  heads: { ForImageClassification: classifier(beitPooled), Model: features(beitPooled) },
});
