/** @file What crosses between the page of a model and the host, and what the page keeps across reloads. */
import type { Preprocess } from "../engine/preprocess/description.js";
import type { ImagePreview, ModelSummary, PanelState, RuntimeChoice, FailureAction } from "./api.js";
import type { DescriptionFile, LayerThumbnail, ModelCard } from "./models.js";

/** What a form states of a model. What it leaves out stays as it is in the file. */
export interface StatedDescription {
  /** An empty list takes the labels out of the file. */
  readonly labels: readonly string[] | undefined;
  /** `crop: null` states that nothing is cropped. */
  readonly preprocess: (Omit<Preprocess, "crop" | "cropOffset" | "layout"> & { readonly crop: readonly [number, number] | null }) | undefined;
}

/** What the page shows, but for the thumbnails; sent whole at every change. */
export interface ModelPageState {
  readonly strings: Readonly<Record<string, string>>;
  readonly modelName: string;
  readonly path: string;
  readonly runtime: RuntimeChoice;
  readonly card: ModelCard | undefined;
  readonly summary: ModelSummary | undefined;
  readonly busy: PanelState["busy"];
  readonly failure: PanelState["failure"];
  readonly form: {
    readonly isOpen: boolean;
    /** What the file says and what holds without it; `undefined` until it was read. */
    readonly file: DescriptionFile | undefined;
    /** What is missing, or wrong with the file, in the reader's language. */
    readonly notes: readonly string[];
    /** Why what was stated last was not written. */
    readonly problem: string | undefined;
    /** The name of the file that was written last. */
    readonly saved: string | undefined;
    /** Labels out of a file that somebody chose; each choice has another number. */
    readonly chosenLabels: { readonly choice: number; readonly file: string; readonly labels: readonly string[] } | undefined;
  };
  /** The image whose activations are shown. */
  readonly image: { readonly path: string; readonly name: string; readonly preview: ImagePreview | undefined } | undefined;
  /** `run` tells the thumbnails of one image from those of the one before. */
  readonly thumbnails: { readonly run: number; readonly busy: PanelState["busy"]; readonly failure: string | undefined };
}

/** Page to host. */
export interface ModelPageApi {
  ready(p: Record<string, never>): ModelPageState;
  act(p: { readonly action: FailureAction["id"] }): void;
  /** Stops reading, or making thumbnails. */
  cancel(p: Record<string, never>): void;
  /** Takes the model for its folder. */
  use(p: Record<string, never>): void;
  showGraph(p: Record<string, never>): void;
  /** Asks which image's activations are to be shown. */
  chooseImage(p: Record<string, never>): void;
  openForm(p: { readonly isOpen: boolean }): void;
  /** Asks for a file of labels. */
  chooseLabels(p: Record<string, never>): void;
  /** Writes the sidecar file, where what is stated can be read. */
  describe(p: StatedDescription): void;
  /** Opens the sidecar file as text. */
  editFile(p: Record<string, never>): void;
}

/** Host to page. */
export interface ModelPageEvents {
  model: ModelPageState;
  thumbnails: { readonly run: number; readonly layers: readonly LayerThumbnail[] };
}

/** Written into the page, and stored by it. `model` is a URI as text, `image` a path. */
export interface ModelPageConfig {
  readonly page: "model";
  readonly model: string;
  readonly image: string | undefined;
  readonly isFormOpen: boolean;
}
export type ModelPageMemento = Omit<ModelPageConfig, "page">;

/** The subject of a stored page; `undefined` when what was stored is not one's, as after an update. */
export function readModelPageMemento(stored: unknown): ModelPageMemento | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { model, image, isFormOpen } = stored as Readonly<Record<keyof ModelPageMemento, unknown>>;
  return typeof model === "string" ? { model, image: typeof image === "string" ? image : undefined, isFormOpen: isFormOpen === true } : undefined;
}
