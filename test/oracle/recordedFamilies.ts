/** @file Models of other libraries as they were recorded (`test/fixtures/models/recording.py` has the layout), read from their own files and held against what the libraries gave. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attentionSites, withAttentionOutputs } from "../../src/engine/attribution/attentionSites.js";
import { embeddingSites } from "../../src/engine/attribution/text/embeddingSites.js";
import { gradient } from "../../src/engine/autodiff/gradient.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import { typeOf, type Graph } from "../../src/engine/ir/graph.js";
import { float32, isFloat, sizeOf, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { prune } from "../../src/engine/passes/prune.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { openRanges } from "../../src/worker/files.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { modelFileOf } from "../../src/worker/formats/modelFolder.js";
import { drawCase } from "./drawnWeights.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";
import { textTable } from "./textTable.js";

const root = join(import.meta.dirname, "../fixtures/models");

/** The largest errors that are allowed, as shares of the recorded array's largest magnitude. */
const tolerances = { logits: 1e-4, gradient: 1e-3, attention: 1e-5 } as const;
type Quantity = keyof typeof tolerances;

export interface FamilyOptions {
  /** Cases that the interpreter would take too long for. */
  readonly slow?: (name: string) => boolean;
  /** The model in a case's folder, where the folder does not tell by itself. */
  readonly fileOf?: (folder: string) => string;
}

/** Tests of every case in `test/fixtures/models/<family>`, on ONNX Runtime, TensorFlow.js and, but for slow ones, the interpreter. Prints the largest errors. */
export async function testRecordedFamily(family: string, { slow = () => false, fileOf = recordedModel }: FamilyOptions = {}): Promise<void> {
  const runtimes = [...(await workingRuntimes()).filter(({ name }) => name === "onnxruntime" || name === "tfjs-wasm"), referenceRuntime];
  const cases = readdirSync(join(root, family), { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(root, family, entry.name, "expected.safetensors"))).map(({ name }) => name);
  const worst = new Map<string, Map<string, number>>();
  const made: string[] = [];
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
    const columns = [...new Set([...worst.values()].flatMap((row) => [...row.keys()]))];
    console.log([`${family}: largest errors as shares of the largest recorded value`, ...textTable([["case", ...columns], ...[...worst].map(([name, row]) => [name, ...columns.map((column) => row.get(column)?.toExponential(1) ?? "-")])])].join("\n"));
  });
  describe(`recorded ${family}`, () => {
    it("has cases", () => expect(cases.length).toBeGreaterThan(0));
    describe.each(cases)("%s", (name) => {
      let opened: Promise<RecordedModel> | undefined;
      const open = () => (opened ??= openCase(join(root, family, name), fileOf, made));
      it.each(runtimes.filter((runtime) => runtime.name !== "reference" || !slow(name)).map((runtime) => ({ runtime, on: runtime.name })))("on $on", async ({ runtime }) => {
        for (const [quantity, what, error] of await compareCase(await open(), runtime)) {
          const row = worst.get(name) ?? new Map<string, number>();
          const column = `${quantity} ${runtime.name}`;
          worst.set(name, row.set(column, Math.max(row.get(column) ?? 0, error)));
          expect(error, `${what} on ${runtime.name}`).toBeLessThanOrEqual(tolerances[quantity]);
        }
      });
    });
  });
}

/** The only model of a case; by its ending, since what is expected lies beside it and looks like weights. */
function recordedModel(folder: string): string {
  const own = readdirSync(folder).filter((name) => /\.(h5|hdf5|keras|pt|pth|ckpt)$/.test(name));
  return own.length === 1 ? join(folder, own[0]!) : modelFileOf(folder);
}

interface RecordedModel {
  /** With the recorded input's shapes. */
  readonly graph: Graph;
  readonly expected: ReadonlyMap<string, Tensor>;
}

async function openCase(folder: string, fileOf: (folder: string) => string, made: string[]): Promise<RecordedModel> {
  const isDrawn = existsSync(join(folder, "drawn.json"));
  const place = isDrawn ? drawCase(folder) : folder;
  if (isDrawn) made.push(place);
  const expected = readSafetensors(openFile(join(folder, "expected.safetensors")));
  const { graph } = await importModel(fileOf(place));
  const inputs = Object.fromEntries([...expected].filter(([name]) => name.startsWith("input.")).map(([name, { shape }]) => [name.slice("input.".length), shape]));
  expect(Object.keys(inputs).toSorted(), "the graph's inputs").toEqual(graph.inputs.toSorted());
  return { graph: specialize(graph, inputs), expected };
}

/** Every recorded array of a case: what it is, and how far ours is from it. */
async function compareCase({ graph, expected }: RecordedModel, runtime: Runtime): Promise<[Quantity, string, number][]> {
  const logits = graph.outputs[0]!;
  const sites = [...expected.keys()].some((name) => name.startsWith("attention.")) ? attentionSites(graph) : [];
  const attentive = withAttentionOutputs(graph, sites);
  const wrt = expected.has("gradient") ? differentiated(graph, logits) : undefined;
  const whole = wrt === undefined ? undefined : withGradient(attentive.graph, logits, wrt, expected);
  const others = [...expected.keys()].filter((name) => name.startsWith("output.")).map((name) => name.slice("output.".length));
  const outputs = [logits, ...others, ...attentive.outputs, ...(whole ? [whole.cotangent] : [])];
  const ranges = openRanges();
  try {
    const program = await runtime.compile(prune({ ...(whole?.graph ?? attentive.graph), outputs: [...new Set(outputs)] }), ranges.readRange);
    const inputs = Object.fromEntries(graph.inputs.map((name) => [name, expected.get(`input.${name}`)!]));
    const results = await program.run(inputs);
    program.dispose();
    const compared: [Quantity, string, number][] = [["logits", "logits", errorOf(results[logits]!, expected.get("logits")!)]];
    for (const name of others) compared.push(["logits", name, errorOf(results[name]!, expected.get(`output.${name}`)!)]);
    if (whole) compared.push(["gradient", "gradient", errorOf(results[whole.cotangent]!, expected.get("gradient")!)]);
    const recorded = [...expected.keys()].filter((name) => name.startsWith("attention.")).length;
    expect(sites.length, "attention layers found").toBe(recorded);
    for (let i = 0; i < recorded; i++) compared.push(["attention", `attention ${i}`, errorOf(results[attentive.outputs[i]!]!, expected.get(`attention.${i}`)!)]);
    return compared;
  } finally {
    ranges.close();
  }
}

/** The image, or the word embeddings of a text. */
function differentiated(graph: Graph, logits: string): string {
  const image = graph.inputs.find((name) => isFloat(typeOf(graph, name).dtype));
  if (image !== undefined) return image;
  return embeddingSites(graph, graph.inputs.find((name) => /ids/.test(name) && !/type/.test(name)) ?? graph.inputs[0]!, logits).words;
}

/** The graph with d logits[target] / d `wrt`. */
function withGradient(graph: Graph, logits: string, wrt: string, expected: ReadonlyMap<string, Tensor>): { readonly graph: Graph; readonly cotangent: string } {
  const shape = typeOf(graph, logits).shape as readonly number[];
  const target = toNumbers(expected.get("target")!);
  const seed = new Float32Array(sizeOf(shape));
  seed[target.reduce((at, index, axis) => at * shape[axis]! + index, 0)] = 1;
  const builder = new GraphBuilder(graph, "test/");
  const start = builder.constant(float32(shape, seed));
  const { graph: grown, cotangents } = gradient(builder.build(graph.outputs), logits, start, [wrt]);
  return { graph: grown, cotangent: cotangents.get(wrt)! };
}

/** The largest difference, as a share of the largest recorded magnitude. */
function errorOf(ours: Tensor, recorded: Tensor): number {
  const [a, b] = [toNumbers(ours), toNumbers(recorded)];
  expect(a.length, `elements of [${ours.shape.join(", ")}]`).toBe(b.length);
  const scale = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(scale, "a recorded array of zeros proves nothing").toBeGreaterThan(0);
  return a.reduce((most, value, i) => Math.max(most, Number.isFinite(value) ? Math.abs(value - b[i]!) : Infinity), 0) / scale;
}
