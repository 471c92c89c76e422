/** @file The classes of one input. */
import { predictLogits } from "../engine/attribution/attribute.js";
import type { PredictRequest, PredictResult } from "../protocol/api.js";
import type { JobContext, JobResources } from "./jobs.js";
import { topPredictions } from "./predictions.js";
import { checkNumbers, computeOn, runNotes, modelFacts, readJob, runtimeUsed } from "./runJob.js";

/** The classes of one input. Paths are absolute. */
export async function predictInput(resources: JobResources, request: PredictRequest, context: JobContext): Promise<PredictResult> {
  const { model, description, input, notes, load } = await readJob(resources, request, context);
  const classifier = model.classifier();
  const { outcome, compile, compute } = await computeOn(resources, model, request, context, (job) => predictLogits(
    { classifier, input: input.tensor, ...job }, model.prepared(input.tensor.shape),
  ));
  const logits = outcome.result;
  checkNumbers(logits, outcome.runtime);
  return {
    model: modelFacts(model, description), runtime: runtimeUsed(outcome), input: request.input, predictions: topPredictions(logits, description, request.top),
    classCount: logits.length, notes: [...notes, ...runNotes(outcome)], ms: { load, compile, compute, draw: 0 },
  };
}
