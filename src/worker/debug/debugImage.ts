/** @file One misclassification report, from files to what speaks for which cause. */
import { predictLogits } from "../../engine/attribution/attribute.js";
import type { PlainTensor } from "../../engine/attribution/parameters.js";
import { argMax, entropyOf, probabilities } from "../../engine/attribution/probabilities.js";
import { causesOf } from "../../engine/debug/causes.js";
import type { Gathered } from "../../engine/debug/evidence.js";
import { findingsOf, verdictOf } from "../../engine/debug/findings.js";
import { focusOf, overlapOf } from "../../engine/debug/focus.js";
import { qualityOf } from "../../engine/debug/quality.js";
import { seenPixels } from "../../engine/debug/seenPixels.js";
import { textbookOf } from "../../engine/debug/textbook.js";
import { variantsOf } from "../../engine/debug/variants.js";
import { WhylightError } from "../../engine/errors.js";
import type { ModelDescription } from "../../engine/preprocess/description.js";
import type { Note, TargetSpec, Timings } from "../../protocol/api.js";
import type { DebugReport, DebugRequest, RankedPrediction } from "../../protocol/debug.js";
import type { JobContext, JobResources } from "../jobs.js";
import { labelNamesOf } from "../labels/findLabel.js";
import { isTensorFile } from "../prepareInput.js";
import { predictionOf, topPredictions } from "../predictions.js";
import { checkNumbers, computeOn, runNotes, modelFacts, readJob, runtimeUsed, type ReadyJob } from "../runJob.js";
import { debugAttention } from "./debugAttention.js";
import { debugMaps, type MapClasses } from "./debugMaps.js";
import { planOfReport } from "./debugPlan.js";
import { findNeighbours } from "./findNeighbours.js";
import { measuredMap } from "./measuredMap.js";
import { stagesOf } from "./stages.js";
import { tryVariants } from "./tryVariants.js";

const shownPredictions = 5;
/** Predicting, five maps, attention twice, counter-tests, near files. */
const stageCount = 10;

/** Examines one prediction. Paths are absolute. Throws `targetUnknown` (with `near`, the labels spelt alike) for a class the model does not have, and what explaining throws. */
export async function debugImage(resources: JobResources, request: DebugRequest, context: JobContext): Promise<DebugReport> {
  if (isTensorFile(request.input)) throw new WhylightError("inputInvalid", { path: request.input, reason: "a report needs a picture" });
  const next = stagesOf(context, stageCount);
  const first = next();
  const ready = await readJob(resources, request, first);
  const { model, description, input } = ready;
  const wanted = { true: classOf(ready, request.label), expected: request.expected === undefined ? undefined : classOf(ready, request.expected) };
  const { outcome, ...times } = await computeOn(resources, model, request, first, (job) => predictLogits({ classifier: model.classifier(), input: input.tensor, ...job }, model.prepared(input.tensor.shape)));
  const logits = outcome.result;
  checkNumbers(logits, outcome.runtime);
  const ranked = rankedBy(logits, description);
  const [predicted, real] = [ranked(argMax(logits)), ranked(wanted.true)];
  const isMistake = predicted.index !== real.index;
  const classes: MapClasses = { predicted: predicted.index, true: isMistake ? real.index : undefined, against: isMistake ? real.index : logits.length > 1 ? argMax(logits, predicted.index) : undefined };

  const prepared = model.prepared(input.tensor.shape);
  const maps = await debugMaps(resources, request, classes, description.layer !== undefined || prepared.defaultLayer !== undefined, next, {
    onEstimate: context.onEstimate, wholePlan: (plan) => planOfReport(plan, request, classes, prepared.graph),
  });
  const attention = await debugAttention(resources, request, classes, prepared.graph, next);
  const [predictedMap, trueMap] = (["predicted", "true"] as const).map((of) => measuredMap({ maps, attention, inputSize: input.size }, of)) as [PlainTensor, PlainTensor];
  const image = await resources.images.get(request.input);
  const seen = seenPixels(input.tensor, description.preprocess);
  const tried = await tryVariants(resources, request, ready, variantsOf({ image: image.pixels, preprocess: description.preprocess, map: predictedMap }), { predicted: predicted.index, true: real.index }, next());
  const neighbours = request.among === undefined ? undefined : await findNeighbours(resources, { ...request, among: request.among }, ready, next());

  const spoken = [...tried.results.map((result) => result.predicted), ...(neighbours?.found.map(({ label }) => label) ?? []), predicted.index, real.index];
  const gathered: Gathered = {
    true: real, predicted, expected: wanted.expected === undefined ? undefined : ranked(wanted.expected),
    margin: { probability: predicted.probability - real.probability, logit: predicted.logit - real.logit }, entropy: entropyOf(probabilities(logits, description.activation), description.activation), classCount: logits.length,
    focus: { predicted: focusOf(predictedMap, seen), true: focusOf(trueMap, seen) }, overlap: overlapOf(predictedMap, trueMap), variants: tried.results,
    quality: qualityOf({ seen, width: image.width, height: image.height, transparent: image.transparent, region: input.region! }), neighbours,
    classNames: Object.fromEntries([...new Set(spoken)].map((index) => [index, ranked(index).label])),
  };
  return {
    version: 1, model: modelFacts(model, description), runtime: runtimeUsed(outcome), input: request.input, labelFrom: request.labelFrom, region: input.region!, inputSize: input.size,
    ...gathered, true: real, predicted, expected: wanted.expected === undefined ? undefined : ranked(wanted.expected), isMistake, predictions: topPredictions(logits, description, shownPredictions), maps, attention, neighbours,
    verdict: verdictOf(gathered), findings: findingsOf(gathered), causes: causesOf(gathered), textbook: textbookOf(real.probability, real.rank),
    notes: distinct([...ready.notes, ...runNotes(outcome)]), ms: sumOf([{ load: ready.load, ...times, draw: 0 }, ...maps.filter(({ explanation }) => !explanation.isCached).map(({ explanation }) => explanation.ms), { load: 0, compile: tried.compile, compute: tried.compute, draw: 0 }]),
  };
}

/** The class that a person means, in any spelling. */
function classOf({ model }: ReadyJob, label: TargetSpec): number {
  const names = labelNamesOf(model);
  const index = names.find(label);
  if (index !== undefined) return index;
  throw new WhylightError("targetUnknown", { target: label, classes: model.classifier().classes ?? "?", near: names.near(String(label)).join(", ") });
}

/** Ranks as the textbook counts them: one more than there are likelier classes. */
function rankedBy(logits: Float32Array, { labels, activation }: ModelDescription): (index: number) => RankedPrediction {
  const shares = probabilities(logits, activation);
  return (index) => ({ ...predictionOf(logits, shares, labels, index), rank: 1 + logits.reduce((count, logit) => count + (logit > logits[index]! ? 1 : 0), 0) });
}

function distinct(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}

function sumOf(all: readonly Timings[]): Timings {
  const add = (key: keyof Timings) => all.reduce((sum, ms) => sum + ms[key], 0);
  return { load: add("load"), compile: add("compile"), compute: add("compute"), draw: add("draw") };
}
