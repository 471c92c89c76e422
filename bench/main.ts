/** @file The bench: runs the cases, prints one table and keeps it in test-output. Started by scripts/bench.mjs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { audit } from "./audit.js";
import { coldStart } from "./coldStart.js";
import { describeMachine } from "./machine.js";
import type { Options, Setup } from "./setup.js";
import { asMarkdown, asText, judge, type Row } from "./table.js";
import { warm } from "./warm.js";
import { text } from "./text.js";
import { wasm } from "./wasm.js";

/** Group name to its rows. */
const groups: Readonly<Record<string, (options: Options) => Promise<Row[]>>> = {
  "cold-start": coldStart,
  "grad-cam": (options) => warm("grad-cam", options),
  "input-gradient": (options) => warm("input-gradient", options),
  forward: (options) => warm("forward", options),
  smoothgrad: (options) => warm("smoothgrad", options),
  "integrated-gradients": (options) => warm("integrated-gradients", options),
  occlusion: (options) => warm("occlusion", options),
  "score-cam": (options) => warm("score-cam", options),
  text,
  wasm,
  audit,
};

const notes = [
  "Times are medians with minimum and maximum in brackets; sides take turns within one run (A B A B), after warm-up rounds that do not count. A ratio is this project's median over its peer's.",
  "The model is a torchvision ResNet-50 with random weights, exported to ONNX by PyTorch. Both sides' results are compared before the warm cases and the WASM case are timed: within 1e-3, and within 2e-2 for input gradients,"
    + " which jump at the edges of ReLUs (float32 and float64 in PyTorch differ by up to 7e-3).",
  "captum and pytorch-grad-cam are not run: their way of computing is written out in plain PyTorch in bench/peers. `loss.backward()` is what pytorch-grad-cam does: hooks on layer4, every weight's gradient computed;"
    + " \"to the layer\" is the least PyTorch can do: nothing recorded before layer4, only layer4 differentiated; \"to the input\" has every weight frozen.",
  "SmoothGrad, Integrated Gradients, occlusion and Score-CAM do the same sums on the same images on both sides; batches are what each side does best with. Integrated Gradients with `steps=auto` stops"
    + " at a completeness gap of 1 %; that the map stands still as well, which people get by default, is not asked of random weights.",
  "The text model is transformers' BERT-base with random weights and biases. PyTorch runs its eager attention where attention is asked for, and its default, the faster one, for gradients. With `steps=auto` this project goes on"
    + " until the gap is no larger than that of PyTorch's 50 steps, or 0.01 %, below which float32 cannot tell the scores' difference; the row after it stops at 1 %, as people get it by default. Peers' times are those of the first row.",
  "Warm cases use two threads on both sides, TensorFlow.js on WASM included.",
  "An audit is the whole command, from process start to end, with Grad-CAM of every image, the tests of what it found, Parquet file and report. The PyTorch loop is timed without its start and only predicts;"
    + " it gets the batch and the number of threads that were fastest on a part of the pictures. Both sides' answers are compared before anything is timed.",
  "A cold start is a new process, from its start to its end, with the picture written; the files it reads are in the system's file cache, for both sides.",
];

async function run(setup: Setup, args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { only: { type: "string" }, runs: { type: "string", default: "5" } } });
  const runs = Number(values.runs);
  const names = Object.keys(groups).filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) throw new Error(`--only takes one of ${Object.keys(groups).join(", ")}`);
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs takes a whole number from 1");
  const machine = await describeMachine(setup);
  console.log(machine.join("\n"));
  const rows: Row[] = [];
  for (const name of names) {
    console.log(`Measuring ${name} ...`);
    rows.push(...(await groups[name]!({ setup, runs })));
  }
  const judged = rows.map(judge);
  console.log(`\n${asText(judged)}\n`);
  const folder = join(setup.root, "test-output");
  writeFileSync(join(folder, "bench.md"), asMarkdown(judged, machine, notes));
  writeFileSync(join(folder, "bench.json"), `${JSON.stringify({ machine, runs, rows: judged, notes }, undefined, 2)}\n`);
  console.log(`Also in ${join(folder, "bench.md")} and bench.json`);
}

const [setup, ...args] = process.argv.slice(2);
run(JSON.parse(setup ?? "{}") as Setup, args).then(
  // The WASM module and ONNX Runtime's threads keep a process alive that has nothing left to do.
  () => process.exit(0),
  (thrown: unknown) => {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exit(1);
  },
);
