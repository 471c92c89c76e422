/** @file One audit: a folder's images through the model, each written down as it is done, and a summary at the end. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createBatchLimits, type BatchLimits } from "../../engine/attribution/batching.js";
import { createSummary, type SummaryBuilder } from "../../engine/audit/summarize.js";
import { WhylightError } from "../../engine/errors.js";
import type { Runtime } from "../../engine/runtime.js";
import { auditFiles, type AuditRequest, type AuditSummary } from "../../protocol/audit.js";
import { collectGarbage, keepYoungSpace } from "../heap.js";
import { guardProgram } from "../guardProgram.js";
import type { JobContext, JobResources } from "../jobs.js";
import { computeOn } from "../runJob.js";
import { answerImages, type Answered } from "./answerImages.js";
import { planAudit, type AuditPlan } from "./auditPlan.js";
import { auditPrograms, type AuditPrograms } from "./auditProgram.js";
import { createProgress, type ProgressReport } from "./auditProgress.js";
import { testFindings } from "./auditTests.js";
import { createDecodePool, defaultThreads } from "./decodePool.js";
import { makeRecord } from "./makeRecord.js";
import { openRecords, readHeader, readRecords, recordPath, type RecordFile } from "./recordFile.js";
import { asWritten, fileOf, type RecordLine } from "./recordLine.js";
import type { SeenFile } from "./seenImage.js";
import { addLine, forgetSummary, headOf, readSummary, writeSummary } from "./storedSummary.js";
import { writeTable } from "./table.js";

/** Bytes of inputs that are made ahead of the model, and the most images that this is worth. */
const aheadBytes = 64e6;
const mostAhead = 48;

/** Audits a folder, or goes on with an audit. Throws what `planAudit` and `openRecords` throw; cancelled, it keeps what is done. */
export async function auditFolder(resources: JobResources, request: AuditRequest, context: JobContext): Promise<AuditSummary> {
  const out = resolve(request.out);
  // Before the model is read, which may take long.
  if (!request.resume && existsSync(recordPath(out)) && readHeader(recordPath(out))) throw new WhylightError("auditExists", { path: out });
  keepYoungSpace();
  context.onProgress?.("reading", 0, 1);
  const plan = await planAudit(resources.models, request);
  let isStarted = request.resume;
  const { outcome } = await computeOn(resources, plan.model, { model: plan.model.path, runtime: request.runtime }, context, async ({ compile }, runtime) => {
    const records = openRecords(out, { ...plan.header, started: new Date().toISOString(), runtime: runtime.detail }, isStarted);
    // A runtime that takes over from another one goes on where that one stopped.
    isStarted = true;
    try {
      return await audit(plan, out, records, request.workers ?? defaultThreads(), runtime, compile.limits ?? createBatchLimits(), context);
    } finally {
      records.close();
    }
  });
  return outcome.result;
}

async function audit(plan: AuditPlan, out: string, records: RecordFile, threads: number, runtime: Runtime, known: BatchLimits, context: JobContext): Promise<AuditSummary> {
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
  const finished = remaining.length === 0 ? finishedOf(out, done.size) : undefined;
  if (finished) return finished;
  if (remaining.length > 0) forgetSummary(out);
  // Programs of its own: they are larger than those of single images, and nobody wants them afterwards.
  const compile = (graph: Parameters<typeof guardProgram>[1]) => guardProgram(runtime, graph, plan.model.readRange, { sharesCores: true });
  const limits: BatchLimits = {
    ...known,
    // What is measured of memory are the model's kept programs, and these are none.
    ran: () => {},
    cut: (kind, most) => {
      known.cut(kind, most);
      progress.cut(most);
    },
  };
  const [withMaps, answersOnly] = [plan.layer, undefined].map((layer) => auditPrograms(plan.model, layer, compile, limits)) as [AuditPrograms, AuditPrograms];
  try {
    await seeAndAnswer(plan, remaining, threads, { records, summary, progress, programs: withMaps }, context);
    // Before the tests compile programs of their own. What each stage leaves behind is freed before the next one, so that the peak does not grow with the folder.
    withMaps.dispose();
    collectGarbage();
    context.onProgress?.("computing", 0, 1);
    const tests = await testFindings(plan, summary, answersOnly, progress.tests, context.signal);
    collectGarbage();
    await writeTable(out);
    collectGarbage();
    const made = summary.finish({ ...tests, finished: new Date().toISOString(), seconds: (performance.now() - start) / 1000 });
    writeSummary(out, made);
    collectGarbage();
    return made;
  } finally {
    withMaps.dispose();
    answersOnly.dispose();
  }
}

/** What an audit of so many files ended with; `undefined` where it did not come to its end. */
function finishedOf(out: string, files: number): AuditSummary | undefined {
  const stored = readSummary(out);
  return stored.finished !== undefined && stored.images + stored.failedCount === files && existsSync(join(out, auditFiles.table)) ? stored : undefined;
}

interface Sinks {
  readonly records: RecordFile;
  readonly summary: SummaryBuilder;
  readonly progress: ProgressReport;
  readonly programs: AuditPrograms;
}

async function seeAndAnswer(plan: AuditPlan, files: readonly string[], threads: number, { records, summary, progress, programs }: Sinks, { signal }: JobContext): Promise<void> {
  const pool = createDecodePool(plan.preprocess, Math.min(threads, files.length));
  const ahead = Math.max(2 * (threads + 1), Math.min(mostAhead, Math.floor(aheadBytes / (4 * plan.inputSize))));
  try {
    await answerImages({
      items: files, see: (file) => pool.see(join(plan.folder, file)), ahead, programFor: programs.get, signal,
      each: (answered: readonly Answered<string, SeenFile>[]) => {
        const lines = answered.map((one) => lineOf(plan, one));
        records.append(lines);
        for (const line of lines) addLine(summary, line);
        progress.done(lines);
      },
    });
  } finally {
    await pool.close();
  }
}

function lineOf({ labelOf, activation }: AuditPlan, answered: Answered<string, SeenFile>): RecordLine {
  const file = answered.item;
  if ("failure" in answered) return { failed: { file, ...answered.failure } };
  const label = labelOf(file);
  return { record: asWritten(makeRecord(file, label?.index ?? -1, answered.seen, answered.answer, activation)), unknownLabel: label && label.index === undefined ? label.text : undefined };
}
