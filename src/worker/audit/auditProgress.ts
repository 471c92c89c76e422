/** @file Tells how far an audit is, a few times a second. */
import type { JobContext } from "../jobs.js";
import type { RecordLine } from "./recordLine.js";

const everyMs = 200;

export interface ProgressReport {
  /** Counts what an earlier run wrote. */
  before(line: RecordLine): void;
  /** Counts what this run wrote, and tells. */
  done(lines: readonly RecordLine[]): void;
}

/** Progress over `total` images; the speed is that of this run. */
export function createProgress(total: number, { onAudit }: JobContext): ProgressReport {
  let [images, mistakes, failed, earlier, told] = [0, 0, 0, 0, -Infinity];
  const start = performance.now();
  const count = (line: RecordLine) => {
    images++;
    if ("failed" in line) failed++;
    else if (line.record.label >= 0 && line.record.predicted !== line.record.label) mistakes++;
  };
  return {
    before: (line) => {
      count(line);
      earlier++;
    },
    done: (lines) => {
      for (const line of lines) count(line);
      const now = performance.now();
      if (now - told < everyMs && images < total) return;
      told = now;
      onAudit?.({ images, total, mistakes, failed, perSecond: (images - earlier) / Math.max(1e-3, (now - start) / 1000) });
    },
  };
}
