/** @file A misclassification report as it crosses processes: the maps of both classes, what was measured and tried, and what speaks for which cause. */
import type { Cause, Focus, Neighbour, Overlap, Quality, Sentence, VariantResult } from "../engine/debug/evidence.js";
import type { ParameterValue, PlainTensor } from "../engine/attribution/parameters.js";
import type { Explanation, FailureAction, ImagePreview, Note, PanelState, Phase, Prediction, Region, RuntimeChoice, RuntimeUsed, TargetSpec, Timings } from "./api.js";
import type { ErrorCode } from "../engine/errors.js";

export type { Area, Cause, CauseId, CauseStrength, Focus, Neighbour, Overlap, Place, Quality, QualityFlag, Sentence, VariantFamily, VariantResult } from "../engine/debug/evidence.js";

/** Where the true label came from. */
export type LabelSource = "given" | "folder" | "labels file" | "file name";

export interface DebugRequest {
  readonly model: string;
  /** An image file. */
  readonly input: string;
  /** The true class: an index or a label. */
  readonly label: TargetSpec;
  readonly labelFrom: LabelSource;
  /** What the person expected the model to say, where that is not the true class. */
  readonly expected?: TargetSpec | undefined;
  /** Labelled files to look for near ones in: the folder of an audit, or a folder with one folder per class. */
  readonly among?: string | undefined;
  /** Parameters of Integrated Gradients; what is left out has its own default, but the steps are chosen by themselves. */
  readonly integrated?: Readonly<Record<string, ParameterValue>> | undefined;
  readonly runtime: RuntimeChoice;
}

/** A class with its place among all: 1 is the likeliest. */
export interface RankedPrediction extends Prediction {
  readonly rank: number;
}

/** Which class a map is about; `contrast` is predicted rather than true (rather than the runner-up where the prediction is right; there are no maps of `true` then, and none of `contrast` where there is one class). */
export type MapSubject = "predicted" | "true" | "contrast";

/** One attribution of the report. The maps of one method for `predicted` and `true` are drawn on one scale, `ends`. */
export interface DebugMap {
  /** "grad-cam/predicted". */
  readonly id: string;
  readonly of: MapSubject;
  readonly explanation: Explanation;
  /** Raw values at the ends of the scale it shares. */
  readonly ends: readonly [low: number, high: number];
  readonly isSigned: boolean;
}

/** For transformers: a map over the patches. `rollout` is the same for every class. */
export interface DebugAttention {
  readonly kind: "rollout" | "relevance";
  readonly of: MapSubject | "any";
  /** `[rows, columns]` over `region`, summing to one. */
  readonly grid: PlainTensor;
}

export interface DebugReport {
  readonly version: 1;
  readonly model: Explanation["model"];
  readonly runtime: RuntimeUsed;
  readonly input: string;
  readonly labelFrom: LabelSource;
  readonly region: Region;
  readonly inputSize: readonly [height: number, width: number];
  readonly true: RankedPrediction;
  readonly predicted: RankedPrediction;
  readonly expected: RankedPrediction | undefined;
  readonly isMistake: boolean;
  /** Predicted less true. */
  readonly margin: { readonly probability: number; readonly logit: number };
  /** Of all probabilities, in nats, and as a share of the most there could be. */
  readonly entropy: { readonly nats: number; readonly share: number };
  /** The five likeliest classes. */
  readonly predictions: readonly Prediction[];
  readonly classCount: number;
  readonly maps: readonly DebugMap[];
  readonly attention: readonly DebugAttention[];
  /** Of the maps that `measuredOn` names. */
  readonly focus: { readonly predicted: Focus; readonly true: Focus };
  readonly overlap: Overlap;
  /** What was tried, in the order of the families. */
  readonly variants: readonly VariantResult[];
  readonly quality: Quality;
  /** Nearest labelled files, nearest first; `undefined` when none were searched. */
  readonly neighbours: { readonly folder: string; readonly searched: number; readonly found: readonly Neighbour[] } | undefined;
  /** Names of the classes that neighbours and variants speak of, by index. */
  readonly classNames: Readonly<Record<number, string>>;
  readonly verdict: Sentence;
  /** What was found, most telling first. */
  readonly findings: readonly Sentence[];
  /** The likely causes, most likely first. */
  readonly causes: readonly Cause[];
  /** The textbook's reading by its three thresholds (probability < 0.01, rank <= 5, else), two sentences. */
  readonly textbook: readonly Sentence[];
  readonly notes: readonly Note[];
  readonly ms: Timings;
}

/** Which maps focus, overlap and masks are measured on: the relevance of a transformer's patches, else Grad-CAM, else (without a layer on a grid) Integrated Gradients. */
export function measuredOn({ maps, attention }: Pick<DebugReport, "maps" | "attention">): "relevance" | "grad-cam" | "integrated-gradients" {
  if (attention.some(({ kind }) => kind === "relevance")) return "relevance";
  return maps[0]?.explanation.method === "grad-cam" ? "grad-cam" : "integrated-gradients";
}

/** What was found that no cause cites. */
export function otherFindings({ causes, findings }: Pick<DebugReport, "causes" | "findings">): readonly Sentence[] {
  const keyOf = ({ code, data }: Sentence) => JSON.stringify([code, data]);
  const cited = new Set(causes.flatMap(({ evidence }) => evidence).map(keyOf));
  return findings.filter((finding) => !cited.has(keyOf(finding)));
}

/** What a report can be saved as. `markdown` brings pictures beside it. */
export const debugFormats = ["html", "markdown", "json", "text"] as const;
export type DebugFormat = (typeof debugFormats)[number];

export interface DebugExportRequest {
  readonly report: DebugReport;
  readonly format: DebugFormat;
  /** The name without ending that files beside it are named after. */
  readonly name: string;
  /** Translations by their English source; English where one is missing. */
  readonly strings: Readonly<Record<string, string>>;
}

/** Files by their path relative to one folder, the main one first. */
export interface ExportedFiles {
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** The label that a file's surroundings tell, for the question that is asked before a report. */
export interface FoundLabel {
  readonly index: number;
  readonly label: string;
  readonly from: LabelSource;
}

/** What the page of a report shows; sent whole at every change. */
export interface DebugState {
  readonly strings: Readonly<Record<string, string>>;
  readonly modelName: string;
  readonly imageName: string;
  readonly image: ImagePreview | undefined;
  readonly report: DebugReport | undefined;
  readonly busy: { readonly phase: Phase; readonly done: number; readonly total: number; readonly text: string } | undefined;
  readonly failure: { readonly code: ErrorCode; readonly text: string; readonly actions: readonly FailureAction[] } | undefined;
  readonly notes: PanelState["notes"];
  /** Every class of the model, for choosing another true class; empty until known. */
  readonly labels: readonly string[];
}

/** Page to host. */
export interface DebugApi {
  ready(p: Record<string, never>): DebugState;
  /** Makes the report again with another true class, or another expected one. */
  relabel(p: { readonly label: number; readonly expected: number | undefined }): void;
  cancel(p: Record<string, never>): void;
  /** Opens one map in the explanation panel. */
  openMap(p: { readonly id: string }): void;
  /** Explains any class in the explanation panel. */
  explain(p: { readonly target: number }): void;
  /** Opens the report of a near file (by its name in `neighbours`), or the file itself. */
  openNeighbour(p: { readonly file: string; readonly as: "report" | "image" }): void;
  export(p: { readonly format: DebugFormat }): void;
  act(p: { readonly action: FailureAction["id"] }): void;
}

/** Host to page. */
export interface DebugEvents {
  debug: DebugState;
  /** Small pictures of near files, as they are made. */
  neighbour: { readonly file: string; readonly picture: ImagePreview };
}

/** Written into the page, and what it stores; paths are URIs as text. */
export interface DebugConfig {
  readonly page: "debug";
  readonly image: string;
  readonly model: string;
  readonly label: TargetSpec;
  readonly labelFrom: LabelSource;
  readonly expected: TargetSpec | undefined;
  readonly among: string | undefined;
  readonly view: { readonly opacity: number; readonly colormap: string };
}
export type DebugMemento = Omit<DebugConfig, "page">;

/** The calls about single mistakes that the worker answers. */
export interface DebugCalls {
  debugImage(p: DebugRequest): DebugReport;
  exportDebug(p: DebugExportRequest): ExportedFiles;
  /** What an image's folder, name or labels file says it is; `undefined` when none names a class of the model. */
  findLabel(p: { readonly model: string; readonly input: string; readonly labels?: string | undefined }): FoundLabel | undefined;
}
