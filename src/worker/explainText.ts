/** @file One explanation of a text, and the classes of one. */
import { attributeText, predictText, type ReadTextJob } from "../engine/attribution/text/attributeText.js";
import type { TextModel } from "../engine/attribution/text/textModel.js";
import { longestOf } from "../engine/attribution/text/textWindows.js";
import type { Target } from "../engine/attribution/target.js";
import { probabilities } from "../engine/attribution/probabilities.js";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import { givenTokens } from "../engine/text/givenTokens.js";
import type { Tokenizer } from "../engine/text/tokenizer.js";
import type { Note, Prediction, PredictResult, TargetSpec } from "../protocol/api.js";
import type { TextExplainRequest, TextExplanation, TextPredictRequest, TokenIds } from "../protocol/text.js";
import type { JobContext, JobResources } from "./jobs.js";
import { batchMemory } from "./memory.js";
import type { LoadedModel } from "./modelCache.js";
import { quietly } from "./quietly.js";
import { predictionOf, resolveTarget, targetOf, topPredictions } from "./predictions.js";
import { checkNumbers, computeOn, runNotes, modelFacts, runtimeUsed, withPath } from "./runJob.js";

const shownPredictions = 5;

/** Explains one text by one method. The model's path is absolute. */
export async function explainText(resources: JobResources, request: TextExplainRequest, context: JobContext): Promise<TextExplanation> {
  const ready = await readTextJob(resources, request, context);
  const { model, text, description, notes, load } = ready;
  const { task } = text;
  if (task === "text-encoder") throw withPath(new WhylightError("modelUnsuitable", { reason: text.without }), request);
  const target = readTarget(request, ready);
  const { outcome, ...times } = await computeOn(resources, model, request, context, (job) => attributeText({
    ...textJob(ready, request), ...job, method: request.method, target, parameters: request.parameters,
    report: (done, total) => context.onProgress?.("computing", done, total),
  }));
  const { result, runtime } = outcome;
  const { logits } = result;
  checkNumbers(logits, runtime);
  checkNumbers(result.tokens.map(({ raw }) => raw), runtime, "the gradients for this text");
  const named = predictionNamer(ready);
  const shares = probabilities(logits, description.activation);
  const of = (index: number) => named(predictionOf(logits, shares, description.labels, index));
  return {
    text: request.text, pair: request.pair, model: modelFacts(model, description), runtime: runtimeUsed(outcome), task, method: request.method, parameters: result.parameters, score: request.score,
    target: of(result.target.index), versus: result.target.versus === undefined ? undefined : of(result.target.versus),
    predictions: topPredictions(logits, description, shownPredictions).map(named), classCount: logits.length,
    tokens: result.tokens.map(({ token, id, part, start, end, special, raw, attribution }) => ({ token, id, part, start, end, special, raw, attribution })),
    words: result.words.map(({ text: word, part, start, end, from, to, raw, attribution }) => ({ text: word, part, start, end, from, to, raw, attribution })),
    attribution: result.attribution, windows: result.windows.map(({ start, end }) => ({ part: 0, start, end })), completeness: result.completeness ?? null, facts: result.facts, evaluations: result.evaluations,
    notes: [...notes, ...runNotes(outcome), ...result.remarks], ms: { load, ...times, draw: 0 },
  };
}

/** The classes of one text, or the tokens that may follow it. The model's path is absolute. */
export async function predictTextInput(resources: JobResources, request: TextPredictRequest, context: JobContext): Promise<PredictResult> {
  const ready = await readTextJob(resources, request, context);
  const { model, text, description, notes, load } = ready;
  if (text.task === "text-encoder") throw withPath(new WhylightError("modelUnsuitable", { reason: text.without }), request);
  const { outcome, ...times } = await computeOn(resources, model, request, context, (job) => predictText({ ...textJob(ready, request), ...job }));
  const { logits, reading } = outcome.result;
  checkNumbers(logits, outcome.runtime);
  return {
    model: modelFacts(model, description), runtime: runtimeUsed(outcome), input: request.text, predictions: topPredictions(logits, description, request.top).map(predictionNamer(ready)),
    classCount: logits.length, notes: [...notes, ...reading.notes, ...runNotes(outcome)], ms: { load, ...times, draw: 0 },
  };
}

/** A text model and its tokenizer, read and made fit for each other. */
export interface ReadyTextJob {
  readonly model: LoadedModel;
  readonly text: TextModel;
  readonly tokenizer: Tokenizer;
  readonly description: ModelDescription;
  readonly notes: readonly Note[];
  readonly load: number;
}

/** Reads model and tokenizer, and opens the runtime meanwhile. Throws what makes them unfit for text. */
export async function readTextJob({ models, runtimes }: JobResources, request: Pick<TextExplainRequest, "model" | "runtime" | "tokens">, context: JobContext): Promise<ReadyTextJob> {
  const start = performance.now();
  context.onProgress?.("reading", 0, 1);
  const opening = runtimes.open(request.runtime === "auto" ? "onnxruntime" : request.runtime).catch(() => {});
  const model = await models.load(request.model);
  const text = orWithPath(request, () => model.text());
  const tokenizer = request.tokens ? tokenizerGiven(model, text, request.tokens) : model.tokenizer().tokenizer;
  const { description, notes } = model.describe();
  await opening;
  return { model, text, tokenizer, description, notes, load: performance.now() - start };
}

/** Tokens need no tokenizer; the model's own, where there is one, tells what they are called. They are read in one window, since nobody knows which of them belong around each. */
function tokenizerGiven(model: LoadedModel, text: TextModel, { ids, types }: TokenIds): Tokenizer {
  const own = quietly(() => model.tokenizer().tokenizer);
  const made = givenTokens(ids, types, own);
  const longest = longestOf(made, text);
  const unknown = ids.find((id) => id >= (text.rows ?? Infinity));
  if (unknown !== undefined) throw new WhylightError("textInvalid", { reason: `it has a token with the id ${unknown}, and the model has ${text.rows} tokens` });
  if (ids.length > longest) throw new WhylightError("textInvalid", { reason: `it has ${ids.length} tokens, and the model takes ${longest}` });
  return made;
}

/** What the action throws, with the model's path. */
export function orWithPath<Result>(request: { readonly model: string }, action: () => Result): Result {
  try {
    return action();
  } catch (thrown) {
    throw withPath(toWhylightError(thrown), request);
  }
}

function textJob({ model, text, tokenizer }: ReadyTextJob, { text: words, pair }: { readonly text: string; readonly pair?: string | undefined }): Omit<ReadTextJob, "compile"> {
  return { model: text, tokenizer, text: words, pair, prepared: (tokens) => model.preparedText(tokens), memory: batchMemory(model.programs.held()) };
}

/** The classes meant: by index or label; of a language model a token, by id or spelling. Throws `targetUnknown`. */
export function readTarget(request: Pick<TextExplainRequest, "target" | "versus" | "score">, { text, description, tokenizer }: ReadyTextJob): Target {
  return targetOf(request, description, (spec) => resolveTarget(text.task === "next-token" ? tokenMeant(tokenizer, spec) : spec, description.labels, text.classes));
}

/** A token's id by its spelling in the vocabulary, or by the text that it alone stands for, as it would follow other words or begin a text. */
function tokenMeant(tokenizer: Tokenizer, spec: TargetSpec): TargetSpec {
  if (typeof spec === "number" || spec === "predicted") return spec;
  const known = tokenizer.idOf(spec);
  if (known !== undefined) return known;
  const written = [` ${spec}`, spec].map((text) => tokenizer.tokenize(text)).find((tokens) => tokens.length === 1);
  return written?.[0]?.id ?? spec;
}

/** Classes of a language model are named by their tokens. */
export function predictionNamer({ text, tokenizer }: ReadyTextJob): (prediction: Prediction) => Prediction {
  if (text.task !== "next-token") return (prediction) => prediction;
  return (prediction) => {
    const token = tokenizer.tokenOf(prediction.index);
    return token === undefined ? prediction : { ...prediction, label: tokenizer.display(token) };
  };
}
