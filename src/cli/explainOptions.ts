/** @file The options of `whylight explain`. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { DrawStyle } from "../drawing/style.js";
import { textMethodIds, textScales, type TextScale } from "../protocol/text.js";
import { methodIds, referenceModes, type LayerSpec, type MethodId, type ParameterValue, type ReferenceMode, type RuntimeChoice, type Score, type TargetSpec } from "../protocol/api.js";
import { addDrawingOptions, drawingChoices, type DrawingFlags } from "./drawingOptions.js";
import { parseMethods, parseParameters, parseTarget } from "./parameters.js";

export interface ExplainOptions {
  readonly methods: readonly MethodId[];
  readonly target: TargetSpec;
  readonly versus: TargetSpec | undefined;
  readonly layer: LayerSpec;
  readonly score: Score;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly as: ReferenceMode | undefined;
  readonly runtime: RuntimeChoice;
  /** What differs from the library's way of drawing, or from ours. */
  readonly drawing: Partial<DrawStyle>;
  readonly out: string;
  readonly formats: readonly OutputFormat[];
  readonly json: boolean;
}

/** What can be written: pictures, the raw numbers for safetensors and NumPy, and `index.html`, one page with every picture in it. */
export const outputFormats = ["png", "svg", "tensors", "npy", "html"] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface ExplainFlags extends DrawingFlags {
  text: string[];
  pair?: string;
  method?: string;
  target: string;
  versus?: string;
  layer: string[];
  score: Score;
  set: string[];
  as?: ReferenceMode;
  runtime: RuntimeChoice;
  out: string;
  format?: readonly OutputFormat[];
  textColors: TextScale;
  html?: boolean;
  json?: boolean;
}

/** For options that may be repeated. */
export const collect = (value: string, all: string[]): string[] => [...all, value];

/** Adds the options; `runtime` is shared with the other commands. */
export function addExplainOptions(command: Command, runtime: Option): Command {
  command
    .option("--text <text>", "a text to explain, or the name of a text file; may be repeated", collect, [])
    .option("--pair <text>", "the second text, for models that take two")
    .option("--method <id,...>", `for images one or more of ${methodIds.join(", ")} (grad-cam when left out); for texts of ${textMethodIds.join(", ")} (${textMethodIds[0]} when left out)`)
    .option("--target <class>", "the class to explain: predicted, an index from 0, or a label; of a language model a token", "predicted")
    .option("--versus <class>", "explain why the target rather than this class: an index, a label, or runner-up")
    .option("--layer <name>", "the layer of the CAM family (see inspect); chosen by itself when left out; may be repeated", collect, [])
    .addOption(new Option("--score <kind>", "what is differentiated").choices(["logit", "probability"]).default("logit"))
    .option("--set <key=value>", "a parameter of the method; @FILE#TENSOR takes a tensor; may be repeated", collect, [])
    .addOption(new Option("--as <library>", "take over that library's defaults, of the method and of drawing, where nothing is set").choices(referenceModes))
    .addOption(runtime);
  return addDrawingOptions(command)
    .option("--out <dir>", "where STEM.METHOD.png, STEM.METHOD.safetensors and result.json go", "whylight-out")
    .option("--format <kind,...>", `what is written: ${outputFormats.join(", ")}; png and tensors when left out; pictures have the image's full size; texts have tensors and html`, parseFormats)
    .addOption(new Option("--text-colors <scale>", "the colours of words on the page").choices(textScales).default("blue-orange"))
    .option("--html", "also write index.html, one page with everything in it")
    .option("--json", "print one JSON document on standard output, everything else on standard error");
}

/** What was asked for. Throws `methodUnknown` and `parameterInvalid`. */
export function explainOptions({ method = "grad-cam", target, versus, layer, score, set, as, runtime, out, format = ["png", "tensors"], html = false, json = false, ...drawing }: ExplainFlags): ExplainOptions {
  return {
    methods: parseMethods(method), target: parseTarget(target), versus: versus === undefined ? undefined : parseTarget(versus), layer: layer.length === 0 ? undefined : layer, score,
    parameters: parseParameters(set), as, runtime, drawing: drawingChoices(drawing), out, formats: html ? [...format, "html"] : format, json,
  };
}

function parseFormats(text: string): OutputFormat[] {
  return text.split(",").map((name) => {
    const known = outputFormats.find((id) => id === name.trim());
    if (!known) throw new InvalidArgumentError(`It must be among ${outputFormats.join(", ")}.`);
    return known;
  });
}
