/** @file Checkpoints in several parts, behind links, or larger than memory: what is read, refused and told. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { int64 } from "../../../src/engine/ir/tensor.js";
import { textMethodIds } from "../../../src/protocol/text.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { createModelCache } from "../../../src/worker/modelCache.js";
import { llama7b, writeSparseLlama } from "./sparseLlama.js";

const root = join(import.meta.dirname, "../../..");
const recorded = join(root, "test/fixtures/models/decoders/llama-sharded");
const parts = [1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`);
const base = mkdtempSync(join(tmpdir(), "whylight-sharded-"));
/** A text of four tokens, since the recorded folders have no tokenizer. */
const asked = { text: "", pair: undefined, tokens: { ids: [5, 6, 7, 8] }, runtime: "onnxruntime", top: 1 } as const;
afterAll(() => rmSync(base, { recursive: true }));

/** The recorded folder under a name of its own. */
function copyOf(name: string): string {
  const folder = join(base, name);
  cpSync(recorded, folder, { recursive: true });
  return folder;
}

interface Index {
  metadata: object;
  weight_map: Record<string, unknown>;
}

function withIndex(name: string, change: (index: Index) => unknown): string {
  const folder = copyOf(name);
  const file = join(folder, "model.safetensors.index.json");
  const index = JSON.parse(readFileSync(file, "utf8")) as Index;
  writeFileSync(file, JSON.stringify(change(index) ?? index));
  return folder;
}

async function failure(model: string): Promise<WhylightError> {
  const jobs = createJobs();
  const thrown: unknown = await jobs.inspectModel(model).then(() => undefined, (error: unknown) => error);
  jobs.dispose();
  expect(thrown).toBeInstanceOf(WhylightError);
  return thrown as WhylightError;
}

async function topToken(model: string, runtime: "onnxruntime" | "tfjs-wasm" = "onnxruntime"): Promise<number | undefined> {
  const jobs = createJobs();
  const result = await jobs.predictText({ ...asked, model, runtime }).finally(() => jobs.dispose());
  return result.predictions[0]?.index;
}

describe("parts", () => {
  it("are opened by their folder, their index and any of them", async () => {
    const expected = await topToken(recorded);
    expect(expected).toBeTypeOf("number");
    for (const file of ["model.safetensors.index.json", ...parts]) expect(await topToken(join(recorded, file)), file).toBe(expected);
  });

  it("one that is missing is named", async () => {
    const folder = copyOf("missing");
    rmSync(join(folder, parts[1]!));
    expect(await failure(folder)).toMatchObject({ code: "modelCorrupt", data: { reason: `its part ${parts[1]} is missing, so the download is incomplete` } });
  });

  it("one that Git LFS did not fetch is named", async () => {
    const folder = copyOf("pointer");
    writeFileSync(join(folder, parts[2]!), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    expect(await failure(folder)).toMatchObject({ code: "modelUnfetched", data: { path: join(folder, parts[2]!) } });
  });

  it("without their index are told so", async () => {
    const folder = copyOf("without-index");
    rmSync(join(folder, "model.safetensors.index.json"));
    expect(await failure(join(folder, parts[0]!))).toMatchObject({ code: "modelCorrupt", data: { reason: "it is one of 3 parts, and their index model.safetensors.index.json is missing" } });
  });

  it("an index that points elsewhere is unsafe", async () => {
    for (const [i, elsewhere] of ["../other.safetensors", "/etc/passwd", "a/b.safetensors", "a\\b.safetensors", "..", ""].entries()) {
      const folder = withIndex(`elsewhere-${i}`, ({ weight_map: map }) => { map["model.norm.weight"] = elsewhere; });
      expect(await failure(folder), elsewhere).toMatchObject({ code: "modelUnsafe" });
    }
  });

  it("an index that contradicts its parts, or is none, is damaged", async () => {
    const wrong = withIndex("wrong-part", ({ weight_map: map }) => { map["model.norm.weight"] = map["model.norm.weight"] === parts[0] ? parts[1] : parts[0]; });
    expect((await failure(wrong)).data["reason"]).toMatch(/^the weight model\.norm\.weight is not in .*, where the index says it is$/);
    const twice = copyOf("twice");
    cpSync(join(twice, parts[0]!), join(twice, "other.safetensors"));
    const file = join(twice, "model.safetensors.index.json");
    const index = JSON.parse(readFileSync(file, "utf8")) as Index;
    const first = Object.keys(index.weight_map).find((name) => index.weight_map[name] === parts[0])!;
    writeFileSync(file, JSON.stringify({ ...index, weight_map: { ...index.weight_map, [first]: "other.safetensors" } }));
    expect((await failure(twice)).data["reason"]).toMatch(/lies in .* and in /);
    for (const [i, map] of [undefined, null, [], "x", { "model.norm.weight": 7 }].entries()) expect(await failure(withIndex(`none-${i}`, (own) => ({ ...own, weight_map: map })))).toMatchObject({ code: "modelCorrupt" });
    writeFileSync(file, "{");
    expect(await failure(twice)).toMatchObject({ code: "modelCorrupt" });
  });

  it("a part that changes is noticed", async () => {
    const folder = copyOf("changing");
    const jobs = createJobs();
    const logit = async () => (await jobs.predictText({ ...asked, model: folder })).predictions[0]?.logit;
    const before = await logit();
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as object;
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, rms_norm_eps: 0.5 }));
    expect(await logit()).not.toBe(before);
    jobs.dispose();
  });
});

describe.skipIf(process.platform === "win32")("links", () => {
  /** As the hub's cache keeps files: blobs in one folder, links to them in another. */
  function cache(name: string, blobs: readonly string[]): string {
    const snapshot = copyOf(join(name, "snapshots/main"));
    for (const [i, file] of readdirSync(snapshot).entries()) {
      const blob = join(base, name, blobs[i % blobs.length]!, `blob-${i}`);
      mkdirSync(join(blob, ".."), { recursive: true });
      renameSync(join(snapshot, file), blob);
      symlinkSync(blob, join(snapshot, file));
    }
    return snapshot;
  }

  it.each(["onnxruntime", "tfjs-wasm"] as const)("of the hub's cache are followed on %s", async (runtime) => {
    const expected = await topToken(recorded);
    expect(await topToken(cache(`cache-${runtime}`, ["blobs"]), runtime)).toBe(expected);
    expect(await topToken(cache(`scattered-${runtime}`, ["one", "two/three"]), runtime)).toBe(expected);
  });

  it("count once among the model's files", async () => {
    const models = createModelCache();
    const { files } = await models.load(cache("counted", ["blobs"]));
    models.clear();
    expect(new Set(files.map((file) => realpathSync(file))).size).toBe(files.length);
    expect(files.map((file) => file.slice(file.lastIndexOf("/") + 1)).toSorted()).toEqual(["config.json", "model.safetensors.index.json", ...parts].toSorted());
  });
});

// Where a hole in a file takes no room.
describe.skipIf(process.platform === "win32")("large models", () => {
  const folder = join(base, "llama");
  const bundle = mkdtempSync(join(root, "node_modules/.whylight-large-"));
  afterAll(() => rmSync(bundle, { recursive: true }));
  beforeAll(async () => {
    expect(writeSparseLlama(folder, llama7b)).toBeGreaterThan(13e9);
    await build({
      entryPoints: [join(root, "src/cli/start.ts")], outdir: bundle, bundle: true, platform: "node", format: "cjs", logLevel: "error",
      logOverride: { "empty-import-meta": "silent" }, external: ["sharp", "onnxruntime-node", "@tensorflow/*", "webgpu"],
    });
    // Reports the most memory that the process ever held.
    writeFileSync(join(bundle, "measure.cjs"), `process.on("exit", () => require("node:fs").writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`);
  });

  /** What the command line prints as JSON, and the most memory it took. */
  function measured(what: string, args: readonly string[]): { readonly printed: unknown; readonly megabytes: number } {
    const peak = join(base, "peak");
    const start = performance.now();
    const run = spawnSync(process.execPath, ["--require", join(bundle, "measure.cjs"), join(bundle, "start.js"), ...args, "--json"], { encoding: "utf8", env: { ...process.env, PEAK: peak } });
    expect(run.stdout, run.stderr).not.toBe("");
    const megabytes = Number(readFileSync(peak, "utf8")) / 1024;
    console.log(`${what}: ${megabytes.toFixed(0)} MB at most, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return { printed: JSON.parse(run.stdout), megabytes };
  }

  it("one of 13.5 GB is inspected by its headers alone, in less than 300 MB", () => {
    const { printed, megabytes } = measured("inspecting 13.5 GB of weights", ["inspect", folder]);
    expect(printed).toMatchObject({ architecture: "LlamaForCausalLM", task: "next-token", attentionLayers: 32 });
    expect(megabytes).toBeLessThan(300);
  });

  it("one of 219 MB in bfloat16 is computed in little more than it takes in float32", () => {
    const small = join(base, "llama-small");
    const widened = (2 * writeSparseLlama(small, { layers: 12, width: 768, inner: 2048, heads: 12, vocabulary: 16000, shards: 1 })) / 2 ** 20;
    const text = join(base, "text.safetensors");
    writeFileSync(text, writeSafetensors({ input_ids: int64([1, 4], [5, 6, 7, 8]) }));
    const { megabytes } = measured(`predicting by weights of ${widened.toFixed(0)} MB in float32`, ["predict", small, text, "--runtime", "onnxruntime"]);
    expect(megabytes).toBeGreaterThan(widened);
    expect(megabytes).toBeLessThan(2 * widened);
  });

  it("one that does not fit is refused before a weight is read, told in numbers of float32", async () => {
    const models = createModelCache(() => 20e9);
    const jobs = createJobs({ models });
    const attempts = [
      jobs.predictText({ ...asked, model: folder }),
      jobs.explainText({ ...asked, model: folder, method: "layer-integrated-gradients", target: "predicted", score: "logit", parameters: {} }),
      jobs.attention({ model: folder, input: { kind: "text", ...asked }, target: "predicted", runtime: "onnxruntime" }),
    ];
    const thrown = await Promise.all(attempts.map(async (job: Promise<unknown>) => job.then(() => undefined, (error: unknown) => error)));
    for (const error of thrown) expect(error).toMatchObject({ code: "modelTooLarge", data: { needed: "27.0 GB", available: "20.0 GB" } });
    // And still it can be looked at.
    expect((await jobs.inspectModel(folder)).task).toBe("next-token");
    jobs.dispose();
  });

  it("a text is explained by every method where one program fits at a time", async () => {
    // The weights take 44 KB.
    const jobs = createJobs({ models: createModelCache(() => 50_000) });
    // Occlusion needs a tokenizer's padding, and the recorded folder has none.
    for (const method of textMethodIds.filter((id) => id !== "occlusion")) {
      const { target } = await jobs.explainText({ ...asked, model: recorded, method, target: "predicted", score: "logit", parameters: {} });
      expect(target.index, method).toBe(await topToken(recorded));
    }
    jobs.dispose();
  });

  it("others leave what they hold before one is refused", async () => {
    let free = 0;
    const models = createModelCache(() => free);
    free = 1e9;
    const first = await models.load(recorded);
    free = 10;
    await expect(models.load(join(copyOf("second"), "model.safetensors.index.json"))).rejects.toMatchObject({ code: "modelTooLarge" });
    free = 1e9;
    expect(await models.load(recorded)).not.toBe(first);
    expect(existsSync(first.path)).toBe(true);
    models.clear();
  });
});
