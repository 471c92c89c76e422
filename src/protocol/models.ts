/** @file What is known of the models of a workspace, and of a model's layers, as it crosses to the worker and back. */
import type { ErrorCode, ErrorData } from "../engine/errors.js";
import type { ModelFormat } from "../engine/importers/importedModel.js";
import type { ImagePreview } from "./api.js";

/** A model found in the workspace, told by its name, its first bytes and the small files beside it. Its weights are not read. */
export interface ModelCard {
  /** The file that stands for the model: what every other call takes. */
  readonly path: string;
  /** What people call it: the file's name, or the folder's where the file is called like every other. */
  readonly title: string;
  readonly format: ModelFormat;
  /** What it can explain, as far as the files around it tell; `undefined` where they do not. */
  readonly purpose: "image" | "text" | undefined;
  /** The class or architecture that its config names. */
  readonly architecture: string | undefined;
  /** The bytes of all its files. */
  readonly bytes: number;
  /** Whether labels and preprocessing are stated anywhere; `undefined` where reading the small files does not tell. */
  readonly isDescribed: boolean | undefined;
  /** What makes it unreadable, where that shows at once. */
  readonly problem: { readonly code: ErrorCode; readonly data: ErrorData } | undefined;
}

export interface ThumbnailsRequest {
  readonly model: string;
  /** An image. */
  readonly input: string;
  /** The layers by name; all that `ModelSummary.layers` lists when empty. */
  readonly layers: readonly string[];
}

/** A layer's activation for one image: the mean over its channels, and its strongest channels, each on its own scale. */
export interface LayerThumbnail {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly mean: ImagePreview;
  readonly channels: readonly { readonly index: number; readonly picture: ImagePreview }[];
}

export interface ModelCalls {
  /** The models among these files: each once, whatever of its files is named. Paths that hold none are left out. */
  identifyModels(p: { readonly paths: readonly string[] }): readonly ModelCard[];
  /** The graph in its text form, one line per value. */
  printModel(p: { readonly model: string }): { readonly text: string };
  layerThumbnails(p: ThumbnailsRequest): readonly LayerThumbnail[];
}
