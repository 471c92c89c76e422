/** @file Everything recorded about attention: weights, averages, rollouts, gradients and relevancies of every exporter's files and of the checkpoints themselves, for both classes, on every runtime; none is left out. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attend, type Attended } from "../../src/engine/attribution/attention/attend.js";
import { attentionLayers, type AttentionSubject, type FoundLayers } from "../../src/engine/attribution/attention/attentionLayers.js";
import { attentionOutputs, buildAttention } from "../../src/engine/attribution/attention/attentionProgram.js";
import { attentionSites, withAttentionOutputs } from "../../src/engine/attribution/attentionSites.js";
import type { Compile } from "../../src/engine/attribution/context.js";
import { buildGradient, cotangentOf } from "../../src/engine/attribution/programs.js";
import { seedValues } from "../../src/engine/attribution/target.js";
import type { Graph } from "../../src/engine/ir/graph.js";
import type { Tensor } from "../../src/engine/ir/tensor.js";
import { fuseLayerNormalization } from "../../src/engine/passes/fuseLayerNormalization.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import type { Program, ReadRange, Runtime } from "../../src/engine/runtime.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { fixture, readArrays, relativeError, sharedReference } from "../unit/readReference.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";

const models = ["bert_tiny", "distilbert_tiny", "vit_tiny"];
/** Whole recordings lie beside the repository where the product is developed; a selection is in it. */
const folderOf = (model: string) => sharedReference(model) ?? fixture("reference", model);
const cases = models.flatMap((model) => readdirSync(folderOf(model)).filter((file) => file.endsWith(".onnx") || file === "model.safetensors").map((file) => ({ model, file })));

/** What is recorded about attention, by the end of its name: how it is measured, and how far off it may be. */
const measured = {
  attentions: { tolerance: 1e-5, isAbsolute: true },
  cls_attention_grid: { tolerance: 1e-5, isAbsolute: true },
  attention_mean: { tolerance: 1e-5, isAbsolute: true },
  attention_gradient: { tolerance: 1e-4, isAbsolute: false },
  rollout: { tolerance: 1e-3, isAbsolute: false },
  rollout_by_layer: { tolerance: 1e-3, isAbsolute: false },
  rollout_cls_grid: { tolerance: 1e-3, isAbsolute: false },
  relevancy_chefer: { tolerance: 1e-3, isAbsolute: false },
  relevancy_chefer_cls_grid: { tolerance: 1e-3, isAbsolute: false },
} as const;
type Quantity = keyof typeof measured;
const perTarget: ReadonlySet<Quantity> = new Set(["attention_gradient", "relevancy_chefer", "relevancy_chefer_cls_grid"]);

const worst = new Map<string, { value: number; where: string }>();

describe("recorded attention", async () => {
  const runtimes = await workingRuntimes();

  it.each(cases.flatMap((each) => runtimes.map((runtime) => ({ ...each, name: runtime.name, runtime }))))("$model/$file on $name", async ({ model, file, runtime }) => {
    const recorded = readArrays(join(folderOf(model), "reference.safetensors"));
    const compared = new Set<string>();
    const compare = (name: string, quantity: Quantity, value: ArrayLike<number>) => {
      const wanted = recorded.get(name)!;
      const { tolerance, isAbsolute } = measured[quantity];
      const error = isAbsolute ? absoluteError(value, wanted) : relativeError(value, wanted);
      if (error > (worst.get(`${runtime.name} ${quantity}`)?.value ?? -1)) worst.set(`${runtime.name} ${quantity}`, { value: error, where: `${model}/${file} ${name}` });
      expect(error, name).toBeLessThanOrEqual(tolerance);
      compared.add(name);
    };
    const source = openFile(join(folderOf(model), file));
    const { graph } = await importModel(source.path);
    for (const key of keysOf(recorded)) {
      const feeds = Object.fromEntries(graph.inputs.map((name) => [name, recorded.get(`${key}/${name}`) ?? recorded.get(key)!]));
      const special = fuseLayerNormalization(specialize(graph, Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]))));
      const compiled = programsOf(runtime, source.readRange);
      if (key === "batch") compare("batch/attentions", "attentions", await padded(special, feeds, compiled.compile));
      else for (const target of ["pred", "other"] as const) {
        const found = await compute(special, feeds, classesOf(model, key, target, recorded.get(`${key}/logits`)!), compiled.compile, model === "vit_tiny");
        for (const [quantity, value] of Object.entries(found) as [Quantity, ArrayLike<number>][]) compare(perTarget.has(quantity) ? `${key}/${target}/${quantity}` : `${key}/${quantity}`, quantity, value);
      }
      compiled.dispose();
    }
    // Whatever is recorded about attention was compared.
    const all = [...recorded.keys()].filter((name) => /attention(?!_mask)|rollout|relevancy/.test(name));
    expect([...compared].toSorted()).toEqual(all.toSorted());
    expect(all.length).toBeGreaterThanOrEqual(16);
  }, 120_000);

  it("is all there", () => {
    const here = models.filter((model) => existsSync(folderOf(model)));
    expect(here).toEqual(models);
    console.info([...worst].toSorted(([a], [b]) => a.localeCompare(b)).map(([what, { value, where }]) => `${what}: ${value.toExponential(1)} at ${where}`).join("\n"));
    expect(worst.size).toBe(runtimes.length * Object.keys(measured).length);
  });
});

/** Every recorded input: "x0", "t3", and two texts of unequal length as one batch. */
function keysOf(recorded: ReadonlyMap<string, Tensor>): string[] {
  return [...recorded.keys()].filter((name) => /^x\d$|^(t\d|batch)\/input_ids$/.test(name)).map((name) => name.split("/")[0]!);
}

/** Compiles each program once. */
function programsOf(runtime: Runtime, readRange: ReadRange): { compile: Compile; dispose(): void } {
  const programs = new Map<string, Program>();
  const compile: Compile = async (key, build) => {
    const program = programs.get(key) ?? await runtime.compile(build(), readRange);
    programs.set(key, program);
    return program;
  };
  return { compile, dispose: () => { for (const program of programs.values()) program.dispose(); } };
}

type Feeds = Readonly<Record<string, Tensor>>;

/** The weights of texts behind which padding stands. */
async function padded(graph: Graph, feeds: Feeds, compile: Compile): Promise<readonly number[]> {
  const { graph: grown, outputs } = withAttentionOutputs(graph, attentionSites(graph));
  const results = await (await compile("padded", () => grown)).run(feeds);
  return outputs.flatMap((name) => [...(results[name]!.data as Float32Array)]);
}

async function compute(graph: Graph, feeds: Feeds, { index, classes }: { index: number; classes: number }, compile: Compile, isImage: boolean): Promise<Partial<Record<Quantity, ArrayLike<number>>>> {
  const subject: AttentionSubject = { graph, logits: graph.outputs[0]!, score: "logit", embedding: undefined, image: isImage ? graph.inputs[0]! : undefined, tokens: undefined };
  const found = attentionLayers(subject);
  const weights: number[] = [];
  const attended = await attend({ subject, found, feeds, target: { index, versus: undefined, score: "logit" }, key: "", memory: Infinity, compile, each: (_, values) => weights.push(...values) });
  const byLayer = await (await compile("by layer", () => buildAttention(subject, found.layers.map(({ site }) => site), { weights: [], common: found.common, isDifferentiated: false, isByLayer: true }))).run(feeds);
  const wrt = found.layers.map(({ site }) => site.weights);
  const gradients = await (await compile("gradients", () => buildGradient(graph, subject.logits!, "logit", wrt))).run({ ...feeds, ...seedValues([1, classes], { index, versus: undefined }) });
  return {
    attentions: weights, attention_mean: attended.average!, rollout: attended.rollout!, relevancy_chefer: attended.relevance!,
    rollout_by_layer: found.common.flatMap((_, i) => [...(byLayer[attentionOutputs.rollout(i)]!.data as Float32Array)]),
    attention_gradient: wrt.flatMap((name) => [...(gradients[cotangentOf(name)]!.data as Float32Array)]),
    ...(isImage ? classRows(found, attended, weights) : {}),
  };
}

/** What the class token, the first, gathers from the patches. */
function classRows({ layers, tokens }: FoundLayers, { rollout, relevance }: Attended, weights: readonly number[]): Partial<Record<Quantity, readonly number[]>> {
  const { prefix, grid } = layers[0]!.layout;
  expect([prefix, grid]).toEqual([1, [4, 4]]);
  const row = (matrix: ArrayLike<number>, first = 0) => Array.from({ length: tokens - prefix }, (_, i) => matrix[first + prefix + i]!);
  const matrices = weights.length / tokens ** 2;
  return { cls_attention_grid: Array.from({ length: matrices }, (_, i) => row(weights, i * tokens ** 2)).flat(), rollout_cls_grid: row(rollout!), relevancy_chefer_cls_grid: row(relevance!) };
}

function classesOf(model: string, key: string, target: "pred" | "other", logits: Tensor): { index: number; classes: number } {
  const { targets, texts } = JSON.parse(readFileSync(join(folderOf(model), "reference.json"), "utf8")) as Record<"targets" | "texts", readonly { key?: string; pred: number; other: number }[] | undefined>;
  const entry = targets?.[Number(key.slice(1))] ?? texts!.find((text) => text.key === key)!;
  return { index: entry[target], classes: logits.shape[1]! };
}

function absoluteError(actual: ArrayLike<number>, expected: Tensor | undefined): number {
  if (expected === undefined || actual.length !== expected.data.length) return Infinity;
  return Array.from(actual).reduce((most, value, i) => { const gap = Math.abs(value - Number(expected.data[i])); return Number.isNaN(gap) ? Infinity : Math.max(most, gap); }, 0);
}
