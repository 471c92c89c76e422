/** @file Programs that behave as python3, pip, npm and a C++ compiler do, or fail as these fail, on a PATH with nothing else on it. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a program does instead of its work. */
export interface Fault {
  /** What it says before it ends with 1. */
  readonly says?: string;
  /** It goes on for ever after it began. */
  readonly hangs?: boolean;
}

export interface FakeTools {
  readonly bin: string;
  /** What was run, in order: "npm install", "python venv", "pip install", "compile". */
  runs(): string[];
  forgetRuns(): void;
  /** Lets one of these fail from now on; `undefined` heals it. */
  fail(run: string, fault: Fault | undefined): void;
  /** Facts that the Python states of itself instead of good ones. */
  python(facts: Readonly<Record<string, unknown>>): void;
  remove(tool: "python3" | "npm" | "c++"): void;
}

const program = (bin: string, body: string) => `#!${process.execPath}
const fs = require("node:fs"), path = require("node:path");
const bin = ${JSON.stringify(bin)}, args = process.argv.slice(2);
const state = JSON.parse(fs.readFileSync(path.join(bin, "state.json"), "utf8"));
const make = (...parts) => { const file = path.join(...parts); fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, "made"); };
function begin(run, half) {
  fs.appendFileSync(path.join(bin, "runs.txt"), run + "\\n");
  const fault = state.faults[run];
  if (!fault) return;
  if (half) half();
  if (fault.hangs) { console.log("hanging"); setInterval(() => {}, 1000); throw "hang"; }
  console.error(fault.says);
  process.exit(1);
}
process.on("uncaughtException", (thrown) => { if (thrown !== "hang") { console.error(thrown); process.exit(2); } });
${body}
`;

const python = `
const folder = path.resolve(path.dirname(process.argv[1]), "..");
const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"];
const packages = path.join(folder, "lib/python3.11/site-packages");
if (args[0] === "-c") {
  const own = fs.existsSync(path.join(packages, "tensorflow", libraries[0])) ? { version: "2.21.0", folder: path.join(packages, "tensorflow") } : null;
  console.log(JSON.stringify({ path: process.argv[1], version: [3, 11, 2], is64Bit: true, makesEnvironments: true, tensorflow: own, ...state.python }));
} else if (args.includes("venv")) {
  begin("python venv");
  const home = args.at(-1);
  fs.mkdirSync(path.join(home, "bin"), { recursive: true });
  fs.copyFileSync(process.argv[1], path.join(home, "bin/python"));
  fs.mkdirSync(path.join(home, "lib/python3.11/site-packages"), { recursive: true });
} else if (args.includes("pip")) {
  begin("pip install", () => make(packages, "tensorflow", libraries[0]));
  for (const name of libraries) make(packages, "tensorflow", name);
}
`;

const npm = `
const prefix = args.find((word) => word.startsWith("--prefix=")).slice("--prefix=".length);
if (args[0] === "install") {
  begin("npm install");
  for (const named of args.filter((word) => word.startsWith("@tensorflow/"))) make(prefix, "node_modules", named.replace(/@[\\d.]+$/, ""), "dist/index.js");
} else {
  begin("npm rebuild");
  make(prefix, "node_modules", args.at(-1), "lib/napi-v8/tfjs_binding.node");
}
`;

const compiler = `
const out = args[args.indexOf("-o") + 1];
begin("compile", () => make(out));
make(out);
`;

/** Makes them in a new folder, all in good health. */
export function fakeTools(bin: string): FakeTools {
  mkdirSync(bin, { recursive: true });
  const [state, runs] = [join(bin, "state.json"), join(bin, "runs.txt")];
  const read = () => JSON.parse(readFileSync(state, "utf8")) as { faults: Record<string, Fault | undefined>; python: object };
  writeFileSync(state, JSON.stringify({ faults: {}, python: {} }));
  for (const [name, body] of Object.entries({ python3: python, npm, "c++": compiler })) {
    writeFileSync(join(bin, name), program(bin, body));
    chmodSync(join(bin, name), 0o755);
  }
  return {
    bin,
    runs: () => (existsSync(runs) ? readFileSync(runs, "utf8").trim().split("\n") : []),
    forgetRuns: () => rmSync(runs, { force: true }),
    fail: (run, fault) => writeFileSync(state, JSON.stringify({ ...read(), faults: { ...read().faults, [run]: fault } })),
    python: (facts) => writeFileSync(state, JSON.stringify({ ...read(), python: facts })),
    remove: (tool) => rmSync(join(bin, tool)),
  };
}
