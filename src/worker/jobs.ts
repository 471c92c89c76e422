/** @file The jobs of the product: what the worker process answers and the command line runs in its own process. */
import { resolve } from "node:path";
import { throwIfCancelled, type CancelSignal } from "../engine/cancellation.js";
import type { Plan } from "../engine/attribution/estimate.js";
import { methodOf } from "../engine/attribution/methods.js";
import { textMethodOf } from "../engine/attribution/text/textMethods.js";
import type { TextModel } from "../engine/attribution/text/textModel.js";
import { longestOf } from "../engine/attribution/text/textWindows.js";
import type { Prepared } from "../engine/attribution/prepare.js";
import { toWhylightError } from "../engine/errors.js";
import { unsupportedOperators } from "../engine/inspect.js";
import { parameterCount } from "../engine/ir/parameterCount.js";
import { print } from "../engine/ir/print.js";
import { inputSize, type ImageInput } from "../engine/preprocess/defaults.js";
import { interpretedOperators } from "../runtimes/interpreted.js";
import { createRuntimeChooser, type RuntimeChooser } from "../runtimes/choose.js";
import { methodIds, type DoctorRequest, type Estimate, type Explanation, type ExplainRequest, type ExportedFile, type ExportRequest, type ImagePreview, type MeasureProgress, type MethodSummary, type ModelSummary, type Note, type Phase, type PredictRequest, type PredictResult, type RuntimeStatus, type TextMethodSummary } from "../protocol/api.js";
import { textMethodIds, type TextExplainRequest, type TextExplanation, type TextPredictRequest } from "../protocol/text.js";
import type { AuditComparison, AuditExportRequest, AuditProgress, AuditRequest, AuditSummary, ChangedPage, ChangedRequest, ImagesPage, ImagesRequest, ThumbnailRequest } from "../protocol/audit.js";
import type { AttentionLayerRequest, AttentionRequest, AttentionSummary, AttentionWeights } from "../protocol/attention.js";
import type { AttentionPageRequest } from "../protocol/attentionPage.js";
import type { DebugExportRequest, DebugReport, DebugRequest, ExportedFiles, FoundLabel } from "../protocol/debug.js";
import type { DownloadProgress, DownloadRequest, HubListing, HubModel } from "../protocol/download.js";
import type { SetupPlan, SetupProgress, SetupRequest, SetupResult } from "../protocol/setup.js";
import type { DescriptionFile, LayerThumbnail, ModelCard, ThumbnailsRequest } from "../protocol/models.js";
import type { TrustReport, TrustRequest } from "../protocol/trust.js";
import { attentionPage } from "../report/attentionPage.js";
import { attentionLayerOf, attentionOf, knownLayer } from "./attention.js";
import { auditFolder } from "./audit/auditFolder.js";
import { exportAudit } from "./audit/exportAudit.js";
import { createGallery } from "./audit/gallery.js";
import { createAttentionCache, type AttentionCache } from "./attentionCache.js";
import { attentionSitesOf } from "./attentionInput.js";
import { debugImage } from "./debug/debugImage.js";
import { exportDebug } from "./debug/exportDebug.js";
import { downloadModel } from "./download/downloadModel.js";
import { listHubModel } from "./download/listHubModel.js";
import { findLabel } from "./labels/findLabel.js";
import { explainInput, layerSummary } from "./explain.js";
import { explainText, predictTextInput } from "./explainText.js";
import { exportPicture } from "./exportPicture.js";
import { createImageCache, type ImageCache } from "./imageCache.js";
import { createModelCache, type LoadedModel, type ModelCache } from "./modelCache.js";
import { checkDescription, readDescription, readLabelsFile } from "./models/descriptionFile.js";
import { identifyModels } from "./models/identifyModels.js";
import { layerThumbnails } from "./models/layerThumbnails.js";
import { predictInput } from "./predict.js";
import type { ResultCache } from "./resultCache.js";
import { renderPreview } from "./renderImage.js";
import { examineInput } from "./trust.js";
import { quietly } from "./quietly.js";
import { examineRuntimes } from "./speed/examineRuntimes.js";
import { createIdleWork } from "./speed/idleWork.js";
import { builtProbe, measureRuntimes, probeBy, type AskProbe } from "./speed/measure.js";
import { createSpeedBook, type SpeedBook } from "./speed/speedBook.js";
import { speedFile } from "./speed/speedFile.js";
import { planTensorflow, removeTensorflow, setUpTensorflow } from "./setup/setUpTensorflow.js";

/** What a job may use of its caller. */
export interface JobContext {
  readonly signal?: CancelSignal | undefined;
  /** `partial` makes the explanation so far; it costs nothing until it is called. */
  readonly onProgress?: ((phase: Phase, done: number, total: number, partial?: () => Explanation) => void) | undefined;
  /** Hears what a long or large job will take, before its first run or after it. */
  readonly onEstimate?: ((estimate: Estimate) => void) | undefined;
  /** Of a stage that speaks for the job it belongs to: what that job will run, worked out from what the stage will. */
  readonly wholePlan?: ((plan: Plan) => Plan) | undefined;
  /** Hears how far an audit is. */
  readonly onAudit?: ((progress: AuditProgress) => void) | undefined;
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
  /** Hears which runtime is measured. */
  readonly onMeasure?: ((progress: MeasureProgress) => void) | undefined;
  /** Hears of the steps of a set-up. */
  readonly onSetup?: ((progress: SetupProgress) => void) | undefined;
  /** Hears of layers' thumbnails as they are made. */
  readonly onThumbnails?: ((made: readonly LayerThumbnail[], done: number, total: number) => void) | undefined;
  /** Hears the report so far of each finding of `trust`. */
  readonly onTrust?: ((report: TrustReport, done: number, total: number) => void) | undefined;
}

/** What jobs share; replaced in tests. */
export interface JobResources {
  readonly models: ModelCache;
  readonly images: ImageCache;
  readonly runtimes: RuntimeChooser;
  /** The attention weights of the last inputs. */
  readonly attention: AttentionCache;
  /** `undefined` keeps no results on disk. */
  readonly results?: ResultCache | undefined;
  /** How fast each runtime is here. */
  readonly speeds: SpeedBook;
  /** `undefined` measures nothing. */
  readonly probe?: AskProbe | undefined;
}

export interface Jobs {
  /** The attribution of one input, drawn to a heatmap. */
  explain(request: ExplainRequest, context?: JobContext): Promise<Explanation>;
  predict(request: PredictRequest, context?: JobContext): Promise<PredictResult>;
  /** Tests how far the map of one input can be trusted. */
  trust(request: TrustRequest, context?: JobContext): Promise<TrustReport>;
  /** Each token's share of what a model says of a text. */
  explainText(request: TextExplainRequest, context?: JobContext): Promise<TextExplanation>;
  /** The classes of a text, or the tokens that may follow it. */
  predictText(request: TextPredictRequest, context?: JobContext): Promise<PredictResult>;
  /** Who attends to whom in a text or an image; the weights of its layers are kept for `attentionLayer`. */
  attention(request: AttentionRequest, context?: JobContext): Promise<AttentionSummary>;
  attentionLayer(request: AttentionLayerRequest, context?: JobContext): Promise<AttentionWeights>;
  /** What is wrong with one prediction: both classes' maps, counter-tests and causes. */
  debugImage(request: DebugRequest, context?: JobContext): Promise<DebugReport>;
  exportDebug(request: DebugExportRequest): Promise<ExportedFiles>;
  findLabel(request: { readonly model: string; readonly input: string; readonly labels?: string | undefined }): Promise<FoundLabel | undefined>;
  /** What a model gets wrong in a folder, and what it looks at when it does. */
  auditFolder(request: AuditRequest, context?: JobContext): Promise<AuditSummary>;
  openAudit(audit: string): Promise<AuditSummary>;
  auditImages(request: ImagesRequest): Promise<ImagesPage>;
  auditThumbnail(request: ThumbnailRequest): Promise<ImagePreview>;
  compareAudits(before: string, after: string): Promise<AuditComparison>;
  changedImages(request: ChangedRequest): Promise<ChangedPage>;
  exportAudit(request: AuditExportRequest): Promise<ExportedFiles>;
  /** Every method with its parameters. */
  methods(): readonly MethodSummary[];
  textMethods(): readonly TextMethodSummary[];
  inspectModel(model: string): Promise<ModelSummary>;
  /** The model's graph in its text form, one line per value. */
  printModel(model: string): Promise<string>;
  /** The models among these files, told without reading a weight. */
  identifyModels(paths: readonly string[]): Promise<readonly ModelCard[]>;
  layerThumbnails(request: ThumbnailsRequest, context?: JobContext): Promise<readonly LayerThumbnail[]>;
  readDescription(model: string): Promise<DescriptionFile>;
  /** Reads `text` as the model's sidecar file would be. */
  checkDescription(model: string, text: string): Promise<{ readonly notes: readonly Note[] }>;
  readLabels(path: string): { readonly labels: readonly string[] };
  listHubModel(model: HubModel, context?: JobContext): Promise<HubListing>;
  downloadModel(request: DownloadRequest, context?: JobContext): Promise<{ readonly model: string; readonly bytes: number }>;
  planTensorflow(request: SetupRequest): Promise<SetupPlan>;
  setUpTensorflow(request: SetupRequest, context?: JobContext): Promise<SetupResult>;
  removeTensorflow(folder: string | undefined): { readonly folder: string; readonly bytes: number };
  /** Which runtimes work here and how fast they are, once measured where that is asked for. */
  doctor(request: DoctorRequest, context?: JobContext): Promise<readonly RuntimeStatus[]>;
  previewImage(path: string, maxSide: number): Promise<ImagePreview>;
  exportPicture(request: ExportRequest): Promise<ExportedFile>;
  /** An attention panel as one HTML file that needs nothing else. */
  exportAttention(request: AttentionPageRequest): ExportedFile;
  /** What the jobs hold, for drawing pictures beside results. */
  readonly images: ImageCache;
  /** Frees every model and program. */
  dispose(): void;
}

/**
 * The jobs over one set of caches. Jobs that compute run one after the other, in the order they came: two at once would only fight for cores and memory.
 * Every failure is a `WhylightError`. With `measuresWhenIdle` runtimes are measured once, after the first job that computed, while no other runs.
 */
export function createJobs(resources: Partial<JobResources> = {}, { measuresWhenIdle = false } = {}): Jobs {
  const models = resources.models ?? createModelCache();
  const images = resources.images ?? createImageCache();
  const runtimes = resources.runtimes ?? createRuntimeChooser();
  const attention = resources.attention ?? createAttentionCache();
  const gallery = createGallery();
  const script = builtProbe();
  // Unbundled, as in tests, nothing is measured and nothing kept.
  const speeds = resources.speeds ?? createSpeedBook(script === undefined ? undefined : speedFile());
  const probe = resources.probe ?? (script === undefined ? undefined : probeBy(script));
  const all: JobResources = { models, images, runtimes, attention, results: resources.results, speeds, probe };
  const measuring = measuresWhenIdle && probe ? createIdleWork((signal) => measureRuntimes(speeds, probe, { signal })) : undefined;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(context: JobContext, job: () => Promise<Result>): Promise<Result> {
    const result = last.then(() => {
      throwIfCancelled(context.signal);
      return job();
    });
    last = result.catch(() => {});
    measuring?.during(result);
    return result;
  }

  /** As `inTurn`, for jobs that run a model: whoever waits for the first one shall not wait for a measurement. */
  function computing<Result>(context: JobContext, job: () => Promise<Result>): Promise<Result> {
    return inTurn(context, async () => {
      const result = await job();
      measuring?.want();
      return result;
    });
  }

  return {
    explain: (request, context = {}) => computing(context, () => explainInput(all, absolute(request), context)),
    predict: (request, context = {}) => computing(context, () => predictInput(all, absolute(request), context)),
    trust: (request, context = {}) => computing(context, () => examineInput(all, absolute(request), context)),
    explainText: (request, context = {}) => computing(context, () => explainText(all, { ...request, model: resolve(request.model) }, context)),
    predictText: (request, context = {}) => computing(context, () => predictTextInput(all, { ...request, model: resolve(request.model) }, context)),
    attention: (request, context = {}) => computing(context, () => attentionOf(all, absoluteAttention(request), context)),
    attentionLayer: async ({ request, layer }, context = {}) => {
      const asked = { request: absoluteAttention(request), layer };
      // What is in memory waits for no other job.
      return knownLayer(all, asked) ?? computing(context, () => attentionLayerOf(all, asked, context));
    },
    debugImage: (request, context = {}) => computing(context, () => debugImage(all, absolute(request), context)),
    exportDebug: (request) => exportDebug(images, request),
    findLabel: (request) => inTurn({}, () => findLabel(models, absolute(request))),
    auditFolder: (request, context = {}) => computing(context, () => auditFolder(all, request, context)),
    openAudit: (audit) => gallery.open(audit),
    auditImages: (request) => gallery.images(request),
    auditThumbnail: (request) => gallery.thumbnail(request),
    compareAudits: (before, after) => gallery.compare(before, after),
    changedImages: (request) => gallery.changed(request),
    exportAudit: (request) => exportAudit(gallery, request),
    textMethods: () => textMethodIds.map((id) => ({ id, parameters: textMethodOf(id).parameters })),
    methods: () => methodIds.map((id) => { const { family, form, layers, drawn, parameters } = methodOf(id); return { id, family, form, layers, drawn, parameters }; }),
    inspectModel: (path) => inTurn({}, async () => summarize(await models.look(resolve(path)))),
    printModel: (path) => inTurn({}, async () => print((await models.look(resolve(path))).imported.graph)),
    identifyModels,
    layerThumbnails: (request, context = {}) => computing(context, () => layerThumbnails(all, absolute(request), context)),
    readDescription: (path) => inTurn({}, async () => readDescription(await models.look(resolve(path)))),
    checkDescription: (path, text) => inTurn({}, async () => checkDescription(await models.look(resolve(path)), text)),
    readLabels: (path) => readLabelsFile(resolve(path)),
    // They compute nothing, so they wait for no other job.
    listHubModel: (model, context = {}) => listHubModel(model, context),
    downloadModel: (request, context = {}) => downloadModel(request, context),
    planTensorflow,
    setUpTensorflow: (request, context = {}) => setUpTensorflow(request, context),
    removeTensorflow,
    doctor: (request, context = {}) => examineRuntimes(all, request, context, inTurn),
    previewImage: async (path, maxSide) => renderPreview(await images.get(resolve(path)), maxSide),
    exportPicture: (request) => exportPicture(images, request),
    exportAttention: (request) => ({ bytes: new TextEncoder().encode(attentionPage(request)), extension: "html" }),
    images,
    dispose: () => {
      models.clear();
      attention.clear();
    },
  };
}

/** One name per file, whatever folder a caller stands in. */
function absolute<Request extends { readonly model: string; readonly input: string }>(request: Request): Request {
  return { ...request, model: resolve(request.model), input: resolve(request.input) };
}

function absoluteAttention(request: AttentionRequest): AttentionRequest {
  const { model, input } = request;
  return { ...request, model: resolve(model), input: input.kind === "image" ? { ...input, path: resolve(input.path) } : input };
}

function summarize(model: LoadedModel): ModelSummary {
  const { imported, image } = model;
  const text = quietly(() => model.text());
  const task = text?.task ?? quietly(() => model.imageModel().task);
  const { description } = model.describe();
  const unsupported = unsupportedOperators(imported.graph);
  const fit = image && unsupported.every(({ problem }) => problem !== "run") ? preparedAt(model, image) : undefined;
  const sites = quietly(() => attentionSitesOf(model, text, fit)) ?? [];
  return {
    path: model.path, format: imported.format, producer: imported.producer, opset: imported.opset, architecture: imported.architecture, inputs: model.inputs, outputs: model.outputs,
    labels: description.labels, labelsOrigin: description.labelsOrigin, activation: description.activation, preprocess: description.preprocess, preprocessOrigin: description.preprocessOrigin,
    layers: fit?.layers.map(layerSummary) ?? [], defaultLayer: task === "image-encoder" ? undefined : (description.layer ?? fit?.defaultLayer?.name), unsupported, interpreted: fit ? interpretedOperators(fit.graph) : [],
    parameters: imported.parameters ?? parameterCount(imported.graph),
    task, attentionLayers: sites.length, attentionSites: sites.map(({ node, shape }) => ({ name: node, shape })), tokenizer: text && tokenizerOf(model, text),
  };
}

/** `undefined` where there is none, or none that can be used: what is wrong is said when a text is to be explained. */
function tokenizerOf(model: LoadedModel, text: TextModel): ModelSummary["tokenizer"] {
  const found = quietly(() => model.tokenizer());
  return found && { file: found.file, kind: found.tokenizer.kind, vocabulary: found.tokenizer.size, longest: longestOf(found.tokenizer, text) };
}

/** At the model's own input size; `undefined` when it cannot be explained, which is nothing wrong here. */
function preparedAt(model: LoadedModel, { layout, channels, ...image }: ImageInput): Prepared | undefined {
  const [height, width] = inputSize({ layout, channels, ...image });
  try {
    return model.prepared(layout === "NCHW" ? [1, channels, height, width] : [1, height, width, channels]);
  } catch (thrown) {
    if (["modelUnsuitable", "shapeUnknown"].includes(toWhylightError(thrown).code)) return undefined;
    throw thrown;
  }
}
