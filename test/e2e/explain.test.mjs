/** @file The packaged extension in two real VS Codes: from a right-click to a map, and everything a person then does with it. */
import { existsSync } from "node:fs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newest, oldest } from "../../scripts/vscode/builds.mjs";
import { ExplanationPanel } from "./vscode/explanationPanel.mjs";
import { startServer } from "./vscode/server.mjs";
import { until } from "./vscode/until.mjs";
import { openWorkbench } from "./vscode/workbench.mjs";
import { sampleWorkspace } from "./vscode/workspace.mjs";

const command = "Whylight: Explain Prediction";
const house = "house-1.jpg · scenes";

describe.each([oldest, newest])("code-server %s", (version) => {
  let workspace, server, workbench, panel;

  beforeAll(async () => {
    workspace = sampleWorkspace(["house-1.jpg", "fish-1.jpg", "mug-1.jpg"]);
    server = await startServer({ version, vsix: "dist/whylight.vsix", workspace: workspace.folder });
    workbench = await openWorkbench(server, { command });
    panel = new ExplanationPanel(workbench);
  });

  afterAll(async () => {
    await workbench?.close();
    await server?.stop();
    workspace?.remove();
  });

  test("a right-click in the Explorer opens the panel and ends in a Grad-CAM map", async () => {
    const menu = await workbench.explorerContextMenu("images/house-1.jpg");
    expect(await menu.texts()).toContain("Explain Prediction");
    await workbench.screenshot(`${version}-menu`);
    await menu.choose("Explain Prediction");
    await panel.shows({ state: ["loading", "computing", "done"] });
    await panel.shows({ of: `${house} · house `, state: "done", method: "grad-cam", runtime: "onnxruntime" });
    expect((await panel.facts()).selected).toBe("house");
    for (const theme of ["light", "highContrast", "dark"]) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`${version}-explained-${theme}`);
    }
  });

  test("another prediction's row explains that class", async () => {
    const frame = await panel.shows({ of: house, state: "done" });
    const { target: before } = await panel.facts();
    const row = frame.locator(".prediction").nth(1);
    const target = await row.getAttribute("data-index");
    expect(target).not.toBe(before);
    await row.click();
    await panel.shows({ of: house, state: "done", target });
    expect(await frame.locator(".prediction").nth(1).getAttribute("aria-pressed")).toBe("true");
    expect(await frame.locator('.prediction[aria-pressed="true"]').count()).toBe(1);
    await workbench.screenshot(`${version}-another-class`);
  });

  test("the method picker switches to Saliency", async () => {
    const before = await panel.picture();
    await panel.choose("method", "Saliency");
    await panel.shows({ of: house, state: "done", method: "saliency" });
    await panel.pictureOtherThan(before);
    await workbench.screenshot(`${version}-saliency`);
  });

  test("opacity and colour map redraw without computing again", async () => {
    const frame = await panel.shows({ of: house, state: "done", method: "saliency" });
    const { footer } = await panel.facts();
    const states = await panel.noteStates();
    let picture = await panel.picture();
    await frame.locator("#opacity").fill("1");
    picture = await panel.pictureOtherThan(picture);
    await panel.choose("colormap", "inferno");
    await panel.pictureOtherThan(picture);
    expect((await states()).filter((state) => state !== "done")).toEqual([]);
    expect((await panel.facts()).footer).toBe(footer);
  });

  test("pointing at the map reads its value", async () => {
    const frame = await panel.shows({ of: house, state: "done" });
    const box = await frame.locator("#map").boundingBox();
    await frame.locator("#map").hover({ position: { x: box.width / 2, y: box.height / 2 } });
    await expect.poll(() => frame.locator("#readout").textContent()).toMatch(/^[01]\.\d\d at \(\d+, \d+\), raw \d/);
  });

  test("the picture is saved as PNG at the image's size", async () => {
    const file = workspace.at("saved.png");
    await panel.press("export");
    await panel.press("export-png");
    await expect.poll(() => workbench.quickPick.input.inputValue()).toMatch(/house-1\.saliency\.png$/);
    await workbench.quickPick.answerFile(file);
    await until("the picture to be written", () => existsSync(file));
    const { width, height } = await sharp(workspace.at("images/house-1.jpg")).metadata();
    await until("the whole picture", async () => (await sharp(file).stats()).entropy > 0);
    expect(await sharp(file).metadata()).toMatchObject({ format: "png", width, height });
  });

  test("a reload of the window brings the panel back with its class, method and view", async () => {
    const { target } = await panel.facts();
    await workbench.reload("inferno");
    const frame = await panel.shows({ of: house, state: "done", method: "saliency", target });
    expect(await frame.locator("#opacity").inputValue()).toBe("1");
    expect((await panel.facts()).footer).toContain("from the cache");
  });

  test("the page broke no rule of its content security policy and threw nothing", () => {
    expect(workbench.complaints("whylight.whylight")).toEqual([]);
  });
});
