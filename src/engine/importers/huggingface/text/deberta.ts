/** @file DeBERTa v2 and v3: attention over contents and over distances, added before the softmax. */
import { flagOption, numberOption, refuseOption, sizeOption, wordOption } from "../options.js";
import { numberField, present, wrongField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption } from "../activations.js";
import { attend, scaledProduct, splitHeads } from "../attention.js";
import { countedPositions } from "../causalMask.js";
import type { Architecture } from "../importHuggingFace.js";
import { bertLayers, encoderScope, readOptions, type EncoderOptions, type OptionNames } from "./encoder.js";
import { bertNames, encoderBlock, type EncoderBlock } from "./encoderBlock.js";
import { addParts, positionEmbeddings, textInputs, typeEmbeddings, typesOption, wordEmbeddings, type TextInputs } from "./embeddings.js";
import { writeHead } from "./heads.js";
import { relativePositions } from "./relativePositions.js";

const optionNames: OptionNames = { width: ["hidden_size", 1536], layers: ["num_hidden_layers", 24], heads: ["num_attention_heads", 24], activation: ["hidden_act", "gelu"], epsilon: ["layer_norm_eps", 1e-7] };
const names = { ...bertNames, query: "attention.self.query_proj", key: "attention.self.key_proj", value: "attention.self.value_proj" };

/** Longer reaches are no model's, and would only cost memory. */
const longestReach = 2 ** 16;

/** Writes `DebertaV2Model` and its head. */
export const deberta: Architecture = (writer, config, architecture) => {
  const options = readOptions(writer, config, optionNames);
  const scope = encoderScope(writer, "deberta");
  const states = writer.within(scope, () => writeEncoder(writer, config, options));
  const words = flagOption(config, "legacy", true) ? { dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm", decoder: "cls.predictions.decoder", bias: "cls.predictions.bias" }
    : { dense: "lm_predictions.lm_head.dense", norm: "lm_predictions.lm_head.LayerNorm", decoder: "lm_predictions.lm_head" };
  writeHead(writer, architecture, {
    states, scope, activation: options.activation,
    heads: { text: { hidden: { dense: "pooler.dense", activation: activationOption(writer, config, "pooler_hidden_act", "gelu") }, out: "classifier" }, words: { ...words, activation: options.activation, epsilon: options.epsilon } },
  });
};

function writeEncoder(writer: GraphWriter, config: Fields, options: EncoderOptions): string {
  const types = typesOption(config, 0);
  const inputs = textInputs(writer, types);
  const kept = writer.add("Cast", [inputs.mask], { to: "float32" });
  const mask = writer.add("Unsqueeze", [kept, writer.ints([2])]);
  const embedded = writer.within("embeddings", () => writeEmbeddings(writer, config, options, inputs, types, mask));
  const block = writer.within("encoder", () => ({ ...options, names, attend: disentangled(writer, config, options, inputs) }));
  return bertLayers(config, options.layers).reduce((x, layer, i) => {
    const states = writer.within(layer, () => encoderBlock(writer, x, block));
    return i === 0 && (numberField(config, "conv_kernel_size") ?? 0) > 0 ? writer.within("encoder.conv", () => convolved(writer, config, options, { x, states, mask })) : states;
  }, embedded);
}

function writeEmbeddings(writer: GraphWriter, config: Fields, options: EncoderOptions, inputs: TextInputs, types: number, mask: string): string {
  const width = sizeOption(config, "embedding_size", options.width);
  const isPlaced = flagOption(config, "position_biased_input", true);
  const parts = [wordEmbeddings(writer, config, inputs.ids, width), isPlaced ? positionEmbeddings(writer, inputs.ids, undefined) : undefined, typeEmbeddings(writer, inputs.types, types)];
  const sum = addParts(writer, parts);
  const wide = width === options.width ? sum : linear(writer, "embed_proj", sum);
  return writer.add("Mul", [layerNorm(writer, "LayerNorm", wide, options.epsilon), mask]);
}

/** The attention of all layers; called in the encoder's scope, and what it returns in each layer's. */
function disentangled(writer: GraphWriter, config: Fields, { heads, headSize, epsilon }: EncoderOptions, { ids, mask }: TextInputs): EncoderBlock["attend"] {
  const kinds = attentionKinds(config);
  const scale = (headSize * (1 + kinds.length)) ** -0.5;
  // Padding neither sees nor is seen.
  const isToken = writer.add("Cast", [mask], { to: "bool" });
  const allowed = writer.add("And", [writer.add("Unsqueeze", [isToken, writer.ints([1, 2])]), writer.add("Unsqueeze", [isToken, writer.ints([1, 3])])]);
  const distances = flagOption(config, "relative_attention", false) && kinds.length > 0 ? writeDistances(writer, config, ids, epsilon) : undefined;
  const isShared = flagOption(config, "share_att_key", false);
  const own = { c2p: "attention.self.pos_key_proj", p2c: "attention.self.pos_query_proj" };
  const shared = { c2p: names.key, p2c: names.query };

  const byDistance = (at: GraphWriter, kind: "c2p" | "p2c", content: string, every: string) => {
    const rows = splitHeads(at, linear(at, (isShared ? shared : own)[kind], distances!.embeddings), heads, headSize);
    const picked = at.add("GatherElements", [scaledProduct(at, content, rows, scale), at.add("Expand", [distances![kind], every])], { axis: -1 });
    return kind === "c2p" ? picked : at.add("Transpose", [picked], { perm: [0, 1, 3, 2] });
  };
  return (at, query, key, value) => {
    const every = at.add("Concat", [at.add("Shape", [query], { start: 0, end: 3 }), at.add("Shape", [key], { start: 2, end: 3 })], { axis: 0 });
    const biases = distances === undefined ? [] : kinds.map((kind) => byDistance(at, kind, kind === "c2p" ? query : key, every));
    return attend(at, { query, key, value, scale, biases, allowed });
  };
}

/** Contents by distances ("c2p"), distances by contents ("p2c"). */
function attentionKinds(config: Fields): readonly ("c2p" | "p2c")[] {
  const given = present(config, "pos_att_type") ?? [];
  const listed: readonly unknown[] = typeof given === "string" ? given.toLowerCase().split("|").map((kind) => kind.trim()) : Array.isArray(given) ? given : wrongField(config, "pos_att_type", "it must be a list of texts");
  return (["c2p", "p2c"] as const).filter((kind) => listed.includes(kind));
}

/** The embeddings of distances `[1, rows, width]`, and for each kind which of the rows stands for which pair of tokens `[tokens, tokens]`. */
function writeDistances(writer: GraphWriter, config: Fields, ids: string, epsilon: number): { readonly embeddings: string; readonly c2p: string; readonly p2c: string } {
  const given = numberOption(config, "max_relative_positions", -1);
  const reach = given < 1 ? sizeOption(config, "max_position_embeddings", 512) : sizeOption(config, "max_relative_positions");
  if (reach > longestReach) wrongField(config, given < 1 ? "max_position_embeddings" : "max_relative_positions", `it must not be above ${longestReach}`);
  const buckets = Math.max(0, numberOption(config, "position_buckets", -1));
  if (buckets % 2 !== 0 || buckets > reach * 2) refuseOption(writer, config, "position_buckets");
  const span = buckets > 0 ? buckets : reach;
  const bucket = (distance: number) => (buckets > 0 ? logBucket(distance, buckets, reach) : distance);
  const row = (distance: number) => Math.max(0, Math.min(2 * span - 1, distance + span));
  const table = writer.add("Slice", [writer.weight("rel_embeddings.weight", [-1, -1]), writer.ints([0]), writer.ints([2 * span]), writer.ints([0])]);
  const isNormal = wordOption(config, "norm_rel_ebd", "none").toLowerCase().split("|").some((word) => word.trim() === "layer_norm");
  const at = countedPositions(writer, ids);
  return {
    embeddings: writer.add("Unsqueeze", [isNormal ? layerNorm(writer, "LayerNorm", table, epsilon) : table, writer.ints([0])]),
    c2p: relativePositions(writer, at, reach, (distance) => row(bucket(distance))),
    // Of every key, by its distance from the query.
    p2c: relativePositions(writer, at, reach, (distance) => row(-bucket(distance))),
  };
}

/** Near distances have buckets of their own; farther ones share them, on a logarithmic scale in single precision as PyTorch's. */
function logBucket(distance: number, buckets: number, reach: number): number {
  const [mid, far] = [buckets / 2, Math.abs(distance)];
  if (far <= mid) return distance;
  const f = Math.fround;
  const share = f(f(Math.log(f(far / mid))) / f(Math.log(f((reach - 1) / mid))));
  return Math.sign(distance) * (Math.ceil(f(share * (mid - 1))) + mid);
}

/** The first layer's states with a convolution of its input over neighbouring tokens. */
function convolved(writer: GraphWriter, config: Fields, { epsilon }: EncoderOptions, { x, states, mask }: { readonly x: string; readonly states: string; readonly mask: string }): string {
  const size = sizeOption(config, "conv_kernel_size");
  const pad = Math.floor((size - 1) / 2);
  if (size % 2 === 0) refuseOption(writer, config, "conv_kernel_size");
  const rows = writer.add("Conv", [writer.add("Transpose", [x], { perm: [0, 2, 1] }), writer.weight("conv.weight", [-1, -1, size]), writer.weight("conv.bias", [-1])],
    { kernel_shape: [size], strides: [1], dilations: [1], pads: [pad, pad], group: sizeOption(config, "conv_groups", 1) });
  const kept = writer.add("Mul", [writer.add("Transpose", [rows], { perm: [0, 2, 1] }), mask]);
  const activated = activationOption(writer, config, "conv_act", "tanh")(writer, kept);
  return writer.add("Mul", [layerNorm(writer, "LayerNorm", writer.add("Add", [states, activated]), epsilon), mask]);
}
