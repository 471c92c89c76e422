/** @file `whylight compare-audits`: what a second audit of the same images got right that the first got wrong, and the other way round. */
import { dirname, basename } from "node:path";
import type { AuditComparison, AuditHead } from "../protocol/audit.js";
import { modelLabel } from "../protocol/modelNames.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { alignColumns, cut, describeFailure, exitCodeOf, percent, type Terminal } from "./terminal.js";

const shownClasses = 10;
const shownImages = 10;

/** Compares two audits' folders. Returns the exit code: 0 whatever changed, 1 when one holds no audit. */
export async function runCompareAudits(before: string, after: string, { json }: { readonly json: boolean }, terminal: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  try {
    const comparison = await jobs.compareAudits(before, after);
    if (json) terminal.out(JSON.stringify(comparison, undefined, 2));
    else await print(comparison, { before, after }, jobs, terminal);
    return 0;
  } catch (thrown) {
    const failure = describeFailure(thrown, terminal.translate);
    terminal.err(`${failure.text} ${failure.next}`);
    return exitCodeOf([failure]);
  }
}

async function print({ before, after, images, onlyBefore, onlyAfter, right, fixed, broken, wrongInBoth, pValue, classes, regions }: AuditComparison, folders: { readonly before: string; readonly after: string }, jobs: Jobs, { out, translate }: Terminal): Promise<void> {
  const share = (count: number) => (images > 0 ? percent(count / images) : "–");
  for (const line of alignColumns([[translate("Before"), nameOf(before), share(right.before)], [translate("After"), nameOf(after), share(right.after)]], [2])) out(line);
  out(translate("{images} labelled images in both: {fixed} fixed, {broken} broken, {wrong} wrong in both", { images, fixed, broken, wrong: wrongInBoth }));
  out(pValue < 0.05 ? translate("So uneven a split is unlikely by chance (McNemar's exact test: p {p}).", { p: pText(pValue) }) : translate("So uneven a split may be chance (McNemar's exact test: p {p}).", { p: pText(pValue) }));
  if (onlyBefore + onlyAfter > 0) out(translate("Only in the first: {before}; only in the second: {after}", { before: onlyBefore, after: onlyAfter }));
  const changed = classes.filter((row) => row.fixed + row.broken > 0).toSorted((a, b) => b.fixed + b.broken - a.fixed - a.broken);
  if (changed.length > 0) {
    const head = ["", translate("images"), translate("before"), translate("after"), translate("fixed"), translate("broken")];
    const rows = changed.slice(0, shownClasses).map((row) => [cut(row.label, 30), String(row.images), percent(row.before / row.images), percent(row.after / row.images), String(row.fixed), String(row.broken)]);
    out("");
    for (const line of alignColumns([head, ...rows], [1, 2, 3, 4, 5])) out(`  ${line}`);
  }
  const words = { gone: translate("gone"), new: translate("new"), stays: translate("stays") };
  if (regions.length > 0) out(`\n${translate("Shared regions:")}`);
  for (const line of alignColumns(regions.map(({ id, label, change }) => [words[change], cut(label, 30), id]))) out(`  ${line}`);
  for (const change of ["broken", "fixed"] as const) {
    const { images: shown } = await jobs.changedImages({ ...folders, change, offset: 0, count: shownImages });
    if (shown.length === 0) continue;
    out(`\n${change === "broken" ? translate("Broken:") : translate("Fixed:")}`);
    const rows = shown.map((image) => [cut(image.file, 60), cut(image.label, 24), `${cut(image.before, 24)} → ${cut(image.after, 24)}`, `${percent(image.beforeProbability)} → ${percent(image.afterProbability)}`]);
    for (const line of alignColumns(rows)) out(`  ${line}`);
  }
}

const pText = (p: number) => (p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`);

/** The model, and the folder that tells two audits of one model apart. */
function nameOf({ folder, model }: AuditHead): string {
  return `${modelLabel(model)} (${basename(dirname(folder))}/${basename(folder)})`;
}
