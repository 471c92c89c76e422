/** @file The bench's rows of graphics cards: their form, on a small model, with other runtimes in the place of those on a card. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gpu, measureCard } from "../../../bench/gpu.js";
import { writeRandomModel } from "../../../bench/models/randomModel.js";
import { randomResnet } from "../../../bench/models/resnet.js";
import type { Setup } from "../../../bench/setup.js";
import { onnxruntimeRuntime } from "../../../src/runtimes/onnxruntime.js";
import { softwareCard } from "../runtimes/softwareCard.js";

const work = mkdtempSync(join(tmpdir(), "whylight-bench-gpu-"));
afterAll(() => rmSync(work, { recursive: true }));
const card = await softwareCard();

function setUp(told: string[] = []): Setup {
  const path = join(work, "resnet");
  return {
    script: "", cli: "", peers: "", work, python: { missing: "not wanted" }, pictures: undefined, samples: undefined, tell: (line) => void told.push(line),
    model: () => {
      writeRandomModel(path, randomResnet({ blocks: [1, 1, 1, 1], width: 8, classes: 5 }));
      return path;
    },
  };
}

describe("the group of graphics cards", () => {
  const onCard = (detail: string) => async () => ({ ...(await onnxruntimeRuntime()), detail });

  it("has a row per case and runtime, in milliseconds, with the card named, and no target of the processor's", async () => {
    const { rows, failed } = await measureCard({ setup: setUp(), runs: 1 }, ["grad-cam"], { one: onCard("One on a card"), other: onCard("Other on a card") });
    expect(failed).toEqual([]);
    expect(rows.map(({ name, unit, theirs, target }) => [/; (.*)$/.exec(name)?.[1], unit, theirs, target])).toEqual(
      ["One on a card", "One on a card", "Other on a card", "Other on a card"].map((detail) => [detail, "ms", undefined, undefined]));
  });

  it("says which part failed on which runtime", async () => {
    const { rows, failed } = await measureCard({ setup: setUp(), runs: 1 }, ["grad-cam"], { one: () => Promise.reject(new Error("no driver")), other: onCard("Other on a card") });
    expect([rows.length, failed]).toEqual([2, ["gpu, grad-cam on one failed: no driver"]]);
  });

  it.skipIf("reason" in card)("is left out, with the reason, where the processor plays the card", async () => {
    const told: string[] = [];
    expect(await gpu({ setup: setUp(told), runs: 1 })).toEqual({ rows: [], tables: [] });
    expect(told).toEqual([expect.stringMatching(/^Left out, as there is no graphics card: the processor plays it, .*SwiftShader/) as string]);
  });
});
