/** @file `whylight audit`: what a model gets wrong in a folder, and what it looks at when it does. */
import { dirname, join } from "node:path";
import type { RuntimeChoice } from "../protocol/api.js";
import { auditFiles, type AuditFormat, type AuditProgress, type AuditSummary } from "../protocol/audit.js";
import { auditSentenceText } from "../protocol/auditTexts.js";
import { makeAuditFiles } from "../worker/audit/exportAudit.js";
import { createGallery } from "../worker/audit/gallery.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { makeFolder, writeOutput } from "./outputFolder.js";
import { runStoppable } from "./stoppable.js";
import { alignColumns, cut, describeNote, percent, type Terminal } from "./terminal.js";

export interface AuditOptions {
  readonly out: string;
  readonly labels: string | undefined;
  readonly limit: number | undefined;
  readonly resume: boolean;
  readonly workers: number | undefined;
  /** Of the report that is written beside the records. */
  readonly formats: readonly AuditFormat[];
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
}

const shownMistakes = 10;
const shownFailures = 5;
/** What a finished audit leaves beside its records is called, without its ending. */
const reportName = "report";

/** Audits a folder. Returns the exit code: 0 whatever was found, 1 when the audit failed, 130 when it was stopped. */
export async function runAudit(model: string, folder: string, options: AuditOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { json, formats, ...asked } = options;
  const { out, translate } = terminal;
  let last: AuditProgress | undefined;
  const stopped = () => translate("Stopped after {images} of {total} images; they are kept. The same command with --resume goes on.", { images: last?.images ?? 0, total: last?.total ?? "?" });
  // The second Ctrl-C ends the process at once, which loses at most the images of one batch.
  return runStoppable(terminal, ["SIGINT"], stopped, async (signal) => {
    const summary = await jobs.auditFolder({ model, folder, ...asked }, {
      signal, onProgress: (phase) => last === undefined && terminal.progress(phase, folder),
      onAudit: (progress) => {
        if (progress.cutTo !== undefined && progress.cutTo !== last?.cutTo) terminal.err(describeNote({ code: "batchesCut", data: { size: progress.cutTo } }, translate));
        last = progress;
        terminal.progress("computing", progressLine(progress, terminal));
      },
    });
    const gallery = createGallery();
    const report = async (format: AuditFormat) => (await makeAuditFiles(gallery, { audit: options.out, format, name: reportName }, translate)).files;
    const written: string[] = [];
    for (const format of formats) {
      const files = await report(format);
      for (const { name, bytes } of files) {
        makeFolder(dirname(join(options.out, name)));
        writeOutput(options.out, name, bytes);
      }
      written.push(files[0]!.name);
    }
    if (json) out(new TextDecoder().decode((await report("json"))[0]!.bytes).trimEnd());
    else print(summary, options.out, written, terminal);
    return 0;
  });
}

/** "12340 of 20000 images · 812/s · 10 s left · 31 mistakes"; at its end "Looking for what mistakes share · 120 of 480 · 8.2/s · 44 s left". */
function progressLine({ images, total, mistakes, perSecond, tests }: AuditProgress, { translate }: Terminal): string {
  const rest = tests ? tests.total - tests.done : total - images;
  const left = perSecond > 0 ? Math.ceil(rest / perSecond) : 0;
  const time = left < 100 ? translate("{seconds} s left", { seconds: left }) : translate("{minutes} min left", { minutes: Math.round(left / 60) });
  const speed = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
  if (tests) return [translate("Looking for what mistakes share"), translate("{done} of {total}", tests), ...(perSecond > 0 ? [speed, time] : [])].join(" · ");
  return [translate("{images} of {total} images", { images, total }), speed, time, translate("{count} mistakes", { count: mistakes })].join(" · ");
}

function print(summary: AuditSummary, folder: string, written: readonly string[], { out, translate }: Terminal): void {
  const { images, labelled, mistakes, failedCount, failed, accuracy, accuracyRange, topFive, seconds, runtime } = summary;
  const nameOf = (index: number) => cut(summary.labels[index] ?? String(index), 30);
  out(`${translate("{images} images in {seconds} s", { images: images + failedCount, seconds: seconds.toFixed(1) })} · ${runtime}`);
  if (accuracy !== null && accuracyRange !== null) {
    const range = { accuracy: percent(accuracy), low: percent(accuracyRange[0]), high: percent(accuracyRange[1]), mistakes, labelled };
    out(translate("Accuracy {accuracy} (95 % interval {low} to {high}): {mistakes} mistakes in {labelled} labelled images", range));
    if (topFive !== null && summary.labels.length > 5) out(translate("The label is among the five likeliest classes of {share}", { share: percent(topFive) }));
  } else out(translate("No image has a label that the model knows."));
  for (const { severity, sentences } of summary.findings) out(`\n${{ high: "!!", medium: "! ", low: "  " }[severity]} ${sentences.map((sentence) => auditSentenceText(sentence, translate)).join(" ")}`);
  if (summary.worst.length > 0) {
    out(`\n${translate("Surest mistakes:")}`);
    const rows = summary.worst.slice(0, shownMistakes).map(({ file, label, predicted, confidence }) => [cut(file, 60), nameOf(label), "→", nameOf(predicted), percent(confidence)]);
    for (const line of alignColumns(rows, [4])) out(`  ${line}`);
  }
  if (failedCount > 0) {
    out(`\n${translate("Files that could not be read: {count}", { count: failedCount })}`);
    for (const { file, reason } of failed.slice(0, shownFailures)) out(`  ${cut(file, 60)}: ${cut(reason, 80)}`);
  }
  out(`\n${translate("Report: {report}; records for queries: {table}", { report: written.map((name) => join(folder, name)).join(", "), table: join(folder, auditFiles.table) })}`);
}
