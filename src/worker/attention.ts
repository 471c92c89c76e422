/** @file The attention of one input: what is told at once of all layers, and the weights of one. */
import { attend, attendLayer, type Attended } from "../engine/attribution/attention/attend.js";
import type { FoundLayer } from "../engine/attribution/attention/attentionLayers.js";
import type { PlainTensor } from "../engine/attribution/parameters.js";
import { rankCorrelation } from "../engine/attribution/trust/rankCorrelation.js";
import { probabilities } from "../engine/attribution/probabilities.js";
import { WhylightError } from "../engine/errors.js";
import { strongestLinks } from "../drawing/attention/strongestLinks.js";
import type { AttentionAgreement, AttentionLayer, AttentionLayerRequest, AttentionRequest, AttentionSummary, AttentionWeights } from "../protocol/attention.js";
import type { TextToken } from "../protocol/text.js";
import { readAttention } from "./attentionInput.js";
import { gatherStatistics } from "./attentionStatistics.js";
import { stampOf } from "./files.js";
import { modelFileOf } from "./formats/modelFolder.js";
import { tokensOfImage } from "./imageTokens.js";
import type { JobContext, JobResources } from "./jobs.js";
import { batchMemory } from "./memory.js";
import { predictionOf, topPredictions } from "./predictions.js";
import { checkNumbers, computeOn, runNotes, modelFacts, runtimeUsed } from "./runJob.js";

const shownPredictions = 5;

/** Everything about the attention of one input but the weights, which are kept. Paths are absolute. */
export async function attentionOf(resources: JobResources, request: AttentionRequest, context: JobContext): Promise<AttentionSummary> {
  const ready = await readAttention(resources, request, context);
  const { model, subject, found, description: { labels, activation } } = ready;
  const index = ready.targetOf(request.target);
  const { outcome, ...times } = await computeOn(resources, model, jobRequest(request), context, async (job) => {
    const statistics = gatherStatistics(found.layers, request.input.kind === "text");
    const keep = resources.attention.begin(keyOf(request));
    const attended = await attend({
      ...job, subject, found, feeds: ready.feeds, key: ready.key, target: { index, versus: undefined, score: "logit" }, memory: batchMemory(model.programs.held()),
      each: (layer, data) => {
        const weights = { shape: found.layers[layer]!.shape, data };
        keep(layer, weights);
        statistics.add(layer, weights);
        context.onProgress?.("computing", layer + 1, found.layers.length);
      },
    });
    return { attended, statistics: statistics.all() };
  });
  const { result: { attended, statistics }, runtime } = outcome;
  const { logits } = attended;
  if (logits) checkNumbers(logits, runtime);
  context.onProgress?.("drawing", 0, 1);
  const start = performance.now();
  const tokens = request.input.kind === "text" ? ready.tokens : tokensOfImage(found, attended.readers);
  const square = (data: Float32Array | undefined): PlainTensor | undefined => data && { shape: [found.tokens, found.tokens], data };
  const average = square(attended.average);
  return {
    request, model: modelFacts(model, ready.description), runtime: runtimeUsed(outcome), task: ready.task, tokens, layers: found.layers.map(describeLayer),
    average, rollout: square(attended.rollout), relevance: square(attended.relevance), ...statistics,
    links: average ? strongestLinks(average) : [], agreement: agreementOf(attended, tokens),
    target: logits && attended.target && ready.named(predictionOf(logits, probabilities(logits, activation), labels, attended.target.index)),
    predictions: logits ? topPredictions(logits, ready.description, shownPredictions).map((prediction) => ready.named(prediction)) : [],
    region: ready.region, notes: [...ready.notes, ...runNotes(outcome)], ms: { load: ready.load, ...times, draw: performance.now() - start },
  };
}

/** The weights of one layer, computed anew. Throws `layerUnknown`. */
export async function attentionLayerOf(resources: JobResources, { request, layer }: AttentionLayerRequest, context: JobContext): Promise<AttentionWeights> {
  const { model, subject, found, feeds, key } = await readAttention(resources, request, context);
  const wanted = found.layers[layer];
  if (wanted === undefined) throw new WhylightError("layerUnknown", { layer: String(layer), suggestion: String(found.layers.length - 1) });
  const { outcome } = await computeOn(resources, model, jobRequest(request), context, (job) => attendLayer({ ...job, subject, found, feeds, key }, layer));
  return { shape: wanted.shape, data: outcome.result };
}

/** The weights of one layer where they are still in memory. */
export function knownLayer({ attention }: JobResources, { request, layer }: AttentionLayerRequest): AttentionWeights | undefined {
  return attention.get(keyOf(request), layer);
}

/** The class does not change the weights. Files that were changed meanwhile have other ones. */
function keyOf({ model, input, runtime }: AttentionRequest): string {
  return JSON.stringify([model, stampOf(modelFileOf(model), "modelNotFound"), input, input.kind === "image" ? stampOf(input.path, "inputNotFound") : undefined, runtime]);
}

const jobRequest = ({ model, input, runtime }: AttentionRequest) => ({ model, runtime, ...(input.kind === "image" ? { input: input.path } : {}) });

function describeLayer({ site, shape: [windows, heads, queries, keys], layout: { prefix, grid, windows: tiles } }: FoundLayer): AttentionLayer {
  // Where keys are no queries, one grid cannot tell where both lie.
  const isPlaced = site.isSquare && grid !== undefined;
  return { node: site.node, windows, heads, queries, keys, prefix, grid: isPlaced ? grid : undefined, windowGrid: tiles?.grid, windowShift: tiles?.shift, imageGrid: tiles?.image };
}

/** Spearman's correlation of the attention that tokens receive and how strongly the score depends on them, over the tokens that stand for something. */
function agreementOf({ average, sensitivity }: Attended, tokens: readonly TextToken[]): AttentionAgreement | undefined {
  if (!average || !sensitivity || tokens.length === 0) return undefined;
  const own = tokens.flatMap(({ special }, i) => (special ? [] : [i]));
  const received = own.map((key) => tokens.reduce((sum, _, query) => sum + average[query * tokens.length + key]!, 0));
  // The patch embedding has no prefix yet; behind a text stands padding where the model's file fixes its length.
  const before = Math.max(0, tokens.length - sensitivity.length);
  const correlation = rankCorrelation(received, own.map((i) => sensitivity[i - before]!));
  return { correlation: Number.isNaN(correlation) ? null : correlation, tokens: own.length, method: "input-x-gradient" };
}
