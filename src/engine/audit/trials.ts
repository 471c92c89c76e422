/** @file Whether another preprocessing suits the labelled images better, beyond chance and by enough to matter. */
import { binomialTail } from "./statistics.js";
import type { PreprocessingTrial } from "./summary.js";

/** What the model says of one image's label: the class, its log-probability, and whether it comes first. */
export interface LabelAnswer {
  readonly label: number;
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
/**
 * Nats of mean log-probability that a change must bring. On the sample models the true channel order brings 0.04 where answers stay right all the same, and another interpolation,
 * which models hardly mind, up to 0.005.
 */
const leastGain = 0.02;

/** The trials in the order given; at most one of them is likely. */
export function judgeTrials(changes: readonly TriedChange[]): PreprocessingTrial[] {
  const trials = changes.map(({ id, answers }) => {
    const mean = (which: 0 | 1) => answers.reduce((sum, pair) => sum + pair[which].logProbability, 0) / Math.max(1, answers.length);
    return {
      id, images: answers.length, right: answers.filter(([described]) => described.isRight).length, rightChanged: answers.filter(([, changed]) => changed.isRight).length,
      likelihood: mean(0), likelihoodChanged: mean(1), pValue: Math.min(1, signTest(answers) * changes.length),
    };
  });
  const mayBe = changes.filter((change, i) => isBetter(trials[i]!) && isOfClasses(change));
  const [single, combined] = [mayBe.filter(({ id }) => !id.includes("+")), mayBe.filter(({ id }) => id.includes("+"))].map((some) => some.toSorted((a, b) => gainOf(b) - gainOf(a))[0]);
  // Two mistakes at once are rarer than one, so they must explain more images than the one does, and not a few of them better.
  const best = single && combined && !(signTest(against(single, combined)) < significance) ? single : (combined ?? single);
  return trials.map((trial) => ({ ...trial, isLikely: trial.id === best?.id }));
}

function isBetter({ likelihood, likelihoodChanged, right, rightChanged, pValue }: Omit<PreprocessingTrial, "isLikely">): boolean {
  return pValue < significance && likelihoodChanged - likelihood >= leastGain && rightChanged >= right;
}

/** Among images of one class alone, whatever draws answers towards that class would do. */
function isOfClasses({ answers }: TriedChange): boolean {
  return new Set(tellingOf(answers).map(([{ label }]) => label)).size > 1;
}

function gainOf({ answers }: TriedChange): number {
  return answers.reduce((sum, [described, changed]) => sum + changed.logProbability - described.logProbability, 0) / answers.length;
}

/** Images that are right one way or the other. Where an image is wrong both ways, a change that makes the model unsure of everything makes its label likelier too. */
function tellingOf(answers: TriedChange["answers"]): TriedChange["answers"] {
  return answers.filter(([described, changed]) => described.isRight || changed.isRight);
}

/** How likely so many labels would gain by chance: one-sided. */
function signTest(answers: TriedChange["answers"]): number {
  const moved = tellingOf(answers).filter(([described, changed]) => changed.logProbability !== described.logProbability);
  return binomialTail(moved.filter(([described, changed]) => changed.logProbability > described.logProbability).length, moved.length, 0.5);
}

/** The answers of two changes to the same images; those of the shorter list. */
function against(first: TriedChange, second: TriedChange): TriedChange["answers"] {
  return second.answers.slice(0, first.answers.length).map(([, changed], i) => [first.answers[i]![1], changed] as const);
}
