/** @file Work between jobs: when it begins, that a job stops it, and that it is done once. */
import { expect, it, vi } from "vitest";
import { WhylightError } from "../../../../src/engine/errors.js";
import { createIdleWork } from "../../../../src/worker/speed/idleWork.js";

/** Work that goes on until `finish` or its signal. */
function longWork() {
  let finish: () => void = () => {};
  const signals: AbortSignal[] = [];
  const work = (signal: AbortSignal) => new Promise<void>((resolve, reject) => {
    signals.push(signal);
    finish = resolve;
    signal.addEventListener("abort", () => reject(new WhylightError("cancelled")));
  });
  return { work, signals, finish: () => finish() };
}

/** A job whose end the test decides. */
function job() {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => {}, () => {}];
  const promise = new Promise<void>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("waits until it is wanted and nothing runs, is stopped by a job, tried again after it, and done once", async () => {
  const { work, signals, finish } = longWork();
  const idle = createIdleWork(work);
  idle.during(Promise.resolve());
  await settled();
  expect(signals).toHaveLength(0);

  const first = job();
  idle.during(first.promise);
  idle.want();
  await settled();
  expect(signals).toHaveLength(0);
  first.resolve();
  await settled();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);

  const second = job();
  idle.during(second.promise);
  await settled();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  second.reject(new Error("a job may fail"));
  await settled();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);

  finish();
  await settled();
  idle.want();
  idle.during(Promise.resolve());
  await settled();
  expect(signals).toHaveLength(2);
});

it("is not tried again when it fails", async () => {
  const work = vi.fn(() => Promise.reject(new Error("no")));
  const idle = createIdleWork(work);
  idle.want();
  for (let i = 0; i < 2; i++) {
    idle.during(Promise.resolve());
    await settled();
  }
  expect(work).toHaveBeenCalledTimes(1);
});
