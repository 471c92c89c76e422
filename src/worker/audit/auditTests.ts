/** @file What an audit tries when all images are through: each shared region, and other preprocessing. Only answers count here, so that no gradient is computed. */
import type { SummaryBuilder, SummaryEnd } from "../../engine/audit/summarize.js";
import { verdictOf } from "../../engine/audit/verdict.js";
import type { CancelSignal } from "../../engine/cancellation.js";
import type { AuditPlan } from "./auditPlan.js";
import type { AuditPrograms } from "./auditProgram.js";
import { testRegion, turnsOf, type TestedRegion } from "./counterTests.js";
import { firstTurns, preprocessingTrials } from "./preprocessingTrials.js";

/** Labelled images that other preprocessing is tried on. */
const trialImages = 64;

/** Tests what the summary found so far; `report` is told how often the model was asked, of how often it will be as far as that is known. */
export async function testFindings(
  { folder, preprocess, activation, labelOf }: AuditPlan, summary: SummaryBuilder, programs: AuditPrograms, report: (done: number, total: number) => void, signal: CancelSignal | undefined,
): Promise<Pick<SummaryEnd, "masked" | "planted" | "preprocessing">> {
  const regions = summary.regions();
  let [done, total] = [0, regions.reduce((sum, region) => sum + turnsOf(region), firstTurns(preprocess, summary.sample(trialImages).length))];
  report(done, total);
  const onAnswers = (count: number) => report((done += count), total);
  const job = { folder, preprocess, activation, labelOf: (file: string) => labelOf(file)?.index ?? -1, programFor: programs.get, signal, onAnswers, onMore: (turns: number) => { total += turns; } };
  const tested = new Map<string, TestedRegion>();
  for (const region of regions) tested.set(region.id, await testRegion(region, job));
  // Cropping a shortcut away would look like the better preprocessing.
  const confirmed = new Set([...tested].filter(([, { masked, planted }]) => verdictOf(masked, planted) === "confirmed").map(([id]) => id));
  return {
    masked: new Map([...tested].map(([id, { masked }]) => [id, masked])), planted: new Map([...tested].map(([id, { planted }]) => [id, planted])),
    preprocessing: await preprocessingTrials({ ...job, files: summary.sample(trialImages, confirmed) }),
  };
}
