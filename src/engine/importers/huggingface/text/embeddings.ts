/** @file The embeddings of BERT and its kin: words, types and positions, added and normalised. */
import { countedPositions } from "../causalMask.js";
import { sizeOption } from "../options.js";
import { numberField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";

/** The inputs of a text model: int64 `[batch, sequence]`. */
export interface TextInputs {
  readonly ids: string;
  /** 1 for tokens, 0 for padding. */
  readonly mask: string;
  /** `undefined` where the model knows one type of tokens or none. */
  readonly types: string | undefined;
}

/** The inputs that a model with so many token types has. */
export function textInputs(writer: GraphWriter, types: number): TextInputs {
  const [ids, mask, given] = ["input_ids", "attention_mask", ...(types > 1 ? ["token_type_ids"] : [])].map((name) => writer.input(name, "int64", ["batch", "sequence"]));
  return { ids: ids!, mask: mask!, types: given };
}

/** `nn.Embedding`: a row of the table per index. */
export function embedding(writer: GraphWriter, name: string, indices: string, width = -1, rows = -1): string {
  return writer.within(name, () => writer.add("Gather", [writer.weight("weight", [rows, width]), indices], { axis: 0 }, ""));
}

/** The words of a config's vocabulary. */
export function wordEmbeddings(writer: GraphWriter, config: Fields, ids: string, width: number): string {
  return embedding(writer, "word_embeddings", ids, width, numberField(config, "vocab_size") ?? -1);
}

/** A row per token type: of one type only, its row for all. `undefined` where there are none. */
export function typeEmbeddings(writer: GraphWriter, types: string | undefined, count: number): string | undefined {
  return count === 0 ? undefined : embedding(writer, "token_type_embeddings", types ?? writer.int(0));
}

/** Where tokens stand: counted from 0, or, given the id of padding, from the number after it, which padding itself keeps (RoBERTa). */
export function positionEmbeddings(writer: GraphWriter, ids: string, padding: number | undefined): string {
  if (padding === undefined) return embedding(writer, "position_embeddings", countedPositions(writer, ids));
  const isToken = writer.add("Cast", [writer.add("Not", [writer.add("Equal", [ids, writer.int(padding)])])], { to: "int64" });
  const counted = writer.add("Mul", [writer.add("CumSum", [isToken, writer.int(1)]), isToken]);
  return embedding(writer, "position_embeddings", writer.add("Add", [counted, writer.int(padding)]));
}

/** The embeddings of a token together; those that a model lacks are `undefined`. */
export function addParts(writer: GraphWriter, parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).reduce((sum, part) => writer.add("Add", [sum, part]));
}

/** The number of token types, which may be 0. */
export function typesOption(config: Fields, fallback: number): number {
  return numberField(config, "type_vocab_size") === 0 ? 0 : sizeOption(config, "type_vocab_size", fallback);
}
