/** @file The attention of every exporter's files, found by structure, and the text classifiers' logits and embedding gradients, against what PyTorch recorded. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attentionSites, withAttentionOutputs } from "../../src/engine/attribution/attentionSites.js";
import { gradient, withOutputs } from "../../src/engine/autodiff/gradient.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import type { Graph } from "../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { openFile } from "./fileSource.js";
import { builtEmbeddings } from "./textCases.js";

/** Whole recordings lie beside the repository where the product is developed; a selection is in it. */
const [shared, fixtures] = ["../../../shared/reference", "../fixtures/reference"].map((path) => join(import.meta.dirname, path)) as [string, string];
const folderOf = (model: string) => (existsSync(join(shared, model)) ? join(shared, model) : join(fixtures, model));

/** Conventions: logits absolute, gradients by max|a - b| / max|b|; attention absolute. */
const [logitTolerance, gradientTolerance, attentionTolerance] = [1e-4, 1e-4, 1e-5];

interface Recording {
  readonly texts?: readonly { readonly key: string; readonly pred: number; readonly other: number }[];
  readonly attention_tensors: Readonly<Record<string, readonly (readonly { readonly tensor: string }[])[]>>;
  readonly embedding_tensors?: Readonly<Record<string, Readonly<Record<string, readonly { readonly tensor: string }[]>>>>;
}

const cases = ["bert_tiny", "distilbert_tiny", "vit_tiny"].filter((model) => existsSync(folderOf(model))).flatMap((model) => readdirSync(folderOf(model)).filter((file) => file.endsWith(".onnx") || file === "model.safetensors").map((file) => ({ model, file })));

function relativeError(actual: Tensor, expected: Tensor): number {
  const wanted = toNumbers(expected);
  expect(actual.shape).toEqual(expected.shape);
  return Math.max(...toNumbers(actual).map((value, i) => Math.abs(value - wanted[i]!))) / Math.max(...wanted.map(Math.abs));
}

function worstGap(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
}

/** Every recorded input of a model: the name in the recording, the values by graph input. */
function inputsOf(recorded: ReadonlyMap<string, Tensor>, graph: Graph): { key: string; feeds: Record<string, Tensor> }[] {
  const keys = [...recorded.keys()].filter((name) => /^x\d$|^t\d\/input_ids$/.test(name)).map((name) => name.split("/")[0]!);
  return keys.map((key) => ({ key, feeds: Object.fromEntries(graph.inputs.map((name) => [name, recorded.get(`${key}/${name}`) ?? recorded.get(key)!])) }));
}

describe("recorded transformers", async () => {
  const runtimes = [referenceRuntime, await onnxruntimeRuntime()];

  it("are there", () => expect(cases.length).toBeGreaterThanOrEqual(6));

  it.each(cases.flatMap((each) => runtimes.map((runtime) => ({ ...each, name: runtime.name, runtime }))))("$model/$file on $name", ({ model, file, runtime }) => compare(model, file, runtime));
});

async function compare(model: string, file: string, runtime: Runtime): Promise<void> {
  const source = openFile(join(folderOf(model), file));
  const recording = JSON.parse(readFileSync(join(folderOf(model), "reference.json"), "utf8")) as Recording;
  const recorded = readSafetensors(openFile(join(folderOf(model), "reference.safetensors")));
  const { graph } = await importModel(source.path);
  // Exporters chose names of their own; a graph built from a config has as many layers as any of theirs.
  const names = recording.attention_tensors[file];
  const layers = Object.values(recording.attention_tensors)[0]!.length;
  const inputs = inputsOf(recorded, graph);
  expect(inputs.length).toBeGreaterThanOrEqual(2);
  for (const { key, feeds } of inputs) {
    const special = specialize(graph, Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])));
    const sites = attentionSites(special);
    if (names) expect(sites.map(({ weights }) => weights)).toEqual(names.map(([first]) => first!.tensor));
    const { graph: grown, outputs } = withAttentionOutputs(special, sites);
    const program = await runtime.compile(grown, source.readRange);
    const results = await program.run(feeds);
    program.dispose();
    const logits = special.outputs[0]!;
    expect(worstGap(toNumbers(results[logits]!), toNumbers(recorded.get(`${key}/logits`)!)), `logits of ${key}`).toBeLessThanOrEqual(logitTolerance);
    const weights = recorded.get(`${key}/attentions`)!;
    expect([layers, ...results[outputs[0]!]!.shape.slice(1)]).toEqual(weights.shape);
    expect(worstGap(outputs.flatMap((name) => toNumbers(results[name]!)), toNumbers(weights)), `attention of ${key}`).toBeLessThanOrEqual(attentionTolerance);
    const text = recording.texts?.find((candidate) => candidate.key === key);
    if (text) await compareGradients({ special, logits, places: recording.embedding_tensors![file] ?? builtEmbeddings(model), recorded, text, feeds, runtime, source });
  }
}

interface GradientJob {
  readonly special: Graph;
  readonly logits: string;
  readonly places: Readonly<Record<string, readonly { readonly tensor: string }[]>>;
  readonly recorded: ReadonlyMap<string, Tensor>;
  readonly text: { readonly key: string; readonly pred: number; readonly other: number };
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly runtime: Runtime;
  readonly source: ReturnType<typeof openFile>;
}

/** At the word embeddings and after the embeddings' normalisation, for the predicted class and the other. */
async function compareGradients({ special, logits, places, recorded, text, feeds, runtime, source }: GradientJob): Promise<void> {
  const builder = new GraphBuilder(special, "");
  const seed = builder.input("seed", { dtype: "float32", shape: builder.shape(logits) });
  const names = ["embedding_output", "word_embedding"];
  const values = names.map((name) => places[name]![0]!.tensor);
  const { graph, cotangents } = gradient(builder.build(special.outputs), logits, seed, values);
  const program = await runtime.compile(withOutputs(graph, values.map((value) => cotangents.get(value)!)), source.readRange);
  for (const target of ["pred", "other"] as const) {
    const results = await program.run({ ...feeds, seed: float32([1, 2], [0, 1].map((i) => (i === text[target] ? 1 : 0))) });
    names.forEach((name, i) => expect(relativeError(results[cotangents.get(values[i]!)!]!, recorded.get(`${text.key}/${target}/grad/${name}`)!), `${name} of ${text.key} ${target}`).toBeLessThanOrEqual(gradientTolerance));
  }
  program.dispose();
}
