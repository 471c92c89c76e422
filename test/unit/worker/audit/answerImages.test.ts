/** @file Batches of many images: of one shape each, in order, with no more made ahead than asked. */
import { describe, expect, it } from "vitest";
import { answerImages, type Answered } from "../../../../src/worker/audit/answerImages.js";
import type { AuditProgram } from "../../../../src/worker/audit/fittingProgram.js";
import type { FedImage } from "../../../../src/worker/audit/feedImages.js";

/** A model whose scores are an image's first value and its size; `batches` hears how full each batch was. */
const programOf = (atOnce: number, batches: string[]) => (shape: readonly number[]): AuditProgram => {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    size, atOnce,
    run: async (batch, count) => {
      expect(batch).toHaveLength(size * atOnce);
      batches.push(`${shape.join("x")}:${count}`);
      return Array.from({ length: count }, (_, row) => ({ logits: Float32Array.of(batch[row * size]!, size), map: undefined, features: undefined }));
    },
  };
};

const image = (value: number, ...shape: number[]): FedImage => ({ shape, fill: (into) => into.fill(value) });

async function answersOf(items: readonly (FedImage | { readonly code: string; readonly reason: string })[], atOnce: number): Promise<{ readonly answers: string[]; readonly batches: string[] }> {
  const batches: string[] = [];
  const all: Answered<number>[] = [];
  await answerImages({ items: [...items.keys()], ahead: 4, see: async (i) => items[i]!, programFor: programOf(atOnce, batches), each: (answered) => all.push(...answered) });
  const told = all.toSorted((a, b) => a.item - b.item).map((one) => ("failure" in one ? one.failure.code : [...one.answer.logits].join()));
  return { answers: told, batches };
}

describe("answers", () => {
  it("come once for each image, whatever the batch", async () => {
    const items = Array.from({ length: 10 }, (_, i) => image(i, 1, 2));
    for (const atOnce of [1, 3, 4, 10, 16]) expect((await answersOf(items, atOnce)).answers).toEqual(items.map((_, i) => `${i},2`));
    expect((await answersOf(items, 4)).batches).toEqual(["1x2:4", "1x2:4", "1x2:2"]);
    expect(await answersOf([], 4)).toEqual({ answers: [], batches: [] });
  });

  it("come from batches of one shape", async () => {
    const { answers, batches } = await answersOf([image(1, 1, 2), image(2, 1, 2), image(3, 1, 5), image(4, 1, 2)], 4);
    expect(answers).toEqual(["1,2", "2,2", "3,5", "4,2"]);
    expect(batches).toEqual(["1x2:2", "1x5:1", "1x2:1"]);
  });

  it("may be failures: of the file, or numbers that are none", async () => {
    const broken = { code: "imageInvalid", reason: "the file is empty" };
    expect((await answersOf([broken, image(1, 1, 2), image(Number.NaN, 1, 2), broken], 4)).answers).toEqual(["imageInvalid", "1,2", "runtimeFailed", "imageInvalid"]);
    expect((await answersOf([image(Infinity, 1, 2), image(-Infinity, 1, 2)], 4)).answers).toEqual(["runtimeFailed", "-Infinity,2"]);
    expect((await answersOf([broken, broken], 4)).answers).toEqual(["imageInvalid", "imageInvalid"]);
  });

  it("are made a few at a time, and no more after cancelling", async () => {
    let [made, most, answered] = [0, 0, 0];
    const stop = new AbortController();
    const run = answerImages({
      items: Array.from({ length: 1000 }, (_, i) => i), ahead: 5, signal: stop.signal, programFor: programOf(2, []),
      see: async (i) => {
        made++;
        most = Math.max(most, made - answered);
        return image(i, 1, 2);
      },
      each: (some) => {
        answered += some.length;
        if (answered >= 20) stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: "cancelled" });
    expect(answered).toBe(20);
    // Five ahead, and the two of the batch.
    expect(most).toBeLessThanOrEqual(7);
    expect(made).toBeLessThanOrEqual(27);
  });
});
