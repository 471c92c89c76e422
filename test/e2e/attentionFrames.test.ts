/** @file The attention page at 512 tokens, 12 layers and 12 heads: how long frames take while people hover, scroll and drag. Chromium without a graphics card draws everything on the processor here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionsOf, framesDuring, teachActions, timesText } from "./webviewHarness/attentionFrames.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";

let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness({ page: "attention", model: "file:///workspace/models/sentiment.onnx", input: { kind: "text", text: "long" } }, "./fakeAttentionHost.ts");
  open = await harness.open("vscode-dark", { width: 1240, height: 900 });
  await open.page.evaluate(() => window.fakeAttention.show("long"));
  await teachActions(open.page);
});
afterAll(async () => {
  expect(open.complaints).toEqual([]);
  await harness.close();
});

describe("at 512 tokens, 12 layers, 12 heads", () => {
  it.each(actionsOf)("the %s draws at least 30 frames a second", async (view, actions) => {
    await open.page.locator(`#view-${view}`).click();
    await open.page.locator(`#whylight[data-view="${view}"][data-state="done"]`).waitFor();
    for (const action of actions) {
      const times = await framesDuring(open.page, action);
      console.log(`${view}, ${action}: ${timesText(times)}`);
      // Frames in which nothing happens are quick.
      if (action !== "pan the heatmap") expect(times.said, action).toBeGreaterThan(20);
      expect(times.median, action).toBeLessThanOrEqual(1000 / 30);
    }
  });
});
