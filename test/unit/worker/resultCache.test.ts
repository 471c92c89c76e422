/** @file Results on disk: found again by content, never where anything they follow from differs, and never a reason to fail. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExplainRequest } from "../../../src/protocol/api.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { createResultCache } from "../../../src/worker/resultCache.js";
import { fixture } from "../readReference.js";

let folder: string;
const at = (name: string) => join(folder, name);
const stored = () => readdirSync(at("results")).filter((name) => name.endsWith(".result"));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "whylight-results-"));
  cpSync(fixture("cnn"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As after a restart: nothing is shared but the folder. */
async function explain(change: Partial<ExplainRequest> = {}, limitBytes = 1e8) {
  const jobs = createJobs({ results: createResultCache(at("results"), limitBytes) });
  try {
    return await jobs.explain({ model: at("model.onnx"), input: at("input0.png"), method: "saliency", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "reference", ...change });
  } finally {
    jobs.dispose();
  }
}

describe("results on disk", () => {
  it("are found again after a restart, whole", async () => {
    const first = await explain();
    const second = await explain();
    expect([first.isCached, second.isCached]).toEqual([false, true]);
    expect({ ...second, isCached: false }).toEqual(first);
  });

  it("are found by content: for a copy of the model and a renamed image", async () => {
    await explain();
    cpSync(at("model.onnx"), at("copy.onnx"));
    cpSync(at("input0.png"), at("renamed.png"));
    const found = await explain({ model: at("copy.onnx"), input: at("renamed.png") });
    expect([found.isCached, found.input, found.model.path]).toEqual([true, at("renamed.png"), at("copy.onnx")]);
  });

  it.each<[string, Partial<ExplainRequest>]>([
    ["another method", { method: "input-x-gradient" }], ["another class", { target: 3 }], ["a class to hold it against", { versus: "runner-up" }], ["the probability", { score: "probability" }],
    ["another runtime", { runtime: "auto" }],
  ])("are not taken for %s", async (_, change) => {
    await explain();
    expect((await explain(change)).isCached).toBe(false);
  });

  it("are not taken once the model's content, the image's or the labels changed, though the names stay", async () => {
    const [{ predictions }] = [await explain()];
    const bytes = readFileSync(at("model.onnx"));
    writeFileSync(at("model.onnx"), Buffer.concat([bytes, Buffer.from([0x1a, 0x01, 0x78])]));
    expect((await explain()).isCached).toBe(false);
    cpSync(at("input1.png"), at("input0.png"));
    expect((await explain()).isCached).toBe(false);
    const config = JSON.parse(readFileSync(at("config.json"), "utf8")) as Record<string, unknown>;
    writeFileSync(at("model.labels.txt"), predictions.map(({ label }) => label).join("\n"));
    writeFileSync(at("config.json"), JSON.stringify({ ...config, mean: [0.5] }));
    expect((await explain()).isCached).toBe(false);
  });

  it("that are damaged are computed anew", async () => {
    const first = await explain();
    writeFileSync(at(`results/${stored()[0]!}`), "cut short");
    const again = await explain();
    expect(again.isCached).toBe(false);
    expect(again.attribution).toEqual(first.attribution);
    expect((await explain()).isCached).toBe(true);
  });

  it("make room: the one used longest ago goes first", async () => {
    await explain();
    const [old] = stored();
    utimesSync(at(`results/${old!}`), 1, 1);
    const size = readFileSync(at(`results/${old!}`)).length;
    await explain({ target: 2 }, 1.5 * size);
    expect(stored()).toHaveLength(1);
    expect(stored()).not.toContain(old);
  });

  it("that cannot be written are simply not kept", async () => {
    writeFileSync(at("results"), "a file where the folder should be");
    expect((await explain()).isCached).toBe(false);
    expect((await explain()).isCached).toBe(false);
  });
});
