/** @file What stands on an encoder of text: heads that classify texts or tokens, or fill in words. */
import type { GraphWriter } from "../../graphWriter.js";
import { layerNorm, linear } from "../../modules.js";
import type { Activation } from "../activations.js";
import { unknownArchitecture } from "../options.js";

/** How a family scores the words that may stand at each place. */
export interface WordHead {
  readonly dense: string;
  readonly activation: Activation;
  readonly norm: string;
  readonly epsilon: number;
  /** The scores' layer. Its weight is that of the word embeddings where the checkpoint leaves it out. */
  readonly decoder: string;
  /** The name of the bias, where it is not the layer's own. */
  readonly bias?: string;
}

/** The modules of a family beyond its encoder. Names begin at the top of the checkpoint, but for the pooler's. */
export interface FamilyHeads {
  /** The layer for the first token that belongs to the encoder, with a tanh behind it: its name there. */
  readonly pooler?: string;
  /** What a text's class is told from: the pooler's result, or another layer for the first token with a function behind it; and the scores' layer. */
  readonly text: { readonly hidden?: { readonly dense: string; readonly activation: Activation }; readonly out: string };
  readonly words: WordHead;
}

/** An encoder as written. */
export interface Encoded {
  /** The last layer's, `[batch, tokens, width]`. */
  readonly states: string;
  /** The scope of the encoder in the checkpoint; "" in a checkpoint of the encoder alone. */
  readonly scope: string;
  readonly activation: Activation;
  readonly heads: FamilyHeads;
}

type Head = (writer: GraphWriter, encoded: Encoded) => void;

const encoder: Head = (writer, encoded) => {
  writer.output(encoded.states, "last_hidden_state");
  const { pooler } = encoded.heads;
  if (pooler !== undefined && writer.within(encoded.scope, () => writer.has(`${pooler}.weight`))) writer.output(pool(writer, encoded, pooler), "pooler_output");
};

const perToken = (layer: string): Head => (writer, { states }) => writer.output(linear(writer, layer, states), "logits");

const ofText: Head = (writer, encoded) => {
  const { pooler, text: { hidden, out } } = encoded.heads;
  const state = hidden ? hidden.activation(writer, linear(writer, hidden.dense, firstToken(writer, encoded.states))) : pool(writer, encoded, pooler!);
  writer.output(linear(writer, out, state), "logits");
};

const ofPair: Head = (writer, encoded) => writer.output(linear(writer, "cls.seq_relationship", pool(writer, encoded, encoded.heads.pooler ?? "pooler")), "logits");

const words: Head = (writer, { states, scope, heads: { words: { dense, activation, norm, epsilon, decoder, bias } } }) => {
  const hidden = layerNorm(writer, norm, activation(writer, linear(writer, dense, states)), epsilon);
  const table = writer.has(`${decoder}.weight`) ? writer.weight(`${decoder}.weight`, [-1, -1]) : writer.within(scope, () => writer.weight("embeddings.word_embeddings.weight", [-1, -1]));
  const scores = writer.add("MatMul", [hidden, writer.add("Transpose", [table], { perm: [1, 0] })]);
  const added = [`${decoder}.bias`, bias].find((name) => name !== undefined && writer.has(name));
  writer.output(added === undefined ? scores : writer.add("Add", [scores, writer.weight(added, [-1])], {}, decoder), "logits");
};

/** ELECTRA's discriminator tells of every token whether it was replaced. */
const replaced: Head = (writer, { states, activation }) =>
  writer.output(linear(writer, "discriminator_predictions.dense_prediction", activation(writer, linear(writer, "discriminator_predictions.dense", states))), "logits");

/**
 * By the end of the class's name. Starts and ends of answers, and whether tokens were replaced, are scores per token like any others, `[batch, tokens, 2]` and `[batch, tokens, 1]`.
 * Of the two heads of pretraining the one that fills in words is written.
 */
const heads: Readonly<Record<string, Head>> = {
  Model: encoder, ForSequenceClassification: ofText, ForTokenClassification: perToken("classifier"), ForQuestionAnswering: perToken("qa_outputs"), ForMaskedLM: words,
  ForNextSentencePrediction: ofPair, ForPreTraining: (writer, encoded) => (writer.has("discriminator_predictions.dense.weight") ? replaced : words)(writer, encoded),
};

/** The class that the weights tell, where the config names none. Heads for tokens are called as those for texts, but have no layer for the first token. */
function classOf(writer: GraphWriter, { scope, heads: { pooler, text, words: { dense } } }: Encoded): string {
  const has = (name: string | undefined) => name !== undefined && writer.has(`${name}.weight`);
  const isOfText = text.hidden ? has(text.hidden.dense) : writer.within(scope, () => has(pooler));
  return has(text.out) && isOfText ? "ForSequenceClassification" : has(dense) ? "ForMaskedLM" : "Model";
}

/**
 * Writes the head of a class, and the outputs. A checkpoint of the encoder alone has none, whatever class its config names: many were cut out of larger ones.
 * Throws `architectureUnknown` for a head that is not known here.
 */
export function writeHead(writer: GraphWriter, architecture: string, encoded: Encoded): void {
  const name = encoded.scope === "" ? "Model" : architecture === "" ? classOf(writer, encoded) : (/(?:For[A-Z]\w*|(?:LMHead)?Model)$/.exec(architecture)?.[0] ?? architecture);
  const head = Object.hasOwn(heads, name) ? heads[name] : undefined;
  if (head === undefined) throw unknownArchitecture(writer, architecture);
  head(writer, encoded);
}

function pool(writer: GraphWriter, { states, scope }: Encoded, dense: string): string {
  return writer.within(scope, () => writer.add("Tanh", [linear(writer, dense, firstToken(writer, states))]));
}

/** `[batch, tokens, width]` to `[batch, width]`. */
function firstToken(writer: GraphWriter, states: string): string {
  return writer.add("Gather", [states, writer.int(0)], { axis: 1 });
}
