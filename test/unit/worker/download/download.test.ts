/** @file Getting a model from a hub: what is listed, what is loaded, and every way it can go wrong. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toWhylightError } from "../../../../src/engine/errors.js";
import type { DownloadProgress, HubListing, HubModel } from "../../../../src/protocol/download.js";
import { downloadModel } from "../../../../src/worker/download/downloadModel.js";
import { listHubModel } from "../../../../src/worker/download/listHubModel.js";
import { isSafePath, neededFiles } from "../../../../src/worker/download/neededFiles.js";
import { startFakeHub, type FakeHub, type FakeModel } from "./fakeHub.js";

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17 + (i >> 8)) & 255);
const text = (value: string) => new TextEncoder().encode(value);
const files = {
  "config.json": text('{"model_type": "bert"}'), "model.safetensors": bytes(300_000), "pytorch_model.bin": bytes(200_000, 2), "onnx/model.onnx": bytes(50_000, 3),
  "tokenizer.json": bytes(12_000, 4), "vocab.txt": text("[PAD]\n"), "README.md": text("# A model"), "LICENSE": text("Apache"), ".gitattributes": text("*.bin"),
};
const open: FakeModel = { name: "whylight/bert-tiny", files, facts: { cardData: { license: "apache-2.0" }, config: { model_type: "bert" }, pipeline_tag: "text-classification" } };
const gated: FakeModel = { name: "whylight/gated", files: { "config.json": files["config.json"], "model.safetensors": bytes(20_000, 5) }, token: "hf_secret" };
const hostile: FakeModel = { name: "whylight/hostile", files: { "model.onnx": bytes(100), "../../evil.txt": text("x"), ".vscode/settings.json": text("{}"), "sub/../config.json": text("{}") } };

let hub: FakeHub;
let folder: string;
beforeEach(async () => {
  hub = await startFakeHub([open, gated, hostile]);
  folder = mkdtempSync(join(tmpdir(), "whylight-download-"));
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const quick = { pauseMs: 1, silenceMs: 200 };
const at = (name: string, token?: string): HubModel => ({ name, revision: "main", endpoint: hub.endpoint, token });
const list = (name = open.name, token?: string) => listHubModel(at(name, token), {}, quick);
const request = (listing: HubListing, token?: string) => ({ ...at(listing.name, token), commit: listing.commit, files: listing.files.filter(({ isNeeded }) => isNeeded), folder });
const failure = async (promise: Promise<unknown>) => toWhylightError(await promise.then(() => new Error("nothing failed"), (thrown: unknown) => thrown));
const loaded = (path: string) => new Uint8Array(readFileSync(join(folder, path)));

describe("the list of a model's files", () => {
  it("says sizes, licence and what is needed", async () => {
    const listing = await list();
    expect(listing).toMatchObject({ license: "apache-2.0", task: "text-classification", isGated: false, commit: "0123456789abcdef0123456789abcdef01234567" });
    expect(listing.files.filter(({ isNeeded }) => isNeeded).map(({ path }) => path)).toEqual(["config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "LICENSE"]);
    expect(listing.files.find(({ path }) => path === "model.safetensors")).toMatchObject({ bytes: 300_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  });

  it("leaves out paths that lead elsewhere or hide", async () => {
    expect((await list(hostile.name)).files.map(({ path }) => path)).toEqual(["model.onnx"]);
  });

  it.each(["nobody/nothing", "../etc", "a/b/c", "", "a b", "x/.."])("takes %j for no model", async (name) => {
    expect(await failure(list(name))).toMatchObject({ code: "hubUnknown", data: { name } });
  });

  it("tells a forbidden model from an unknown one", async () => {
    hub.faults.set("api", [{ status: 403 }]);
    expect(await failure(list())).toMatchObject({ code: "hubForbidden" });
  });

  it("tries again when the hub is busy, and gives up when it stays so", async () => {
    hub.faults.set("api", [{ status: 503 }, { status: 429, headers: { "retry-after": "0" } }]);
    await expect(list()).resolves.toMatchObject({ name: open.name });
    hub.faults.set("api", Array.from({ length: 10 }, () => ({ status: 500 })));
    expect(await failure(list())).toMatchObject({ code: "hubFailed", data: { reason: expect.stringContaining("500") as string } });
  });

  it("says where nobody answers, and what is no address", async () => {
    expect(await failure(listHubModel({ ...at(open.name), endpoint: "http://127.0.0.1:9" }, {}, quick))).toMatchObject({ code: "hubFailed" });
    expect(await failure(listHubModel({ ...at(open.name), endpoint: "file:///etc" }, {}, quick))).toMatchObject({ code: "hubFailed", data: { reason: "file:///etc is no web address" } });
  });
});

describe("a download", () => {
  it("brings every file as it is, and says how far it is", async () => {
    const told: DownloadProgress[] = [];
    const listing = await list();
    const result = await downloadModel(request(listing), { onDownload: (progress) => told.push(progress) }, quick);
    for (const path of ["config.json", "model.safetensors", "tokenizer.json"] as const) expect(loaded(path)).toEqual(files[path]);
    expect(result.model).toBe(join(folder, "model.safetensors"));
    expect(told.at(-1)).toEqual({ file: "", done: result.bytes, total: result.bytes });
    expect(readdirSync(folder).filter((name) => name.startsWith(".") || name.endsWith(".part"))).toEqual([]);
  });

  it("sends the token to the hub and never to the store", async () => {
    const listing = await list(gated.name, "hf_secret");
    expect(listing.isGated).toBe(true);
    await downloadModel(request(listing, "hf_secret"), {}, quick);
    const authorized = (origin: string) => hub.requests.filter((one) => one.origin === origin).map(({ authorization }) => authorization);
    expect(new Set(authorized("hub"))).toEqual(new Set(["Bearer hf_secret"]));
    expect(authorized("store").length).toBeGreaterThan(0);
    expect(new Set(authorized("store"))).toEqual(new Set([undefined]));
  });

  it("asks for permission where the files need it", async () => {
    expect(await failure(downloadModel(request(await list(gated.name)), {}, quick))).toMatchObject({ code: "hubForbidden", data: { name: gated.name } });
  });

  it("goes on where a connection broke, with the rest only", async () => {
    hub.faults.set("model.safetensors", [{ cutAfter: 100_000 }, { cutAfter: 50_000 }, { status: 502 }]);
    await downloadModel(request(await list()), {}, quick);
    expect(loaded("model.safetensors")).toEqual(files["model.safetensors"]);
    const ranges = hub.requests.filter(({ path, origin }) => path === "model.safetensors" && origin === "store").map(({ range }) => range);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ""))).toBe(true);
  });

  it("does not wait for a line that has gone silent", async () => {
    hub.faults.set("model.safetensors", [{ silentAfter: 1000 }]);
    await downloadModel(request(await list()), {}, quick);
    expect(loaded("model.safetensors")).toEqual(files["model.safetensors"]);
  });

  it("starts anew where the store knows no ranges", async () => {
    hub.knowsRanges = false;
    hub.faults.set("model.safetensors", [{ cutAfter: 100_000 }]);
    await downloadModel(request(await list()), {}, quick);
    expect(loaded("model.safetensors")).toEqual(files["model.safetensors"]);
  });

  it("is cancelled at once, keeps what it has, and goes on later", async () => {
    const stop = new AbortController();
    hub.faults.set("model.safetensors", [{ silentAfter: 120_000 }]);
    const listing = await list();
    const running = downloadModel(request(listing), { signal: stop.signal, onDownload: ({ file, done }) => { if (file === "model.safetensors" && done > 100_000) stop.abort(); } }, { ...quick, silenceMs: 60_000 });
    // Progress is told now and then only: what matters is that the part is there.
    const part = join(folder, "model.safetensors.part");
    while (!(existsSync(part) && statSync(part).size > 0)) await new Promise((next) => setTimeout(next, 5));
    stop.abort();
    expect(await failure(running)).toMatchObject({ code: "cancelled" });
    const kept = statSync(part).size;
    expect(kept).toBeGreaterThan(0);
    hub.requests.length = 0;
    await downloadModel(request(listing), {}, quick);
    expect(loaded("model.safetensors")).toEqual(files["model.safetensors"]);
    expect(hub.requests.find(({ path, origin }) => path === "model.safetensors" && origin === "store")?.range).toBe(`bytes=${kept}-`);
    expect(hub.requests.some(({ path }) => path === "config.json"), "what was whole is not loaded again").toBe(false);
  });

  it("does not go on with parts of another commit", async () => {
    writeFileSync(join(folder, "model.safetensors.part"), bytes(1000, 9));
    writeFileSync(join(folder, ".whylight-download.json"), JSON.stringify({ name: open.name, commit: "older" }));
    await downloadModel(request(await list()), {}, quick);
    expect(loaded("model.safetensors")).toEqual(files["model.safetensors"]);
  });

  it.each(["model.safetensors", "vocab.txt"])("refuses %s when its checksum is wrong, and loads it anew the next time", async (path) => {
    hub.faults.set(path, [{ garbled: true }]);
    const listing = await list();
    expect(await failure(downloadModel(request(listing), {}, quick))).toMatchObject({ code: "downloadMismatch", data: { file: path, name: open.name } });
    expect(existsSync(join(folder, path)) || existsSync(join(folder, `${path}.part`))).toBe(false);
    await downloadModel(request(listing), {}, quick);
    expect(loaded(path)).toEqual(files[path as keyof typeof files]);
  });

  it("loads a file anew that was damaged on the disk since", async () => {
    const listing = await list();
    await downloadModel(request(listing), {}, quick);
    truncateSync(join(folder, "tokenizer.json"), 100);
    writeFileSync(join(folder, "vocab.txt"), "[BAD]\n");
    await downloadModel(request(listing), {}, quick);
    expect([loaded("tokenizer.json"), loaded("vocab.txt")]).toEqual([files["tokenizer.json"], files["vocab.txt"]]);
  });

  it("stops when a file is longer than the hub said", async () => {
    hub.faults.set("model.safetensors", [{ tooLong: 5_000_000 }]);
    expect(await failure(downloadModel(request(await list()), {}, quick))).toMatchObject({ code: "hubFailed", data: { reason: expect.stringContaining("longer") as string } });
    expect(statSync(join(folder, "model.safetensors.part")).size).toBeLessThanOrEqual(300_000);
  });

  it("writes nothing outside its folder, whatever the list says", async () => {
    const evil = { path: "../evil.txt", bytes: 1, sha256: undefined, gitSha1: undefined, isNeeded: true };
    expect(await failure(downloadModel({ ...request(await list()), files: [evil] }, {}, quick))).toMatchObject({ code: "hubFailed" });
    expect(existsSync(join(folder, "../evil.txt"))).toBe(false);
  });

  it("says before it starts that the disk is too small", async () => {
    const huge = { path: "model.safetensors", bytes: 2 ** 50, sha256: undefined, gitSha1: undefined, isNeeded: true };
    hub.requests.length = 0;
    expect(await failure(downloadModel({ ...request(await list()), files: [huge] }, {}, quick))).toMatchObject({ code: "outputUnwritable", data: { reason: expect.stringContaining("GB") as string } });
    expect(hub.requests.filter(({ path }) => path !== "api")).toEqual([]);
  });

  it("says which folder it cannot write", async () => {
    writeFileSync(join(folder, "file"), "");
    expect(await failure(downloadModel({ ...request(await list()), folder: join(folder, "file", "sub") }, {}, quick))).toMatchObject({ code: "outputUnwritable" });
  });
});

describe("the needed files", () => {
  it.each([
    ["shards with their index", ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "pytorch_model.bin", "config.json"], true, ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "config.json"]],
    ["ONNX where the architecture is unknown", ["model.safetensors", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_quantized.onnx", "config.json"], false, ["onnx/model.onnx", "onnx/model.onnx_data", "config.json"]],
    ["weights where it is known", ["model.safetensors", "onnx/model.onnx", "config.json"], true, ["model.safetensors", "config.json"]],
    ["TensorFlow.js", ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin", "README.md"], false, ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"]],
    ["a SavedModel", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001", "assets/x"], false, ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]],
    ["nothing in a repository of data", ["README.md", "config.json", "data.parquet"], true, []],
  ])("are %s", (_, paths, isKnown, needed) => expect([...neededFiles(paths, isKnown)]).toEqual(needed));

  it.each(["../a", "a/../b", "/a", "a//b", "a\\b", ".hidden", "a/.git/config", "C:x", "con", "a/nul.txt", "a.", "a\u0000b", "a".repeat(300)])("take %j for no place", (path) => expect(isSafePath(path)).toBe(false));
  it.each(["config.json", "onnx/model.onnx", "variables/variables.data-00000-of-00001", "a b/c-d_e.txt"])("take %j for a place", (path) => expect(isSafePath(path)).toBe(true));
});
