/** @file Which models are for texts and which for images. Knows nothing of VS Code. */
import type { ModelCard } from "../protocol/models.js";

/** What a model explains. */
export type ModelKind = NonNullable<ModelCard["purpose"]>;

/** The models of a kind. Where no model is for images by its surroundings, any may be; one that nothing speaks for is never for texts. */
export function modelsOfKind<Model extends Pick<ModelCard, "purpose">>(models: readonly Model[], kind: ModelKind): readonly Model[] {
  if (kind === "text") return models.filter(({ purpose }) => purpose === "text");
  const fitting = models.filter(({ purpose }) => purpose !== "text");
  return fitting.length === 0 ? models : fitting;
}

/** Those that nothing speaks against; all where that would leave none, so that people hear what is wrong. */
export function readableModels<Model extends Pick<ModelCard, "problem">>(models: readonly Model[]): readonly Model[] {
  const readable = models.filter(({ problem }) => problem === undefined);
  return readable.length === 0 ? models : readable;
}
