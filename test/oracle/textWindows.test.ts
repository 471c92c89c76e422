/** @file Long texts on a trained classifier: the mean of the windows' scores is explained, and completely; every token's value is that of the windows it stands in. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attributeText, predictText, type AttributeTextJob } from "../../src/engine/attribution/text/attributeText.js";
import { readParameters } from "../../src/engine/attribution/parameters.js";
import { prepareText, type PreparedText } from "../../src/engine/attribution/text/prepareText.js";
import { createTextContext } from "../../src/engine/attribution/text/textContext.js";
import { textMethodOf, textMethods, type TextMethodName } from "../../src/engine/attribution/text/textMethods.js";
import { textModelOf } from "../../src/engine/attribution/text/textModel.js";
import { readText } from "../../src/engine/attribution/text/textWindows.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import type { Program } from "../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { findTokenizer } from "../../src/worker/tokenizerFiles.js";
import { openFile } from "./fileSource.js";

const path = join(import.meta.dirname, "../fixtures/reference/bert_tiny/model.onnx");
const sentences = ["the movie was absolutely fantastic.", "worst film i have ever seen, boring and predictable.", "it was a lazy dog on the mat.", "the acting was good, the music was great, but the ending felt annoying."];
/** About 400 tokens, three times what the model takes. */
const text = Array.from({ length: 48 }, (_, i) => sentences[(i * i) % sentences.length]).join(" ");

describe("a text of several windows", async () => {
  const source = openFile(path);
  const runtime = await onnxruntimeRuntime();
  const model = textModelOf(importOnnx(source).graph);
  const { tokenizer } = findTokenizer(path);
  const programs = new Map<string, Program>();
  const compile: AttributeTextJob["compile"] = async (key, build) => {
    const program = programs.get(key) ?? (await runtime.compile(build(), source.readRange));
    programs.set(key, program);
    return program;
  };
  const fits = new Map<number, PreparedText>();
  const prepared = (tokens: number) => {
    const fit = fits.get(tokens) ?? prepareText(model, tokens);
    fits.set(tokens, fit);
    return fit;
  };
  const job = (method: TextMethodName, parameters: Readonly<Record<string, number | string>> = {}): AttributeTextJob => ({
    model, tokenizer, text, prepared, compile, method, parameters, target: { index: "predicted", versus: undefined, score: "logit" }, memory: 1e8,
  });
  const { tokens, windows } = readText(tokenizer, { text }, 128, "text-classification");
  const contextOf = (i: number, index: number) => createTextContext({ prepared: prepared(128), tokenizer, tokens: windows[i]!.tokens, words: [], target: { index, versus: undefined, score: "logit" }, memory: 1e8, compile });

  it("is predicted by the mean of their logits", async () => {
    expect(windows.length).toBeGreaterThanOrEqual(4);
    const { logits } = await predictText(job("occlusion"));
    const each = await Promise.all(windows.map(async (_, i) => [...(await contextOf(i, 0).atInput()).logits]));
    [0, 1].forEach((k) => expect(logits[k]).toBeCloseTo(each.reduce((sum, row) => sum + row[k]!, 0) / each.length, 5));
  });

  it("has values that add up to the mean of the scores' differences", async () => {
    const found = await attributeText(job("layer-integrated-gradients", { baseline: "pad", steps: "auto", tolerance: 0.001, "max-steps": 400 }));
    expect([found.windows.length, found.tokens.length, found.facts["baseline"]]).toEqual([windows.length, tokens.length, "[PAD]"]);
    const differences = await Promise.all(windows.map(async ({ tokens: read }, i) => {
      const context = contextOf(i, found.target.index);
      const empty = read.map((token) => (token.special ? token : { ...token, id: tokenizer.special.pad!.id }));
      const scores: number[] = [];
      await context.forEachText([read, empty], (_, { score }) => scores.push(score));
      return scores[0]! - scores[1]!;
    }));
    const expected = differences.reduce((a, b) => a + b, 0) / differences.length;
    const total = found.tokens.reduce((sum, { raw }) => sum + raw, 0);
    // Each window is complete to a thousandth of its own difference.
    expect(Math.abs(total - expected)).toBeLessThan((1e-3 * differences.reduce((sum, each) => sum + Math.abs(each), 0)) / differences.length);
    expect(found.completeness!.gap).toBeCloseTo(total - expected, 4);
    expect(Math.hypot(...found.tokens.map(({ attribution }) => attribution))).toBeCloseTo(1, 6);
    expect(found.words.reduce((sum, { raw }) => sum + raw, 0)).toBeCloseTo(total - found.tokens.filter(({ special }) => special).reduce((sum, { raw }) => sum + raw, 0), 5);
    expect(found.attribution!.shape).toEqual([tokens.length, 64]);
    expect(found.remarks).toEqual([{ code: "textWindowed", data: { tokens: tokens.length, longest: 128, windows: windows.length } }]);
  });

  it.each((Object.keys(textMethods) as TextMethodName[]).map((method) => ({ method, parameters: method === "layer-integrated-gradients" ? { steps: 5 } : {} })))("$method: a token's value is the sum over its windows, divided by their number", async ({ method, parameters }) => {
    const found = await attributeText(job(method, parameters));
    const expected = new Float64Array(tokens.length);
    for (const [i, { places }] of windows.entries()) {
      const { raw } = await textMethodOf(method).run(contextOf(i, found.target.index), readParameters(method, textMethodOf(method).parameters, parameters));
      places.forEach((place, k) => { expected[place]! += raw[k]! / windows.length; });
    }
    const scale = Math.max(...expected.map(Math.abs));
    found.tokens.forEach(({ raw }, i) => expect(Math.abs(raw - expected[i]!) / scale).toBeLessThan(1e-6));
  });

  it("by words leaves no token without its window's value", async () => {
    const found = await attributeText(job("occlusion", { unit: "word" }));
    const of = (start: number) => found.tokens.filter((token) => !token.special && token.start === start);
    for (const word of found.words) expect(word.raw).toBeCloseTo(found.tokens.slice(word.from, word.to).reduce((sum, { raw }) => sum + raw, 0), 9);
    expect(of(found.words[0]!.start)[0]!.raw).not.toBe(0);
  });

  it("differs between classes and against each other as it must", async () => {
    const at = async (target: AttributeTextJob["target"]) => (await attributeText({ ...job("input-x-gradient"), target })).tokens.map(({ raw }) => raw);
    const [zero, one, difference] = [await at({ index: 0, versus: undefined, score: "logit" }), await at({ index: 1, versus: undefined, score: "logit" }), await at({ index: 1, versus: 0, score: "logit" })];
    const scale = Math.max(...difference.map(Math.abs));
    difference.forEach((value, i) => expect(Math.abs(value - (one[i]! - zero[i]!)) / scale).toBeLessThan(1e-4));
  });
});
