/** @file The attention page in a browser, with a fake host: what each view shows and says, by mouse and by keyboard. */
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { AttentionPages } from "./webviewHarness/attentionPages.js";

const on = new AttentionPages();

afterEach(async () => expect(await on.close()).toEqual([]));
afterAll(() => on.end());

describe("the line that is always there", () => {
  it("says what attention is not evidence of, with the number measured here", async () => {
    await on.show("sentence");
    expect(await on.text("#evidence")).toBe("Attention shows where a model mixes information, not why it answers. Here its ranking of the 12 tokens agrees with the gradient's by ρ = 0.31.");
    await on.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: { correlation: -0.2, tokens: 5, method: "input-x-gradient" } }));
    await expect.poll(() => on.text("#evidence")).toContain("by ρ = −0.20.");
    await on.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: { correlation: null, tokens: 12, method: "input-x-gradient" } }));
    await expect.poll(() => on.text("#evidence")).toContain("their agreement has no number");
    await on.page.evaluate(() => window.fakeAttention.show("sentence", { agreement: undefined, predictions: [], target: undefined, relevance: undefined }));
    await expect.poll(() => on.text("#evidence")).toContain("no score");
    for (const id of ["grid", "heads", "model", "average"]) {
      await on.view(id);
      expect(await on.page.locator("#evidence").isVisible()).toBe(true);
    }
  });
});

describe("the heatmap", () => {
  it("reads the weight under the pointer, and lists what a clicked query attends to", async () => {
    await on.show("sentence");
    await on.type("head", "1");
    const at = await on.cell(2, 3);
    await on.page.mouse.move(at.x, at.y);
    const expected = (await on.weight("sentence", 0, 1, 2, 3)).toFixed(3);
    await expect.poll(() => on.text("#readout")).toBe(`“film” attends to “was”: ${expected}`);
    await on.open.shot("attention-heatmap-hover");
    await on.page.mouse.click(at.x, at.y);
    await expect.poll(() => on.text(on.keysHeading)).toBe("What “film” attends to");
    const first = on.page.locator(`${on.table} .keys tbody tr`).first();
    expect(await first.locator("th").textContent()).toBe("was");
    expect(await first.locator("td").first().textContent()).toBe(expected);
    const [highlight] = await on.calls("highlight");
    expect(highlight?.args).toMatchObject({ token: 2, keys: expect.arrayContaining([{ token: 3, weight: expect.closeTo(Number(expected), 3) as number }]) as unknown });
    // Another head's keys are marked when it is shown.
    await on.type("head", "2");
    await expect.poll(async () => (await on.calls("highlight")).at(-1)?.args).toMatchObject({ token: 2, keys: [{ token: 13 }, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}] });
    // The same token again takes the marks away.
    await on.page.mouse.click(at.x, at.y);
    await expect.poll(async () => (await on.calls("highlight")).at(-1)?.args).toEqual({ token: undefined, keys: [] });
  });

  it("is walked with the arrow keys", async () => {
    await on.show("sentence");
    await on.type("head", "0");
    await on.page.locator("#matrix").focus();
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"]) await on.page.keyboard.press(key);
    await expect.poll(() => on.text("#readout")).toBe(`“film” attends to “the”: ${(await on.weight("sentence", 0, 0, 2, 1)).toFixed(3)}`);
    await on.page.keyboard.press("End");
    await expect.poll(() => on.text("#readout")).toContain("“[SEP]”");
    await on.page.keyboard.press("Enter");
    await expect.poll(() => on.text(on.keysHeading)).toBe("What “film” attends to");
  });

  it("takes layers and heads as people write them", async () => {
    await on.show("sentence");
    await on.type("layer", "-1");
    await expect.poll(() => on.page.locator("#layer").inputValue()).toBe("5");
    expect(await on.text("#title")).toBe("review.txt · sentiment · Layer 5, mean of its heads");
    await on.type("layer", "6");
    expect(await on.page.locator("#layer").getAttribute("aria-invalid")).toBe("true");
    await on.type("layer", "2");
    await on.type("head", "-1");
    await expect.poll(() => on.text("#title")).toContain("Layer 2, head 7");
    await on.type("head", "mean");
    await expect.poll(() => on.text("#title")).toContain("Layer 2, mean of its heads");
    await on.page.locator("#head").focus();
    await on.page.keyboard.press("ArrowDown");
    await expect.poll(() => on.text("#title")).toContain("Layer 2, head 0");
  });

  it("hides special tokens and says that rows are renormalised", async () => {
    await on.show("sentence");
    await on.type("head", "3");
    await on.page.locator("#hide-special").click();
    await expect.poll(() => on.text("#hints")).toContain("renormalised over the tokens that are left");
    await on.page.locator("#matrix").focus();
    await on.page.keyboard.press("ArrowRight");
    // The first of the twelve words that are left, towards itself: its weight over the sum of those that are left.
    const kept = await Promise.all(Array.from({ length: 12 }, (_, i) => on.weight("sentence", 0, 3, 1, i + 1)));
    await expect.poll(() => on.text("#readout")).toBe(`“the” attends to “the”: ${((kept[0] ?? NaN) / kept.reduce((a, b) => a + b)).toFixed(3)}`);
  });

  it("leaves out what lies below the threshold and beyond the strongest keys, and says so", async () => {
    await on.show("sentence");
    await on.type("head", "4");
    await on.page.locator("#threshold").fill("0.5");
    await expect.poll(() => on.text("#hints")).toMatch(/Weights below 0\.\d+ are not drawn/);
    // A quarter of the largest weight: the slider's share squared.
    const largest = Math.max(...(await Promise.all(Array.from({ length: 196 }, (_, i) => on.weight("sentence", 0, 4, Math.floor(i / 14), i % 14)))));
    expect(await on.text(".with-output output[for=threshold]")).toBe((0.25 * largest).toFixed(3));
    await on.page.locator("#threshold").fill("0");
    await on.choose("top", "3");
    const at = await on.cell(5, 5);
    await on.page.mouse.click(at.x, at.y);
    await expect.poll(() => on.page.locator(`${on.table} .keys tbody tr`).count()).toBe(3);
  });

  it("zooms, and fits again", async () => {
    await on.show("long");
    const box = await on.page.locator("#matrix").boundingBox();
    if (!box) throw new Error("no heatmap here");
    await on.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    expect(await on.page.locator("#fit").isVisible()).toBe(false);
    await on.page.mouse.wheel(0, -1200);
    await expect.poll(() => on.page.locator("#fit").isVisible()).toBe(true);
    await on.open.shot("attention-heatmap-zoomed");
    await on.page.locator("#fit").click();
    await expect.poll(() => on.page.locator("#fit").isVisible()).toBe(false);
  });
});

describe("pairs", () => {
  it("show one part attending to another, cut out as it is", async () => {
    await on.show("pair");
    await on.type("head", "2");
    await on.choose("pairs", "A → B");
    await expect.poll(() => on.text("#hints")).toBe("A slice of the pair, not renormalised: its rows need not sum to 1.");
    await on.page.locator("#matrix").focus();
    for (const key of ["ArrowRight", "End"]) await on.page.keyboard.press(key);
    // From the first token of the first text to the last of the second.
    await expect.poll(() => on.text("#readout")).toBe(`“[CLS]” attends to “[SEP]”: ${(await on.weight("pair", 0, 2, 0, 10)).toFixed(3)}`);
    await on.page.keyboard.press("Home");
    await expect.poll(() => on.text("#readout")).toContain("“someone”");
    await on.view("heads");
    expect(await on.page.locator(".tokens.from .token").count()).toBe(7);
    expect(await on.page.locator(".tokens.to .token").allTextContents()).toEqual(["someone", "makes", "music", "[SEP]"]);
    await on.open.shot("attention-pair-heads");
  });

  it("are not offered for single texts", async () => {
    await on.show("sentence");
    expect(await on.page.locator("#pairs").isVisible()).toBe(false);
  });
});

describe("the head view", () => {
  it("shows only a token's lines while it is pointed at, with their numbers", async () => {
    await on.show("sentence");
    await on.view("heads");
    const token = on.page.locator(".tokens.from .token").nth(2);
    await token.hover();
    const means = await Promise.all(Array.from({ length: 14 }, async (_, key) => {
      const all = await Promise.all(Array.from({ length: 8 }, (__, head) => on.weight("sentence", 0, head, 2, key)));
      return all.reduce((a, b) => a + b) / 8;
    }));
    await expect.poll(() => on.text("#readout")).toMatch(new RegExp(`^“film” attends to “[^”]+” ${Math.max(...means).toFixed(3)}, “`));
    expect(await on.page.locator(".gap").getAttribute("data-dimmed")).toBe("");
    await on.open.shot("attention-heads-hover");
    await on.page.mouse.move(5, 5);
    await expect.poll(() => on.page.locator(".gap").getAttribute("data-dimmed")).toBeNull();
    await on.page.locator(".tokens.from .token").first().focus();
    await on.page.keyboard.press("ArrowDown");
    await expect.poll(() => on.text("#readout")).toContain("“the” attends to");
    await on.page.keyboard.press("ArrowRight");
    await expect.poll(() => on.text("#readout")).toContain("“the” gets most from");
    await on.page.keyboard.press("Enter");
    expect((await on.calls("highlight")).at(-1)?.args).toMatchObject({ token: 1 });
  });

  it("draws the strongest line in full colour, in rows that fill the room, and by heads on demand", async () => {
    await on.show("sentence");
    await on.view("heads");
    const strongest = () => on.page.locator(".gap .lines").first().evaluate((canvas: HTMLCanvasElement) => {
      const pixels = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.reduce((most, value, i) => (i % 4 === 3 ? Math.max(most, value) : most), 0);
    });
    await expect.poll(strongest).toBe(255);
    const [room, rows] = [await on.page.locator(".head-scroll").boundingBox(), await on.page.locator(".tokens.from .token").evaluateAll((all) => all.map((token) => token.getBoundingClientRect().bottom))];
    expect(rows.at(-1)! - room!.y).toBeGreaterThan(0.75 * room!.height);
    expect(rows.at(-1)! - room!.y).toBeLessThanOrEqual(room!.height);
    await on.choose("lines", "Weight ÷ heads");
    await expect.poll(() => on.text("#hints")).toContain("divided by the number of heads that are on");
    // Lines that cross add up.
    await expect.poll(strongest).toBeLessThan(255);
  });

  it("switches heads, keeps the last one, and isolates with a double click", async () => {
    await on.show("pair");
    await on.view("heads");
    const pressed = () => on.page.locator(".head-switch").evaluateAll((all) => all.map((one) => one.getAttribute("aria-pressed") === "true"));
    const head = (i: number) => on.page.locator(`.head-switch[data-head="${i}"]`);
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
    await on.show("long");
    await on.view("heads");
    expect(await on.text("#hints")).toContain("The 10 strongest keys of each query and head are drawn.");
    await on.choose("top", "All");
    await expect.poll(() => on.text("#hints")).toContain("strongest lines are drawn");
    expect(await on.page.locator(".tokens.to .token").count()).toBe(512);
  });
});

describe("many heads", () => {
  it("stand in a grid with their numbers, sorted, and open", async () => {
    await on.show("sentence");
    await on.view("grid");
    const titles = () => on.page.locator("#grid .tile-title").allTextContents();
    expect(await titles()).toEqual(Array.from({ length: 8 }, (_, i) => `head ${i}`));
    await on.choose("order", "by entropy");
    // The head that looks everywhere alike has the largest entropy.
    await expect.poll(async () => (await titles()).at(-1)).toBe("head 5");
    const numbers = await on.page.locator(`${on.table} .heads tbody tr td:nth-child(2)`).allTextContents();
    expect(numbers.map(Number)).toEqual(numbers.map(Number).toSorted((a, b) => a - b));
    await on.choose("order", "by distance");
    // The one around the diagonal is nearest.
    await expect.poll(async () => (await titles())[0]).toBe("head 4");
    await on.page.locator('#grid .head-tile[data-head="4"]').click();
    await expect.poll(() => on.text("#title")).toBe("review.txt · sentiment · Layer 0, head 4");
    expect(await on.root().getAttribute("data-view")).toBe("heatmap");
  });

  it("make up the model view, which is walked with the arrow keys and asks for no weights", async () => {
    await on.show("sentence");
    await on.view("model");
    const before = (await on.calls("layer")).length;
    expect(await on.page.locator("#model .head-tile").count()).toBe(48);
    await on.page.locator('#model .head-tile[tabindex="0"]').focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown"]) await on.page.keyboard.press(key);
    await expect.poll(() => on.text("#readout")).toMatch(/^Layer 2, head 1, entropy \d\.\d\d, distance \d\.\d\d$/);
    expect((await on.calls("layer")).length).toBe(before);
    await on.page.keyboard.press("Enter");
    await expect.poll(() => on.text("#title")).toContain("Layer 2, head 1");
  });
});

describe("the average", () => {
  it("tells for every token what it attends to most, marks it, and has its alternatives", async () => {
    await on.show("sentence");
    await on.view("average");
    const rows = await on.page.locator("#links tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((part) => part.textContent)));
    expect(rows.length).toBe(14);
    // Half of the heads look at the token before, after or around.
    expect(rows[2]?.slice(0, 2)).toEqual(["film", "was"]);
    await on.page.locator("#links tbody tr").nth(2).locator("button").focus();
    await on.page.keyboard.press("Enter");
    await expect.poll(async () => (await on.calls("highlight")).at(-1)?.args).toMatchObject({ token: 2 });
    await on.choose("source", "Rollout");
    await expect.poll(() => on.text("#title")).toContain("Rollout");
    await on.choose("source", "Relevance");
    await expect.poll(() => on.page.locator("#zero-diagonal").isVisible()).toBe(true);
    const own = () => on.page.locator("#legend .raw span:last-child").textContent();
    const hidden = Number(await own());
    await on.page.locator("#zero-diagonal").click();
    // Each token's own relevance is one and more here.
    await expect.poll(async () => Number(await own())).toBeGreaterThan(1);
    expect(hidden).toBeLessThan(1);
  });

  it("weighs by the gradient of another class, which is asked of the host", async () => {
    await on.show("sentence");
    await on.page.locator('.prediction[data-index="1"]').click();
    expect(await on.calls("setTarget")).toEqual([{ name: "setTarget", args: { target: 1 } }]);
  });
});

describe("images", () => {
  it("show what the class token attends to, and what a clicked patch does", async () => {
    await on.show("vit");
    expect(await on.root().getAttribute("data-view")).toBe("overlay");
    expect(await on.text("#title")).toBe("cat.jpg · deit · Layer 3, mean of its heads");
    expect(await on.text(on.keysHeading)).toBe("What “[CLS]” attends to");
    expect(await on.text("#hints")).toMatch(/of its attention stays on tokens that stand for no patch \(\[CLS\], \[DIST\]\)/);
    await on.choose("query", "[DIST]");
    await expect.poll(() => on.text(on.keysHeading)).toBe("What “[DIST]” attends to");
    await on.page.locator("#overlay").focus();
    for (const key of ["ArrowUp", "ArrowLeft", "Enter"]) await on.page.keyboard.press(key);
    const heading = (await on.text(on.keysHeading)) ?? "";
    const [, row, column] = /patch (\d+),(\d+)/.exec(heading) ?? [];
    // Patches look at themselves most.
    await expect.poll(() => on.page.locator(`${on.table} .keys tbody tr th`).first().textContent()).toBe(`${row},${column}`);
    expect(await on.calls("highlight")).toEqual([]);
    await on.open.shot("attention-overlay-patch");
    await on.choose("source", "Rollout");
    await expect.poll(() => on.text("#title")).toContain("Rollout");
  });

  it("put the windows of a layer in their places, moved ones too, and say when these are not known", async () => {
    await on.show("swin");
    expect(await on.text("#empty p")).toContain("is not known");
    await on.type("layer", "0");
    await expect.poll(() => on.root().getAttribute("data-state")).toBe("done");
    expect(await on.text("#hints")).toContain("Each window of this layer attends within itself");
    await on.type("layer", "1");
    await on.page.locator("#overlay").focus();
    for (const key of ["ArrowUp", "Enter"]) await on.page.keyboard.press(key);
    await expect.poll(() => on.text("#hints")).toContain("within its window only, which is framed");
    expect(await on.page.locator(`${on.table} .keys tbody tr`).count()).toBe(16);
    await on.open.shot("attention-overlay-window");
    await on.view("average");
    expect(await on.text("#empty p")).toContain("look at different tokens");
    await on.page.locator("#empty-action").click();
    await expect.poll(() => on.root().getAttribute("data-view")).toBe("heatmap");
    await expect.poll(() => on.page.locator("#window").isVisible()).toBe(true);
  });
});
