/** @file Where the numbers were measured. */
import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { onnxruntimeRuntime } from "../src/runtimes/onnxruntime.js";
import { tfjsRuntime } from "../src/runtimes/tfjs/tfjsRuntime.js";
import { threads } from "./measure.js";
import type { Setup } from "./setup.js";

/** What the system says of itself. */
export interface MachineFacts {
  readonly processor: string;
  readonly cores: number;
  readonly bytes: number;
  readonly system: string;
  /** The average of the last minute. */
  readonly load: number;
}

/** Facts as lines. A busy machine is told, since it slows sides unequally. */
export function machineLines({ processor, cores, bytes, system, load }: MachineFacts): string[] {
  const isBusy = load > 0.75 * cores;
  return [
    `${processor}, ${cores} logical cores, ${(bytes / 2 ** 30).toFixed(0)} GiB, ${system}`,
    `load in the last minute before the start: ${load.toFixed(1)}${isBusy ? "; other work was running, which slows the sides unequally: measure again when the machine is idle" : ""}`,
  ];
}

/** One fact per line: processor, memory, versions of everything that is compared, and how busy the machine was. */
export async function describeMachine({ python }: Setup): Promise<string[]> {
  const processors = cpus();
  const facts = { processor: processors[0]?.model.trim() ?? "unknown processor", cores: processors.length, bytes: totalmem(), system: `${platform()} ${release()}`, load: loadavg()[0]! };
  return [
    ...machineLines(facts),
    `Node ${process.versions.node}; ${(await onnxruntimeRuntime()).detail}; ${(await tfjsRuntime("tfjs-wasm", { threads })).detail}`,
    `PyTorch's side: ${"missing" in python ? `skipped, ${python.missing}` : Object.entries(python.versions).map(([name, version]) => `${name} ${version}`).join(", ")}`,
  ];
}
