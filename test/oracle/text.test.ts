/** @file Every recorded attribution of texts, on every exporter's file and on the checkpoint itself, against what PyTorch and Captum gave; and the table of methods, models and runtimes. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Compile } from "../../src/engine/attribution/context.js";
import { readParameters } from "../../src/engine/attribution/parameters.js";
import { prepareText, type PreparedText } from "../../src/engine/attribution/text/prepareText.js";
import { createTextContext, type TextContext } from "../../src/engine/attribution/text/textContext.js";
import type { TextMethodResult } from "../../src/engine/attribution/text/textMethod.js";
import { textMethodOf, textMethods } from "../../src/engine/attribution/text/textMethods.js";
import { textModelOf } from "../../src/engine/attribution/text/textModel.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Program, Runtime } from "../../src/engine/runtime.js";
import type { EncodedToken } from "../../src/engine/text/tokenizer.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { workingRuntimes } from "./runtimes.js";
import { openFile } from "./fileSource.js";
import { specialTokens } from "./recordedTokens.js";
import { builtEmbeddings, noTextMethod, textCaseOf } from "./textCases.js";
import { textTable } from "./textTable.js";

/** Whole recordings lie beside the repository where the product is developed; a selection is in it. */
const [shared, fixtures] = ["../../../shared/reference", "../fixtures/reference"].map((path) => join(import.meta.dirname, path)) as [string, string];
const folderOf = (model: string) => (existsSync(join(shared, model)) ? join(shared, model) : join(fixtures, model));
const models = ["bert_tiny", "distilbert_tiny"];
/** Compared on every runtime: an export, and the weights as transformers saved them. */
const mainFiles: ReadonlySet<string> = new Set(["model.onnx", "model.safetensors"]);
const logitTolerance = 1e-4;
/** The interpreter takes one gradient where others take fifty. */
const quick: ReadonlySet<string> = new Set(["gradient-norm", "input-x-gradient", "occlusion", "attention-x-gradient"]);

interface Recording {
  readonly texts: readonly { readonly key: string; readonly tokens: readonly string[]; readonly special_tokens_mask: readonly number[]; readonly pred: number; readonly other: number }[];
  readonly embedding_tensors: Readonly<Record<string, Readonly<Record<"embedding_output" | "word_embedding", readonly { readonly tensor: string }[]>>>>;
  readonly arrays: Readonly<Record<string, { readonly rel_f32_f64?: number | null }>>;
}

/** Method, model and runtime to the worst error. */
const worst = new Map<string, Map<string, { error: number; arrays: number }>>();
afterAll(() => {
  const columns = [...new Set([...worst.values()].flatMap((row) => [...row.keys()]))].toSorted();
  const cell = (found: { error: number; arrays: number } | undefined) => (found ? `${found.error.toExponential(1)} (${found.arrays})` : "-");
  const lines = [...worst].map(([method, row]) => [method, ...columns.map((column) => cell(row.get(column)))]);
  console.log(["Texts: largest relative error against PyTorch and Captum, and in brackets how many arrays (logits and completeness gaps: absolute)", ...textTable([["method", ...columns], ...lines])].join("\n"));
});

describe("recorded attributions of texts", async () => {
  const onnxruntime = await onnxruntimeRuntime();
  const others = (await workingRuntimes()).filter(({ name }) => name === "tfjs-wasm");
  const cases = models.flatMap((model) => readdirSync(folderOf(model)).filter((file) => file.endsWith(".onnx") || mainFiles.has(file)).flatMap((file) => {
    const runtimes = mainFiles.has(file) ? [onnxruntime, ...others, referenceRuntime] : [onnxruntime];
    return runtimes.map((runtime) => ({ model, file, name: runtime.name, runtime }));
  }));

  it.each(cases)("$model/$file on $name", ({ model, file, runtime }) => compare(model, file, runtime));

  it("are of every method", () => {
    expect([...worst.keys()].filter((name) => name in textMethods).toSorted()).toEqual(Object.keys(textMethods).toSorted());
  });

  it.each(models)("%s: every recorded array is compared, or has a reason not to be", (model) => {
    for (const full of read(model).recorded.keys()) {
      const [, name] = /^t\d\/(?:pred|other)\/(.+)$/.exec(full) ?? [];
      const isOfBatch = full.startsWith("batch/");
      const isCompared = name !== undefined && textCaseOf(name) !== undefined;
      // What was recorded for a padded batch repeats the single texts; one text is explained at a time.
      expect(isOfBatch || isCompared || noTextMethod.some(([pattern]) => pattern.test(full)), full).toBe(true);
    }
  });
});

function read(model: string) {
  const folder = folderOf(model);
  return { folder, recording: JSON.parse(readFileSync(join(folder, "reference.json"), "utf8")) as Recording, recorded: readSafetensors(openFile(join(folder, "reference.safetensors"))) };
}

function note(method: string, column: string, error: number): void {
  const row = worst.get(method) ?? new Map<string, { error: number; arrays: number }>();
  const known = row.get(column) ?? { error: 0, arrays: 0 };
  worst.set(method, row.set(column, { error: Math.max(known.error, error), arrays: known.arrays + 1 }));
}

async function compare(model: string, file: string, runtime: Runtime): Promise<void> {
  const { folder, recording, recorded } = read(model);
  const source = openFile(join(folder, file));
  const text = textModelOf((await importModel(source.path)).graph);
  expect([text.task, text.classes, text.longest]).toEqual(["text-classification", 2, 128]);
  const programs = new Map<string, Program>();
  const compile: Compile = async (key, build) => {
    const program = programs.get(key) ?? (await runtime.compile(build(), source.readRange));
    programs.set(key, program);
    return program;
  };
  const prepared = new Map<number, PreparedText>();
  const failures: string[] = [];
  const column = `${model} ${runtime.name}`;
  expect(recording.texts.length).toBeGreaterThanOrEqual(4);
  for (const { key, tokens: spellings, special_tokens_mask: special, ...targets } of recording.texts) {
    const [ids, types] = ["input_ids", "token_type_ids"].map((name) => { const tensor = recorded.get(`${key}/${name}`); return tensor && toNumbers(tensor); });
    const tokens = spellings.map((token, i): EncodedToken => ({ id: ids![i]!, token, start: 0, end: 0, part: 0, type: types?.[i] ?? 0, special: special[i] === 1 }));
    const fit = prepared.get(tokens.length) ?? prepareText(text, tokens.length);
    prepared.set(tokens.length, fit);
    const places = recording.embedding_tensors[file] ?? builtEmbeddings(model);
    expect(fit.sites).toEqual({ words: places.word_embedding[0]!.tensor, embeddings: places.embedding_output[0]!.tensor });
    const contextFor = (index: number | "predicted") => createTextContext({ prepared: fit, tokenizer: specialTokens, tokens, words: [], target: { index, versus: undefined, score: "logit" }, memory: 1e8, compile });
    await compareForward(contextFor("predicted"), key, recorded, column);
    for (const target of ["pred", "other"] as const) {
      const prefix = `${key}/${target}/`;
      const results = new Map<string, TextMethodResult>();
      for (const full of recorded.keys()) {
        const item = full.startsWith(prefix) ? textCaseOf(full.slice(prefix.length)) : undefined;
        if (item === undefined || (runtime.name === "reference" && !quick.has(item.method))) continue;
        const method = textMethodOf(item.method);
        const name = JSON.stringify([item.method, item.parameters]);
        const found = results.get(name) ?? (await method.run(contextFor(targets[target]), readParameters(item.method, method.parameters, item.parameters)));
        results.set(name, found);
        const error = errorOf(item.view(found), recorded.get(full)!, item.isAbsolute ?? false);
        note(item.isAbsolute ? `${item.method} gap` : item.method, column, error);
        // Three times how far PyTorch's own float32 is from its float64; a gap's relative one says nothing.
        const tolerance = item.isAbsolute ? item.tolerance : Math.max(item.tolerance, 3 * (recording.arrays[full]?.rel_f32_f64 ?? 0));
        if (!(error <= tolerance)) failures.push(`${full}: ${error.toExponential(2)} > ${tolerance.toExponential(1)}`);
      }
      const byAttention = await textMethodOf("attention-x-gradient").run(contextFor(targets[target]), {});
      const error = worstGap(byAttention.raw, attentionFormula(recorded.get(`${key}/attentions`)!, recorded.get(`${prefix}attention_gradient`)!));
      note("attention-x-gradient", column, error);
      if (!(error <= 1e-4)) failures.push(`${prefix}attention-x-gradient: ${error.toExponential(2)}`);
    }
  }
  for (const program of programs.values()) program.dispose();
  expect(failures, `${model}/${file} on ${runtime.name}`).toEqual([]);
}

/** Logits and embeddings; and the program that finds the class by itself gives the same. */
async function compareForward(context: TextContext, key: string, recorded: ReadonlyMap<string, Tensor>, column: string): Promise<void> {
  const { logits } = await context.atInput();
  const error = Math.max(...toNumbers(recorded.get(`${key}/logits`)!).map((value, i) => Math.abs(value - logits[i]!)));
  note("logits", column, error);
  expect(error).toBeLessThanOrEqual(logitTolerance);
  for (const [place, name] of [["embeddings", "output"], ["words", "word"]] as const) expect(errorOf(await context.embed(place, context.tokens), recorded.get(`${key}/embedding/${name}`)!, false)).toBeLessThanOrEqual(1e-5);
}

/** Per key: the mean over layers and heads of the sum over queries of attention times its gradient, in float64, from PyTorch's own `[layers, heads, queries, keys]`. */
function attentionFormula(attention: Tensor, gradient: Tensor): number[] {
  const [layers, heads, queries, keys] = attention.shape as [number, number, number, number];
  const [a, g] = [toNumbers(attention), toNumbers(gradient)];
  return Array.from({ length: keys }, (_, k) => {
    let sum = 0;
    for (let row = 0; row < layers * heads * queries; row++) sum += a[row * keys + k]! * g[row * keys + k]!;
    return sum / (layers * heads);
  });
}

function errorOf(actual: ArrayLike<number>, expected: Tensor, isAbsolute: boolean): number {
  return worstGap(actual, toNumbers(expected), isAbsolute);
}

function worstGap(actual: ArrayLike<number>, expected: readonly number[], isAbsolute = false): number {
  expect(actual.length).toBe(expected.length);
  const scale = isAbsolute ? 1 : Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(actual[i]! - value))) / scale;
}
