/** @file What methods say they will run, and what they then compile: both passes, at every shape of work. */
import { expect, it } from "vitest";
import type { Pass } from "../../../../src/engine/attribution/batching.js";
import type { Plan } from "../../../../src/engine/attribution/estimate.js";
import type { MethodName } from "../../../../src/engine/attribution/methods.js";
import type { Graph } from "../../../../src/engine/ir/graph.js";
import { referenceRuntime } from "../../../../src/engine/reference/referenceRuntime.js";
import { noFile } from "../smallGraph.js";
import { explain, head, model, weights } from "./smallClassifiers.js";

const classifier = model((graph, x) => head(graph, graph.add("Relu", [graph.add("Conv", [x, graph.constant(weights([4, 2, 3, 3], 1))], { pads: [1, 1, 1, 1] })]), weights([3, 4], 2)));

/** The passes that a method's programs are compiled as, by their keys, and the images of its largest plan. */
async function observe(method: MethodName, parameters: Record<string, number> = {}) {
  const compiled = new Map<string, Pass | undefined>();
  const plans: Plan[] = [];
  const { evaluations } = await explain(classifier, {
    method, parameters,
    compile: Object.assign((key: string, build: () => Graph, pass?: Pass) => {
      compiled.set(key, pass);
      return referenceRuntime.compile(build(), noFile);
    }, { plan: (plan: Plan) => void plans.push(plan) }),
  });
  const images = (pass: Pass) => Math.max(0, ...plans.map(({ work }) => work.filter((part) => part.pass === pass).reduce((sum, part) => sum + part.images[1], 0)));
  return { compiled, evaluations, images };
}

it.each([
  ["saliency", {}], ["grad-cam", {}], ["eigen-cam", {}], ["smoothgrad", { samples: 7 }], ["integrated-gradients", { steps: 5 }], ["gradient-shap", { samples: 6 }], ["blur-ig", { steps: 5 }], ["guided-ig", { steps: 4 }], ["deeplift", {}],
  ["score-cam", {}], ["ablation-cam", {}], ["occlusion", { window: 2 }], ["rise", { masks: 9 }], ["kernel-shap", { samples: 40, segments: 4 }],
] as const satisfies readonly (readonly [MethodName, Record<string, number>])[])("%s says how much it runs, and as what", async (method, parameters) => {
  const { compiled, evaluations, images } = await observe(method, parameters);
  for (const [key, pass] of compiled) expect([key, pass]).toEqual([key, /^(forward|activations|above)/.test(key) ? "forward" : "gradient"]);
  // Methods at a layer go back through little, and count as forward; one image more or less is the explained one's own answer.
  const isAtLayer = method.endsWith("cam");
  // DeepLIFT takes its baselines through what gradients go through.
  const isTwin = method === "deeplift";
  if (!isAtLayer) expect(images("gradient")).toBe(evaluations.gradient * (isTwin ? 2 : 1));
  expect(Math.abs(images("forward") - evaluations.forward - (isAtLayer ? evaluations.gradient : 0))).toBeLessThanOrEqual(2);
});
