/** @file The view of models and a model's page in a real VS Code: what is found, chosen, inspected, seen layer by layer and described. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { ModelPage, ModelsView } from "./vscode/modelsView.mjs";
import { childrenRunning } from "./vscode/processes.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

let folder, server, workbench, view, page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
  for (const name of ["images", "models", "texts"]) cpSync(join("samples", name), join(folder, name), { recursive: true });
  // A model that nobody described, and one whose weights were never fetched.
  mkdirSync(join(folder, "models/other"));
  cpSync("samples/models/scenes.onnx", join(folder, "models/other/plain.onnx"));
  mkdirSync(join(folder, "models/pointer"));
  writeFileSync(join(folder, "models/pointer/model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: folder });
  workbench = await openWorkbench(server, { command: "Whylight: Explain Prediction" });
  view = new ModelsView(workbench);
  page = new ModelPage(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test("nothing runs before the view is seen, which then lists every model with what is known", async () => {
  expect(childrenRunning(server, "dist/worker.js")).toEqual([]);
  await view.show();
  await expect.poll(() => view.spoken(), { timeout: 60_000 }).toEqual([
    "plain, ONNX · 1.5 MB", expect.stringMatching(/^pointer, safetensors · 63 B, model\.safetensors is a Git LFS pointer: .* git lfs pull\.$/), "scenes-vit, ONNX · 2.6 MB", "scenes, ONNX · 1.5 MB", "sentiment, ONNX · 2.4 MB · for texts · distilbert",
  ]);
  await workbench.screenshot("models-view-dark");
});

test("a model is chosen by its button, and marked", async () => {
  await view.press("scenes", "Use This Model");
  await expect.poll(async () => (await view.spoken())[3]).toBe("scenes, explains images · ONNX · 1.5 MB");
  await view.press("sentiment", "Use This Model");
  await expect.poll(async () => (await view.spoken())[4]).toBe("sentiment, explains texts · ONNX · 2.4 MB · for texts · distilbert");
  await (await workbench.explorerContextMenu("images/fish-1.jpg")).choose("Explain Prediction");
  await new ExplanationPanel(workbench).shows({ of: "fish-1.jpg · scenes · fish ", state: "done" });
  await workbench.runCommand("View: Close All Editors");
  await view.show();
});

test("below a model stand its facts, and below one that cannot be read what is wrong", async () => {
  await view.unfold("plain");
  await expect.poll(() => view.spoken(), { timeout: 60_000 }).toEqual(expect.arrayContaining([expect.stringMatching(/^Input: \S+ float32 \[/), "Labels: none", expect.stringMatching(/^Preprocessing: .*\(by default\)$/)]));
  await view.unfold("pointer");
  await expect.poll(() => view.spoken(), { timeout: 60_000 }).toEqual(expect.arrayContaining([expect.stringMatching(/^model\.safetensors is a Git LFS pointer/)]));
  for (const theme of ["light", "highContrast", "dark"]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`models-view-facts-${theme}`);
  }
  expect(await workbench.notifications()).toEqual([]);
});

test("a model is inspected, with what its layers make of an image", async () => {
  await view.press("scenes", "Inspect Model");
  const frame = await page.shows("scenes");
  expect(await frame.locator('[data-fact="format"] + dd').textContent()).toMatch(/^ONNX, opset \d+/);
  expect(await frame.locator("#labels li").count()).toBe(10);
  await frame.locator("#choose-image").click();
  await workbench.quickPick.choose("fish-1.jpg");
  await page.shows("scenes", { state: "done", thumbnails: "done" });
  const layers = await frame.locator("#layers tbody tr").count();
  expect(layers).toBeGreaterThan(5);
  await expect.poll(() => frame.locator("#layers .mean img").count()).toBe(layers);
  expect(await frame.locator("#layers .channels img").evaluateAll((images) => images.every((image) => image.complete && image.naturalWidth > 0))).toBe(true);
  for (const theme of ["light", "dark"]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`model-page-${theme}`);
  }
});

test("the page comes back after a reload, with its image", async () => {
  await workbench.reload("isFormOpen");
  const frame = await page.shows("scenes", { state: "done", thumbnails: "done" });
  await expect.poll(() => frame.locator("#layers .mean img").count()).toBeGreaterThan(5);
});

test("the graph opens as text that cannot be changed", async () => {
  const frame = await page.shows("scenes");
  await frame.locator("#show-graph").click();
  await workbench.tab("scenes.graph.txt").waitFor();
  const lines = workbench.page.locator(".editor-group-container.active .view-line");
  await expect.poll(() => lines.allInnerTexts().then((all) => all.join("\n"))).toMatch(/Conv/);
  await lines.first().click();
  await workbench.page.keyboard.type("x");
  await expect.poll(() => workbench.page.locator(".monaco-editor-overlaymessage, .editor-group-container.active .codicon-lock").count()).toBeGreaterThan(0);
  await workbench.screenshot("model-graph");
});

test("labels and preprocessing that are missing are written by the form, and count at once", async () => {
  await view.show();
  await view.unfold("plain");
  await view.row("Labels").click();
  const frame = await page.shows("plain");
  await frame.locator("#form").waitFor();
  const labels = JSON.parse(readFileSync("samples/models/scenes.whylight.json", "utf8")).labels;
  await frame.locator("#form-labels").fill(labels.join("\n"));
  await frame.locator("#form-crop").fill("20");
  await frame.locator("#form-crop").blur();
  await workbench.screenshot("model-form");
  await frame.locator("#form-write").click();
  await expect.poll(() => frame.locator("#form-problem").textContent()).toMatch(/preprocess\.crop/);
  expect(existsSync(join(folder, "models/other/plain.whylight.json"))).toBe(false);
  await frame.locator("#form-crop").fill("128");
  await frame.locator("#form-crop").blur();
  await frame.locator("#form-write").click();
  await expect.poll(() => frame.locator("#form-saved").textContent()).toBe("Written: plain.whylight.json");
  const written = JSON.parse(readFileSync(join(folder, "models/other/plain.whylight.json"), "utf8"));
  expect(written).toMatchObject({ labels, preprocess: { crop: [128, 128] } });
  await expect.poll(() => frame.locator('[data-fact="labels"] + dd').textContent()).toMatch(/^10: .*\(from the model's description\)$/);
  await view.unfold("plain");
  await expect.poll(() => view.spoken(), { timeout: 60_000 }).toEqual(expect.arrayContaining([expect.stringMatching(/^Labels: 10: /)]));
});

test("remarks beside an explanation lead to the form", async () => {
  rmSync(join(folder, "models/other/plain.whylight.json"), { force: true });
  await view.show();
  // The view has seen that the file is gone.
  await expect.poll(() => view.spoken(), { timeout: 30_000 }).toEqual(expect.arrayContaining(["Labels: none"]));
  await view.press("plain", "Use This Model");
  await expect.poll(() => view.spoken()).toEqual(expect.arrayContaining(["plain, explains images · ONNX · 1.5 MB"]));
  await (await workbench.explorerContextMenu("images/fish-1.jpg")).choose("Explain Prediction");
  const panel = await new ExplanationPanel(workbench).shows({ of: "fish-1.jpg · plain", state: "done" });
  await workbench.screenshot("models-remarks");
  await panel.locator("#fix-labelsMissing-0").click();
  const frame = await page.shows("plain");
  await frame.locator("#form").waitFor();
  await view.show();
});

test("what comes and goes in the folder comes and goes in the view", async () => {
  await view.show();
  cpSync("samples/models/scenes.onnx", join(folder, "models/new.onnx"));
  await expect.poll(() => view.spoken(), { timeout: 30_000 }).toEqual(expect.arrayContaining(["new, ONNX · 1.5 MB"]));
  rmSync(join(folder, "models/new.onnx"));
  await expect.poll(async () => (await view.spoken()).some((text) => text.startsWith("new,")), { timeout: 30_000 }).toBe(false);
});

test("a folder that holds a model is one in the Explorer's menu", async () => {
  const menu = await workbench.explorerContextMenu("models/sentiment");
  expect(await menu.texts()).toEqual(expect.arrayContaining(["Use This Model", "Inspect Model"]));
  await menu.choose("Inspect Model");
  const frame = await page.shows("sentiment");
  expect(await frame.locator("#attention-sites tbody tr").count()).toBeGreaterThan(0);
  await workbench.screenshot("model-page-text");
});

test("a folder without a model says so, and how to get one", async () => {
  for (const name of ["models", "texts"]) rmSync(join(folder, name), { recursive: true, force: true });
  await view.show();
  await workbench.page.locator(".sidebar").getByText("There is no model in this workspace").waitFor({ timeout: 30_000 });
  await workbench.page.locator(".sidebar .monaco-text-button", { hasText: "Get a Model" }).waitFor();
  await workbench.screenshot("models-view-empty");
});
