/** @file Whether another preprocessing suits the labelled images better, beyond chance and by enough to matter. */
import { binomialTail } from "./statistics.js";
import type { PreprocessingTrial } from "./summary.js";

/** What the model says of one image's label: its log-probability, and whether it comes first. */
export interface LabelAnswer {
  readonly logProbability: number;
  readonly isRight: boolean;
}

/** One change with the answers before and after it, image by image. */
export interface TriedChange {
  readonly id: string;
  readonly answers: readonly (readonly [described: LabelAnswer, changed: LabelAnswer])[];
}

/** Beyond this a gain counts as chance. */
const significance = 0.01;
/** Nats of mean log-probability that a change must bring: labels get 5 % likelier in the geometric mean. */
const leastGain = 0.05;

/** The trials in the order given; at most one of them is likely. */
export function judgeTrials(changes: readonly TriedChange[]): PreprocessingTrial[] {
  const trials = changes.map(({ id, answers }) => {
    const gained = answers.filter(([described, changed]) => changed.logProbability > described.logProbability).length;
    const moved = answers.filter(([described, changed]) => changed.logProbability !== described.logProbability).length;
    const mean = (which: 0 | 1) => answers.reduce((sum, pair) => sum + pair[which].logProbability, 0) / Math.max(1, answers.length);
    return {
      id, images: answers.length, right: answers.filter(([described]) => described.isRight).length, rightChanged: answers.filter(([, changed]) => changed.isRight).length,
      likelihood: mean(0), likelihoodChanged: mean(1), pValue: Math.min(1, binomialTail(gained, moved, 0.5) * changes.length),
    };
  });
  const gainOf = (trial: (typeof trials)[number]) => trial.likelihoodChanged - trial.likelihood;
  const best = trials.reduce<(typeof trials)[number] | undefined>((most, trial) => (most === undefined || gainOf(trial) > gainOf(most) ? trial : most), undefined);
  return trials.map((trial) => ({ ...trial, isLikely: trial === best && trial.pValue < significance && gainOf(trial) >= leastGain && trial.rightChanged >= trial.right }));
}
