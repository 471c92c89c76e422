/** @file What an estimator makes of plans and runs, on a clock that the test moves. */
import { availableMemory } from "node:process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Plan, Work } from "../../../src/engine/attribution/estimate.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import type { Estimate } from "../../../src/protocol/api.js";
import { createEstimator, type Watched } from "../../../src/worker/estimator.js";
import { createSpeedBook, type Rates } from "../../../src/worker/speed/speedBook.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** An estimator whose runtime makes so many operations a millisecond in the probe, with what it told: the most milliseconds of each estimate. */
function setUp(rates: Rates = {}, forward: Rates = {}) {
  const speeds = createSpeedBook();
  speeds.record("onnxruntime", { detail: "", rates, forward, unfit: "" });
  const estimates: Estimate[] = [];
  const estimator = createEstimator({ ...referenceRuntime, name: "onnxruntime" }, "convolutions", 100, speeds, (estimate) => estimates.push(estimate));
  const run = (program: Watched, ms: number, beside = 0) => {
    estimator.uses(program);
    vi.advanceTimersByTime(beside + ms);
    estimator.ran(program, ms);
  };
  return { estimator, speeds, estimates, run, told: () => estimates.map(({ ms }) => ms?.[1]) };
}

const work = (over: Partial<Work>): Work => ({ pass: "gradient", images: [100, 100], atOnce: 4, flops: 1000, bytes: 0, ...over });
const planOf = (...parts: Partial<Work>[]): Plan => ({ work: parts.map(work) });
const program = (over: Partial<Watched> = {}): Watched => ({ pass: "gradient", flops: 4000, ms: 0, runs: 1, ...over });

describe("before the first run", () => {
  it("each pass counts at its own speed, and the last batch whole", () => {
    const { estimator, told } = setUp({ convolutions: 2 }, { convolutions: 5 });
    estimator.plan(planOf({ images: [101, 101] }, { pass: "forward", images: [50, 50], atOnce: 1 }));
    expect(told()).toEqual([(104 * 1000) / 2 + (50 * 1000) / 5]);
  });

  it("one pass stands for the other where that is all that is known", () => {
    const { estimator, told } = setUp({}, { convolutions: 5 });
    estimator.plan(planOf({}));
    expect(told()).toEqual([20_000]);
  });

  it("nothing is told of a job that takes ten seconds and little memory", () => {
    const { estimator, told } = setUp({ convolutions: 10 });
    estimator.plan(planOf({}));
    expect(told()).toEqual([]);
  });

  it("memory is told without a speed, the weights with it", () => {
    const { estimator, estimates } = setUp();
    const bytes = 0.75 * availableMemory();
    estimator.plan(planOf({ bytes }));
    // A gradient of convolutions holds them as the file has them, in an order of its own, and turned round.
    expect(estimates).toEqual([{ ms: undefined, bytes: bytes + 300, free: expect.any(Number), runtime: "onnxruntime" }]);
    estimator.plan(planOf({ bytes, images: [200, 200] }));
    expect(estimates).toHaveLength(1);
  });
});

describe("while it runs", () => {
  it("with no speed known, the first run tells where it is a long one, else the second", () => {
    const { estimator, told, run } = setUp();
    estimator.plan(planOf({}));
    expect(told()).toEqual([]);
    run(program({ runs: 0 }), 2000);
    expect(told()).toEqual([50_000]);
    const other = setUp();
    other.estimator.plan(planOf({}));
    other.run(program({ runs: 0 }), 900);
    expect(other.told()).toEqual([]);
    other.run(program(), 600);
    expect(other.told()).toEqual([15_000]);
  });

  it("runs correct what the book said, with all that is done between them", () => {
    const { estimator, told, run } = setUp({ convolutions: 5 });
    estimator.plan(planOf({}));
    const own = program({ runs: 0 });
    // A first run takes its memory from the system and tells nothing of the others.
    run(own, 5000);
    expect(told()).toEqual([20_000]);
    run(own, 1000, 1000);
    expect(told()).toEqual([20_000, 50_000]);
    run(own, 1100, 1000);
    expect(told()).toHaveLength(2);
  });

  it("a plan that is part of the one before tells nothing; a larger one counts from where the job stands", () => {
    const { estimator, told, run } = setUp({ convolutions: 5 });
    estimator.plan(planOf({}));
    run(program(), 800);
    estimator.plan(planOf({ images: [96, 96] }));
    expect(told()).toEqual([20_000]);
    estimator.plan(planOf({ images: [200, 200] }));
    expect(told()).toEqual([20_000, 40_800]);
  });

  it("programs that will be compiled anew count by what compiling them took", () => {
    const { estimator, told, run } = setUp({ convolutions: 5 });
    estimator.plan({ ...planOf({}), recompiled: 3 });
    run(program({ ms: 7000 }), 800);
    expect(told()).toEqual([20_000, 41_000]);
  });

  it("the book learns from runs that are long enough to tell, but for a program's first", () => {
    const { estimator, speeds, run } = setUp();
    estimator.plan(planOf({}));
    run(program({ runs: 0 }), 100);
    run(program(), 5);
    expect(speeds.rate("onnxruntime", "convolutions", "gradient")).toBeUndefined();
    run(program({ pass: "forward" }), 40);
    expect([speeds.rate("onnxruntime", "convolutions", "gradient"), speeds.rate("onnxruntime", "convolutions", "forward")]).toEqual([undefined, 100]);
  });
});
