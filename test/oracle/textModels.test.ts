/** @file Text models of many architectures, by both of torch's exporters: what they are, and their scores, gradients and Integrated Gradients against PyTorch's in float64 (test/fixtures/text/models/record.py). */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Compile } from "../../src/engine/attribution/context.js";
import { readParameters } from "../../src/engine/attribution/parameters.js";
import { prepareText } from "../../src/engine/attribution/text/prepareText.js";
import { createTextContext } from "../../src/engine/attribution/text/textContext.js";
import { textMethodOf, type TextMethodName } from "../../src/engine/attribution/text/textMethods.js";
import { feedsOf, textModelOf, type TextTask } from "../../src/engine/attribution/text/textModel.js";
import { specializeText } from "../../src/engine/attribution/text/specializeText.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { toNumbers } from "../../src/engine/ir/tensor.js";
import type { Program } from "../../src/engine/runtime.js";
import type { EncodedToken } from "../../src/engine/text/tokenizer.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { openFile } from "./fileSource.js";
import { specialTokens } from "./recordedTokens.js";
import { textTable } from "./textTable.js";

const folder = join(import.meta.dirname, "../fixtures/text/models");
const recorded = readSafetensors(openFile(join(folder, "recorded.safetensors")));
const files = readdirSync(folder).filter((file) => file.endsWith(".onnx"));
const tolerance = 1e-4;

/** Those that give no score of the text: they can be looked at, not explained. */
const withoutScore: Readonly<Record<string, RegExp>> = { bert_encoder: /states/, bert_masked: /masked tokens/ };
const languageModels: ReadonlySet<string> = new Set(["gpt2", "llama"]);

const rows: string[][] = [];
afterAll(() => console.log(["Architectures: largest relative error against PyTorch in float64 (logits: absolute)", ...textTable([["file", "logits", "embeddings", "gradient", "word gradient", "IG"], ...rows])].join("\n")));

describe("tiny text models", async () => {
  const runtime = await onnxruntimeRuntime();

  it("are of every architecture, by both exporters", () => {
    const names = ["albert", "bert", "bert_encoder", "bert_masked", "deberta_v2", "electra", "gpt2", "gpt2_classifier", "llama", "mpnet", "roberta", "xlm_roberta"];
    expect(files.toSorted()).toEqual([...names.flatMap((name) => [`${name}.dynamo.onnx`, `${name}.onnx`]), "gpt2_past.onnx", "bert_int8.onnx", "deberta_v2_int8.onnx", "bert_fixed.onnx", "gpt2_classifier_fixed.onnx"].toSorted());
  });

  it.each(files.filter((file) => !file.includes("int8")))("%s", async (file) => {
    // With keys and values of earlier tokens as inputs it has the same weights.
    const name = file.replace(/(\.dynamo|_past|_fixed)?\.onnx$/, "");
    const source = openFile(join(folder, file));
    const model = textModelOf(importOnnx(source).graph);
    const without = withoutScore[name];
    const task: TextTask = without ? "text-encoder" : languageModels.has(name) ? "next-token" : "text-classification";
    const longest = recorded.get(`${name}/longest`);
    expect([model.task, model.ids, model.mask]).toEqual([task, "input_ids", "attention_mask"]);
    if (without) {
      expect(() => prepareText(model, 7)).toThrow(expect.objectContaining({ code: "modelUnsuitable", data: { reason: expect.stringMatching(without) as unknown } }) as Error);
      expect(specializeText(model, 1, 7).outputs.length).toBe(1);
      return;
    }
    const isFixed = file.includes("_fixed");
    expect([model.longest, model.fixed]).toEqual(isFixed ? [16, 16] : [longest && Number(longest.data[0]), undefined]);
    const programs = new Map<string, Program>();
    const compile: Compile = async (key, build) => {
      const program = programs.get(key) ?? (await runtime.compile(build(), source.readRange));
      programs.set(key, program);
      return program;
    };
    const errors = { logits: 0, embeddings: 0, gradient: 0, word_gradient: 0, ig: 0 };
    for (const key of [`${name}/t0`, `${name}/t1`]) {
      const numbers = (array: string) => toNumbers(recorded.get(`${key}/${array}`)!);
      const types = recorded.has(`${key}/token_type_ids`) ? numbers("token_type_ids") : undefined;
      const tokens = numbers("input_ids").map((id, i): EncodedToken => ({ id, token: String(id), start: 0, end: 0, part: 0, type: types?.[i] ?? 0, special: false }));
      const [target] = numbers("target");
      const prepared = prepareText(model, tokens.length);
      const contextFor = (index: number | "predicted") => createTextContext({ prepared, tokenizer: specialTokens, tokens, words: [], target: { index, versus: undefined, score: "logit" }, memory: 1e8, compile });
      const explain = async (method: TextMethodName, parameters: Readonly<Record<string, string>>) => {
        const context = contextFor("predicted");
        const found = await textMethodOf(method).run(context, readParameters(method, textMethodOf(method).parameters, parameters));
        expect(context.known()!.target.index).toBe(target);
        return found.attribution!.data;
      };
      const context = contextFor(target!);
      errors.logits = Math.max(errors.logits, worstGap((await context.atInput()).logits, numbers("logits"), true));
      errors.embeddings = Math.max(errors.embeddings, worstGap((await context.embed("embeddings", tokens)).subarray(0, numbers("embeddings").length), numbers("embeddings")));
      errors.gradient = Math.max(errors.gradient, worstGap(await explain("gradient-norm", {}), numbers("gradient")));
      errors.word_gradient = Math.max(errors.word_gradient, worstGap(await explain("gradient-norm", { at: "words" }), numbers("word_gradient")));
      errors.ig = Math.max(errors.ig, worstGap(await explain("layer-integrated-gradients", {}), numbers("ig")));
      await expectSeveralAtOnce(tokens, prepared.atOnce(3));
    }
    rows.push([file, ...Object.values(errors).map((error) => error.toExponential(1))]);
    for (const program of programs.values()) program.dispose();
    expect(Math.max(...Object.values(errors)), JSON.stringify(errors)).toBeLessThanOrEqual(tolerance);

    async function expectSeveralAtOnce(tokens: readonly EncodedToken[], count: number): Promise<void> {
      expect(count).toBe(isFixed ? 1 : 3);
      if (isFixed) expect(feedsOf(model, [tokens])["input_ids"]!.shape).toEqual([1, 16]);
      if (isFixed) return;
      const feeds = feedsOf(model, [tokens, tokens, tokens]);
      expect(feeds["input_ids"]!.shape).toEqual([3, tokens.length]);
      expect(Object.keys(feeds)).toEqual(["input_ids", "attention_mask", ...(model.types === undefined ? [] : ["token_type_ids"]), ...model.positions]);
      expect(model.pasts.length).toBe(file === "gpt2_past.onnx" ? 4 : 0);
    }
  });

  it.each(["bert", "deberta_v2"])("%s in eight bits gives what ONNX Runtime gives for the file itself, and one text at a time", async (name) => {
    const source = openFile(join(folder, `${name}_int8.onnx`));
    const model = textModelOf(importOnnx(source).graph);
    expect(model.longest).toBe(name === "bert" ? 40 : undefined);
    for (const key of [`${name}/t0`, `${name}/t1`]) {
      const numbers = (array: string) => toNumbers(recorded.get(`${key}/${array}`)!);
      const types = numbers("token_type_ids");
      const tokens = numbers("input_ids").map((id, i): EncodedToken => ({ id, token: String(id), start: 0, end: 0, part: 0, type: types[i]!, special: false }));
      const prepared = prepareText(model, tokens.length);
      expect(prepared.atOnce(4)).toBe(1);
      const context = createTextContext({ prepared, tokenizer: specialTokens, tokens, words: [], target: { index: "predicted", versus: undefined, score: "logit" }, memory: 1e8, compile: (_, build) => runtime.compile(build(), source.readRange) });
      const { raw } = await textMethodOf("input-x-gradient").run(context, { at: "embeddings" });
      expect(worstGap((await context.atInput()).logits, numbers("int8_logits"), true)).toBeLessThan(1e-4);
      // The gradient passes the rounding straight through, so it is close to that of the model in floats.
      const [gradient, embeddings] = [numbers("gradient"), numbers("embeddings")];
      const exact = Array.from(raw, (_, i) => gradient.slice(16 * i, 16 * i + 16).reduce((sum, slope, k) => sum + slope * embeddings[16 * i + k]!, 0));
      expect(worstGap(raw, exact)).toBeLessThan(0.25);
    }
  });
});

function worstGap(actual: ArrayLike<number>, expected: readonly number[], isAbsolute = false): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value))) / (isAbsolute ? 1 : Math.max(...expected.map(Math.abs)));
}
