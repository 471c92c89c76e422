/** @file One explanation, from files to a drawn result. */
import { attribute, type Attribution } from "../engine/attribution/attribute.js";
import type { Layer } from "../engine/attribution/layers.js";
import { methodOf } from "../engine/attribution/methods.js";
import type { GivenParameters } from "../engine/attribution/parameters.js";
import { layerOfLibrary, parametersOfLibrary } from "../engine/attribution/referenceModes.js";
import type { Target } from "../engine/attribution/target.js";
import { probabilities } from "../engine/attribution/probabilities.js";
import { defaultHeatmap } from "../drawing/heatmap.js";
import type { Explanation, ExplainRequest, LayerSummary, Note } from "../protocol/api.js";
import { insensitiveMethods } from "../protocol/control.js";
import type { JobContext, JobResources } from "./jobs.js";
import { batchMemory } from "./memory.js";
import { readFileParameters } from "./fileParameters.js";
import { predictionOf, resolveTarget, targetOf, topPredictions } from "./predictions.js";
import type { ResultCache } from "./resultCache.js";
import { checkNumbers, computeOn, runNotes, modelFacts, readJob, runtimeUsed, type ReadyJob } from "./runJob.js";

const shownPredictions = 5;

/** Explains one input by one method. Paths are absolute. */
export async function explainInput(resources: JobResources, request: ExplainRequest, context: JobContext): Promise<Explanation> {
  // What people set wins over the library's defaults, and those over ours.
  const library = request.as === undefined ? {} : parametersOfLibrary(request.as, request.method);
  const ready = await readJob(resources, request, context);
  const parameters = await readFileParameters(resources, { method: request.method, parameters: { ...library, ...request.parameters } }, ready);
  const { results } = resources;
  const key = results?.keyOf(dependencies(results, request, ready, parameters));
  const known = key === undefined ? undefined : results?.get(key);
  if (known) return { ...known, model: modelFacts(ready.model, ready.description), input: request.input, isCached: true };
  const made = await compute(resources, request, ready, parameters, context);
  if (key !== undefined) results?.put(key, made);
  return made;
}

/** Everything a result follows from: contents, not names. The prepared input stands for the image and its preprocessing. */
function dependencies(results: ResultCache, request: ExplainRequest, { model, description, input }: ReadyJob, parameters: GivenParameters): unknown {
  const { method, target, versus, score, layer, as, runtime } = request;
  return { files: model.files.map((file) => results.hashOf(file)), description, input, parameters, method, target, versus, score, layer, as, runtime };
}

async function compute(resources: JobResources, request: ExplainRequest, ready: ReadyJob, parameters: GivenParameters, context: JobContext): Promise<Explanation> {
  const { model, description, input, notes, load } = ready;
  const classifier = model.classifier();
  const target = readTarget(request, ready);
  const method = methodOf(request.method);
  const layers = layersAsked(request, ready);
  const shared = {
    model: modelFacts(model, description), input: request.input, method: request.method, as: request.as, family: method.family, score: request.score, region: input.region, inputSize: input.size,
    preprocess: description.preprocess, preprocessOrigin: description.preprocessOrigin, labelsOrigin: description.labelsOrigin, isCached: false,
  };
  const named = (found: Attribution, index: number) => predictionOf(found.logits, probabilities(found.logits, description.activation), description.labels, index);
  const draw = (found: Attribution): Omit<Explanation, "runtime" | "partial" | "notes" | "ms"> => ({
    ...shared, layers: model.prepared(input.tensor.shape).layers.map(layerSummary), parameters: found.parameters, layer: found.used.length > 0 ? found.used.map(({ name }) => name).join(", ") : undefined,
    target: named(found, found.target.index), versus: found.target.versus === undefined ? undefined : named(found, found.target.versus),
    predictions: topPredictions(found.logits, description, shownPredictions), classCount: found.logits.length,
    attribution: found.attribution, heatmap: defaultHeatmap(found.attribution, method, input.size, description.preprocess.layout),
    completeness: found.completeness ?? null, facts: found.facts, evaluations: found.evaluations,
  });
  const { outcome, ...times } = await computeOn(resources, model, request, context, (job, runtime) => attribute({
    classifier, input: input.tensor, method: request.method, target, layers, parameters, pixels: description.preprocess, memory: batchMemory(model.programs.held()), ...job,
    report: (done, total, partial) => context.onProgress?.("computing", done, total, partial && (() => ({
      ...draw(partial()), runtime: { name: runtime.name, detail: runtime.detail, passedOver: [] }, partial: { done, total }, notes: [], ms: { load, compile: 0, compute: 0, draw: 0 },
    }))),
  }, model.prepared(input.tensor.shape)));
  const { result, runtime } = outcome;
  checkNumbers(result.logits, runtime);
  context.onProgress?.("drawing", 0, 1);
  const drawStart = performance.now();
  const control: Note[] = insensitiveMethods.has(request.method) ? [{ code: "failsControl", data: {} }] : [];
  return {
    ...draw(result), runtime: runtimeUsed(outcome), partial: undefined, notes: [...notes, ...runNotes(outcome), ...result.remarks, ...control], ms: { load, ...times, draw: performance.now() - drawStart },
  };
}

/** The classes meant, by index or label. Throws `targetUnknown`. */
export function readTarget(request: Pick<ExplainRequest, "target" | "versus" | "score">, { model, description }: ReadyJob): Target {
  const { classes } = model.classifier();
  return targetOf(request, description, (spec) => resolveTarget(spec, description.labels, classes));
}

/** The names of the layers to look at: those asked for, before the library's own choice, before the model's description. None for the default, and for methods without layers. */
export function layersAsked({ method, layer, as }: Pick<ExplainRequest, "method" | "layer" | "as">, { model, description, input }: ReadyJob): readonly string[] {
  if (methodOf(method).layers === "none") return [];
  const ofLibrary = as === undefined || layer !== undefined ? undefined : layerOfLibrary(as, model.prepared(input.tensor.shape).layers);
  const asked = layer ?? ofLibrary ?? description.layer;
  return asked === undefined ? [] : typeof asked === "string" ? [asked] : asked;
}

/** A layer as it crosses processes. */
export function layerSummary({ name, op, shape }: Layer): LayerSummary {
  return { name, op, shape };
}
