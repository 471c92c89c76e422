/** @file Runs one architecture's ONNX files on each runtime and measures how far logits and gradient are from PyTorch's; prints one JSON row per file. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { attribute } from "../../src/engine/attribution/attribute.js";
import type { Compile } from "../../src/engine/attribution/context.js";
import { prepare } from "../../src/engine/attribution/prepare.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import { gradient } from "../../src/engine/autodiff/gradient.js";
import { toWhylightError } from "../../src/engine/errors.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { unsupportedOperators } from "../../src/engine/inspect.js";
import { GraphBuilder } from "../../src/engine/ir/builder.js";
import { typeOf, type Graph } from "../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { fuseLayerNormalization } from "../../src/engine/passes/fuseLayerNormalization.js";
import { prune } from "../../src/engine/passes/prune.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { ReadRange, Runtime } from "../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../../src/runtimes/tfjs/tfjsRuntime.js";
import { openFile } from "../oracle/fileSource.js";
import { readRecord, type ZooFile, type ZooRecord } from "./record.js";
import type { Cam, Outcome, Row } from "./row.js";

/** What a runtime gave for one file. */
interface Computed {
  readonly logits: Tensor;
  readonly gradient: Tensor;
  readonly cam: Cam | undefined;
}

/** Opens a file the way the worker does: weights in place, external data beside it. */
function load(path: string): { graph: Graph; readRange: ReadRange } {
  const buffers = new Map<string, Uint8Array>();
  const readRange: ReadRange = ({ file, offset, length }) => {
    const bytes = buffers.get(file) ?? new Uint8Array(readFileSync(file));
    buffers.set(file, bytes);
    return bytes.subarray(offset, offset + length);
  };
  const { graph } = importOnnx(openFile(path), (location) => ({ path: join(dirname(path), location), size: statSync(join(dirname(path), location)).size }));
  const missing = unsupportedOperators(graph).filter(({ problem }) => problem === "run").map(({ op, node }) => `${op} (node "${node}")`);
  if (missing.length > 0) throw new Error(`opUnsupported: ${missing.join(", ")}`);
  return { graph, readRange };
}

/** Image models go the product's way: saliency, then the default Grad-CAM. */
async function explainImage(record: ZooRecord, graph: Graph, readRange: ReadRange, runtime: Runtime, withCam: boolean): Promise<Computed> {
  const classifier = classifierOf(graph);
  const input = record.inputs["pixel_values"]!;
  const compile: Compile = (_, build) => runtime.compile(build(), readRange);
  const prepared = prepare(classifier, input.shape);
  const job = { classifier, input, target: { index: record.facts.target, versus: undefined, score: "logit" }, layers: [], compile } as const;
  const { logits, attribution } = await attribute({ ...job, method: "saliency" }, prepared);
  const layer = prepared.defaultLayer;
  const cam = layer === undefined || !withCam ? undefined : { layer: layer.name, op: layer.op, grid: layer.spatial.grid, remark: (await attribute({ ...job, method: "grad-cam" }, prepared)).remarks[0]?.code };
  return { logits: float32([1, logits.length], logits), gradient: float32(attribution.shape, attribution.data), cam };
}

/** Text models: the gradient of one element of the first output with respect to the word embedding's output. */
async function explainText(record: ZooRecord, graph: Graph, readRange: ReadRange, runtime: Runtime, embedding: string): Promise<Computed> {
  const shapes = Object.fromEntries(graph.inputs.map((name) => [name, record.inputs[name]!.shape]));
  const special = fuseLayerNormalization(specialize({ ...graph, outputs: [graph.outputs[0]!] }, shapes));
  const logits = special.outputs[0]!;
  const builder = new GraphBuilder(special, "zoo/");
  const type = typeOf(special, logits) as { dtype: "float32"; shape: readonly number[] };
  builder.input("zoo/seed", type);
  const differentiated = gradient(builder.build([logits]), logits, "zoo/seed", [embedding]);
  const cotangent = differentiated.cotangents.get(embedding);
  if (cotangent === undefined) throw new Error(`the logits do not depend on "${embedding}"`);
  const seed = float32(type.shape, new Float32Array(type.shape.reduce((a, b) => a * b, 1)));
  seed.data[record.facts.target] = 1;
  const program = await runtime.compile(prune({ ...differentiated.graph, outputs: [logits, cotangent] }), readRange);
  const results = await program.run({ ...record.inputs, "zoo/seed": seed });
  program.dispose();
  return { logits: results[logits]!, gradient: results[cotangent]!, cam: undefined };
}

function relative(actual: Tensor, expected: Tensor): number {
  if (actual.data.length !== expected.data.length) throw new Error(`[${actual.shape.join(", ")}] where PyTorch has [${expected.shape.join(", ")}]`);
  const [a, b] = [toNumbers(actual), toNumbers(expected)];
  let [worst, largest] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    worst = Math.max(worst, Number.isFinite(a[i]!) ? Math.abs(a[i]! - b[i]!) : Infinity);
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return worst / largest;
}

async function measure(record: ZooRecord, file: ZooFile, runtime: Runtime, withCam: boolean): Promise<Outcome> {
  const start = performance.now();
  try {
    const { graph, readRange } = load(join(record.folder, file.file));
    if (record.facts.kind === "text" && !file.embedding) throw new Error("no tensor of the file equals the word embedding");
    const computed = record.facts.kind === "image" ? await explainImage(record, graph, readRange, runtime, withCam) : await explainText(record, graph, readRange, runtime, file.embedding!);
    return { logits: relative(computed.logits, record.logits), gradient: relative(computed.gradient, record.gradient), cam: computed.cam, seconds: (performance.now() - start) / 1000 };
  } catch (thrown) {
    const { message, code } = toWhylightError(thrown);
    const text = code === "internal" ? String(toWhylightError(thrown).data["reason"]) : message;
    return { error: text.replaceAll(record.folder, basename(record.folder)).split("\n")[0]!, seconds: (performance.now() - start) / 1000 };
  }
}

async function main([root, name, ...wanted]: readonly string[]): Promise<void> {
  const record = readRecord(root!, name!);
  // The runtime that may end the process comes last.
  const openers: Readonly<Record<string, () => Promise<Runtime>>> = { reference: async () => referenceRuntime, "tfjs-wasm": () => tfjsRuntime("tfjs-wasm"), onnxruntime: onnxruntimeRuntime };
  const runtimes = await Promise.all(Object.entries(openers).filter(([runtime]) => wanted.includes(runtime)).map(([, open]) => open()));
  for (const file of record.facts.files) {
    const outcomes: Record<string, Outcome> = {};
    if (file.error === undefined) for (const runtime of runtimes) outcomes[runtime.name] = await measure(record, file, runtime, runtime.name === "onnxruntime");
    const row: Row = { name: record.facts.name, kind: record.facts.kind, floor: record.facts.floor, file, outcomes };
    console.log(`ROW ${JSON.stringify(row)}`);
  }
}

await main(process.argv.slice(2));
