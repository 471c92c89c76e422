/** @file An audit in a real VS Code that is stopped, whose process is killed, whose page is closed: what is done stays, and it goes on. */
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { AuditPage } from "./vscode/auditPage.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { childrenRunning } from "./vscode/processes.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

/** Enough images for an audit to be seen running. */
const copies = 120;

describe(`code-server ${newest}`, () => {
  let folder, server, workbench, page;
  const kept = (name) => join(folder, ".whylight/audits/scenes-many", name);
  /** Files of the images that are written down, each as often as it is. */
  const recorded = () => readFileSync(kept("audit.jsonl"), "utf8").split("\n").slice(1).filter((line) => line.endsWith("}")).map((line) => JSON.parse(line).file);
  const workers = () => childrenRunning(server, "dist/worker.js");

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
    for (const name of [".vscode", "models", "images"]) cpSync(join("samples", name), join(folder, name), { recursive: true });
    for (const name of ["umbrella", "house"]) {
      mkdirSync(join(folder, "many", name), { recursive: true });
      cpSync(join("samples/shortcut", name, "01.jpg"), join(folder, "many", name, "0.jpg"));
      for (let i = 1; i < copies; i++) linkSync(join(folder, "many", name, "0.jpg"), join(folder, "many", name, `${i}.jpg`));
    }
    server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: folder });
    workbench = await openWorkbench(server, { command: "Whylight: Audit Folder", viewport: { width: 1400, height: 900 } });
    page = new AuditPage(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Holds the process of the audit as soon as it has written some images down, so that it is seen running for certain. */
  async function hold(before = 0) {
    return until("the audit to have begun", () => {
      const [worker] = workers();
      if (!worker || recorded().length <= before) return false;
      process.kill(worker, "SIGSTOP");
      return worker;
    }, { interval: 5 });
  }

  async function shoot(name) {
    for (const theme of ["light", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${name}-${theme}`);
    }
  }

  test("an audit that is stopped keeps what is done", async () => {
    await (await workbench.explorerContextMenu("many")).choose("Audit Folder");
    await workbench.quickPick.input.waitFor();
    await workbench.quickPick.input.press("Enter");
    await hold();
    await page.shows({ of: "many · scenes · Audit", state: "running" });
    expect((await workbench.statusBar()).join("\n")).toMatch(/many: /);
    await shoot("audit-running");
    await page.press("stop");
    await page.shows({ state: "paused" });
    await until("the process to end", () => workers().length <= 1);
    const done = recorded();
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(2 * copies);
    expect(await page.figure("Images")).toBe(String(done.length));
    await shoot("audit-paused");
    await expect.poll(async () => (await workbench.statusBar()).join("\n")).not.toMatch(/many: /);
  });

  test("a process that is killed is told of, explaining goes on meanwhile, and so does the audit", async () => {
    const before = recorded().length;
    const others = new Set(workers());
    await page.press("resume");
    const audit = await until("another process", () => workers().find((worker) => !others.has(worker)));
    await until("more images, or the end", () => recorded().length > before);
    process.kill(audit, "SIGSTOP");
    // Images are explained by a process of their own.
    await (await workbench.explorerContextMenu("images/house-1.jpg")).choose("Explain Prediction");
    await new ExplanationPanel(workbench).shows({ of: "house-1.jpg · scenes", state: "done" });
    await workbench.runCommand("View: Close Editor");
    await page.shows({ of: "many · scenes · Audit", state: "running" });
    process.kill(audit, "SIGKILL");
    await page.shows({ state: "paused", code: "workerCrashed" });
    await shoot("audit-crashed");
    await page.press("resume");
    await page.shows({ state: "done", code: "" });
    const done = recorded();
    expect([done.length, new Set(done).size]).toEqual([2 * copies, 2 * copies]);
    expect(await page.figure("Images")).toBe(String(2 * copies));
  });

  test("audited before, a folder is asked about; anew, its audit goes on without its page and tells its end", async () => {
    await (await workbench.explorerContextMenu("many")).choose("Audit Folder");
    expect(await workbench.quickPick.labels()).toEqual(["Open it", "Audit anew"]);
    await workbench.screenshot("audit-again");
    await workbench.quickPick.choose("Audit anew");
    await until("the question of labels", async () => (await workbench.quickPick.question()).includes("labels"));
    const others = new Set(workers());
    await workbench.quickPick.input.press("Enter");
    const audit = await until("another process", () => workers().find((worker) => !others.has(worker)));
    process.kill(audit, "SIGSTOP");
    await page.shows({ of: "many · scenes · Audit", state: "running" });
    await workbench.runCommand("View: Close All Editors");
    // Its word in the status bar leads back to it.
    await workbench.page.locator(".statusbar-item:visible", { hasText: "many: " }).first().click();
    await page.shows({ of: "many · scenes · Audit", state: "running" });
    await workbench.runCommand("View: Close All Editors");
    process.kill(audit, "SIGCONT");
    expect(await workbench.waitForNotification(/The audit of many is finished/)).toContain(`in ${2 * copies} images`);
    await workbench.screenshot("audit-finished");
    await workbench.pressNotificationButton("Open Audit");
    await page.shows({ of: "many · scenes · Audit", state: "done" });
    expect(readdirSync(join(folder, ".whylight/audits")).toSorted()).toEqual(["scenes-many", "scenes-many-2"]);
  });
});
