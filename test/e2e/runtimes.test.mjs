/** @file Runtimes in a real VS Code: measured by themselves after the first map, shown by "Check Runtimes", measured anew on demand, and chosen by the setting; those on a graphics card with what the package brings for them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Check Runtimes";
const cache = mkdtempSync(join(tmpdir(), "whylight-cache-"));
const speeds = join(cache, "speeds.json");
/** Chromium's SwiftShader, which plays a graphics card on the processor, with the loader that finds it. */
const chromium = "/usr/lib/chromium";
const driver = join(chromium, "vk_swiftshader_icd.json");
const hasCard = existsSync(driver);
const card = hasCard ? { VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: chromium } : {};
let workspace, server, workbench;

beforeAll(async () => {
  workspace = sampleWorkspace(["mug-1.jpg"]);
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, env: { WHYLIGHT_CACHE: cache, ...card } });
  workbench = await openWorkbench(server, { command });
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
  rmSync(cache, { recursive: true, force: true });
});

const measured = () => (existsSync(speeds) ? Object.keys(JSON.parse(readFileSync(speeds, "utf8")).measured) : []);
/** The report, as the editor shows it; long lines are cut off at its right. */
const report = (pattern) => until(`a report like ${pattern}`, async () => {
  const text = (await workbench.page.locator(".monaco-editor .view-lines").allInnerTexts()).join("\n").replaceAll("\u00a0", " ");
  return pattern.test(text) ? text : undefined;
});

test("after the first map the runtimes are measured, unasked", async () => {
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
  await new ExplanationPanel(workbench).shows({ of: "mug-1.jpg · scenes", state: "done" });
  await until("the runtimes to be measured", () => ["onnxruntime", "tfjs-wasm"].every((name) => measured().includes(name)));
});

test("Check Runtimes shows their speed and which one auto takes", async () => {
  await workbench.runCommand(command);
  const text = await report(/auto takes the fastest for the kind of model/);
  expect(text).toMatch(/✓ +onnxruntime +[\d.]+ GFLOP\/s +[\d.]+ GFLOP\/s/);
  expect(text).toMatch(/✓ +tfjs-wasm +[\d.]+ GFLOP\/s/);
  expect(text).toContain("taken by auto");
  for (const name of hasCard ? ["onnxruntime-webgpu", "tfjs-webgpu"] : []) expect(text).toMatch(new RegExp(`✓ +${name} `));
  await workbench.page.locator(".notification-toast").waitFor({ state: "hidden" });
  await workbench.screenshot("runtimes-dark");
});

test("Measure Runtimes measures them again", async () => {
  writeFileSync(speeds, "{}");
  await workbench.runCommand("Whylight: Measure Runtimes");
  await until("the runtimes to be measured again", () => measured().includes("tfjs-wasm"));
  await report(/auto takes the fastest for the kind of model/);
});

test("the setting is said to choose", async () => {
  await workbench.changeSettings({ "whylight.runtime": "tfjs-wasm" });
  await workbench.runCommand(command);
  await report(/The setting whylight\.runtime chooses tfjs-wasm here\./);
});

// ONNX Runtime ran its trial for the report above; each map takes seconds on an emulated card.
test.skipIf(!hasCard)("a map is drawn through WebGPU with nothing but the package", async () => {
  await workbench.changeSettings({ "whylight.runtime": "tfjs-webgpu" });
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
  await new ExplanationPanel(workbench).shows({ of: "mug-1.jpg · scenes", state: "done", runtime: "tfjs-webgpu" }, { timeout: 200_000 });
});
