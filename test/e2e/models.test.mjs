/** @file The command palette, and a workspace with two models, in a real VS Code. */
import { cpSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Explain Prediction";
let workspace, server, workbench, panel;

beforeAll(async () => {
  workspace = sampleWorkspace(["fish-1.jpg", "house-1.jpg", "mug-1.jpg"]);
  cpSync("test/fixtures/scenes-random.onnx", workspace.at("random.onnx"));
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder });
  workbench = await openWorkbench(server, { command });
  panel = new ExplanationPanel(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
});

test("with nothing open the palette's command asks for an image, and then once for the model", async () => {
  await workbench.quickPick.open(`>${command}`);
  await workbench.quickPick.row(command).waitFor();
  await workbench.screenshot("palette");
  await workbench.quickPick.row(command).click();
  await expect.poll(() => workbench.quickPick.question()).toContain("Choose an image to explain");
  expect(await workbench.quickPick.labels()).toEqual(["Choose a file…", "fish-1.jpg", "house-1.jpg", "mug-1.jpg"]);
  await workbench.screenshot("palette-images");
  await workbench.quickPick.choose("fish-1.jpg");
  await expect.poll(() => workbench.quickPick.question()).toContain("Choose a Model");
  expect(await workbench.quickPick.labels()).toEqual(["random.onnx", "scenes.onnx", "Choose a file…", "Choose a folder…"]);
  await workbench.screenshot("two-models");
  await workbench.quickPick.choose("scenes.onnx");
  await panel.shows({ of: "fish-1.jpg · scenes · fish ", state: "done" });
});

test("the palette's command explains the image that is open, and asks for no model again", async () => {
  await workbench.openFile("images/mug-1.jpg");
  await workbench.runCommand(command);
  await panel.shows({ of: "mug-1.jpg · scenes · mug ", state: "done" });
});

test("Choose Model explains with another model, and keeps it for the next image", async () => {
  await workbench.runCommand("Whylight: Choose Model");
  await expect.poll(() => workbench.quickPick.question()).toContain("Choose a Model");
  await workbench.quickPick.choose("random.onnx");
  await panel.shows({ of: "mug-1.jpg · random · ", state: "done" });
  const menu = await workbench.explorerContextMenu("images/house-1.jpg");
  await menu.choose("Explain Prediction");
  await panel.shows({ of: "house-1.jpg · random · ", state: "done" });
});

test("a model's own menu takes it for the next image", async () => {
  await (await workbench.explorerContextMenu("scenes.onnx")).choose("Use This Model");
  await panel.shows({ of: "house-1.jpg · scenes · house ", state: "done" });
});

test("the panel's button chooses a model too", async () => {
  await panel.press("choose-model");
  await expect.poll(() => workbench.quickPick.question()).toContain("Choose a Model");
  await workbench.quickPick.choose("random.onnx");
  await panel.shows({ of: "house-1.jpg · random · ", state: "done" });
});
