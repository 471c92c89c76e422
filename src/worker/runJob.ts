/** @file What every job on one input shares: reading model and input, running on a runtime, and saying what ran. */
import { dirname } from "node:path";
import type { BatchLimits, Pass } from "../engine/attribution/batching.js";
import type { Compile } from "../engine/attribution/context.js";
import type { Plan } from "../engine/attribution/estimate.js";
import { memoUnder } from "../engine/attribution/memo.js";
import { throwIfCancelled } from "../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import { familyOf, flopsOf } from "../engine/ir/flops.js";
import type { Graph } from "../engine/ir/graph.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import { runtimeNames, type Program, type Runtime } from "../engine/runtime.js";
import type { Explanation, ExplainRequest, Note, RuntimeUsed } from "../protocol/api.js";
import type { RuntimeOutcome } from "../runtimes/choose.js";
import { createEstimator, type Estimator, type Watched } from "./estimator.js";
import { guardProgram } from "./guardProgram.js";
import type { JobContext, JobResources } from "./jobs.js";
import type { LoadedModel } from "./modelCache.js";
import { isTensorFile, prepareImageInput, prepareTensorInput, type PreparedInput } from "./prepareInput.js";

/** What every job is asked for. */
export type JobRequest = Pick<ExplainRequest, "model" | "input" | "runtime">;

/** A model and an input, read and made fit for each other. */
export interface ReadyJob {
  readonly model: LoadedModel;
  readonly description: ModelDescription;
  readonly input: PreparedInput;
  readonly notes: readonly Note[];
  readonly load: number;
}

/** Reads model and input. The image is decoded in other threads and the runtime is opened meanwhile, which a cold start depends on. Without `isScored` the model need not give scores. */
export async function readJob({ models, images, runtimes, speeds }: JobResources, request: JobRequest, context: JobContext, { isScored = true } = {}): Promise<ReadyJob> {
  const start = performance.now();
  context.onProgress?.("reading", 0, 1);
  const decoding = isTensorFile(request.input) ? undefined : images.get(request.input);
  decoding?.catch(() => {});
  const model = await models.load(request.model);
  // Only warms up: whether it works is decided, and told, where it is used.
  const opening = runtimes.open(request.runtime === "auto" ? (speeds.order(familyOf(model.imported.graph))?.[0] ?? "onnxruntime") : request.runtime).catch(() => {});
  const { description, notes } = model.describe();
  try {
    if (isScored) model.classifier();
  } catch (thrown) {
    throw withPath(toWhylightError(thrown), request);
  }
  context.onProgress?.("preparing", 0, 1);
  const { preprocess } = description;
  const input = decoding ? prepareImageInput(model, request.input, await decoding, preprocess) : prepareTensorInput(model, request.input, preprocess.layout);
  await opening;
  throwIfCancelled(context.signal);
  // Tensors are fed as they are, so how images would be prepared does not matter to them.
  const kept = decoding ? notes : notes.filter(({ code }) => code !== "defaultsUsed");
  return { model, description, input, notes: [...kept, ...input.notes], load: performance.now() - start };
}

const generations = new WeakMap<Runtime, number>();
let generation = 0;

/** A runtime that was opened anew shares no programs with the one before it. */
function generationOf(runtime: Runtime): number {
  const known = generations.get(runtime) ?? generation++;
  generations.set(runtime, known);
  return known;
}

export interface ComputeJob {
  readonly compile: Compile;
  readonly signal: JobContext["signal"];
}

/** What is known of each program, for estimates. */
const watched = new WeakMap<Program, Watched>();

/** What ran, and how small batches became where memory ran out; `undefined` where it did not. */
export interface JobOutcome<Result> extends RuntimeOutcome<Result> {
  readonly cutTo: number | undefined;
}

/** Runs an engine job on a runtime, with compiled programs kept per model, and its time parted into compiling and computing. */
export async function computeOn<Result>(
  { runtimes, speeds }: JobResources, model: LoadedModel, request: Pick<JobRequest, "model" | "runtime"> & { readonly input?: string }, context: JobContext, job: (job: ComputeJob, runtime: Runtime) => Promise<Result>,
): Promise<{ outcome: JobOutcome<Result>; compile: number; compute: number }> {
  const start = performance.now();
  const family = familyOf(model.imported.graph);
  let compiling = 0;
  let cutTo: number | undefined;
  const limitsOn = (runtime: Runtime): BatchLimits => {
    const known = model.limits(runtime.name);
    return { ...known, cut: (kind, most) => known.cut(kind, (cutTo = most)) };
  };
  const compileOn = (runtime: Runtime, estimator: Estimator): Compile => Object.assign(async (given: string, build: () => Graph, pass: Pass = "forward") => {
    throwIfCancelled(context.signal);
    const began = performance.now();
    const key = `${runtime.name}${generationOf(runtime)}|${given}`;
    const ready = async () => {
      const made: { watched?: Watched } = {};
      const program = await model.programs.get(key, async () => {
        context.onProgress?.("compiling", 0, 1);
        const from = performance.now();
        const graph = build();
        const compiled = await guardProgram(runtime, graph, model.readRange);
        made.watched = { pass, flops: flopsOf(graph), ms: performance.now() - from, runs: 0 };
        return compiled;
      });
      if (made.watched) watched.set(program, made.watched);
      return program;
    };
    const seen = watched.get(await ready());
    if (seen) estimator.uses(seen);
    compiling += performance.now() - began;
    if (compiling === 0 || performance.now() - began > 1) context.onProgress?.("computing", 0, 1);
    const run: Program["run"] = async (inputs) => {
      // It may have had to make room meanwhile.
      const program = await ready();
      const ran = performance.now();
      try {
        const outputs = await program.run(inputs);
        if (seen) estimator.ran(seen, performance.now() - ran);
        return outputs;
      } catch (thrown) {
        // What a program took before memory ran out is what a smaller one needs.
        if (toWhylightError(thrown).code === "outOfMemory") {
          model.programs.drop(key);
          model.memo.clear();
        }
        throw thrown;
      }
    };
    return { run, dispose: () => {} };
  }, { limits: limitsOn(runtime), plan: (plan: Plan) => estimator.plan(context.wholePlan?.(plan) ?? plan), memo: memoUnder(model.memo, runtime.name) });
  const outcome = await runtimes.withRuntime(request.runtime, async (runtime) => {
    cutTo = undefined;
    try {
      return await job({ compile: compileOn(runtime, createEstimator(runtime, family, model.weights, speeds, (estimate) => context.onEstimate?.(estimate))), signal: context.signal }, runtime);
    } catch (thrown) {
      // A model that was deleted or replaced meanwhile explains a failure better than what it made the runtime say.
      if (toWhylightError(thrown).code !== "cancelled") model.checkUnchanged();
      throw withPath(toWhylightError(thrown), request);
    }
  }, speeds.plan(family));
  throwIfCancelled(context.signal);
  return { outcome: { ...outcome, cutTo }, compile: compiling, compute: performance.now() - start - compiling };
}

/** The engine knows no files; people want to hear which one. */
export function withPath(error: WhylightError, request: { readonly model: string; readonly input?: string }): WhylightError {
  if (error.code === "tokenizerInvalid" && error.data["file"] === undefined) return new WhylightError(error.code, { file: dirname(request.model), ...error.data }, { cause: error });
  const path = error.code.startsWith("model") || error.code === "attentionMissing" ? request.model : error.code.startsWith("input") ? request.input : undefined;
  return path === undefined || error.data["path"] !== undefined ? error : new WhylightError(error.code, { path, ...error.data }, { cause: error });
}

export function modelFacts(model: LoadedModel, description: ModelDescription): Explanation["model"] {
  return { path: model.path, format: model.imported.format, inputs: model.inputs, labels: description.labels };
}

export function runtimeUsed({ runtime, passedOver, failed }: RuntimeOutcome<unknown>): RuntimeUsed {
  return { name: runtime.name, detail: runtime.detail, passedOver: [...passedOver, ...failed].toSorted((a, b) => runtimeNames.indexOf(a.name) - runtimeNames.indexOf(b.name)) };
}

/** What did not go as usual while it ran. */
export function runNotes({ runtime, failed, cutTo }: JobOutcome<unknown>): Note[] {
  const fallen = failed.map(({ name, reason }): Note => ({ code: "runtimeFellBack", data: { from: name, reason, to: runtime.name } }));
  return cutTo === undefined ? fallen : [...fallen, { code: "batchesCut", data: { size: cutTo } }];
}

/** A ranking of not-a-number would be a made-up one. Throws `runtimeFailed`. */
export function checkNumbers(values: ArrayLike<number>, runtime: Runtime, what = "the model's scores for this input"): void {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]!)) throw new WhylightError("runtimeFailed", { runtime: runtime.name, reason: `${what} are not numbers` });
}
