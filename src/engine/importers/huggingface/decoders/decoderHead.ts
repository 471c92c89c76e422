/** @file What decoders answer: the token that comes next, a class of the whole text, a class of every token, or their states. */
import { numberField, type Fields } from "../../../preprocess/fields.js";
import type { GraphWriter } from "../../graphWriter.js";
import { linear } from "../../modules.js";
import { unknownArchitecture } from "../options.js";

/** What heads are made from: `states` is `[batch, tokens, width]`. */
export interface Decoded {
  readonly states: string;
  readonly ids: string;
  /** As `countedPositions` gives them. */
  readonly positions: string;
  /** The table of words, `[vocabulary, width]`, which is the head's too where the checkpoint has no other. */
  readonly words: string;
}

type Head = (writer: GraphWriter, config: Fields, decoded: Decoded) => void;

/** By how the class that saved the model is called. */
const heads: readonly (readonly [RegExp, Head])[] = [
  [/(ForCausalLM|LMHeadModel)$/, (writer, _, { states, words }) => {
    const logits = writer.has("lm_head.weight") ? linear(writer, "lm_head", states) : writer.add("MatMul", [states, writer.add("Transpose", [words], { perm: [1, 0] })], {}, "lm_head");
    writer.output(logits, "logits");
  }],
  [/ForSequenceClassification$/, (writer, config, decoded) => writer.output(lastToken(writer, config, decoded, linear(writer, "score", decoded.states)), "logits")],
  [/ForTokenClassification$/, (writer, _, { states }) => writer.output(linear(writer, writer.has("score.weight") ? "score" : "classifier", states), "logits")],
  [/Model$|^$/, (writer, _, { states }) => writer.output(states, "last_hidden_state")],
];

/** Writes the head that `architecture` names, and its output. Throws `architectureUnknown` for another. */
export function decoderHead(writer: GraphWriter, config: Fields, architecture: string, decoded: Decoded): void {
  const head = heads.find(([pattern]) => pattern.test(architecture))?.[1];
  if (head === undefined) throw unknownArchitecture(writer, architecture);
  head(writer, config, decoded);
}

/** The row of the last token that is no padding, `[batch, classes]`; the last row where the config names no id for padding. */
function lastToken(writer: GraphWriter, config: Fields, { ids, positions }: Decoded, rows: string): string {
  const padding = numberField(config, "pad_token_id");
  if (padding === undefined) return writer.add("Squeeze", [writer.add("Slice", [rows, writer.ints([-1]), writer.ints([2 ** 31 - 1]), writer.ints([1])]), writer.ints([1])]);
  const isToken = writer.add("Not", [writer.add("Equal", [ids, writer.int(padding)])]);
  const last = writer.add("ArgMax", [writer.add("Mul", [writer.add("Cast", [isToken], { to: "int64" }), positions])], { axis: -1, keepdims: 1 });
  const chosen = writer.add("Cast", [writer.add("Equal", [positions, last])], { to: "float32" });
  return writer.add("Squeeze", [writer.add("MatMul", [writer.add("Unsqueeze", [chosen, writer.ints([1])]), rows]), writer.ints([1])]);
}
