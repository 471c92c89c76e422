/** @file Logits, gradients and Grad-CAM of every exporter's files on every runtime, against what PyTorch and pytorch-grad-cam recorded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attribute, predictLogits, type AttributeJob } from "../../src/engine/attribution/attribute.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import type { Compile } from "../../src/engine/attribution/context.js";
import { prepare, type Prepared } from "../../src/engine/attribution/prepare.js";
import type { MethodName } from "../../src/engine/attribution/methods.js";
import type { Score } from "../../src/engine/attribution/target.js";
import { importOnnx } from "../../src/engine/importers/onnx.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { Program, ReadRange, Runtime } from "../../src/engine/runtime.js";
import { smooth } from "../unit/engine/numbers.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";

const folder = join(import.meta.dirname, "../fixtures/reference");

/** Relative error max|a - b| / max|b| in float32 (conventions: 1e-4 for gradients and raw maps); logits absolute. */
const tolerance = 1e-4;

interface Recording {
  readonly targets: readonly { readonly pred: number; readonly other: number }[];
  /** Torch layer to, per file, the tensor that is its output; text says why there is none. */
  readonly layers?: Readonly<Record<string, Readonly<Record<string, string | readonly { readonly tensor: string }[]>>>>;
}

/** The tensors that are the ViT's recorded layers, in the names of each exporter; the dynamo exporter counts its layer norms, two per block. */
const vitLayers: Readonly<Record<string, (file: string) => string>> = Object.fromEntries([
  ...[1, 2].map((k) => [`vit.encoder.layer.${k}.layernorm_before`, (file: string) => file === "model.dynamo.onnx" ? `layer_norm_${2 * k}`
    : `/vit/encoder/layer.${k}/layernorm_before/${file === "model.onnx" ? "LayerNormalization_output_0" : "Add_1_output_0"}`]),
  ["vit.encoder.layer.1", (file: string) => (file === "model.dynamo.onnx" ? "add_277" : "/vit/encoder/layer.1/output/Add_output_0")],
]);

const files = [
  ["cnn_mnistlike", "model.onnx"], ["cnn_mnistlike", "model.dynamo.onnx"], ["resnet_tiny", "model.onnx"], ["resnet_tiny", "model.dynamo.onnx"],
  ["vit_tiny", "model.onnx"], ["vit_tiny", "model.opset13.onnx"], ["vit_tiny", "model.dynamo.onnx"], ["vit_tiny", "model.sdpa.onnx"],
] as const;

/** The last activation with a spatial extent (pooling included, as in torchvision's `features[-1]`); for the ViT the normalised input of its last attention. */
const defaults: Readonly<Record<string, (file: string) => string>> = {
  cnn_mnistlike: (file) => (file === "model.onnx" ? "/pool2/MaxPool_output_0" : "max_pool2d_1"),
  resnet_tiny: (file) => (file === "model.onnx" ? "/layer4/layer4.0/relu3/Relu_output_0" : "relu_12"),
  vit_tiny: (file) => vitLayers["vit.encoder.layer.2.layernorm_before"]!(file),
};

function relativeError(actual: ArrayLike<number>, expected: Tensor): number {
  const wanted = toNumbers(expected);
  expect(actual.length).toBe(wanted.length);
  return Math.max(...wanted.map((value, i) => Math.abs(actual[i]! - value))) / Math.max(...wanted.map(Math.abs));
}

const pixelMethods: readonly (readonly [MethodName, string, Score])[] = [
  ["saliency", "gradient", "logit"], ["input-x-gradient", "gradient_x_input", "logit"], ["saliency", "gradient_of_probability", "probability"],
];

const rows: Record<string, string>[] = [];
const edges: string[] = [];
afterAll(() => console.log(["Worst error against PyTorch and pytorch-grad-cam (logits absolute, others relative)", ...table(rows), ...(edges.length > 0 ? ["On the edge between two linear pieces:", ...edges] : [])].join("\n")));

function table(lines: readonly Record<string, string>[]): string[] {
  const columns = [...new Set(lines.flatMap((line) => Object.keys(line)))];
  const cells = [columns, ...lines.map((line) => columns.map((column) => line[column] ?? "-"))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  "));
}

describe("recorded explanations", async () => {
  const runtimes = await workingRuntimes();
  const cases = files.flatMap(([model, file]) => runtimes.map((runtime) => ({ model, file, name: runtime.name, runtime })));
  it.each(cases)("$model/$file on $name", ({ model, file, runtime }) => compare(model, file, runtime));
});

async function compare(model: string, file: string, runtime: Runtime): Promise<void> {
  const source = openFile(join(folder, model, file));
  const recording = JSON.parse(readFileSync(join(folder, model, "reference.json"), "utf8")) as Recording;
  const recorded = readSafetensors(openFile(join(folder, model, "reference.safetensors")));
  const classifier = classifierOf(importOnnx(source).graph);
  const programs = new Map<string, Program>();
  const compile: Compile = async (key, build) => {
    const program = programs.get(key) ?? (await runtime.compile(build(), source.readRange));
    programs.set(key, program);
    return program;
  };
  const worst: Record<string, number> = {};
  const note = (method: string, error: number) => { worst[method] = Math.max(worst[method] ?? 0, error); };
  const layers = layersOf(model, file, recording);
  expect(layers.length).toBeGreaterThanOrEqual(3);

  for (const [i, x] of ["x0", "x1"].entries()) {
    const input = recorded.get(x)!;
    const prepared: Prepared = prepare(classifier, input.shape);
    expect(prepared.defaultLayer?.name, "default layer").toBe(defaults[model]!(file));
    const logits = await predictLogits({ classifier, input, compile }, prepared);
    const wanted = toNumbers(recorded.get(`${x}/logits`)!);
    note("logits", Math.max(...wanted.map((value, k) => Math.abs(logits[k]! - value))));
    for (const target of ["pred", "other"] as const) {
      const index = recording.targets[i]![target];
      const job = { classifier, input, layers: [], compile };
      for (const [method, key, score] of pixelMethods) {
        const expected = recorded.get(`${x}/${target}/${key}`);
        // The ViT's gradient of the probability was not recorded.
        if (expected === undefined && model === "vit_tiny" && score === "probability") continue;
        const byIndex = await attribute({ ...job, method, target: { index, versus: undefined, score } }, prepared);
        const found = byIndex.attribution.data;
        if (target === "pred") {
          const predicted = await attribute({ ...job, method, target: { index: "predicted", versus: undefined, score } }, prepared);
          expect([predicted.target, predicted.attribution]).toEqual([byIndex.target, byIndex.attribution]);
        }
        const error = relativeError(found, expected!);
        const edge = error > tolerance ? await errorOnAnEdge(found, { ...job, method, target: { index, versus: undefined, score } }, prepared, source.readRange) : undefined;
        note(key, edge ?? error);
        if (edge !== undefined) edges.push(`${model}/${file} on ${runtime.name}: ${key} of ${target} at ${x}, ${error.toExponential(1)} from the recording, ${edge.toExponential(1)} from its neighbour`);
      }
      for (const [layer, tensor] of layers) {
        const found = await attribute({ ...job, method: "grad-cam", target: { index, versus: undefined, score: "logit" }, layers: [tensor] }, prepared);
        expect(found.used.map(({ name }) => name)).toEqual([tensor]);
        note("grad-cam", relativeError(found.attribution.data, recorded.get(`${x}/${target}/cam/${layer}/gradcam/raw`)!));
      }
    }
  }
  for (const program of programs.values()) program.dispose();
  rows.push({ file: `${model}/${file}`, runtime: runtime.name, ...Object.fromEntries(Object.entries(worst).map(([method, error]) => [method, error.toExponential(1)])) });
  for (const [method, error] of Object.entries(worst)) expect(error, `${method} of ${model}/${file} on ${runtime.name}`).toBeLessThanOrEqual(tolerance);
}

/**
 * The gradient of a ReLU network is constant within the pieces of its input space, and jumps between them. Where two elements of a pooled window are one float32 step apart,
 * rounding decides which piece an input lies in. Such a gradient must still be that of a piece next to it: of an input moved by a millionth, by the interpreter in float64.
 */
async function errorOnAnEdge(found: Float32Array, job: Omit<AttributeJob, "compile">, prepared: Prepared, readRange: ReadRange): Promise<number | undefined> {
  const compile: Compile = (_, build) => referenceRuntime.compile(build(), readRange);
  for (let nudge = 1; nudge <= 16; nudge++) {
    const noise = toNumbers(smooth(job.input.shape, nudge, -1e-6, 1e-6));
    const input: Tensor = { dtype: "float64", shape: job.input.shape, data: Float64Array.from(toNumbers(job.input), (value, i) => value + noise[i]!) };
    const { attribution } = await attribute({ ...job, input, compile }, prepared);
    const error = relativeError(found, { dtype: "float32", ...attribution });
    if (error <= tolerance) return error;
  }
  return undefined;
}

/** Each recorded torch layer that exists in the file, with its tensor's name. */
function layersOf(model: string, file: string, recording: Recording): [layer: string, tensor: string][] {
  if (model === "vit_tiny") return Object.entries(vitLayers).map(([layer, tensorIn]) => [layer, tensorIn(file)]);
  return Object.entries(recording.layers!).flatMap(([layer, places]) => {
    const place = places[file]!;
    return typeof place === "string" ? [] : [[layer, place[0]!.tensor] as [string, string]];
  });
}
