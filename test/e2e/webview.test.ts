/** @file The panel's page in a browser, with a fake host: what it shows, what it asks, and what it does without asking. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PanelState } from "../../src/protocol/api.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import { imageSize, region } from "./webviewHarness/syntheticState.js";
import { themes, type ThemeKind } from "./webviewHarness/themes.js";

let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness?.close());
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.page.context().close();
});

/** The middle of the highest cell of the synthetic Grad-CAM, in image pixels. */
const peak = { x: region.x + 270, y: region.y + 150 };
const viridisEnd = [0xfd, 0xe7, 0x25];

async function openDone(theme: ThemeKind = "vscode-dark", method: "grad-cam" | "saliency" = "grad-cam"): Promise<void> {
  open = await harness.open(theme);
  await open.page.evaluate((id) => window.fakeHost.show({ explanation: window.fakeHost.explanation(id, 0), chosen: { method: id, target: "predicted", layer: undefined, score: "logit", parameters: {} } }), method);
  await open.page.locator('#whylight[data-state="done"]').waitFor();
}

const show = (change: Partial<PanelState>) => open.page.evaluate((state) => window.fakeHost.show(state), change);
const calls = () => open.page.evaluate(() => window.fakeHost.calls.map(({ name, args }) => ({ name, args })));
const readout = () => open.page.locator("#readout").textContent();

/** A place of the image on the page, while the whole image is fitted. */
async function onPage({ x, y }: { x: number; y: number }): Promise<{ x: number; y: number }> {
  const box = await open.page.locator("#map").boundingBox();
  if (!box) throw new Error("the map is not there");
  const scale = Math.min(box.width / imageSize.width, box.height / imageSize.height);
  return { x: box.x + (box.width - imageSize.width * scale) / 2 + (x + 0.5) * scale, y: box.y + (box.height - imageSize.height * scale) / 2 + (y + 0.5) * scale };
}

/** The colour the canvas shows at a place of the image. */
async function colorAt(place: { x: number; y: number }): Promise<number[]> {
  const at = await onPage(place);
  return open.page.evaluate(({ x, y }) => {
    const canvas = document.querySelector<HTMLCanvasElement>("#map");
    const box = canvas?.getBoundingClientRect();
    const context = canvas?.getContext("2d");
    return canvas && box && context ? [...context.getImageData((x - box.left) * (canvas.width / box.width), (y - box.top) * (canvas.height / box.height), 1, 1).data].slice(0, 3) : [];
  }, at);
}

const isNear = (color: readonly number[], wanted: readonly number[], reach = 6) => color.length === wanted.length && color.every((part, i) => Math.abs(part - (wanted[i] ?? 0)) <= reach);
const untilColor = (place: { x: number; y: number }, isRight: (color: number[]) => boolean) => expect.poll(async () => isRight(await colorAt(place)), { timeout: 10_000 }).toBe(true);

async function setSlider(id: string, value: number): Promise<void> {
  await open.page.locator(`#${id}`).fill(String(value));
}

async function choose(id: string, option: string): Promise<void> {
  await open.page.locator(`#${id}`).click();
  await open.page.locator(`#${id} vscode-option[title="${option}"]`).click();
}

describe("states", () => {
  it("goes from a skeleton over the image to the result, and nothing moves", async () => {
    open = await harness.open("vscode-dark");
    const boxes = async () => Promise.all(["#stage", "#method", "#facts"].map((place) => open.page.locator(place).boundingBox()));
    expect(await open.page.locator("#whylight").getAttribute("data-state")).toBe("loading");
    const before = await boxes();
    await open.shot("loading");
    await show({ busy: { phase: "compiling", done: 0, total: 0, text: "Compiling the model" } });
    await open.page.locator('#whylight[data-state="computing"]').waitFor();
    expect(await open.page.locator("#progress-text").textContent()).toBe("Compiling the model");
    await untilColor({ x: 600, y: 20 }, (color) => (color[2] ?? 0) > 180);
    await open.shot("computing");
    expect(await boxes()).toEqual(before);
    await open.page.evaluate(() => window.fakeHost.show({ explanation: window.fakeHost.explanation("grad-cam", 0) }));
    await open.page.locator('#whylight[data-state="done"][data-method="grad-cam"][data-target="0"]').waitFor();
    expect(await boxes()).toEqual(before);
    expect(await open.page.locator("#title").textContent()).toBe("cat on a wall.jpg · resnet50 · tabby cat 45.2 % · Grad-CAM at layer4.2/relu_2");
    expect(await open.page.locator("#facts").textContent()).toContain("ONNX Runtime 1.30.0, CPU · computed in 48 ms");
  });

  it("keeps the last result beside a failure with its next steps", async () => {
    await openDone();
    await setSlider("opacity", 1);
    await open.page.locator("#smooth").click();
    await open.page.evaluate(() => window.fakeHost.show({
      explanation: window.fakeHost.explanation("grad-cam", 0),
      failure: { code: "workerCrashed", text: "The process stopped. Try again.", actions: [{ id: "retry", title: "Retry" }, { id: "showLog", title: "Show log" }] },
    }));
    await open.page.locator('#whylight[data-state="failed"]').waitFor();
    expect(await open.page.locator("#failure p").textContent()).toBe("The process stopped. Try again.");
    await untilColor(peak, (color) => isNear(color, viridisEnd));
    await open.shot("failed");
    await open.page.locator("#action-retry").click();
    expect(await calls()).toEqual([{ name: "act", args: { action: "retry" } }]);
  });

  it.each(["vscode-dark", "vscode-light"] as const)("says what a long job will take, beside the picture that stays: %s", async (theme) => {
    await openDone(theme);
    const before = await open.page.locator("#map").boundingBox();
    await show({ busy: { phase: "computing", done: 3, total: 50, text: "Computing · about 40 s, up to 3.1 GB on onnxruntime" } });
    await expect.poll(() => open.page.locator("#progress-text").textContent()).toBe("Computing · about 40 s, up to 3.1 GB on onnxruntime · 3 of 50");
    expect(await open.page.locator("#progress-text").evaluate((text) => text.scrollWidth <= text.clientWidth)).toBe(true);
    expect(await open.page.locator("#map").boundingBox()).toEqual(before);
    expect(await open.page.locator("#cancel").isVisible()).toBe(true);
    await open.shot(`estimate-${theme}`);
    await open.page.setViewportSize({ width: 420, height: 800 });
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await open.shot(`estimate-narrow-${theme}`);
  });

  it("can be cancelled while it computes", async () => {
    await openDone();
    await show({ busy: { phase: "computing", done: 3, total: 10, text: "Computing" } });
    await open.page.locator("#cancel").click();
    expect(await calls()).toEqual([{ name: "cancel", args: {} }]);
    expect(await open.page.locator("#progress-bar").getAttribute("aria-valuenow")).toBe("30");
  });

  it("shows remarks beside the result", async () => {
    await openDone();
    await open.page.evaluate(() => window.fakeHost.show({ explanation: window.fakeHost.explanation("grad-cam", 0), notes: [{ code: "blankMap", text: "The map is the same everywhere." }] }));
    await open.page.locator("#notes li", { hasText: "The map is the same everywhere." }).waitFor();
  });
});

describe("reading and drawing, without computing", () => {
  it("reads the value under the pointer", async () => {
    await openDone();
    await open.page.locator("#smooth").click();
    const [at, outside] = [await onPage(peak), await onPage({ x: 5, y: 5 })];
    await open.page.mouse.move(at.x, at.y);
    await expect.poll(readout).toBe(`1.00 at (${peak.x}, ${peak.y}), raw 3`);
    await open.page.mouse.move(outside.x, outside.y);
    await expect.poll(readout).toBe("no value here");
    expect(await calls()).toEqual([]);
  });

  it("redraws for opacity, colour map and wipe", async () => {
    await openDone();
    await open.page.locator("#smooth").click();
    await setSlider("opacity", 1);
    await untilColor(peak, (color) => isNear(color, viridisEnd));
    await choose("colormap", "inferno");
    await untilColor(peak, (color) => isNear(color, [0xfc, 0xff, 0xa4]));
    await setSlider("opacity", 0);
    await untilColor(peak, (color) => isNear(color, [0x6b, 0x51, 0x38]));
    await setSlider("opacity", 1);
    await setSlider("wipe", 0.8);
    await untilColor(peak, (color) => isNear(color, [0x6b, 0x51, 0x38]));
    expect(await calls()).toEqual([]);
  });

  it("offers both signs in two colours, and takes the old map back after", async () => {
    await openDone("vscode-light", "saliency");
    await choose("values", "Signed sum of channels");
    await expect.poll(() => open.page.locator("#legend").textContent()).toContain("-1");
    expect(await open.page.locator("#colormap").evaluate((field) => (field as HTMLSelectElement).value)).toBe("diverging");
    await open.shot("signed");
    await choose("values", "Maximum of |channels|");
    await expect.poll(() => open.page.locator("#colormap").evaluate((field) => (field as HTMLSelectElement).value)).toBe("viridis");
    expect(await calls()).toEqual([]);
  });

  it("walks over the cells with the arrow keys", async () => {
    await openDone();
    await open.page.locator("#smooth").click();
    await open.page.locator("#map").focus();
    await open.page.keyboard.press("ArrowRight");
    await expect.poll(readout).toBe("0.67 at (320, 240), raw 2, row 4 of 7, column 4 of 7");
    await open.page.keyboard.press("ArrowRight");
    await open.page.keyboard.press("ArrowUp");
    await expect.poll(readout).toBe("1.00 at (380, 180), raw 3, row 3 of 7, column 5 of 7");
    await open.shot("keyboard");
    for (let i = 0; i < 9; i++) await open.page.keyboard.press("ArrowUp");
    await expect.poll(readout).toContain("row 1 of 7");
  });

  it("zooms with the wheel where the pointer is, drags, and fits again", async () => {
    await openDone();
    const at = await onPage(peak);
    await open.page.mouse.move(at.x, at.y);
    const before = await readout();
    await open.page.mouse.wheel(0, -600);
    await open.page.locator("#fit:not([disabled])").waitFor();
    await open.page.mouse.move(at.x, at.y);
    expect(await readout()).toBe(before);
    await open.page.mouse.down();
    await open.page.mouse.move(at.x + 60, at.y);
    await open.page.mouse.up();
    await open.page.mouse.move(at.x + 60, at.y);
    await expect.poll(async () => /\((\d+), /.exec((await readout()) ?? "")?.[1]).toBe(String(peak.x));
    await open.page.locator("#fit").click();
    await open.page.locator("#fit[disabled]").waitFor({ state: "attached" });
  });

  it("tells the map as a table", async () => {
    await openDone();
    await open.page.locator("#table summary").click();
    expect(await open.page.locator("#peak").textContent()).toMatch(/^1\.00 \(raw 2\.\d+\) at \((379|380), (179|180)\)$/);
    const shares = await open.page.locator("#table tbody td").allTextContents();
    expect(shares.length).toBe(9);
    expect(shares.reduce((sum, share) => sum + Number.parseFloat(share), 0)).toBeCloseTo(100, 0);
  });

  it("keeps the view across a reload of the page", async () => {
    await openDone();
    await setSlider("opacity", 0.25);
    await open.page.reload();
    await expect.poll(() => open.page.locator("#opacity").inputValue()).toBe("0.25");
  });
});

describe("themes", () => {
  it.each(Object.keys(themes) as ThemeKind[])("draws in %s", async (theme) => {
    await openDone(theme);
    await untilColor({ x: 600, y: 20 }, (color) => (color[2] ?? 0) > 180);
    await open.shot(theme);
  });

  it("fits a narrow panel", async () => {
    await openDone();
    await open.page.setViewportSize({ width: 480, height: 900 });
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
    await open.shot("narrow");
  });
});
