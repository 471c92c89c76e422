/** @file Every recorded map of every method, of the exporters' files on the runtimes, against what PyTorch, Captum and pytorch-grad-cam gave; and the table of methods and models. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { attribute, predictLogits, type AttributeJob } from "../../src/engine/attribution/attribute.js";
import type { Compile } from "../../src/engine/attribution/context.js";
import { quadrature, type QuadratureRule } from "../../src/engine/attribution/gradients/quadrature.js";
import type { PlainTensor } from "../../src/engine/attribution/parameters.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import { prepare, type Prepared } from "../../src/engine/attribution/prepare.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { float32, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import type { Program, Runtime } from "../../src/engine/runtime.js";
import { methodIds } from "../../src/protocol/api.js";
import { importModel } from "../../src/worker/formats/importModel.js";
import { errorUpToEdges, type GradientSum } from "./edges.js";
import { openFile } from "./fileSource.js";
import { caseOf, noMethod, type MethodCase } from "./methodCases.js";
import { defaultLayers, files, recordedLayers, type Recording } from "./recordedModels.js";
import { workingRuntimes } from "../unit/runtimes/workingRuntimes.js";
import { textTable } from "./textTable.js";

const folder = join(import.meta.dirname, "../fixtures/reference");
const logitsTolerance = 1e-4;
/** Other exporters' files and the interpreter get what needs one gradient; all methods run on each model's first file and on the one whose graph is built from its config. */
const quick: ReadonlySet<string> = new Set(["saliency", "input-x-gradient", "grad-cam", "grad-cam++", "layer-cam", "eigen-cam", "guided-backprop", "deeplift", "lrp"]);

/** An emulated card takes minutes for what others do in seconds: one image and class, and what needs one gradient, unless all is asked for. */
const isBriefOn = (runtime: Runtime) => runtime.isEmulated === true && process.env["WHYLIGHT_TEST_WEBGPU"] !== "1";
const [briefly, brieflyFiles]: readonly ReadonlySet<string>[] = [new Set(["saliency", "grad-cam", "lrp"]), new Set(["cnn_mnistlike/model.onnx", "vit_tiny/model.onnx", "resnet_tiny/model.onnx"])] as const;

/** Method, model and runtime to the worst error. */
const worst = new Map<string, Map<string, { error: number; arrays: number }>>();
const remarks: string[] = [];
afterAll(() => {
  const columns = [...new Set([...worst.values()].flatMap((row) => [...row.keys()]))].toSorted();
  const cell = (found: { error: number; arrays: number } | undefined) => (found ? `${found.error.toExponential(1)} (${found.arrays})` : "-");
  const lines = [...worst].map(([method, row]) => [method, ...columns.map((column) => cell(row.get(column)))]);
  console.log([
    "Largest relative error against PyTorch, Captum and pytorch-grad-cam, and in brackets how many arrays (logits and completeness gaps: absolute)",
    ...textTable([["method", ...columns], ...lines]), ...remarks,
  ].join("\n"));
});

const only = process.env["WHYLIGHT_CONFORMANCE_RUNTIMES"]?.split(",").filter((name) => name !== "") ?? [];

describe("recorded explanations", async () => {
  const runtimes = (await workingRuntimes()).filter(({ name }) => only.length === 0 || only.includes(name));
  const cases = files.flatMap(([model, file]) => runtimes.filter((runtime) => !isBriefOn(runtime) || brieflyFiles!.has(`${model}/${file}`)).map((runtime) => ({ model, file, name: runtime.name, runtime })));
  it.each(cases)("$model/$file on $name", ({ model, file, runtime }) => compare(model, file, runtime));

  it("are of every method that Captum or pytorch-grad-cam has and this project too", () => {
    const compared = [...worst.keys()].filter((name) => name !== "logits" && !name.endsWith(" gap"));
    // Those below have no recorded tensor, and are held against a second formulation in their own tests.
    expect(compared.toSorted()).toEqual(methodIds.filter((id) => !["gradient-shap", "blur-ig", "guided-ig", "ablation-cam", "rise", "lime", "kernel-shap"].includes(id)).toSorted());
  });
});

async function compare(model: string, file: string, runtime: Runtime): Promise<void> {
  const source = openFile(join(folder, model, file));
  const recording = JSON.parse(readFileSync(join(folder, model, "reference.json"), "utf8")) as Recording;
  const recorded = readSafetensors(openFile(join(folder, model, "reference.safetensors")));
  const classifier = classifierOf((await importModel(source.path)).graph);
  const programs = new Map<string, Program>();
  const compile: Compile = async (key, build) => {
    const program = programs.get(key) ?? (await runtime.compile(build(), source.readRange));
    programs.set(key, program);
    return program;
  };
  const layers = recordedLayers(model, file, recording);
  expect(layers.size).toBeGreaterThanOrEqual(3);
  const isBrief = isBriefOn(runtime);
  const isWhole = (file === "model.onnx" || file === "model.safetensors") && runtime.name !== "reference";
  const failures: string[] = [];
  const note = (method: string, error: number) => {
    const row = worst.get(method) ?? new Map<string, { error: number; arrays: number }>();
    const column = `${model} ${runtime.name}`;
    const known = row.get(column) ?? { error: 0, arrays: 0 };
    worst.set(method, row.set(column, { error: Math.max(known.error, error), arrays: known.arrays + 1 }));
  };

  for (const [i, x] of (isBrief ? ["x0"] : ["x0", "x1"]).entries()) {
    const input = recorded.get(x)!;
    const size = input.shape.slice(2) as [number, number];
    const prepared = prepare(classifier, input.shape);
    expect(prepared.defaultLayer?.name, "default layer").toBe(defaultLayers[model]!(file));
    const logits = await predictLogits({ classifier, input, compile }, prepared);
    const wanted = toNumbers(recorded.get(`${x}/logits`)!);
    const logitsError = Math.max(...wanted.map((value, k) => Math.abs(logits[k]! - value)));
    note("logits", logitsError);
    expect(logitsError).toBeLessThanOrEqual(logitsTolerance);
    for (const target of isBrief ? (["pred"] as const) : (["pred", "other"] as const)) {
      const prefix = `${x}/${target}/`;
      const index = recording.targets[i]![target];
      const results = new Map<string, Awaited<ReturnType<typeof attribute>>>();
      for (const full of recorded.keys()) {
        if (!full.startsWith(prefix)) continue;
        const name = full.slice(prefix.length);
        const item = caseOf(name, recorded, x, prefix);
        const facts = recording.arrays[full];
        if (item === undefined || facts?.ill_conditioned || !(isBrief ? briefly!.has(item.method) : isWhole || quick.has(item.method))) continue;
        const layer = item.layer === undefined ? undefined : layers.get(item.layer);
        if (item.layer !== undefined && layer === undefined) continue;
        const job = { classifier, input, method: item.method, target: { index, versus: undefined, score: item.score }, layers: layer === undefined ? [] : [layer], parameters: item.parameters, compile } as const;
        const key = name.replace(/\/(raw|final|delta|captum.*)$/, "") + item.score;
        const found = results.get(key) ?? (await attribute(job, prepared));
        results.set(key, found);
        if (name === "gradient" && target === "pred") await expectSameWhenPredicted(job, prepared, found.attribution.data);
        // Three times how far PyTorch's own float32 is from its float64, as in the zoo.
        const tolerance = Math.max(item.tolerance, 3 * (facts?.rel_f32_f64 ?? 0));
        const measured = errorOf(item, item.view(found, size), recorded.get(full)!);
        const sum = measured > tolerance && !item.isAbsolute ? gradientSum(item, input) : undefined;
        const edge = sum && (await errorUpToEdges(sum, toNumbers(recorded.get(full)!), job, prepared, source.readRange));
        if (edge) remarks.push(`On the edge between two linear pieces: ${model}/${file} on ${runtime.name}, ${full}: ${measured.toExponential(1)} from the recording, ${edge.error.toExponential(1)} when the gradient next to it is taken at ${edge.edges} of ${sum.points.length} points`);
        const error = edge?.error ?? measured;
        note(item.isAbsolute ? `${item.method} gap` : item.method, error);
        if (!(error <= tolerance)) failures.push(`${full}: ${error.toExponential(2)} > ${tolerance.toExponential(1)}`);
      }
    }
  }
  for (const program of programs.values()) program.dispose();
  expect(failures, `${model}/${file} on ${runtime.name}`).toEqual([]);
}

/** The program finds the class by itself, and then gives the same bits. */
async function expectSameWhenPredicted(job: AttributeJob, prepared: Prepared, byIndex: Float32Array): Promise<void> {
  const predicted = await attribute({ ...job, target: { ...job.target, index: "predicted" } }, prepared);
  expect([predicted.target.index, predicted.attribution.data]).toEqual([job.target.index, byIndex]);
}

/** As the recording's tolerances are stated: `max |a - b| / max |b|`; maps that Captum repeats per channel are compared with each channel. */
function errorOf({ isAbsolute, anySign }: MethodCase, actual: ArrayLike<number>, expected: Tensor): number {
  const wanted = toNumbers(expected);
  const isRepeated = wanted.length > actual.length && wanted.length % actual.length === 0 && expected.shape.length === 4;
  if (!isRepeated) expect(actual.length).toBe(wanted.length);
  // A blank map must be blank.
  const scale = isAbsolute ? 1 : Math.max(...wanted.map(Math.abs)) || 1;
  const distance = (sign: number) => Math.max(...wanted.map((value, i) => Math.abs(sign * actual[i % actual.length]! - value))) / scale;
  return anySign ? Math.min(distance(1), distance(-1)) : distance(1);
}

/** The maps that are sums of gradients at known points: the gradient itself, times the input, and Integrated Gradients. */
function gradientSum({ method, parameters }: MethodCase, input: Tensor): GradientSum | undefined {
  const x = toNumbers(input);
  if (method === "saliency") return { points: [{ input, weight: 1 }], factor: () => 1 };
  if (method === "input-x-gradient") return { points: [{ input, weight: 1 }], factor: (i) => x[i]! };
  if (method !== "integrated-gradients") return undefined;
  const baseline = (parameters["baseline"] as PlainTensor).data;
  const { nodes, weights } = quadrature(parameters["rule"] as QuadratureRule, 50);
  const at = (alpha: number) => Float32Array.from(x, (value, i) => baseline[i]! + alpha * (value - baseline[i]!));
  return { points: Array.from(nodes, (alpha, k) => ({ input: float32(input.shape, at(alpha)), weight: weights[k]! })), factor: (i) => x[i]! - baseline[i]! };
}

it("every recorded array is compared, or has a reason not to be", () => {
  for (const model of new Set(files.map(([name]) => name))) {
    const recorded = readSafetensors(openFile(join(folder, model, "reference.safetensors")));
    for (const full of recorded.keys()) {
      const [, x, target, name] = /^(x\d)\/(pred|other)\/(.+)$/.exec(full) ?? [];
      if (name === undefined || caseOf(name, recorded, x!, `${x!}/${target!}/`) !== undefined) continue;
      const isFinalOfFlipped = /\/(eigencam|eigengradcam)\/final$/.test(name);
      expect(isFinalOfFlipped || noMethod.some(([pattern]) => pattern.test(name)), full).toBe(true);
    }
  }
});
