/** @file Models of every format in a real VS Code: each explains an image under the name people know it by, and those that cannot be read say why where they are chosen. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { ModelsView } from "./vscode/modelsView.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const recorded = "test/fixtures/models";
let workspace, server, workbench, view, panel;

/** Lays a recorded model into the workspace, without what was recorded of it. */
function put(from, to) {
  mkdirSync(dirname(workspace.at("models", to)), { recursive: true });
  cpSync(join(recorded, from), workspace.at("models", to), { recursive: true, filter: (path) => !path.endsWith("expected.safetensors") });
}

beforeAll(async () => {
  workspace = sampleWorkspace(["mug-1.jpg"]);
  const models = { "vision/vit": "vit", "keras/sequential-keras": "sequential", "keras/convolutions-h5/model.h5": "cnn.h5", "tensorflow/tfjs-cnn": "tfjs", "tensorflow/keras-cnn": "saved" };
  const refused = { "torch/refused/module.pt": "module.pt", "torch/refused/script.pt": "script.pt", "keras_refused/sequential.weights.h5": "half.weights.h5" };
  for (const [from, to] of Object.entries({ ...models, ...refused })) put(from, to);
  writeFileSync(workspace.at("models", "pointer.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder });
  workbench = await openWorkbench(server, { command: "Whylight: Explain Prediction" });
  view = new ModelsView(workbench);
  panel = new ExplanationPanel(workbench);
});

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
  workspace?.remove();
});

async function explainWith(name) {
  await view.show();
  await view.press(name, "Use This Model");
  await expect.poll(async () => (await view.spoken()).some((text) => text.startsWith(`${name}, explains images`))).toBe(true);
  await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
}

test.each(["vit", "sequential", "cnn", "tfjs", "saved"])("%s explains an image", async (name) => {
  await explainWith(name);
  await panel.shows({ of: `mug-1.jpg · ${name} · `, state: "done" });
});

test.each([
  ["module", "modelPickled", /module\.pt needs the class .* torch\.save\(model\.state_dict\(\)/], ["script", "modelProgram", /script\.pt is a TorchScript file.* torch\.onnx\.export\(/],
  ["half.weights", "weightsAlone", /half\.weights\.h5 holds weights alone.* model\.save\(/], ["pointer", "modelUnfetched", /pointer\.safetensors is a Git LFS pointer.* git lfs pull/],
])("%s is refused in the panel, with a next step", async (name, code, sentence) => {
  await explainWith(name);
  await panel.shows({ of: `mug-1.jpg · ${name}`, state: "failed", code });
  expect((await panel.facts()).failure).toMatch(sentence);
});
