/** @file The attention page at 512 tokens, 12 layers and 12 heads: how long frames take while people hover, scroll and drag. Chromium without a graphics card draws everything on the processor here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type Harness, type PanelPage } from "./webviewHarness/panelPage.js";

let harness: Harness;
let open: PanelPage;

beforeAll(async () => {
  harness = await startHarness({ page: "attention", model: "file:///workspace/models/sentiment.onnx", input: { kind: "text", text: "long" } }, "./fakeAttentionHost.ts");
  open = await harness.open("vscode-dark", { width: 1240, height: 900 });
  await open.page.evaluate(() => window.fakeAttention.show("long"));
});
afterAll(async () => {
  expect(open.complaints).toEqual([]);
  await harness.close();
});

async function view(id: string): Promise<void> {
  await open.page.locator(`#view-${id}`).click();
  await open.page.locator(`#whylight[data-view="${id}"][data-state="done"]`).waitFor();
}

/** What happens in every frame, at a share of the way from 0 to 1 and back. */
type Action = "hover the heatmap" | "pan the heatmap" | "drag the threshold" | "hover tokens" | "scroll tokens" | "hover heads" | "scroll heads";

/** Does something in each of 90 frames, and answers the times between frames, sorted, and how many different things the page said meanwhile. */
async function frames(action: Action): Promise<{ times: number[]; said: number }> {
  return open.page.evaluate(async (what) => {
    const stage = document.querySelector("#matrix")?.getBoundingClientRect() ?? new DOMRect();
    const fire = (target: Element | null, type: string, x: number, y: number) => target?.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: x, clientY: y, pointerId: 1, button: 0 }));
    const scroller = document.querySelector(".head-scroll");
    const grid = document.querySelector("#model-stage");
    const slider = document.querySelector<HTMLInputElement>("#threshold");
    const acts: Record<typeof what, (share: number) => void> = {
      "hover the heatmap": (share) => fire(document.querySelector("#matrix"), "pointermove", stage.x + stage.width * (0.2 + 0.6 * share), stage.y + stage.height * (0.2 + 0.6 * share)),
      "pan the heatmap": (share) => document.querySelector("#matrix")?.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, deltaY: share > 0.5 ? 20 : -20, clientX: stage.x + stage.width / 2, clientY: stage.y + stage.height / 2 })),
      "drag the threshold": (share) => {
        if (!slider) return;
        slider.value = String(0.05 + 0.5 * share);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      },
      "hover tokens": (share) => {
        const tokens = document.querySelectorAll(".tokens.from .token");
        const token = tokens[Math.round(share * 25)];
        const box = token?.getBoundingClientRect() ?? new DOMRect();
        fire(token ?? null, "pointermove", box.x + 2, box.y + 2);
      },
      "scroll tokens": (share) => scroller?.scrollTo(0, share * (scroller.scrollHeight - scroller.clientHeight)),
      "hover heads": (share) => {
        const tiles = document.querySelectorAll("#model .head-tile");
        fire(tiles[Math.round(share * (tiles.length - 1))] ?? null, "pointermove", 0, 0);
      },
      "scroll heads": (share) => grid?.scrollTo(0, share * (grid.scrollHeight - grid.clientHeight)),
    };
    const times: number[] = [];
    const said = new Set<string>();
    const count = 90;
    await new Promise<void>((resolve) => {
      let last = performance.now();
      let i = 0;
      const step = (now: number) => {
        if (i > 0) times.push(now - last);
        last = now;
        said.add(["#readout", "#hints"].map((id) => document.querySelector(id)?.textContent).join() + [scroller?.scrollTop, grid?.scrollTop].join());
        if (i++ === count) return resolve();
        const share = i / count;
        acts[what](share < 0.5 ? 2 * share : 2 - 2 * share);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    return { times: times.toSorted((a, b) => a - b), said: said.size };
  }, action);
}

describe("at 512 tokens, 12 layers, 12 heads", () => {
  it.each([
    ["heatmap", ["hover the heatmap", "pan the heatmap", "drag the threshold"]], ["grid", ["drag the threshold"]], ["heads", ["hover tokens", "scroll tokens", "drag the threshold"]], ["model", ["hover heads", "scroll heads"]], ["average", ["drag the threshold"]],
  ] as const)("the %s draws at least 30 frames a second", async (id, actions) => {
    await view(id);
    for (const action of actions) {
      const { times, said } = await frames(action);
      const [median = Infinity, late = Infinity] = [times[Math.floor(times.length / 2)], times[Math.floor(times.length * 0.95)]];
      console.log(`${id}, ${action}: median ${median.toFixed(1)} ms, 95th percentile ${late.toFixed(1)} ms, slowest ${(times.at(-1) ?? 0).toFixed(1)} ms of ${times.length} frames`);
      // Frames in which nothing happens are quick.
      if (action !== "pan the heatmap") expect(said, action).toBeGreaterThan(20);
      expect(median, action).toBeLessThanOrEqual(1000 / 30);
    }
  });
});
