/** @file A misclassification report's page in a browser, with a fake host: what it says of each kind of mistake, what is linked, and what it asks for. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { DebugState, Sentence } from "../../src/protocol/debug.js";
import { sentenceText } from "../../src/protocol/debugTexts.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import { debugReport, reportKinds, type ReportKind } from "./webviewHarness/syntheticDebug.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

const config = {
  page: "debug", image: "file:///workspace/shortcut/mug/03.jpg", model: "file:///workspace/models/scenes.onnx", label: "mug", labelFrom: "folder", expected: undefined, among: "file:///workspace/shortcut",
  view: { opacity: 0.6, colormap: "viridis" },
} as const;
let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness(config, "./fakeDebugHost.ts");
});
afterAll(() => harness.close());
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.page.context().close();
});

async function openPage(kind?: ReportKind, theme: ThemeKind = "vscode-dark", strings: Readonly<Record<string, string>> = {}, viewport = { width: 1240, height: 900 }): Promise<void> {
  open = await harness.open(theme, viewport, strings);
  await open.page.locator('#whylight[data-state="loading"]').waitFor();
  if (kind) await show(kind);
}

async function show(kind: ReportKind, change: Partial<DebugState> = {}): Promise<void> {
  await open.page.evaluate(([which, by]) => window.fakeDebug.show(which, by), [kind, change] as const);
  await open.page.locator("#whylight:not([data-no-report])").waitFor();
}

const at = (selector: string) => open.page.locator(selector);
const calls = () => open.page.evaluate(() => window.fakeDebug.calls.map(({ name, args }) => ({ name, args })));
const change = (by: Partial<DebugState>) => open.page.evaluate((next) => window.fakeDebug.change(next), by);
const tile = (id: string) => at(`.tile[data-id="${id}"]`);
const valueOf = (id: string) => tile(id).locator(".tile-value").textContent();
const pixels = (id: string) => tile(id).locator(".map").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
const pictures = (id: string) => expect.poll(() => pixels(id));

describe("a report", () => {
  it("has its places before it comes, and the maps do not move when it does", async () => {
    await openPage();
    expect(await at("#progress-text").textContent()).toBe("Reading the model");
    await open.fullShot("debug-loading");
    const boxes = () => at(".map-row .stage").evaluateAll((stages) => stages.map((stage) => { const { x, y, width } = stage.getBoundingClientRect(); return [x, y, width].map(Math.round); }));
    // The synthetic picture is four by three, as is the place before a picture is known.
    const before = await boxes();
    expect(before).toHaveLength(6);
    await show("shortcut");
    expect(await boxes()).toEqual(before);
    await at("#cancel").waitFor({ state: "hidden" });
  });

  it("tells the verdict, the classes with their ranks, and the causes with what speaks for them", async () => {
    await openPage("shortcut");
    expect(await at("#title").textContent()).toBe("03.jpg · scenes · Misclassification report");
    const report = debugReport("shortcut");
    const english = (sentence: Sentence) => sentenceText(sentence, (text) => text);
    expect(await at("#verdict").textContent()).toBe(english(report.verdict));
    const ranking = await at("#ranking .ranked").evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).filter((text) => text !== "").join(" ")));
    expect(ranking).toEqual(["1 balloon 91.2 %", "2 flower expected 4.1 %", "3 fish 1.9 %", "4 butterfly 1.1 %", "5 sailboat 0.6 %", "6 mug true 0.5 %"]);
    const causes = await at("#causes > li").evaluateAll((items) => (items as HTMLElement[]).map((item) => [item.dataset["id"], item.dataset["strength"], ...[...item.querySelectorAll("p")].map((line) => line.textContent)]));
    expect(causes).toEqual(report.causes.map(({ id, strength, evidence }) => [id, strength, ...evidence.map(english)]));
    expect(causes[0]?.slice(0, 2)).toEqual(["background", "strong"]);
    // Every finding is said, and the first cause's are not said again below "Also found".
    const said = await at(".evidence p").allTextContents();
    expect(report.findings.map(english).filter((text) => !said.includes(text))).toEqual([]);
    expect((await at("#findings-list p").allTextContents()).filter((text) => causes[0]?.includes(text))).toEqual([]);
    await open.fullShot("debug-shortcut");
  });

  it("reads the same place on every map, by pointer and by keys", async () => {
    await openPage("shortcut");
    const box = (await tile("grad-cam/predicted").locator(".map").boundingBox())!;
    await open.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    for (const id of ["grad-cam/predicted", "grad-cam/true", "grad-cam/contrast", "integrated-gradients/true"]) await expect.poll(() => valueOf(id)).toMatch(/^-?\d\.\d\d · raw /);
    expect(await valueOf("original")).toMatch(/^at \(3\d\d, 2\d\d\)$/);
    await open.page.mouse.move(box.x + 2, box.y + 2);
    await expect.poll(() => valueOf("grad-cam/true")).toBe("no value here");
    await open.page.mouse.move(2, 2);
    await expect.poll(() => valueOf("original")).toBe("640 × 480 pixels");
    await tile("grad-cam/predicted").locator(".map").focus();
    // Seven by seven cells: the first step stands in the middle, (3, 3), nine more upwards and leftwards end in the corner, where the hill of 3 is.
    await open.page.keyboard.press("ArrowUp");
    await open.page.keyboard.press("Shift+ArrowUp");
    await open.page.keyboard.press("Shift+ArrowLeft");
    await expect.poll(() => valueOf("grad-cam/predicted")).toMatch(/^(0\.9\d|1\.00) · raw (2\.\d+|3)$/);
  });

  it("outlines what a finding is about, on every picture and by keyboard too", async () => {
    await openPage("shortcut");
    await open.page.mouse.move(2, 2);
    const before = { original: await pixels("original"), contrast: await pixels("integrated-gradients/contrast") };
    await at('[data-code="cornerMass"]').first().hover();
    await pictures("original").not.toBe(before.original);
    await pictures("integrated-gradients/contrast").not.toBe(before.contrast);
    // The picture stays in view beside what is said of it.
    const box = (await tile("original").boundingBox())!;
    expect(box.y).toBeGreaterThanOrEqual(0);
    await open.shot("debug-outlined");
    await open.page.mouse.move(2, 2);
    await pictures("original").toBe(before.original);
    await at('[data-code="maskChanges"]').first().focus();
    await pictures("original").not.toBe(before.original);
    expect(await at('[data-code="sureOfMistake"]').getAttribute("tabindex")).toBeNull();
  });

  it("zooms all pictures together, and fits them together", async () => {
    await openPage("shortcut");
    const before = await pixels("original");
    await tile("grad-cam/true").locator(".map").hover();
    await open.page.mouse.wheel(0, -600);
    await at("#fit:not([disabled])").waitFor();
    await open.page.mouse.move(2, 2);
    await pictures("original").not.toBe(before);
    await at("#fit").click();
    await open.page.mouse.move(2, 2);
    await pictures("original").toBe(before);
  });

  it("lists what was tried: the most telling first, and all on demand, with what fixes it marked", async () => {
    await openPage("shortcut");
    const rows = () => at("#tried tr[data-id]").evaluateAll((lines) => lines.map((line) => (line as HTMLElement).dataset["id"]));
    expect(await rows()).toEqual(["mask-hot", "mask-elsewhere", "mask-hot-mean", "mask-elsewhere-mean", "keep-hot", "crop-0.6", "crop-bottomRight", "flip", "rotate-5", "darker", "channels-bgr"]);
    expect(await at("#tried tr[data-fixes]").count()).toBe(4);
    expect(await at(".tried .hint").textContent()).toBe("4 of 30 changes put the true class first.");
    await at("#more-tried").click();
    expect(await rows()).toHaveLength(30);
    expect(await at('#tried tr[data-id="crop-0.6"]').locator("th, td").allTextContents()).toEqual(["only the middle 60 %", "fixes it mug", expect.stringMatching(/ %$/), "79.0 %"]);
  });

  it("shows near files as their pictures come, and opens one as a report or as an image", async () => {
    await openPage("shortcut");
    expect(await at("#neighbours li").count()).toBe(6);
    expect(await at("#neighbours canvas[data-skeleton]").count()).toBe(6);
    await open.page.evaluate(() => window.fakeDebug.neighbours());
    await expect.poll(() => at("#neighbours canvas[data-skeleton]").count()).toBe(0);
    await at('#neighbours [data-file="mug/03.jpg"] .near-open').click();
    await at('#neighbours [data-file="flower/06.jpg"] .link').click();
    expect(await calls()).toEqual([{ name: "openNeighbour", args: { file: "mug/03.jpg", as: "report" } }, { name: "openNeighbour", args: { file: "flower/06.jpg", as: "image" } }]);
  });

  it("opens a map or a class, and exports in every format", async () => {
    await openPage("shortcut");
    await tile("grad-cam/true").locator(".tile-name").click();
    await at('#ranking [data-index="6"] .ranked').click();
    expect(await tile("integrated-gradients/contrast").locator(".tile-name").isDisabled()).toBe(true);
    for (const format of ["html", "markdown", "json", "text"]) {
      await at("#export").click();
      await at(`#export-${format}`).click();
    }
    expect(await calls()).toEqual([{ name: "openMap", args: { id: "grad-cam/true" } }, { name: "explain", args: { target: 6 } }, ...["html", "markdown", "json", "text"].map((format) => ({ name: "export", args: { format } }))]);
  });

  it("is made again for another true class, found by typing, and for another expected one", async () => {
    await openPage("shortcut");
    expect(await at("#true-class").inputValue()).toBe("mug");
    await at("#true-class").fill("umb");
    await open.page.keyboard.press("Enter");
    await change({ busy: { phase: "computing", done: 3, total: 10, text: "Computing" } });
    expect(await at("#progress-text").textContent()).toBe("Computing · 3 of 10");
    // What was asked for stands while the report of the old class is still shown.
    expect(await at("#true-class").inputValue()).toBe("umbrella");
    expect(await at("#export").getAttribute("disabled")).not.toBeNull();
    await at("#cancel").click();
    await change({ busy: undefined });
    await expect.poll(() => at("#true-class").inputValue()).toBe("mug");
    await at("#expected-class").fill("None");
    await open.page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "relabel", args: { label: 3, expected: 4 } }, { name: "cancel", args: {} }, { name: "relabel", args: { label: 7, expected: undefined } }]);
  });

  it("keeps how it is drawn, and the classes, across a reload", async () => {
    await openPage("shortcut");
    await at("#opacity").fill("0.9");
    await at("#smooth").click();
    const stored = await open.page.evaluate(() => window.fakeDebug.stored);
    expect(stored).toEqual({ image: config.image, model: config.model, label: 7, labelFrom: "folder", expected: 4, among: config.among, view: { opacity: 0.9, colormap: "viridis", smooth: false } });
    await open.page.reload();
    await at('#whylight[data-state="loading"]').waitFor();
    await show("shortcut");
    expect(await at("#opacity").inputValue()).toBe("0.9");
  });

  it("tells a failure with its next steps, with nothing else where there is no report", async () => {
    await openPage();
    const failure = { code: "modelCorrupt", text: "The model is damaged. Copy it again.", actions: [{ id: "retry", title: "Retry" }, { id: "chooseModel", title: "Choose model…" }] } as const;
    await change({ busy: undefined, failure });
    await at("#action-retry").click();
    for (const empty of ["#maps", "#classes", '.tile[data-id="original"]']) expect(await at(empty).isVisible()).toBe(false);
    // A label that is no class of the model is mended by choosing one.
    await change({ failure: { ...failure, code: "targetUnknown" }, labels: ["mug", "house"] });
    await at("#true-class").fill("hou");
    await open.page.keyboard.press("Enter");
    await open.shot("debug-failed");
    await show("shortcut", { failure });
    expect(await at("#maps").isVisible()).toBe(true);
    expect(await calls()).toEqual([{ name: "act", args: { action: "retry" } }, { name: "relabel", args: { label: 1, expected: undefined } }]);
  });
});

describe("for those who do not see the maps", () => {
  it("tells each map as a row, and where the mass of both classes lies", async () => {
    await openPage("shortcut");
    await at("#maps-table summary").click();
    const rows = await at("#measured tbody tr").evaluateAll((lines) => lines.map((line) => [...line.children].map((cell) => cell.textContent)));
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual(["Grad-CAM at features.18.2/Clip", "Predicted: balloon", expect.stringMatching(/^1\.00 \(raw 3\) at \(1\d\d, \d\d\)$/), expect.stringMatching(/^0\.\d\d$/), expect.stringMatching(/^top left, \d\d\.\d %$/)]);
    await at("#focus-table summary").click();
    expect(await at("#focus tbody tr").nth(4).locator("th, td").allTextContents()).toEqual(["Mass in one corner", "71.0 % (the top left)", "4.0 % (the top left)"]);
    await at("#details summary").click();
    expect(await at("#details dd").allTextContents()).toContain("mug (7), rank 6, logit 3.7017, 0.5 %, from the folder's name");
    await open.fullShot("debug-details");
  });

  it("names every control and reaches all of them by Tab", async () => {
    await openPage("shortcut");
    expect(await tile("grad-cam/contrast").locator(".map").getAttribute("aria-label")).toBe("Map of Grad-CAM at features.18.2/Clip, balloon rather than mug over 03.jpg. Arrow keys read the values, plus and minus zoom, 0 fits.");
    const seen = new Set<string>();
    for (let i = 0; i < 90; i++) {
      await open.page.keyboard.press("Tab");
      seen.add(await open.page.evaluate(() => { const one = document.activeElement; return one?.id || one?.className || (one as HTMLElement | null)?.dataset["code"] || one?.tagName || ""; }));
    }
    for (const id of ["choose-model", "export", "map-original", "ranked", "true-class", "expected-class", "colormap", "opacity", "smooth", "map-grad-cam-contrast", "cornerMass", "more-tried", "near-open", "link"]) expect([...seen]).toContain(id);
  });
});

describe("kinds of mistakes", () => {
  it.each(reportKinds)("%s", async (kind) => {
    await openPage(kind, kind === "borderline" ? "vscode-light" : "vscode-dark");
    await open.page.evaluate(() => window.fakeDebug.neighbours());
    expect(await at("#verdict").textContent()).not.toBe("");
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1240);
    expect(await at(".map-row").evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset["id"]))).toEqual(
      kind === "gridless" ? ["integrated-gradients"] : kind === "transformer" ? ["grad-cam", "integrated-gradients", "attention"] : ["grad-cam", "integrated-gradients"]);
    await open.fullShot(`debug-${kind}`);
  });

  it("says that a map is blank", async () => {
    await openPage("blank");
    expect(await valueOf("grad-cam/predicted")).toBe("blank map");
    expect(await at("#legend-grad-cam-predicted").textContent()).toContain("the map is the same everywhere");
  });

  it("has no causes where the model is right", async () => {
    await openPage("right");
    expect(await at("#causes").isVisible()).toBe(false);
    expect(await at(".tried .hint").textContent()).toMatch(/^\d+ of 30 changes leave the true class first\.$/);
    expect(await tile("grad-cam/contrast").locator(".tile-name").textContent()).toBe("mushroom rather than flower");
  });
});

describe("themes", () => {
  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"] as const)("draws in %s", async (theme) => {
    await openPage("shortcut", theme);
    await at('[data-code="cornerMass"]').first().hover();
    await open.shot(`debug-${theme}`);
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openPage("shortcut", "vscode-light", strings);
    expect(await at("#title").textContent()).toBe("03.jpg · scenes · 誤分類分析レポート");
    expect(await at("h2").allTextContents()).not.toContain("What was tried");
    await open.fullShot("debug-japanese");
  });

  it.each([360, 480, 720])("fits a panel of %i pixels", async (width) => {
    await openPage("thousand", "vscode-dark", {}, { width, height: 900 });
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await open.fullShot(`debug-narrow-${width}`);
  });
});
