/** @file The probe on real runtimes, and on one that computes wrongly. */
import { expect, it } from "vitest";
import { modelFamilies, familyOf, flopsOf } from "../../../../src/engine/ir/flops.js";
import { toFloat32 } from "../../../../src/engine/ir/tensor.js";
import type { Runtime } from "../../../../src/engine/runtime.js";
import { onnxruntimeRuntime } from "../../../../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../../../../src/runtimes/tfjs/tfjsRuntime.js";
import { probeRuntime } from "../../../../src/worker/speed/probe.js";
import { buildProbe, probeGradient, probeInput } from "../../../../src/worker/speed/probeModels.js";
import { relativeError } from "../../readReference.js";

const open = { onnxruntime: () => onnxruntimeRuntime(), "tfjs-wasm": () => tfjsRuntime("tfjs-wasm") };

it.each(modelFamilies)("is of its family: %s", (family) => {
  expect(familyOf(buildProbe(family, 1).graph)).toBe(family);
  expect(flopsOf(buildProbe(family, 3).graph)).toBe(3 * flopsOf(buildProbe(family, 1).graph));
});

it.each(Object.keys(open) as (keyof typeof open)[])("gives %s a speed", async (name) => {
  const result = await probeRuntime(await open[name]());
  if (!("rates" in result)) throw new Error(result.unfit);
  for (const family of modelFamilies) for (const rates of [result.rates, result.forward]) expect(rates[family] > 0 && Number.isFinite(rates[family]), family).toBe(true);
});

it.each(modelFamilies)("has one gradient on both runtimes: %s", async (family) => {
  const { graph, input } = buildProbe(family, 2);
  const gradients = await Promise.all(Object.values(open).map(async (load) => (await (await (await load()).compile(graph, () => new Uint8Array())).run({ [probeInput]: input }))[probeGradient]!));
  expect(relativeError(toFloat32(gradients[1]!), gradients[0]!)).toBeLessThan(1e-4);
});

it("finds a runtime that computes wrongly unfit", async () => {
  const right = await onnxruntimeRuntime();
  const wrong: Runtime = { ...right, compile: async (graph, ...rest) => {
    const program = await right.compile(graph, ...rest);
    return { ...program, run: async (inputs) => {
      const outputs = await program.run(inputs);
      (outputs[probeGradient]!.data as Float32Array)[5]! += 1;
      return outputs;
    } };
  } };
  expect(await probeRuntime(wrong)).toEqual({ unfit: "it computed a wrong gradient of convolutions" });
});
