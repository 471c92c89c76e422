/** @file `whylight download`: what it shows, asks and loads, against a server that behaves like a hub. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runDownload, type DownloadOptions } from "../../../src/cli/downloadCommand.js";
import { english } from "../../../src/cli/localize.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { startFakeHub, type FakeHub } from "../worker/download/fakeHub.js";

const weights = Uint8Array.from({ length: 40_000 }, (_, i) => i % 251);
let hub: FakeHub;
let folder: string;
let [out, err]: string[][] = [[], []];
const terminal = { translate: english, out: (text: string) => void out!.push(text), err: (text: string) => void err!.push(text), progress: () => {} };

beforeEach(async () => {
  [out, err] = [[], []];
  hub = await startFakeHub([{ name: "lab/tiny", files: { "config.json": new TextEncoder().encode('{"model_type":"vit"}'), "model.safetensors": weights, "notes.md": new Uint8Array(9) }, facts: { config: { model_type: "vit" }, tags: ["license:mit"] } }]);
  folder = join(mkdtempSync(join(tmpdir(), "whylight-cli-download-")), "tiny");
});
afterEach(async () => {
  await hub.close();
  rmSync(join(folder, ".."), { recursive: true, force: true });
});

const run = (more: Partial<DownloadOptions> = {}, answer = true) =>
  runDownload("lab/tiny", { revision: "main", endpoint: hub.endpoint, token: undefined, out: folder, list: false, yes: false, json: false, ...more }, terminal, createJobs(), (question) => {
    out!.push(question);
    return Promise.resolve(answer);
  });

describe("whylight download", () => {
  it("shows what it would load, asks, and loads it", async () => {
    expect(await run()).toBe(0);
    expect(out).toEqual(["lab/tiny · 0123456789ab · licence mit", "  config.json         20 B", "  model.safetensors  40 kB", `Load these 2 files (40 kB) into ${folder}? [y/N] `, `Loaded: ${join(folder, "model.safetensors")}. Next: whylight inspect ${folder}`]);
    expect(new Uint8Array(readFileSync(join(folder, "model.safetensors")))).toEqual(weights);
  });

  it("loads nothing without a yes", async () => {
    expect(await run({}, false)).toBe(130);
    expect(readdirSync(join(folder, ".."))).toEqual([]);
  });

  it("lists every file, and says which are not needed", async () => {
    expect(await run({ list: true })).toBe(0);
    expect(out!.at(-1)).toBe("  notes.md             9 B  not needed");
    expect(hub.requests.map(({ path }) => path)).toEqual(["api"]);
  });

  it("prints one JSON document", async () => {
    expect(await run({ yes: true, json: true })).toBe(0);
    expect(JSON.parse(out!.join("\n"))).toMatchObject({ model: join(folder, "model.safetensors"), license: "mit" });
  });

  it("says what is wrong with a name", async () => {
    expect(await runDownload("lab/none", { revision: "main", endpoint: hub.endpoint, token: undefined, out: folder, list: false, yes: true, json: false }, terminal)).toBe(1);
    expect(err).toEqual([`There is no model lab/none at ${hub.endpoint}. Check the name, as in "google/vit-base-patch16-224", and whether it needs a token.`]);
  });
});
