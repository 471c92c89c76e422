/** @file The attention page around its views: waiting and failing, what it keeps, the files it makes, themes and languages. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { attentionPage } from "../../src/report/attentionPage.js";
import { attentionInputs, AttentionPages } from "./webviewHarness/attentionPages.js";

const on = new AttentionPages();

afterEach(async () => expect(await on.close()).toEqual([]));
afterAll(() => on.end());

describe("states", () => {
  it("keeps its places while it waits, and says what failed with a way on", async () => {
    await on.start("text");
    await on.page.locator('#whylight[data-state="loading"]').waitFor();
    await on.open.shot("attention-loading");
    const stage = await on.page.locator("#matrix-stage").boundingBox();
    await on.state({ busy: { phase: "computing", done: 3, total: 12, text: "Computing" } });
    await expect.poll(() => on.text("#progress-text")).toBe("Computing · 3 of 12");
    await on.page.locator("#cancel").click();
    expect(await on.calls("cancel")).toHaveLength(1);
    expect(await on.page.locator("#matrix-stage").boundingBox()).toEqual(stage);
    await on.page.evaluate(() => window.fakeAttention.show("sentence"));
    await on.page.locator('#whylight[data-state="done"]').waitFor();
    expect(await on.page.locator("#matrix-stage").boundingBox()).toEqual(stage);
    await on.state({ failure: { code: "attentionMissing", text: "The model has no attention. Choose another.", actions: [{ id: "chooseModel", title: "Choose a model…" }] } });
    await on.open.shot("attention-failed");
    await on.page.locator("#action-chooseModel").click();
    expect(await on.calls("act")).toEqual([{ name: "act", args: { action: "chooseModel" } }]);
  });

  it("offers to try again when a layer's weights do not come", async () => {
    await on.show("sentence");
    await on.page.evaluate(() => window.fakeAttention.lost.add(3));
    await on.type("layer", "3");
    await expect.poll(() => on.text("#empty p")).toBe("The weights of layer 3 could not be loaded.");
    await on.page.evaluate(() => window.fakeAttention.lost.clear());
    await on.page.locator("#retry-layer").click();
    await expect.poll(() => on.root().getAttribute("data-state")).toBe("done");
  });

  it("fetches each layer once, none again when only the class changed, and all when the same was asked anew", async () => {
    await on.show("sentence");
    await on.view("grid");
    await on.view("heads");
    await on.type("layer", "1");
    await on.type("layer", "0");
    const answer = (target: number, compute: number) => on.page.evaluate(([of, ms]) => window.fakeAttention.show("sentence", {
      request: { model: "/workspace/models/sentiment.onnx", input: { kind: "text", text: "the film was not good, but the acting was wonderful" }, target: of, runtime: "auto" }, ms: { load: 0, compile: 0, compute: ms, draw: 0 },
    }), [target, compute] as const);
    const fetched = async () => (await on.calls("layer")).map(({ args }) => args);
    await answer(1, 61);
    await on.view("grid");
    await expect.poll(fetched).toEqual([{ layer: 0 }, { layer: 1 }]);
    await answer(1, 70);
    await expect.poll(fetched).toEqual([{ layer: 0 }, { layer: 1 }, { layer: 0 }]);
  });

  it("keeps the view across a reload", async () => {
    await on.show("sentence");
    await on.view("heads");
    await on.type("layer", "2");
    await on.page.reload();
    await on.page.locator("#title").waitFor();
    await on.page.evaluate(() => window.fakeAttention.show("sentence"));
    await expect.poll(() => on.text("#title")).toContain("Layer 2, head view");
    expect(await on.page.evaluate(() => window.fakeAttention.stored)).toMatchObject({ model: "file:///workspace/models/sentiment.onnx", input: attentionInputs.text, target: "predicted", view: { view: "heads", layer: 2 } });
  });

  it("fits a narrow panel", async () => {
    for (const [scene, views] of [["sentence", ["heatmap", "grid", "heads", "model", "average"]], ["vit", ["overlay"]]] as const) {
      if (scene === "vit") await on.page.context().close();
      await on.show(scene);
      await on.page.setViewportSize({ width: 420, height: 900 });
      for (const id of views) {
        await on.view(id);
        expect(await on.page.evaluate(() => document.documentElement.scrollWidth), id).toBeLessThanOrEqual(420);
        await on.open.fullShot(`attention-narrow-${id}`);
      }
    }
  });
});

describe("half a window", () => {
  it("holds the picture with its numbers and remarks, and the menus", async () => {
    await on.show("sentence");
    await on.page.setViewportSize({ width: 580, height: 830 });
    await on.page.evaluate(() => window.fakeAttention.show("sentence", {}, { notes: [{ code: "textEndUnread", text: "The text has 602 tokens and the model takes 512: only the first 512 were read." }] }));
    for (const id of ["heatmap", "grid", "heads", "model", "average"]) {
      await on.view(id);
      for (const part of ["#readout", "#hints", "#notes"]) {
        const box = await on.page.locator(part).boundingBox();
        expect(box!.y + box!.height, `${part} of ${id}`).toBeLessThanOrEqual(830);
      }
    }
    // A pair has four heads, which stand two by two.
    await on.page.evaluate(() => window.fakeAttention.show("pair"));
    await on.view("grid");
    const places = await on.page.locator("#grid .head-tile").evaluateAll((tiles) => tiles.map((tile) => tile.getBoundingClientRect()));
    expect([new Set(places.map(({ x }) => x)).size, new Set(places.map(({ y }) => y)).size]).toEqual([2, 2]);
    // Twelve heads stand side by side.
    await on.page.evaluate(() => window.fakeAttention.show("long"));
    await on.view("model");
    expect(await on.page.locator("#model-stage").evaluate((stage) => stage.scrollWidth - stage.clientWidth)).toBe(0);
    await on.page.locator("#export").click();
    const menu = await on.page.locator("#export-menu").boundingBox();
    expect([menu!.x >= 0, menu!.x + menu!.width <= 580]).toEqual([true, true]);
    await on.open.shot("attention-half");
  });
});

describe("files", () => {
  async function saved(format: string): Promise<{ name: string; bytes: Buffer }> {
    const before = (await on.calls("save")).length;
    await on.page.locator("#export").click();
    await on.page.locator(`#export-${format}`).click();
    await expect.poll(async () => (await on.calls("save")).length, { timeout: 60_000 }).toBe(before + 1);
    const file = await on.page.evaluate(() => window.fakeAttention.saved());
    if (file?.format !== format) throw new Error(`saved ${file?.format}`);
    return { name: file.name, bytes: Buffer.from(file.base64, "base64") };
  }

  it.each([["sentence", "heatmap"], ["sentence", "grid"], ["sentence", "heads"], ["sentence", "model"], ["sentence", "average"], ["vit", "overlay"]] as const)("hold the %s's %s as a drawing and a picture twice its size", async (scene, id) => {
    await on.show(scene);
    await on.view(id);
    const svg = await saved("svg");
    expect(svg.name).toMatch(/\.svg$/);
    const drawn = await sharp(svg.bytes).metadata();
    const picture = (await saved("png")).bytes;
    await mkdir("test-output/screenshots", { recursive: true });
    await writeFile(`test-output/screenshots/webview-attention-export-${id}.png`, picture);
    const png = await sharp(picture).metadata();
    expect([png.format, png.width, png.height]).toEqual(["png", 2 * (drawn.width ?? 0), 2 * (drawn.height ?? 0)]);
    expect(svg.bytes.toString()).not.toContain("NaN");
  });

  it("hold the numbers that are shown", async () => {
    await on.show("sentence");
    await on.type("head", "2");
    const { name, bytes } = await saved("json");
    expect(name).toBe("review.attention.layer0.head2.json");
    const json = JSON.parse(bytes.toString()) as { attention: { weights: number[][] }; tokens: { token: string }[]; layer: number; head: number; settings: { hideSpecial: boolean }; agreement: { correlation: number } };
    expect(json).toMatchObject({ layer: 0, head: 2, settings: { hideSpecial: false }, agreement: { correlation: 0.31 } });
    expect(json.tokens.map(({ token }) => token).slice(0, 3)).toEqual(["[CLS]", "the", "film"]);
    expect(json.attention.weights[4]?.[13]).toBeCloseTo(await on.weight("sentence", 0, 2, 4, 13), 6);
  });

  it("hold a page that works alone, without any network", async () => {
    await on.show("sentence");
    await on.view("heads");
    const { name, bytes } = await saved("html");
    expect(name).toBe("review.attention.layer0.heads.html");
    // A token that would end the element it stands in.
    const content = bytes.toString().replaceAll('"wonderful"', '"</script><b>"');
    const harness = await on.harness("text");
    const html = attentionPage({ script: harness.script, style: harness.style, content, language: "en" });
    const context = await on.page.context().browser()?.newContext({ viewport: { width: 1180, height: 860 }, colorScheme: "dark", offline: true });
    if (!context) throw new Error("no browser here");
    const page = await context.newPage();
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("request", (request) => requests.push(request.url()));
    await page.setContent(html);
    await page.locator('#whylight[data-state="done"][data-view="heads"]').waitFor();
    expect(await page.locator(".tokens.from .token").nth(12).textContent()).toBe("</script><b>");
    await page.locator(".tokens.from .token").nth(2).hover();
    await expect.poll(() => page.locator("#readout").textContent()).toContain("“film” attends to");
    await page.locator("#view-heatmap").click();
    // A layer that nobody had looked at is in the page too: the whole model is small.
    await page.locator("#layer").fill("5");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#title").textContent()).toContain("Layer 5");
    await page.locator("#matrix").focus();
    await page.keyboard.press("ArrowRight");
    const mean = (await Promise.all(Array.from({ length: 8 }, (_, head) => on.weight("sentence", 5, head, 0, 0)))).reduce((a, b) => a + b) / 8;
    await expect.poll(() => page.locator("#readout").textContent()).toBe(`“[CLS]” attends to “[CLS]”: ${mean.toFixed(3)}`);
    expect(await page.locator("#choose-model").isVisible()).toBe(false);
    await page.screenshot({ path: "test-output/screenshots/webview-attention-saved-dark.png" });
    await page.emulateMedia({ colorScheme: "light" });
    await page.screenshot({ path: "test-output/screenshots/webview-attention-saved-light.png" });
    const download = page.waitForEvent("download");
    await page.locator("#export").click();
    await page.locator("#export-json").click();
    expect((await download).suggestedFilename()).toBe("review.attention.layer5.mean.json");
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith("blob:"))).toEqual([]);
    await context.close();
  });

  it("hold the layers that were looked at when all would be too large, and the page says so", async () => {
    await on.show("long");
    await on.type("layer", "2");
    await expect.poll(() => on.root().getAttribute("data-state")).toBe("done");
    const { bytes } = await saved("html");
    const content = JSON.parse(bytes.toString()) as { layers: Record<string, unknown> };
    expect(Object.keys(content.layers)).toEqual(["0", "2"]);
    const harness = await on.harness("text");
    const page = await on.page.context().newPage();
    await page.setContent(attentionPage({ script: harness.script, style: harness.style, content: bytes.toString(), language: "en" }));
    await page.locator('#whylight[data-state="done"]').waitFor();
    expect(await page.locator("#notes").textContent()).toBe("This page holds the weights of these layers only: 0, 2.");
    await page.locator("#layer").fill("7");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#empty p").textContent()).toBe("This page holds the weights of these layers only: 0, 2.");
  });
});

describe("themes and languages", () => {
  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"] as const)("draws in %s", async (theme) => {
    for (const [scene, views] of [["sentence", ["heatmap", "grid", "heads", "model", "average"]], ["vit", ["overlay"]]] as const) {
      if (scene === "vit") await on.page.context().close();
      await on.show(scene, theme);
      for (const id of views) {
        await on.view(id);
        await on.open.shot(`attention-${id}-${theme}`);
      }
    }
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await on.show("sentence", "vscode-light", {}, strings);
    expect(await on.page.locator(".tab").allTextContents()).toEqual(["ヒートマップ", "格子", "ヘッドビュー", "モデルビュー", "平均"]);
    await on.open.shot("attention-japanese");
  });
});
