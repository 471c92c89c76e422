/** @file What people do in every frame of an attention page, and how long its frames take meanwhile; for pages in the harness and in VS Code. */
import type { Frame, Page } from "playwright-core";

/** What happens in every frame, at a share of the way from 0 to 1. */
export type Action = "hover the heatmap" | "pan the heatmap" | "drag the threshold" | "hover tokens" | "scroll tokens" | "hover heads" | "scroll heads";

/** The actions of every view that are measured. */
export const actionsOf = [
  ["heatmap", ["hover the heatmap", "pan the heatmap", "drag the threshold"]], ["grid", ["drag the threshold"]], ["heads", ["hover tokens", "scroll tokens", "drag the threshold"]], ["model", ["hover heads", "scroll heads"]],
  ["average", ["drag the threshold"]],
] as const satisfies readonly (readonly [view: string, actions: readonly Action[]])[];

type Acts = Readonly<Record<Action, (share: number) => void>>;
declare global {
  interface Window {
    attentionActs: () => Acts;
  }
}

/** Teaches a page the actions. */
export async function teachActions(page: Page | Frame): Promise<void> {
  await page.evaluate(() => {
    window.attentionActs = () => {
      const matrix = document.querySelector(".matrix:is(#view-panel > :not([hidden]) *)");
      const stage = matrix?.getBoundingClientRect() ?? new DOMRect();
      const fire = (target: Element | null | undefined, type: string, x: number, y: number) => target?.dispatchEvent(new PointerEvent(type, { bubbles: true, clientX: x, clientY: y, pointerId: 1, button: 0 }));
      const scroller = document.querySelector(".head-scroll");
      const grid = document.querySelector("#model-stage");
      const slider = document.querySelector<HTMLInputElement>("#threshold");
      const [tokens, tiles] = [document.querySelectorAll(".tokens.from .token"), document.querySelectorAll("#model .head-tile")];
      return {
        "hover the heatmap": (share) => fire(matrix, "pointermove", stage.x + stage.width * (0.2 + 0.6 * share), stage.y + stage.height * (0.2 + 0.6 * share)),
        "pan the heatmap": (share) => matrix?.dispatchEvent(new WheelEvent("wheel", { bubbles: true, cancelable: true, deltaY: share > 0.5 ? 20 : -20, clientX: stage.x + stage.width / 2, clientY: stage.y + stage.height / 2 })),
        "drag the threshold": (share) => {
          if (!slider) return;
          slider.value = String(0.05 + 0.5 * share);
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        },
        "hover tokens": (share) => {
          const token = tokens[Math.round(share * 25)];
          const box = token?.getBoundingClientRect() ?? new DOMRect();
          fire(token, "pointermove", box.x + 2, box.y + 2);
        },
        "scroll tokens": (share) => scroller?.scrollTo(0, share * (scroller.scrollHeight - scroller.clientHeight)),
        "hover heads": (share) => fire(tiles[Math.round(share * (tiles.length - 1))], "pointermove", 0, 0),
        "scroll heads": (share) => grid?.scrollTo(0, share * (grid.scrollHeight - grid.clientHeight)),
      };
    };
  });
}

/** Does something at each of these shares, one after the other, and answers what `look` sees after each, once it is drawn. */
export async function seenDuring<Seen>(page: Page | Frame, action: Action, shares: readonly number[], look: () => Promise<Seen>): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const share of shares) {
    await page.evaluate(([what, at]) => {
      window.attentionActs()[what](at);
      return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    }, [action, share] as const);
    seen.push(await look());
  }
  return seen;
}

/** Times between frames, in ms. */
export interface FrameTimes {
  readonly median: number;
  readonly late: number;
  readonly slowest: number;
  /** How many different things the page said meanwhile. */
  readonly said: number;
}

/** Does something in each of 90 frames, to and fro; the first ten, in which code is compiled and pictures are made, do not count. */
export async function framesDuring(page: Page | Frame, action: Action): Promise<FrameTimes> {
  return page.evaluate(async (what) => {
    const act = window.attentionActs()[what];
    const [scroller, grid] = [document.querySelector(".head-scroll"), document.querySelector("#model-stage")];
    const times: number[] = [];
    const said = new Set<string>();
    const [count, warmUp] = [90, 10];
    await new Promise<void>((resolve) => {
      let last = performance.now();
      let i = 0;
      const step = (now: number) => {
        if (i > warmUp) times.push(now - last);
        last = now;
        said.add(["#readout", "#hints"].map((id) => document.querySelector(id)?.textContent).join() + [scroller?.scrollTop, grid?.scrollTop].join());
        if (i++ === count) return resolve();
        const share = i / count;
        act(share < 0.5 ? 2 * share : 2 - 2 * share);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
    times.sort((a, b) => a - b);
    return { median: times[Math.floor(times.length / 2)] ?? Infinity, late: times[Math.floor(times.length * 0.95)] ?? Infinity, slowest: times.at(-1) ?? Infinity, said: said.size };
  }, action);
}

/** "median 16.7 ms, 95th percentile 18.0 ms, slowest 33.3 ms". */
export function timesText({ median, late, slowest }: FrameTimes): string {
  return `median ${median.toFixed(1)} ms, 95th percentile ${late.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`;
}
