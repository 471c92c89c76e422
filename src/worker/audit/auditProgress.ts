/** @file Tells how far an audit is, a few times a second. */
import type { AuditProgress } from "../../protocol/audit.js";
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
  /** All images are through: so many answers of all that were asked for since are there. The first call begins. */
  tests(done: number, total: number): void;
}

/** From counts to what was added in a second, but for the first addition, before which programs are compiled and threads started. */
function createRate(from: number): (count: number) => number {
  let since = { at: performance.now(), count: from };
  let isFirst = true;
  return (count) => {
    const now = performance.now();
    const rate = (count - since.count) / Math.max(1e-3, (now - since.at) / 1000);
    if (isFirst) since = { at: now, count };
    isFirst = false;
    return rate;
  };
}

/** Progress over `total` images; the speed is that of this run. */
export function createProgress(total: number, { onAudit }: JobContext): ProgressReport {
  let [images, mistakes, failed, told] = [0, 0, 0, -Infinity];
  let cutTo: number | undefined;
  let rate = createRate(0);
  let answerRate: ReturnType<typeof createRate> | undefined;
  const tell = (isLast: boolean, more: Pick<AuditProgress, "perSecond" | "tests">) => {
    const now = performance.now();
    if (now - told < everyMs && !isLast) return;
    told = now;
    onAudit?.({ images, total, mistakes, failed, cutTo, ...more });
  };
  const count = (line: RecordLine) => {
    images++;
    if ("failed" in line) failed++;
    else if (line.record.label >= 0 && line.record.predicted !== line.record.label) mistakes++;
  };
  return {
    before: (line) => {
      count(line);
      rate = createRate(images);
    },
    cut: (most) => {
      cutTo = most;
    },
    done: (lines) => {
      for (const line of lines) count(line);
      tell(images >= total, { perSecond: rate(images) });
    },
    tests: (done, of) => {
      const perSecond = answerRate?.(done) ?? 0;
      tell(answerRate === undefined || done >= of, { perSecond, tests: { done, total: of } });
      answerRate ??= createRate(done);
    },
  };
}
