/** @file An audit's page in a browser, with a fake host: what it shows of each kind of audit, what presses and keys do, what is asked for and given up. */
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AuditState } from "../../src/protocol/audit.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import { auditImages, auditLabels, auditSummary, filtered, type AuditKind } from "./webviewHarness/syntheticAudit.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

/** A busy machine draws small pictures slowly. */
const patient = { timeout: 30_000 };

let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness({ page: "audit", audit: "file:///workspace/audits/second" }, "./fakeAuditHost.ts");
});
afterAll(() => harness.close());
afterEach(async () => {
  expect(open.complaints).toEqual([]);
  await open.page.context().close();
});

async function openPage(kind: AuditKind | undefined = "shortcut", theme: ThemeKind = "vscode-dark", change: Partial<AuditState> = {}, strings: Readonly<Record<string, string>> = {}): Promise<void> {
  open = await harness.open(theme, { width: 1280, height: 900 }, strings);
  if (!kind) return;
  await open.page.evaluate(([of, by]) => window.fakeAudit.show(of, by), [kind, change] as const);
  await open.page.locator("#gallery-title", { hasText: /\d/ }).waitFor();
}

const calls = () => open.page.evaluate(() => window.fakeAudit.calls);
const lastList = () => open.page.evaluate(() => window.fakeAudit.lists.at(-1));
/** The files in sight, in reading order. */
const files = (gallery = "gallery") => open.page.locator(`#${gallery} .shot:not([hidden])`).evaluateAll((shots) => shots.toSorted((a, b) => Number(a.dataset["index"]) - Number(b.dataset["index"])).map((shot) => shot.dataset["file"]));
/** Waits until every tile has its picture. */
const pictures = (gallery = "gallery") => expect.poll(() => open.page.locator(`#${gallery} .shot:not([hidden])`).evaluateAll((shots) => shots.length > 0 && shots.every((shot) => !shot.hasAttribute("data-waiting"))), patient).toBe(true);
const cell = (label: string, predicted: string) => open.page.locator(`.matrix-cell[aria-label^="${label} → ${predicted}:"]`);
const title = () => open.page.locator("#gallery-title").textContent();

async function choose(id: string, option: string): Promise<void> {
  await open.page.locator(`#${id}`).click();
  await open.page.locator(`#${id} vscode-option`, { hasText: option }).click();
}

describe("an audit", () => {
  const images = auditImages("shortcut");
  const summary = auditSummary("shortcut", images);

  it("shows its numbers and begins with the surest mistakes", async () => {
    await openPage();
    const figures = await open.page.locator(".figure").evaluateAll((all) => Object.fromEntries(all.map((figure) => [(figure as HTMLElement).dataset["figure"], figure.querySelector(".value")?.textContent])));
    expect(figures).toEqual({ Accuracy: `${(100 * summary.accuracy!).toFixed(1)} %`, "Among the first five": expect.any(String), "Calibration error": "6.1 %", Mistakes: String(summary.mistakes), Images: "400", "Not read": "3" });
    expect(await title()).toBe(`${summary.mistakes} of 400 images`);
    expect((await files()).slice(0, 4)).toEqual(summary.worst.slice(0, 4).map(({ file }) => file));
    await pictures();
    await open.fullShot("audit");
  });

  it("leaves the images of a cell, a row or a column, and takes it back", async () => {
    await openPage();
    const own = images.filter(({ label, predicted }) => label === 1 && predicted === 0);
    expect(await cell("yield", "stop sign").textContent()).toBe(String(own.length));
    await cell("yield", "stop sign").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: 1, predicted: 0 } });
    await expect.poll(title, patient).toBe(`${own.length} of 400 images`);
    expect((await files()).map(String).toSorted()).toEqual(own.map(({ file }) => file).toSorted());
    expect(await cell("yield", "stop sign").getAttribute("aria-selected")).toBe("true");
    expect(await open.page.locator("#label-filter").inputValue()).toBe("yield");
    await cell("yield", "stop sign").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { outcome: "wrong" } });
    await open.page.locator(".matrix-name.row", { hasText: "yield" }).click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { outcome: "wrong", label: 1 } });
    await open.page.locator(".matrix-name.column", { hasText: "yield" }).click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { outcome: "wrong", predicted: 1 } });
    await open.page.locator("#clear-filters").click();
    await expect.poll(title, patient).toBe(`${summary.mistakes} of 400 images`);
  });

  it("shows what the chosen cell's images look at on average, with its kinds of maps, and the same of mistakes into a class", async () => {
    await openPage();
    const strip = open.page.locator("#mean-maps");
    expect(await strip.isVisible()).toBe(false);
    const [largest, second] = summary.pairs;
    const name = (index: number) => auditLabels("shortcut")[index]!;
    await cell(name(largest!.label), name(largest!.predicted)).click();
    await strip.waitFor();
    const lesser = Math.floor(0.4 * largest!.images);
    expect(await strip.locator("figcaption").allTextContents()).toEqual(["Mean mapthe top left 58 %", `${largest!.images - lesser} of ${largest!.images}the top left 81 %`, `${lesser} of ${largest!.images}the centre 58 %`]);
    expect(await strip.locator("[role=img]").first().getAttribute("aria-label")).toBe(`Mean map of ${largest!.images} images: most mass in the top left (58 %)`);
    await pictures();
    await open.shot("audit-pair-maps");
    await cell(name(second!.label), name(second!.predicted)).click();
    await expect.poll(() => strip.locator("canvas").count()).toBe(1);
    // Among images with a word in their name the map would be of others.
    await open.page.locator("#text-filter").fill("0");
    await strip.waitFor({ state: "hidden" });
    await open.page.locator("#clear-filters").click();
    await open.page.locator(".matrix-name.column", { hasText: "stop sign" }).click();
    await strip.waitFor();
    expect(await strip.locator("figcaption").allTextContents()).toEqual(["Mean mapthe top left 58 %"]);
  });

  it("is walked over with the keyboard", async () => {
    await openPage();
    const matrix = open.page.locator("#matrix");
    await matrix.focus();
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"]) await open.page.keyboard.press(key);
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: 1, predicted: 3 } });
    expect(await open.page.locator("#matrix-reading").textContent()).toMatch(/^yield → speed limit 30: \d+ images, /);
    expect(await matrix.getAttribute("aria-activedescendant")).toBe("matrix-1-3");
    await open.page.keyboard.press("Enter");
    const gallery = open.page.locator("#gallery");
    await expect.poll(title, patient).toBe(`${summary.mistakes} of 400 images`);
    await gallery.focus();
    const columns = await open.page.locator("#gallery .shot:not([hidden])").evaluateAll((shots) => shots.filter((shot) => Math.abs(shot.getBoundingClientRect().top - shots[0]!.getBoundingClientRect().top) < 2).length);
    await open.page.keyboard.press("ArrowDown");
    await open.page.keyboard.press("ArrowRight");
    await expect.poll(() => gallery.getAttribute("aria-activedescendant")).toBe(`gallery-${columns + 1}`);
    await open.page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "open", args: { file: summary.worst[columns + 1]!.file, as: "report" } }]);
    await open.page.keyboard.press("End");
    await expect.poll(() => gallery.getAttribute("aria-activedescendant")).toBe(`gallery-${summary.mistakes - 1}`);
    await expect.poll(() => open.page.locator(`#gallery-${summary.mistakes - 1}`).isVisible()).toBe(true);
    await open.page.keyboard.press("Home");
    await expect.poll(() => gallery.evaluate((element) => element.scrollTop)).toBe(0);
  });

  it("opens reports, and more by the context menu", async () => {
    await openPage();
    await pictures();
    const [first, second] = summary.worst;
    await open.page.locator("#gallery-0").click();
    await open.page.locator("#gallery-1").click({ button: "right" });
    await open.page.locator("#open-image").waitFor();
    expect(await open.page.locator(".menu.context li").allTextContents()).toEqual(["Open the full report", "Open the image", `Only images labelled ${auditLabels("shortcut")[second!.label]}`, `Only images predicted ${auditLabels("shortcut")[second!.predicted]}`]);
    await open.shot("audit-context-menu");
    await open.page.keyboard.press("ArrowDown");
    await open.page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "open", args: { file: first!.file, as: "report" } }, { name: "open", args: { file: second!.file, as: "image" } }]);
    await open.page.locator("#gallery-1").click({ button: "right" });
    await open.page.locator("#filter-label").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: second!.label } });
    await open.page.locator("#gallery-0").click({ button: "right" });
    await open.page.keyboard.press("Escape");
    await open.page.locator(".menu.context").waitFor({ state: "detached" });
    expect(await open.page.evaluate(() => document.activeElement?.id)).toBe("gallery");
  });

  it("filters by outcome, class and name, and sorts", async () => {
    await openPage();
    await choose("outcome", "Right answers");
    await expect.poll(title, patient).toBe(`${400 - summary.mistakes} of 400 images`);
    await choose("image-order", "By name");
    await expect.poll(async () => (await files())[0]).toBe(filtered(images, { outcome: "right" }, "name")[0]!.file);
    await open.page.locator("#predicted-filter").click();
    await open.page.keyboard.type("round");
    await open.page.keyboard.press("Enter");
    await expect.poll(lastList, patient).toMatchObject({ filter: { outcome: "right", predicted: 5 }, order: "name" });
    await open.page.locator("#text-filter").fill("0000");
    await expect.poll(lastList, patient).toMatchObject({ filter: { outcome: "right", predicted: 5, text: "0000" } });
    await open.page.locator("#text-filter").fill("nowhere");
    await open.page.locator("#gallery-empty").waitFor();
    expect(await open.page.locator("#gallery-empty p").textContent()).toBe("No image fits these filters.");
    await open.shot("audit-no-fit");
    await open.page.locator("#show-all").click();
    await expect.poll(title, patient).toBe("400 of 400 images");
  });

  it("lays maps over the pictures on demand", async () => {
    await openPage();
    await pictures();
    const address = () => open.page.locator("#gallery-0 img").getAttribute("src");
    const plain = await address();
    await open.page.locator("#maps-on").click();
    await expect.poll(async () => { const now = await address(); return now !== null && now !== plain; }, patient).toBe(true);
    await pictures();
    await open.shot("audit-maps");
    await open.page.locator("#maps-on").click();
    await expect.poll(address, patient).toBe(plain);
  });

  it("has findings that filter the gallery or lead to their part", async () => {
    await openPage();
    const card = open.page.locator('.finding[data-finding="shortcut"]');
    expect(await card.textContent()).toContain("Masking it changes 22 of 24 answers");
    expect(await card.locator("canvas").count()).toBe(1);
    await card.locator("vscode-button").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { files: summary.regions[0]!.files } });
    await expect.poll(title, patient).toBe("24 of 400 images");
    expect(await open.page.locator("#gallery-finding").textContent()).toBe("Only the images of: Mistakes into stop sign: the top left");
    await open.shot("audit-finding");
    await card.locator("vscode-button").click();
    await expect.poll(title, patient).toBe(`${summary.mistakes} of 400 images`);
    const suspects = open.page.locator('.finding[data-finding="labelErrors"]');
    await suspects.locator("summary").click();
    const [suspect] = summary.labelSuspects;
    const name = (index: number) => auditLabels("shortcut")[index];
    expect(await suspects.locator("li").first().textContent()).toBe(`${suspect!.file}labelled ${name(suspect!.label)} 1.0 %, looks like ${name(suspect!.likely)} 97.0 % · so do 9 of 10 near images`);
    await suspects.locator(".link").first().click();
    expect(await calls()).toEqual([{ name: "open", args: { file: suspect!.file, as: "report" } }]);
    await open.page.locator('.finding[data-finding="duplicates"] summary').click();
    expect(await open.page.locator('.finding[data-finding="duplicates"] li').count()).toBe(2);
    await open.fullShot("audit-lists");
    await open.page.locator("#finding-preprocessing").click();
    expect(await open.page.locator("#trials tbody tr").count()).toBe(3);
    await open.fullShot("audit-preprocessing");
    await open.page.locator("#sections-findings").click();
    await open.page.locator("#finding-failed").click();
    expect(await open.page.locator("#failed-files tbody tr").allTextContents()).toEqual(["yield/broken_0.jpgthe file ends in the middle of the picture", "yield/broken_1.jpgthe file ends in the middle of the picture", "yield/broken_2.jpgthe file is empty"]);
    expect(await open.page.locator("#unknown-labels tbody").textContent()).toBe("to sort12");
  });

  it("has a table of classes that is sorted, and a calibration curve with its counts", async () => {
    await openPage();
    await open.page.locator("#sections-findings").focus();
    await open.page.keyboard.press("ArrowRight");
    const column = (n: number) => open.page.locator(`#class-table tbody tr > :nth-child(${n})`).allTextContents();
    const mistakes = (await column(4)).map(Number);
    expect(mistakes).toEqual(mistakes.toSorted((a, b) => b - a));
    await open.page.locator('#class-table th[data-column="label"] button').click();
    expect(await column(1)).toEqual([...auditLabels("shortcut")].toSorted((a, b) => a.localeCompare(b)));
    await open.page.locator('#class-table th[data-column="recall"] button').click();
    const recalls = (await column(6)).map(Number.parseFloat);
    expect(recalls).toEqual(recalls.toSorted((a, b) => b - a));
    const maps = open.page.locator("#class-table tbody tr", { hasText: "stop sign" }).locator(".row-map");
    expect(await maps.evaluateAll((all) => all.map((map) => map.getAttribute("aria-label")))).toEqual([
      `Mean map of ${summary.classes[0]!.right} images: most mass in the centre (58 %)`, `Mean map of ${summary.classes[0]!.predicted - summary.classes[0]!.right} images: most mass in the top left (58 %)`,
    ]);
    await open.fullShot("audit-classes");
    await open.page.locator("#class-table .link", { hasText: "roundabout" }).click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: 5 } });
    await open.page.locator("#sections-calibration").click();
    const counts = (await open.page.locator("#calibration-table tbody td:nth-child(2)").allTextContents()).map(Number);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(400);
    expect(await open.page.locator("svg.calibration .bar").count()).toBe(counts.filter((count) => count > 0).length);
    await open.fullShot("audit-calibration");
  });

  it("goes into Problems and Testing, and out as files", async () => {
    await openPage("shortcut", "vscode-dark", { shownAs: { problems: false, tests: true } });
    await open.page.locator("#show-problems").click();
    await open.page.locator("#show-tests").click();
    for (const format of ["html", "markdown", "json"]) {
      await open.page.locator("#export").click();
      await open.page.locator(`#export-${format}`).click();
    }
    expect(await calls()).toEqual([
      { name: "showAs", args: { view: "problems", on: true } }, { name: "showAs", args: { view: "tests", on: false } },
      { name: "export", args: { format: "html" } }, { name: "export", args: { format: "markdown" } }, { name: "export", args: { format: "json" } },
    ]);
  });

  it("comes back as it was left", async () => {
    await openPage();
    await cell("yield", "stop sign").click();
    await choose("image-order", "By name");
    await open.page.locator("#sections-classes").click();
    await open.page.reload();
    await open.page.evaluate(() => window.fakeAudit.show("shortcut"));
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: 1, predicted: 0 }, order: "name" });
    await open.page.locator("#class-table").waitFor();
    expect(await open.page.evaluate(() => window.fakeAudit.stored)).toMatchObject({ audit: "file:///workspace/audits/second" });
  });
});

describe("a large audit", () => {
  it("shows the most confused of a thousand classes, and all of them on demand", async () => {
    await openPage("large");
    expect(await open.page.locator("#matrix-shown").textContent()).toMatch(/^18 of 1,000 classes, with [\d,]+ of 4,\d\d\d mistakes among themselves$/);
    expect(await open.page.locator("#matrix").getAttribute("aria-rowcount")).toBe("19");
    await pictures();
    await open.shot("audit-large");
    await open.page.locator("#matrix-short").click();
    await expect.poll(() => open.page.locator("#matrix").getAttribute("aria-rowcount")).toBe("1001");
    await open.page.locator("#matrix").evaluate((matrix) => matrix.scrollTo(11_000, 11_000));
    // The names stay beside their rows and above their columns.
    await expect.poll(() => open.page.locator(".matrix-name.row").allTextContents()).toContain("class 500");
    const [matrix, name] = [await open.page.locator("#matrix").boundingBox(), await open.page.locator(".matrix-name.row", { hasText: /^class 505$/ }).boundingBox()];
    expect(name!.x).toBeCloseTo(matrix!.x + 1, 0);
    expect(await open.page.locator("#matrix *").count()).toBeLessThan(600);
    await open.shot("audit-large-all");
  });

  it("makes only the tiles in sight, and gives up pictures that scrolled away", async () => {
    await openPage("large");
    await choose("outcome", "All images");
    await expect.poll(title, patient).toBe("20,000 of 20,000 images");
    await pictures();
    expect(await open.page.locator(".shot").count()).toBeLessThan(100);
    const delay = (milliseconds: number) => open.page.evaluate((time) => { window.fakeAudit.thumbnailDelay = time; }, milliseconds);
    // Longer than anybody looks: only the last screen's pictures come.
    await delay(600_000);
    const gallery = open.page.locator("#gallery");
    for (let i = 1; i <= 8; i++) {
      if (i === 8) await delay(0);
      const before = await gallery.evaluate((element, share) => {
        element.scrollTo(0, share * element.scrollHeight);
        return window.fakeAudit.thumbnails.asked;
      }, i / 9);
      await open.page.waitForFunction((asked) => window.fakeAudit.thumbnails.asked > asked, before);
    }
    await pictures();
    const { asked, sent, dropped } = await open.page.evaluate(() => window.fakeAudit.thumbnails);
    expect(dropped).toBeGreaterThan(0);
    expect(asked).toBe(sent + dropped);
    // Nobody waited for the eight screens in between.
    expect(asked).toBeLessThan(150);
    const expected = filtered(auditImages("large"), {}, "confidence");
    const first = Number(await open.page.locator("#gallery .shot:not([hidden])").first().getAttribute("data-index"));
    expect(await open.page.locator(`#gallery-${first}`).getAttribute("data-file")).toBe(expected[first]!.file);
    await gallery.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect.poll(() => open.page.locator("#gallery-19999").isVisible()).toBe(true);
  });
});

describe("an audit that is not finished", () => {
  const busy = { images: 1240, total: 20_000, mistakes: 103, failed: 2, perSecond: 142.4, text: "Auditing" };

  it("counts while it runs, and stops", async () => {
    await openPage(undefined);
    await open.page.evaluate((state) => window.fakeAudit.showState({ busy: state }), busy);
    await expect.poll(() => open.page.locator("#progress-text").textContent()).toBe("Auditing · 1,240 of 20,000 · 142 images/s · 2 min 10 s left");
    expect(await open.page.locator("#progress-bar").getAttribute("aria-valuenow")).toBe("6");
    expect(await open.page.locator(".figure .value").allTextContents()).toEqual(["1,240", "103", "2"]);
    await open.page.evaluate((state) => window.fakeAudit.showState({ busy: state }), { ...busy, images: 2000, mistakes: 170 });
    await expect.poll(() => open.page.locator(".figure .value").allTextContents()).toEqual(["2,000", "170", "2"]);
    await open.shot("audit-running");
    await open.page.locator("#stop").click();
    expect(await calls()).toEqual([{ name: "cancel", args: {} }]);
  });

  it("shows what is done when it was stopped, and goes on", async () => {
    await openPage("shortcut", "vscode-dark", { isPaused: true });
    expect(await open.page.locator("#whylight").getAttribute("data-state")).toBe("paused");
    expect(await open.page.locator("#progress-text").textContent()).toBe("Stopped after 403 images");
    await pictures();
    await open.shot("audit-paused");
    await open.page.locator("#resume").click();
    expect(await calls()).toEqual([{ name: "resume", args: {} }]);
    await open.page.evaluate((state) => window.fakeAudit.show("shortcut", { busy: state }), busy);
    await open.page.locator("#stop").waitFor();
    expect(await open.page.locator("#resume").isVisible()).toBe(false);
    await open.shot("audit-resumed");
  });

  it("says what went wrong, with its next steps", async () => {
    await openPage(undefined);
    await open.page.evaluate(() => window.fakeAudit.showState({ failure: { code: "folderEmpty", text: "There are no images in photos. Choose another folder.", actions: [{ id: "retry", title: "Retry" }, { id: "showLog", title: "Show log" }] } }));
    await open.page.locator("#failure").waitFor();
    await open.shot("audit-failed");
    await open.page.locator("#action-retry").click();
    expect(await calls()).toEqual([{ name: "act", args: { action: "retry" } }]);
  });
});

describe("an audit without maps", () => {
  it("has no columns and no strip for them", async () => {
    await openPage("shortcut", "vscode-dark", { summary: auditSummary("shortcut", auditImages("shortcut"), { maps: [], layer: undefined }) });
    await cell("yield", "stop sign").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: { label: 1, predicted: 0 } });
    expect(await open.page.locator("#mean-maps").isVisible()).toBe(false);
    await open.page.locator("#sections-classes").click();
    await open.page.locator("#class-table").waitFor();
    expect(await open.page.locator("#class-table thead th:visible").count()).toBe(8);
    expect(await open.page.locator("#class-table tbody tr").first().locator("> *").count()).toBe(8);
  });
});

describe("empty states", () => {
  it("without labels shows the least sure images, and says why there is no matrix", async () => {
    await openPage("unlabelled");
    expect(await lastList()).toMatchObject({ filter: {}, order: "entropy" });
    await open.page.locator("#matrix-empty").waitFor();
    expect(await open.page.locator("#shown-as").isVisible()).toBe(false);
    await pictures();
    await open.fullShot("audit-unlabelled");
    await choose("image-order", "By name");
    await open.page.locator("#show-unsure").click();
    await expect.poll(lastList, patient).toMatchObject({ filter: {}, order: "entropy" });
  });

  it("without mistakes says so, and shows all", async () => {
    await openPage("faultless");
    expect(await open.page.locator("#gallery-empty p").textContent()).toBe("No mistakes among the 400 labelled images.");
    expect(await open.page.locator("#findings-part .empty p").textContent()).toBe("Nothing stands out in this audit.");
    await open.fullShot("audit-faultless");
    await open.page.locator("#show-all").click();
    await expect.poll(title, patient).toBe("400 of 400 images");
  });
});

describe("two audits", () => {
  it("are compared: numbers, classes, regions, changed images", async () => {
    await openPage();
    await choose("compare", "photos, signs-v1");
    expect(await calls()).toEqual([{ name: "compare", args: { before: "/workspace/audits/first" } }]);
    await open.page.evaluate(() => window.fakeAudit.compare());
    await open.page.locator("#comparison-part").waitFor();
    expect(await open.page.locator("#compared-with").textContent()).toContain("hardly chance (McNemar's test, p < 0.001)");
    expect(await open.page.locator("#region-changes li").allTextContents()).toEqual(["gonestop sign: the top left", "newno entry: the centre"]);
    const changes = (await open.page.locator("#class-changes tbody td:nth-child(5)").allTextContents()).map((text) => Number(text.replace("−", "-")));
    expect(changes).toEqual(changes.toSorted((a, b) => a - b));
    await pictures("changed-images");
    await open.fullShot("audit-comparison");
    await open.page.locator("#changes-fixed").click();
    await expect.poll(async () => (await open.page.locator("#changed-images-0 .shot-mark").textContent())).toBe("✓");
    await pictures("changed-images");
    const file = await open.page.locator("#changed-images-0").getAttribute("data-file");
    await open.page.locator("#changed-images-0").click();
    expect((await calls()).at(-1)).toEqual({ name: "open", args: { file, as: "report" } });
    await open.page.locator("#end-compare").click();
    expect((await calls()).at(-1)).toEqual({ name: "compare", args: {} });
    await open.page.evaluate(() => window.fakeAudit.show("shortcut"));
    await open.page.locator("#gallery").waitFor();
  });
});

describe("themes", () => {
  it.each(["vscode-light", "vscode-high-contrast", "vscode-high-contrast-light"] as const)("draws in %s", async (theme) => {
    await openPage("shortcut", theme);
    await cell("yield", "stop sign").click();
    await open.page.locator("#matrix").focus();
    await open.page.keyboard.press("ArrowRight");
    await pictures();
    await open.fullShot(`audit-${theme}`);
    await open.page.locator("#sections-classes").click();
    await open.fullShot(`audit-classes-${theme}`);
    await open.page.locator("#sections-calibration").click();
    await open.fullShot(`audit-calibration-${theme}`);
  });

  it("speaks Japanese", async () => {
    const strings = JSON.parse(await readFile(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openPage("shortcut", "vscode-light", {}, strings);
    expect(await open.page.locator(".figure dt").first().textContent()).toBe("正解率");
    await cell("yield", "stop sign").click();
    await pictures();
    expect(await open.page.locator("#mean-maps figcaption").first().textContent()).toMatch(/^平均マップ左上 \d+ %$/);
    await open.fullShot("audit-japanese");
  });

  it("stacks in a narrow panel", async () => {
    await openPage();
    await open.page.setViewportSize({ width: 480, height: 1000 });
    await pictures();
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
    await open.fullShot("audit-narrow");
    await open.page.evaluate(() => window.fakeAudit.compare());
    await pictures("changed-images");
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(480);
    await open.fullShot("audit-comparison-narrow");
  });
});
