/** @file `whylight check`: holds a model against a specification of answers, focus and accuracy, for continuous integration. */
import { basename, dirname, resolve } from "node:path";
import type { RuntimeChoice } from "../protocol/api.js";
import { modelLabel } from "../protocol/modelNames.js";
import { junitReport } from "../report/junitReport.js";
import { readCheckSpec } from "../worker/check/checkSpec.js";
import type { CheckReport } from "../worker/check/checkRow.js";
import { runChecks } from "../worker/check/runChecks.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { version } from "../worker/version.js";
import { checkTexts, type CheckTexts } from "./checkTable.js";
import { makeFolder, writeOutput } from "./outputFolder.js";
import { alignColumns, cut, describeFailure, exitCodeOf, type Terminal } from "./terminal.js";

export interface CheckOptions {
  readonly runtime: RuntimeChoice;
  readonly json: boolean;
  /** Where the results are also written as JUnit XML. */
  readonly junit: string | undefined;
}

/** Numbers for scripts, and the same in words. */
type Row = CheckReport["rows"][number] & { readonly texts: CheckTexts };

/** Runs the checks of one specification. Returns the exit code: 0 when all hold, 1 when one fails or cannot be run, 2 for a wrong specification. */
export async function runCheck(model: string, spec: string, { runtime, json, junit }: CheckOptions, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const { translate, out } = terminal;
  try {
    const request = { model: resolve(model), spec: resolve(spec), runtime };
    const report = await runChecks(jobs, request, readCheckSpec(request.spec), {
      onProgress: (phase) => terminal.progress(phase, basename(spec)), onAudit: ({ images, total }) => terminal.progress("computing", `${basename(spec)} · ${images} / ${total}`),
    });
    const rows = report.rows.map((row) => ({ ...row, texts: checkTexts(row, translate) }));
    const failed = rows.filter(({ ok }) => !ok).length;
    if (json) out(JSON.stringify({ whylight: version, model, spec, runtime: report.runtime, ok: failed === 0, passed: rows.length - failed, failed, checks: rows, unreadableCount: report.unreadableCount, unreadable: report.unreadable }, undefined, 2));
    else print(model, spec, report, rows, failed, terminal);
    // After the table: a place that cannot be written must not cost the results.
    if (junit !== undefined) {
      makeFolder(dirname(resolve(junit)));
      writeOutput(dirname(resolve(junit)), basename(junit), junitReport(`whylight check ${modelLabel(model)}`, rows.map((row) => junitCase(row, translate))));
    }
    return failed === 0 ? 0 : 1;
  } catch (thrown) {
    const failure = describeFailure(thrown, translate);
    terminal.err(`${failure.text} ${failure.next}`);
    return exitCodeOf([failure]);
  }
}

function junitCase({ subject, at, texts: { what, wanted, found }, ok }: Row, translate: Terminal["translate"]) {
  return { group: subject, name: `${what} (${at})`, failure: ok ? undefined : translate("wanted {wanted}, found {found}", { wanted, found }) };
}

function print(model: string, spec: string, { runtime, unreadableCount, unreadable }: CheckReport, rows: readonly Row[], failed: number, { out, translate }: Terminal): void {
  out(`${modelLabel(model)} · ${runtime} · ${spec}\n`);
  const head = ["", "", translate("Check"), translate("Wanted"), translate("Found")];
  const body = rows.map(({ ok, subject, texts: { what, wanted, found } }) => [ok ? translate("ok") : translate("FAILED"), cut(subject, 60), cut(what, 100), cut(wanted, 40), cut(found, 160)]);
  for (const line of alignColumns([head, ...body])) out(`  ${line}`);
  if (unreadable.length > 0) out(`\n${translate("Files that could not be read and were left out: {count} ({files})", { count: unreadableCount, files: cut(unreadable.slice(0, 5).join(", "), 200) })}`);
  out(`\n${failed === 0 ? translate("All {count} checks hold", { count: rows.length }) : translate("{failed} of {count} checks failed", { failed, count: rows.length })}`);
}
