/** @file Jobs on runtimes with little memory: smaller batches, the same numbers, nothing lost and nothing done twice. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { flopsOf } from "../../../src/engine/ir/flops.js";
import { typeOf, type Graph } from "../../../src/engine/ir/graph.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import type { Runtime } from "../../../src/engine/runtime.js";
import { methodIds, type Estimate, type ExplainRequest } from "../../../src/protocol/api.js";
import { textMethodIds } from "../../../src/protocol/text.js";
import { createRuntimeChooser, runtimeLoaders } from "../../../src/runtimes/choose.js";
import { createJobs, type JobContext, type JobResources, type Jobs } from "../../../src/worker/jobs.js";
import { auditPrograms } from "../../../src/worker/audit/auditProgram.js";
import { featureProgram } from "../../../src/worker/debug/featureProgram.js";
import { createModelCache } from "../../../src/worker/modelCache.js";
import { createSpeedBook } from "../../../src/worker/speed/speedBook.js";
import { fillIn } from "../../../src/protocol/errorTexts.js";
import { estimateText } from "../../../src/protocol/estimateTexts.js";
import { fixture } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-planning-"));
cpSync(fixture("cnn"), folder, { recursive: true });
const texts = join(folder, "texts");
mkdirSync(texts);
cpSync(fixture("text", "models", "bert.onnx"), join(texts, "bert.onnx"));
writeFileSync(join(texts, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "d", "e"].join("\n"));
const open: Jobs[] = [];
afterEach(() => open.splice(0).forEach((jobs) => jobs.dispose()));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a runtime was asked for: the batch of every program, of every run that succeeded, the arithmetic of all runs, and programs that were not disposed. */
interface Seen {
  readonly compiled: number[];
  readonly ran: number[];
  flops: number;
  alive: number;
}

/** The interpreter in the place of another runtime, with memory for so many images at once. */
function smallRuntime(most: number, refuses: "compile" | "run" = "run"): { readonly runtime: Runtime; readonly seen: Seen } {
  const seen: Seen = { compiled: [], ran: [], flops: 0, alive: 0 };
  const compile: Runtime["compile"] = async (graph, readRange) => {
    const batch = batchOf(graph);
    const check = () => { if (batch > most) throw new WhylightError("outOfMemory", { reason: "bad allocation" }); };
    if (refuses === "compile") check();
    const program = await referenceRuntime.compile(graph, readRange);
    seen.compiled.push(batch);
    seen.alive++;
    return {
      run: async (inputs) => {
        check();
        seen.ran.push(batch);
        seen.flops += flopsOf(graph);
        return program.run(inputs);
      },
      dispose: () => {
        seen.alive--;
        program.dispose();
      },
    };
  };
  return { runtime: { ...referenceRuntime, compile }, seen };
}

const batchOf = (graph: Graph) => Number(typeOf(graph, graph.inputs[0]!).shape![0]);

function jobsOn(runtime: Runtime, resources: Partial<JobResources> = {}): Jobs {
  const jobs = createJobs({ runtimes: createRuntimeChooser({ ...runtimeLoaders, reference: () => Promise.resolve(runtime) }), ...resources });
  open.push(jobs);
  return jobs;
}

const request = (over: Partial<ExplainRequest>): ExplainRequest => ({
  model: join(folder, "model.onnx"), input: join(folder, "input0.png"), method: "smoothgrad", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "reference", ...over,
});

describe("where memory runs out", () => {
  const cases: readonly Partial<ExplainRequest>[] = [
    { method: "smoothgrad", parameters: { samples: 11 } }, { method: "integrated-gradients", parameters: { steps: 9 } }, { method: "integrated-gradients", parameters: { steps: "auto" } },
    { method: "occlusion", parameters: { window: 8 } }, { method: "score-cam" }, { method: "ablation-cam" },
  ];

  it.each(cases)("batches become smaller: $method $parameters", async (over) => {
    const whole = await jobsOn(smallRuntime(Infinity).runtime).explain(request(over));
    for (const refuses of ["compile", "run"] as const) {
      for (const most of [3, 1]) {
        const { runtime, seen } = smallRuntime(most, refuses);
        const cut = await jobsOn(runtime).explain(request(over));
        expect(cut.attribution.data).toEqual(whole.attribution.data);
        expect(cut.evaluations).toEqual(whole.evaluations);
        expect(cut.notes.filter(({ code }) => code === "batchesCut").map(({ data }) => Number(data["size"]) <= most)).toEqual([true]);
        expect(Math.max(...seen.ran)).toBeLessThanOrEqual(most);
      }
    }
  });

  it.each(["occlusion", "layer-integrated-gradients"] as const)("batches of texts become smaller: %s", async (method) => {
    const text = { model: join(texts, "bert.onnx"), text: "a b c d e", method, target: "predicted", score: "logit", parameters: {}, runtime: "reference" } as const;
    const whole = await jobsOn(smallRuntime(Infinity).runtime).explainText(text);
    const { runtime, seen } = smallRuntime(2);
    const cut = await jobsOn(runtime).explainText(text);
    expect(cut.tokens).toEqual(whole.tokens);
    expect(cut.evaluations).toEqual(whole.evaluations);
    expect(Math.max(...seen.ran)).toBeLessThanOrEqual(2);
    expect(cut.notes.map(({ code }) => code)).toContain("batchesCut");
  });

  it("audits go on with smaller batches", async () => {
    const models = createModelCache();
    const model = await models.load(join(folder, "model.onnx"));
    const answersOn = async (most: number) => {
      const { runtime, seen } = smallRuntime(most);
      const programs = auditPrograms(model, undefined, (graph) => runtime.compile(graph, model.readRange));
      const program = programs.get([1, 1, 28, 28]);
      const batch = Float32Array.from({ length: program.atOnce * program.size }, (_, i) => Math.sin(i));
      const answers = [...(await program.run(batch, program.atOnce)), ...(await program.run(batch, 2))];
      programs.dispose();
      await new Promise(setImmediate);
      expect(seen.alive).toBe(0);
      return { answers, largest: Math.max(...seen.ran) };
    };
    const [whole, cut] = [await answersOn(Infinity), await answersOn(3)];
    expect(whole.largest).toBeGreaterThan(3);
    expect(cut.largest).toBeLessThanOrEqual(3);
    expect(cut.answers).toEqual(whole.answers);
    models.clear();
  });

  it("reports on mistakes compare pictures by smaller batches", async () => {
    const models = createModelCache();
    const model = await models.load(join(folder, "model.onnx"));
    const prepared = model.prepared([1, 1, 28, 28]);
    const featuresOn = async (most: number) => {
      const { runtime, seen } = smallRuntime(most);
      const program = featureProgram(model.classifier(), prepared, prepared.defaultLayer!, (_, build) => runtime.compile(build(), model.readRange), 6);
      const answers = await program.run(Float32Array.from({ length: program.atOnce * program.size }, (_, i) => Math.sin(i)), 6);
      return { answers, largest: Math.max(...seen.ran) };
    };
    const [whole, cut] = [await featuresOn(Infinity), await featuresOn(2)];
    expect([whole.largest, cut.largest]).toEqual([6, 1]);
    expect(cut.answers).toEqual(whole.answers);
    models.clear();
  });

  it("an audit tells of its smaller batches while it runs", async () => {
    const images = join(folder, "images", "seven");
    mkdirSync(images, { recursive: true });
    for (let i = 0; i < 20; i++) cpSync(join(folder, `input${i % 2}.png`), join(images, `${i}.png`));
    const audit = async (most: number) => {
      const told: (number | undefined)[] = [];
      const { runtime, seen } = smallRuntime(most);
      await jobsOn(runtime).auditFolder({ model: join(folder, "model.onnx"), folder: join(folder, "images"), out: join(folder, `audit of ${most}`), resume: false, runtime: "reference" }, { onAudit: ({ cutTo }) => told.push(cutTo) });
      return { last: told.at(-1), ran: seen.ran };
    };
    expect((await audit(Infinity)).last).toBeUndefined();
    const { last, ran } = await audit(2);
    expect(Math.max(...ran)).toBe(last);
    expect(last).toBeLessThanOrEqual(2);
  });

  it("programs that were too large are disposed, and their size is not tried again", async () => {
    const { runtime, seen } = smallRuntime(2);
    const jobs = jobsOn(runtime);
    await jobs.explain(request({ parameters: { samples: 8 } }));
    const compiled = [...seen.compiled];
    expect(compiled.some((batch) => batch > 2)).toBe(true);
    expect(seen.alive).toBe(compiled.filter((batch) => batch <= 2).length);
    const again = await jobs.explain(request({ parameters: { samples: 8, seed: 1 } }));
    expect(seen.compiled).toEqual(compiled);
    expect(again.notes).toEqual([]);
  });

  it("not even for one image, the next runtime is taken", async () => {
    const none = smallRuntime(0).runtime;
    const absent = () => Promise.reject(new Error("absent"));
    const runtimes = createRuntimeChooser({ ...runtimeLoaders, onnxruntime: () => Promise.resolve({ ...none, name: "onnxruntime" }), "tfjs-tensorflow": absent, "tfjs-wasm": absent });
    const found = await jobsOn(none, { runtimes }).explain(request({ runtime: "auto", parameters: { samples: 4 } }));
    expect([found.runtime.name, found.notes.map(({ code }) => code)]).toEqual(["reference", ["runtimeFellBack"]]);
  });
});

describe("methods on the same input", () => {
  it("run the model once for what they ask alike, and say what they ran", async () => {
    const { runtime, seen } = smallRuntime(Infinity);
    const jobs = jobsOn(runtime);
    const first = await jobs.explain(request({ method: "grad-cam" }));
    expect([seen.ran.length, first.evaluations]).toEqual([1, { forward: 0, gradient: 1 }]);
    for (const method of ["grad-cam++", "layer-cam", "xgrad-cam"] as const) {
      const found = await jobs.explain(request({ method }));
      expect([seen.ran.length, found.evaluations, found.predictions]).toEqual([1, { forward: 0, gradient: 0 }, first.predictions]);
      expect(found.attribution).toEqual((await jobsOn(smallRuntime(Infinity).runtime).explain(request({ method }))).attribution);
    }
    await jobs.predict({ model: join(folder, "model.onnx"), input: join(folder, "input0.png"), top: 3, runtime: "reference" });
    expect(seen.ran.length).toBe(1);
    await jobs.explain(request({ method: "saliency" }));
    await jobs.explain(request({ method: "input-x-gradient" }));
    expect(seen.ran.length).toBe(2);
  });

  it("ask again for another class, layer or picture, and once the model is another", async () => {
    const { runtime, seen } = smallRuntime(Infinity);
    const jobs = jobsOn(runtime);
    const cases: readonly Partial<ExplainRequest>[] = [{ target: 3 }, { target: 4 }, { target: 4, layer: "/conv1/Conv_output_0" }, { target: 4, input: join(folder, "input1.png") }, { target: 4, score: "probability" }];
    for (const [i, over] of cases.entries()) {
      await jobs.explain(request({ method: "grad-cam", ...over }));
      expect(seen.ran.length).toBe(i + 1);
    }
    jobs.dispose();
    await jobs.explain(request({ method: "grad-cam", target: 4 }));
    expect(seen.ran.length).toBe(cases.length + 1);
  });

  it("of text share as much", async () => {
    const { runtime, seen } = smallRuntime(Infinity);
    const jobs = jobsOn(runtime);
    const text = { model: join(texts, "bert.onnx"), text: "a b c d", target: "predicted", score: "logit", parameters: {}, runtime: "reference" } as const;
    const first = await jobs.explainText({ ...text, method: "input-x-gradient" });
    const second = await jobs.explainText({ ...text, method: "gradient-norm" });
    expect([seen.ran.length, first.evaluations.gradient, second.evaluations.gradient, second.predictions]).toEqual([1, 1, 0, first.predictions]);
  });
});

describe("a long job", () => {
  /** Speeds as they would be known: of nothing, or so slow that anything is long. */
  const speedsOf = (rate: number | undefined): JobResources["speeds"] => ({ ...createSpeedBook(), rate: () => rate });
  /** What was told, with how many runs there had been before. */
  const listen = async (rate: number, start: (jobs: Jobs, context: JobContext) => Promise<unknown>) => {
    const { runtime, seen } = smallRuntime(Infinity);
    const told: (Estimate & { readonly after: number })[] = [];
    await start(jobsOn(runtime, { speeds: speedsOf(rate) }), { onEstimate: (estimate) => told.push({ ...estimate, after: seen.ran.length }) });
    return { told, seen };
  };
  const slow = 1e-3;
  const text = { model: join(texts, "bert.onnx"), text: "a b c d e", target: "predicted", score: "logit", parameters: {}, runtime: "reference" } as const;

  it("is told before its first run, by the runtime's speed and the model's arithmetic", async () => {
    const models = createModelCache();
    const perImage = flopsOf((await models.load(join(folder, "model.onnx"))).prepared([1, 1, 28, 28]).graph);
    models.clear();
    // A gradient takes twice the arithmetic of a forward pass, and by this book a minute.
    const { told, seen } = await listen((2 * perImage) / 60_000, (jobs, context) => jobs.explain(request({ parameters: { samples: 40 } }), context));
    const images = seen.ran.filter((batch) => batch > 1).reduce((sum, batch) => sum + batch, 0);
    expect(told[0]).toMatchObject({ runtime: "reference", after: 0 });
    for (const ms of told[0]!.ms!) expect(ms / (images * 60_000)).toBeCloseTo(1, 2);
  });

  it("whose steps are found as it goes has a range", async () => {
    const { told } = await listen(slow, (jobs, context) => jobs.explain(request({ method: "integrated-gradients", parameters: { steps: "auto" } }), context));
    expect(told[0]!.ms![1] / told[0]!.ms![0]).toBeCloseTo(200 / 8, 2);
  });

  it.each(methodIds)("of any method is, within half and twice of what it then runs: %s", async (method) => {
    // Above the last layer Ablation-CAM has less to do than before it, which is over when that is told.
    const layer = method === "ablation-cam" ? "/conv1/Conv_output_0" : undefined;
    const { told, seen } = await listen(slow, (jobs, context) => jobs.explain(request({ method, layer }), context));
    expect(told[0]!.after).toBe(0);
    // By the book; later ones go by the runs' own time.
    const share = (slow * Math.max(...told.map(({ ms }) => ms![1]))) / seen.flops;
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(2);
  });

  it.each(textMethodIds)("of text is: %s", async (method) => {
    expect((await listen(slow, (jobs, context) => jobs.explainText({ ...text, method }, context))).told[0]).toMatchObject({ after: 0 });
  });

  it.each([
    ["a prediction", (jobs, context) => jobs.predict({ model: join(folder, "model.onnx"), input: join(folder, "input0.png"), top: 3, runtime: "reference" }, context)],
    ["attention", (jobs, context) => jobs.attention({ model: text.model, input: { kind: "text", text: text.text }, target: "predicted", runtime: "reference" }, context)],
  ] as const satisfies readonly (readonly [string, Parameters<typeof listen>[1]])[])("of another kind is: %s", async (_, start) => {
    expect((await listen(slow, start)).told[0]).toMatchObject({ after: 0 });
  });

  it("is told as a whole where it has parts: tests of trust take more than the map", async () => {
    const map = await listen(slow, (jobs, context) => jobs.explain(request({ method: "saliency" }), context));
    const tests = await listen(slow, (jobs, context) => jobs.trust({ model: join(folder, "model.onnx"), input: join(folder, "input0.png"), method: "saliency", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "reference" }, context));
    expect(tests.told[0]!.after).toBe(0);
    // The map itself, for three other classes, on three noisy copies and five times on random weights.
    expect(tests.told[0]!.ms![1]).toBeGreaterThan(12 * map.told[0]!.ms![1]);
  });

  it("is told as a whole where it has parts: a report on a mistake takes more than the maps of its two classes", async () => {
    const files = { model: join(folder, "model.onnx"), input: join(folder, "input0.png"), runtime: "reference" } as const;
    const { predictions } = await jobsOn(smallRuntime(Infinity).runtime).predict({ ...files, top: 2 });
    const map = await listen(slow, (jobs, context) => jobs.explain(request({ method: "integrated-gradients", parameters: { steps: "auto" } }), context));
    const report = await listen(slow, (jobs, context) => jobs.debugImage({ ...files, label: predictions[1]!.index, labelFrom: "given" }, context));
    expect(report.told[0]!.ms![1]).toBeGreaterThan(2 * map.told[0]!.ms![1]);
  });

  it("is not made of a short one", async () => {
    expect((await listen(1e12, (jobs, context) => jobs.explain(request({ parameters: { samples: 4 } }), context))).told).toEqual([]);
  });
});

describe("an estimate in words", () => {
  const say = (ms: Estimate["ms"], bytes = 1.2e9) => estimateText({ ms, bytes, free: 3e9, runtime: "onnxruntime" }, fillIn);
  it.each([
    [[12_300, 12_300], "about 10 s, up to 1.2 GB on onnxruntime"], [[41_000, 41_000], "about 40 s, up to 1.2 GB on onnxruntime"], [[20_000, 130_000], "about 20 s to 2 min, up to 1.2 GB on onnxruntime"],
    [[7_170_000, 10_300_000], "about 120 min to 2 h 50 min, up to 1.2 GB on onnxruntime"],
  ] as const)("%o", (ms, text) => expect(say(ms)).toBe(text));
  it("warns where memory is short", () => expect(say([2000, 2000], 4e9)).toBe("about 2 s, up to 4.0 GB on onnxruntime, which has only 3.0 GB free: a smaller input takes less"));
  it("says what is known where no speed is", () => expect(say(undefined)).toBe("up to 1.2 GB on onnxruntime"));
});
