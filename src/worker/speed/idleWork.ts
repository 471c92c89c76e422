/** @file Work for the time between jobs: begun when the last job is done, stopped when one comes, tried again after it, and done once. */
import { toWhylightError } from "../../engine/errors.js";

export interface IdleWork {
  /** Keeps the work from running while a job lasts. */
  during(job: Promise<unknown>): void;
  /** The work has become worth doing. */
  want(): void;
}

/** `work` stops when its signal is set, and rejects with `cancelled`. Whatever else it rejects with ends the attempts. */
export function createIdleWork(work: (signal: AbortSignal) => Promise<void>): IdleWork {
  let running = 0;
  let state: "unwanted" | "wanted" | "over" = "unwanted";
  let current: AbortController | undefined;

  function begin(): void {
    if (running > 0 || state !== "wanted" || current) return;
    const mine = new AbortController();
    current = mine;
    void work(mine.signal).then(() => true, (thrown: unknown) => toWhylightError(thrown).code !== "cancelled").then((isOver) => {
      current = undefined;
      if (isOver) state = "over";
      else begin();
    });
  }

  const end = () => {
    running--;
    begin();
  };
  return {
    during: (job) => {
      running++;
      current?.abort();
      job.then(end, end);
    },
    want: () => {
      if (state === "unwanted") state = "wanted";
    },
  };
}
