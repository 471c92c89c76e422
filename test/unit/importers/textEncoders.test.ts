/** @file What the product makes of encoders built from checkpoints: their task and limits; and what of their configs is refused, by name. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { activationBytes } from "../../../src/engine/attribution/batching.js";
import { attentionSites } from "../../../src/engine/attribution/attentionSites.js";
import { prepareText } from "../../../src/engine/attribution/text/prepareText.js";
import { specializeText } from "../../../src/engine/attribution/text/specializeText.js";
import { textModelOf } from "../../../src/engine/attribution/text/textModel.js";
import { importHuggingFace } from "../../../src/engine/importers/huggingface/importHuggingFace.js";
import { safetensorsWeights } from "../../../src/engine/importers/safetensors.js";
import { isInMemory, typeOf } from "../../../src/engine/ir/graph.js";
import { bytesPerElement, sizeOf } from "../../../src/engine/ir/tensor.js";
import { parseFields } from "../../../src/engine/preprocess/fields.js";
import { openFile } from "../../oracle/fileSource.js";
import { fixture } from "../readReference.js";

/** A recorded case with some of its config changed. */
function read(name: string, changes: Readonly<Record<string, unknown>> = {}) {
  const file = (part: string) => fixture("models/encoders", `${name}/${part}`);
  const config = { ...(JSON.parse(readFileSync(file("config.json"), "utf8")) as object), ...changes };
  return importHuggingFace(parseFields("config.json", JSON.stringify(config)), safetensorsWeights(openFile(file("model.safetensors"))));
}

/** Name, classes, the most tokens, inputs. RoBERTa's positions begin behind the id of padding. */
const classifiers = [
  ["bert", 3, 40, ["input_ids", "attention_mask", "token_type_ids"]], ["roberta", 2, 40, ["input_ids", "attention_mask"]], ["xlm-roberta", 4, 40, ["input_ids", "attention_mask", "token_type_ids"]],
  ["camembert", 3, 37, ["input_ids", "attention_mask"]], ["distilbert", 3, 40, ["input_ids", "attention_mask"]], ["albert", 3, 40, ["input_ids", "attention_mask", "token_type_ids"]],
  ["electra", 3, 40, ["input_ids", "attention_mask", "token_type_ids"]], ["mpnet", 3, 40, ["input_ids", "attention_mask"]], ["deberta-v3", 3, undefined, ["input_ids", "attention_mask"]],
  ["deberta-v2", 2, undefined, ["input_ids", "attention_mask"]],
] as const;

/** Those without a score of the whole text, and why there is none. */
const others = [
  ["bert-masked", /masked tokens/], ["bert-encoder", /states/], ["bert-old-names", /labels every token/], ["bert-answers", /labels every token/], ["roberta-masked", /masked tokens/], ["electra-discriminator", /labels every token/],
  ["mpnet-far", /states/], ["deberta-content", /masked tokens/], ["deberta-absolute", /states/], ["albert-masked", /masked tokens/],
] as const;

describe("encoders from checkpoints", () => {
  it.each(classifiers)("%s classifies texts", (name, classes, longest, inputs) => {
    const { graph, architecture, producer } = read(name);
    const model = textModelOf(graph);
    expect([model.task, model.classes, model.longest, graph.inputs]).toEqual(["text-classification", classes, longest, inputs]);
    expect([architecture, producer]).toEqual([expect.stringMatching(/ForSequenceClassification$/), "transformers 5.18.0"]);
    const prepared = prepareText(model, 9);
    expect(prepared.sites.words).toMatch(/\.embeddings\.word_embeddings$/);
    // Several texts at once, as steps of Integrated Gradients are.
    expect(prepared.atOnce(4)).toBe(4);
  });

  it.each([...classifiers, ...others].map(([name]) => name))("%s without a class's name has the head that its weights have", (name) => {
    const [named, unnamed] = [read(name), read(name, { architectures: undefined })].map(({ graph }) => textModelOf(graph));
    const isTold = !/^bert-(old-names|answers)|discriminator|content/.test(name);
    expect(unnamed!.task).toBe(isTold ? named!.task : "text-encoder");
    if (isTold) expect(unnamed!.graph.outputs).toEqual(named!.graph.outputs);
  });

  it.each(others)("%s can be looked at", (name, reason) => {
    const model = textModelOf(read(name).graph);
    expect([model.task, model.without]).toEqual(["text-encoder", expect.stringMatching(reason)]);
    expect(attentionSites(specializeText(model, 1, 9)).length).toBeGreaterThan(0);
  });

  it("are explained in batches that do not shrink for weights that are only turned", () => {
    const { graph } = prepareText(textModelOf(read("bert").graph), 9);
    const turned = graph.nodes.filter(({ op, inputs }) => op === "Transpose" && graph.initializers.has(inputs[0]!)).flatMap(({ outputs }) => outputs);
    expect(turned.length).toBe(14);
    const elements = graph.nodes.flatMap(({ outputs }) => outputs).filter((value) => !turned.includes(value)).reduce((sum, value) => sum + sizeOf(typeOf(graph, value).shape as readonly number[]) * bytesPerElement[typeOf(graph, value).dtype], 0);
    expect(activationBytes(graph)).toBeLessThanOrEqual(elements);
  });

  it("leave their weights in the file", () => {
    for (const name of ["bert", "deberta-v2"]) {
      for (const [value, initializer] of read(name).graph.initializers) if (isInMemory(initializer)) expect(initializer.data.length, value).toBeLessThanOrEqual(100);
    }
  });

  it.each([
    ["bert", { position_embedding_type: "relative_key" }, "architectureUnknown", /relative_key/], ["bert", { is_decoder: true }, "architectureUnknown", /is_decoder/],
    ["bert", { hidden_act: "xielu" }, "architectureUnknown", /xielu/], ["bert", { architectures: ["BertForMultipleChoice"] }, "architectureUnknown", /MultipleChoice/],
    ["bert", { architectures: ["BertLMHeadModel"] }, "architectureUnknown", /LMHead/], ["roberta", { add_cross_attention: true }, "architectureUnknown", /cross/],
    ["bert", { num_attention_heads: 5 }, "descriptionInvalid", /5 heads/], ["bert", { num_hidden_layers: 3 }, "modelCorrupt", /layer\.2/], ["bert", { vocab_size: 60 }, "modelCorrupt", /\[59, 16\]/],
    ["albert", { num_hidden_layers: 1e9 }, "descriptionInvalid", /1024/], ["albert", { num_hidden_groups: 9 }, "descriptionInvalid", /from 1 to 4/], ["bert", { hidden_size: "16" }, "descriptionInvalid", /number/],
    ["deberta-v3", { position_buckets: 7 }, "architectureUnknown", /position_buckets/], ["deberta-v3", { max_relative_positions: 1e8 }, "descriptionInvalid", /65536/], ["deberta-v3", { pos_att_type: 3 }, "descriptionInvalid", /list/],
    ["deberta-v2", { conv_kernel_size: 4 }, "architectureUnknown", /conv_kernel_size/], ["bert", { model_type: "longformer" }, "architectureUnknown", /Bert/],
  ] as const)("%s with %o is refused", (name, changes, code, reason) => {
    expect(() => read(name, changes)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(reason) as unknown }) as Error);
  });
});
