/** @file What an audit tries when all images are through: each shared region, and other preprocessing. Only answers count here, so that no gradient is computed. */
import type { SummaryBuilder, SummaryEnd } from "../../engine/audit/summarize.js";
import { verdictOf } from "../../engine/audit/verdict.js";
import type { CancelSignal } from "../../engine/cancellation.js";
import type { AuditPlan } from "./auditPlan.js";
import type { AuditPrograms } from "./auditProgram.js";
import { testRegion, type TestedRegion } from "./counterTests.js";
import { preprocessingTrials } from "./preprocessingTrials.js";

/** Labelled images that other preprocessing is tried on. */
const trialImages = 64;

/** Tests what the summary found so far. */
export async function testFindings({ folder, preprocess, activation, labelOf }: AuditPlan, summary: SummaryBuilder, programs: AuditPrograms, signal: CancelSignal | undefined): Promise<Pick<SummaryEnd, "masked" | "planted" | "preprocessing">> {
  const job = { folder, preprocess, activation, labelOf: (file: string) => labelOf(file)?.index ?? -1, programFor: programs.get, signal };
  const tested = new Map<string, TestedRegion>();
  for (const region of summary.regions()) tested.set(region.id, await testRegion(region, job));
  // Cropping a shortcut away would look like the better preprocessing.
  const confirmed = new Set([...tested].filter(([, { masked, planted }]) => verdictOf(masked, planted) === "confirmed").map(([id]) => id));
  return {
    masked: new Map([...tested].map(([id, { masked }]) => [id, masked])), planted: new Map([...tested].map(([id, { planted }]) => [id, planted])),
    preprocessing: await preprocessingTrials({ ...job, files: summary.sample(trialImages, confirmed) }),
  };
}
