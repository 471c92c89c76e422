/** @file Real reports of the samples in the page: the planted shortcut is shown where it lies, and nothing is missing of what the worker measured. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DebugState } from "../../src/protocol/debug.js";
import { createJobs } from "../../src/worker/jobs.js";
import { startHarness, type Harness } from "./webviewHarness/panelPage.js";

const samples = fileURLToPath(new URL("../../samples/", import.meta.url));
const jobs = createJobs();
let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ page: "debug", image: "file:///02.jpg", model: "file:///scenes.onnx", label: "umbrella", labelFrom: "folder", expected: undefined, among: undefined, view: { opacity: 0.5, colormap: "viridis" } }, "./fakeDebugHost.ts");
});
afterAll(async () => {
  jobs.dispose();
  await harness.close();
});

it.each([["scenes", 2], ["scenes-vit", 3]] as const)("%s takes an umbrella with a sticker for a mug", async (name, rows) => {
  const input = join(samples, "shortcut/umbrella/02.jpg");
  const report = await jobs.debugImage({ model: join(samples, `models/${name}.onnx`), input, label: "umbrella", labelFrom: "folder", among: join(samples, "shortcut"), runtime: "auto" });
  const open = await harness.open("vscode-dark", { width: 1240, height: 900 });
  const { page } = open;
  const state: Partial<DebugState> = { imageName: "02.jpg", modelName: `${name}.onnx`, image: await jobs.previewImage(input, 1024), report, busy: undefined, labels: report.model.labels ?? [] };
  await page.evaluate((next) => window.fakeDebug.change(next), state);
  await page.locator('#whylight[data-state="done"]').waitFor();
  for (const { file } of report.neighbours?.found ?? []) {
    await page.evaluate(([near, picture]) => window.fakeDebug.neighbour(near, picture), [file, await jobs.previewImage(join(samples, "shortcut", file), 192)] as const);
  }
  await expect.poll(() => page.locator("#neighbours canvas[data-skeleton]").count()).toBe(0);
  await open.fullShot(`debug-real-${name}`);

  expect(await page.locator("#verdict").textContent()).toMatch(/^The model says mug \(9\d\.\d %\)/);
  expect(await page.locator('#ranking [data-marks="true"] .label').textContent()).toBe("umbrella");
  expect(await page.locator(".map-row").count()).toBe(rows);
  await page.locator("#more-tried").click();
  expect(await page.locator("#tried tr[data-id]").count()).toBe(report.variants.length);
  expect(await page.locator("#neighbours li").count()).toBe(report.neighbours?.found.length);
  // The sticker lies in the lower right corner.
  await page.locator("#maps-table summary").click();
  expect(await page.locator('#measured [data-id="integrated-gradients/predicted"] td').last().textContent()).toMatch(/^bottom right, /);
  expect(open.complaints).toEqual([]);
  await page.context().close();
});
