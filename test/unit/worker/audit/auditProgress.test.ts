/** @file How fast an audit says it is, on a clock that the test moves. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { AuditProgress } from "../../../../src/protocol/audit.js";
import { createProgress } from "../../../../src/worker/audit/auditProgress.js";
import type { RecordLine } from "../../../../src/worker/audit/recordLine.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it("leaves the first batch out, which programs are compiled before, and what an earlier run did; the tests at the end have a speed of their own", () => {
  const told: AuditProgress[] = [];
  const progress = createProgress(1000, { onAudit: (next) => told.push(next) });
  const lines = (count: number): RecordLine[] => Array.from({ length: count }, (_, i) => ({ failed: { file: `${i}.jpg`, code: "inputInvalid", reason: "" } }));
  for (const line of lines(500)) progress.before(line);
  vi.advanceTimersByTime(5000);
  progress.done(lines(10));
  vi.advanceTimersByTime(500);
  progress.done(lines(10));
  vi.advanceTimersByTime(1500);
  progress.done(lines(70));
  progress.tests(0, 300);
  vi.advanceTimersByTime(2000);
  progress.tests(20, 300);
  vi.advanceTimersByTime(1000);
  progress.tests(50, 300);
  expect(told.slice(3).map(({ images, tests, perSecond }) => [images, tests, perSecond])).toEqual([[590, { done: 0, total: 300 }, 0], [590, { done: 20, total: 300 }, 10], [590, { done: 50, total: 300 }, 30]]);
  told.splice(3);
  expect(told.map(({ images, perSecond }) => [images, perSecond])).toEqual([[510, 2], [520, 20], [590, 40]]);
});
