/** @file The encoders of transformers, by `model_type`. */
import { numberField, type Fields } from "../../preprocess/fields.js";
import type { GraphWriter } from "../graphWriter.js";
import { activationOf } from "./activations.js";
import { countedPositions } from "./causalMask.js";
import type { Architecture } from "./importHuggingFace.js";
import { layersOption, sizeOption } from "./options.js";
import { deberta } from "./text/deberta.js";
import { embedding } from "./text/embeddings.js";
import { bertLayers, bertOptions, encoderOf, type EncoderOptions, type Family } from "./text/encoder.js";
import { bertNames } from "./text/encoderBlock.js";
import { relativePositions } from "./text/relativePositions.js";

const [gelu, tanh, relu] = [activationOf("gelu"), activationOf("tanh"), activationOf("relu")];

const bert: Family = {
  prefix: "bert", options: bertOptions, block: bertNames, types: 2, layers: bertLayers,
  heads: ({ activation, epsilon }) => ({
    pooler: "pooler.dense", text: { out: "classifier" },
    words: { dense: "cls.predictions.transform.dense", activation, norm: "cls.predictions.transform.LayerNorm", epsilon, decoder: "cls.predictions.decoder", bias: "cls.predictions.bias" },
  }),
};

/** The heads of RoBERTa and MPNet. */
const robertaHeads = ({ epsilon }: EncoderOptions) => ({
  pooler: "pooler.dense", text: { hidden: { dense: "classifier.dense", activation: tanh }, out: "classifier.out_proj" },
  words: { dense: "lm_head.dense", activation: gelu, norm: "lm_head.layer_norm", epsilon, decoder: "lm_head.decoder", bias: "lm_head.bias" },
});

const roberta: Family = { ...bert, prefix: "roberta", padding: (config) => numberField(config, "pad_token_id") ?? 1, heads: robertaHeads };

const mpnet: Family = {
  ...roberta, prefix: "mpnet", types: 0, padding: () => 1, positionBias: mpnetBias,
  block: { ...bertNames, query: "attention.attn.q", key: "attention.attn.k", value: "attention.attn.v", joined: "attention.attn.o", attentionNorm: "attention.LayerNorm" },
};

const electra: Family = {
  ...bert, prefix: "electra", options: { ...bertOptions, width: ["hidden_size", 256], heads: ["num_attention_heads", 4] },
  narrow: { fallback: 128, layer: "embeddings_project", isAlways: false },
  heads: ({ epsilon }) => ({
    text: { hidden: { dense: "classifier.dense", activation: gelu }, out: "classifier.out_proj" },
    words: { dense: "generator_predictions.dense", activation: gelu, norm: "generator_predictions.LayerNorm", epsilon, decoder: "generator_lm_head" },
  }),
};

const distilbert: Family = {
  prefix: "distilbert", options: { width: ["dim", 768], layers: ["n_layers", 6], heads: ["n_heads", 12], activation: ["activation", "gelu"], epsilon: [undefined, 1e-12] }, types: 0,
  block: {
    query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin", joined: "attention.out_lin", attentionNorm: "sa_layer_norm",
    up: "ffn.lin1", down: "ffn.lin2", norm: "output_layer_norm",
  },
  layers: (_, count) => Array.from({ length: count }, (__, i) => `transformer.layer.${i}`),
  heads: ({ activation, epsilon }) => ({
    text: { hidden: { dense: "pre_classifier", activation: relu }, out: "classifier" },
    words: { dense: "vocab_transform", activation, norm: "vocab_layer_norm", epsilon, decoder: "vocab_projector" },
  }),
};

const albert: Family = {
  ...bert, prefix: "albert", options: { ...bertOptions, width: ["hidden_size", 4096], heads: ["num_attention_heads", 64], activation: ["hidden_act", "gelu_new"] },
  block: {
    query: "attention.query", key: "attention.key", value: "attention.value", joined: "attention.dense", attentionNorm: "attention.LayerNorm",
    up: "ffn", down: "ffn_output", norm: "full_layer_layer_norm",
  },
  narrow: { fallback: 128, layer: "encoder.embedding_hidden_mapping_in", isAlways: true },
  layers: albertLayers,
  heads: ({ activation, epsilon }) => ({
    pooler: "pooler", text: { out: "classifier" },
    words: { dense: "predictions.dense", activation, norm: "predictions.LayerNorm", epsilon, decoder: "predictions.decoder", bias: "predictions.bias" },
  }),
};

export const encoders: Readonly<Record<string, Architecture>> = {
  bert: encoderOf(bert), roberta: encoderOf(roberta), "xlm-roberta": encoderOf(roberta), camembert: encoderOf(roberta),
  distilbert: encoderOf(distilbert), albert: encoderOf(albert), electra: encoderOf(electra), mpnet: encoderOf(mpnet), "deberta-v2": deberta,
};

/** Layers are called again and again: each group of layers for as many of the steps as any other. */
function albertLayers(config: Fields, count: number): readonly string[] {
  const [groups, inner] = [sizeOption(config, "num_hidden_groups", 1, count), layersOption(config, "inner_group_num", 1)];
  return Array.from({ length: count }, (_, i) => Math.floor(i / (count / groups)))
    .flatMap((group) => Array.from({ length: inner }, (_, i) => `encoder.albert_layer_groups.${group}.albert_layers.${i}`));
}

/** MPNet's buckets of distances, half of them for each direction; those from 8 on are shared, on a logarithmic scale that ends at 128. */
function mpnetBias(writer: GraphWriter, ids: string): string {
  const bucket = (distance: number) => {
    const far = Math.abs(distance);
    const shared = 8 + Math.trunc(Math.fround(Math.fround(Math.fround(Math.log(far / 8)) / Math.fround(Math.log(16))) * 8));
    return (distance < 0 ? 16 : 0) + (far < 8 ? far : Math.min(15, shared));
  };
  return writer.within("encoder", () => {
    const rows = embedding(writer, "relative_attention_bias", relativePositions(writer, countedPositions(writer, ids), 128, bucket));
    return writer.add("Unsqueeze", [writer.add("Transpose", [rows], { perm: [2, 0, 1] }), writer.ints([0])]);
  });
}
