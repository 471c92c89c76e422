/** @file One explanation or prediction, from files to a drawn result. */
import { attribute, predictLogits, type Compile } from "../engine/attribution/attribute.js";
import type { Layer } from "../engine/attribution/layers.js";
import { methods } from "../engine/attribution/methods.js";
import { throwIfCancelled } from "../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import { runtimeNames, type Runtime } from "../engine/runtime.js";
import { defaultHeatmap } from "../drawing/heatmap.js";
import type { ExplainRequest, Explanation, LayerSummary, Note, PredictRequest, PredictResult, RuntimeUsed } from "../protocol/api.js";
import type { RuntimeOutcome } from "../runtimes/choose.js";
import type { JobContext, JobResources } from "./jobs.js";
import type { LoadedModel } from "./modelCache.js";
import { guardProgram } from "./guardProgram.js";
import { predictionOf, probabilities, resolveTarget, topPredictions } from "./predictions.js";
import { isTensorFile, prepareImageInput, prepareTensorInput, type PreparedInput } from "./prepareInput.js";

/** What every job is asked for. */
type JobRequest = Pick<ExplainRequest, "model" | "input" | "runtime">;

const shownPredictions = 5;

/** Explains one input by one method. Paths are absolute. */
export async function explainInput(resources: JobResources, request: ExplainRequest, context: JobContext): Promise<Explanation> {
  checkParameters(request);
  const { model, description, input, notes, load } = await prepare(resources, request, context);
  const classifier = model.classifier();
  const target = resolveTarget(request.target, description.labels, classifier.classes);
  const { kind } = methods[request.method];
  const layer = kind === "cam" ? (request.layer ?? description.layer) : undefined;
  const { outcome, compile, compute } = await computeOn(resources, model, request, context, (job) => attribute(
    { classifier, input: input.tensor, method: request.method, target, score: request.score, layer, ...job }, model.prepared(input.tensor.shape),
  ));
  const { result, runtime } = outcome;
  checkNumbers(result.logits, runtime);
  context.onProgress?.("drawing", 0, 1);
  const drawStart = performance.now();
  const heatmap = defaultHeatmap(result.attribution, kind, input.size, description.preprocess.layout);
  return {
    model: modelFacts(model, description), runtime: runtimeUsed(outcome), input: request.input,
    method: request.method, parameters: {}, layer: result.layer, layers: result.layers.map(layerSummary), score: request.score,
    target: predictionOf(result.logits, probabilities(result.logits), description.labels, result.target),
    predictions: topPredictions(result.logits, description.labels, shownPredictions), classCount: result.logits.length,
    attribution: result.attribution, heatmap, region: input.region, inputSize: input.size, completeness: null,
    preprocess: description.preprocess, preprocessOrigin: description.preprocessOrigin, labelsOrigin: description.labelsOrigin,
    notes: [...notes, ...fallBackNotes(outcome), ...result.remarks], ms: { load, compile, compute, draw: performance.now() - drawStart },
  };
}

/** No method here has a parameter yet, and one that is quietly ignored would be a wrong record. */
function checkParameters({ method, parameters }: ExplainRequest): void {
  for (const parameter of Object.keys(parameters)) throw new WhylightError("parameterInvalid", { parameter, reason: `${method} has no such parameter` });
}

/** A layer as it crosses processes. */
export function layerSummary({ name, op, shape }: Layer): LayerSummary {
  return { name, op, shape };
}

/** The classes of one input. Paths are absolute. */
export async function predictInput(resources: JobResources, request: PredictRequest, context: JobContext): Promise<PredictResult> {
  const { model, description, input, notes, load } = await prepare(resources, request, context);
  const classifier = model.classifier();
  const { outcome, compile, compute } = await computeOn(resources, model, request, context, (job) => predictLogits(
    { classifier, input: input.tensor, ...job }, model.prepared(input.tensor.shape),
  ));
  const logits = outcome.result;
  checkNumbers(logits, outcome.runtime);
  return {
    model: modelFacts(model, description), runtime: runtimeUsed(outcome), input: request.input, predictions: topPredictions(logits, description.labels, request.top),
    classCount: logits.length, notes: [...notes, ...fallBackNotes(outcome)], ms: { load, compile, compute, draw: 0 },
  };
}

interface Prepared {
  readonly model: LoadedModel;
  readonly description: ModelDescription;
  readonly input: PreparedInput;
  readonly notes: readonly Note[];
  readonly load: number;
}

/** Reads model and input. The image is decoded in other threads and the runtime is opened meanwhile, which a cold start depends on. */
async function prepare({ models, images, runtimes }: JobResources, request: JobRequest, context: JobContext): Promise<Prepared> {
  const start = performance.now();
  context.onProgress?.("reading", 0, 1);
  const decoding = isTensorFile(request.input) ? undefined : images.get(request.input);
  decoding?.catch(() => {});
  const model = models.load(request.model);
  // Only warms up: whether it works is decided, and told, where it is used.
  const opening = runtimes.open(request.runtime === "auto" ? "onnxruntime" : request.runtime).catch(() => {});
  const { description, notes } = model.describe();
  try {
    model.classifier();
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

interface ComputeJob {
  readonly compile: Compile;
  readonly signal: JobContext["signal"];
}

/** Runs an engine job on a runtime, with compiled programs kept per model, and its time parted into compiling and computing. */
async function computeOn<Result>(
  { runtimes }: JobResources, model: LoadedModel, request: JobRequest, context: JobContext, job: (job: ComputeJob) => Promise<Result>,
): Promise<{ outcome: RuntimeOutcome<Result>; compile: number; compute: number }> {
  const start = performance.now();
  let compiling = 0;
  const compileOn = (runtime: Runtime): Compile => async (key, build) => {
    throwIfCancelled(context.signal);
    const began = performance.now();
    const program = await model.programs.get(`${runtime.name}|${key}`, async () => {
      context.onProgress?.("compiling", 0, 1);
      return guardProgram(runtime, build(), model.readRange);
    });
    compiling += performance.now() - began;
    context.onProgress?.("computing", 0, 1);
    return program;
  };
  const outcome = await runtimes.withRuntime(request.runtime, async (runtime) => {
    try {
      return await job({ compile: compileOn(runtime), signal: context.signal });
    } catch (thrown) {
      // A model that was deleted or replaced meanwhile explains a failure better than what it made the runtime say.
      if (toWhylightError(thrown).code !== "cancelled") model.checkUnchanged();
      throw withPath(toWhylightError(thrown), request);
    }
  });
  throwIfCancelled(context.signal);
  return { outcome, compile: compiling, compute: performance.now() - start - compiling };
}

/** The engine knows no files; people want to hear which one. */
function withPath(error: WhylightError, request: JobRequest): WhylightError {
  const path = error.code.startsWith("model") ? request.model : error.code.startsWith("input") ? request.input : undefined;
  return path === undefined || error.data["path"] !== undefined ? error : new WhylightError(error.code, { path, ...error.data }, { cause: error });
}

function modelFacts(model: LoadedModel, description: ModelDescription): Explanation["model"] {
  return { path: model.path, format: model.imported.format, inputs: model.inputs, labels: description.labels };
}

function runtimeUsed({ runtime, passedOver, failed }: RuntimeOutcome<unknown>): RuntimeUsed {
  return { name: runtime.name, detail: runtime.detail, passedOver: [...passedOver, ...failed].toSorted((a, b) => runtimeNames.indexOf(a.name) - runtimeNames.indexOf(b.name)) };
}

function fallBackNotes({ runtime, failed }: RuntimeOutcome<unknown>): Note[] {
  return failed.map(({ name, reason }) => ({ code: "runtimeFellBack", data: { from: name, reason, to: runtime.name } }));
}

/** A ranking of not-a-number would be a made-up one. */
function checkNumbers(logits: Float32Array, runtime: Runtime): void {
  if (logits.some((logit) => Number.isNaN(logit))) throw new WhylightError("runtimeFailed", { runtime: runtime.name, reason: "the model's scores for this input are not numbers" });
}
