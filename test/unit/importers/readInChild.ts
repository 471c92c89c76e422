/** @file Reading model files in a process of their own, so that what it takes of memory and time can be told. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** How reading a file ended: the code of the error, or "read"; the process's peak memory in MB beyond what it had before, and the milliseconds it took. */
export interface Reading {
  readonly code: string;
  readonly reason: string;
  readonly megabytes: number;
  readonly milliseconds: number;
}

const script = `
const { importModel } = require("./importModel.js");
const { readFileSync } = require("node:fs");
// Linux counts in maxRSS what the parent had when it started the child; VmHWM begins anew.
const peak = () => process.platform === "linux" ? Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) : process.resourceUsage().maxRSS;
const before = peak(), start = performance.now();
const tell = (code, reason) => console.log("\\n@" + JSON.stringify({ code, reason, megabytes: Math.round((peak() - before) / 1024), milliseconds: Math.round(performance.now() - start) }));
importModel(process.argv[2]).then(() => tell("read", ""), (error) => tell(error.code ?? "none", String(error.data?.reason ?? error.stack)));
`;

/** Bundles the reader and its thread as the product does; `read` then opens a file in a new process, which is killed after a minute. */
export async function readerInChild(): Promise<{ read(path: string): Promise<Reading>; close(): void }> {
  const { folder, close } = await bundleReader();
  writeFileSync(join(folder, "read.js"), script);
  return { read: (path) => readIn(join(folder, "read.js"), path), close };
}

/** A folder with `importModel.js`, which exports what is needed to open a model and read its weights. */
export async function bundleReader(): Promise<{ readonly folder: string; close(): void }> {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  // Inside the repository, so that the bundle finds packages that stay outside of it.
  const folder = mkdtempSync(join(root, "node_modules/.whylight-reader-"));
  const modules = ["worker/formats/importModel", "worker/formats/modelFolder", "worker/files", "engine/ir/weights"];
  writeFileSync(join(folder, "entry.ts"), modules.map((module) => `export * from ${JSON.stringify(join(root, "src", `${module}.js`))};`).join("\n"));
  await build({
    entryPoints: { importModel: join(folder, "entry.ts"), hdf5: join(root, "src/worker/formats/hdf5Thread.ts") }, outdir: folder, bundle: true, platform: "node", format: "cjs", logLevel: "error",
    logOverride: { "empty-import-meta": "silent" }, external: ["sharp", "onnxruntime-node", "@tensorflow/*", "webgpu"],
  });
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) };
}

function readIn(program: string, path: string): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.on("error", reject);
    child.on("close", (exit, signal) => {
      const line = /^@(.*)$/m.exec(output)?.[1];
      resolve(line === undefined ? { code: `exit ${exit ?? signal}`, reason: errors.slice(0, 2000), megabytes: Infinity, milliseconds: Infinity } : (JSON.parse(line) as Reading));
    });
  });
}
