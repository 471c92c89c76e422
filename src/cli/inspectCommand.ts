/** @file `whylight inspect`: what a model file holds, and what can be done with it. */
import { modelFormats } from "../engine/importers/importedModel.js";
import type { ModelInput, ModelSummary } from "../protocol/api.js";
import { hasClasses, isTextTask } from "../protocol/tasks.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { sentenceOf } from "../protocol/preprocessText.js";
import { modelFactTexts } from "../protocol/modelFacts.js";
import type { Translate } from "./localize.js";
import { alignColumns, cut, type Terminal } from "./terminal.js";

const shownLabels = 10;

export interface InspectOptions {
  readonly json: boolean;
  /** The graph's text form instead of the summary. */
  readonly graph: boolean;
}

/** Prints the model's summary. Returns the exit code: 0, or 1 when an operator keeps the model from running. Throws what keeps it from being read. */
export async function runInspect(model: string, { json, graph }: InspectOptions, { out, translate }: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  if (graph) {
    out(await jobs.printModel(model));
    return 0;
  }
  const summary = await jobs.inspectModel(model);
  if (json) out(JSON.stringify(summary, undefined, 2));
  else for (const line of summaryLines(summary, translate)) out(line);
  return summary.unsupported.some(({ problem }) => problem === "run") ? 1 : 0;
}

function summaryLines(summary: ModelSummary, translate: Translate): string[] {
  const { labels, labelsOrigin, layers, defaultLayer, unsupported, interpreted, tokenizer } = summary;
  const isText = isTextTask(summary.task);
  const takesImage = summary.inputs.some(({ shape }) => shape.length === 4);
  const facts = alignColumns([
    [translate("Format"), [modelFormats[summary.format], ...(summary.opset === undefined ? [] : [`opset ${summary.opset}`]), ...(summary.producer === "" ? [] : [summary.producer])].join(", ")],
    ...(summary.architecture === undefined ? [] : [[translate("Architecture"), summary.architecture]]),
    [translate("Parameters"), summary.parameters.toLocaleString("en-US")],
    ...(summary.task === undefined ? [] : [[translate("Task"), summary.task]]),
    ...summary.inputs.map((input) => [translate("Input"), valueText(input)]),
    ...summary.outputs.map((output) => [translate("Output"), valueText(output)]),
    ...(summary.attentionLayers > 0 ? [[translate("Attention layers"), String(summary.attentionLayers)]] : []),
    [translate("Preprocessing"), takesImage ? `${sentenceOf(summary.preprocess)} (${translate(summary.preprocessOrigin)})` : translate("none")],
    ...(isText ? [[translate("Tokenizer"), tokenizer ? translate("{kind}, {vocabulary} tokens, texts of up to {longest} ({file})", { ...tokenizer, longest: tokenizer.longest ?? "?" }) : translate("none")]] : []),
    [translate("Labels"), labels ? `${labels.length} (${translate(labelsOrigin ?? "defaults")}): ${labels.slice(0, shownLabels).map((label) => cut(label, 24)).join(", ")}${labels.length > shownLabels ? ", …" : ""}` : translate("none")],
    ...(hasClasses(summary.task) ? [[translate("Probabilities"), translate(modelFactTexts[summary.activation])]] : []),
  ]);
  const layerRows = layers.map(({ name, op, shape }) => [name, op, `[${shape.join(", ")}]`, name === defaultLayer ? translate("taken by default") : ""]);
  const problems = { run: translate("cannot be run"), differentiate: translate("cannot be differentiated") };
  const isFirst = ({ op, reason }: ModelSummary["interpreted"][number], i: number) => interpreted.findIndex((other) => other.op === op && other.reason === reason) === i;
  const runtimesOf = (op: string, reason: string) => interpreted.filter((other) => other.op === op && other.reason === reason).map(({ runtime }) => runtime).join(", ");
  const interpretedRows = interpreted.filter(isFirst).map(({ op, reason }) => [op, runtimesOf(op, reason), reason]);
  return [
    summary.path, ...facts.map((line) => `  ${line}`),
    summary.task === "image-encoder" ? translate("Layers") : translate("Layers for Grad-CAM"), ...(layerRows.length > 0 ? alignColumns(layerRows) : [translate("none")]).map((line) => `  ${line}`),
    translate("Operators without support"),
    ...(unsupported.length > 0 ? alignColumns(unsupported.map(({ op, node, problem }) => [op, problems[problem], node])) : [translate("none")]).map((line) => `  ${line}`),
    ...(interpretedRows.length > 0 ? [translate("Operators that the interpreter runs"), ...alignColumns(interpretedRows).map((line) => `  ${line}`)] : []),
  ];
}

function valueText({ name, dtype, shape }: ModelInput): string {
  return `${name} ${dtype} [${shape.join(", ")}]`;
}
