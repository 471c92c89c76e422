/** @file A comparison's page in a browser, with a fake host: what the tiles show, what is linked, and what the tables say. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { ComparisonKind, ComparisonTile } from "../../src/protocol/comparison.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

const harnesses = new Map<ComparisonKind, Harness>();
let open: PanelPage;

/** A browser per kind of comparison, started when it is first needed. */
async function harnessOf(kind: ComparisonKind): Promise<Harness> {
  const config = { page: "comparison", kind, image: "file:///workspace/images/cat.jpg", model: "file:///workspace/models/resnet50.onnx", view: { opacity: 0.6, colormap: "viridis" } } as const;
  const harness = harnesses.get(kind) ?? (await startHarness(config, "./fakeComparisonHost.ts"));
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

async function openPage(kind: ComparisonKind, theme: ThemeKind = "vscode-dark", isDone = true, strings: Readonly<Record<string, string>> = {}): Promise<void> {
  open = await (await harnessOf(kind)).open(theme, { width: 1240, height: 1180 }, strings);
  await open.page.locator('.tile[data-id="original"]').waitFor();
  if (!isDone) return;
  await open.page.evaluate(() => window.fakeComparison.finish());
  await open.page.locator('#whylight[data-state="done"]').waitFor();
}

const calls = () => open.page.evaluate(() => window.fakeComparison.calls.map(({ name, args }) => ({ name, args })));
const order = () => open.page.locator("#tiles > .tile").evaluateAll((tiles) => tiles.map((tile) => (tile as HTMLElement).dataset["id"]));
const tile = (id: string) => open.page.locator(`.tile[data-id="${id}"]`);
const valueOf = (id: string) => tile(id).locator(".tile-value").textContent();
const setTile = (id: string, change: Partial<ComparisonTile>) => open.page.evaluate(([which, by]) => window.fakeComparison.tile(which, by), [id, change] as const);

async function choose(id: string, option: string): Promise<void> {
  await open.page.locator(`#${id}`).click();
  await open.page.locator(`#${id} vscode-option`, { hasText: option }).click();
}

describe("tiles", () => {
  it("come one by one, with progress and a failure in its own place", async () => {
    await openPage("methods", "vscode-dark", false);
    expect(await order()).toEqual(["original", "grad-cam", "saliency", "smoothgrad", "integrated-gradients"]);
    const boxes = async () => (await open.page.locator(".tile .stage").all()).reduce(async (all, stage) => [...(await all), await stage.boundingBox()], Promise.resolve<unknown[]>([]));
    const before = await boxes();
    await open.page.evaluate(() => window.fakeComparison.tile("grad-cam", { status: "done", explanation: window.fakeComparison.explain("grad-cam") }));
    await setTile("saliency", { status: "failed", failure: { code: "layerUnsuitable", text: "The layer does not fit. Choose another." } });
    await open.page.evaluate(() => window.fakeComparison.tile("smoothgrad", {
      status: "running", busy: { phase: "computing", done: 12, total: 50, text: "Computing" }, explanation: window.fakeComparison.explain("smoothgrad", { partial: { done: 12, total: 50 } }),
    }));
    await expect.poll(() => tile("smoothgrad").locator(".tile-status").textContent()).toBe("Computing · 12 of 50");
    expect(await tile("saliency").locator(".tile-failure").textContent()).toBe("The layer does not fit. Choose another.");
    expect(await open.page.locator("#progress-text").textContent()).toBe("1 of 4 maps");
    expect(await open.page.locator("#progress-bar").getAttribute("aria-valuenow")).toBe("31");
    const after = await boxes();
    expect(after).toEqual(before);
    await open.shot("compare-running");
    await open.page.locator("#cancel").click();
    expect(await calls()).toEqual([{ name: "cancel", args: {} }]);
    await setTile("smoothgrad", { status: "stopped", busy: undefined });
    await setTile("integrated-gradients", { status: "stopped" });
    await expect.poll(() => tile("smoothgrad").locator(".tile-status").textContent()).toBe("Stopped · 12 of 50 so far");
    await open.page.locator("#resume").click();
    expect((await calls()).at(-1)).toEqual({ name: "resume", args: {} });
  });

  it("say which scale they have", async () => {
    await openPage("methods");
    await expect.poll(() => tile("saliency").locator(".tile-scale").textContent()).toBe("own scale");
    await choose("scale", "One for all");
    await expect.poll(() => tile("saliency").locator(".tile-scale").textContent()).toBe("one scale for all");
    expect(await open.page.locator("#no-unit").textContent()).toBe("Raw values of different methods have no common unit.");
    const ends = await Promise.all(["grad-cam", "saliency"].map((id) => tile(id).locator(".legend .raw span:last-child").textContent()));
    expect(ends[0]).toBe(ends[1]);
  });

  it("mark the same place everywhere and read their values there", async () => {
    await openPage("methods");
    const box = (await tile("saliency").locator(".map").boundingBox())!;
    await open.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(() => valueOf("grad-cam")).toMatch(/^0\.\d\d · raw /);
    for (const id of ["saliency", "smoothgrad", "integrated-gradients"]) expect(await valueOf(id)).toMatch(/ · raw /);
    expect(await valueOf("original")).toMatch(/^at \(3\d\d, 2\d\d\)$/);
    await open.page.mouse.move(box.x + 3, box.y + 3);
    await expect.poll(() => valueOf("grad-cam")).toBe("no value here");
  });

  it("zoom together, and fit together", async () => {
    await openPage("methods");
    const pixels = (id: string) => tile(id).locator(".map").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const before = await pixels("original");
    await tile("saliency").locator(".map").hover();
    await open.page.mouse.wheel(0, -600);
    await open.page.locator("#fit:not([disabled])").waitFor();
    await open.page.mouse.move(2, 2);
    await expect.poll(async () => (await pixels("original")) !== before).toBe(true);
    await open.page.locator("#fit").click();
    await expect.poll(async () => (await pixels("original")) === before).toBe(true);
  });

  it("change places with the keyboard and by dragging, open, and go", async () => {
    await openPage("methods");
    await tile("saliency").locator('[data-icon="before"]').focus();
    await open.page.keyboard.press("Enter");
    await tile("smoothgrad").locator(".tile-head").dragTo(tile("grad-cam").locator(".tile-head"));
    await tile("grad-cam").locator('[data-icon="remove"]').click();
    await tile("grad-cam").locator(".tile-name").click();
    expect(await calls()).toEqual([
      { name: "setTiles", args: { ids: ["saliency", "grad-cam", "smoothgrad", "integrated-gradients"] } },
      { name: "setTiles", args: { ids: ["smoothgrad", "saliency", "grad-cam", "integrated-gradients"] } },
      { name: "setTiles", args: { ids: ["saliency", "smoothgrad", "integrated-gradients"] } },
      { name: "open", args: { id: "grad-cam" } },
    ]);
  });

  it("keep a pinned one first in every order, and the focus on its button", async () => {
    await openPage("methods");
    await tile("integrated-gradients").locator('[data-icon="pin"]').focus();
    await open.page.keyboard.press("Enter");
    await expect.poll(order).toEqual(["original", "integrated-gradients", "grad-cam", "saliency", "smoothgrad"]);
    expect(await open.page.evaluate(() => document.activeElement?.closest(".tile")?.getAttribute("data-id"))).toBe("integrated-gradients");
    await choose("order", "Fastest first");
    await expect.poll(order).toEqual(["original", "integrated-gradients", "grad-cam", "saliency", "smoothgrad"]);
    await choose("order", "Least noise first");
    await expect.poll(order).toEqual(["original", "integrated-gradients", "grad-cam", "smoothgrad", "saliency"]);
    await open.page.reload();
    await open.page.locator('.tile[data-id="original"]').waitFor();
    await open.page.evaluate(() => window.fakeComparison.finish());
    await expect.poll(order).toEqual(["original", "integrated-gradients", "grad-cam", "smoothgrad", "saliency"]);
  });

  it("are added and taken away by check boxes", async () => {
    await openPage("methods");
    await open.page.locator("#maps summary").click();
    await open.page.locator("#pick-input-x-gradient").click();
    await open.page.locator("#pick-saliency").click();
    expect(await calls()).toEqual([
      { name: "setTiles", args: { ids: ["grad-cam", "saliency", "smoothgrad", "integrated-gradients", "input-x-gradient"] } },
      { name: "setTiles", args: { ids: ["grad-cam", "smoothgrad", "integrated-gradients"] } },
    ]);
    await open.shot("compare-picker");
  });

  it("slide over each other", async () => {
    await openPage("methods");
    await choose("left", "Grad-CAM");
    await choose("right", "Saliency");
    await open.page.locator("#before-after").waitFor();
    await open.page.locator("#split").fill("0.25");
    expect(await open.page.locator("#stage-left").evaluate((stage) => stage.style.clipPath)).toMatch(/75%|25%/);
    await open.page.locator("#before-after").scrollIntoViewIfNeeded();
    await open.shot("compare-slider");
    await choose("left", "No slider");
    await open.page.locator("#before-after").waitFor({ state: "hidden" });
  });
});

describe("tables", () => {
  it("compare methods by cost, guarantee, noise and use", async () => {
    await openPage("methods");
    const head = await open.page.locator("#comparison thead th").allTextContents();
    expect(head).toEqual(["Method", "Cost", "Guarantee", "Noise", "Use"]);
    const rows = await open.page.locator("#comparison tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
    expect(rows[3]?.slice(0, 3)).toEqual(["Integrated Gradients", "1580 ms · 1 forward · 50 with gradient", "Adds up to the score's difference from the baseline · gap 0.4 %"]);
    const noise = rows.map((cells) => Number.parseFloat((cells[3] ?? "").replace("<", "")));
    expect(noise[0]).toBeLessThan(noise[2]!);
    expect(noise[2]).toBeLessThan(noise[1]!);
    const diagonal = await open.page.locator("#correlations tbody tr").evaluateAll((lines) => lines.map((line, i) => line.children[i + 1]?.textContent));
    expect(diagonal).toEqual(["1.00", "1.00", "1.00", "1.00"]);
  });

  it("say how far each baseline is from complete, and draw what they share and where they disagree", async () => {
    await openPage("baselines");
    expect(await order()).toEqual(["original", "black", "white", "random", "blur", "average", "disagreement"]);
    const gaps = await open.page.locator("#comparison tbody tr td:nth-child(3)").allTextContents();
    expect(gaps).toEqual(["0.4 %", "0.8 %", "1.2 %", "1.6 %"]);
    expect(await tile("black").locator(".tile-scale").textContent()).toBe("one scale for all");
    expect(await tile("disagreement").locator(".tile-scale").textContent()).toBe("own scale");
    await open.shot("compare-baselines");
  });

  it("say how the map changes from one number of samples to the next", async () => {
    await openPage("samples", "vscode-light");
    const rows = await open.page.locator("#comparison tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
    expect(rows.map(([name]) => name)).toEqual(["10 samples", "25 samples", "50 samples", "100 samples"]);
    const changes = rows.map((cells) => cells[3]);
    expect(changes[0]).toBe("–");
    expect(Number.parseFloat(changes[3] ?? "")).toBeLessThan(Number.parseFloat(changes[1] ?? ""));
    await open.page.locator("#sample-counts").fill("5, 20");
    await open.page.keyboard.press("Enter");
    await open.page.locator("#sample-counts").fill("5, many");
    await open.page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "setTiles", args: { ids: ["5", "20"] } }]);
    await open.shot("compare-samples");
  });
});

describe("for those who do not see the maps", () => {
  it("tells each as a row, and follows how it is drawn", async () => {
    await openPage("methods");
    await open.page.locator("#maps-table summary").click();
    const row = (id: string) => open.page.locator(`#measured [data-id="${id}"] td`).allTextContents();
    // The synthetic Grad-CAM has its hill at row 2, column 4 of 7: value 3 in the middle ninth.
    await expect.poll(() => row("grad-cam")).toEqual([expect.stringMatching(/^1\.00 \(raw 2\.\d+\) at \((379|380), (179|180)\)$/), expect.stringMatching(/^0\.\d\d$/), expect.stringMatching(/^middle centre, \d\d\.\d %$/)]);
    await open.page.locator("#smooth").click();
    await expect.poll(async () => (await row("grad-cam"))[0]).toBe("1.00 (raw 3) at (380, 180)");
  });
});

describe("themes", () => {
  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"] as const)("draws in %s", async (theme) => {
    await openPage("methods", theme);
    await open.page.mouse.move(500, 300);
    await open.shot(`compare-${theme}`);
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openPage("baselines", "vscode-light", true, strings);
    expect(await open.page.locator("#comparison thead th").allTextContents()).toEqual(["ベースライン", "計算量", "完全性のずれ", "ノイズ"]);
    await open.shot("compare-japanese");
  });

  it("fits a narrow panel, and shows one failure for all", async () => {
    await openPage("methods");
    await open.page.setViewportSize({ width: 480, height: 1000 });
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
    await open.shot("compare-narrow");
    await open.page.evaluate(() => window.fakeComparison.show({ failure: { code: "modelCorrupt", text: "The model is damaged. Copy it again.", actions: [{ id: "retry", title: "Retry" }] } }));
    await open.page.locator("#action-retry").click();
    expect(await calls()).toEqual([{ name: "act", args: { action: "retry" } }]);
  });
});
