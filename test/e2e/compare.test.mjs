/** @file The compare views in a real VS Code: from the context menu to tiles, from a tile to its explanation, and from there to another comparison. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const house = "house-1.jpg · scenes";

describe(`code-server ${newest}`, () => {
  let workspace, server, workbench, panel;

  beforeAll(async () => {
    workspace = sampleWorkspace(["house-1.jpg"]);
    server = await startServer({ version: newest, vsix: "dist/whylight.vsix", workspace: workspace.folder });
    workbench = await openWorkbench(server, { command: "Whylight: Compare Methods" });
    panel = new ExplanationPanel(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    workspace?.remove();
  });

  const statuses = async () => (await panel.frame()).locator(".tile").evaluateAll((tiles) => tiles.map((tile) => `${tile.dataset.id} ${tile.dataset.status}`));

  test("the context menu's submenu compares methods", async () => {
    const menu = await workbench.explorerContextMenu("images/house-1.jpg");
    expect(await menu.texts()).toContain("Whylight: Compare");
    await menu.choose("Whylight: Compare", "Compare Methods");
    await panel.shows({ of: house, kind: "methods", state: "done" });
    expect(await statuses()).toEqual(["original done", "grad-cam done", "saliency done", "smoothgrad done", "integrated-gradients done"]);
    for (const theme of ["light", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`compare-methods-${theme}`);
    }
  });

  test("a tile opens as an explanation, and its panel leads to the other comparisons", async () => {
    const frame = await panel.shows({ of: house, kind: "methods", state: "done" });
    await frame.locator('.tile[data-id="saliency"] .tile-name').click();
    await panel.shows({ of: `${house} · house `, state: "done", method: "saliency" });
    await workbench.runCommand("Whylight: Compare Baselines");
    await panel.shows({ of: house, kind: "baselines", state: "done" });
    expect((await statuses()).slice(-2)).toEqual(["average done", "disagreement done"]);
    await workbench.screenshot("compare-baselines");
  });

  test("a comparison comes back after a reload", async () => {
    await panel.choose("colormap", "cividis");
    await workbench.reload("cividis");
    const frame = await panel.shows({ of: house, kind: "baselines", state: "done" });
    expect(await frame.locator("#colormap").evaluate((field) => field.value)).toBe("cividis");
  });
});
