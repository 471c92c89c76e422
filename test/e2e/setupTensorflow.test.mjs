/**
 * @file "Set Up TensorFlow" in a real VS Code: what is shown before, a step that fails, going on from there, a heatmap computed by it, and its removal.
 * The programs it runs hand out what the cache holds, so that no network is needed; the TensorFlow that computes is real.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureTensorflow } from "../../scripts/tensorflow.mjs";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Set Up TensorFlow";
const built = await ensureTensorflow();
if ("reason" in built) console.log(`Skipped: ${built.reason}`);

const scratch = mkdtempSync(join(tmpdir(), "whylight-tools-"));
const bin = join(scratch, "bin");
const broken = join(scratch, "broken");

/** Python with a TensorFlow; npm that links what the cache holds and whose install scripts find no network; a compiler that hands out the binding unless it is broken. */
function writeTools(home) {
  const packages = join(home, "../..");
  const python = { path: join(bin, "python3"), version: [3, 11, 2], is64Bit: true, makesEnvironments: true, tensorflow: { version: "2.21.0", folder: join(home, "deps/lib") } };
  const tools = {
    python3: `console.log(${JSON.stringify(JSON.stringify(python))});`,
    npm: `
if (args[0] === "rebuild") { console.error("Error: getaddrinfo ENOTFOUND storage.googleapis.com"); process.exit(1); }
const target = path.join(args.find((word) => word.startsWith("--prefix=")).slice("--prefix=".length), "node_modules"), from = ${JSON.stringify(packages)};
const link = (name) => fs.existsSync(path.join(target, name)) || fs.symlinkSync(path.join(from, name), path.join(target, name));
fs.mkdirSync(path.join(target, "@tensorflow"), { recursive: true });
for (const name of fs.readdirSync(from)) if (name !== "@tensorflow") link(name);
for (const name of fs.readdirSync(path.join(from, "@tensorflow"))) if (name !== "tfjs-node") link("@tensorflow/" + name);
const own = path.join(from, "@tensorflow/tfjs-node");
fs.cpSync(own, path.join(target, "@tensorflow/tfjs-node"), { recursive: true, filter: (file) => !["deps", "lib"].includes(path.relative(own, file).split(path.sep)[0]) });`,
    "c++": `
if (fs.existsSync(${JSON.stringify(broken)})) { console.error("tfjs_backend.cc:1:10: fatal error: broken on purpose"); process.exit(1); }
fs.copyFileSync(${JSON.stringify(join(home, "lib/napi-v8/tfjs_binding.node"))}, args[args.indexOf("-o") + 1]);`,
  };
  mkdirSync(bin);
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!${process.execPath}\nconst fs = require("node:fs"), path = require("node:path"), args = process.argv.slice(2);\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}

describe.skipIf("reason" in built)("Set Up TensorFlow", () => {
  let workspace, server, workbench;

  beforeAll(async () => {
    writeTools(built.folder);
    writeFileSync(broken, "");
    workspace = sampleWorkspace(["mug-1.jpg"]);
    server = await startServer({
      version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder, settings: { "window.dialogStyle": "custom" },
      // VSCODE_CLI keeps the server from asking a login shell for another PATH.
      env: { VSCODE_CLI: "1", PATH: `${bin}:${process.env.PATH}`, WHYLIGHT_CACHE: join(scratch, "cache"), VIRTUAL_ENV: "", CONDA_PREFIX: "" },
    });
    workbench = await openWorkbench(server, { command });
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    workspace?.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  const dialog = () => workbench.page.locator(".monaco-dialog-box");
  const press = (label) => dialog().getByRole("button", { name: label, exact: true }).click();
  const ask = async (title) => {
    await workbench.runCommand(title);
    await dialog().waitFor();
    return dialog().innerText();
  };

  test("steps and sizes are shown first, and a no does nothing", async () => {
    const text = await ask(command);
    expect(text).toContain("If that does not work: TensorFlow of a Python environment:");
    expect(text).toContain("npm loads @tensorflow/tfjs-node@4.22.0 (45 MB to load, 310 MB on the disk)");
    expect(text).toContain("TensorFlow 2.21.0 of");
    await workbench.screenshot("setup-tensorflow-dark");
    await press("Cancel");
    expect(existsSync(join(scratch, "cache"))).toBe(false);
  });

  test("a step that fails is named with its reason, and the next try goes on after the steps before it", async () => {
    await ask(command);
    await press("Set Up");
    expect(await workbench.waitForNotification(/Setting up TensorFlow failed at/)).toContain("fatal error: broken on purpose");
    rmSync(broken);
    expect(await ask(command)).toContain("npm loads @tensorflow/tfjs-node@4.22.0 (done already)");
    await press("Set Up");
    expect(await workbench.waitForNotification(/ready\. The runtime tfjs-tensorflow/)).toContain("TensorFlow 2.21.0, CPU");
  });

  test("the runtime is found without a setting, and explains", async () => {
    await workbench.pressNotificationButton("Use It");
    await (await workbench.explorerContextMenu("images/mug-1.jpg")).choose("Explain Prediction");
    await new ExplanationPanel(workbench).shows({ of: "mug-1.jpg · scenes", state: "done", runtime: "tfjs-tensorflow" });
    await workbench.screenshot("setup-tensorflow-used");
  });

  test("it is removed again", async () => {
    await ask("Whylight: Remove TensorFlow");
    await press("Remove");
    await workbench.waitForNotification(/TensorFlow was removed/);
    expect(await ask(command)).not.toContain("done already");
    await press("Cancel");
  });
});
