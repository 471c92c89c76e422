/** @file "Get a Model" in a real VS Code, against a server that behaves like a hub: what is asked, a token, a broken line, and the model that explains afterwards. */
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { startFakeHub } from "../unit/worker/download/fakeHub.js";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Get a Model";
const recorded = "test/fixtures/models/vision/vit";
const files = Object.fromEntries(readdirSync(recorded).filter((name) => name !== "expected.safetensors").map((name) => [name, new Uint8Array(readFileSync(join(recorded, name)))]));
const facts = { config: { model_type: "vit" }, cardData: { license: "apache-2.0" }, pipeline_tag: "image-classification" };
let hub, workspace, server, workbench;

beforeAll(async () => {
  hub = await startFakeHub([{ name: "lab/vit-open", files, facts }, { name: "lab/vit-gated", files, facts, token: "hf_secret" }]);
  workspace = sampleWorkspace(["mug-1.jpg"]);
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, settings: { "whylight.hub.endpoint": hub.endpoint, "window.dialogStyle": "custom" } });
  workbench = await openWorkbench(server, { command });
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  await hub?.close();
  workspace?.remove();
});

// VS Code brings up no more than three notifications within 800 ms, and lists the others silently: no test is to take another's place.
afterEach(() => sleep(800));

const dialog = () => workbench.page.locator(".monaco-dialog-box");
const press = (label) => dialog().getByRole("button", { name: label, exact: true }).click();
const folderOf = (name) => workspace.at("models", name);

async function ask(name) {
  await workbench.runCommand(command);
  await expect.poll(() => workbench.quickPick.question()).toContain(hub.endpoint);
  await workbench.quickPick.answer(name);
}

test("files, size and licence are shown before anything is loaded, and a no loads nothing", async () => {
  await ask("lab/vit-open");
  await dialog().waitFor();
  const text = await dialog().innerText();
  expect(text).toContain("lab/vit-open");
  expect(text).toContain("licence apache-2.0");
  expect(text).toContain("model.safetensors");
  await workbench.screenshot("download-dark");
  await press("Cancel");
  expect(hub.requests.map(({ path }) => path)).toEqual(["api"]);
  expect(existsSync(workspace.at("models"))).toBe(false);
});

test("a model comes whole over a line that breaks, and explains an image", async () => {
  hub.faults.set("model.safetensors", [{ cutAfter: 5000 }, { status: 503, headers: { "retry-after": "0" } }]);
  await ask(`${hub.endpoint}/lab/vit-open/tree/main`);
  await press("Download to models/vit-open");
  await workbench.waitForNotification(/lab\/vit-open is here/);
  for (const [name, bytes] of Object.entries(files)) if (/safetensors|config/.test(name)) expect(new Uint8Array(readFileSync(join(folderOf("vit-open"), name)))).toEqual(bytes);
  await workbench.pressNotificationButton("Use it");
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
  await new ExplanationPanel(workbench).shows({ of: "mug-1.jpg · vit-open · ", state: "done" });
  await workbench.screenshot("download-used");
});

test("a model that needs permission asks for a token, keeps it secret, and goes on", async () => {
  await ask("lab/vit-gated");
  await press("Download to models/vit-gated");
  expect(await workbench.waitForNotification(/without permission/)).toContain(hub.endpoint);
  await workbench.screenshot("download-forbidden");
  await workbench.pressNotificationButton("Set token…");
  await expect.poll(() => workbench.quickPick.question()).toContain("Set Hub Token");
  await workbench.screenshot("download-token");
  await workbench.quickPick.answer("hf_secret");
  await workbench.waitForKeptNotification(/lab\/vit-gated is here/);
  expect(existsSync(join(folderOf("vit-gated"), "model.safetensors"))).toBe(true);
  expect(hub.requests.filter(({ origin }) => origin === "store").every(({ authorization }) => authorization === undefined)).toBe(true);
  expect(server.log()).not.toContain("hf_secret");
});

test("cancelled, it keeps what it has and goes on when it is asked again", async () => {
  hub.faults.set("model.safetensors", [{ silentAfter: 12_000 }]);
  const part = join(workspace.at("models", "vit-open"), "model.safetensors.part");
  rmSync(folderOf("vit-open"), { recursive: true });
  await ask("lab/vit-open");
  await press("Download to models/vit-open");
  await until("the part", () => existsSync(part) && readFileSync(part).length === 12_000);
  await workbench.screenshot("download-progress");
  await workbench.pressNotificationButton("Cancel");
  await until("the notification to go", async () => (await workbench.notifications()).every((text) => !text.includes("getting")));
  expect(readFileSync(part).length).toBe(12_000);
  await ask("lab/vit-open");
  await press("Download to models/vit-open");
  await workbench.waitForKeptNotification(/lab\/vit-open is here/);
  expect(hub.requests.findLast(({ origin, path }) => origin === "store" && path === "model.safetensors")?.range).toBe("bytes=12000-");
});

test("an unknown name is told in one sentence", async () => {
  await ask("lab/nothing");
  expect(await workbench.waitForNotification(/There is no model lab\/nothing/)).toContain("Check the name");
});
