/**
 * @file `npm run zoo`: compares the exported architectures (test/zoo/export.py) with PyTorch on ONNX Runtime and TensorFlow.js WASM and writes test/zoo/TABLE.md.
 * `--from FOLDER` names the exports, `--runtimes a,b` the runtimes; names after that take only those and write no table.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.mjs";
import { ensurePackages, root } from "./setup.mjs";

ensurePackages();
const { build } = await import("esbuild");
const args = process.argv.slice(2);
const option = (name, fallback) => {
  const at = args.indexOf(name);
  return at < 0 ? fallback : args.splice(at, 2)[1];
};
const from = option("--from", join(cacheFolder, "zoo"));
const runtimes = option("--runtimes", "onnxruntime,tfjs-wasm").split(",");
const names = existsSync(from) ? readdirSync(from).filter((name) => existsSync(join(from, name, "record.json")) && (args.length === 0 || args.includes(name))).toSorted() : [];
if (names.length === 0) {
  console.error(`Nothing is exported in ${from}: run test/zoo/export.py first (its head says how).`);
  process.exit(3);
}
const out = join(root, "out/zoo");
mkdirSync(out, { recursive: true });
const entry = (name) => join(root, `test/zoo/${name}.ts`);
await build({ entryPoints: { compare: entry("compare"), report: entry("report") }, outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", target: "node20", packages: "external", logLevel: "warning" });

// One process per architecture: a native crash costs one row, and memory is given back.
const rowsFile = join(out, "rows.jsonl");
rmSync(rowsFile, { force: true });
for (const name of names) {
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, [join(out, "compare.mjs"), from, name, ...runtimes], { cwd: root, encoding: "utf8", timeout: 600_000, maxBuffer: 1 << 26 });
  const rows = stdout.split("\n").filter((line) => line.startsWith("ROW ")).map((line) => line.slice(4));
  const facts = JSON.parse(readFileSync(join(from, name, "record.json"), "utf8"));
  for (const file of facts.files.slice(rows.length)) {
    const error = `the process ended with ${signal ?? status}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
    rows.push(JSON.stringify({ name, kind: facts.kind, floor: facts.floor, file, outcomes: Object.fromEntries(runtimes.map((runtime) => [runtime, { error, seconds: 0 }])) }));
  }
  appendFileSync(rowsFile, rows.map((row) => `${row}\n`).join(""));
  process.stderr.write(`${name} `);
}
process.stderr.write("\n");
const { torch } = JSON.parse(readFileSync(join(from, names[0], "record.json"), "utf8"));
const table = args.length === 0 ? join(root, "test/zoo/TABLE.md") : "";
process.exit(spawnSync(process.execPath, [join(out, "report.mjs"), rowsFile, table, `PyTorch ${torch.split("+")[0]}`, ...runtimes], { cwd: root, stdio: "inherit" }).status ?? 1);
