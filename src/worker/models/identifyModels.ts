/** @file Which of a workspace's files are models, told without reading a weight. */
import { WhylightError } from "../../engine/errors.js";
import type { ModelCard } from "../../protocol/models.js";

/** The models among these files, each once. */
export function identifyModels(_paths: readonly string[]): Promise<readonly ModelCard[]> {
  return Promise.reject(new WhylightError("internal", { reason: "not built yet" }));
}
