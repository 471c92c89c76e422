/** @file The options of `whylight debug`. */
import type { Command, Option } from "commander";
import { debugFormats, type DebugFormat } from "../protocol/debug.js";
import type { ParameterValue, RuntimeChoice, TargetSpec } from "../protocol/api.js";
import { collect } from "./explainOptions.js";
import { formatsAmong, parseParameters, parseTarget } from "./parameters.js";

export interface DebugOptions {
  /** The true class; found for each image where it is not given. */
  readonly label: TargetSpec | undefined;
  readonly labels: string | undefined;
  readonly expected: TargetSpec | undefined;
  readonly among: string | undefined;
  readonly integrated: Readonly<Record<string, ParameterValue>>;
  /** `undefined` writes nothing, which only the text allows. */
  readonly out: string | undefined;
  readonly formats: readonly DebugFormat[];
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
}

export interface DebugFlags {
  true?: string;
  labels?: string;
  expected?: string;
  among?: string;
  set: string[];
  out?: string;
  format?: readonly DebugFormat[];
  runtime: RuntimeChoice;
  json?: boolean;
}

const defaultFolder = "whylight-out";

/** Adds the options; `runtime` is shared with the other commands. */
export function addDebugOptions(command: Command, runtime: Option): Command {
  return command
    .option("--true <class>", "the true class, an index or a label; found by --labels, the folder's name, a labels file beside the image, or its own name when left out")
    .option("--labels <file>", "a CSV or JSON file of labels")
    .option("--expected <class>", "what you expected the model to say, where that is not the true class")
    .option("--among <folder>", "also find the nearest labelled files there: an audit's folder, or a folder with a folder per class")
    .option("--set <key=value>", "a parameter of Integrated Gradients; may be repeated", collect, [])
    .addOption(runtime)
    .option("--out <dir>", `where STEM.debug.html and the others go; ${defaultFolder} when left out, unless only text is asked for`)
    .option("--format <kind,...>", `what is written: ${debugFormats.join(", ")}; html and json when left out; text is also printed`, formatsAmong(debugFormats))
    .option("--json", "print one JSON document on standard output, everything else on standard error");
}

/** What was asked for. Throws `parameterInvalid`. */
export function debugOptions({ true: label, labels, expected, among, set, out, format = ["html", "json"], runtime, json = false }: DebugFlags): DebugOptions {
  const isTextAlone = format.every((kind) => kind === "text");
  return {
    label: label === undefined ? undefined : parseTarget(label), labels, expected: expected === undefined ? undefined : parseTarget(expected), among, integrated: parseParameters(set),
    out: out ?? (isTextAlone ? undefined : defaultFolder), formats: format, runtime, json,
  };
}
