/** @file Everything that crosses a process boundary, host to worker and host to webview, as plain data and typed arrays. */
import type { ErrorCode, ErrorData } from "../engine/errors.js";
import type { PlannedCost } from "../engine/attribution/estimate.js";
import type { Family, Method, Remark } from "../engine/attribution/method.js";
import type { ParameterValue, PlainTensor } from "../engine/attribution/parameters.js";
import type { ModelFamily } from "../engine/ir/flops.js";
import type { RuntimeName } from "../engine/runtime.js";
import type { ModelFormat } from "../engine/importers/importedModel.js";
import type { Origin, OutputActivation, Preprocess } from "../engine/preprocess/description.js";
import type { AuditCalls, AuditProgress } from "./audit.js";
import type { AttentionPageRequest } from "./attentionPage.js";
import type { AttentionLayerRequest, AttentionRequest, AttentionSummary, AttentionWeights } from "./attention.js";
import type { DebugCalls } from "./debug.js";
import type { DownloadCalls, DownloadProgress } from "./download.js";
import type { SetupCalls, SetupProgress } from "./setup.js";
import type { LayerThumbnail, ModelCalls } from "./models.js";
import type { TextExplainRequest, TextExplanation, TextMethodId } from "./text.js";
import type { ModelTask } from "./tasks.js";
import type { PanelTrust, TrustReport, TrustRequest } from "./trust.js";

/** Bumped when a frame or a call changes shape, so that a stale worker is noticed. */
export const protocolVersion = 1;

/** The method ids, in the order the pickers show them. */
export const methodIds = [
  "grad-cam", "saliency", "input-x-gradient", "smoothgrad", "integrated-gradients", "gradient-shap", "blur-ig", "guided-ig",
  "guided-backprop", "deconvnet", "guided-grad-cam", "deeplift", "lrp",
  "grad-cam++", "xgrad-cam", "layer-cam", "hires-cam", "grad-cam-elementwise", "eigen-cam", "eigen-grad-cam", "score-cam", "ablation-cam",
  "occlusion", "rise", "lime", "kernel-shap",
] as const;
export type MethodId = (typeof methodIds)[number];

export type Score = "logit" | "probability";

/** A library whose defaults a job may take over. */
export const referenceModes = ["captum", "pytorch-grad-cam", "torchcam", "tf-keras-vis"] as const;
export type ReferenceMode = (typeof referenceModes)[number];

export type { ParameterValue, PlainTensor };

export interface Prediction {
  readonly index: number;
  /** The class's name, or "class 7" where the model has no labels. */
  readonly label: string;
  readonly logit: number;
  readonly probability: number;
}

/** A class index, or text: "predicted", or a label. */
export type TargetSpec = number | string;

/** One layer, several, or `undefined` for the default. */
export type LayerSpec = string | readonly string[] | undefined;

/** What people are told about a method for text, and the parameters it takes. */
export interface TextMethodSummary extends Pick<Method, "parameters"> {
  readonly id: TextMethodId;
}

/** What people are told about a method, and the parameters it takes. */
export interface MethodSummary extends Pick<Method, "family" | "form" | "layers" | "drawn" | "parameters"> {
  readonly id: MethodId;
}

export interface RuntimeStatus {
  readonly name: RuntimeName;
  readonly ok: boolean;
  /** Version and device when it works: "ONNX Runtime 1.30.0, CPU". */
  readonly detail: string;
  /** Why it does not work; empty when it does. */
  readonly reason: string;
  /** Whether the processor plays the graphics card: it works, and `auto` does not take it. */
  readonly isEmulated: boolean;
  /** The folder it was loaded from; empty where it comes with this program. */
  readonly place: string;
  /** Floating-point operations per millisecond on the probe of each family of models; empty before it was measured. */
  readonly rates: Readonly<Partial<Record<ModelFamily, number>>>;
  /** Why `auto` does not take it though it works: it computed wrongly, or did not finish the probe. Empty when it may. */
  readonly unfit: string;
  /** The families for which `auto` takes it first. */
  readonly takenFor: readonly ModelFamily[];
}

export interface DoctorRequest {
  /** Which runtimes are measured: none, those that were not yet, or all. */
  readonly measure: "none" | "missing" | "all";
}

/** The runtime that is measured now, the how-manieth of how many. */
export interface MeasureProgress {
  readonly runtime: RuntimeName;
  readonly index: number;
  readonly count: number;
}

/** Which runtime ran, and why faster ones did not. */
export interface RuntimeUsed {
  readonly name: RuntimeName;
  readonly detail: string;
  readonly passedOver: readonly { readonly name: RuntimeName; readonly reason: string }[];
}

/** What a person may choose; `auto` takes the fastest that works. */
export type RuntimeChoice = "auto" | RuntimeName;

/** A rectangle in pixels of the whole image as shown (EXIF turned). */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An image decoded for showing, at most `maxSide` on its longer side, as PNG or JPEG bytes. */
export interface ImagePreview {
  readonly bytes: Uint8Array;
  readonly mime: "image/png" | "image/jpeg";
  /** Size of the whole image in its own pixels, EXIF turned. The preview may be smaller. */
  readonly width: number;
  readonly height: number;
}

export interface ModelInput {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
}

export interface ModelSummary {
  readonly path: string;
  readonly format: ModelFormat;
  readonly producer: string;
  /** Of an ONNX file. */
  readonly opset: number | undefined;
  /** The class that a Hugging Face folder or a timm config names. */
  readonly architecture: string | undefined;
  readonly inputs: readonly ModelInput[];
  readonly outputs: readonly ModelInput[];
  readonly labels: readonly string[] | undefined;
  readonly labelsOrigin: Origin | undefined;
  /** What makes probabilities of the scores of classes. */
  readonly activation: OutputActivation;
  readonly preprocess: Preprocess;
  readonly preprocessOrigin: Origin;
  /** Layers fit for the CAM family, first to last, with the shape of their activation at the model's own input size. */
  readonly layers: readonly LayerSummary[];
  /** The layer `auto` takes; `undefined` when none fits. */
  readonly defaultLayer: string | undefined;
  /** Operators that cannot be run, or not differentiated, each with the first node that uses it. */
  readonly unsupported: readonly { readonly op: string; readonly node: string; readonly problem: "run" | "differentiate" }[];
  /** Operators that the interpreter runs where others run by kernels, at the model's own input size, per runtime. */
  readonly interpreted: readonly { readonly runtime: RuntimeName; readonly op: string; readonly reason: string }[];
  readonly parameters: number;
  /** What it answers; `undefined` when Whylight cannot tell, or cannot explain it. */
  readonly task: ModelTask | undefined;
  /** Layers whose attention can be looked at. */
  readonly attentionLayers: number;
  /** These layers: the softmax's name in the file, and its shape as `[batch, heads, queries, keys]`, for a short text or at the model's own input size. */
  readonly attentionSites: readonly Pick<LayerSummary, "name" | "shape">[];
  /** For text models: where the tokenizer was found, what kind it is, and how many tokens a text may have. */
  readonly tokenizer: { readonly file: string; readonly kind: string; readonly vocabulary: number; readonly longest: number | undefined } | undefined;
}

export interface LayerSummary {
  /** The activation's name in the model file: what `--layer` takes. */
  readonly name: string;
  readonly op: string;
  readonly shape: readonly (number | string)[];
}

export interface ExplainRequest {
  readonly model: string;
  /** An image, or a `.safetensors` file whose tensors carry the model's input names. */
  readonly input: string;
  readonly method: MethodId;
  readonly target: TargetSpec;
  /** Explains why `target` rather than this class ("runner-up" takes the likeliest other one): the difference of the two scores. */
  readonly versus?: TargetSpec | undefined;
  readonly score: Score;
  readonly layer: LayerSpec;
  /** What the method does not get here it takes from the reference mode, then from its own defaults. A word where a list takes tensors may be the path of an image. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly as?: ReferenceMode | undefined;
  readonly runtime: RuntimeChoice;
}

/** Milliseconds each phase took; 0 where a cache answered. */
export interface Timings {
  readonly load: number;
  readonly compile: number;
  readonly compute: number;
  readonly draw: number;
}

/** One finished explanation. The raw attribution is kept whole; drawing reduces it. */
export interface Explanation {
  readonly model: { readonly path: string; readonly format: string; readonly inputs: readonly ModelInput[]; readonly labels: readonly string[] | undefined };
  readonly runtime: RuntimeUsed;
  readonly input: string;
  readonly method: MethodId;
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  /** The library whose defaults were taken where nothing was set. */
  readonly as?: ReferenceMode | undefined;
  readonly family: Family;
  /** The layers looked at, separated by ", ". */
  readonly layer: string | undefined;
  /** Layers the picker offers for this model (CAM family). */
  readonly layers: readonly LayerSummary[];
  readonly score: Score;
  readonly target: Prediction;
  /** The class it is held against. */
  readonly versus: Prediction | undefined;
  /** The five likeliest classes, likeliest first. */
  readonly predictions: readonly Prediction[];
  readonly classCount: number;
  /** Raw and signed: the model input's shape `[1, c, h, w]`, or `[h, w]` of a grid over the image (a layer's for the CAM family, before ReLU). */
  readonly attribution: PlainTensor;
  /** How it is drawn by default: `[H, W]` of the model's input, 0 to 1; -1 to 1 for methods drawn with their signs. */
  readonly heatmap: PlainTensor;
  /** Where the model looked: the part of the image that became its input; `undefined` for a tensor input. */
  readonly region: Region | undefined;
  /** The model input's height and width. */
  readonly inputSize: readonly [number, number];
  readonly completeness: null | { readonly gap: number; readonly relative: number };
  /** What the method found out or settled itself: steps taken, absolute noise. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** Images the model was run on, and differentiated at. */
  readonly evaluations: { readonly forward: number; readonly gradient: number };
  /** Set while the rest is still computed: this map is the one so far. */
  readonly partial: { readonly done: number; readonly total: number } | undefined;
  /** Whether it was found on disk. */
  readonly isCached: boolean;
  readonly preprocess: Preprocess;
  readonly preprocessOrigin: Origin;
  readonly labelsOrigin: Origin | undefined;
  /** Things people should know: a blank map, a missing label list, a resize shortcut for a huge image. */
  readonly notes: readonly Note[];
  readonly ms: Timings;
}

/** A remark beside a result; its text is made from the code in the reader's language. */
export interface Note {
  readonly code: Remark["code"] | "failsControl" | "textWindowed" | "textTruncated" | "textEndUnread" | "labelsMissing" | "labelsMismatch" | "defaultsUsed" | "architectureAssumed" | "imageReduced" | "runtimeFellBack" | "batchesCut";
  readonly data: ErrorData;
}

/** What a finished explanation can be saved as; the tensors are the raw attribution. */
export const exportFormats = ["png", "svg", "html", "safetensors", "npy"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportRequest {
  readonly explanation: Explanation;
  readonly format: ExportFormat;
  /** The choices of `DrawStyle` that differ from the defaults; read leniently, since a page sends them. */
  readonly style: Readonly<Record<string, unknown>>;
  /** Translations of the texts in `reportTexts.ts`; English where one is missing. */
  readonly strings: Readonly<Record<string, string>>;
}

/** A file's content and the ending of its name, without a dot. */
export interface ExportedFile {
  readonly bytes: Uint8Array;
  readonly extension: string;
}

export interface PredictRequest {
  readonly model: string;
  readonly input: string;
  readonly top: number;
  readonly runtime: RuntimeChoice;
}

export interface PredictResult {
  readonly model: Explanation["model"];
  readonly runtime: RuntimeUsed;
  readonly input: string;
  readonly predictions: readonly Prediction[];
  readonly classCount: number;
  readonly notes: readonly Note[];
  readonly ms: Timings;
}

/** Calls the worker answers. Types on the wire are derived from this interface and nowhere else. */
export interface WorkerApi extends DebugCalls, AuditCalls, ModelCalls, DownloadCalls, SetupCalls {
  hello(p: Record<string, never>): { readonly protocol: number; readonly version: string; readonly node: string };
  /** Progress events carry what is measured as `measure`. */
  doctor(p: DoctorRequest): readonly RuntimeStatus[];
  previewImage(p: { readonly path: string; readonly maxSide: number }): ImagePreview;
  inspectModel(p: { readonly model: string }): ModelSummary;
  predict(p: PredictRequest): PredictResult;
  explain(p: ExplainRequest): Explanation;
  /** Tests how far a map can be trusted; progress events carry the report so far as `trust`. */
  trust(p: TrustRequest): TrustReport;
  /** A finished explanation as a file: the picture at the image's full size, a page, or the raw numbers. */
  exportPicture(p: ExportRequest): ExportedFile;
  /** Every method with its parameters. */
  methods(p: Record<string, never>): readonly MethodSummary[];
  /** Each token's share of what a model says of a text. */
  explainText(p: TextExplainRequest): TextExplanation;
  textMethods(p: Record<string, never>): readonly TextMethodSummary[];
  /** Who attends to whom in a text or an image. */
  attention(p: AttentionRequest): AttentionSummary;
  /** The weights of one layer of it. */
  attentionLayer(p: AttentionLayerRequest): AttentionWeights;
  /** An attention panel as one HTML file that needs nothing else. */
  exportAttention(p: AttentionPageRequest): ExportedFile;
}

export type Phase = "reading" | "preparing" | "compiling" | "computing" | "drawing";

/** What a long or large job will take: milliseconds, bytes at its peak, the weights among them, and how many are free. */
export interface Estimate extends PlannedCost {
  readonly free: number;
  readonly runtime: RuntimeName;
}

/** Told by the worker while a call runs. */
export interface WorkerEvents {
  progress: { readonly call: number; readonly phase: Phase; readonly done: number; readonly total: number; readonly partial?: Explanation | undefined; readonly estimate?: Estimate | undefined; readonly trust?: TrustReport | undefined; readonly audit?: AuditProgress | undefined; readonly download?: DownloadProgress | undefined; readonly setup?: SetupProgress | undefined; readonly measure?: MeasureProgress | undefined; readonly thumbnails?: readonly LayerThumbnail[] | undefined };
  log: { readonly level: "info" | "warn" | "error"; readonly text: string };
}

/** What a panel's pickers stand at. */
export type Chosen = Pick<ExplainRequest, "method" | "target" | "versus" | "layer" | "score" | "parameters">;

/** What the panel shows; the host sends it whole at every change, never parts of it. */
export interface PanelState {
  /** Texts of the webview in the reader's language, keyed by their English source in `webview/strings.ts`. */
  readonly strings: Readonly<Record<string, string>>;
  readonly modelName: string;
  readonly imageName: string;
  readonly image: ImagePreview | undefined;
  readonly explanation: Explanation | undefined;
  /** Set while a job runs; the last explanation stays visible beneath. */
  readonly busy: { readonly phase: Phase; readonly done: number; readonly total: number; readonly text: string } | undefined;
  /** Set when the last job failed; `text` is one sentence with a next step. */
  readonly failure: { readonly code: ErrorCode; readonly text: string; readonly actions: readonly FailureAction[] } | undefined;
  /** What the pickers stand at. */
  readonly chosen: Chosen;
  /** Every method with its parameters; `undefined` until the worker told. */
  readonly catalogue: readonly MethodSummary[] | undefined;
  /** Remarks beside the result, in the reader's language. */
  readonly notes: readonly { readonly code: Note["code"]; readonly text: string }[];
  /** What the tests found about the result shown; `undefined` when nobody asked. */
  readonly trust: PanelTrust | undefined;
}

/** Buttons beside a failure. */
export type FailureAction = { readonly id: "retry" | "showLog" | "chooseModel" | "chooseRuntime" | "openSidecar"; readonly title: string };

/** Webview to host. */
export interface PanelApi {
  /** The webview draws nothing and the host posts nothing before this. */
  ready(p: Record<string, never>): PanelState;
  /** Explains again with other choices; results come as `state` events. */
  explain(p: PanelState["chosen"]): void;
  cancel(p: Record<string, never>): void;
  /** Tests how far the map shown can be trusted; findings come as `state` events. */
  checkTrust(p: Record<string, never>): void;
  cancelTrust(p: Record<string, never>): void;
  /** Opens a compare view of this image, model and class. */
  compare(p: { readonly kind: "methods" | "baselines" | "samples" }): void;
  /** Saves the result shown where the reader wants it, drawn in a `DrawStyle`. */
  exportPicture(p: Pick<ExportRequest, "format" | "style">): void;
  act(p: { readonly action: FailureAction["id"] }): void;
}

/** Host to webview. */
export interface PanelEvents {
  state: PanelState;
}
