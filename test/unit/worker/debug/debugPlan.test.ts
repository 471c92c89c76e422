/** @file What a report says it will run, from what one of its maps will. */
import { expect, it } from "vitest";
import { flopsOf } from "../../../../src/engine/ir/flops.js";
import type { Plan } from "../../../../src/engine/attribution/estimate.js";
import { planOfReport } from "../../../../src/worker/debug/debugPlan.js";
import { buildProbe } from "../../../../src/worker/speed/probeModels.js";

const map: Plan = { work: [{ pass: "gradient", images: [8, 72], atOnce: 4, flops: 1000, bytes: 5 }] };
const { forward: graph } = buildProbe("convolutions", 1);
const classes = { predicted: 3, true: 4, against: 4 };

it("counts a map for each class, and the changes that are tried forward", () => {
  const { work } = planOfReport(map, { among: undefined }, classes, graph);
  expect(work.slice(0, -1)).toEqual([...map.work, ...map.work]);
  expect(work.at(-1)).toMatchObject({ pass: "forward", flops: flopsOf(graph) });
  const [fewest, most] = work.at(-1)!.images;
  expect([fewest > 0, fewest]).toEqual([true, most]);
});

it("has one map where the answer is right, and leaves open how many files of a folder it will read", () => {
  const { work } = planOfReport(map, { among: "shortcut" }, { ...classes, true: undefined }, graph);
  expect(work.slice(0, -1)).toEqual(map.work);
  expect(work.at(-1)!.images[1] - work.at(-1)!.images[0]).toBe(500);
});
