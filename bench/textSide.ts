/** @file This project's side of the text cases: the engine as the worker uses it, on a text of random ids. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildAttention, attentionOutputs } from "../src/engine/attribution/attention/attentionProgram.js";
import { attentionSites } from "../src/engine/attribution/attentionSites.js";
import type { GivenParameters } from "../src/engine/attribution/parameters.js";
import { createRandom } from "../src/engine/attribution/random.js";
import { attributeText, predictText, type TextAttribution } from "../src/engine/attribution/text/attributeText.js";
import { specializeText } from "../src/engine/attribution/text/specializeText.js";
import type { TextMethodName } from "../src/engine/attribution/text/textMethods.js";
import { feedsOf } from "../src/engine/attribution/text/textModel.js";
import type { Runtime } from "../src/engine/runtime.js";
import { encode, type EncodedToken, type Tokenizer } from "../src/engine/text/tokenizer.js";
import { createModelCache } from "../src/worker/modelCache.js";
import { compileOnce, measuredRuntime, predicted } from "./imageSide.js";

/** Tokens of the text that most cases take, and of the longest that is measured. */
export const usualLength = 128;
const longest = 512;

/** BERT's special tokens. */
const [pad, cls, sep] = [{ id: 0, token: "[PAD]" }, { id: 101, token: "[CLS]" }, { id: 102, token: "[SEP]" }];

/** Words are ids written out: the weights are random, so no vocabulary is needed. */
const idTokenizer: Tokenizer = {
  kind: "ids", size: 30_522, longest: undefined, special: { pad, cls, sep, mask: undefined, unk: undefined, bos: undefined, eos: undefined },
  tokenize: (text, part = 0) => [...text.matchAll(/\d+/g)].map(([token], i): EncodedToken => ({ id: Number(token), token, start: i, end: i + 1, part, type: 0, special: false })),
  assemble: (text) => [cls, ...text, sep].map((token): EncodedToken => ("start" in token ? token : { ...token, start: 0, end: 0, part: 0, type: 0, special: true })),
  tokenOf: String, idOf: Number, display: (token) => token,
};

/** A text of so many tokens, special ones included. Shorter ones are the beginnings of longer ones. */
function textOf(length: number): string {
  const random = createRandom(7);
  return Array.from({ length: length - 2 }, () => 1000 + Math.floor(29_000 * random.uniform())).join(" ");
}

/** Leaves the ids of the longest text where peers/text.py reads them. */
export function shareIds(work: string): void {
  writeFileSync(join(work, "ids.i64"), BigInt64Array.from(encode(idTokenizer, textOf(longest)), ({ id }) => BigInt(id)));
}

export interface TextSide {
  forward(length?: number): Promise<Float32Array>;
  explain(method: TextMethodName, parameters?: GivenParameters, length?: number): Promise<TextAttribution>;
  /** `[tokens, width]`: the likeliest class's gradient at the embeddings. */
  gradient(length?: number): Promise<Float32Array>;
  /** `[layers, heads, tokens, tokens]` of the usual text. */
  attentions(): Promise<Float32Array>;
}

/** A model, ready to be asked. Programs are compiled once. */
export async function textSide(path: string, runtime?: Runtime): Promise<TextSide> {
  const file = await createModelCache().load(path);
  const model = file.text();
  const compile = compileOnce(runtime ?? (await measuredRuntime()), file.readRange);
  const job = (length: number) => ({ model, tokenizer: idTokenizer, text: textOf(length), prepared: file.preparedText, compile });
  const explain: TextSide["explain"] = (method, parameters = {}, length = usualLength) => attributeText({ ...job(length), method, parameters, target: predicted });
  return {
    explain,
    forward: async (length = usualLength) => (await predictText(job(length))).logits,
    gradient: async (length) => (await explain("gradient-norm", {}, length)).attribution!.data as Float32Array,
    attentions: async () => {
      const tokens = encode(idTokenizer, textOf(usualLength));
      const graph = specializeText(model, 1, tokens.length);
      const sites = attentionSites(graph);
      const layers = [...sites.keys()];
      const program = await compile("attentions", () => buildAttention({ graph, logits: model.scores, score: "logit", embedding: undefined }, sites, { weights: layers, common: [], isDifferentiated: false }));
      const outputs = await program.run(feedsOf(model, [tokens]));
      return joined(layers.map((layer) => outputs[attentionOutputs.weights(layer)]!.data as Float32Array));
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
