/** @file Where the numbers were measured. */
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { threads } from "./measure.js";
import type { Setup } from "./setup.js";

/** One fact per line: processor, memory, versions of everything that is compared, and how busy the machine was. */
export async function describeMachine({ python }: Setup): Promise<string[]> {
  const processors = cpus();
  const load = loadavg()[0]!;
  const versions = Object.entries(python?.versions ?? {}).map(([name, version]) => `${name} ${version}`).join(", ");
  return [
    `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} logical cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${platform()} ${release()}`,
    `load in the last minute before the start: ${load.toFixed(1)}${load > 0.75 * processors.length ? "; other work was running, which slows the sides unequally: measure again when the machine is idle" : ""}`,
    `Node ${process.versions.node}; ${(await onnxruntimeRuntime()).detail}; ${(await tfjsRuntime("tfjs-wasm", { threads })).detail}`,
    python ? `PyTorch's side: ${versions}` : "PyTorch's side: skipped, no Python with torch and torchvision was found",
  ];
}
