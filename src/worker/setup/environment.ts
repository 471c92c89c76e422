/** @file The Python environment of a set-up, in its own folder. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { orUnwritable } from "../writing.js";
import { libraryNames } from "./findPython.js";
import type { RunTool } from "./runStep.js";

const homeOf = (folder: string) => join(folder, "venv");

export const environmentPython = (folder: string): string => join(homeOf(folder), "bin", "python");

/** Makes it anew. */
export async function makeEnvironment(run: RunTool, folder: string, python: string): Promise<void> {
  const home = homeOf(folder);
  orUnwritable(home, () => rmSync(home, { recursive: true, force: true }));
  await run(python, ["-I", "-m", "venv", home]);
}

/** Where it keeps packages; none before it is made. */
export function packagesIn(folder: string): string[] {
  const lib = join(homeOf(folder), "lib");
  return existsSync(lib) ? readdirSync(lib).map((version) => join(lib, version, "site-packages")).filter((path) => existsSync(path)) : [];
}

/** The folder of its TensorFlow, when the libraries are there. */
export function tensorflowIn(folder: string): string | undefined {
  return packagesIn(folder).map((packages) => join(packages, "tensorflow")).find((home) => libraryNames.every((name) => existsSync(join(home, name))));
}

/** Whether pip began to unpack something large. */
export function wasBegun(folder: string): boolean {
  return packagesIn(folder).some((packages) => readdirSync(packages).some((name) => /^(~?tensorflow|nvidia)/.test(name)));
}
