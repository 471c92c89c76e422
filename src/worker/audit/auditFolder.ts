/** @file One audit: a folder's images through the model, each written down as it is done, and a summary at the end. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createSummary } from "../../engine/audit/summarize.js";
import { WhylightError } from "../../engine/errors.js";
import type { AuditRequest, AuditSummary } from "../../protocol/audit.js";
import type { JobContext, JobResources } from "../jobs.js";
import { computeOn, type ComputeJob } from "../runJob.js";
import { answerImages, type Answered } from "./answerImages.js";
import { planAudit, type AuditPlan } from "./auditPlan.js";
import { auditProgram, type AuditProgram } from "./auditProgram.js";
import { makeRecord } from "./makeRecord.js";
import { createProgress } from "./auditProgress.js";
import { openRecords, readHeader, readRecords, recordPath, type RecordFile } from "./recordFile.js";
import { asWritten, fileOf, type RecordLine } from "./recordLine.js";
import { seeFile } from "./seenImage.js";
import { addLine, headOf, writeSummary } from "./storedSummary.js";

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
  const programFor = programsOf(plan, job);
  const write = (answered: readonly Answered<string>[]) => {
    const lines = answered.map((one) => lineOf(plan, one));
    records.append(lines);
    for (const line of lines) addLine(summary, line);
    progress.done(lines);
  };
  await answerImages({ items: remaining, see: (file) => seeFile(join(plan.folder, file), plan.preprocess), ahead: 32, programFor, each: write, signal: context.signal });
  const made = summary.finish({ finished: new Date().toISOString(), seconds: (performance.now() - start) / 1000 });
  writeSummary(out, made);
  return made;
}

/** The program for each shape, compiled once. */
function programsOf(plan: AuditPlan, { compile }: ComputeJob): (shape: readonly number[]) => Promise<AuditProgram> {
  const programs = new Map<string, Promise<AuditProgram>>();
  return (shape) => {
    const key = shape.join();
    const known = programs.get(key) ?? auditProgram(plan.model.classifier(), plan.model.prepared(shape), plan.layer, compile);
    programs.set(key, known);
    return known;
  };
}

function lineOf({ labelOf }: AuditPlan, answered: Answered<string>): RecordLine {
  const file = answered.item;
  if ("failure" in answered) return { failed: { file, ...answered.failure } };
  const label = labelOf(file);
  return { record: asWritten(makeRecord(file, label?.index ?? -1, answered.seen, answered.answer)), unknownLabel: label && label.index === undefined ? label.text : undefined };
}
