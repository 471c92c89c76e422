/** @file The samples in a real VS Code, as people open them: every first click works without a question. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { childrenRunning } from "./vscode/processes.mjs";
import { startServer } from "./vscode/server.mjs";
import { TextEditor } from "./vscode/textEditor.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

const explain = "Whylight: Explain Text Prediction";
let folder, server, workbench, editor, panel;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
  for (const name of [".vscode", "images", "models", "texts"]) cpSync(join("samples", name), join(folder, name), { recursive: true });
  const settings = { "editor.occurrencesHighlight": "off", "editor.selectionHighlight": false, "editor.minimap.enabled": false, "editor.wordWrap": "on", "files.autoSave": "off" };
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: folder, settings });
  workbench = await openWorkbench(server, { command: explain });
  editor = new TextEditor(workbench);
  panel = new ExplanationPanel(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test("an image is explained by the one model and its attention shown of the other", async () => {
  await (await workbench.explorerContextMenu("images/house-1.jpg")).choose("Explain Prediction");
  await panel.shows({ of: "house-1.jpg · scenes · house ", state: "done" });
  await (await workbench.explorerContextMenu("images/house-1.jpg")).choose("Inspect Attention");
  await panel.shows({ of: "house-1.jpg · scenes-vit", state: "done", view: "overlay" });
  await workbench.runCommand("View: Close All Editors");
});

test("lines of a CSV are judged as their writers labelled them", async () => {
  await workbench.openFile("texts/reviews.csv");
  const rows = readFileSync("samples/texts/reviews.csv", "utf8").split(/\r?\n/).slice(1, 4);
  for (const [i, row] of rows.entries()) {
    const [, review, label] = /^\d+,"(.*)",(\w+)$/.exec(row);
    // Without a selection the line's review counts, not its number and its label.
    if (i === 2) await editor.goTo(i + 2, 1);
    else await editor.select(i + 2, row.indexOf(review) + 1, review.length);
    await workbench.runCommand(explain);
    await until(`review ${i + 1}`, async () => (await editor.tails()).length === i + 1);
    expect((await editor.tails())[i]).toMatch(new RegExp(`^${label} [\\d.]+ %$`));
  }
  expect((await editor.painted()).some(({ text }) => text.includes("POSITIVE"))).toBe(false);
  for (const theme of ["light", "highContrast", "dark"]) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`samples-csv-${theme}`);
  }
});

const busy = () => workbench.page.locator(".statusbar-item:visible", { hasText: /^\s*(Starting|Reading the model|Preparing the input|Compiling the model|Computing)/ });

test("explaining can be cancelled in the status bar, which leaves everything as it was", async () => {
  await workbench.openFile("texts/long-review.txt");
  // A worker that has been stopped hangs for certain.
  for (const worker of childrenRunning(server, "dist/worker.js")) process.kill(worker, "SIGSTOP");
  await editor.goTo(1);
  await workbench.page.keyboard.press("Control+a");
  await workbench.runCommand(explain);
  await until("the job to be cancelled", async () => {
    await busy().first().click({ timeout: 2000 });
    return true;
  });
  await until("the status bar's rest", async () => (await busy().count()) === 0);
  expect(await editor.painted()).toEqual([]);
  expect(await workbench.notifications()).toEqual([]);
});

test("a text longer than the model reads is explained in windows, which the hover says", async () => {
  await workbench.changeSettings({ "whylight.text.method": "input-x-gradient" });
  await workbench.page.keyboard.press("Control+a");
  await workbench.runCommand(explain);
  const painted = await until("colours", async () => {
    const now = await editor.painted();
    return now.length > 10 && now;
  }, { timeout: 120_000 });
  await workbench.page.keyboard.press("Control+Home");
  expect(await editor.hover(painted[3].text)).toMatch(/The text has \d+ tokens and the model takes 512, so it was read in \d+ overlapping windows/);
  await workbench.screenshot("samples-long-review");
  await editor.leave();
  await expect.poll(() => workbench.page.locator(".statusbar-item:visible:has(.codicon-warning)", { hasText: "Input × Gradient" }).count()).toBe(1);
});
