/** @file Makes ready what attention is looked at: the model's graph at the size of one text or image, what to feed it, and what its tokens are called. */
import { attentionLayers, patchEmbedding, type AttentionSubject, type FoundLayers } from "../engine/attribution/attention/attentionLayers.js";
import type { Prepared } from "../engine/attribution/prepare.js";
import { specializeText } from "../engine/attribution/text/specializeText.js";
import { feedsOf, type TextModel } from "../engine/attribution/text/textModel.js";
import { attentionSites, type AttentionSite } from "../engine/attribution/attentionSites.js";
import { longestOf, readText } from "../engine/attribution/text/textWindows.js";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import { isFloat, type Tensor } from "../engine/ir/tensor.js";
import { fuseLayerNormalization } from "../engine/passes/fuseLayerNormalization.js";
import { specialize } from "../engine/passes/specialize.js";
import { inputSize } from "../engine/preprocess/defaults.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import type { Note, Prediction, Region, TargetSpec } from "../protocol/api.js";
import type { AttentionInput, AttentionRequest, AttentionSummary } from "../protocol/attention.js";
import type { TextToken } from "../protocol/text.js";
import { orWithPath, predictionNamer, readTarget, readTextJob } from "./explainText.js";
import type { JobContext, JobResources } from "./jobs.js";
import type { LoadedModel } from "./modelCache.js";
import { resolveTarget } from "./predictions.js";
import { readJob, type JobRequest } from "./runJob.js";

/** Enough for counting layers. */
const fewTokens = 8;

/** A model and an input whose attention can be computed. */
export interface ReadyAttention {
  readonly model: LoadedModel;
  readonly description: ModelDescription;
  readonly subject: AttentionSubject;
  readonly found: FoundLayers;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Names the subject among the programs of its model. */
  readonly key: string;
  readonly task: AttentionSummary["task"];
  /** A text's tokens; empty for images, whose tokens are known once it is clear what reads them. */
  readonly tokens: readonly TextToken[];
  /** The class meant. Throws `targetUnknown`. Whatever is given where the model gives no scores. */
  targetOf(target: TargetSpec): number | "predicted";
  /** A prediction with the name people know it by. */
  named(prediction: Prediction): Prediction;
  readonly region: Region | undefined;
  readonly notes: readonly Note[];
  readonly load: number;
}

/** Reads model and input. Throws `attentionMissing` for models without attention, and what reading texts and images throws. */
export async function readAttention(resources: JobResources, { model, input, runtime }: Pick<AttentionRequest, "model" | "input" | "runtime">, context: JobContext): Promise<ReadyAttention> {
  const ready = input.kind === "text" ? await readTextSubject(resources, { model, runtime }, input, context) : await readImageSubject(resources, { model, input: input.path, runtime }, context);
  if (ready.found.layers.length === 0) throw new WhylightError("attentionMissing", { path: model });
  return ready;
}

async function readImageSubject(resources: JobResources, request: JobRequest, context: JobContext): Promise<ReadyAttention> {
  checkTakesImages(await resources.models.look(request.model), request);
  const { model, description, input, notes, load } = await readJob(resources, request, context, { isScored: false });
  const { graph, logits } = scoredGraph(model, input.tensor.shape) ?? { graph: encoderGraph(model, input.tensor.shape), logits: undefined };
  const image = model.imageInput;
  const found = attentionLayers({ graph, image, tokens: undefined });
  const grid = found.layers[found.common[0] ?? -1]?.layout.grid;
  const embedding = grid && patchEmbedding({ graph, image }, grid);
  return {
    model, description, subject: { graph, logits, score: "logit", embedding, image, tokens: undefined }, found, feeds: { [image]: input.tensor }, key: input.tensor.shape.join("x"),
    task: logits === undefined ? "image-encoder" : "image-classification", tokens: [], region: input.region, load,
    targetOf: (target) => (logits === undefined ? "predicted" : resolveTarget(target, description.labels, model.classifier().classes)), named: (prediction) => prediction,
    notes: logits === undefined ? notes.filter(({ code }) => !code.startsWith("labels")) : notes,
  };
}

/** A model for texts says that it takes no images, rather than that the image has the wrong shape. */
function checkTakesImages(model: LoadedModel, request: JobRequest): void {
  if (model.inputs.every(({ shape }) => shape.length !== 4)) orWithPath(request, () => model.classifier());
}

/** The attention layers of a model, at its own input size or for a short text. */
export function attentionSitesOf(model: LoadedModel, text: TextModel | undefined, fit: Prepared | undefined): readonly AttentionSite[] {
  if (text) {
    const tokens = Math.min(fewTokens, text.fixed ?? fewTokens, text.longest ?? fewTokens);
    return attentionSites(text.scores === undefined ? specializeText(text, 1, tokens) : model.preparedText(tokens).graph);
  }
  if (fit) return attentionSites(fit.graph);
  if (!model.image) return [];
  const [height, width] = inputSize(model.image);
  return attentionSites(encoderGraph(model, model.image.layout === "NCHW" ? [1, model.image.channels, height, width] : [1, height, width, model.image.channels]));
}

/** A classifier's graph; `undefined` for models that give no scores. */
function scoredGraph(model: LoadedModel, shape: readonly number[]): { readonly graph: Graph; readonly logits: string } | undefined {
  try {
    return { graph: model.prepared(shape).graph, logits: model.classifier().logits };
  } catch (thrown) {
    if (toWhylightError(thrown).code !== "modelUnsuitable") throw thrown;
    return undefined;
  }
}

function encoderGraph({ imported: { graph }, imageInput }: LoadedModel, shape: readonly number[]): Graph {
  const others = graph.inputs.filter((name) => name !== imageInput);
  if (others.length > 0) throw new WhylightError("modelUnsuitable", { reason: `besides the image it takes ${others.map((name) => `"${name}"`).join(", ")}` });
  const outputs = graph.outputs.filter((name) => { const type = graph.types.get(name); return type !== undefined && isFloat(type.dtype); });
  return fuseLayerNormalization(specialize({ ...graph, outputs }, { [imageInput]: shape }));
}

async function readTextSubject(resources: JobResources, { model: path, runtime }: Pick<AttentionRequest, "model" | "runtime">, input: Extract<AttentionInput, { kind: "text" }>, context: JobContext): Promise<ReadyAttention> {
  const ready = await readTextJob(resources, { model: path, runtime, tokens: input.tokens }, context);
  const { model, text, tokenizer, description, notes, load } = ready;
  context.onProgress?.("preparing", 0, 1);
  const reading = readText(tokenizer, input, longestOf(tokenizer, text), text.task);
  const { tokens } = reading.windows[0]!;
  const prepared = text.scores === undefined ? undefined : model.preparedText(tokens.length);
  const graph = prepared?.graph ?? specializeText(text, 1, tokens.length);
  const subject: AttentionSubject = { graph, logits: prepared?.scores, score: "logit", embedding: prepared?.sites.embeddings, image: undefined, tokens: tokens.length };
  return {
    model, description, subject, found: attentionLayers(subject), feeds: orWithPath({ model: path }, () => feedsOf(text, [tokens])), key: String(tokens.length), task: text.task, region: undefined, load,
    tokens: tokens.map(({ token, id, special, part, start, end }) => ({ token, id, special, part, start, end })),
    // Attention over several windows cannot be put together, so the first is read: that of classifiers holds the text's beginning.
    notes: [...(text.task === "text-classification" ? notes : []), ...reading.notes.map(({ code, data }): Note => ({ code: code === "textTruncated" ? code : "textEndUnread", data: { tokens: data["tokens"]!, longest: data["longest"]!, kept: tokens.length } }))],
    targetOf: (target) => (prepared ? readTarget({ target, score: "logit" }, ready).index : "predicted"), named: predictionNamer(ready),
  };
}
