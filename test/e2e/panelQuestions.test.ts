/** @file What the panel's page asks of the host, in a browser: other choices, parameters, trust, exports, comparisons; and the view that needs no asking. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { MethodId, PanelState } from "../../src/protocol/api.js";
import type { PanelTrust, TrustFinding } from "../../src/protocol/trust.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";
import type { ThemeKind } from "./webviewHarness/themes.js";

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

const chosen = { method: "grad-cam", target: "predicted", versus: undefined, layer: undefined, score: "logit", parameters: {} } as const;

async function openDone(method: MethodId = "grad-cam", change: Partial<PanelState> = {}, theme: ThemeKind = "vscode-dark", strings = {}): Promise<void> {
  open = await harness.open(theme, { width: 1180, height: 1000 }, strings);
  await shown(method, { chosen: { ...chosen, method }, ...change });
  await open.page.locator('#whylight[data-state="done"]').waitFor();
}

/** A result of a method, in the page. */
const shown = (method: MethodId, change: Partial<PanelState>, explanation: object = {}) =>
  open.page.evaluate(([id, state, about]) => window.fakeHost.show({ explanation: window.fakeHost.explanation(id, 0, about), ...state }), [method, change, explanation] as const);
const calls = () => open.page.evaluate(() => window.fakeHost.calls.map(({ name, args }) => ({ name, args })));
const asked = async () => (await calls()).map(({ args }) => args);
const text = (place: string) => open.page.locator(place).textContent();

async function choose(id: string, option: string): Promise<void> {
  await open.page.locator(`#${id}`).click();
  await open.page.locator(`#${id} vscode-option[title="${option}"]`).click();
}

describe("choices", () => {
  it("explains a class by its row, with the mouse and with the keyboard", async () => {
    await openDone();
    await open.page.locator('.prediction[data-index="2"]').click();
    await open.page.locator('.prediction[data-index="1"]').focus();
    await open.page.keyboard.press("Enter");
    expect(await calls()).toEqual([{ name: "explain", args: { ...chosen, target: 2 } }, { name: "explain", args: { ...chosen, target: 1 } }]);
  });

  it("explains with another method, layer and score", async () => {
    await openDone();
    await choose("layer", "layer2.2/relu_2 · 28 × 28");
    await choose("score", "Probability");
    await open.page.locator("#method").click();
    await open.shot("methods");
    await open.page.keyboard.press("Escape");
    await choose("method", "Saliency");
    expect(await asked()).toEqual([{ ...chosen, layer: "/layer2/layer2.2/relu_2/Relu_output_0" }, { ...chosen, score: "probability" }, { ...chosen, method: "saliency" }]);
  });

  it("walks over the headings of the method list with the keyboard", async () => {
    await openDone("saliency");
    const headings = open.page.locator("#method vscode-option.heading");
    expect(await headings.allTextContents()).toContain("Gradients");
    await open.page.locator("#method").focus();
    for (let i = 0; i < 40; i++) await open.page.keyboard.press("ArrowDown");
    for (const args of await asked()) expect((args as { method: string }).method).not.toMatch(/^family/);
    expect((await asked()).length).toBeGreaterThan(0);
  });

  it("finds a class by typing, and holds it against another", async () => {
    await openDone();
    await open.page.locator("#class").click();
    await open.shot("classes");
    await open.page.keyboard.type("teap");
    await open.page.keyboard.press("Enter");
    expect(await asked()).toEqual([{ ...chosen, target: 7 }]);
    expect(await open.page.locator("#class").inputValue()).toBe("teapot");
    await open.page.locator("#versus").click();
    // The explained class is not offered against itself.
    expect(await open.page.locator('#versus-list [role="option"]').allTextContents()).toEqual(expect.not.arrayContaining(["tabby cat0"]));
    await open.page.locator("#versus-list li", { hasText: "Likeliest other class" }).click();
    expect((await asked())[1]).toEqual({ ...chosen, versus: "runner-up" });
  });

  it("titles a contrastive map", async () => {
    await openDone();
    await open.page.evaluate(() => window.fakeHost.show({ explanation: { ...window.fakeHost.explanation("grad-cam", 0), versus: window.fakeHost.explanation("grad-cam", 1).target }, chosen: { method: "grad-cam", target: "predicted", versus: "runner-up", layer: undefined, score: "logit", parameters: {} } }));
    await expect.poll(() => text("#title")).toContain("tabby cat 45.2 % rather than Egyptian cat");
    expect(await open.page.locator("#versus").inputValue()).toBe("Likeliest other class");
  });

  it("looks at several layers at once", async () => {
    await openDone();
    await choose("layer", "Several layers…");
    const boxes = open.page.locator("#layers vscode-checkbox");
    expect(await boxes.count()).toBe(4);
    expect(await calls()).toEqual([]);
    await open.shot("layers");
    await boxes.nth(1).click();
    const names = [3, 4].map((i) => `/layer${i}/layer${i}.2/relu_2/Relu_output_0`);
    expect(await asked()).toEqual([{ ...chosen, layer: names }]);
    await shown("grad-cam", { chosen: { ...chosen, layer: names } }, { layer: names.join(", ") });
    await expect.poll(() => text("#title")).toContain("Grad-CAM at layer3.2/relu_2, layer4.2/relu_2");
    await boxes.nth(0).click();
    expect((await asked())[1]).toEqual({ ...chosen, layer: names[0] });
  });
});

describe("parameters", () => {
  it("come from the method's table, are committed one by one, checked, and taken back", async () => {
    await openDone("integrated-gradients");
    await open.page.locator("#parameters summary").click();
    await open.shot("parameters");
    const ask = { ...chosen, method: "integrated-gradients" };
    const steps = open.page.locator("#parameter-steps");
    await steps.fill("nonsense");
    await steps.press("Enter");
    await open.page.locator("#parameter-steps-hint").waitFor();
    expect(await calls()).toEqual([]);
    await steps.fill("20");
    expect(await calls()).toEqual([]);
    await steps.press("Enter");
    expect(await asked()).toEqual([{ ...ask, parameters: { steps: 20 } }]);
    expect(await open.page.locator("#parameter-steps-hint").isVisible()).toBe(false);
    await shown("integrated-gradients", { chosen: { ...ask, method: "integrated-gradients", parameters: { steps: 20 } } });
    await expect.poll(() => text("#parameters summary")).toBe("Parameters (1 changed)");
    await open.page.locator("#parameter-baseline-blur").click();
    expect((await asked())[1]).toMatchObject({ parameters: { steps: 20, baseline: "black,blur" } });
    await open.page.locator("#reset-parameters").click();
    expect((await asked())[2]).toEqual({ ...ask, parameters: {} });
  });

  it("are kept per method, and hidden where there are none", async () => {
    await openDone("integrated-gradients");
    await open.page.locator("#parameters summary").click();
    await open.page.locator("#parameter-steps").fill("20");
    await open.page.locator("#parameter-steps").press("Enter");
    await shown("saliency", { chosen: { ...chosen, method: "saliency" } });
    await expect.poll(() => open.page.locator("#parameters").isVisible()).toBe(false);
    await choose("method", "Integrated Gradients");
    expect((await asked()).at(-1)).toMatchObject({ method: "integrated-gradients", parameters: { steps: 20 } });
    expect(await open.page.evaluate(() => (window.fakeHost.stored as { parameters: unknown }).parameters)).toMatchObject({ "integrated-gradients": { steps: 20 } });
  });
});

describe("results", () => {
  it("shows the map so far, with how far it is", async () => {
    await openDone();
    await shown("saliency", { busy: { phase: "computing", done: 12, total: 50, text: "Computing" }, chosen: { ...chosen, method: "saliency" } }, { partial: { done: 12, total: 50 } });
    await open.page.locator('#whylight[data-method="saliency"]').waitFor();
    expect(await text("#progress-text")).toBe("Computing · 12 of 50");
    expect(await open.page.locator("#progress-bar").getAttribute("aria-valuenow")).toBe("24");
    expect(await open.page.locator("#export").getAttribute("disabled")).not.toBeNull();
  });

  it("says the completeness gap beside the map, the facts in the details, and where it came from", async () => {
    await openDone("integrated-gradients");
    await shown("integrated-gradients", { chosen: { ...chosen, method: "integrated-gradients" } }, { completeness: { gap: -0.9, relative: -0.11 }, facts: { steps: 22, sigma: 0.64, seed: 7 }, evaluations: { forward: 2, gradient: 23 }, isCached: true });
    await expect.poll(() => text("#gap")).toBe("⚠ Completeness gap 11.0 % of the score's difference · 22 steps");
    expect(await text("#facts")).toContain("from the cache");
    await open.page.locator("#details summary").click();
    const details = await text("#details dl");
    for (const part of ["Steps22", "Noise (absolute)0.64", "Seed7", "2 forward, 23 with gradient"]) expect(details).toContain(part);
    await open.shot("gap");
  });

  it("offers the setting that fixes a blank map", async () => {
    await openDone("grad-cam", { chosen: { ...chosen, target: 3 }, notes: [{ code: "allNegativeCam", text: "Grad-CAM is negative everywhere at this layer." }] });
    await open.shot("blank");
    await open.page.locator("#notes vscode-button", { hasText: "Show both signs" }).click();
    await expect.poll(() => text("#legend")).toContain("-1");
    expect(await calls()).toEqual([]);
    await open.page.locator("#notes vscode-button", { hasText: "Explain tabby cat" }).click();
    expect(await asked()).toEqual([chosen]);
  });
});

describe("drawing options", () => {
  it("redraw without asking", async () => {
    await openDone("saliency");
    const legend = () => text("#legend");
    const before = await legend();
    await open.page.locator("#drawing summary").click();
    await choose("values", "Signed sum of channels");
    await choose("sign", "Negative only");
    await expect.poll(legend).not.toBe(before);
    expect(await legend()).not.toContain("-1");
    await choose("clip", "Share of the map's mass");
    await open.page.locator("#clip-percent").fill("20");
    await open.page.locator("#clip-percent").press("Enter");
    const high = Number((await legend())?.match(/(\d\.\d+e?-?\d*)$/)?.[1]);
    await open.page.locator("#clip-percent").fill("1");
    await open.page.locator("#clip-percent").press("Enter");
    await expect.poll(async () => Number((await legend())?.match(/(\d\.\d+e?-?\d*)$/)?.[1])).toBeGreaterThan(high);
    expect(await text("#drawing summary")).toBe("Drawing options (2 changed)");
    await open.page.locator("#reset-drawing").click();
    await expect.poll(() => text("#drawing summary")).toBe("Drawing options");
    expect(await calls()).toEqual([]);
  });

  it("trace the map and grey the image", async () => {
    await openDone();
    await open.page.locator("#drawing summary").click();
    const picture = () => open.page.locator("#map").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const first = await picture();
    await choose("contours", "5");
    await expect.poll(picture).not.toBe(first);
    const traced = await picture();
    await open.page.locator("#gray").click();
    await expect.poll(picture).not.toBe(traced);
    await open.shot("drawing");
  });
});

describe("menus", () => {
  it("export what is drawn, as it is drawn", async () => {
    await openDone("saliency");
    await choose("values", "Signed sum of channels");
    await open.page.locator("#export").click();
    await open.shot("export");
    await open.page.locator("#export-svg").click();
    expect(await calls()).toMatchObject([{ name: "exportPicture", args: { format: "svg", style: { pixelValues: "sum", colormap: "diverging", opacity: 0.5 } } }]);
  });

  it("lead to the comparisons, with the keyboard too", async () => {
    await openDone();
    await open.page.locator("#compare").focus();
    await open.page.keyboard.press("Enter");
    await open.page.locator("#compare-methods:focus").waitFor();
    await open.page.keyboard.press("ArrowDown");
    await open.page.keyboard.press("ArrowDown");
    await open.page.keyboard.press("Enter");
    await expect.poll(calls).toEqual([{ name: "compare", args: { kind: "samples" } }]);
    await open.page.keyboard.press("Enter");
    await open.page.keyboard.press("Escape");
    expect(await open.page.locator("#compare-menu").isVisible()).toBe(false);
  });
});

const finding = (test: TrustFinding["test"], verdict: TrustFinding["verdict"], more: Partial<TrustFinding> = {}): TrustFinding =>
  ({ test, verdict, sentence: { code: "stabilityGood", data: {} }, numbers: {}, curves: [], comparisons: [], evaluations: { forward: 0, gradient: 0 }, ...more });
const shares = Array.from({ length: 17 }, (_, i) => i / 16);
const grid = [14, 14] as const;
const findings = [
  finding("curves", "good", { curves: [
    { name: "deletion", shares, values: shares.map((x) => 0.45 * Math.exp(-5 * x)), area: 0.21 }, { name: "insertion", shares, values: shares.map((x) => 0.45 * (1 - Math.exp(-6 * x))), area: 0.74 }, { name: "random", shares, values: shares.map((x) => 0.45 * (1 - x)), area: 0.5 },
  ] }),
  finding("classes", "caution", { comparisons: [{ name: "1", correlation: 0.71, grid }, { name: "7", correlation: 0.12, grid }, { name: "3", correlation: null, grid }] }),
  finding("stability", "good", { comparisons: [0, 1, 2].map((i) => ({ name: String(i + 1), correlation: 0.97 - i / 100, grid })) }),
  finding("agreement", "caution", { comparisons: [{ name: "saliency", correlation: 0.42, grid }] }),
  finding("weights", "bad", { comparisons: [{ name: "last", correlation: 0.98, grid }, { name: "1/2", correlation: 0.95, grid }, { name: "all", correlation: 0.91, grid }, { name: "all 2", correlation: 0.9, grid }] }),
];
const sentences = ["Taking the highlighted pixels away lowers the class's probability faster than a random order does (area 0.21 against 0.50), so the map finds pixels the model uses.", "Maps of other classes look partly the same (rank correlation 0.42).",
  "The map stays nearly the same under small noise (rank correlation 0.96).", "Other methods highlight other places (mean rank correlation 0.42), so compare several before relying on one.", "The map keeps 0.91 of its ranking when the weights are random, so it says little about what the model learned."];
const words = { good: "good", caution: "caution", bad: "doubtful", unknown: "not known" };
const titles = ["Deletion and insertion", "Other classes", "Stability", "Agreement", "Random weights"];
const trust = (count: number, change: Partial<PanelTrust> = {}): PanelTrust => ({
  report: { findings: findings.slice(0, count), pending: [], lowered: { samples: 50 }, parameters: { samples: 8 } } as unknown as PanelTrust["report"],
  texts: findings.slice(0, count).map(({ verdict }, i) => ({ title: titles[i] ?? "", verdict: words[verdict], sentence: sentences[i] ?? "" })), pending: titles.slice(count), busy: undefined, failure: undefined, ...change,
});

describe("trust", () => {
  it("is asked for, shows findings as they come, and can be stopped", async () => {
    await openDone();
    await open.page.locator("#trust summary").click();
    await open.page.locator("#check-trust").click();
    expect(await calls()).toEqual([{ name: "checkTrust", args: {} }]);
    await shown("grad-cam", { trust: trust(2, { busy: { done: 30, total: 140 } }) });
    await expect.poll(() => text("#trust-progress")).toBe("Checking · 30 of 140 · Stability");
    expect(await open.page.locator("#findings > .finding").count()).toBe(2);
    expect(await open.page.locator("#findings > .pending").count()).toBe(3);
    await open.page.locator("#cancel-trust").click();
    expect((await calls()).at(-1)).toEqual({ name: "cancelTrust", args: {} });
    await shown("grad-cam", { trust: undefined });
    await expect.poll(() => open.page.locator("#findings > li").count()).toBe(0);
    await shown("grad-cam", { trust: trust(0, { report: undefined, pending: [], failure: "There is not enough memory." }) });
    await expect.poll(() => text("#trust-failure")).toBe("There is not enough memory.");
    await open.page.locator("#check-trust").waitFor();
  });

  it.each(["vscode-dark", "vscode-light", "vscode-high-contrast"] as const)("gives each test a number, a word and a sentence in %s", async (theme) => {
    await openDone("grad-cam", { trust: trust(5) }, theme);
    await open.page.locator("#trust summary").click();
    await expect.poll(() => text("#trust summary")).toBe("How far can this map be trusted? · 2 good · 2 caution · 1 doubtful");
    expect(await open.page.locator("#findings .verdict").allTextContents()).toEqual(["good", "caution", "good", "caution", "doubtful"]);
    expect(await open.page.locator("#findings p").allTextContents()).toEqual(sentences);
    expect(await open.page.locator('[data-test="curves"] .keys li').allTextContents()).toEqual(["taken away, area 0.21", "brought back, area 0.74", "random order, area 0.50"]);
    // The axes: the whole width is the whole image, probability 0 at the bottom.
    const points = await open.page.locator("svg .curve.random").first().getAttribute("points");
    const [first = "", last = ""] = [points?.split(" ")[0], points?.split(" ").at(-1)];
    expect(Number(last.split(",")[0])).toBeGreaterThan(Number(first.split(",")[0]) + 200);
    expect(Number(last.split(",")[1])).toBeGreaterThan(Number(first.split(",")[1]));
    expect(await open.page.locator('[data-test="classes"] tr').allTextContents()).toEqual(["Egyptian cat0.71", "teapot0.12", "red foxblank map"]);
    expect(await open.page.locator('[data-test="agreement"] tr').allTextContents()).toEqual(["Saliency0.42"]);
    expect(await open.page.locator('[data-test="weights"] tr').allTextContents()).toEqual(["last layer random0.98", "1/2 of the layers random0.95", "all layers random0.91", "all layers random, draw 20.90"]);
    expect(await text("#trust")).toContain("To stay cheap, the tests ran with samples = 8 instead of 50.");
    await open.page.locator("#trust").scrollIntoViewIfNeeded();
    await open.fullShot(`trust-${theme}`);
  });
});

describe("Japanese", () => {
  it("fits the column", async () => {
    const strings = JSON.parse(readFileSync(new URL("../../media/l10n/bundle.l10n.ja.json", import.meta.url), "utf8")) as Record<string, string>;
    await openDone("integrated-gradients", {}, "vscode-light", strings);
    for (const part of ["#parameters", "#drawing", "#trust"]) await open.page.locator(`${part} summary`).click();
    await shown("integrated-gradients", { trust: trust(5) }, { completeness: { gap: 0.01, relative: 0.004 }, facts: { steps: 22 } });
    expect(await text("#predictions-heading")).toBe("予測");
    expect(await open.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1180);
    await open.fullShot("japanese");
  });
});
