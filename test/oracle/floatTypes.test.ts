/** @file Models in half, bfloat16 and double precision: weights stay in the file as they are, and every runtime computes in float32. */
import { afterAll, describe, expect, it } from "vitest";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { isInMemory } from "../../src/engine/ir/graph.js";
import { bfloat16ToFloat32, float16ToNumber, toNumbers } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { smooth } from "../unit/engine/numbers.js";
import { modelBytes } from "../unit/engine/onnxBytes.js";
import { openFile } from "./fileSource.js";
import { workingRuntimes } from "./runtimes.js";

/** Bits of each type for whole numbers of sixty-fourths, which all of them hold exactly. */
const formats = {
  float16: { number: 10, bits: (value: number) => new Uint8Array(Uint16Array.of(halfBits(value)).buffer) },
  bfloat16: { number: 16, bits: (value: number) => new Uint8Array(Float32Array.of(value).buffer).slice(2) },
  float64: { number: 11, bits: (value: number) => new Uint8Array(Float64Array.of(value).buffer) },
} as const;

/** IEEE 754 binary16 of a number it holds exactly and normally, or of 0. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = Math.abs(value) / 2 ** exponent - 1;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.round(fraction * 1024);
}

const proto = (type: keyof typeof formats, name: string, dims: readonly number[], values: readonly number[]) => ({ name, dims, dataType: formats[type].number, rawData: Uint8Array.from(values.flatMap((value) => [...formats[type].bits(value)])) });

/** Few enough bits for bfloat16. */
const exact = (count: number, seed: number) => toNumbers(smooth([count], seed)).map((value) => Math.round(value * 64) / 64);
const [rows, columns] = [64, 32];
const [weights, bias] = [exact(rows * columns, 3), exact(columns, 4)];

/** y = Cast(Cast(x) W + b + 0.5): the input, the weights, a small constant and a cast are all of the type; 64 x 32 weights are too large to be kept in memory. */
function model(type: keyof typeof formats): Uint8Array {
  const { number } = formats[type];
  return modelBytes({
    opset: 17,
    nodes: [
      { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] }, { op: "Add", inputs: ["a", "b"], outputs: ["c"] },
      { op: "Constant", inputs: [], outputs: ["half"], attributes: { value: { tensor: proto(type, "", [], [0.5]) } } }, { op: "Add", inputs: ["c", "half"], outputs: ["d"] },
      { op: "Cast", inputs: ["d"], outputs: ["e"], attributes: { to: number } }, { op: "Softmax", inputs: ["e"], outputs: ["s"], attributes: { axis: -1 } }, { op: "Identity", inputs: ["e"], outputs: ["y"] },
    ],
    inputs: { x: ["n", rows] }, outputs: { y: ["n", columns], s: ["n", columns] }, elementTypes: { x: number, y: number, s: number },
    initializers: [proto(type, "w", [rows, columns], weights), proto(type, "b", [columns], bias)],
  });
}

describe("half, bfloat16 and double models", async () => {
  const runtimes = await workingRuntimes();
  const folder = mkdtempSync(join(tmpdir(), "whylight-types-"));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("reads back the bits that the test writes", () => {
    for (const value of [0.015625, -1.75, 2, -0.5]) {
      expect(float16ToNumber(halfBits(value))).toBe(value);
      expect(bfloat16ToFloat32(new Uint16Array(formats.bfloat16.bits(value).buffer))[0]).toBe(value);
    }
  });

  it.each(Object.keys(formats) as (keyof typeof formats)[])("%s weights give what the float64 sum gives, on every runtime", async (type) => {
    const path = join(folder, `${type}.onnx`);
    writeFileSync(path, model(type));
    const file = openFile(path);
    const { graph } = importOnnx(file);
    expect([...graph.types].filter(([, { dtype }]) => dtype === "float16" || dtype === "bfloat16" || dtype === "float64")).toEqual([]);
    const stored = graph.initializers.get("w")!;
    expect(isInMemory(stored) ? "in memory" : [stored.dtype, stored.stored]).toEqual(["float32", type]);
    const x = { dtype: "float32" as const, shape: [2, rows], data: Float32Array.from(exact(2 * rows, 5)) };
    const expected = [0, 1].flatMap((n) => bias.map((b, column) => weights.reduce((sum, w, i) => (i % columns === column ? sum + w * x.data[n * rows + Math.floor(i / columns)]! : sum), b + 0.5)));
    const special = specialize(graph, { x: x.shape });
    for (const runtime of runtimes) {
      const program = await runtime.compile(special, file.readRange);
      const { y } = await program.run({ x });
      program.dispose();
      expect(y!.dtype, runtime.name).toBe("float32");
      toNumbers(y!).forEach((value, i) => expect(Math.abs(value - expected[i]!), `${runtime.name}: y[${i}]`).toBeLessThanOrEqual(2e-5));
    }
  });
});
