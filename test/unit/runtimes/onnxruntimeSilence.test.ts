/** @file ONNX Runtime, bundled as users have it, keeps no records of its use in the home folder, from which it would report them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
// Inside the repository, so that the bundle finds the native packages.
const base = mkdtempSync(join(root, "node_modules/.whylight-silence-"));
afterAll(() => rmSync(base, { recursive: true }));

it("leaves the home folder empty", async () => {
  const home = join(base, "home");
  mkdirSync(home);
  await build({
    entryPoints: { cli: join(root, "src/cli/start.ts") }, outdir: base, bundle: true, platform: "node", format: "cjs", logLevel: "error", logOverride: { "empty-import-meta": "silent" },
    external: ["sharp", "onnxruntime-node", "@tensorflow/*", "webgpu"],
  });
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
  const told = execFileSync(process.execPath, [join(base, "cli.js"), "predict", join(root, "samples/models/scenes.onnx"), join(root, "samples/images/car-1.jpg"), "--runtime", "onnxruntime"], { env: { ...env, HOME: home }, encoding: "utf8" });
  expect(told).toContain("car");
  expect(readdirSync(home)).toEqual([]);
});
