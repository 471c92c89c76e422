/** @file One audit: a folder's images through the model, each written down as it is done, and a summary at the end. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Layer } from "../../engine/attribution/layers.js";
import { createSummary, type SummaryBuilder, type SummaryEnd } from "../../engine/audit/summarize.js";
import { verdictOf } from "../../engine/audit/verdict.js";
import { WhylightError } from "../../engine/errors.js";
import type { AuditRequest, AuditSummary } from "../../protocol/audit.js";
import type { JobContext, JobResources } from "../jobs.js";
import { computeOn, type ComputeJob } from "../runJob.js";
import { answerImages, type Answered } from "./answerImages.js";
import { planAudit, type AuditPlan } from "./auditPlan.js";
import { auditProgram, type AuditProgram } from "./auditProgram.js";
import { testRegion, type TestedRegion } from "./counterTests.js";
import { makeRecord } from "./makeRecord.js";
import { preprocessingTrials } from "./preprocessingTrials.js";
import { createProgress } from "./auditProgress.js";
import { openRecords, readHeader, readRecords, recordPath, type RecordFile } from "./recordFile.js";
import { asWritten, fileOf, type RecordLine } from "./recordLine.js";
import { seeFile, type SeenFile } from "./seenImage.js";
import { addLine, headOf, writeSummary } from "./storedSummary.js";

/** Labelled images that other preprocessing is tried on. */
const trialImages = 64;

/** Audits a folder, or goes on with an audit. Throws what `planAudit` and `openRecords` throw; cancelled, it keeps what is done. */
export async function auditFolder(resources: JobResources, request: AuditRequest, context: JobContext): Promise<AuditSummary> {
  const out = resolve(request.out);
  // Before the model is read, which may take long.
  if (!request.resume && existsSync(recordPath(out)) && readHeader(recordPath(out))) throw new WhylightError("auditExists", { path: out });
  context.onProgress?.("reading", 0, 1);
  const plan = planAudit(resources.models, request);
  let isStarted = request.resume;
  const { outcome } = await computeOn(resources, plan.model, { model: plan.model.path, runtime: request.runtime }, context, async (job, runtime) => {
    const records = openRecords(out, { ...plan.header, started: new Date().toISOString(), runtime: runtime.detail }, isStarted);
    // A runtime that takes over from another one goes on where that one stopped.
    isStarted = true;
    try {
      return await audit(plan, out, records, job, context);
    } finally {
      records.close();
    }
  });
  return outcome.result;
}

async function audit(plan: AuditPlan, out: string, records: RecordFile, job: ComputeJob, context: JobContext): Promise<AuditSummary> {
  const start = performance.now();
  const summary = createSummary(headOf(records.header));
  const progress = createProgress(plan.files.length, context);
  const done = new Set<string>();
  for (const { line } of readRecords(recordPath(out))) {
    done.add(fileOf(line));
    addLine(summary, line);
    progress.before(line);
  }
  const remaining = plan.files.filter((file) => !done.has(file));
  const programFor = programsOf(plan, plan.layer, job);
  const write = (answered: readonly Answered<string, SeenFile>[]) => {
    const lines = answered.map((one) => lineOf(plan, one));
    records.append(lines);
    for (const line of lines) addLine(summary, line);
    progress.done(lines);
  };
  await answerImages({ items: remaining, see: (file) => seeFile(join(plan.folder, file), plan.preprocess), ahead: 32, programFor, each: write, signal: context.signal });
  const tests = await testAll(plan, summary, programsOf(plan, undefined, job), context);
  const made = summary.finish({ ...tests, finished: new Date().toISOString(), seconds: (performance.now() - start) / 1000 });
  writeSummary(out, made);
  return made;
}

/** Tries what was found: each shared region, and other preprocessing. Only the answers count here, so that no gradient is computed. */
async function testAll({ folder, preprocess, labelOf }: AuditPlan, summary: SummaryBuilder, programFor: ProgramFor, { signal }: JobContext): Promise<Pick<SummaryEnd, "masked" | "planted" | "preprocessing">> {
  const job = { folder, preprocess, labelOf: (file: string) => labelOf(file)?.index ?? -1, programFor, signal };
  const tested = new Map<string, TestedRegion>();
  for (const region of summary.regions()) tested.set(region.id, await testRegion(region, job));
  // Cropping a shortcut away would look like the better preprocessing.
  const confirmed = new Set([...tested].filter(([, { masked, planted }]) => verdictOf(masked, planted) === "confirmed").map(([id]) => id));
  const of = <Kind extends keyof TestedRegion>(kind: Kind) => new Map([...tested].map(([id, tests]) => [id, tests[kind]]));
  return { masked: of("masked"), planted: of("planted"), preprocessing: await preprocessingTrials({ ...job, files: summary.sample(trialImages, confirmed) }) };
}

type ProgramFor = (shape: readonly number[]) => Promise<AuditProgram>;

/** The program for each shape, compiled once. */
function programsOf({ model }: AuditPlan, layer: Layer | undefined, { compile }: ComputeJob): ProgramFor {
  const programs = new Map<string, Promise<AuditProgram>>();
  return (shape) => {
    const key = shape.join();
    const known = programs.get(key) ?? auditProgram(model.classifier(), model.prepared(shape), layer, compile);
    programs.set(key, known);
    return known;
  };
}

function lineOf({ labelOf }: AuditPlan, answered: Answered<string, SeenFile>): RecordLine {
  const file = answered.item;
  if ("failure" in answered) return { failed: { file, ...answered.failure } };
  const label = labelOf(file);
  return { record: asWritten(makeRecord(file, label?.index ?? -1, answered.seen, answered.answer)), unknownLabel: label && label.index === undefined ? label.text : undefined };
}
