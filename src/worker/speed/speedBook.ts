/** @file How fast each runtime is on this machine, as far as it was measured. */
import type { RuntimeName } from "../../engine/runtime.js";

/** What most of a model's arithmetic is: convolutions, or the matrix products that attention is made of. */
export type ModelFamily = "convolutions" | "attention";

export interface SpeedBook {
  /** Floating-point operations per millisecond that a runtime makes of a family's gradients here; `undefined` before it was ever measured. */
  rate(runtime: RuntimeName, family: ModelFamily): number | undefined;
  /** Runtimes by how fast they were measured, fastest first; `undefined` before that. */
  order(family: ModelFamily): readonly RuntimeName[] | undefined;
  /** A run of a job tells too: keeps a moving average. */
  observe(runtime: RuntimeName, family: ModelFamily, flops: number, ms: number): void;
}

/** What a new run counts in the average. */
const weightOfNew = 0.25;

/** A book that forgets when the process ends. */
export function createSpeedBook(): SpeedBook {
  const rates = new Map<`${RuntimeName} ${ModelFamily}`, number>();
  return {
    rate: (runtime, family) => rates.get(`${runtime} ${family}`),
    order: () => undefined,
    observe: (runtime, family, flops, ms) => {
      if (!(flops > 0 && ms > 0)) return;
      const known = rates.get(`${runtime} ${family}`);
      const seen = flops / ms;
      rates.set(`${runtime} ${family}`, known === undefined ? seen : known + weightOfNew * (seen - known));
    },
  };
}
