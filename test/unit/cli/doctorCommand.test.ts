/** @file `whylight doctor`: what it says of runtimes, their speed and which one auto takes. */
import { describe, expect, it } from "vitest";
import { runDoctor } from "../../../src/cli/doctorCommand.js";
import { english } from "../../../src/cli/localize.js";
import type { DoctorRequest, RuntimeStatus } from "../../../src/protocol/api.js";

const status = (over: Partial<RuntimeStatus> & Pick<RuntimeStatus, "name">): RuntimeStatus => ({ ok: true, detail: `${over.name} 1`, reason: "", isEmulated: false, place: "", rates: {}, unfit: "", takenFor: [], ...over });

async function doctor(statuses: readonly RuntimeStatus[], options = { json: false, measure: false }) {
  const [out, err]: [string[], string[]] = [[], []];
  const asked: DoctorRequest[] = [];
  const terminal = { translate: english, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), progress: () => {} };
  const code = await runDoctor(options, terminal, { doctor: (request, context) => {
    asked.push(request);
    context?.onMeasure?.({ runtime: "tfjs-wasm", index: 1, count: 2 });
    return Promise.resolve(statuses);
  } });
  return { code, lines: out.slice(1), out, err, asked };
}

const measured = [
  status({ name: "onnxruntime-webgpu", isEmulated: true }), status({ name: "onnxruntime", rates: { convolutions: 183.4e6, attention: 9.96e6 }, takenFor: ["convolutions"] }),
  status({ name: "tfjs-tensorflow", place: "/cache/tf", unfit: "it computed a wrong gradient of attention" }), status({ name: "tfjs-webgpu", ok: false, reason: "no card" }), status({ name: "tfjs-wasm", rates: { convolutions: 30e6, attention: 20e6 }, takenFor: ["attention"] }),
];

describe("whylight doctor", () => {
  it("says how fast each runtime is, which one auto takes for what, and why it does not take others", async () => {
    const { code, lines, err, asked } = await doctor(measured);
    expect([code, err, asked]).toEqual([0, ["Measuring tfjs-wasm (2 of 2)"], [{ measure: "missing" }]]);
    expect(lines.map((line) => line.replace(/ {2,}/g, "  "))).toEqual([
      "  convolutions  transformers",
      "  ✓  onnxruntime-webgpu  onnxruntime-webgpu 1 · not taken by auto: the processor plays the graphics card",
      "  ✓  onnxruntime  183 GFLOP/s  10.0 GFLOP/s  taken by auto for convolutions  onnxruntime 1",
      "  ✓  tfjs-tensorflow  tfjs-tensorflow 1 · /cache/tf · not taken by auto: it computed a wrong gradient of attention",
      "  ✗  tfjs-webgpu  no card",
      "  ✓  tfjs-wasm  30 GFLOP/s  20 GFLOP/s  taken by auto for transformers  tfjs-wasm 1",
      "", "auto takes the fastest for the kind of model, and the next one when that fails.",
    ]);
  });

  it("says that nothing was measured", async () => {
    const { lines } = await doctor([status({ name: "onnxruntime", takenFor: ["convolutions", "attention"] })]);
    expect(lines[0]!.trim()).toMatch(/^✓ +onnxruntime +taken by auto +onnxruntime 1$/);
    expect(lines[2]).toMatch(/not measured yet/);
  });

  it("measures all anew when it is told to, and prints one document", async () => {
    const { asked, out } = await doctor(measured, { json: true, measure: true });
    expect(asked).toEqual([{ measure: "all" }]);
    expect(JSON.parse(out.join("\n"))).toMatchObject({ runtimes: [{}, { name: "onnxruntime", rates: { convolutions: 183.4e6 }, takenFor: ["convolutions"] }, {}, {}, {}] });
  });
});
