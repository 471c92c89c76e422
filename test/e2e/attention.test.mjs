/** @file Inspect Attention in a real VS Code: on selected text with its tokens marked in the editor, on a pair, and on an image. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { fixture, readArrays } from "../unit/readReference.ts";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { TextEditor } from "./vscode/textEditor.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

const command = "Whylight: Inspect Attention";
const model = "distilbert_tiny";

/** What PyTorch recorded of the second text. */
const recorded = readArrays(fixture("reference", model, "reference.safetensors"));
const sentence = JSON.parse(readFileSync(fixture("reference", model, "reference.json"), "utf8")).texts[1];
const attentions = recorded.get(`${sentence.key}/attentions`);
const count = sentence.tokens.length;

/** `[query][key]`: the mean over the layers and heads that were recorded. */
function average() {
  const [size, heads] = [count * count, attentions.data.length / (count * count)];
  return Array.from({ length: count }, (_, query) => Array.from({ length: count }, (_key, key) => {
    let sum = 0;
    for (let head = 0; head < heads; head++) sum += Number(attentions.data[head * size + query * count + key]);
    return sum / heads;
  }));
}

function attentionWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
  for (const name of ["text", "images", ".vscode"]) mkdirSync(join(folder, name));
  for (const name of ["model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]) cpSync(fixture("reference", model, name), join(folder, "text", name));
  for (const name of ["scenes.onnx", "scenes.whylight.json", "scenes-vit.onnx", "scenes-vit.whylight.json"]) cpSync(join("samples/models", name), join(folder, name));
  cpSync("samples/images/mug-1.jpg", join(folder, "images/mug-1.jpg"));
  writeFileSync(join(folder, ".vscode/settings.json"), JSON.stringify({ "whylight.model": "scenes.onnx" }));
  writeFileSync(join(folder, "reviews.txt"), `Reviews\n${sentence.text}\nit was a lazy dog\nthe end\n`);
  return { folder, at: (...path) => join(folder, ...path), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

let workspace, server, workbench, editor, panel;

beforeAll(async () => {
  workspace = attentionWorkspace();
  const settings = { "editor.occurrencesHighlight": "off", "editor.selectionHighlight": false, "editor.minimap.enabled": false, "files.autoSave": "off" };
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, settings });
  workbench = await openWorkbench(server, { command, viewport: { width: 1600, height: 900 } });
  editor = new TextEditor(workbench);
  panel = new ExplanationPanel(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
});

test("a selection's attention opens beside the text, with PyTorch's weights", async () => {
  await workbench.openFile("reviews.txt");
  await editor.select(2, 1, sentence.text.length);
  await (await editor.contextMenu(sentence.text)).choose("Inspect Attention");
  const frame = await panel.shows({ of: "reviews.txt · text", state: "done", kind: "text" });
  expect(await workbench.tab("Attention · This movie was absolutel… · text").count()).toBe(1);
  for (const theme of ["light", "highContrast", "dark"]) {
    await workbench.setTheme(theme);
    for (const view of ["heatmap", "grid", "heads", "model", "average"]) {
      await frame.locator(`#view-${view}`).click();
      await panel.shows({ state: "done", view });
      await workbench.screenshot(`attention-${view}-${theme}`);
    }
  }
  const links = await frame.locator("#links tbody tr").evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
  const mean = average();
  const expected = mean.map((weights, query) => {
    const key = weights.reduce((best, weight, i) => (i !== query && (best < 0 || weight > weights[best]) ? i : best), -1);
    return [sentence.tokens[query], sentence.tokens[key], weights[key].toFixed(3)];
  });
  expect(links).toEqual(expected);
});

test("a token that is chosen is marked in the text with those it attends to, and an edit of the text ends that", async () => {
  const frame = await panel.shows({ state: "done", view: "average" });
  const query = sentence.tokens.indexOf("fantastic");
  await frame.locator("#links tbody tr").nth(query).locator("button").click();
  const weights = average()[query];
  const inText = weights.map((weight, i) => ({ weight, token: sentence.tokens[i] })).filter((_, i) => !sentence.special_tokens_mask[i]);
  const strongest = inText.toSorted((a, b) => b.weight - a.weight)[0].token;
  const marked = await until("marks in the text", async () => {
    const now = await editor.painted();
    return now.length > 0 && now;
  });
  expect(marked.map(({ text }) => text.toLowerCase())).toContain(strongest);
  await workbench.screenshot("attention-marks");
  // The same token again takes them away.
  await frame.locator("#links tbody tr").nth(query).locator("button").click();
  await editor.paints([]);
  await frame.locator("#links tbody tr").nth(query).locator("button").click();
  await editor.paints(marked.map(({ text }) => text));
  await workbench.tab("reviews.txt").click();
  await editor.goTo(2, 3);
  await editor.type("x");
  await editor.paints([]);
  await workbench.page.keyboard.press("Control+z");
  await editor.paints(marked.map(({ text }) => text));
});

test("two cursors are a pair", async () => {
  await editor.goTo(2, 1);
  await workbench.page.locator(".view-line > span", { hasText: "it was a lazy dog" }).click({ modifiers: ["Alt"] });
  await until("two cursors", async () => (await workbench.statusBar()).some((text) => text.startsWith("2 selections")));
  await workbench.runCommand(command);
  await until("the choices of a pair", async () => (await panel.frame()).locator("#pairs").isVisible());
  await panel.shows({ of: "reviews.txt · text", state: "done" });
  await workbench.screenshot("attention-pair");
});

test("the panel comes back after a reload with its view", async () => {
  const frame = await panel.shows({ of: "reviews.txt · text", state: "done" });
  await frame.locator("#view-heads").click();
  await panel.shows({ state: "done", view: "heads" });
  await workbench.reload("heads");
  await panel.shows({ of: "reviews.txt · text", state: "done", view: "heads" });
});

test("a page of its own opens anywhere", async () => {
  const file = workspace.at("saved.html");
  await panel.press("export");
  await panel.press("export-html");
  await expect.poll(() => workbench.quickPick.input.inputValue()).toMatch(/reviews\.attention\..*html$/);
  await workbench.quickPick.answerFile(file);
  await until("the page to be written", () => existsSync(file) && readFileSync(file, "utf8").endsWith("</html>\n"));
  const page = await workbench.page.context().newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => request.url().startsWith("http") && complaints.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.locator('#whylight[data-state="done"]').waitFor();
  await page.screenshot({ path: "test-output/screenshots/attention-saved-page.png" });
  expect(complaints).toEqual([]);
  await page.close();
});

test("an image's menu takes the only model with attention, without a question, and the other one still explains it", async () => {
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Inspect Attention");
  await panel.shows({ of: "mug-1.jpg · scenes-vit", state: "done", kind: "image", view: "overlay" });
  for (const theme of ["light", "highContrast", "dark"]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`attention-image-${theme}`);
  }
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
  await panel.shows({ of: "mug-1.jpg · scenes · mug ", state: "done", method: "grad-cam" });
});

test("the page broke no rule of its content security policy and threw nothing", () => {
  expect(workbench.complaints("whylight.whylight")).toEqual([]);
});
