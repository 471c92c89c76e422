/** @file The jobs on a real model: numbers against the recorded ones, caches, and every kind of bad input. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { float32, type Tensor } from "../../../src/engine/ir/tensor.js";
import type { Runtime } from "../../../src/engine/runtime.js";
import { createRuntimeChooser, runtimeLoaders, runtimesHere } from "../../../src/runtimes/choose.js";
import type { DoctorRequest, ExplainRequest } from "../../../src/protocol/api.js";
import { createJobs, type JobResources, type Jobs } from "../../../src/worker/jobs.js";
import { createModelCache } from "../../../src/worker/modelCache.js";
import type { AskProbe } from "../../../src/worker/speed/measure.js";
import { createSpeedBook } from "../../../src/worker/speed/speedBook.js";
import { fixture, readArrays, relativeError, sharedReference } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-jobs-"));
const model = join(folder, "model.onnx");
const image = join(folder, "input0.png");
let arrays: Map<string, Tensor>;
const open: Jobs[] = [];

beforeAll(() => {
  cpSync(fixture("cnn"), folder, { recursive: true });
  arrays = readArrays(fixture("cnn", "reference.safetensors"));
});
afterEach(() => open.splice(0).forEach((jobs) => jobs.dispose()));
afterAll(() => rmSync(folder, { recursive: true }));

function jobsWith(resources: Partial<JobResources> = {}): Jobs {
  const jobs = createJobs(resources);
  open.push(jobs);
  return jobs;
}

function request(over: Partial<ExplainRequest> = {}): ExplainRequest {
  return { model, input: image, method: "grad-cam", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "reference", ...over };
}

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const failure = (promise: Promise<unknown>) => promise.then(() => { throw new Error("it must fail"); }, (thrown: unknown) => thrown as { code: string; data: Record<string, unknown> });

describe("an explanation", () => {
  it("has the recorded numbers, from the image file on", async () => {
    const jobs = jobsWith();
    const { attribution, heatmap, predictions, target, layer, inputSize, region, notes, labelsOrigin, preprocessOrigin, classCount } = await jobs.explain(request({ layer: "/relu2/Relu_output_0" }));
    expect(relativeError(attribution.data, arrays.get("x0/pred/cam/relu2/gradcam/raw"))).toBeLessThan(1e-4);
    expect(relativeError(heatmap.data, arrays.get("x0/pred/cam/relu2/gradcam/final"))).toBeLessThan(1e-3);
    const logits = arrays.get("x0/logits")!.data as Float32Array;
    for (const { index, logit, probability } of predictions) {
      expect(logit).toBeCloseTo(logits[index]!, 4);
      expect(probability).toBeCloseTo(Number(arrays.get("x0/probs")!.data[index]), 5);
    }
    expect(target).toEqual(predictions[0]);
    expect({ layer, inputSize, region, notes, labelsOrigin, preprocessOrigin, classCount }).toEqual({
      layer: "/relu2/Relu_output_0", inputSize: [28, 28], region: { x: 0, y: 0, width: 28, height: 28 }, notes: [], labelsOrigin: "config.json", preprocessOrigin: "config.json", classCount: 10,
    });
  });

  it("has the recorded numbers for the other methods, layers and scores", async () => {
    const jobs = jobsWith();
    const cases = [
      [{ method: "saliency" }, "x0/pred/gradient"], [{ method: "input-x-gradient" }, "x0/pred/gradient_x_input"],
      [{ method: "saliency", score: "probability" }, "x0/pred/gradient_of_probability"], [{ layer: "/conv1/Conv_output_0" }, "x0/pred/cam/conv1/gradcam/raw"],
    ] as const;
    for (const [over, name] of cases) expect(relativeError((await jobs.explain(request(over))).attribution.data, arrays.get(name)), name).toBeLessThan(1e-4);
  });

  it("of a tensor out of a file is that of the image it was made from", async () => {
    const tensors = file("x0.safetensors", writeSafetensors({ input: arrays.get("x0")! }));
    const { attribution, region, notes } = await jobsWith().explain(request({ input: tensors, method: "saliency" }));
    expect(relativeError(attribution.data, arrays.get("x0/pred/gradient"))).toBeLessThan(1e-4);
    expect([region, notes]).toEqual([undefined, []]);
  });

  it("takes a class by index or label, and compiles once for all", async () => {
    const jobs = jobsWith();
    const predicted = await jobs.explain(request({ method: "saliency" }));
    const again = await jobs.explain(request({ method: "saliency", target: String(predicted.target.index) }));
    expect([...again.attribution.data]).toEqual([...predicted.attribution.data]);
    const other = await jobs.explain(request({ method: "saliency", target: predicted.predictions[1]!.index }));
    expect(relativeError(other.attribution.data, arrays.get("x0/other/gradient"))).toBeLessThan(1e-4);
  });

  it("tells progress in order", async () => {
    const phases: string[] = [];
    await jobsWith().explain(request(), { onProgress: (phase) => phases.push(phase) });
    expect(phases).toEqual(["reading", "preparing", "compiling", "computing", "drawing"]);
  });

  it("is made by ONNX Runtime too, with the same numbers", async () => {
    const { attribution, runtime } = await jobsWith().explain(request({ runtime: "onnxruntime", layer: "/relu2/Relu_output_0" }));
    expect(runtime).toMatchObject({ name: "onnxruntime", passedOver: [] });
    expect(relativeError(attribution.data, arrays.get("x0/pred/cam/relu2/gradcam/raw"))).toBeLessThan(1e-4);
  });
});

describe("two jobs at once", () => {
  it("both get their own answer", async () => {
    const jobs = jobsWith();
    const [a, b] = await Promise.all([jobs.explain(request({ layer: "/relu2/Relu_output_0" })), jobs.explain(request({ input: join(folder, "input1.png"), method: "saliency" }))]);
    expect(a.attribution.shape).toEqual([14, 14]);
    expect(b.predictions[0]!.logit).toBeCloseTo(Math.max(...(arrays.get("x1/logits")!.data as Float32Array)), 4);
  });

  it("and a failing one leaves the next alone", async () => {
    const jobs = jobsWith();
    const [bad, good] = await Promise.allSettled([jobs.explain(request({ layer: "none" })), jobs.explain(request())]);
    expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
  });

  it("and one cancelled while it waits never starts", async () => {
    const jobs = jobsWith();
    const controller = new AbortController();
    const first = jobs.explain(request());
    const phases: string[] = [];
    const second = failure(jobs.explain(request(), { signal: controller.signal, onProgress: (phase) => phases.push(phase) }));
    controller.abort();
    await first;
    expect(await second).toMatchObject({ code: "cancelled" });
    expect(phases).toEqual([]);
  });
});

describe("a runtime", () => {
  it("that fails during the job is replaced, with a note", async () => {
    const failing: Runtime = { name: "onnxruntime", detail: "broken", compile: () => Promise.reject(new Error("driver lost")) };
    const absent = () => Promise.reject(new Error("absent"));
    const runtimes = createRuntimeChooser({ ...runtimeLoaders, onnxruntime: () => Promise.resolve(failing), "tfjs-tensorflow": absent, "tfjs-wasm": absent });
    const { runtime, notes, attribution } = await jobsWith({ runtimes }).explain(request({ runtime: "auto", method: "saliency" }));
    expect(runtime.name).toBe("reference");
    expect(runtime.passedOver.map(({ name, reason }) => `${name}: ${reason}`)).toEqual(["onnxruntime: driver lost", "tfjs-tensorflow: absent", "tfjs-wasm: absent"]);
    expect(notes).toEqual([{ code: "runtimeFellBack", data: { from: "onnxruntime", reason: "driver lost", to: "reference" } }]);
    expect(relativeError(attribution.data, arrays.get("x0/pred/gradient"))).toBeLessThan(1e-4);
    expect(await failure(jobsWith({ runtimes }).explain(request({ runtime: "onnxruntime" })))).toMatchObject({ code: "runtimeFailed", data: { reason: "driver lost" } });
  });
});

describe("how fast runtimes are", () => {
  const rates = (rate: number) => ({ convolutions: rate, attention: rate });
  const absent = () => Promise.reject(new Error("absent"));
  const runtimes = () => createRuntimeChooser({ ...runtimeLoaders, "onnxruntime-webgpu": absent, "tfjs-tensorflow": absent, "tfjs-webgpu": absent });

  it("decides which one auto takes; one that is unfit is not taken, and says why", async () => {
    const speeds = createSpeedBook();
    speeds.record("onnxruntime", { detail: "", rates: rates(1), unfit: "" });
    speeds.record("tfjs-wasm", { detail: "", rates: rates(2), unfit: "" });
    const auto = request({ runtime: "auto", method: "saliency" });
    expect((await jobsWith({ speeds, runtimes: runtimes() }).explain(auto)).runtime).toMatchObject({ name: "tfjs-wasm", passedOver: [] });
    speeds.record("tfjs-wasm", { detail: "", rates: {}, unfit: "wrong" });
    expect((await jobsWith({ speeds, runtimes: runtimes() }).explain(auto)).runtime).toMatchObject({ name: "onnxruntime", passedOver: [{ name: "tfjs-wasm", reason: "wrong" }] });
    expect((await jobsWith({ speeds, runtimes: runtimes() }).explain({ ...auto, runtime: "tfjs-wasm" })).runtime).toMatchObject({ name: "tfjs-wasm", passedOver: [] });
  });

  it("is measured once, after the first job that computed and not after one that only looks", async () => {
    const speeds = createSpeedBook();
    const asked: string[] = [];
    const probe: AskProbe = (name) => {
      asked.push(name);
      return Promise.resolve({ detail: name, rates: rates(1), forward: rates(1) });
    };
    const jobs = createJobs({ speeds, probe }, { measuresWhenIdle: true });
    open.push(jobs);
    await jobs.inspectModel(model);
    await jobs.inspectModel(model);
    expect(asked).toEqual([]);
    await jobs.explain(request());
    const measured = runtimesHere.filter((name) => name !== "reference");
    await vi.waitUntil(() => speeds.order("attention")?.length === measured.length, { timeout: 20_000 });
    await jobs.explain(request());
    await jobs.inspectModel(model);
    expect(asked).toEqual(measured);
  });

  it("is told by the doctor, who measures what is asked for", async () => {
    const speeds = createSpeedBook();
    const asked: string[] = [];
    const probe: AskProbe = (name) => {
      asked.push(name);
      return Promise.resolve({ detail: detailOf[name] ?? "", rates: rates(name === "tfjs-wasm" ? 7 : 5), forward: rates(1) });
    };
    const chooser = runtimes();
    const detailOf = Object.fromEntries((await chooser.states()).map(({ name, detail }) => [name, detail]));
    const jobs = jobsWith({ speeds, probe, runtimes: chooser });
    const taken = async (measure: DoctorRequest["measure"]) => (await jobs.doctor({ measure })).flatMap(({ name, takenFor }) => (takenFor.length > 0 ? [`${name}: ${takenFor.join()}`] : []));
    expect([await taken("none"), asked]).toEqual([["onnxruntime: convolutions,attention"], []]);
    expect([await taken("missing"), asked]).toEqual([["tfjs-wasm: convolutions,attention"], ["onnxruntime", "tfjs-wasm"]]);
    await jobs.doctor({ measure: "missing" });
    expect(asked).toHaveLength(2);
    const told: string[] = [];
    const statuses = await jobs.doctor({ measure: "all" }, { onMeasure: ({ runtime, index, count }) => told.push(`${runtime} ${index} ${count}`) });
    expect([asked.length, told]).toEqual([4, ["onnxruntime 0 2", "tfjs-wasm 1 2"]]);
    expect(statuses.filter(({ rates: found }) => Object.keys(found).length > 0).map(({ name, rates: found }) => [name, found])).toEqual([["onnxruntime", rates(5)], ["tfjs-wasm", rates(7)]]);
  });
});

describe("bad input", () => {
  it("a model that is not there, empty, no model, or cut short", async () => {
    const jobs = jobsWith();
    const bytes = readFileSync(model);
    expect(await failure(jobs.explain(request({ model: join(folder, "none.onnx") })))).toMatchObject({ code: "modelNotFound" });
    expect(await failure(jobs.explain(request({ model: file("empty.onnx", "") })))).toMatchObject({ code: "modelCorrupt", data: { reason: "the file is empty" } });
    // Archives begin with their signature and end with their directory.
    const [archive, directory] = ["504b0304140000000800", `504b0506${"00".repeat(18)}`].map((hex) => Buffer.from(hex, "hex"));
    expect(await failure(jobs.explain(request({ model: file("zip.onnx", archive!) })))).toMatchObject({ code: "modelCorrupt", data: { reason: "it is cut short, or no zip archive" } });
    for (const [name, content] of [["text.onnx", "this is a text file, not a model"], ["whole.onnx", Buffer.concat([archive!, directory!])]] as const) {
      expect(await failure(jobs.explain(request({ model: file(name, content) })))).toMatchObject({ code: "modelFormatUnknown" });
    }
    for (const share of [0.3, 0.9, 0.999]) {
      const cut = file("cut.onnx", bytes.subarray(0, Math.floor(bytes.length * share)));
      expect(await failure(jobs.explain(request({ model: cut }))), String(share)).toMatchObject({ code: "modelCorrupt", data: { path: cut } });
    }
    await jobs.explain(request());
  });

  it("an operator nobody knows, which inspect lists", async () => {
    const jobs = jobsWith();
    const odd = file("odd.onnx", Buffer.from(readFileSync(model).toString("latin1").replaceAll("\x04Relu", "\x04Rulu"), "latin1"));
    expect(await failure(jobs.explain(request({ model: odd })))).toMatchObject({ code: "opUnsupported", data: { op: "Rulu" } });
    expect((await jobs.inspectModel(odd)).unsupported).toEqual([{ op: "Rulu", node: expect.any(String) as string, problem: "run" }]);
  });

  it("a model that takes no image", async () => {
    const text = sharedReference("bert_tiny", "model.onnx");
    if (text === undefined) return;
    const jobs = jobsWith();
    expect((await failure(jobs.explain(request({ model: text })))).code).toBe("modelUnsuitable");
    expect((await jobs.inspectModel(text)).layers).toEqual([]);
  });

  it("a model larger than the memory that is free", async () => {
    const jobs = jobsWith({ models: createModelCache(() => 50_000) });
    expect(await failure(jobs.explain(request()))).toMatchObject({ code: "modelTooLarge", data: { path: model, needed: "1 MB", available: "1 MB" } });
  });

  it("an image that is none, empty, or not there", async () => {
    const jobs = jobsWith();
    expect((await failure(jobs.explain(request({ input: file("text.png", "no image") })))).code).toBe("imageInvalid");
    expect((await failure(jobs.explain(request({ input: file("empty.png", "") })))).code).toBe("imageInvalid");
    expect((await failure(jobs.explain(request({ input: join(folder, "none.png") })))).code).toBe("inputNotFound");
    await jobs.explain(request());
  });

  it("a tensor of another rank, size, batch, name or type", async () => {
    const jobs = jobsWith();
    const reasonOf = async (tensors: Record<string, Tensor>) => {
      const error = await failure(jobs.explain(request({ input: file("bad.safetensors", writeSafetensors(tensors)) })));
      expect(error.code).toBe("inputInvalid");
      return String(error.data["reason"]);
    };
    expect(await reasonOf({ input: float32([1, 28, 28], new Float32Array(784)) })).toBe("its tensor input has the shape [1, 28, 28], and the model takes [batch, 1, 28, 28]");
    expect(await reasonOf({ input: float32([1, 1, 28, 27], new Float32Array(756)) })).toMatch(/\[1, 1, 28, 27\], and the model takes/);
    expect(await reasonOf({ input: float32([2, 1, 28, 28], new Float32Array(1568)) })).toMatch(/one image at a time/);
    expect(await reasonOf({ x0: float32([1, 1, 28, 28], new Float32Array(784)) })).toBe("it has no tensor named input, only x0");
    expect(await reasonOf({ input: { dtype: "float16", shape: [1, 1, 28, 28], data: new Uint16Array(784) } })).toMatch(/float16/);
    expect((await failure(jobs.explain(request({ input: file("no.safetensors", "nothing") })))).code).toBe("inputInvalid");
  });

  it("a layer, class or parameter that does not exist", async () => {
    const jobs = jobsWith();
    expect(await failure(jobs.explain(request({ layer: "conv9" })))).toMatchObject({ code: "layerUnknown", data: { layer: "conv9" } });
    expect(await failure(jobs.explain(request({ target: 10 })))).toMatchObject({ code: "targetUnknown", data: { target: 10, classes: 10 } });
    expect(await failure(jobs.explain(request({ target: "ten" })))).toMatchObject({ code: "targetUnknown" });
    expect(await failure(jobs.explain(request({ parameters: { steps: 5 } })))).toMatchObject({ code: "parameterInvalid", data: { parameter: "steps" } });
  });

  it("a model deleted while it is compiled", async () => {
    const doomed = join(folder, "doomed.onnx");
    cpSync(model, doomed);
    const runtime: Runtime = {
      name: "onnxruntime", detail: "",
      compile: () => {
        rmSync(doomed);
        return Promise.reject(new Error("open failed"));
      },
    };
    const runtimes = createRuntimeChooser({ ...runtimeLoaders, onnxruntime: () => Promise.resolve(runtime) });
    const jobs = jobsWith({ runtimes });
    expect(await failure(jobs.explain(request({ model: doomed, runtime: "auto" })))).toMatchObject({ code: "modelNotFound", data: { path: doomed } });
    await jobs.explain(request());
  });
});

describe("the description", () => {
  it("with too few labels still explains, and says so", async () => {
    const other = file("few.onnx", readFileSync(model));
    const sidecar = file("few.whylight.json", JSON.stringify({ labels: ["zero", "one", "two"] }));
    const { target, notes, labelsOrigin, preprocessOrigin } = await jobsWith().explain(request({ model: other, target: 7 }));
    expect(target.label).toBe("class 7");
    expect([labelsOrigin, preprocessOrigin]).toEqual(["sidecar", "config.json"]);
    expect(notes).toEqual([{ code: "labelsMismatch", data: { file: "few.whylight.json", labels: 3, classes: 10 } }]);
    rmSync(sidecar);
  });

  it("that is wrong names file and field", async () => {
    const other = file("wrong.onnx", readFileSync(model));
    const sidecar = file("wrong.whylight.json", JSON.stringify({ preprocess: { mean: "dark" } }));
    const jobs = jobsWith();
    expect(await failure(jobs.explain(request({ model: other })))).toMatchObject({ code: "descriptionInvalid", data: { file: sidecar, field: "preprocess.mean" } });
    // Corrected between two explanations, it counts at once.
    file("wrong.whylight.json", JSON.stringify({ layer: "/conv1/Conv_output_0" }));
    expect((await jobs.explain(request({ model: other }))).layer).toBe("/conv1/Conv_output_0");
  });

  it("that nobody wrote leaves the defaults, and says which", async () => {
    const bare = mkdtempSync(join(tmpdir(), "whylight-bare-"));
    cpSync(model, join(bare, "m.onnx"));
    const { notes, target, preprocess } = await jobsWith().explain(request({ model: join(bare, "m.onnx") }));
    rmSync(bare, { recursive: true });
    expect(notes).toEqual([
      { code: "labelsMissing", data: { sidecar: "m.whylight.json" } },
      { code: "defaultsUsed", data: { preprocess: "shorter side 32, bilinear, centre crop 28 × 28, gray, mean 0.5, std 0.5", sidecar: "m.whylight.json" } },
    ]);
    expect([target.label, preprocess.crop]).toEqual([`class ${target.index}`, [28, 28]]);
  });
});

describe("programs", () => {
  it("are disposed with their models, and none is left behind", async () => {
    let alive = 0;
    const runtimes = createRuntimeChooser({
      ...runtimeLoaders,
      reference: async () => {
        const { referenceRuntime } = await import("../../../src/engine/reference/referenceRuntime.js");
        return {
          ...referenceRuntime,
          compile: async (graph, readRange) => {
            const program = await referenceRuntime.compile(graph, readRange);
            alive++;
            return { run: (inputs) => program.run(inputs), dispose: () => void alive-- };
          },
        };
      },
    });
    const jobs = createJobs({ runtimes });
    for (const [i, name] of ["a", "b", "c"].entries()) {
      const copy = file(`${name}.onnx`, readFileSync(model));
      await jobs.explain(request({ model: copy }));
      await jobs.explain(request({ model: copy, target: i }));
      expect(alive).toBe(Math.min(i + 1, 2));
    }
    for (const layer of (await jobs.inspectModel(join(folder, "c.onnx"))).layers) await jobs.explain(request({ model: join(folder, "c.onnx"), layer: layer.name, score: "probability" }));
    expect(alive).toBeLessThanOrEqual(12);
    jobs.dispose();
    await new Promise(setImmediate);
    expect(alive).toBe(0);
  });
});

it("a preview keeps the image's own size in its record, and is small", async () => {
  const big = file("big.jpg", await sharp({ create: { width: 900, height: 600, channels: 3, background: "#336699" } }).jpeg().toBuffer());
  const preview = await jobsWith().previewImage(big, 300);
  expect([preview.width, preview.height, preview.mime]).toEqual([900, 600, "image/jpeg"]);
  expect(preview.bytes.byteOffset).toBe(0);
  expect(preview.bytes.buffer.byteLength).toBe(preview.bytes.length);
  expect(await sharp(preview.bytes).metadata()).toMatchObject({ width: 300, height: 200 });
});
