/** @file Misclassification reports in a real VS Code: the question of the true class, the report, other labels, ways on from it, saving it, and coming back. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

const debug = "Whylight: Debug Misclassification";
const report = "01.jpg · scenes · Misclassification report";

describe(`code-server ${newest}`, () => {
  let folder, server, workbench, panel;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
    for (const name of [".vscode", "models", "images", "shortcut"]) cpSync(join("samples", name), join(folder, name), { recursive: true });
    server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: folder });
    workbench = await openWorkbench(server, { command: debug, viewport: { width: 1400, height: 900 } });
    panel = new ExplanationPanel(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const asks = (words) => until(`the question "${words}"`, async () => (await workbench.quickPick.question()).includes(words));
  const verdict = async () => (await panel.frame()).locator("#verdict").innerText();

  test("the true class is found and asked about, the expected one as well, and Enter takes both", async () => {
    await (await workbench.explorerContextMenu("shortcut/umbrella/01.jpg")).choose("Debug Misclassification");
    await asks("What does 01.jpg really show?");
    expect((await workbench.quickPick.labels())[0]).toBe("umbrella");
    await workbench.screenshot("debug-true-class");
    await workbench.quickPick.input.press("Enter");
    await asks("What did you expect the model to answer?");
    expect((await workbench.quickPick.labels())[0]).toBe("umbrella");
    await workbench.quickPick.input.press("Enter");
    await panel.shows({ of: report, state: "done" });
    expect(await verdict()).toMatch(/mug.*umbrella/);
    for (const theme of ["light", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`debug-${theme}`);
    }
    const frame = await panel.frame();
    for (const [name, part] of [["causes", "section.causes"], ["tried", "section.tried"], ["near", "section.near"]]) {
      await frame.locator(part).first().scrollIntoViewIfNeeded();
      await workbench.screenshot(`debug-${name}`);
    }
    // Without an audit, near files are looked for beside its class's folder.
    await expect.poll(() => frame.locator("#neighbours li").count()).toBeGreaterThan(0);
  });

  test("a map opens as an explanation, whose panel leads back to the report of the same image", async () => {
    const frame = await panel.frame();
    await frame.locator('.tile[data-id="grad-cam/true"] .tile-name').click();
    await panel.shows({ of: "01.jpg · scenes · umbrella ", state: "done", method: "grad-cam" });
    await workbench.runCommand(debug);
    await asks("What does 01.jpg really show?");
    await workbench.quickPick.choose("car");
    await asks("What did you expect");
    await workbench.quickPick.choose("umbrella");
    await panel.shows({ of: report, state: "done" });
    await until("the report of the other class", async () => (await verdict()).includes("car"));
    await workbench.screenshot("debug-relabelled");
  });

  test("the text report is saved and opened", async () => {
    const frame = await panel.frame();
    await frame.locator("#export").click();
    await frame.locator("#export-text").click();
    await workbench.quickPick.answerFile(join(folder, "why.txt"));
    await workbench.tab("why.txt").waitFor();
    expect(readFileSync(join(folder, "why.txt"), "utf8")).toMatch(/car[^]*mug/);
    await workbench.screenshot("debug-text");
    await workbench.runCommand("View: Close Editor");
  });

  test("a report comes back after a reload, with the labels it was held against", async () => {
    await panel.shows({ of: report, state: "done" });
    await panel.choose("colormap", "cividis");
    await workbench.reload("cividis");
    const frame = await panel.shows({ of: report, state: "done" });
    expect(await frame.locator("#colormap").evaluate((field) => field.value)).toBe("cividis");
    expect(await verdict()).toContain("car");
    expect(workbench.complaints("whylight.whylight")).toEqual([]);
  });

  test("a near file opens its own report without a question", async () => {
    const near = (await panel.frame()).locator("#neighbours li").first();
    const file = await near.getAttribute("data-file");
    await near.locator(".near-open").click();
    await panel.shows({ of: `${file.split("/").pop()} · scenes · Misclassification report`, state: "done" });
  });
});
