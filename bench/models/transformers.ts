/** @file torchvision's ViT and transformers' BERT and DistilBERT with random weights, whose attention is neither even nor all on one token. */
import type { Filling, RandomModel, RandomTensor } from "./randomModel.js";

export interface TransformerSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
}

export const base: TransformerSizes = { layers: 12, width: 768, heads: 12, inner: 3072 };
export const distilled: TransformerSizes = { ...base, layers: 6 };

/** Trained biases lie off 0: with none, layer normalisation would make every scaled embedding the same. */
const bias: Filling = { deviation: 0.02 };
/** Transformers' own initial scale of embeddings; the norm behind them makes it 1. */
const embedding: Filling = { deviation: 0.02 };

/** Weights that keep the variance of what comes in: queries and keys then vary by 1, and so do the scores of attention. */
function linear(name: string, out: number, input: number): RandomTensor[] {
  return joint(`${name}.`, out, input);
}

function joint(name: string, out: number, input: number): RandomTensor[] {
  return [{ name: `${name}weight`, shape: [out, input], filling: { deviation: input ** -0.5 } }, { name: `${name}bias`, shape: [out], filling: bias }];
}

function norm(name: string, width: number): RandomTensor[] {
  return [{ name: `${name}.weight`, shape: [width], filling: 1 }, { name: `${name}.bias`, shape: [width], filling: bias }];
}

export interface VisionSizes extends TransformerSizes {
  readonly patch: number;
  readonly side: number;
  readonly classes: number;
}

export const vitB16: VisionSizes = { ...base, patch: 16, side: 224, classes: 1000 };

/** The state_dict of torchvision's `vit_b_16`. Its heads have 64 features each. */
export function randomVit({ layers, width, inner, patch, side, classes }: VisionSizes): RandomModel {
  const tokens = 1 + (side / patch) ** 2;
  const block = (i: number): RandomTensor[] => {
    const name = `encoder.layers.encoder_layer_${i}`;
    return [
      ...norm(`${name}.ln_1`, width), ...joint(`${name}.self_attention.in_proj_`, 3 * width, width), ...linear(`${name}.self_attention.out_proj`, width, width),
      ...norm(`${name}.ln_2`, width), ...linear(`${name}.mlp.0`, inner, width), ...linear(`${name}.mlp.3`, width, inner),
    ];
  };
  return { tensors: [
    { name: "class_token", shape: [1, 1, width], filling: embedding },
    { name: "conv_proj.weight", shape: [width, 3, patch, patch], filling: { deviation: (3 * patch * patch) ** -0.5 } }, { name: "conv_proj.bias", shape: [width], filling: bias },
    { name: "encoder.pos_embedding", shape: [1, tokens, width], filling: { deviation: 0.3 } },
    ...Array.from({ length: layers }, (_, i) => block(i)).flat(), ...norm("encoder.ln", width), ...linear("heads.head", classes, width),
  ] };
}

export interface TextSizes extends TransformerSizes {
  readonly words: number;
  readonly positions: number;
}

export const bertBase: TextSizes = { ...base, words: 30_522, positions: 512 };
export const distilbertBase: TextSizes = { ...bertBase, ...distilled };

const embeddings = (prefix: string, width: number, counts: Readonly<Record<string, number>>): RandomTensor[] => [
  ...Object.entries(counts).map(([name, count]) => ({ name: `${prefix}.embeddings.${name}_embeddings.weight`, shape: [count, width], filling: embedding })), ...norm(`${prefix}.embeddings.LayerNorm`, width),
];

/** A `BertForSequenceClassification` of two classes. */
export function randomBert({ layers, width, heads, inner, words, positions }: TextSizes): RandomModel {
  const block = (i: number): RandomTensor[] => {
    const name = `bert.encoder.layer.${i}`;
    return [
      ...["query", "key", "value"].flatMap((part) => linear(`${name}.attention.self.${part}`, width, width)), ...linear(`${name}.attention.output.dense`, width, width), ...norm(`${name}.attention.output.LayerNorm`, width),
      ...linear(`${name}.intermediate.dense`, inner, width), ...linear(`${name}.output.dense`, width, inner), ...norm(`${name}.output.LayerNorm`, width),
    ];
  };
  return {
    config: {
      architectures: ["BertForSequenceClassification"], model_type: "bert", hidden_size: width, num_hidden_layers: layers, num_attention_heads: heads, intermediate_size: inner,
      hidden_act: "gelu", layer_norm_eps: 1e-12, max_position_embeddings: positions, type_vocab_size: 2, vocab_size: words, pad_token_id: 0,
    },
    tensors: [
      ...embeddings("bert", width, { word: words, position: positions, token_type: 2 }), ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
      ...linear("bert.pooler.dense", width, width), ...linear("classifier", 2, width),
    ],
  };
}

/** A `DistilBertForSequenceClassification` of two classes. */
export function randomDistilbert({ layers, width, heads, inner, words, positions }: TextSizes): RandomModel {
  const block = (i: number): RandomTensor[] => {
    const name = `distilbert.transformer.layer.${i}`;
    return [
      ...["q", "k", "v", "out"].flatMap((part) => linear(`${name}.attention.${part}_lin`, width, width)), ...norm(`${name}.sa_layer_norm`, width),
      ...linear(`${name}.ffn.lin1`, inner, width), ...linear(`${name}.ffn.lin2`, width, inner), ...norm(`${name}.output_layer_norm`, width),
    ];
  };
  return {
    config: {
      architectures: ["DistilBertForSequenceClassification"], model_type: "distilbert", dim: width, n_layers: layers, n_heads: heads, hidden_dim: inner,
      activation: "gelu", max_position_embeddings: positions, vocab_size: words, pad_token_id: 0, sinusoidal_pos_embds: false,
    },
    tensors: [
      ...embeddings("distilbert", width, { word: words, position: positions }), ...Array.from({ length: layers }, (_, i) => block(i)).flat(),
      ...linear("pre_classifier", width, width), ...linear("classifier", 2, width),
    ],
  };
}
