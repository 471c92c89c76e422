/** @file Many images through one model: decoded ahead, gathered into batches of one shape, answered in order. */
import { throwIfCancelled, type CancelSignal } from "../../engine/cancellation.js";
import type { Answer, AuditProgram } from "./fittingProgram.js";
import type { FedImage } from "./feedImages.js";
import type { UnseenFile } from "./seenImage.js";

/** What became of one item. */
export type Answered<Item, Fed extends FedImage = FedImage> = { readonly item: Item; readonly seen: Fed; readonly answer: Answer } | { readonly item: Item; readonly failure: UnseenFile };

export interface AnswerJob<Item, Fed extends FedImage> {
  readonly items: readonly Item[];
  /** Makes the input of an item; several run at once. */
  readonly see: (item: Item) => Promise<Fed | UnseenFile>;
  /** Inputs made ahead of the batch that runs. */
  readonly ahead: number;
  /** The program for one shape. */
  readonly programFor: (shape: readonly number[]) => AuditProgram;
  /** Takes what each batch gave, and the failures before it. */
  readonly each: (answered: readonly Answered<Item, Fed>[]) => void;
  readonly signal?: CancelSignal | undefined;
}

/** Answers every item. Memory depends on `ahead` and the batch, never on how many there are. */
export async function answerImages<Item, Fed extends FedImage>({ items, see, ahead, programFor, each, signal }: AnswerJob<Item, Fed>): Promise<void> {
  const made: Promise<Fed | UnseenFile>[] = [];
  let next = 0;
  const fill = () => {
    while (made.length < ahead && next < items.length) made.push(see(items[next++]!));
  };
  let waiting: { readonly item: Item; readonly seen: Fed }[] = [];
  let failed: Answered<Item, Fed>[] = [];
  let batch: Float32Array = new Float32Array(0);

  const flush = async () => {
    const filled = waiting;
    waiting = [];
    const answered: Answered<Item, Fed>[] = failed;
    failed = [];
    if (filled.length > 0) {
      const program = programFor(filled[0]!.seen.shape);
      if (batch.length !== program.atOnce * program.size) batch = new Float32Array(program.atOnce * program.size);
      for (const [row, { seen }] of filled.entries()) seen.fill(batch.subarray(row * program.size, (row + 1) * program.size));
      throwIfCancelled(signal);
      const answers = await program.run(batch, filled.length);
      for (const [row, { item, seen }] of filled.entries()) {
        const answer = answers[row]!;
        answered.push(areScores(answer.logits) ? { item, seen, answer } : { item, failure: { code: "runtimeFailed", reason: "the model's scores are not numbers" } });
      }
    }
    if (answered.length > 0) each(answered);
  };

  try {
    for (const item of items) {
      fill();
      throwIfCancelled(signal);
      const seen = await made.shift()!;
      fill();
      if ("code" in seen) {
        failed.push({ item, failure: seen });
        continue;
      }
      if (waiting.length > 0 && String(waiting[0]!.seen.shape) !== String(seen.shape)) await flush();
      waiting.push({ item, seen });
      if (waiting.length === programFor(seen.shape).atOnce) await flush();
    }
    await flush();
  } finally {
    // What was made ahead is of no more use; that it may fail is nobody's fault.
    await Promise.allSettled(made);
  }
}

/** Whether probabilities follow from them: a class may be ruled out (minus infinity), but not every one. */
function areScores(logits: Float32Array): boolean {
  return logits.every((logit) => logit < Infinity) && logits.some((logit) => logit > -Infinity);
}
