/** @file The worker's jobs on texts: language models, models without scores, files in the folder above, progress, cancelling, and programs that serve every text of a length. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { toWhylightError } from "../../../src/engine/errors.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { importOnnx } from "../../../src/engine/importers/onnx/importOnnx.js";
import { feedsOf, textModelOf } from "../../../src/engine/attribution/text/textModel.js";
import { specializeText } from "../../../src/engine/attribution/text/specializeText.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import type { TextExplainRequest } from "../../../src/protocol/text.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { openByteSource } from "../../../src/worker/files.js";
import { checkNumbers } from "../../../src/worker/runJob.js";
import { findTokenizer } from "../../../src/worker/tokenizerFiles.js";
import { fixture, readArrays } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-texts-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

const request = (more: Partial<TextExplainRequest> & { readonly model: string }): TextExplainRequest => ({ text: "a bad dog", method: "input-x-gradient", target: "predicted", score: "logit", parameters: {}, runtime: "onnxruntime", ...more });
const failure = async (job: Promise<unknown>) => job.then(() => undefined, toWhylightError);

/** A folder with one of the tiny models and a tokenizer of its 60 tokens, as GPT-2's: letters, letters behind a space, and the end of text. */
function languageModel(name: string): string {
  const at = join(folder, name);
  mkdirSync(at, { recursive: true });
  cpSync(fixture("text", "models", name), join(at, name));
  const letters = "abcdefghijklmnopqrstuvwxyz".split("");
  const tokens = ["<|endoftext|>", ...letters, "Ġ", ...letters.map((letter) => `Ġ${letter}`), "ba", "do", "ad", "og", "Ġba", "Ġdo"];
  expect(tokens.length).toBe(60);
  writeFileSync(join(at, "vocab.json"), JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))));
  writeFileSync(join(at, "merges.txt"), ["#version: 0.2", ...letters.map((letter) => `Ġ ${letter}`), "b a", "d o", "a d", "o g", "Ġb a", "Ġd o"].join("\n"));
  writeFileSync(join(at, "tokenizer_config.json"), JSON.stringify({ tokenizer_class: "GPT2Tokenizer", unk_token: "<|endoftext|>", bos_token: "<|endoftext|>", eos_token: "<|endoftext|>" }));
  return join(at, name);
}

describe("a language model", () => {
  const model = languageModel("gpt2.onnx");

  it("says which token comes next, and each word's share of that", async () => {
    const found = await jobs.explainText(request({ model, method: "layer-integrated-gradients", parameters: { steps: 300 } }));
    // By the whole graph on the interpreter, at the last token.
    const source = openByteSource(model);
    const text = textModelOf(importOnnx(source).graph);
    const { tokenizer } = findTokenizer(model);
    const tokens = tokenizer.tokenize("a bad dog");
    const program = await referenceRuntime.compile(specializeText(text, 1, tokens.length), (range) => source.read(range.offset, range.length));
    const logits = toNumbers((await program.run(feedsOf(text, [tokens])))["logits"]!).slice(-60);
    source.close();
    expect(found.tokens.map(({ token }) => token)).toEqual(tokens.map(({ token }) => token));
    expect([found.task, found.classCount, found.predictions.length]).toEqual(["next-token", 60, 5]);
    const best = logits.indexOf(Math.max(...logits));
    expect([found.target.index, found.target.label]).toEqual([best, tokenizer.display(tokenizer.tokenOf(best)!)]);
    for (const { index, logit } of found.predictions) expect(logit).toBeCloseTo(logits[index]!, 4);
    expect(found.words.map((word) => word.text)).toEqual(["a", "bad", "dog"]);
    expect(Math.abs(found.completeness!.relative)).toBeLessThan(0.02);
    expect(found.notes).toEqual([]);
  });

  it("explains a token by its id or spelling", async () => {
    const of = async (target: string | number) => (await jobs.explainText(request({ model, target }))).target.index;
    expect([await of(7), await of("Ġb"), await of("b"), await of("og")]).toEqual([7, 29, 2, 57]);
    expect(await failure(jobs.explainText(request({ model, target: "elephant" })))).toMatchObject({ code: "targetUnknown", data: { target: "elephant", classes: 60 } });
  });

  it("reads the end of a long text, and says so", async () => {
    const found = await jobs.explainText(request({ model, text: "a".repeat(70) }));
    expect([found.tokens.length, found.tokens[0]!.start, found.tokens.at(-1)!.end, found.notes]).toEqual([40, 30, 70, [{ code: "textTruncated", data: { tokens: 70, longest: 40, kept: 40 } }]]);
  });

  it("names what it takes where there is neither mask nor padding token", async () => {
    expect((await jobs.explainText(request({ model, method: "occlusion" }))).facts).toEqual({ replacement: "<|endoftext|>" });
    expect((await jobs.explainText(request({ model, method: "layer-integrated-gradients", parameters: { steps: 4, baseline: "pad" } }))).facts).toEqual({ steps: 4, baseline: "<|endoftext|>" });
  });

  it("has no labels to miss, and inspect knows it", async () => {
    expect(await jobs.predictText({ model, text: "a bad dog", top: 3, runtime: "onnxruntime" })).toMatchObject({ classCount: 60, notes: [] });
    expect(await jobs.inspectModel(model)).toMatchObject({ task: "next-token", tokenizer: { kind: "BPE", vocabulary: 60, longest: 40 } });
  });
});

describe("a text classifier", () => {
  const recorded = fixture("reference", "distilbert_tiny");
  const deep = join(folder, "distilbert", "onnx");
  mkdirSync(deep, { recursive: true });
  cpSync(join(recorded, "model.onnx"), join(deep, "model.onnx"));
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) cpSync(join(recorded, name), join(deep, "..", name));
  const model = join(deep, "model.onnx");

  it("finds labels and tokenizer in the folder above", async () => {
    const found = await jobs.explainText(request({ model, text: "This movie was absolutely fantastic!" }));
    const logits = toNumbers(readArrays(join(recorded, "reference.safetensors")).get("t1/logits")!);
    expect([found.target.label, found.model.labels, found.notes]).toEqual(["POSITIVE", ["NEGATIVE", "POSITIVE"], []]);
    for (const { index, logit } of found.predictions) expect(logit).toBeCloseTo(logits[index]!, 5);
  });

  it("compiles nothing for another text of the same length, another class or another rule", async () => {
    const phases: string[] = [];
    const explain = (more: Partial<TextExplainRequest>) => jobs.explainText(request({ model, method: "layer-integrated-gradients", ...more }), { onProgress: (phase) => phases.push(phase) });
    await explain({ text: "the movie was good" });
    expect(phases).toContain("compiling");
    phases.length = 0;
    await explain({ text: "a lazy dog sat", target: 0, versus: 1 });
    await explain({ text: "boring film was worst", parameters: { rule: "trapezoid" } });
    expect(phases).not.toContain("compiling");
  });

  it("takes far fewer gradients by steps=auto", async () => {
    const { facts, evaluations, completeness } = await jobs.explainText(request({ model, text: "worst film i have ever seen", method: "layer-integrated-gradients", parameters: { steps: "auto" } }));
    expect(evaluations.gradient).toBe(facts["steps"]);
    expect(evaluations.gradient).toBeLessThan(40);
    expect(Math.abs(completeness!.relative)).toBeLessThanOrEqual(0.01);
  });

  it("is cancelled between batches, and goes on with the next", async () => {
    const abort = new AbortController();
    const job = jobs.explainText(request({ model, text: "the film was great but the ending was boring", method: "layer-integrated-gradients", parameters: { steps: 2000 } }), { signal: abort.signal, onProgress: (_, done) => { if (done > 20) abort.abort(); } });
    expect(await failure(job)).toMatchObject({ code: "cancelled" });
    expect((await jobs.explainText(request({ model }))).tokens.length).toBe(5);
  });

  it("refuses a method's parameter that it does not have", async () => {
    expect(await failure(jobs.explainText(request({ model, parameters: { steps: 5 } })))).toMatchObject({ code: "parameterInvalid", data: { parameter: "steps" } });
  });
});

it.each([["bert_masked.onnx", /fills in masked tokens/], ["bert_encoder.onnx", /gives states, and no score/]])("%s can be looked at, not explained", async (name, reason) => {
  const model = languageModel(name);
  expect(await failure(jobs.explainText(request({ model })))).toMatchObject({ code: "modelUnsuitable", data: { path: model, reason: expect.stringMatching(reason) as unknown } });
  expect(await failure(jobs.predictText({ model, text: "a", top: 1, runtime: "auto" }))).toMatchObject({ code: "modelUnsuitable" });
  expect((await jobs.inspectModel(model)).task).toBe("text-encoder");
});

it("every method for text comes with its parameters", () => {
  expect(jobs.textMethods().map(({ id, parameters }) => [id, Object.keys(parameters)])).toEqual([
    ["layer-integrated-gradients", ["steps", "rule", "tolerance", "change", "max-steps", "baseline", "at"]], ["input-x-gradient", ["at"]], ["gradient-norm", ["at"]], ["attention-x-gradient", []], ["occlusion", ["unit", "with"]],
  ]);
});

it("a tokenizer with ids that the model has no row for is another model's", async () => {
  const model = languageModel("gpt2_classifier.onnx");
  const at = join(model, "..", "vocab.json");
  writeFileSync(at, JSON.stringify({ ...(JSON.parse(readFileSync(at, "utf8")) as object), b: 60 }));
  const data = { file: join(model, ".."), reason: "it is another model's: its token \"b\" has the id 60, and the model has 60 tokens" };
  for (const job of [jobs.explainText(request({ model, text: "b" })), jobs.predictText({ model, text: "b", top: 1, runtime: "onnxruntime" }), jobs.attention({ model, input: { kind: "text", text: "b" }, target: "predicted", runtime: "onnxruntime" })]) {
    expect(await failure(job)).toMatchObject({ code: "tokenizerInvalid", data });
  }
  expect((await jobs.predictText({ model, text: "a", top: 1, runtime: "onnxruntime" })).predictions).toHaveLength(1);
});

it("numbers that are none are no result", () => {
  checkNumbers([0, -1, Infinity], referenceRuntime);
  expect(() => checkNumbers([0, Number.NaN], referenceRuntime, "the gradients for this text")).toThrow(expect.objectContaining({ code: "runtimeFailed", data: { runtime: referenceRuntime.name, reason: "the gradients for this text are not numbers" } }) as Error);
});
