/** @file A program for batches of images that gives way to a smaller one where memory runs out. */
import { inBatches, planBatches, type BatchJob } from "../../engine/attribution/batching.js";

/** What the model says of one image. */
export interface Answer {
  /** Copies, which last. */
  readonly logits: Float32Array;
  readonly map: Float32Array | undefined;
  readonly features: Float32Array | undefined;
}

export interface AuditProgram {
  /** Elements of one image, and images at once. */
  readonly size: number;
  readonly atOnce: number;
  /** Runs the first `count` images of a batch, `atOnce * size` values. */
  run(batch: Float32Array, count: number): Promise<Answer[]>;
}

export interface OwnedProgram extends AuditProgram {
  dispose(): void;
}

/** `make` compiles for so many images at once. Batches are made for `job.count` images. */
export function fittingProgram(size: number, job: BatchJob, make: (atOnce: number) => Promise<OwnedProgram>): OwnedProgram {
  const plan = planBatches(job);
  const atOnce = plan.size();
  let fitting: OwnedProgram | undefined;
  const drop = () => {
    fitting?.dispose();
    fitting = undefined;
  };
  const run: AuditProgram["run"] = async (batch, count) => {
    const answers: Answer[] = [];
    await inBatches({ ...plan, count, size: () => Math.min(atOnce, plan.size()) }, async (first, filled, at) => {
      if (fitting?.atOnce !== at) drop();
      fitting ??= await make(at);
      const part = at === atOnce ? batch : new Float32Array(at * size);
      if (part !== batch) part.set(batch.subarray(first * size, (first + filled) * size));
      answers.push(...(await fitting.run(part, filled)));
    });
    return answers;
  };
  return { size, atOnce, run, dispose: drop };
}
