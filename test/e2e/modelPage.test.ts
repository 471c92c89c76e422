/** @file A model's page in a browser, with a fake host: its facts, lists and layers, the pictures that come, and the form that describes it. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ModelPageState } from "../../src/protocol/modelPage.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import { modelState, type ModelKind } from "./webviewHarness/syntheticModelPage.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

const config = { page: "model", model: "file:///workspace/models/resnet50/model.safetensors", image: undefined, isFormOpen: false } as const;
let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness(config, "./fakeModelHost.ts");
});
afterAll(() => harness.close());
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.page.context().close();
});

async function openPage(kind?: ModelKind, theme: ThemeKind = "vscode-dark", strings: Readonly<Record<string, string>> = {}, viewport = { width: 1240, height: 900 }): Promise<void> {
  open = await harness.open(theme, viewport, strings);
  await open.page.locator('#whylight[data-state="loading"]').waitFor();
  if (!kind) return;
  await open.page.evaluate((which) => window.fakeModel.show(which), kind);
  await open.page.locator('#whylight[data-state="done"]').waitFor();
}

const at = (selector: string) => open.page.locator(selector);
const calls = () => open.page.evaluate(() => window.fakeModel.calls.map(({ name, args }) => ({ name, args })));
const change = (by: Partial<ModelPageState>) => open.page.evaluate((next) => window.fakeModel.change(next), by);
const form = (by: Partial<ModelPageState["form"]>) => open.page.evaluate((next) => window.fakeModel.form(next), by);
const thumbnails = (run: number, count: number) => open.page.evaluate(([which, many]) => window.fakeModel.thumbnails(which, many), [run, count] as const);
const fact = (id: string) => at(`[data-fact="${id}"] + dd`).allTextContents();
const fill = async (id: string, text: string) => {
  await at(`#form-${id}`).fill(text);
  await at(`#form-${id}`).blur();
};
const layerCount = modelState("resnet").summary!.layers.length;

describe("what is known of a model", () => {
  it("has its place before it comes", async () => {
    await openPage();
    expect(await at("#title").textContent()).toBe("resnet50 · Model");
    expect(await at("#progress-text").textContent()).toBe("Reading the model");
    expect(await at("#model-facts .skeleton").count()).toBe(6);
    await open.shot("model-loading");
  });

  it("is told as facts, labels and layers", async () => {
    await openPage("resnet");
    expect([await fact("format"), await fact("size"), await fact("parameters"), await fact("input"), await fact("task"), await fact("layers")]).toEqual([
      ["safetensors, timm 1.0.22"], ["103 MB"], ["25,557,032"], ["input float32 [batch, 3, 224, 224]"], ["image classification"], [`${layerCount}, layer4.2.relu by default`],
    ]);
    expect(await at("#labels li").count()).toBe(1000);
    expect(await at("#layers tbody tr").count()).toBe(layerCount);
    expect(await at("#layers tr[data-default] th").textContent()).toMatch(/^layer4.2.relu default/);
    expect(await at("#layers .cell").first().isVisible()).toBe(false);
    await open.shot("model-resnet");
  });

  it("is found by typing", async () => {
    await openPage("resnet");
    await at("#search-labels").fill("corgi");
    expect(await at("#labels li").allTextContents()).toEqual(["263Pembroke, Pembroke Welsh corgi"]);
    expect(await at("#labels-part output").textContent()).toBe("1 of 1000");
    await at("#search-layers").fill("layer2.1");
    expect(await at("#layers tbody tr").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset["layer"]))).toEqual(["conv1", "conv2", "conv3", "relu"].map((part) => `layer2.1.${part}`));
    await at("#search-layers").fill("nothing like it");
    expect(await at("#layers-part output").textContent()).toBe("Nothing fits");
  });

  it("holds attention of a text model, and no layers for images", async () => {
    await openPage("text");
    expect(await at("#attention-sites tbody tr").count()).toBe(12);
    expect(await at("#attention-sites tbody tr").first().locator("th, td").allTextContents()).toEqual(["bert.encoder.layer.0.attention.self.softmax", "12", "8 × 8"]);
    expect(await fact("tokenizer")).toEqual(["WordPiece, 30522 tokens, texts of up to 512"]);
    expect(await at("#layers-part").isVisible()).toBe(false);
    await open.shot("model-text");
  });

  it("names operators that stand in the way", async () => {
    await openPage("broken operators");
    expect(await at("#unsupported tbody tr").allTextContents()).toEqual(["NonMaxSuppressioncannot be run/head/NonMaxSuppression", "Roundcannot be differentiated/quant/Round"]);
    expect(await at("#interpreted tbody td").allTextContents()).toEqual(["tfjs-wasm", "TensorFlow.js has no kernel for it"]);
    expect(await fact("unsupported")).toEqual(["NonMaxSuppression"]);
    await open.fullShot("model-operators");
  });

  it("leads on: use it, its graph, another image; and tells a failure with its next steps", async () => {
    await openPage("resnet");
    for (const id of ["use-model", "show-graph", "choose-image", "describe"]) await at(`#${id}`).click();
    await change({ summary: undefined, failure: { code: "modelCorrupt", text: "The model is damaged. Copy it again.", actions: [{ id: "retry", title: "Retry" }] } });
    await at("#action-retry").click();
    expect(await at("#layers-part").isVisible()).toBe(false);
    expect(await calls()).toEqual([{ name: "use", args: {} }, { name: "showGraph", args: {} }, { name: "chooseImage", args: {} }, { name: "openForm", args: { isOpen: true } }, { name: "act", args: { action: "retry" } }]);
    await open.shot("model-failed");
  });
});

describe("what the layers make of an image", () => {
  it("comes layer by layer, with the ends of each scale, and can be stopped", async () => {
    await openPage("resnet");
    await thumbnails(1, 5);
    expect(await at("#image-name").textContent()).toBe("cat.jpg");
    expect(await at("#thumbnails-progress").textContent()).toBe(`Computing · 5 of ${layerCount} layers`);
    expect(await at("#layers .mean img").count()).toBe(5);
    const row = at('[data-layer="relu"]');
    expect(await row.locator("figcaption").allTextContents()).toEqual(["0 … 1.5", "channel 5-0.317 … 6.5", "channel 20 … 3.5", "channel 17-0.317 … 18.5", "channel 400 … 41.5", "channel 80 … 9.5", "channel 31-0.317 … 32.5"]);
    expect(await row.locator("img").nth(1).getAttribute("alt")).toBe("Channel 5 of relu, from -0.317 to 6.5");
    await open.shot("model-thumbnails-busy");
    await at("#cancel-thumbnails").click();
    expect(await calls()).toEqual([{ name: "cancel", args: {} }]);
    await thumbnails(1, layerCount);
    expect(await at("#layers .mean img").count()).toBe(layerCount);
    expect(await at("#cancel-thumbnails").isVisible()).toBe(false);
    await at("#search-layers").fill("layer4");
    expect(await at("#layers .mean img").count()).toBe(12);
    await open.shot("model-thumbnails");
  });

  it("is forgotten for another image, and late pictures of the old one are none of its", async () => {
    await openPage("resnet");
    await thumbnails(1, 3);
    await change({ thumbnails: { run: 2, busy: undefined, failure: "The image cannot be read." } });
    expect(await at("#layers .cell img").count()).toBe(0);
    expect(await at("#thumbnails-failure").textContent()).toBe("The image cannot be read.");
  });
});

describe("the form", () => {
  it("states what is missing, and asks for the file to be written", async () => {
    await openPage("undescribed");
    expect(await at("#form").isVisible()).toBe(false);
    await form({ isOpen: true });
    expect(await at("#form-notes li").count()).toBe(2);
    await at("#form-labels").fill("cat\ndog");
    expect(await at("#form-labels-count").textContent()).toBe("2 labels, the model has 1000 classes");
    await at("#form-preset").click();
    await at("#form-preset vscode-option").filter({ hasText: "From -1 to 1" }).click();
    await fill("crop", "");
    await fill("size", "224 × 192");
    await open.shot("model-form");
    await at("#form-write").click();
    expect(await calls()).toEqual([{ name: "describe", args: { labels: ["cat", "dog"], preprocess: { resize: "shortest-side", size: [224, 192], crop: null, interpolation: "bilinear", channels: "rgb", scale: 1 / 255, mean: [0.5], std: [0.5] } } }]);
    await form({ saved: "/workspace/models/resnet50/model.whylight.json" });
    expect(await at("#form-saved").textContent()).toBe("Written: model.whylight.json");
  });

  it("takes no number that is none, says what the worker refuses, and keeps what was typed", async () => {
    await openPage("undescribed");
    await form({ isOpen: true });
    await fill("scale", "a lot");
    expect(await at("#form-scale").getAttribute("aria-invalid")).toBe("true");
    expect(await at("#form-write").getAttribute("disabled")).not.toBeNull();
    await fill("scale", "1/128");
    expect(await at("#form-write").getAttribute("disabled")).toBeNull();
    await at("#form-labels").fill("one");
    await form({ problem: "model.whylight.json is not right at preprocess.crop: it makes images of 224 × 224, but the model takes 192 × 192 (height × width). Correct the file." });
    expect(await at("#form-problem").textContent()).toContain("preprocess.crop");
    expect(await at("#form-labels").inputValue()).toBe("one");
    expect(await at("#form-scale").inputValue()).toBe("1/128");
  });

  it("leaves alone what other files state, takes labels from a file, opens the text and closes", async () => {
    await openPage("resnet");
    await form({ isOpen: true });
    expect(await at("#form .hint").allTextContents()).toEqual(["Now from config.json", "1000 labels", "Now from config.json"]);
    expect(await at("#form-write").getAttribute("disabled")).not.toBeNull();
    for (const id of ["form-labels-file", "form-edit", "form-close"]) await at(`#${id}`).click();
    await form({ chosenLabels: { choice: 1, file: "names.txt", labels: ["x", "y"] } });
    expect(await at("#form-labels").inputValue()).toBe("x\ny");
    await at("#form-write").click();
    expect(await calls()).toEqual([{ name: "chooseLabels", args: {} }, { name: "editFile", args: {} }, { name: "openForm", args: { isOpen: false } }, { name: "describe", args: { labels: ["x", "y"] } }]);
  });

  it("of a text model asks for labels alone", async () => {
    await openPage("text");
    await form({ isOpen: true });
    expect(await at("#form-labels").isVisible()).toBe(true);
    expect(await at("#form-size").isVisible()).toBe(false);
  });
});

describe("for everybody", () => {
  it("keeps image and form across a reload", async () => {
    await openPage("resnet");
    await thumbnails(1, 1);
    await form({ isOpen: true });
    expect(await open.page.evaluate(() => window.fakeModel.stored)).toEqual({ model: config.model, image: "/workspace/images/cat.jpg", isFormOpen: true });
  });

  it("reaches every control by Tab", async () => {
    await openPage("undescribed");
    await form({ isOpen: true });
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await open.page.keyboard.press("Tab");
      seen.add(await open.page.evaluate(() => document.activeElement?.id ?? ""));
    }
    for (const id of ["show-graph", "use-model", "form-writes-labels", "form-labels", "form-labels-file", "form-preset", "form-resize", "form-size", "form-mean", "form-write", "form-close", "choose-image", "search-layers"]) expect([...seen]).toContain(id);
  });

  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"] as const)("draws in %s", async (theme) => {
    await openPage("undescribed", theme);
    await form({ isOpen: true });
    await thumbnails(1, 4);
    await open.fullShot(`model-${theme}`);
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openPage("undescribed", "vscode-light", strings);
    await form({ isOpen: true });
    await thumbnails(1, 2);
    expect(await at("h2").allTextContents()).toEqual(["概要", "ラベル", "ラベルと前処理", "層 (複数)"]);
    await open.shot("model-japanese");
  });

  it.each([360, 560, 860])("fits a panel of %i pixels", async (width) => {
    await openPage("undescribed", "vscode-dark", {}, { width, height: 900 });
    await form({ isOpen: true });
    await thumbnails(1, 3);
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await open.fullShot(`model-narrow-${width}`);
  });
});
