/** @file The search for a native TensorFlow answers with a sentence, never with an exception or a dead process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "whylight-tensorflow-"));

/** A fresh module, since the answer is remembered. */
async function search(environment: Readonly<Record<string, string>>): Promise<{ reason?: string; detail?: string }> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.resetModules();
  const { loadTensorflow } = await import("../../../src/runtimes/tensorflowNative.js");
  return loadTensorflow() as { reason?: string; detail?: string };
}

describe("loadTensorflow", () => {
  beforeEach(() => mkdirSync(folder, { recursive: true }));
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it("names every place it looked in and what was wrong there", async () => {
    const { reason } = await search({ WHYLIGHT_TENSORFLOW: join(folder, "absent"), WHYLIGHT_CACHE: folder });
    expect(reason).toMatch(/^No native TensorFlow works here \(WHYLIGHT_TENSORFLOW: ENOENT.*@tensorflow\/tfjs-node-gpu: .*@tensorflow\/tfjs-node: not installed\)\.$/);
    expect(reason).not.toContain("\n");
  });

  it("does not require a package whose binding is absent", async () => {
    writeFileSync(join(folder, "package.json"), '{ "name": "fake", "version": "1.0.0", "main": "main.js" }');
    writeFileSync(join(folder, "main.js"), "process.exit(1);");
    const { reason } = await search({ WHYLIGHT_TENSORFLOW: folder, WHYLIGHT_CACHE: folder });
    expect(reason).toContain("WHYLIGHT_TENSORFLOW: its native binding is absent");
  });

  it("survives a binding that does not load", async () => {
    mkdirSync(join(folder, "lib", "napi-v8"), { recursive: true });
    writeFileSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"), "not a library");
    writeFileSync(join(folder, "package.json"), '{ "name": "fake", "version": "1.0.0", "main": "main.js" }');
    writeFileSync(join(folder, "main.js"), 'require("./lib/napi-v8/tfjs_binding.node");');
    const { reason } = await search({ WHYLIGHT_TENSORFLOW: folder, WHYLIGHT_CACHE: folder });
    expect(reason).toMatch(/WHYLIGHT_TENSORFLOW: .*tfjs_binding\.node/);
  });

  it("passes over a build in the cache that was never finished", async () => {
    mkdirSync(join(folder, "tensorflow-9.9.9"), { recursive: true });
    const { reason } = await search({ WHYLIGHT_CACHE: folder });
    expect(reason).not.toContain("9.9.9");
  });
});
