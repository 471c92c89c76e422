/** @file The gallery of 20,000 images and the matrix of 1,000 classes: how long frames take while people scroll. Times are told, not judged: Chromium draws on the processor here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timesText } from "./webviewHarness/attentionFrames.js";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";

let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness({ page: "audit", audit: "file:///workspace/audits/second" }, "./fakeAuditHost.ts");
  open = await harness.open("vscode-dark", { width: 1280, height: 900 });
  await open.page.evaluate(() => window.fakeAudit.show("large"));
  await open.page.locator("#gallery-title", { hasText: /\d/ }).waitFor();
  await open.page.locator("#outcome").click();
  await open.page.locator("#outcome vscode-option", { hasText: "All images" }).click();
  await open.page.locator("#gallery-title", { hasText: "20,000 of 20,000" }).waitFor();
  await open.page.locator("#matrix-short").click();
});
afterAll(async () => {
  expect(open.complaints).toEqual([]);
  await harness.close();
});

/** Scrolls by so many pixels in each of 120 frames; the first ten do not count. `seen` are the different first tiles or rows meanwhile. */
async function scrolled(id: string, pixels: number) {
  return open.page.evaluate(async ([which, step]) => {
    const element = document.querySelector(`#${which}`);
    const times: number[] = [];
    const seen = new Set<string>();
    let last = performance.now();
    let most = 0;
    for (let i = 0; i < 130; i++) {
      const now = await new Promise<number>((frame) => requestAnimationFrame(frame));
      if (i > 10) times.push(now - last);
      last = now;
      element?.scrollBy(which === "matrix" ? step : 0, step);
      const made = element?.querySelectorAll(".shot:not([hidden]), .matrix-name.row") ?? [];
      most = Math.max(most, made.length);
      seen.add(String([...made].map((one) => (one as HTMLElement).dataset["index"] ?? one.textContent).toSorted((a, b) => Number(a) - Number(b))[0]));
    }
    times.sort((a, b) => a - b);
    return { median: times[Math.floor(times.length / 2)] ?? Infinity, late: times[Math.floor(times.length * 0.95)] ?? Infinity, slowest: times.at(-1) ?? Infinity, said: seen.size, most };
  }, [id, pixels] as const);
}

describe("20,000 images and 1,000 classes", () => {
  it.each([
    { id: "gallery", pixels: 60, by: "a wheel" }, { id: "gallery", pixels: 400, by: "a fast wheel" }, { id: "gallery", pixels: 5000, by: "a dragged scroll bar" }, { id: "matrix", pixels: 40, by: "a wheel" }, { id: "matrix", pixels: 160, by: "a fast wheel" },
  ])("the $id scrolls by $pixels pixels a frame, as with $by", async ({ id, pixels }) => {
    await open.page.locator(`#${id}`).evaluate((element) => element.scrollTo(0, 0));
    const before = await open.page.evaluate(() => ({ ...window.fakeAudit.thumbnails }));
    const times = await scrolled(id, pixels);
    const after = await open.page.evaluate(() => ({ ...window.fakeAudit.thumbnails }));
    console.log(`${id}, ${pixels} pixels a frame: ${timesText(times)}; at most ${times.most} made; pictures asked ${after.asked - before.asked}, given up ${after.dropped - before.dropped}`);
    expect(times.said).toBeGreaterThan(20);
    expect(times.most).toBeLessThan(100);
  });
});
