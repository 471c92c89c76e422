/** @file The worker process itself: bundled, forked and driven by the host's own client. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWorkerClient, type WorkerClient } from "../../../src/host/workerClient.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
// Inside the repository, so that the bundle finds the native packages.
const folder = mkdtempSync(join(root, "node_modules/.whylight-worker-"));
let client: WorkerClient;

beforeAll(async () => {
  await build({
    entryPoints: [join(root, "src/worker/main.ts")], outfile: join(folder, "worker.js"), bundle: true, platform: "node", format: "cjs", logLevel: "error",
    logOverride: { "empty-import-meta": "silent" }, external: ["sharp", "onnxruntime-node", "@tensorflow/*"],
  });
  client = createWorkerClient(() => ({ script: join(folder, "worker.js"), nodePath: undefined, memoryMb: 1024, idleMs: 0, cancelGraceMs: 5000, env: {} }), () => {});
});
afterAll(() => {
  client.dispose();
  rmSync(folder, { recursive: true });
});

const request = { model: fixture("cnn", "model.onnx"), input: fixture("cnn", "input0.png"), method: "saliency", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "reference" } as const;

it("says who it is", async () => {
  expect(await client.call("hello", {})).toEqual({ protocol: 1, version: "development", node: process.version });
});

it("explains over the wire, with progress and the right numbers", async () => {
  const phases: string[] = [];
  const { attribution, target } = await client.call("explain", request, { onProgress: ({ phase }) => phases.push(phase) });
  expect(attribution.data).toBeInstanceOf(Float32Array);
  expect(relativeError(attribution.data, readArrays(fixture("cnn", "reference.safetensors")).get("x0/pred/gradient"))).toBeLessThan(1e-4);
  expect(target.probability).toBeGreaterThan(0.5);
  expect(phases).toEqual(["reading", "preparing", "compiling", "computing", "drawing"]);
});

it("keeps a failure's code and facts, and answers the next call", async () => {
  await expect(client.call("explain", { ...request, model: "/nowhere/m.onnx" })).rejects.toMatchObject({ code: "modelNotFound", data: { path: "/nowhere/m.onnx" } });
  await expect(client.call("previewImage", { path: fixture("cnn", "model.onnx"), maxSide: 64 })).rejects.toMatchObject({ code: "imageInvalid" });
  expect(await client.call("previewImage", { path: request.input, maxSide: 64 })).toMatchObject({ width: 28, height: 28, mime: "image/png" });
  expect(await client.call("predict", { ...request, top: 2 })).toMatchObject({ classCount: 10 });
  expect((await client.call("inspectModel", { model: request.model })).layers.length).toBeGreaterThan(3);
});

it("ends by itself when its parent's channel does", async () => {
  const child = fork(join(folder, "worker.js"), [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  child.send({ t: "call", id: 1, method: "hello", args: {} });
  expect(await once(child, "message")).toMatchObject([{ t: "done", id: 1 }, undefined]);
  child.disconnect();
  expect(await ended).toEqual([0, null]);
});
