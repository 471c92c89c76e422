/** @file One progress for work in several stages, each of which tells its own. */
import type { JobContext } from "../jobs.js";

const whole = 100;

/** Gives the context of one stage after the other; together they go from 0 to 100, and never back. Stages beyond `count` stay at the end. */
export function stagesOf({ signal, onProgress }: JobContext, count: number): () => JobContext {
  let [begun, reached] = [0, 0];
  return () => {
    const before = Math.min(begun++, count - 1);
    return {
      signal,
      onProgress: (phase, done, total) => {
        reached = Math.max(reached, Math.floor((whole * (before + (total > 0 ? done / total : 0))) / count));
        onProgress?.(phase, reached, whole);
      },
    };
  };
}
