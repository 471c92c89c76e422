/** @file The layer that BERT and its kin are stacks of: attention, then two linear layers, each added to its input and normalised. */
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import type { Activation } from "../activations.js";
import { joinHeads, splitHeads } from "../attention.js";

/** What a family calls the modules of a layer. */
export interface BlockNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** The layer that joins the heads, and the normalisation after it. */
  readonly joined: string;
  readonly attentionNorm: string;
  /** The two linear layers, and the normalisation after them. */
  readonly up: string;
  readonly down: string;
  readonly norm: string;
}

/** What all layers of an encoder have in common. */
export interface EncoderBlock {
  readonly names: BlockNames;
  readonly heads: number;
  readonly headSize: number;
  readonly activation: Activation;
  readonly epsilon: number;
  /** Attention of queries, keys and values, all `[batch, heads, tokens, headSize]`. */
  readonly attend: (writer: GraphWriter, query: string, key: string, value: string) => string;
}

/** One layer, in the writer's scope: tokens `[batch, tokens, width]` to the same. */
export function encoderBlock(writer: GraphWriter, x: string, { names, heads, headSize, activation, epsilon, attend }: EncoderBlock): string {
  const [query, key, value] = [names.query, names.key, names.value].map((name) => splitHeads(writer, linear(writer, name, x), heads, headSize)) as [string, string, string];
  const joined = linear(writer, names.joined, joinHeads(writer, attend(writer, query, key, value), heads * headSize));
  const attended = layerNorm(writer, names.attentionNorm, writer.add("Add", [joined, x]), epsilon);
  const inner = activation(writer, linear(writer, names.up, attended));
  return layerNorm(writer, names.norm, writer.add("Add", [linear(writer, names.down, inner), attended]), epsilon);
}

/** The names in BERT, which most of its kin took over. */
export const bertNames: BlockNames = {
  query: "attention.self.query", key: "attention.self.key", value: "attention.self.value", joined: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
  up: "intermediate.dense", down: "output.dense", norm: "output.LayerNorm",
};
