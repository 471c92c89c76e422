/** @file Says on standard error what a long or large job will take. */
import type { Estimate } from "../protocol/api.js";
import { estimateText, estimateTexts } from "../protocol/estimateTexts.js";
import type { Terminal } from "./terminal.js";

/** Another estimate of the same kind of job is told where it is that much longer or shorter. */
const news = 2;

/** Hears the estimates of one command's jobs and says each kind of job once, and again where it turns out otherwise. */
export function estimateTeller({ err, translate }: Terminal): (subject: string) => (estimate: Estimate) => void {
  const told = new Map<string, number | undefined>();
  return (subject) => (estimate) => {
    const [before, most] = [told.get(subject), estimate.ms?.[1]];
    if (told.has(subject) && (most === undefined || (before !== undefined && Math.max(before / most, most / before) < news))) return;
    told.set(subject, most);
    err(`${subject}: ${translate(estimateTexts.stop, { estimate: estimateText(estimate, translate) })}`);
  };
}
