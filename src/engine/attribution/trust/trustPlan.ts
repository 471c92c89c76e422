/** @file What an examination is about to run, worked out from what one map takes. */
import type { Graph } from "../../ir/graph.js";
import { passes } from "../batching.js";
import { workOf, type Plan, type Work } from "../estimate.js";
import { trustTests, type TrustTest } from "./finding.js";
import { manyImages, type TrustSettings } from "./settings.js";

/** Of one test: how often it makes the map again, how often on random weights, which are other programs, and what it runs beside. */
interface Share {
  readonly again?: number;
  readonly recompiled?: number;
  readonly forward?: number;
  readonly gradient?: number;
}

/** What each test takes; of a costly map little is made again. */
const shares: Readonly<Record<TrustTest, (settings: TrustSettings, isCostly: boolean) => Share>> = {
  blank: () => ({}),
  curves: ({ steps }) => ({ forward: 3 * (steps - 1) + 1 }),
  classes: ({ classes }, isCostly) => ({ again: isCostly ? 1 : classes }),
  stability: ({ draws }, isCostly) => ({ again: isCostly ? 1 : draws }),
  // Grad-CAM, Saliency, Integrated Gradients in five steps.
  agreement: () => ({ forward: 3, gradient: 6 }),
  // Stages of the layers, and all of them once more.
  weights: (_, isCostly) => ({ recompiled: isCostly ? 2 : 5 }),
};

/** `map` is what the map itself takes, `graph` the model specialised to one image. */
export function planOfTests(map: Plan, wanted: readonly TrustTest[], settings: TrustSettings, graph: Graph): Plan {
  const images = map.work.reduce((sum, { pass, images: [, most] }) => sum + (pass === "gradient" ? 2 : 1) * most, 0);
  const found = trustTests.filter((test) => wanted.includes(test)).map((test) => shares[test](settings, images > manyImages));
  const sumOf = (key: keyof Share) => found.reduce((sum, share) => sum + (share[key] ?? 0), 0);
  const recompiled = sumOf("recompiled");
  const beside = passes.map((pass): Work => workOf(graph, pass, [sumOf(pass), sumOf(pass)]));
  return { work: [...Array.from({ length: 1 + sumOf("again") + recompiled }, () => map.work).flat(), ...beside], recompiled };
}
