/** @file Auditing in a real VS Code, the whole story: audit the samples, from the worst cell to an image's report, export, mistakes elsewhere in the editor, two models compared. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { AuditPage } from "./vscode/auditPage.mjs";
import { openContextMenu } from "./vscode/contextMenu.mjs";
import { openTests, problems, runTest, testRow, testRows, untilEmpty } from "./vscode/lists.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

/** Pictures with the sticker that the model takes for a mug, by class. */
const classes = readdirSync("samples/shortcut");
const pictures = classes.flatMap((name) => readdirSync(join("samples/shortcut", name)).map((file) => `${name}/${file}`));

describe(`code-server ${newest}`, () => {
  let folder, server, workbench, page;
  const kept = (...path) => join(folder, ".whylight/audits", ...path);
  const summary = (name) => JSON.parse(readFileSync(kept(name, "summary.json"), "utf8"));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
    for (const name of [".vscode", "models", "shortcut"]) cpSync(join("samples", name), join(folder, name), { recursive: true });
    for (const name of ["scenes-control.onnx", "scenes-control.whylight.json"]) cpSync(join("test/fixtures", name), join(folder, "models", name));
    server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: folder });
    workbench = await openWorkbench(server, { command: "Whylight: Audit Folder", viewport: { width: 1400, height: 900 } });
    page = new AuditPage(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** From the Explorer's menu to a finished audit. */
  async function audit(of) {
    await (await workbench.explorerContextMenu("shortcut")).choose("Audit Folder");
    expect(await workbench.quickPick.question()).toContain("Where do the labels of shortcut come from?");
    expect((await workbench.quickPick.labels())[0]).toBe("Names of the folders");
    await workbench.quickPick.input.press("Enter");
    await page.shows({ of, state: "done" });
  }

  /** The first audit in front, whatever a test before has left open. */
  async function openFirst() {
    await workbench.runCommand("View: Close All Editors");
    await workbench.runCommand("Whylight: Open Audit");
    await workbench.quickPick.choose("scenes-shortcut");
    await page.shows({ of: "shortcut · scenes · Audit", state: "done" });
  }

  test("a folder is audited from the Explorer, and what mistakes share is found", async () => {
    await audit("shortcut · scenes · Audit");
    const found = summary("scenes-shortcut");
    expect([found.images, found.failedCount]).toEqual([pictures.length, 0]);
    expect(await page.figure("Mistakes")).toBe(String(found.mistakes));
    expect(await page.galleryTitle()).toContain(String(found.mistakes));
    expect((await page.findings("shortcut")).join("\n")).toMatch(/mug[^]*bottom right/);
    for (const theme of ["light", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`audit-${theme}`);
    }
  });

  test("the worst cell shows its images, and one of them its report without a question", async () => {
    const { label, predicted, images } = await page.worstCell();
    expect([predicted, images]).toEqual(["mug", 3]);
    await page.pressCell(label, predicted);
    expect((await page.shots()).map(({ file }) => file).toSorted()).toEqual(pictures.filter((file) => file.startsWith(`${label}/`)));
    const [{ file }] = await page.shots();
    await (await page.shot(file)).click();
    const frame = await page.shows({ of: `${file.split("/")[1]} · scenes`, state: "done" });
    expect(await frame.locator("#verdict").innerText()).toMatch(new RegExp(`mug.*${label}`));
    // The others of the audit are near, with their labels.
    await expect.poll(() => frame.locator("#neighbours li").count()).toBeGreaterThan(0);
    await workbench.screenshot("audit-report");
  });

  test("a report is saved where people want it, and opened", async () => {
    await openFirst();
    await page.export("html", join(folder, "report.html"));
    const saved = await workbench.webview("body > h1");
    expect(await saved.locator("h1").innerText()).toContain("shortcut");
    // A page that needs nothing else: its pictures are inside.
    expect(/<h1>[^<]*shortcut[^]*<img[^>]+src="data:image/.test(readFileSync(join(folder, "report.html"), "utf8"))).toBe(true);
    await workbench.screenshot("audit-export");
    await openFirst();
    await page.export("markdown", join(folder, "notes.md"));
    await until("the pictures beside the text", () => existsSync(join(folder, "notes.md")) && /!\[[^\]]*\]\(([^)]+)\)/.test(readFileSync(join(folder, "notes.md"), "utf8")));
    const [, picture] = /!\[[^\]]*\]\(([^)]+)\)/.exec(readFileSync(join(folder, "notes.md"), "utf8"));
    await until(picture, () => existsSync(join(folder, picture)));
    await workbench.tab("Preview notes.md").waitFor();
    await workbench.screenshot("audit-markdown");
  });

  test("mistakes stand in the Problems panel, each with its report", async () => {
    await openFirst();
    await workbench.runCommand("Whylight: Show Mistakes in Problems");
    const { mistakes, worst } = summary("scenes-shortcut");
    const rows = await problems(workbench);
    expect(rows.join("\n")).toMatch(/mug \d+\.\d %, labelled (?!mug)\w+/);
    await expect.poll(async () => (await workbench.statusBar()).join("\n")).toContain(String(mistakes));
    await workbench.screenshot("audit-problems");
    await workbench.page.locator(".markers-panel-container a", { hasText: "report" }).first().click();
    await page.shows({ state: "done", of: "0" });
    expect(worst.length).toBe(mistakes);
    await openFirst();
    await workbench.runCommand("Whylight: Show Mistakes in Problems");
    await untilEmpty(workbench, "problems");
  });

  test("mistakes stand in the test view by their classes, and running one predicts again", async () => {
    await openFirst();
    await (await page.frame()).locator("#show-tests").click();
    await workbench.waitForCommand("Testing: Focus on Test Explorer View");
    await workbench.runCommand("Testing: Focus on Test Explorer View");
    const [root] = await testRows(workbench);
    expect(root).toMatch(/^scenes-shortcut.*Failed/);
    await openTests(workbench, ["scenes-shortcut", "umbrella"]);
    expect((await testRows(workbench)).filter((row) => /^umbrella\/\d+\.jpg\s*mug \d+\.\d %.*Failed/.test(row)).length).toBe(2);
    await workbench.screenshot("audit-tests");
    // Nothing has changed, so it fails again, now by a prediction of its own.
    await runTest(workbench, "umbrella/01.jpg");
    await expect.poll(async () => (await testRows(workbench)).find((row) => row.startsWith("umbrella/01.jpg"))).toMatch(/Failed\), in \d/);
    await (await openContextMenu(testRow(workbench, "umbrella/01.jpg"))).choose("Debug Misclassification");
    await until("the question", async () => (await workbench.quickPick.question()).includes("What does 01.jpg really show?"));
    await workbench.quickPick.dismiss();
    await (await page.frame()).locator("#show-tests").click();
    await untilEmpty(workbench, "tests");
    await workbench.explorer.show();
  });

  test("the page comes back after a reload, with what was chosen on it", async () => {
    await openFirst();
    await (await page.frame()).locator("#text-filter").fill("sh/0");
    await until("the images of fish", async () => (await page.galleryTitle()).startsWith("3 "));
    await workbench.reload("sh/0");
    await page.shows({ of: "shortcut · scenes · Audit", state: "done" });
    await until("the images of fish", async () => (await page.galleryTitle()).startsWith("3 "));
  });

  test("another model's audit of the same folder tells what it mends", async () => {
    await (await workbench.explorerContextMenu("models/scenes-control.onnx")).choose("Use This Model");
    await audit("shortcut · scenes-control · Audit");
    const control = summary("scenes-control-shortcut");
    // It never saw the sticker.
    expect(control.findings.filter(({ id }) => id === "shortcut")).toEqual([]);
    await page.choose("compare", "scenes-shortcut");
    const frame = await page.frame();
    await frame.locator("#comparison-part").waitFor();
    const { mistakes } = summary("scenes-shortcut");
    expect(await page.figure("Fixed")).toBe(String(mistakes - control.mistakes));
    await frame.locator("#changes-fixed").click();
    expect((await page.shots("changed-images")).length).toBeGreaterThan(3);
    for (const theme of ["light", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`audit-compared-${theme}`);
    }
    await frame.locator("#end-compare").click();
    await frame.locator("#matrix").waitFor();
    // What is on disk opens from the Explorer.
    await workbench.runCommand("View: Close All Editors");
    const menu = await workbench.explorerContextMenu(".whylight/audits/scenes-shortcut");
    expect(await menu.texts()).not.toContain("Audit Folder");
    await menu.choose("Open Audit");
    await page.shows({ of: "shortcut · scenes · Audit", state: "done" });
    expect(workbench.complaints("whylight.whylight")).toEqual([]);
  });
});
