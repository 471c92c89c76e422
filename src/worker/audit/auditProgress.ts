/** @file Tells how far an audit is, a few times a second. */
import type { JobContext } from "../jobs.js";
import type { RecordLine } from "./recordLine.js";

const everyMs = 200;

export interface ProgressReport {
  /** Counts what an earlier run wrote. */
  before(line: RecordLine): void;
  /** Memory ran out, and batches are of so many images from now on. */
  cut(atOnce: number): void;
  /** Counts what this run wrote, and tells. */
  done(lines: readonly RecordLine[]): void;
}

/** Progress over `total` images; the speed is that of this run, without its first batch, before which programs are compiled and threads started. */
export function createProgress(total: number, { onAudit }: JobContext): ProgressReport {
  let [images, mistakes, failed, earlier, told] = [0, 0, 0, 0, -Infinity];
  let cutTo: number | undefined;
  const start = performance.now();
  /** When the first batch was done, and how many images were by then. */
  let first: { readonly at: number; readonly images: number } | undefined;
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
    cut: (most) => {
      cutTo = most;
    },
    done: (lines) => {
      for (const line of lines) count(line);
      const now = performance.now();
      const since = first ?? { at: start, images: earlier };
      first ??= { at: now, images };
      if (now - told < everyMs && images < total) return;
      told = now;
      onAudit?.({ images, total, mistakes, failed, cutTo, perSecond: (images - since.images) / Math.max(1e-3, (now - since.at) / 1000) });
    },
  };
}
