/** @file Batches by measured memory: small while nothing is known of a tight machine, larger once a run has told, remembered for the next job. */
import { describe, expect, it } from "vitest";
import { activationBytes, createBatchLimits, inBatches, planBatches, type BatchJob } from "../../../src/engine/attribution/batching.js";
import { WhylightError } from "../../../src/engine/errors.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { graphOf } from "./smallGraph.js";

/** One image of 1000 values, doubled twice: 8000 bytes of activations. */
const graph = graphOf([float32([1, 1000], new Float32Array(1000))], (builder, x) => {
  const once = builder.add("Add", [x, x]);
  return [builder.add("Add", [once, once])];
});

/** A machine that holds so many bytes, on which an item takes some; `sizes` are those of all batches that ran. */
function machine({ perItem, room = Infinity }: { readonly perItem: number; readonly room?: number }) {
  let taken: number | undefined;
  const sizes: number[] = [];
  const limits = createBatchLimits(() => taken);
  const job = (over: Partial<BatchJob>): BatchJob => ({ graph, pass: "forward", count: 40, memory: 1e9, kind: "forward", limits, atOnce: (wanted) => wanted, ...over });
  const through = async (over: Partial<BatchJob>) => {
    const seen: number[] = [];
    sizes.length = 0;
    await inBatches(planBatches(job(over)), async (first, filled, at) => {
      if (at * perItem > room) throw new WhylightError("outOfMemory", {});
      taken = at * perItem;
      sizes.push(at);
      for (let i = 0; i < filled; i++) seen.push(first + i);
    });
    expect(seen).toEqual(Array.from({ length: job(over).count }, (_, i) => i));
    return [...sizes];
  };
  return { through, job };
}

describe("the size of batches", () => {
  it("is estimated of the activations", () => expect(activationBytes(graph)).toBe(8000));

  it("is the largest that wastes nothing where memory is plenty", async () => {
    expect(await machine({ perItem: 1 }).through({ count: 40 })).toEqual([10, 10, 10, 10]);
    expect(await machine({ perItem: 1 }).through({ count: 16 })).toEqual([16]);
  });

  it("grows when a run takes less than was thought", async () => {
    // By the estimate (0.35 of the activations) two fit, measured eight do.
    const { through } = machine({ perItem: 750 });
    expect(await through({ memory: 6000 })).toEqual([2, 8, 8, 8, 8, 8]);
    // The next job starts with what was learnt.
    expect(await through({ memory: 6000 })).toEqual([8, 8, 8, 8, 8]);
  });

  it("does not grow for what a few more small batches do as well", async () => expect(await machine({ perItem: 750 }).through({ memory: 6000, count: 8 })).toEqual([2, 2, 2, 2]));

  it("is smaller for the next job when a run takes more than was thought", async () => {
    const { through } = machine({ perItem: 3000 });
    expect((await through({ memory: 5700 }))[0]).toBe(2);
    expect((await through({ memory: 5700 }))[0]).toBe(1);
  });

  it("is one where not even one would fit", async () => expect(new Set(await machine({ perItem: 1 }).through({ memory: 0, count: 3 }))).toEqual(new Set([1])));

  it("is halved where memory runs out, and not tried again whatever was measured", async () => {
    const { through } = machine({ perItem: 750, room: 3000 });
    expect(await through({ memory: 6000, count: 40 })).toEqual([2, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    expect(Math.max(...(await through({ memory: 6000, count: 40 })))).toBe(4);
  });

  it("is that of a kind of batch alone", async () => {
    const { through } = machine({ perItem: 750 });
    await through({ memory: 6000, kind: "gradient" });
    expect((await through({ memory: 6000 }))[0]).toBe(2);
  });

  it("stays with the estimate where nothing can be measured", async () => {
    const { job } = machine({ perItem: 750 });
    const sizes: number[] = [];
    await inBatches(planBatches(job({ memory: 6000, limits: createBatchLimits() })), async (_, __, at) => void sizes.push(at));
    expect(new Set(sizes)).toEqual(new Set([2]));
  });

  it("tells what a run will hold, by estimate and by measurement", async () => {
    const { through, job } = machine({ perItem: 750 });
    expect(planBatches(job({})).bytes(10)).toBeCloseTo(0.35 * 80_000);
    await through({});
    expect(planBatches(job({})).bytes(10)).toBe(7500);
  });

  it("does not believe that a run took next to nothing", async () => {
    const { through, job } = machine({ perItem: 1 });
    await through({});
    expect(planBatches(job({})).bytes(10)).toBeCloseTo(0.25 * 0.35 * 80_000);
  });
});
