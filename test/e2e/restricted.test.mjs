/** @file Restricted mode in a real VS Code: nothing is computed before the workspace is trusted. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { errorTexts } from "../../src/protocol/errorTexts.ts";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { ModelsView } from "./vscode/modelsView.mjs";
import { childrenRunning } from "./vscode/processes.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

let workspace, server, workbench;

beforeAll(async () => {
  workspace = sampleWorkspace(["house-1.jpg"]);
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, trusted: false });
  workbench = await openWorkbench(server, { command: "Whylight: Explain Prediction" });
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
});

async function explain() {
  await (await workbench.explorerContextMenu("images/house-1.jpg")).choose("Explain Prediction");
}

test("asks for trust, starts nothing, and explains once trust is given", async () => {
  await explain();
  const { text, next } = errorTexts.workspaceUntrusted;
  expect(await workbench.waitForNotification(/trusted workspace/)).toBe(`${text} ${next}`);
  await workbench.screenshot("restricted");
  expect(childrenRunning(server, "dist/worker.js")).toEqual([]);
  for (const command of ["Explain Text Prediction", "Inspect Attention", "Debug Misclassification", "Audit Folder", "Open Audit", "Explain Prediction"]) {
    await workbench.runCommand("Notifications: Clear All Notifications");
    await until("the notifications to go", async () => (await workbench.notifications()).length === 0);
    await workbench.runCommand(`Whylight: ${command}`);
    expect(await workbench.waitForNotification(/trusted workspace/), command).toBe(`${text} ${next}`);
  }
  const view = new ModelsView(workbench);
  await view.show();
  await expect.poll(() => view.spoken()).toEqual([`${text} ${next}`]);
  expect(childrenRunning(server, "dist/worker.js")).toEqual([]);
  await workbench.pressNotificationButton("Manage workspace trust");
  await workbench.page.getByRole("button", { name: "Trust", exact: true }).first().click();
  await workbench.page.locator(".workspace-trust-editor.trusted").waitFor();
  await until("the trust editor to close", async () => {
    if ((await workbench.page.locator(".workspace-trust-editor").count()) === 0) return true;
    await workbench.page.locator(".monaco-modal-editor-block .codicon-close").last().click({ timeout: 2000 });
    return false;
  });
  await view.show();
  await expect.poll(() => view.spoken(), { timeout: 30_000 }).toEqual(["scenes, ONNX · 1.5 MB"]);
  await explain();
  await new ExplanationPanel(workbench).shows({ of: "house-1.jpg · scenes · house ", state: "done" });
});

test("says what is missing where no model is for texts", async () => {
  await workbench.openFile("scenes.whylight.json");
  await workbench.runCommand("Whylight: Explain Text Prediction");
  expect(await workbench.waitForNotification(/model for texts/)).toBe("There is no model for texts in this workspace: an ONNX or safetensors file, or a Hugging Face folder, with its tokenizer (tokenizer.json or vocab.txt) beside it.");
  await workbench.screenshot("no-text-model");
});
