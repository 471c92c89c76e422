/** @file The graphics card: both runtimes that reach it through WebGPU, against PyTorch on CUDA. */
import type { Runtime } from "../src/engine/runtime.js";
import { findGraphicsCard } from "../src/runtimes/graphicsCard.js";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { imageRows, type ImageGroup } from "./imageCases.js";
import { pythonOf, type Options, type Setup } from "./setup.js";
import type { GroupResult, Row } from "./table.js";
import { attentions, textGradients } from "./textCases.js";

/** Measures some rows on a runtime that is named in the options. */
type Part = (options: Options) => Promise<Row[]>;

const imageGroups: readonly ImageGroup[] = ["grad-cam", "input-gradient", "vit", "forward", "smoothgrad", "integrated-gradients"];
const parts: Readonly<Record<string, Part>> = { ...Object.fromEntries(imageGroups.map((group): [string, Part] => [group, (options) => imageRows(group, options)])), text: textGradients, attentions };

/** The table of the processor's groups on the card; nothing, with the reason told, where there is none. */
export async function gpu(options: Options): Promise<GroupResult> {
  const card = await findGraphicsCard();
  const reason = "reason" in card ? card.reason : card.isEmulated ? `the processor plays it, ${card.detail}` : undefined;
  if (reason === undefined) return measureCard(options, Object.keys(parts));
  options.setup.tell(`Left out, as there is no graphics card: ${reason}`);
  return { rows: [], tables: [] };
}

/** Runtime to how it is opened. */
type Openers = Readonly<Record<string, () => Promise<Runtime>>>;
const webgpu: Openers = { "onnxruntime-webgpu": () => onnxruntimeRuntime("onnxruntime-webgpu"), "tfjs-webgpu": () => tfjsRuntime("tfjs-webgpu") };

/** The rows of some parts on each runtime. What one of them cannot do costs its own rows only. */
export async function measureCard(options: Options, names: readonly string[], openers = webgpu): Promise<GroupResult> {
  const [rows, failed]: [Row[], string[]] = [[], []];
  const setup = onCuda(options.setup);
  for (const [runtimeName, open] of Object.entries(openers)) {
    for (const name of names) {
      try {
        const runtime = await open();
        rows.push(...(await named(parts[name]!, { ...options, setup, runtime }, runtime)));
      } catch (thrown) {
        failed.push(`gpu, ${name} on ${runtimeName} failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        setup.tell(`  ${failed.at(-1)!}`);
      }
    }
  }
  return { rows, tables: [], failed };
}

/** The rows of one part, with both devices named. Targets are the processor's. */
async function named(part: Part, options: Options, { detail }: Runtime): Promise<Row[]> {
  const cuda = pythonOf(options.setup)?.versions["cuda"];
  return (await part(options)).map((row) => ({ ...row, name: `${row.name}; ${detail}`, peer: cuda === undefined ? row.peer : `${row.peer}; CUDA, ${cuda}`, target: undefined }));
}

/** PyTorch's side on the card that it finds. */
function onCuda(setup: Setup): Setup {
  const python = pythonOf(setup);
  if (python === undefined) return setup;
  if (python.versions["cuda"] !== undefined) return { ...setup, python: { ...python, env: { ...python.env, WHYLIGHT_BENCH_DEVICE: "cuda" } } };
  const missing = "this PyTorch finds no card for CUDA";
  setup.tell(`  PyTorch's columns stay empty: ${missing}`);
  return { ...setup, python: { missing } };
}
