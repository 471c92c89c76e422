/** @file Encoders of the BERT kind: what a family's config, module names and heads make of one structure. */
import { present, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import { activationOption, type Activation } from "../activations.js";
import { attend, paddingBias } from "../attention.js";
import type { Architecture } from "../importHuggingFace.js";
import { headSize, layersOption, numberOption, refuseOption, sizeOption } from "../options.js";
import { addParts, positionEmbeddings, textInputs, typeEmbeddings, typesOption, wordEmbeddings } from "./embeddings.js";
import { encoderBlock, type BlockNames } from "./encoderBlock.js";
import { writeHead, type FamilyHeads } from "./heads.js";

/** What a config's options are called, and the library's defaults. */
export interface OptionNames {
  readonly width: readonly [key: string, fallback: number];
  readonly layers: readonly [key: string, fallback: number];
  readonly heads: readonly [key: string, fallback: number];
  readonly activation: readonly [key: string, fallback: string];
  /** Without a key it is the same for all models. */
  readonly epsilon: readonly [key: string | undefined, value: number];
}

/** Options as read. */
export interface EncoderOptions {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

/** How a family differs from the others. */
export interface Family {
  /** The scope of the encoder in checkpoints that have a head. */
  readonly prefix: string;
  readonly options: OptionNames;
  readonly block: BlockNames;
  /** The library's default for the number of token types; 0 where there are none. */
  readonly types: number;
  /** The id of padding, where positions are counted from behind it. */
  readonly padding?: (config: Fields) => number;
  /** The width of the embeddings, where it may be another than the layers', and the layer between them, which some have only where it is. */
  readonly narrow?: { readonly fallback: number; readonly layer: string; readonly isAlways: boolean };
  /** Where each layer lies in the encoder. */
  readonly layers: (config: Fields, count: number) => readonly string[];
  /** What is added to the scores of every attention beside the mask. */
  readonly positionBias?: (writer: GraphWriter, ids: string) => string;
  readonly heads: (options: EncoderOptions) => FamilyHeads;
}

export const bertOptions: OptionNames = { width: ["hidden_size", 768], layers: ["num_hidden_layers", 12], heads: ["num_attention_heads", 12], activation: ["hidden_act", "gelu"], epsilon: ["layer_norm_eps", 1e-12] };

/** Where layers lie in BERT and most of its kin. */
export const bertLayers = (_: Fields, count: number): readonly string[] => Array.from({ length: count }, (__, i) => `encoder.layer.${i}`);

/** Options that would change what is computed, each with the one value that is known here. */
const fixedOptions: Readonly<Record<string, unknown>> = { is_decoder: false, add_cross_attention: false, position_embedding_type: "absolute" };

/** Throws `architectureUnknown` and `descriptionInvalid`. */
export function readOptions(writer: GraphWriter, config: Fields, names: OptionNames): EncoderOptions {
  for (const [key, value] of Object.entries(fixedOptions)) if ((present(config, key) ?? value) !== value) refuseOption(writer, config, key);
  const [epsilonKey, epsilon] = names.epsilon;
  const [width, heads] = [sizeOption(config, ...names.width), sizeOption(config, ...names.heads)];
  return {
    width, heads, headSize: headSize(config, width, heads, names.heads[0]), layers: layersOption(config, ...names.layers),
    activation: activationOption(writer, config, ...names.activation), epsilon: epsilonKey === undefined ? epsilon : numberOption(config, epsilonKey, epsilon),
  };
}

/** The scope of an encoder in this checkpoint: checkpoints of the encoder alone leave its name out. */
export function encoderScope(writer: GraphWriter, prefix: string): string {
  return writer.weights.names.some((name) => name.startsWith(`${prefix}.`)) ? prefix : "";
}

/** The architecture of a family. */
export function encoderOf(family: Family): Architecture {
  return (writer, config, architecture) => {
    const options = readOptions(writer, config, family.options);
    const scope = encoderScope(writer, family.prefix);
    const states = writer.within(scope, () => writeEncoder(writer, config, family, options));
    writeHead(writer, architecture, { states, scope, activation: options.activation, heads: family.heads(options) });
  };
}

function writeEncoder(writer: GraphWriter, config: Fields, family: Family, options: EncoderOptions): string {
  const { narrow, positionBias } = family;
  const types = family.types === 0 ? 0 : typesOption(config, family.types);
  const inputs = textInputs(writer, types);
  const width = narrow ? sizeOption(config, "embedding_size", narrow.fallback) : options.width;
  const embedded = writer.within("embeddings", () => {
    const parts = [wordEmbeddings(writer, config, inputs.ids, width), typeEmbeddings(writer, inputs.types, types), positionEmbeddings(writer, inputs.ids, family.padding?.(config))];
    return layerNorm(writer, "LayerNorm", addParts(writer, parts), options.epsilon);
  });
  const wide = narrow && (narrow.isAlways || width !== options.width) ? linear(writer, narrow.layer, embedded) : embedded;
  const biases = [...(positionBias ? [positionBias(writer, inputs.ids)] : []), paddingBias(writer, inputs.mask)];
  const block = {
    ...options, names: family.block,
    attend: (at: GraphWriter, query: string, key: string, value: string) => attend(at, { query, key, value, scale: options.headSize ** -0.5, biases }),
  };
  return family.layers(config, options.layers).reduce((x, layer) => writer.within(layer, () => encoderBlock(writer, x, block)), wide);
}
