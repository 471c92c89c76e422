/** @file What is known of the models of a workspace, and of a model's layers, as it crosses to the worker and back. */
import type { ErrorCode, ErrorData } from "../engine/errors.js";
import type { ModelFormat } from "../engine/importers/importedModel.js";
import type { ModelDescription } from "../engine/preprocess/description.js";
import type { ImagePreview, Note, RuntimeChoice } from "./api.js";

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
  readonly runtime: RuntimeChoice;
}

/** A grid of activations as a small picture, and the values at the ends of its scale. */
export interface ActivationPicture {
  readonly picture: ImagePreview;
  readonly range: readonly [low: number, high: number];
}

/** A layer's activation for one image: the mean over its channels, and its strongest channels (largest mean magnitude first), each on its own scale. */
export interface LayerThumbnail {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly mean: ActivationPicture;
  readonly channels: readonly (ActivationPicture & { readonly index: number })[];
}

/** The sidecar file of a model, as it is and as it would be, and what holds without it. */
export interface DescriptionFile {
  /** Where it lies, or would. */
  readonly file: string;
  /** What it holds now; `undefined` where there is none. */
  readonly text: string | undefined;
  /** What is known of the model, from wherever; `undefined` where the files that tell it are wrong. */
  readonly description: ModelDescription | undefined;
  /** What is wrong with them. */
  readonly problem: { readonly code: ErrorCode; readonly data: ErrorData } | undefined;
  /** What is missing. */
  readonly notes: readonly Note[];
  /** How many classes labels could name; `undefined` where none could, or nobody knows. */
  readonly classes: number | undefined;
  /** The channels of the model's image input; `undefined` where it takes no image. */
  readonly channels: number | undefined;
}

export interface ModelCalls {
  /** The models among these files: each once, whatever of its files is named. Paths that hold none are left out; a folder stands for the model in it. */
  identifyModels(p: { readonly paths: readonly string[] }): readonly ModelCard[];
  /** The graph in its text form, one line per value. */
  printModel(p: { readonly model: string }): { readonly text: string };
  /** Progress events carry the thumbnails as they are made. Throws `layerUnknown` and what `explain` throws. */
  layerThumbnails(p: ThumbnailsRequest): readonly LayerThumbnail[];
  readDescription(p: { readonly model: string }): DescriptionFile;
  /** Reads `text` as the model's sidecar file would be. Throws `descriptionInvalid`. */
  checkDescription(p: { readonly model: string; readonly text: string }): { readonly notes: readonly Note[] };
  /** The class names in a file, one per line. Throws `labelsInvalid`. */
  readLabels(p: { readonly path: string }): { readonly labels: readonly string[] };
}
