import { describe, it } from "vitest";
import { startHarness } from "./webviewHarness/panelPage.js";
const text = { page: "attention", model: "file:///m.onnx", input: { kind: "text", text: "x" } } as const;
const img = { page: "attention", model: "file:///m.onnx", input: { kind: "image", path: "file:///cat.jpg" } } as const;
const size = process.env["NARROW"] ? { width: 460, height: 1000 } : { width: 1180, height: 860 };
const theme = (process.env["THEME"] ?? "vscode-dark") as "vscode-dark";
const only = process.env["ONLY"];
describe("shots", () => {
  it("makes them", async () => {
    const th = await startHarness(text, "./fakeAttentionHost.ts");
    const ih = await startHarness(img, "./fakeAttentionHost.ts");
    const suffix = `${theme.replace("vscode-", "")}${process.env["NARROW"] ? "-narrow" : ""}`;
    for (const [h, scene, views] of [[th, "sentence", ["heatmap", "grid", "heads", "model", "average"]], [th, "pair", ["heatmap", "heads"]], [th, "long", ["heatmap", "grid", "heads", "model", "average"]], [ih, "vit", ["overlay", "heatmap", "grid", "heads", "model", "average"]], [ih, "swin", ["overlay", "average"]]] as const) {
      if (only && !only.split(",").some((o) => o.startsWith(scene))) continue;
      const open = await h.open(theme, size);
      await open.page.evaluate((s) => window.fakeAttention.show(s), scene);
      for (const view of views) {
        if (only && !only.split(",").includes(scene) && !only.split(",").includes(`${scene}-${view}`)) continue;
        await open.page.locator(`#view-${view}`).click();
        await open.page.locator(`#whylight[data-view="${view}"]:is([data-state="done"],[data-state="empty"])`).waitFor();
        await open.page.waitForTimeout(scene === "long" ? 1500 : 300);
        if (process.env["FULL"]) await open.page.screenshot({ path: `/tmp/shots/${scene}-${view}-${suffix}.png`, fullPage: true });
        else await open.page.screenshot({ path: `/tmp/shots/${scene}-${view}-${suffix}.png` });
      }
      console.log(scene, open.complaints);
      await open.page.context().close();
    }
    await th.close(); await ih.close();
  });
});
