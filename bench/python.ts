/** @file Finds a Python with torch and torchvision, for PyTorch's side. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Setup } from "./setup.js";

/** The one that is named, else WHYLIGHT_PYTHON, else the system's; or one sentence why there is none. */
export function findPython(named: string | undefined, peers: string): Setup["python"] {
  const path = named ?? process.env["WHYLIGHT_PYTHON"] ?? (process.platform === "win32" ? "python" : "python3");
  const probe = spawnSync(path, [join(peers, "probe.py")], { encoding: "utf8", env: { ...process.env, WHYLIGHT_BENCH_DECLARE: "0" } });
  if (probe.error) return { missing: `${path} cannot be started; name a Python with torch and torchvision by --python` };
  if (probe.status !== 0) return { missing: `${path} has no torch and torchvision that load (${probe.stderr.trim().split("\n").at(-1) ?? ""}); name one that has them by --python` };
  const { declare, ...versions } = JSON.parse(probe.stdout.trim().split("\n").at(-1)!) as Record<string, string>;
  return { path, versions, env: { WHYLIGHT_BENCH_DECLARE: declare ?? "0" } };
}
