/** @file Tries other preprocessing on a sample of the labelled images, as a model that is fed wrongly is the likeliest reason for many mistakes. */
import { join } from "node:path";
import { judgeTrials, type LabelAnswer } from "../../engine/audit/trials.js";
import type { PreprocessingTrial } from "../../engine/audit/summary.js";
import { argMax } from "../../engine/attribution/probabilities.js";
import type { CancelSignal } from "../../engine/cancellation.js";
import { preprocessingVariants } from "../../engine/debug/preprocessingVariants.js";
import type { OutputActivation, Preprocess } from "../../engine/preprocess/description.js";
import { answerImages } from "./answerImages.js";
import type { AuditProgram } from "./fittingProgram.js";
import { feedImages } from "./feedImages.js";

export interface TrialsJob {
  readonly folder: string;
  readonly preprocess: Preprocess;
  readonly activation: OutputActivation;
  /** Labelled images. */
  readonly files: readonly string[];
  readonly labelOf: (file: string) => number;
  readonly programFor: (shape: readonly number[]) => AuditProgram;
  readonly signal: CancelSignal | undefined;
  /** Hears of answers as they come, failures among them. */
  readonly onAnswers: (count: number) => void;
  /** Hears how many more will be asked for than `firstTurns`. */
  readonly onMore: (turns: number) => void;
}

/** Every change is tried on so many images; those that do them good, on all. */
const firstImages = 24;

/** How often the model is asked at first, with so many labelled images. */
export function firstTurns(preprocess: Preprocess, files: number): number {
  return Math.min(firstImages, files) * (1 + preprocessingVariants(preprocess).length);
}

/** What each change does. Images that cannot be read any more are left out. */
export async function preprocessingTrials(job: TrialsJob): Promise<readonly PreprocessingTrial[]> {
  const variants = new Map(preprocessingVariants(job.preprocess).map(({ id, preprocess }) => [id, preprocess]));
  const answers = new Map<string, Map<string, LabelAnswer>>();
  await answer(job, job.files.slice(0, firstImages), [["", job.preprocess], ...variants], answers);
  const gains = [...variants.keys()].filter((id) => gainOf(answers, id) > 0);
  if (gains.length > 0) job.onMore(Math.max(0, job.files.length - firstImages) * (1 + gains.length));
  if (gains.length > 0) await answer(job, job.files.slice(firstImages), [["", job.preprocess], ...gains.map((id) => [id, variants.get(id)!] as const)], answers);
  return judgeTrials([...variants.keys()].map((id) => ({ id, answers: pairsOf(answers, id) })));
}

/** Answers by change (none is "") and image. */
type Answers = Map<string, Map<string, LabelAnswer>>;

async function answer({ folder, activation, labelOf, programFor, signal, onAnswers }: TrialsJob, files: readonly string[], changes: readonly (readonly [id: string, preprocess: Preprocess])[], answers: Answers): Promise<void> {
  const feed = feedImages();
  await answerImages({
    items: files.flatMap((file) => changes.map(([id, preprocess]) => ({ file, id, preprocess }))), ahead: changes.length, programFor, signal,
    see: ({ file, preprocess }) => feed(join(folder, file), preprocess),
    each: (answered) => {
      onAnswers(answered.length);
      for (const one of answered) {
        if ("failure" in one) continue;
        const { item: { file, id }, answer: { logits } } = one;
        const ofChange = answers.get(id) ?? new Map<string, LabelAnswer>();
        ofChange.set(file, labelAnswer(logits, labelOf(file), activation));
        answers.set(id, ofChange);
      }
    },
  });
}

function pairsOf(answers: Answers, id: string): (readonly [LabelAnswer, LabelAnswer])[] {
  const described = answers.get("");
  return [...(answers.get(id) ?? [])].flatMap(([file, changed]) => { const before = described?.get(file); return before ? [[before, changed] as const] : []; });
}

function gainOf(answers: Answers, id: string): number {
  return pairsOf(answers, id).reduce((sum, [described, changed]) => sum + changed.logProbability - described.logProbability, 0);
}

/** In float64, so that sure answers still differ. Of a single output the one class there is has the logit of a yes. */
function labelAnswer(logits: Float32Array, label: number, activation: OutputActivation): LabelAnswer {
  const first = argMax(logits);
  if (logits.length === 1 || activation === "sigmoid") return { label, logProbability: -Math.log1p(Math.exp(-logits[label]!)), isRight: first === label && logits[label]! > 0 };
  let rest = 0;
  for (const logit of logits) rest += Math.exp(logit - logits[first]!);
  return { label, logProbability: logits[label]! - logits[first]! - Math.log(rest), isRight: first === label };
}
