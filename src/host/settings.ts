/** @file The settings, typed. */
import * as vscode from "vscode";
import type { MethodId, RuntimeChoice } from "../protocol/api.js";
import { textMethodIds, type TextMethodId } from "../protocol/text.js";
import { textScales, type TextScale } from "../protocol/text.js";
import { textUnitKinds, type TextUnitKind } from "./text/textUnits.js";

export interface Settings {
  readonly runtime: RuntimeChoice;
  readonly method: MethodId;
  readonly colormap: string;
  readonly opacity: number;
  /** Paths of models, from the workspace folder, used while nobody chose one; empty for none. */
  readonly model: string;
  readonly textModel: string;
  readonly textMethod: TextMethodId;
  readonly textUnit: TextUnitKind;
  readonly textScale: TextScale;
  readonly nodePath: string;
  readonly memoryMb: number;
  readonly idleMinutes: number;
  readonly tensorflowPath: string;
  /** The graphics cards that TensorFlow may use, as `CUDA_VISIBLE_DEVICES` names them; empty leaves it to the environment. */
  readonly tensorflowCards: string;
  /** The hub that models are loaded from: a web address without a slash at its end. */
  readonly hubEndpoint: string;
  /** Megabytes of results kept on disk; 0 keeps none. */
  readonly cacheMb: number;
}

/** The settings as they stand, for a resource where one is given. Defaults live in the manifest, which makes every value present. */
export function readSettings(scope?: vscode.Uri): Settings {
  const stored = vscode.workspace.getConfiguration("whylight", scope ?? null);
  return {
    runtime: stored.get<RuntimeChoice>("runtime", "auto"),
    method: stored.get<MethodId>("method", "grad-cam"),
    colormap: stored.get<string>("colormap", "viridis"),
    opacity: Math.min(1, Math.max(0, stored.get<number>("opacity", 0.5))),
    model: stored.get<string>("model", "").trim(),
    textModel: stored.get<string>("textModel", "").trim(),
    textMethod: oneOf(textMethodIds, stored.get("text.method")),
    textUnit: oneOf(textUnitKinds, stored.get("text.unit")),
    textScale: oneOf(textScales, stored.get("text.scale")),
    nodePath: stored.get<string>("worker.nodePath", "").trim(),
    memoryMb: stored.get<number>("worker.memoryMb", 4096),
    idleMinutes: stored.get<number>("worker.idleMinutes", 10),
    cacheMb: Math.max(0, stored.get<number>("cache.sizeMb", 500)),
    hubEndpoint: stored.get<string>("hub.endpoint", "").trim().replace(/\/+$/, "") || "https://huggingface.co",
    tensorflowCards: stored.get<string>("tensorflow.graphicsCards", "").trim(),
    tensorflowPath: stored.get<string>("tensorflow.path", "").trim(),
  };
}

/** The value where it is one of those known, else the first of them: a setting may hold anything. */
function oneOf<Known extends string>(known: readonly [Known, ...Known[]], value: unknown): Known {
  return known.find((one) => one === value) ?? known[0];
}
