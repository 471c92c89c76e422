/** @file Runs the model on every change of a picture that is worth trying. */
import { createContext } from "../../engine/attribution/context.js";
import { probabilities } from "../../engine/attribution/probabilities.js";
import type { VariantResult } from "../../engine/debug/evidence.js";
import { variantResult, type Variant } from "../../engine/debug/variants.js";
import type { JobContext, JobResources } from "../jobs.js";
import { batchMemory } from "../memory.js";
import { checkNumbers, computeOn, type JobRequest, type ReadyJob } from "../runJob.js";

/** What the model says of each, in their order; in batches where the model takes several images. */
export async function tryVariants(
  resources: JobResources, request: JobRequest, { model, description, input: { tensor } }: ReadyJob, variants: readonly Variant[], classes: { readonly predicted: number; readonly true: number }, context: JobContext,
): Promise<{ readonly results: readonly VariantResult[]; readonly compile: number; readonly compute: number }> {
  const { outcome, compile, compute } = await computeOn(resources, model, request, context, async (job, runtime) => {
    const run = createContext({
      ...job, classifier: model.classifier(), input: tensor, prepared: model.prepared(tensor.shape), target: { index: classes.predicted, versus: undefined, score: "logit" }, layers: [],
      pixels: description.preprocess, memory: batchMemory(model.programs.held()), report: (done, total) => context.onProgress?.("computing", done, total),
    });
    const results: VariantResult[] = [];
    await run.forEachScore(variants.length, (i, into) => into.set(variants[i]!.make().data as Float32Array), (i, { logits }) => {
      checkNumbers(logits, runtime);
      results.push(variantResult(variants[i]!, probabilities(logits, description.activation), classes));
    });
    return results;
  });
  return { results: outcome.result, compile, compute };
}
