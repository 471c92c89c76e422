/** @file The options of `whylight attention`. */
import { InvalidArgumentError, Option, type Command } from "commander";
import type { RuntimeChoice, TargetSpec } from "../protocol/api.js";
import { collect } from "./explainOptions.js";
import { parseTarget } from "./parameters.js";

/** What is made of all layers. */
export const attentionMaps = ["average", "rollout", "relevance"] as const;
export type AttentionMap = (typeof attentionMaps)[number];

/** What can be written. `json` is the drawn matrix with its tokens. */
export const attentionFormats = ["tensors", "svg", "png", "json"] as const;
export type AttentionFormat = (typeof attentionFormats)[number];

/** One layer, counted from 0 or back from -1, and one head of it or the mean of all. */
export interface LayerChoice {
  readonly layer: number;
  readonly head: number | "mean";
}

export interface AttentionOptions {
  readonly pair: string | undefined;
  readonly target: TargetSpec;
  readonly shown: AttentionMap | LayerChoice;
  readonly hidesSpecial: boolean;
  readonly theme: "light" | "dark";
  readonly runtime: RuntimeChoice;
  readonly out: string;
  readonly formats: readonly AttentionFormat[];
  readonly json: boolean;
}

export interface AttentionFlags {
  text: string[];
  pair?: string;
  target: string;
  map?: AttentionMap;
  layer?: number;
  head?: number | "mean";
  hideSpecial?: boolean;
  theme: "light" | "dark";
  runtime: RuntimeChoice;
  out: string;
  format: readonly AttentionFormat[];
  json?: boolean;
}

/** Adds the options; `runtime` is shared with the other commands. */
export function addAttentionOptions(command: Command, runtime: Option): Command {
  return command
    .option("--text <text>", "a text to look at, or the name of a text file; may be repeated", collect, [])
    .option("--pair <text>", "the second text, for models that take two")
    .option("--target <class>", "the class that relevance is about: predicted, an index from 0, or a label; of a language model a token", "predicted")
    .addOption(new Option("--map <kind>", "what is drawn and told of all layers together: their average, rollout, or relevance for the target; average when left out").choices(attentionMaps).conflicts(["layer", "head"]))
    .option("--layer <n>", "draw and tell of one layer instead: from 0, or -1 for the last", parseWhole)
    .option("--head <n>", "one head of that layer (of the last one when --layer is left out): from 0, or -1 for the last; mean takes the mean of all, which is the default", parseHead)
    .option("--hide-special", "leave special tokens out of what is drawn and told, and let the other weights of a row sum to 1")
    .addOption(new Option("--theme <name>", "the ground of pictures").choices(["light", "dark"]).default("light"))
    .addOption(runtime)
    .option("--out <dir>", "where STEM.attention.safetensors, the pictures and result.json go", "whylight-out")
    .option("--format <kind,...>", `what is written: ${attentionFormats.join(", ")}`, parseFormats, ["tensors", "svg", "png"])
    .option("--json", "print one JSON document on standard output, everything else on standard error");
}

export function attentionOptions({ pair, target, map, layer, head, hideSpecial = false, theme, runtime, out, format, json = false }: AttentionFlags): AttentionOptions {
  const shown = layer === undefined && head === undefined ? (map ?? "average") : { layer: layer ?? -1, head: head ?? "mean" };
  return { pair, target: parseTarget(target), shown, hidesSpecial: hideSpecial, theme, runtime, out, formats: format, json };
}

function parseWhole(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

const parseHead = (text: string) => (text === "mean" ? text : parseWhole(text));

function parseFormats(text: string): AttentionFormat[] {
  return text.split(",").map((name) => attentionFormats.find((id) => id === name.trim()) ?? unknownFormat());
}

function unknownFormat(): never {
  throw new InvalidArgumentError(`It must be among ${attentionFormats.join(", ")}.`);
}
