/** @file What a long job will take, in a real VS Code: said in the panel beside its progress, gone when it is cancelled, and not said of a short one. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Explain Prediction";
const of = "house-1.jpg · scenes";
const cache = mkdtempSync(join(tmpdir(), "whylight-cache-"));
let workspace, server, workbench, panel;

beforeAll(async () => {
  workspace = sampleWorkspace(["house-1.jpg"]);
  // A book of speeds of its own: at first nothing is known.
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, env: { WHYLIGHT_CACHE: cache }, settings: { "whylight.method": "smoothgrad" } });
  workbench = await openWorkbench(server, { command });
  panel = new ExplanationPanel(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
  rmSync(cache, { recursive: true, force: true });
});

const progress = async () => (await panel.frame()).locator("#progress-text").textContent();

/** Starts to note all that the progress says from now on; the returned function tells it. */
async function noteProgress() {
  const frame = await panel.frame();
  await frame.evaluate(() => {
    const noted = [];
    const text = document.querySelector("#progress-text");
    Object.assign(window, { notedProgress: noted });
    new MutationObserver(() => noted.push(text.textContent)).observe(text, { childList: true, characterData: true, subtree: true });
  });
  return () => frame.evaluate(() => /** @type {any} */ (window).notedProgress);
}

async function takeSamples(count) {
  const frame = await panel.frame();
  await frame.locator("#parameters").evaluate((fold) => { /** @type {HTMLDetailsElement} */ (fold).open = true; });
  await frame.locator("#parameter-samples").fill(String(count));
  await frame.locator("#parameter-samples").press("Enter");
}

test("a job of a second says nothing of what it takes", async () => {
  await (await workbench.explorerContextMenu("images/house-1.jpg")).choose("Explain Prediction");
  await panel.shows({ of, state: "done", method: "smoothgrad" });
  const before = await panel.picture();
  const [noted, states] = [await noteProgress(), await panel.noteStates()];
  await takeSamples(60);
  await until("the new map", async () => (await states()).includes("computing") && (await states()).at(-1) === "done");
  await panel.pictureOtherThan(before);
  expect((await noted()).filter((text) => text.includes("about"))).toEqual([]);
});

test("a job of minutes says how long and how large it will be, in light and dark", async () => {
  const before = await panel.picture();
  await takeSamples(100_000);
  const said = await until("an estimate", async () => {
    const text = await progress();
    return /about .+, up to [\d.]+ [MG]B on onnxruntime/.test(text) && text;
  });
  expect(said).toMatch(/about \d+ (s|min)(?: |,)/);
  for (const theme of ["light", "dark"]) {
    await workbench.setTheme(theme);
    await panel.shows({ of, state: "computing" });
    await workbench.screenshot(`estimate-${theme}`);
  }
  await panel.press("cancel");
  await panel.shows({ of, state: "done" });
  expect(await progress()).not.toContain("about");
  // The map from before is back.
  await until("the map from before", async () => (await panel.picture()) === before);
});

test("tests of a map say what all of them will take, on a runtime that has not run yet", async () => {
  await workbench.changeSettings({ "whylight.runtime": "reference" });
  await panel.choose("method", "Saliency");
  const frame = await panel.shows({ of, state: "done", method: "saliency", runtime: "reference" });
  await frame.locator("#check-trust").evaluate((button) => { button.closest("details").open = true; });
  await panel.press("check-trust");
  const said = async () => (await panel.frame()).locator("#trust-progress").textContent();
  await until("an estimate of the tests", async () => /about .+, up to [\d.]+ [MG]B on reference/.test(await said()));
  await frame.locator("#trust-progress").scrollIntoViewIfNeeded();
  await workbench.screenshot("estimate-trust");
  await panel.press("cancel-trust");
  await until("the tests to stop", async () => !(await said()).includes("about"));
});

test("the page broke no rule of its content security policy and threw nothing", () => {
  expect(workbench.complaints("whylight.whylight")).toEqual([]);
});
