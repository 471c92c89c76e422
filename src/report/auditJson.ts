/** @file An audit as a JSON document, described by media/audit.schema.json: the summary, with its findings in words. */
import type { ReportContext } from "./auditContent.js";

/** The document's text. Add fields; never rename or remove one. */
export function auditJson({ summary, sentence, version }: ReportContext): string {
  const findings = summary.findings.map((finding) => ({ ...finding, texts: finding.sentences.map(sentence) }));
  return `${JSON.stringify({ whylight: version, ...summary, findings }, undefined, 2)}\n`;
}
