/** @file The worker process: serves the jobs over the parent's channel and ends with it. No logic of its own. */
import type { WorkerApi, WorkerEvents } from "../protocol/api.js";
import { protocolVersion } from "../protocol/api.js";
import { WhylightError } from "../engine/errors.js";
import { Rpc, type CallContext, type Frame } from "../protocol/rpc.js";
import { createJobs, type JobContext } from "./jobs.js";
import { createResultCache } from "./resultCache.js";
import { version } from "./version.js";

/** Where results are kept, and how many megabytes of them; set by the process that starts this one. */
const { WHYLIGHT_RESULTS: resultFolder = "", WHYLIGHT_RESULTS_MB: resultMb = "0" } = process.env;

const jobs = createJobs(resultFolder !== "" && Number(resultMb) > 0 ? { results: createResultCache(resultFolder, Number(resultMb) * 1e6) } : {}, { measuresWhenIdle: true });
const partialEveryMs = 400;

const rpc = new Rpc<WorkerApi, Record<never, never>, WorkerEvents, Record<never, never>>({
  // The callback takes the error of a channel that closed meanwhile.
  post: (frame) => void process.send?.(frame, undefined, undefined, () => {}),
  onFrame: (listener) => process.on("message", (message) => listener(message as unknown as Frame)),
  onClose: (listener) => process.on("disconnect", () => {
    listener(new WhylightError("cancelled"));
    // A runtime may hold the loop open for seconds more, and nobody waits for its answer.
    process.exit(0);
  }),
}, {
  hello: () => ({ protocol: protocolVersion, version, node: process.version }),
  doctor: (request, context) => jobs.doctor(request, contextOf(context)),
  previewImage: ({ path, maxSide }) => jobs.previewImage(path, maxSide),
  inspectModel: ({ model }) => jobs.inspectModel(model),
  printModel: async ({ model }) => ({ text: await jobs.printModel(model) }),
  identifyModels: ({ paths }) => jobs.identifyModels(paths),
  layerThumbnails: (request, context) => jobs.layerThumbnails(request, contextOf(context)),
  readDescription: ({ model }) => jobs.readDescription(model),
  checkDescription: ({ model, text }) => jobs.checkDescription(model, text),
  readLabels: ({ path }) => jobs.readLabels(path),
  listHubModel: (request, context) => jobs.listHubModel(request, contextOf(context)),
  downloadModel: (request, context) => jobs.downloadModel(request, contextOf(context)),
  planTensorflow: (request) => jobs.planTensorflow(request),
  setUpTensorflow: (request, context) => jobs.setUpTensorflow(request, contextOf(context)),
  removeTensorflow: ({ folder }) => jobs.removeTensorflow(folder),
  predict: (request, context) => jobs.predict(request, contextOf(context)),
  exportPicture: (request) => jobs.exportPicture(request),
  exportAttention: (request) => jobs.exportAttention(request),
  methods: () => jobs.methods(),
  explain: (request, context) => jobs.explain(request, contextOf(context)),
  explainText: (request, context) => jobs.explainText(request, contextOf(context)),
  textMethods: () => jobs.textMethods(),
  attention: (request, context) => jobs.attention(request, contextOf(context)),
  attentionLayer: (request, context) => jobs.attentionLayer(request, contextOf(context)),
  debugImage: (request, context) => jobs.debugImage(request, contextOf(context)),
  exportDebug: (request) => jobs.exportDebug(request),
  findLabel: (request) => jobs.findLabel(request),
  auditFolder: (request, context) => jobs.auditFolder(request, contextOf(context)),
  openAudit: ({ audit }) => jobs.openAudit(audit),
  auditImages: (request) => jobs.auditImages(request),
  auditThumbnail: (request) => jobs.auditThumbnail(request),
  compareAudits: ({ before, after }) => jobs.compareAudits(before, after),
  changedImages: (request) => jobs.changedImages(request),
  exportAudit: (request) => jobs.exportAudit(request),
  trust: (request, context) => jobs.trust(request, contextOf(context)),
});

function contextOf({ signal, call }: CallContext): JobContext {
  let partialAt = -Infinity;
  /** An estimate comes beside the progress, and must not set it back. */
  let latest: Pick<WorkerEvents["progress"], "phase" | "done" | "total"> = { phase: "preparing", done: 0, total: 1 };
  return {
    signal,
    onProgress: (phase, done, total, partial) => {
      // A map so far is worth a message now and then, not after every step.
      const isDue = partial !== undefined && performance.now() - partialAt > partialEveryMs;
      if (isDue) partialAt = performance.now();
      latest = { phase, done, total };
      rpc.emit("progress", { call, phase, done, total, partial: isDue ? partial() : undefined });
    },
    onEstimate: (estimate) => rpc.emit("progress", { call, ...latest, estimate }),
    onAudit: (audit) => rpc.emit("progress", { call, phase: "computing", done: audit.images, total: audit.total, audit }),
    onDownload: (download) => rpc.emit("progress", { call, phase: "reading", done: download.done, total: download.total, download }),
    onMeasure: (measure) => rpc.emit("progress", { call, phase: "computing", done: measure.index, total: measure.count, measure }),
    onSetup: (setup) => rpc.emit("progress", { call, phase: "preparing", done: setup.index, total: setup.count, setup }),
    onThumbnails: (thumbnails, done, total) => rpc.emit("progress", { call, phase: "computing", done, total, thumbnails }),
    onTrust: (trust, done, total) => rpc.emit("progress", { call, phase: "computing", done, total, trust }),
  };
}
