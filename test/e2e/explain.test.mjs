/** @file The packaged extension in two real VS Codes: from a right-click to a map, and everything a person then does with it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest, oldest } from "../../scripts/vscode/builds.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";

const command = "Whylight: Explain Prediction";

describe.each([oldest, newest])("code-server %s", (version) => {
  let folder, server, workbench;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
    cpSync("samples/images", join(folder, "images"), { recursive: true });
    cpSync("samples/models/scenes.onnx", join(folder, "scenes.onnx"));
    cpSync("samples/models/scenes.whylight.json", join(folder, "scenes.whylight.json"));
    writeFileSync(join(folder, "broken.png"), "this is no picture");
    server = await startServer({ version, vsix: "dist/whylight.vsix", workspace: folder });
    workbench = await openWorkbench(server, { command });
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** The panel's frame, once it stands in one of these states. */
  async function panel(...states) {
    const frame = await workbench.webview("#whylight");
    await frame.waitForFunction((wanted) => wanted.includes(document.querySelector("#whylight")?.dataset.state), states, { timeout: 60_000 });
    return frame;
  }
  const dataset = (frame) => frame.evaluate(() => ({ ...document.querySelector("#whylight").dataset }));

  test("a right-click in the Explorer opens the panel and ends in a Grad-CAM map", async () => {
    const menu = await workbench.explorerContextMenu("images/house-1.jpg");
    expect(await menu.texts()).toContain("Explain Prediction");
    await workbench.screenshot(`${version}-menu`);
    await menu.choose("Explain Prediction");
    await panel("loading", "computing", "done");
    await workbench.screenshot(`${version}-computing`);
    const frame = await panel("done");
    expect(await dataset(frame)).toMatchObject({ method: "grad-cam", runtime: "onnxruntime" });
    expect(await frame.locator("#whylight").innerText()).toContain("house");
    await workbench.screenshot(`${version}-explained-dark`);
    await workbench.setTheme("light");
    await workbench.screenshot(`${version}-explained-light`);
    await workbench.setTheme("highContrast");
    await workbench.screenshot(`${version}-explained-high-contrast`);
    await workbench.setTheme("dark");
  });
});
