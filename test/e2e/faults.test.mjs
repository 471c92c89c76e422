/** @file Bad input and bad luck in a real VS Code: each fault says one clear sentence with a next step, and the next explanation works. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { errorTexts } from "../../src/protocol/errorTexts.ts";
import { firstHalf, renameOperator } from "./vscode/brokenFiles.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { childrenRunning } from "./vscode/processes.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Explain Prediction";
let workspace, server, workbench, panel;

beforeAll(async () => {
  workspace = sampleWorkspace(["fish-1.jpg", "house-1.jpg", "mug-1.jpg"]);
  cpSync("samples/images/house-1.jpg", workspace.at("images/deleted.jpg"));
  writeFileSync(workspace.at("broken.png"), "this is no picture");
  writeFileSync(workspace.at("empty.png"), "");
  mkdirSync(workspace.at("models"));
  writeFileSync(workspace.at("models/cut.onnx"), firstHalf("samples/models/scenes.onnx"));
  writeFileSync(workspace.at("models/unknown.onnx"), renameOperator("samples/models/scenes.onnx", "Relu", "Rely"));
  for (const name of ["text", "images-only"]) mkdirSync(workspace.at("models", name));
  cpSync("test/fixtures/reference/distilbert_tiny/model.onnx", workspace.at("models/text/model.onnx"));
  writeFileSync(workspace.at("models/text/tokenizer.json"), '{"version": "1.0"}');
  cpSync("samples/models/scenes.onnx", workspace.at("models/images-only/scenes.onnx"));
  cpSync("test/fixtures/reference/distilbert_tiny/vocab.txt", workspace.at("models/images-only/vocab.txt"));
  writeFileSync(workspace.at("review.txt"), "so good\n");
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder });
  workbench = await openWorkbench(server, { command });
  panel = new ExplanationPanel(workbench);
  await useModel("scenes.onnx");
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
});

async function explain(path) {
  await (await workbench.explorerContextMenu(path)).choose("Explain Prediction");
}

async function useModel(path) {
  await (await workbench.explorerContextMenu(path)).choose("Use This Model");
}

/** What the panel must say: the sentence and the next step of the code, with these facts; `*` stands for one that only the program knows. */
function sentence(code, facts = {}) {
  const { text, next } = errorTexts[code];
  const escaped = `${text} ${next}`.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  const filled = escaped.replace(/\{(\w+)\}/g, (_, name) => (facts[name] === "*" ? "[^\\n]+?" : facts[name]).replace(/\./g, "\\."));
  return new RegExp(`^${filled}$`);
}

/** Waits for the failure, checks its sentence, and that nothing else was said. */
async function fails(of, code, facts) {
  await panel.shows({ of, state: "failed", code });
  expect((await panel.facts()).failure).toMatch(sentence(code, facts));
  expect(await workbench.notifications()).toEqual([]);
}

/** The next explanation works, in a panel of its own. */
async function nextWorks() {
  await explain("images/fish-1.jpg");
  await panel.shows({ of: "fish-1.jpg · scenes · fish ", state: "done" });
  await workbench.runCommand("View: Close All Editors");
  await until("the editors to close", async () => (await workbench.page.locator(".tabs-container .tab").count()) === 0);
}

/** Starts a job, stops its worker's process in the midst of it, and returns the process's id: the job then neither ends nor answers. */
async function hangingJob(path, of) {
  // The plain interpreter takes a second or more, which leaves time to stop it.
  await workbench.changeSettings({ "whylight.runtime": "reference", "whylight.method": "saliency" });
  await explain(path);
  await panel.shows({ of, state: "computing" });
  const [worker, ...others] = childrenRunning(server, "dist/worker.js");
  expect(others).toEqual([]);
  process.kill(worker, "SIGSTOP");
  expect((await panel.facts()).state).toBe("computing");
  await workbench.changeSettings({ "whylight.runtime": "auto", "whylight.method": "grad-cam" });
  return worker;
}

test("an image that is none", async () => {
  await explain("broken.png");
  await fails("broken.png · scenes", "imageInvalid", { path: workspace.at("broken.png"), reason: "*" });
  await workbench.screenshot("error-image");
  await nextWorks();
});

test("an empty image, and Retry once it is there", async () => {
  await explain("empty.png");
  await fails("empty.png · scenes", "imageInvalid", { path: workspace.at("empty.png"), reason: "*" });
  cpSync(workspace.at("images/mug-1.jpg"), workspace.at("empty.png"));
  await panel.press("action-retry");
  await panel.shows({ of: "empty.png · scenes · mug ", state: "done" });
});

test("a model cut short, and another one chosen instead", async () => {
  await useModel("models/cut.onnx");
  await fails("empty.png · cut", "modelCorrupt", { path: workspace.at("models/cut.onnx"), reason: "*" });
  await workbench.screenshot("error-model");
  await panel.press("action-chooseModel");
  await workbench.quickPick.choose("scenes.onnx");
  await panel.shows({ of: "empty.png · scenes · mug ", state: "done" });
});

test("a model with an operator that nobody knows", async () => {
  await useModel("models/unknown.onnx");
  await fails("empty.png · unknown", "opUnsupported", { op: "Rely", node: "*" });
  await useModel("scenes.onnx");
  await nextWorks();
});

test("an image that is deleted before the job", async () => {
  await explain("images/deleted.jpg");
  const frame = await panel.shows({ of: "deleted.jpg · scenes · house ", state: "done" });
  rmSync(workspace.at("images/deleted.jpg"));
  await frame.locator(".prediction").nth(1).click();
  await fails("deleted.jpg · scenes", "inputNotFound", { path: workspace.at("images/deleted.jpg") });
  await workbench.screenshot("error-deleted");
  // The rows below move up when the Explorer notices, and nobody can click on a moving row.
  await workbench.page.locator(".explorer-folders-view .label-name", { hasText: "deleted.jpg" }).waitFor({ state: "detached" });
  await nextWorks();
});

test("two images at once", async () => {
  const [fish, mug] = [await workbench.explorer.row("images/fish-1.jpg"), await workbench.explorer.row("images/mug-1.jpg")];
  await mug.click();
  await fish.click({ modifiers: ["ControlOrMeta"] });
  await (await workbench.explorerContextMenu("images/fish-1.jpg")).choose("Explain Prediction");
  for (const name of ["mug", "fish"]) {
    await workbench.tab(`${name}-1.jpg · scenes`).click();
    await panel.shows({ of: `${name}-1.jpg · scenes · ${name} `, state: "done" });
  }
  await nextWorks();
});

test("the worker is killed during a job, and Retry works", async () => {
  const worker = await hangingJob("images/house-1.jpg", "house-1.jpg · scenes");
  await workbench.screenshot("computing");
  process.kill(worker, "SIGKILL");
  await fails("house-1.jpg · scenes", "workerCrashed", { exit: "SIGKILL" });
  await workbench.screenshot("error-worker");
  await panel.press("action-retry");
  await panel.shows({ of: "house-1.jpg · scenes · house ", state: "done" });
  expect(childrenRunning(server, "dist/worker.js")).not.toContain(worker);
});

test("a panel is closed during a job", async () => {
  const worker = await hangingJob("images/mug-1.jpg", "mug-1.jpg · scenes");
  await workbench.runCommand("View: Close Editor");
  await workbench.tab("mug-1.jpg · scenes").waitFor({ state: "detached" });
  await nextWorks();
  expect(childrenRunning(server, "dist/worker.js")).not.toContain(worker);
  expect(await workbench.notifications()).toEqual([]);
});

test("a job that hangs is cancelled, and Retry works", async () => {
  await hangingJob("images/mug-1.jpg", "mug-1.jpg · scenes");
  await panel.press("cancel");
  await fails("mug-1.jpg · scenes", "cancelled");
  await panel.press("action-retry");
  await panel.shows({ of: "mug-1.jpg · scenes · mug ", state: "done" });
});

/** Explains the text and returns what is told, and the buttons beside it. */
async function explainsText(model) {
  await (await workbench.explorerContextMenu(model)).choose("Use This Model");
  await workbench.openFile("review.txt");
  await workbench.runCommand("Notifications: Clear All Notifications");
  await until("the notifications to go", async () => (await workbench.notifications()).length === 0);
  await workbench.runCommand("Whylight: Explain Text Prediction");
  const text = await workbench.waitForNotification(/./);
  const buttons = await workbench.page.locator(".notifications-toasts .notification-list-item .monaco-button").allInnerTexts();
  return { text, buttons: buttons.map((button) => button.trim()).filter(Boolean) };
}

test("a tokenizer that cannot be read, and a model that takes no text, say so with a next step", async () => {
  const broken = await explainsText("models/text/model.onnx");
  expect(broken.text).toMatch(/^The tokenizer .*tokenizer\.json cannot be used: .+ Save it again with the transformers library/);
  expect(broken.buttons).toEqual(["Choose model…", "Retry", "Show log"]);
  await workbench.screenshot("error-tokenizer");
  const unsuitable = await explainsText("models/images-only/scenes.onnx");
  expect(unsuitable.text).toMatch(/^This model cannot be explained with this input: .+ Choose a model that classifies images or texts/);
  await workbench.runCommand("Notifications: Clear All Notifications");
});

test("no fault broke a rule of the page's content security policy or threw in it", () => {
  expect(workbench.complaints("whylight.whylight")).toEqual([]);
});
