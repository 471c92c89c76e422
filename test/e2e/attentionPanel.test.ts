/** @file The attention page in a browser, with a fake host: what each view shows and says, by mouse and by keyboard, and the files it makes. */
import { readFile, writeFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { attentionPage } from "../../src/report/attentionPage.js";
import type { AttentionState, AttentionSummary } from "../../src/protocol/attention.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import type { Scene } from "./webviewHarness/syntheticAttention.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

const harnesses = new Map<"text" | "image", Harness>();
let open: PanelPage;

const kindOf = (scene: Scene) => (scene === "vit" || scene === "swin" ? "image" : "text");
const inputs = { text: { kind: "text", text: "the film was not good" }, image: { kind: "image", path: "file:///workspace/images/cat.jpg" } } as const;

/** A browser for texts and one for images, started when it is first needed. */
async function harnessOf(kind: "text" | "image"): Promise<Harness> {
  const harness = harnesses.get(kind) ?? (await startHarness({ page: "attention", model: "file:///workspace/models/sentiment.onnx", input: inputs[kind] }, "./fakeAttentionHost.ts"));
  harnesses.set(kind, harness);
  return harness;
}

afterAll(async () => {
  for (const harness of harnesses.values()) await harness.close();
});
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.page.context().close();
});

async function openPage(scene: Scene, theme: ThemeKind = "vscode-dark", summary: Partial<AttentionSummary> = {}, strings: Readonly<Record<string, string>> = {}): Promise<void> {
  open = await (await harnessOf(kindOf(scene))).open(theme, { width: 1240, height: 900 }, strings);
  await open.page.evaluate(([of, change]) => window.fakeAttention.show(of, change), [scene, summary] as const);
  await open.page.locator('#whylight:is([data-state="done"], [data-state="empty"])').waitFor();
}

const root = () => open.page.locator("#whylight");
const text = (selector: string) => open.page.locator(selector).textContent();
/** The tables of the view that is shown. */
const table = "#view-table > :not([hidden])";
const keysHeading = `${table} .keys-heading`;
const calls = (name?: string) => open.page.evaluate((only) => window.fakeAttention.calls.filter((call) => only === undefined || call.name === only), name);
const weight = (scene: Scene, layer: number, head: number, query: number, key: number) => open.page.evaluate((args) => window.fakeAttention.weight(...args), [scene, layer, head, query, key] as const);
const state = (change: Partial<AttentionState>) => open.page.evaluate((next) => window.fakeAttention.state(next), change);

async function view(id: string): Promise<void> {
  await open.page.locator(`#view-${id}`).click();
  await open.page.locator(`#whylight[data-view="${id}"]:is([data-state="done"], [data-state="empty"])`).waitFor();
}

async function choose(id: string, option: string): Promise<void> {
  await open.page.locator(`#${id}`).click();
  await open.page.locator(`#${id} vscode-option`, { hasText: option }).first().click();
}

async function type(id: string, value: string): Promise<void> {
  await open.page.locator(`#${id}`).fill(value);
  await open.page.keyboard.press("Enter");
}

/** The middle of a cell of the heatmap: rows and columns of the sentence's 14 tokens. */
async function cell(row: number, column: number, count = 14): Promise<{ x: number; y: number }> {
  const box = await open.page.locator("#matrix, #average").locator("visible=true").boundingBox();
  if (!box) throw new Error("no heatmap here");
  // The cells are square, end 8 pixels above the frame's end, and stand in the middle of what the labels leave.
  const edges = await open.page.evaluate(() => {
    const canvas = [...document.querySelectorAll<HTMLCanvasElement>("#matrix, #average")].find((one) => one.offsetParent !== null);
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return [0, 0, 0, 0];
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    // Labels are grey; the first cell's colour is not.
    const isCell = (i: number) => data[i + 3] === 255 && Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) - Math.min(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) > 40;
    let [left, top, right, bottom] = [width, height, 0, 0];
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      if (!isCell(4 * (y * width + x))) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
    return [left, top, right, bottom];
  });
  const [left = 0, top = 0, right = 0, bottom = 0] = edges;
  return { x: box.x + left + ((column + 0.5) * (right - left)) / count, y: box.y + top + ((row + 0.5) * (bottom - top)) / count };
}

describe("the line that is always there", () => {
  it("says what attention is not evidence of, with the number measured here", async () => {
    await openPage("sentence");
    expect(await text("#evidence")).toBe("Attention shows where a model mixes information, not why it answers. Here its ranking of the 12 tokens agrees with the gradient's by ρ = 0.31.");
    await open.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: { correlation: -0.2, tokens: 5, method: "input-x-gradient" } }));
    await expect.poll(() => text("#evidence")).toContain("by ρ = −0.20.");
    await open.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: { correlation: null, tokens: 12, method: "input-x-gradient" } }));
    await expect.poll(() => text("#evidence")).toContain("their agreement has no number");
    await open.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: undefined, predictions: [], target: undefined, relevance: undefined }));
    await expect.poll(() => text("#evidence")).toContain("no score");
    for (const id of ["grid", "heads", "model", "average"]) {
      await view(id);
      expect(await open.page.locator("#evidence").isVisible()).toBe(true);
    }
  });
});

describe("the heatmap", () => {
  it("reads the weight under the pointer, and lists what a clicked query attends to", async () => {
    await openPage("sentence");
    await type("head", "1");
    const at = await cell(2, 3);
    await open.page.mouse.move(at.x, at.y);
    const expected = (await weight("sentence", 0, 1, 2, 3)).toFixed(3);
    await expect.poll(() => text("#readout")).toBe(`“film” attends to “was”: ${expected}`);
    await open.shot("attention-heatmap-hover");
    await open.page.mouse.click(at.x, at.y);
    await expect.poll(() => text(keysHeading)).toBe("What “film” attends to");
    const first = open.page.locator(`${table} .keys tbody tr`).first();
    expect(await first.locator("th").textContent()).toBe("was");
    expect(await first.locator("td").first().textContent()).toBe(expected);
    const [highlight] = await calls("highlight");
    expect(highlight?.args).toMatchObject({ token: 2, keys: expect.arrayContaining([{ token: 3, weight: expect.closeTo(Number(expected), 3) as number }]) as unknown });
    // Another head's keys are marked when it is shown.
    await type("head", "2");
    await expect.poll(async () => (await calls("highlight")).at(-1)?.args).toMatchObject({ token: 2, keys: [{ token: 13 }, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}] });
    // The same token again takes the marks away.
    await open.page.mouse.click(at.x, at.y);
    await expect.poll(async () => (await calls("highlight")).at(-1)?.args).toEqual({ token: undefined, keys: [] });
  });

  it("is walked with the arrow keys", async () => {
    await openPage("sentence");
    await type("head", "0");
    await open.page.locator("#matrix").focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"]) await open.page.keyboard.press(key);
    await expect.poll(() => text("#readout")).toBe(`“film” attends to “the”: ${(await weight("sentence", 0, 0, 2, 1)).toFixed(3)}`);
    await open.page.keyboard.press("End");
    await expect.poll(() => text("#readout")).toContain("“[SEP]”");
    await open.page.keyboard.press("Enter");
    await expect.poll(() => text(keysHeading)).toBe("What “film” attends to");
  });

  it("takes layers and heads as people write them", async () => {
    await openPage("sentence");
    await type("layer", "-1");
    await expect.poll(() => open.page.locator("#layer").inputValue()).toBe("5");
    expect(await text("#title")).toBe("review.txt · sentiment · Layer 5, mean of its heads");
    await type("layer", "6");
    expect(await open.page.locator("#layer").getAttribute("aria-invalid")).toBe("true");
    await type("layer", "2");
    await type("head", "-1");
    await expect.poll(() => text("#title")).toContain("Layer 2, head 7");
    await type("head", "mean");
    await expect.poll(() => text("#title")).toContain("Layer 2, mean of its heads");
    await open.page.locator("#head").focus();
    await open.page.keyboard.press("ArrowDown");
    await expect.poll(() => text("#title")).toContain("Layer 2, head 0");
  });

  it("hides special tokens and says that rows are renormalised", async () => {
    await openPage("sentence");
    await type("head", "3");
    await open.page.locator("#hide-special").click();
    await expect.poll(() => text("#hints")).toContain("renormalised over the tokens that are left");
    await open.page.locator("#matrix").focus();
    await open.page.keyboard.press("ArrowRight");
    // The first of the twelve words that are left, towards itself: its weight over the sum of those that are left.
    const kept = await Promise.all(Array.from({ length: 12 }, (_, i) => weight("sentence", 0, 3, 1, i + 1)));
    await expect.poll(() => text("#readout")).toBe(`“the” attends to “the”: ${((kept[0] ?? NaN) / kept.reduce((a, b) => a + b)).toFixed(3)}`);
  });

  it("leaves out what lies below the threshold and beyond the strongest keys, and says so", async () => {
    await openPage("sentence");
    await type("head", "4");
    await open.page.locator("#threshold").fill("0.5");
    await expect.poll(() => text("#hints")).toMatch(/Weights below 0\.\d+ are not drawn/);
    // A quarter of the largest weight: the slider's share squared.
    const largest = Math.max(...(await Promise.all(Array.from({ length: 196 }, (_, i) => weight("sentence", 0, 4, Math.floor(i / 14), i % 14)))));
    expect(await text(".with-output output[for=threshold]")).toBe((0.25 * largest).toFixed(3));
    await open.page.locator("#threshold").fill("0");
    await choose("top", "3");
    const at = await cell(5, 5);
    await open.page.mouse.click(at.x, at.y);
    await expect.poll(() => open.page.locator(`${table} .keys tbody tr`).count()).toBe(3);
  });

  it("zooms, and fits again", async () => {
    await openPage("long");
    const box = await open.page.locator("#matrix").boundingBox();
    if (!box) throw new Error("no heatmap here");
    await open.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    expect(await open.page.locator("#fit").isVisible()).toBe(false);
    await open.page.mouse.wheel(0, -1200);
    await expect.poll(() => open.page.locator("#fit").isVisible()).toBe(true);
    await open.shot("attention-heatmap-zoomed");
    await open.page.locator("#fit").click();
    await expect.poll(() => open.page.locator("#fit").isVisible()).toBe(false);
  });
});

describe("pairs", () => {
  it("show one part attending to another, cut out as it is", async () => {
    await openPage("pair");
    await type("head", "2");
    await choose("pairs", "A → B");
    await expect.poll(() => text("#hints")).toBe("A slice of the pair, not renormalised: its rows need not sum to 1.");
    await open.page.locator("#matrix").focus();
    for (const key of ["ArrowRight", "End"]) await open.page.keyboard.press(key);
    // From the first token of the first text to the last of the second.
    await expect.poll(() => text("#readout")).toBe(`“[CLS]” attends to “[SEP]”: ${(await weight("pair", 0, 2, 0, 10)).toFixed(3)}`);
    await open.page.keyboard.press("Home");
    await expect.poll(() => text("#readout")).toContain("“someone”");
    await view("heads");
    expect(await open.page.locator(".tokens.from .token").count()).toBe(7);
    expect(await open.page.locator(".tokens.to .token").allTextContents()).toEqual(["someone", "makes", "music", "[SEP]"]);
    await open.shot("attention-pair-heads");
  });

  it("are not offered for single texts", async () => {
    await openPage("sentence");
    expect(await open.page.locator("#pairs").isVisible()).toBe(false);
  });
});

describe("the head view", () => {
  it("shows only a token's lines while it is pointed at, with their numbers", async () => {
    await openPage("sentence");
    await view("heads");
    const token = open.page.locator(".tokens.from .token").nth(2);
    await token.hover();
    const means = await Promise.all(Array.from({ length: 14 }, async (_, key) => {
      const all = await Promise.all(Array.from({ length: 8 }, (__, head) => weight("sentence", 0, head, 2, key)));
      return all.reduce((a, b) => a + b) / 8;
    }));
    await expect.poll(() => text("#readout")).toMatch(new RegExp(`^“film” attends to .* ${Math.max(...means).toFixed(3)}`));
    expect(await open.page.locator(".gap").getAttribute("data-dimmed")).toBe("");
    await open.shot("attention-heads-hover");
    await open.page.mouse.move(5, 5);
    await expect.poll(() => open.page.locator(".gap").getAttribute("data-dimmed")).toBeNull();
    await open.page.locator(".tokens.from .token").first().focus();
    await open.page.keyboard.press("ArrowDown");
    await expect.poll(() => text("#readout")).toContain("“the” attends to");
    await open.page.keyboard.press("ArrowRight");
    await expect.poll(() => text("#readout")).toContain("“the” gets most from");
    await open.page.keyboard.press("Enter");
    expect((await calls("highlight")).at(-1)?.args).toMatchObject({ token: 1 });
  });

  it("switches heads, keeps the last one, and isolates with a double click", async () => {
    await openPage("pair");
    await view("heads");
    const pressed = () => open.page.locator(".head-switch").evaluateAll((all) => all.map((one) => one.getAttribute("aria-pressed") === "true"));
    const head = (i: number) => open.page.locator(`.head-switch[data-head="${i}"]`);
    await head(1).click();
    await expect.poll(pressed).toEqual([true, false, true, true]);
    await head(2).dblclick();
    await expect.poll(pressed).toEqual([false, false, true, false]);
    await head(2).click();
    await expect.poll(pressed).toEqual([false, false, true, false]);
    await head(2).dblclick();
    await expect.poll(pressed).toEqual([true, true, true, true]);
  });

  it("draws the ten strongest keys of long texts, and says so", async () => {
    await openPage("long");
    await view("heads");
    expect(await text("#hints")).toContain("The 10 strongest keys of each query and head are drawn.");
    await choose("top", "All");
    await expect.poll(() => text("#hints")).toContain("strongest lines are drawn");
    expect(await open.page.locator(".tokens.to .token").count()).toBe(512);
  });
});

describe("many heads", () => {
  it("stand in a grid with their numbers, sorted, and open", async () => {
    await openPage("sentence");
    await view("grid");
    const titles = () => open.page.locator("#grid .tile-title").allTextContents();
    expect(await titles()).toEqual(Array.from({ length: 8 }, (_, i) => `head ${i}`));
    await choose("order", "by entropy");
    // The head that looks everywhere alike has the largest entropy.
    await expect.poll(async () => (await titles()).at(-1)).toBe("head 5");
    const numbers = await open.page.locator(`${table} .heads tbody tr td:nth-child(2)`).allTextContents();
    expect(numbers.map(Number)).toEqual(numbers.map(Number).toSorted((a, b) => a - b));
    await choose("order", "by distance");
    // The one around the diagonal is nearest.
    await expect.poll(async () => (await titles())[0]).toBe("head 4");
    await open.page.locator('#grid .head-tile[data-head="4"]').click();
    await expect.poll(() => text("#title")).toBe("review.txt · sentiment · Layer 0, head 4");
    expect(await root().getAttribute("data-view")).toBe("heatmap");
  });

  it("make up the model view, which is walked with the arrow keys and asks for no weights", async () => {
    await openPage("sentence");
    await view("model");
    const before = (await calls("layer")).length;
    expect(await open.page.locator("#model .head-tile").count()).toBe(48);
    await open.page.locator('#model .head-tile[tabindex="0"]').focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown"]) await open.page.keyboard.press(key);
    await expect.poll(() => text("#readout")).toMatch(/^Layer 2, head 1, entropy \d\.\d\d, distance \d\.\d\d$/);
    expect((await calls("layer")).length).toBe(before);
    await open.page.keyboard.press("Enter");
    await expect.poll(() => text("#title")).toContain("Layer 2, head 1");
  });
});

describe("the average", () => {
  it("tells for every token what it attends to most, marks it, and has its alternatives", async () => {
    await openPage("sentence");
    await view("average");
    const rows = await open.page.locator("#links tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((part) => part.textContent)));
    expect(rows.length).toBe(14);
    // Half of the heads look at the token before, after or around.
    expect(rows[2]?.slice(0, 2)).toEqual(["film", "was"]);
    await open.page.locator("#links tbody tr").nth(2).locator("button").focus();
    await open.page.keyboard.press("Enter");
    await expect.poll(async () => (await calls("highlight")).at(-1)?.args).toMatchObject({ token: 2 });
    await choose("source", "Rollout");
    await expect.poll(() => text("#title")).toContain("Rollout");
    await choose("source", "Relevance");
    await expect.poll(() => open.page.locator("#zero-diagonal").isVisible()).toBe(true);
    const own = () => open.page.locator("#legend .raw span:last-child").textContent();
    const hidden = Number(await own());
    await open.page.locator("#zero-diagonal").click();
    // Each token's own relevance is one and more here.
    await expect.poll(async () => Number(await own())).toBeGreaterThan(1);
    expect(hidden).toBeLessThan(1);
  });

  it("weighs by the gradient of another class, which is asked of the host", async () => {
    await openPage("sentence");
    await open.page.locator('.prediction[data-index="1"]').click();
    expect(await calls("setTarget")).toEqual([{ name: "setTarget", args: { target: 1 } }]);
  });
});

describe("images", () => {
  it("show what the class token attends to, and what a clicked patch does", async () => {
    await openPage("vit");
    expect(await root().getAttribute("data-view")).toBe("overlay");
    expect(await text("#title")).toBe("cat.jpg · deit · Layer 3, mean of its heads");
    expect(await text(keysHeading)).toBe("What “[CLS]” attends to");
    expect(await text("#hints")).toMatch(/of its attention stays on tokens that stand for no patch \(\[CLS\], \[DIST\]\)/);
    await choose("query", "[DIST]");
    await expect.poll(() => text(keysHeading)).toBe("What “[DIST]” attends to");
    await open.page.locator("#overlay").focus();
    for (const key of ["ArrowUp", "ArrowLeft", "Enter"]) await open.page.keyboard.press(key);
    const heading = (await text(keysHeading)) ?? "";
    const [, row, column] = /patch (\d+),(\d+)/.exec(heading) ?? [];
    // Patches look at themselves most.
    await expect.poll(() => open.page.locator(`${table} .keys tbody tr th`).first().textContent()).toBe(`${row},${column}`);
    expect(await calls("highlight")).toEqual([]);
    await open.shot("attention-overlay-patch");
    await choose("source", "Rollout");
    await expect.poll(() => text("#title")).toContain("Rollout");
  });

  it("put the windows of a layer in their places, moved ones too, and say when these are not known", async () => {
    await openPage("swin");
    expect(await text("#empty p")).toContain("is not known");
    await type("layer", "0");
    await expect.poll(() => root().getAttribute("data-state")).toBe("done");
    expect(await text("#hints")).toContain("Each window of this layer attends within itself");
    await type("layer", "1");
    await open.page.locator("#overlay").focus();
    for (const key of ["ArrowUp", "Enter"]) await open.page.keyboard.press(key);
    await expect.poll(() => text("#hints")).toContain("within its window only, which is framed");
    expect(await open.page.locator(`${table} .keys tbody tr`).count()).toBe(16);
    await open.shot("attention-overlay-window");
    await view("average");
    expect(await text("#empty p")).toContain("look at different tokens");
    await open.page.locator("#empty-action").click();
    await expect.poll(() => root().getAttribute("data-view")).toBe("heatmap");
    await expect.poll(() => open.page.locator("#window").isVisible()).toBe(true);
  });
});

describe("states", () => {
  it("keeps its places while it waits, and says what failed with a way on", async () => {
    open = await (await harnessOf("text")).open("vscode-dark", { width: 1240, height: 900 });
    await open.page.locator('#whylight[data-state="loading"]').waitFor();
    await open.shot("attention-loading");
    const stage = await open.page.locator("#matrix-stage").boundingBox();
    await state({ busy: { phase: "computing", done: 3, total: 12, text: "Computing" } });
    await expect.poll(() => text("#progress-text")).toBe("Computing · 3 of 12");
    await open.page.locator("#cancel").click();
    expect(await calls("cancel")).toHaveLength(1);
    expect(await open.page.locator("#matrix-stage").boundingBox()).toEqual(stage);
    await open.page.evaluate(() => window.fakeAttention.show("sentence"));
    await open.page.locator('#whylight[data-state="done"]').waitFor();
    expect(await open.page.locator("#matrix-stage").boundingBox()).toEqual(stage);
    await state({ failure: { code: "attentionMissing", text: "The model has no attention. Choose another.", actions: [{ id: "chooseModel", title: "Choose a model…" }] } });
    await open.shot("attention-failed");
    await open.page.locator("#action-chooseModel").click();
    expect(await calls("act")).toEqual([{ name: "act", args: { action: "chooseModel" } }]);
  });

  it("offers to try again when a layer's weights do not come", async () => {
    await openPage("sentence");
    await open.page.evaluate(() => window.fakeAttention.lost.add(3));
    await type("layer", "3");
    await expect.poll(() => text("#empty p")).toBe("The weights of layer 3 could not be loaded.");
    await open.page.evaluate(() => window.fakeAttention.lost.clear());
    await open.page.locator("#retry-layer").click();
    await expect.poll(() => root().getAttribute("data-state")).toBe("done");
  });

  it("fetches each layer once, and none again when only the class changed", async () => {
    await openPage("sentence");
    await view("grid");
    await view("heads");
    await type("layer", "1");
    await type("layer", "0");
    await open.page.evaluate(() => window.fakeAttention.show("sentence", { relevance: undefined }));
    await expect.poll(async () => (await calls("layer")).map(({ args }) => args)).toEqual([{ layer: 0 }, { layer: 1 }]);
  });

  it("keeps the view across a reload", async () => {
    await openPage("sentence");
    await view("heads");
    await type("layer", "2");
    await open.page.reload();
    await open.page.locator("#title").waitFor();
    await open.page.evaluate(() => window.fakeAttention.show("sentence"));
    await expect.poll(() => text("#title")).toContain("Layer 2, head view");
    expect(await open.page.evaluate(() => window.fakeAttention.stored)).toMatchObject({ model: "file:///workspace/models/sentiment.onnx", input: inputs.text, target: "predicted", view: { view: "heads", layer: 2 } });
  });

  it("fits a narrow panel", async () => {
    for (const [scene, views] of [["sentence", ["heatmap", "grid", "heads", "model", "average"]], ["vit", ["overlay"]]] as const) {
      if (scene === "vit") await open.page.context().close();
      await openPage(scene);
      await open.page.setViewportSize({ width: 420, height: 900 });
      for (const id of views) {
        await view(id);
        expect(await open.page.evaluate(() => document.documentElement.scrollWidth), id).toBeLessThanOrEqual(420);
        await open.fullShot(`attention-narrow-${id}`);
      }
    }
  });
});

describe("files", () => {
  async function saved(format: string): Promise<{ name: string; bytes: Buffer }> {
    const before = (await calls("save")).length;
    await open.page.locator("#export").click();
    await open.page.locator(`#export-${format}`).click();
    await expect.poll(async () => (await calls("save")).length, { timeout: 60_000 }).toBe(before + 1);
    const file = await open.page.evaluate(() => window.fakeAttention.saved());
    if (file?.format !== format) throw new Error(`saved ${file?.format}`);
    return { name: file.name, bytes: Buffer.from(file.base64, "base64") };
  }

  it.each([["sentence", "heatmap"], ["sentence", "grid"], ["sentence", "heads"], ["sentence", "model"], ["sentence", "average"], ["vit", "overlay"]] as const)("hold the %s's %s as a drawing and a picture twice its size", async (scene, id) => {
    await openPage(scene);
    await view(id);
    const svg = await saved("svg");
    expect(svg.name).toMatch(/\.svg$/);
    const drawn = await sharp(svg.bytes).metadata();
    const picture = (await saved("png")).bytes;
    await writeFile(`test-output/screenshots/webview-attention-export-${id}.png`, picture);
    const png = await sharp(picture).metadata();
    expect([png.format, png.width, png.height]).toEqual(["png", 2 * (drawn.width ?? 0), 2 * (drawn.height ?? 0)]);
    expect(svg.bytes.toString()).not.toContain("NaN");
  });

  it("hold the numbers that are shown", async () => {
    await openPage("sentence");
    await type("head", "2");
    const { name, bytes } = await saved("json");
    expect(name).toBe("review.attention.layer0.head2.json");
    const json = JSON.parse(bytes.toString()) as { attention: { weights: number[][] }; tokens: { token: string }[]; layer: number; head: number; settings: { hideSpecial: boolean }; agreement: { correlation: number } };
    expect(json).toMatchObject({ layer: 0, head: 2, settings: { hideSpecial: false }, agreement: { correlation: 0.31 } });
    expect(json.tokens.map(({ token }) => token).slice(0, 3)).toEqual(["[CLS]", "the", "film"]);
    expect(json.attention.weights[4]?.[13]).toBeCloseTo(await weight("sentence", 0, 2, 4, 13), 6);
  });

  it("hold a page that works alone, without any network", async () => {
    await openPage("sentence");
    await view("heads");
    const { name, bytes } = await saved("html");
    expect(name).toBe("review.attention.layer0.heads.html");
    // A token that would end the element it stands in.
    const content = bytes.toString().replaceAll('"wonderful"', '"</script><b>"');
    const harness = await harnessOf("text");
    const html = attentionPage({ script: harness.script, style: harness.style, content, language: "en" });
    const context = await open.page.context().browser()?.newContext({ viewport: { width: 1180, height: 860 }, colorScheme: "dark", offline: true });
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
    const mean = (await Promise.all(Array.from({ length: 8 }, (_, head) => weight("sentence", 5, head, 0, 0)))).reduce((a, b) => a + b) / 8;
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
    await openPage("long");
    await type("layer", "2");
    await expect.poll(() => root().getAttribute("data-state")).toBe("done");
    const { bytes } = await saved("html");
    const content = JSON.parse(bytes.toString()) as { layers: Record<string, unknown> };
    expect(Object.keys(content.layers)).toEqual(["0", "2"]);
    const harness = await harnessOf("text");
    const page = await open.page.context().newPage();
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
      if (scene === "vit") await open.page.context().close();
      await openPage(scene, theme);
      for (const id of views) {
        await view(id);
        await open.shot(`attention-${id}-${theme}`);
      }
    }
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openPage("sentence", "vscode-light", {}, strings);
    expect(await open.page.locator(".tab").allTextContents()).toEqual(["ヒートマップ", "格子", "ヘッドビュー", "モデルビュー", "平均"]);
    await open.shot("attention-japanese");
  });
});
