/** @file The summary of an audit on disk, and what can be said of one that was stopped. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { createSummary, type SummaryBuilder, type SummaryHead } from "../../engine/audit/summarize.js";
import type { AuditSummary } from "../../engine/audit/summary.js";
import { auditFiles } from "../../protocol/audit.js";
import { orUnwritable, replaceFile } from "../writing.js";
import { readHeader, readRecords, recordPath, type AuditHeader } from "./recordFile.js";
import type { RecordLine } from "./recordLine.js";

/** What the header of the records knows of the summary. */
export function headOf({ model, folder, labelsFrom, labels, layer, started, runtime }: AuditHeader): SummaryHead {
  return { model, folder, labelsFrom, labels, layer, started, runtime };
}

/** Adds one line of the records. */
export function addLine(summary: SummaryBuilder, line: RecordLine): void {
  if ("failed" in line) summary.fail(line.failed);
  else summary.add(line.record, line.unknownLabel);
}

/** Writes the summary, whole or not at all. */
export function writeSummary(audit: string, summary: AuditSummary): void {
  const path = join(audit, auditFiles.summary);
  orUnwritable(path, () => replaceFile(path, `${JSON.stringify(summary)}\n`));
}

/** Removes what was made of fewer records. */
export function forgetSummary(audit: string): void {
  for (const name of [auditFiles.summary, auditFiles.table]) rmSync(join(audit, name), { force: true });
}

/** The summary of a finished audit; of one that was stopped, what its records say, with `finished` undefined. Throws `auditMissing`. */
export function readSummary(audit: string): AuditSummary {
  const header = readHeader(recordPath(audit));
  if (!header) throw new WhylightError("auditMissing", { path: audit });
  const path = join(audit, auditFiles.summary);
  const stored = existsSync(path) ? parse(readFileSync(path, "utf8")) : undefined;
  if (stored?.version === 1 && stored.started === header.started) return stored;
  const summary = createSummary(headOf(header));
  for (const { line } of readRecords(recordPath(audit))) addLine(summary, line);
  return summary.finish({ finished: undefined, seconds: 0 });
}

function parse(text: string): AuditSummary | undefined {
  try {
    const stored = JSON.parse(text) as Omit<AuditSummary, "maps"> & Partial<Pick<AuditSummary, "maps">>;
    // Early audits have no mean maps.
    return { ...stored, maps: stored.maps ?? [] };
  } catch {
    return undefined;
  }
}
