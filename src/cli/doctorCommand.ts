/** @file `whylight doctor`: which runtimes work on this machine, and why the others do not. */
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { createJobs, type Jobs } from "../worker/jobs.js";
import { version } from "../worker/version.js";
import { alignColumns, type Terminal } from "./terminal.js";

/** Prints every runtime's state. Returns the exit code: 0 when one of them works, and the last resort always does. */
export async function runDoctor(json: boolean, { out, translate }: Terminal, jobs: Jobs = createJobs()): Promise<number> {
  const runtimes = await jobs.doctor();
  const machine = { node: process.version, platform: platform(), arch: arch(), cpu: cpus()[0]?.model ?? "", threads: availableParallelism(), memoryBytes: totalmem() };
  if (json) out(JSON.stringify({ whylight: version, ...machine, runtimes }, undefined, 2));
  else {
    out(`Whylight ${version} · Node ${machine.node} · ${machine.platform} ${machine.arch} · ${machine.cpu} · ${machine.threads} × · ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`);
    const taken = runtimes.find(({ ok, isEmulated }) => ok && !isEmulated)?.name;
    const rows = runtimes.map(({ name, ok, detail, reason, place }) => [ok ? "✓" : "✗", name, ok ? `${detail}${place === "" ? "" : ` (${place})`}` : reason, name === taken ? translate("taken by auto") : ""]);
    for (const line of alignColumns(rows)) out(`  ${line}`);
    if (runtimes.some(({ name, ok }) => name === "tfjs-tensorflow" && !ok)) out(translate("Native TensorFlow can be set up: whylight setup-tensorflow"));
  }
  return runtimes.some(({ ok }) => ok) ? 0 : 1;
}
