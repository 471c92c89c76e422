/** @file Says on standard error what a long or large job will take. */
import type { Estimate } from "../protocol/api.js";
import { estimateText, estimateTexts } from "../protocol/estimateTexts.js";
import type { Terminal } from "./terminal.js";

/** Hears the estimates of one command's jobs and says each kind of job once. */
export function estimateTeller({ err, translate }: Terminal): (subject: string) => (estimate: Estimate) => void {
  const told = new Set<string>();
  return (subject) => (estimate) => {
    if (told.has(subject)) return;
    told.add(subject);
    err(`${subject}: ${translate(estimateTexts.stop, { estimate: estimateText(estimate, translate) })}`);
  };
}
