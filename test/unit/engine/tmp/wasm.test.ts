import { it } from "vitest";
import { join } from "node:path";
import { importOnnx } from "../../../../src/engine/importers/onnx.js";
import { readSafetensors } from "../../../../src/engine/importers/safetensors.js";
import { classifierOf } from "../../../../src/engine/attribution/classifier.js";
import { prepare } from "../../../../src/engine/attribution/attribute.js";
import { GraphBuilder } from "../../../../src/engine/ir/builder.js";
import { gradient, withOutputs } from "../../../../src/engine/autodiff/gradient.js";
import { referenceRuntime } from "../../../../src/engine/reference/referenceRuntime.js";
import { tfjsRuntime } from "../../../../src/runtimes/tfjs/tfjsRuntime.js";
import { openFile } from "../../../oracle/fileSource.js";
const folder = join(import.meta.dirname, "../../../fixtures/reference/resnet_tiny");
it("x", async () => {
  const source = openFile(join(folder, "model.onnx"));
  const rec = readSafetensors(openFile(join(folder, "reference.safetensors")));
  const c = classifierOf(importOnnx(source).graph);
  const p = prepare(c, [1, 3, 64, 64]);
  const wasm = await tfjsRuntime("tfjs-wasm");
  const b = new GraphBuilder(p.graph, ""); b.input("seed", { dtype: "float32", shape: [1, 10] });
  const values = ["input", ...p.graph.nodes.map((n) => n.outputs[0]!)].filter((v) => v !== c.logits);
  const d = gradient(b.build([c.logits]), c.logits, "seed", values);
  const outs = [...new Set([...d.cotangents.values()].filter((x) => x !== undefined) as string[])];
  const g = withOutputs(d.graph, [...new Set([...outs, ...values.slice(1)])]);
  const seed = { dtype: "float32" as const, shape: [1, 10], data: new Float32Array(10) }; seed.data[4] = 1;
  for (const x of ["x0", "x1"]) {
  const feeds = { input: rec.get(x)!, seed };
  const A = await (await wasm.compile(g, source.readRange)).run(feeds);
  const B = await (await referenceRuntime.compile(g, source.readRange)).run(feeds);
  for (const v of values.reverse()) for (const n of [d.cotangents.get(v)!, v]) { if (!B[n]) continue; const a = A[n]!.data as Float32Array, r = B[n]!.data as Float32Array; let m = 0, e = 0, cnt = 0; r.forEach((q, i) => { m = Math.max(m, Math.abs(q)); const dd = Math.abs(q - a[i]!); if (dd > 1e-4 * 1) {} e = Math.max(e, dd); }); r.forEach((q, i) => { if (Math.abs(q - a[i]!) > 1e-4 * m) cnt++; }); if (e / m > 1e-5) console.log(x, n === v ? "value" : "cotangent of", v, (e / m).toExponential(1), cnt, r.length); }
  values.reverse();
  { const v = "/relu/Relu_output_0"; const n = d.cotangents.get(v)!; const [a, r, av, rv] = [A[n]!.data, B[n]!.data, A[v]!.data, B[v]!.data] as Float32Array[];
    r!.forEach((q, i) => { if (Math.abs(q - a![i]!) > 1e-6) { const [y, xx] = [Math.floor(i / 32) % 32, i % 32]; console.log(x, i, "c", Math.floor(i/1024), y, xx, "grad ref/wasm", q, a![i], "value ref/wasm", rv![i], av![i]); } }); }
  // relu pre-activations nearest zero and flips
  for (const node of p.graph.nodes) if (node.op === "Relu") { const y = node.outputs[0]!; let flips = 0, tiny = Infinity; (B[node.inputs[0]!]!.data as Float32Array).forEach((q, i) => { if ((q > 0) !== ((A[node.inputs[0]!]!.data as Float32Array)[i]! > 0)) { flips++; } tiny = Math.min(tiny, Math.abs(q)); }); if (flips) console.log(x, y, "flips", flips, tiny); }
  }
});
