/** @file The options of `whylight compare`. */
import { Option, type Command } from "commander";
import type { DrawStyle } from "../drawing/style.js";
import { WhylightError } from "../engine/errors.js";
import { methodIds, type LayerSpec, type RuntimeChoice, type Score, type TargetSpec } from "../protocol/api.js";
import { comparisonKinds, defaultTiles, tileRequest, type ComparisonKind, type TileRequest } from "../protocol/comparison.js";
import { addDrawingOptions, drawingChoices, type DrawingFlags } from "./drawingOptions.js";
import { parseTarget } from "./parameters.js";

export interface CompareOptions {
  readonly kind: ComparisonKind;
  readonly tiles: readonly TileRequest[];
  readonly target: TargetSpec;
  readonly versus: TargetSpec | undefined;
  readonly layer: LayerSpec;
  readonly score: Score;
  readonly runtime: RuntimeChoice;
  /** Whether equal colours mean equal raw values. */
  readonly scale: "own" | "shared";
  readonly drawing: Partial<DrawStyle>;
  readonly out: string;
  readonly html: boolean;
  readonly json: boolean;
}

export interface CompareFlags extends DrawingFlags, Partial<Record<ComparisonKind, string>> {
  target: string;
  versus?: string;
  layer?: string;
  score: Score;
  runtime: RuntimeChoice;
  oneScale?: boolean;
  ownScales?: boolean;
  out: string;
  html?: boolean;
  json?: boolean;
}

/** Adds the options; `runtime` is shared with the other commands. */
export function addCompareOptions(command: Command, runtime: Option): Command {
  command
    .addOption(new Option("--methods <id,...>", `compare some of ${methodIds.join(", ")}; ${defaultTiles.methods.join(", ")} when nothing else is compared`).conflicts(["baselines", "samples"]))
    .addOption(new Option("--baselines <name,...>", "compare Integrated Gradients from baselines: black, white, random, blur, mean, or image files; also draws their average and where they disagree").conflicts("samples"))
    .option("--samples <n,...>", "compare SmoothGrad with these numbers of samples, of one seed, and say how the map changes")
    .option("--target <class>", "the class to explain: predicted, an index from 0, or a label", "predicted")
    .option("--versus <class>", "explain why the target rather than this class: an index, a label, or runner-up")
    .option("--layer <name>", "the layer of the CAM family (see inspect); chosen by itself when left out")
    .addOption(new Option("--score <kind>", "what is differentiated").choices(["logit", "probability"]).default("logit"))
    .addOption(runtime)
    .addOption(new Option("--one-scale", "equal colours mean equal raw values; so it is for baselines and samples when left out").conflicts("ownScales"))
    .option("--own-scales", "each map is drawn on its own scale; so it is for methods when left out");
  return addDrawingOptions(command)
    .option("--out <dir>", "where STEM.comparison.png (all maps on one sheet), STEM.MAP.png, STEM.MAP.safetensors and comparison.json go", "whylight-out")
    .option("--html", "also write index.html, one page with every picture and table in it")
    .option("--json", "print one JSON document on standard output, everything else on standard error");
}

/** What was asked for. Throws `methodUnknown` and `parameterInvalid`. */
export function compareOptions({ target, versus, layer, score, runtime, oneScale, ownScales, out, html = false, json = false, ...rest }: CompareFlags): CompareOptions {
  const { kind, tiles } = parseTiles(rest);
  const drawing = drawingChoices(rest);
  const isShared = oneScale ?? (!ownScales && (kind !== "methods" || typeof drawing.scale === "object"));
  return { kind, tiles, target: parseTarget(target), versus: versus === undefined ? undefined : parseTarget(versus), layer, score, runtime, scale: isShared ? "shared" : "own", drawing, out, html, json };
}

/** What is compared. More and more samples go up, whatever order they were given in. */
function parseTiles(given: Readonly<Partial<Record<ComparisonKind, string>>>): Pick<CompareOptions, "kind" | "tiles"> {
  const kind = comparisonKinds.find((one) => given[one] !== undefined) ?? "methods";
  const ids = given[kind]?.split(",").map((id) => id.trim()).filter((id) => id !== "") ?? defaultTiles[kind];
  const tiles = [...new Set(ids)].map((id) => tileRequest(kind, id) ?? unknownTile(kind, id));
  if (tiles.length === 0) throw new WhylightError("parameterInvalid", { parameter: `--${kind}`, reason: "it names nothing to compare" });
  return { kind, tiles: kind === "samples" ? tiles.toSorted((a, b) => Number(a.id) - Number(b.id)) : tiles };
}

function unknownTile(kind: ComparisonKind, id: string): never {
  if (kind === "methods") throw new WhylightError("methodUnknown", { method: id, methods: methodIds.join(", ") });
  throw new WhylightError("parameterInvalid", { parameter: `--${kind}`, reason: `${id} is no number of samples` });
}
