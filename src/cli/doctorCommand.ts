/** @file `whylight doctor`: which runtimes work on this machine, how fast they are, and why the others do not work. */
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { measuringText, runtimeLines } from "../protocol/runtimeTexts.js";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { version } from "../worker/version.js";
import type { Terminal } from "./terminal.js";

export interface DoctorOptions {
  readonly json: boolean;
  /** Measures also the runtimes that were measured before. */
  readonly measure: boolean;
}

/** Measures the runtimes that were not measured yet and prints every one's state. Returns the exit code: 0 when one of them works, and the last resort always does. */
export async function runDoctor({ json, measure }: DoctorOptions, { out, err, translate }: Terminal, jobs: Pick<Jobs, "doctor"> = createJobs()): Promise<number> {
  const runtimes = await jobs.doctor({ measure: measure ? "all" : "missing" }, { onMeasure: (progress) => err(measuringText(progress, translate)) });
  const machine = { node: process.version, platform: platform(), arch: arch(), cpu: cpus()[0]?.model ?? "", threads: availableParallelism(), memoryBytes: totalmem() };
  if (json) out(JSON.stringify({ whylight: version, ...machine, runtimes }, undefined, 2));
  else {
    out(`Whylight ${version} · Node ${machine.node} · ${machine.platform} ${machine.arch} · ${machine.cpu} · ${machine.threads} × · ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`);
    for (const line of runtimeLines(runtimes, translate)) out(line);
    if (runtimes.some(({ name, ok }) => name === "tfjs-tensorflow" && !ok)) out(translate("Native TensorFlow can be set up: whylight setup-tensorflow"));
  }
  return runtimes.some(({ ok }) => ok) ? 0 : 1;
}
