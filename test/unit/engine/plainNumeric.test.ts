/** @file Operators written in others for the runtimes that lack them: each form computes what the operator's own kernel computes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { float32, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { einsumByMatMul, einsumWithoutEllipsis } from "../../../src/engine/passes/einsumByMatMul.js";
import { lower, type LoweringRule } from "../../../src/engine/passes/lower.js";
import { plainFunctions } from "../../../src/engine/passes/plainFunctions.js";
import { lrnBySums, maxUnpoolByPadding, modByFloor, rmsNormalizationByMean, swishBySigmoid } from "../../../src/engine/passes/plainOperators.js";
import { sameWithin } from "./expectSame.js";
import { alongAxis, Draw } from "./gradientCases.js";
import { numericCases } from "./gradientCasesNumeric.js";
import { float64, smooth } from "./numbers.js";
import { graphOf, nodeGraph } from "./smallGraph.js";

const seed = 20260804;

// Constants are float32.
const expectSame = sameWithin(1e-6);

/** Between integers and real numbers, with one scale or one per slice, saturating at both ends. */
const quantized = (draw: Draw): { graph: Graph; tensors: readonly Tensor[] } => {
  const shape = draw.shape(1, 3);
  const axis = draw.int(-shape.length, shape.length - 1);
  const count = draw.flag() ? [] : [shape.at(axis)!];
  const size = count[0] ?? 1;
  const x = smooth(shape, draw.seed(), -3, 3);
  const dtype = draw.of(["int8", "uint8"] as const);
  const zeros = Array.from({ length: size }, () => draw.int(0, 60));
  const [scale, zero] = [float32(count, toNumbers(smooth(count, draw.seed(), 0.005, 0.05))), { dtype, shape: count, data: dtype === "int8" ? Int8Array.from(zeros) : Uint8Array.from(zeros) }];
  const graph = graphOf([x], (builder, name) => {
    const constants = [builder.constant(scale), ...(draw.flag() || dtype === "int8" ? [builder.constant(zero)] : [])];
    return [builder.add("DequantizeLinear", [builder.add("QuantizeLinear", [name!, ...constants], { axis }), ...constants], { axis })];
  });
  return { graph, tensors: [x] };
};

/** The rule, the operator it removes and random forms of that. */
const rules: readonly (readonly [op: string, rule: LoweringRule, make: (draw: Draw) => { graph: Graph; tensors: readonly Tensor[] }])[] = [
  ...Object.entries(plainFunctions).filter(([op]) => numericCases[op] !== undefined).map(([op, rule]) => [op, rule, numericCases[op]!] as const),
  ["Hardmax", plainFunctions["Hardmax"]!, alongAxis("Hardmax")], ["Swish", swishBySigmoid, numericCases["Swish"]!], ["RMSNormalization", rmsNormalizationByMean, numericCases["RMSNormalization"]!],
  ["Mod", modByFloor, numericCases["Mod"]!], ["LRN", lrnBySums, numericCases["LRN"]!], ["MaxUnpool", maxUnpoolByPadding, numericCases["MaxUnpool"]!],
  ["Einsum", einsumByMatMul, numericCases["Einsum"]!], ["Einsum", einsumWithoutEllipsis, numericCases["Einsum"]!], ["QuantizeLinear", plainFunctions["QuantizeLinear"]!, quantized], ["DequantizeLinear", plainFunctions["DequantizeLinear"]!, quantized],
];

describe("plain forms of functions", () => {
  it("are all compared here", () => expect(Object.keys(plainFunctions).filter((op) => !rules.some(([name]) => name === op))).toEqual([]));

  it.each(rules)("%s", (op, rule, make) => {
    let rewritten = 0;
    fc.assert(fc.property(fc.gen(), (gen) => {
      const { graph, tensors } = make(new Draw(gen));
      const lowered = lower(graph, { [op]: rule });
      if (lowered !== graph && lowered.nodes.length !== graph.nodes.length) rewritten++;
      expectSame(lowered, graph, tensors);
    }), { seed, numRuns: 60 });
    if (rule !== einsumWithoutEllipsis) expect(rewritten).toBeGreaterThan(10);
  });

  it("leave a line of zeros as it is", () => {
    const x = float64([2, 2], [0, 0, 3, 4]);
    const graph = nodeGraph("LpNormalization", [x], { axis: 1 });
    expectSame(lower(graph, plainFunctions), graph, [x]);
  });
});
