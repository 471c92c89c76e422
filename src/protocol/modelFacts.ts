/** @file What is told of a model: its facts as names and values, for lists, hovers and pages alike. */
import { modelFormats } from "../engine/importers/importedModel.js";
import type { Origin } from "../engine/preprocess/description.js";
import type { ModelInput, ModelSummary } from "./api.js";
import { bytesText } from "./bytesText.js";
import type { ModelCard } from "./models.js";
import { sentenceOf } from "./preprocessText.js";
import type { Translate } from "./reportTexts.js";
import { hasClasses, isTextTask } from "./tasks.js";

export const modelFactTexts = {
  format: "Format", architecture: "Architecture", size: "Size", parameters: "Parameters", task: "Task", input: "Input", output: "Output", labels: "Labels", probabilities: "Probabilities", preprocessing: "Preprocessing", tokenizer: "Tokenizer",
  layers: "Layers", attention: "Attention layers", unsupported: "Cannot be run", underived: "Cannot be differentiated", interpreted: "Run by the interpreter",
  softmax: "softmax over the classes", sigmoid: "sigmoid of each class", none: "none", byDefault: "{preprocess} (by default)", from: "{value} (from {origin})", some: "{count}: {first}", more: "{count}: {first}, …", layerCount: "{count}, {layer} by default",
  tokens: "{kind}, {vocabulary} tokens", tokensUpTo: "{kind}, {vocabulary} tokens, texts of up to {longest}", opset: "opset {opset}",
  imageTask: "image classification", textTask: "text classification", nextTask: "next token", encodeTask: "text encoder", imageEncodeTask: "image encoder", forImages: "for images", forTexts: "for texts",
  sidecar: "the model's description", labelsFile: "the labels file", metadata: "the model's metadata", model: "the model's files",
} as const;

/** One thing that is known. */
export interface ModelFact {
  readonly id: "format" | "architecture" | "size" | "parameters" | "task" | "input" | "output" | "labels" | "probabilities" | "preprocessing" | "tokenizer" | "layers" | "attention" | "unsupported" | "underived" | "interpreted";
  readonly name: string;
  readonly value: string;
  /** Whether something is missing or wrong there, which people may mend. */
  readonly isLacking: boolean;
}

const shownLabels = 5;
const longestLabel = 24;
const tasks = { "image-classification": modelFactTexts.imageTask, "image-encoder": modelFactTexts.imageEncodeTask, "text-classification": modelFactTexts.textTask, "next-token": modelFactTexts.nextTask, "text-encoder": modelFactTexts.encodeTask } as const;
const origins: Readonly<Partial<Record<Origin, string>>> = { sidecar: modelFactTexts.sidecar, "labels file": modelFactTexts.labelsFile, metadata: modelFactTexts.metadata, model: modelFactTexts.model };

/** The facts that a summary holds, in the order people read them. `bytes` are those of the model's files. */
export function modelFacts(summary: ModelSummary, bytes: number | undefined, say: Translate): ModelFact[] {
  const { labels, labelsOrigin, layers, defaultLayer, unsupported, interpreted, tokenizer, task } = summary;
  const fact = (id: ModelFact["id"], value: string | undefined, isLacking = false): ModelFact[] => (value === undefined || value === "" ? [] : [{ id, name: say(modelFactTexts[id]), value, isLacking }]);
  const isText = isTextTask(task);
  const takesImage = summary.inputs.some(({ shape }) => shape.length === 4);
  const operators = (problem: "run" | "differentiate") => unsupported.filter((one) => one.problem === problem).map(({ op }) => op).join(", ");
  return [
    ...fact("format", [modelFormats[summary.format], ...(summary.opset === undefined ? [] : [say(modelFactTexts.opset, { opset: summary.opset })]), ...(summary.producer === "" ? [] : [summary.producer])].join(", ")),
    ...fact("architecture", summary.architecture),
    ...fact("size", bytes === undefined ? undefined : bytesText(bytes)),
    ...fact("parameters", summary.parameters.toLocaleString("en-US")),
    ...fact("task", task && say(tasks[task])),
    ...summary.inputs.flatMap((input) => fact("input", valueText(input))),
    ...summary.outputs.flatMap((output) => fact("output", valueText(output))),
    ...(labels || hasClasses(task) ? fact("labels", labels ? fromText(labelsText(labels, say), labelsOrigin, say) : say(modelFactTexts.none), !labels) : []),
    ...(hasClasses(task) ? fact("probabilities", say(modelFactTexts[summary.activation])) : []),
    ...(takesImage ? fact("preprocessing", preprocessingText(summary, say), summary.preprocessOrigin === "defaults") : []),
    ...(isText ? fact("tokenizer", tokenizer ? tokenizerText(tokenizer, say) : say(modelFactTexts.none), !tokenizer) : []),
    ...(layers.length > 0 ? fact("layers", defaultLayer === undefined ? String(layers.length) : say(modelFactTexts.layerCount, { count: layers.length, layer: defaultLayer })) : []),
    ...(summary.attentionLayers > 0 ? fact("attention", String(summary.attentionLayers)) : []),
    ...fact("unsupported", operators("run"), true),
    ...fact("underived", operators("differentiate"), true),
    ...fact("interpreted", [...new Set(interpreted.map(({ op }) => op))].join(", ")),
  ];
}

/** "input float32 [batch, 3, 224, 224]". */
export function valueText({ name, dtype, shape }: ModelInput): string {
  return `${name} ${dtype} [${shape.join(", ")}]`;
}

/** Where a fact was found, as people say it. */
export function originText(origin: Origin, say: Translate): string {
  return say(origins[origin] ?? origin);
}

/** What a card tells in a line beside the model's name: "safetensors · 440 MB · for texts · BertForSequenceClassification". */
export function cardText({ format, bytes, purpose, architecture }: ModelCard, say: Translate): string {
  const use = { image: modelFactTexts.forImages, text: modelFactTexts.forTexts };
  return [modelFormats[format], bytesText(bytes), ...(purpose === undefined ? [] : [say(use[purpose])]), ...(architecture === undefined ? [] : [architecture])].join(" · ");
}

function labelsText(labels: readonly string[], say: Translate): string {
  return say(labels.length > shownLabels ? modelFactTexts.more : modelFactTexts.some, { count: labels.length, first: labels.slice(0, shownLabels).map(shortened).join(", ") });
}

/** Names of classes may be whole sentences. */
function shortened(label: string): string {
  return label.length <= longestLabel ? label : `${label.slice(0, longestLabel - 1)}…`;
}

function fromText(value: string, origin: Origin | undefined, say: Translate): string {
  return origin === undefined ? value : say(modelFactTexts.from, { value, origin: originText(origin, say) });
}

function preprocessingText({ preprocess, preprocessOrigin }: ModelSummary, say: Translate): string {
  const text = sentenceOf(preprocess);
  return preprocessOrigin === "defaults" ? say(modelFactTexts.byDefault, { preprocess: text }) : fromText(text, preprocessOrigin, say);
}

function tokenizerText({ kind, vocabulary, longest }: NonNullable<ModelSummary["tokenizer"]>, say: Translate): string {
  return longest === undefined ? say(modelFactTexts.tokens, { kind, vocabulary }) : say(modelFactTexts.tokensUpTo, { kind, vocabulary, longest });
}
