/** @file The native binding of `@tensorflow/tfjs-node`, compiled for a TensorFlow that is here already. Node's binary interface for addons is the same for every version, so one build serves them all. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { orUnwritable } from "../writing.js";
import { libraryNames } from "./findPython.js";
import type { RunTool } from "./runStep.js";
import { findOnPath } from "./runTool.js";

const fileName = "tfjs_binding.node";
/** The newest interface that the package asks Node for; Node 20 and all later ones have it. */
const nodeApi = 8;

/** The compiled binding of a package, whoever made it. */
export function bindingPath(home: string): string | undefined {
  const lib = join(home, "lib");
  return existsSync(lib) ? readdirSync(lib).map((version) => join(lib, version, fileName)).find((path) => existsSync(path)) : undefined;
}

/** A C++ compiler. Throws `toolMissing`. */
export function compilerHere(): string {
  const found = findOnPath("c++", "g++", "clang++");
  if (found !== undefined) return found;
  throw new WhylightError("toolMissing", { tool: "a C++ compiler", install: process.platform === "darwin" ? "xcode-select --install" : "Debian: apt-get install g++" });
}

/** Lets the package's `deps/lib` be TensorFlow's own folder: its libraries look for others beside the place they were loaded from. */
export function takeLibraries(folder: string, home: string, tensorflow: string): void {
  const deps = join(home, "deps");
  orUnwritable(deps, () => {
    for (const old of [deps, join(home, "lib")]) rmSync(old, { recursive: true, force: true });
    mkdirSync(deps);
    const way = relative(folder, tensorflow);
    // A link inside the set-up's folder survives that the folder is moved.
    symlinkSync(isAbsolute(way) || way.startsWith("..") ? tensorflow : relative(deps, tensorflow), join(deps, "lib"));
  });
}

/** Whether `takeLibraries` was done, and what it took is still there. */
export const hasLibraries = (home: string): boolean => libraryNames.every((name) => existsSync(join(home, "deps/lib", name)));

/** Compiles it beside its place, then moves it there: a binding that is there is whole. */
export async function compileBinding(run: RunTool, compiler: string, folder: string, home: string): Promise<void> {
  const target = join(home, "lib", `napi-v${nodeApi}`);
  const half = join(home, `${fileName}.part`);
  orUnwritable(target, () => mkdirSync(target, { recursive: true }));
  const libraries = join(home, "deps/lib");
  const onMac = process.platform === "darwin";
  await run(compiler, [
    "-std=c++17", "-O2", "-fPIC", "-shared", "-w", `-DNAPI_VERSION=${nodeApi}`,
    `-I${join(folder, "node_modules/node-api-headers/include")}`, `-I${join(libraries, "include")}`, `-I${join(home, "..")}`,
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(home, "binding", name)), ...libraryNames.map((name) => join(libraries, name)),
    ...(onMac ? ["-undefined", "dynamic_lookup", "-Wl,-rpath,@loader_path/../../deps/lib"] : ["-Wl,-rpath,$ORIGIN/../../deps/lib"]), "-o", half,
  ]);
  orUnwritable(target, () => renameSync(half, join(target, fileName)));
}
