/** @file An audit's report in a browser: light, dark, narrow and printed, with nothing loaded from anywhere. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureChromium } from "../../scripts/vscode/debianPackages.mjs";
import { createJobs } from "../../src/worker/jobs.js";

const root = join(import.meta.dirname, "../..");
const shots = join(root, "test-output/screenshots");
let browser: Browser;
let folder: string;
let report: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "whylight-report-"));
  await mkdir(shots, { recursive: true });
  const jobs = createJobs();
  const audit = join(folder, "audit");
  await jobs.auditFolder({ model: join(root, "samples/models/scenes.onnx"), folder: join(root, "samples/labelled"), out: audit, resume: false, runtime: "onnxruntime" });
  const { files: [page] } = await jobs.exportAudit({ audit, format: "html", name: "report", strings: {} });
  jobs.dispose();
  report = join(folder, "report.html");
  await writeFile(report, page!.bytes);
  browser = await chromium.launch({ executablePath: await ensureChromium(), args: ["--no-sandbox", "--disable-gpu"] });
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs on the page and returns what the browser complained about or loaded. */
async function onPage(look: { readonly width: number; readonly scheme?: "light" | "dark" }, use: (page: Page) => Promise<void>): Promise<string[]> {
  const context = await browser.newContext({ viewport: { width: look.width, height: 900 }, colorScheme: look.scheme ?? "light" });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => /^(?:data|file):/.test(request.url()) || complaints.push(request.url()));
  await page.goto(`file://${report}`);
  await use(page);
  await context.close();
  return complaints;
}

describe("the report of the samples", () => {
  it.each([{ width: 1280, scheme: "light" }, { width: 1280, scheme: "dark" }, { width: 420, scheme: "light" }] as const)("fits a window of %j, with all pictures", async (look) => {
    const complaints = await onPage(look, async (page) => {
      await page.screenshot({ path: join(shots, `audit-report-${look.scheme}-${look.width}.png`), fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
      expect(await page.evaluate(() => document.images.length)).toBeGreaterThan(50);
      expect(await page.evaluate(async () => (await Promise.all([...document.images].map((image) => image.decode().then(() => true, () => false)))).every(Boolean))).toBe(true);
      // No column is squeezed to a letter's width.
      expect(Math.min(...(await page.evaluate(() => [...document.querySelectorAll("table.data th[scope=row]")].map((cell) => cell.getBoundingClientRect().width))))).toBeGreaterThan(90);
      // The shortcut is told first, and as confirmed.
      expect(await page.locator(".card").first().innerText()).toMatch(/^Shortcut\n+.*mistakes into 'mug'.*bottom right/s);
      expect(await page.locator(".region.confirmed h3").first().innerText()).toContain("confirmed by the counter-test");
    });
    expect(complaints).toEqual([]);
  });

  it("shows text that can be read on every shade of the confusion matrix", async () => {
    for (const scheme of ["light", "dark"] as const) {
      await onPage({ width: 1280, scheme }, async (page) => {
        const contrasts = await page.evaluate(() => {
          const numbers = (color: string) => color.match(/[\d.]+/g)!.map(Number);
          const light = ([r, g, b]: number[]) => [r!, g!, b!].map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i]!, 0);
          const ground = numbers(getComputedStyle(document.querySelector("section")!).backgroundColor);
          return [...document.querySelectorAll(".confusion g[data-label]")].map((cell) => {
            const [shade, text] = [getComputedStyle(cell.querySelector("rect")!), getComputedStyle(cell.querySelector("text")!)];
            const opacity = Number(shade.fillOpacity);
            const behind = numbers(shade.fill).slice(0, 3).map((value, i) => value * opacity + ground[i]! * (1 - opacity));
            const [a, b] = [light(numbers(text.fill)), light(behind)].toSorted((x, y) => y - x) as [number, number];
            return (a + 0.05) / (b + 0.05);
          });
        });
        expect(contrasts.length).toBeGreaterThan(15);
        // WCAG's AA for text.
        expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
      });
    }
  });

  it("prints in light colours, whatever the screen's", async () => {
    await onPage({ width: 1280, scheme: "dark" }, async (page) => {
      const pdf = await page.pdf({ format: "A4" });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await page.setViewportSize({ width: 720, height: 1000 });
      await page.screenshot({ path: join(shots, "audit-report-print.png"), fullPage: true });
      expect(await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color])).toEqual(["rgb(255, 255, 255)", "rgb(31, 35, 40)"]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(720);
    });
  });
});
