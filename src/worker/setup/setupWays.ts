/** @file The two ways to a TensorFlow for Node, as steps: each knows what it was done with, whether its result is there, and how to do it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import type { SetupRequest, SetupStep, SetupWayId, TensorflowPackage } from "../../protocol/setup.js";
import { packageOf } from "../../runtimes/tensorflowPlaces.js";
import { bindingPath, compileBinding, compilerHere, hasLibraries, takeLibraries } from "./binding.js";
import { askPython, findPython, type Python } from "./findPython.js";
import { environmentPython, makeEnvironment, tensorflowIn, wasBegun } from "./environment.js";
import type { RunTool } from "./runStep.js";
import { findOnPath } from "./runTool.js";

/** A step that can be done. */
export interface Step extends Omit<SetupStep, "isDone"> {
  /** What it is done with; a step that was done with something else is done again. */
  readonly doneWith: string;
  hasResult(): boolean;
  run(run: RunTool): Promise<void>;
}

export interface Way {
  readonly id: SetupWayId;
  /** The folder of the npm package that it ends with. */
  readonly package: string;
  readonly steps: readonly Step[];
}

const bindingVersion = "4.22.0";
const headersVersion = "1.9.0";
const officialVersion = "2.9.1";
/** Those that the binding was tried with; newer ones may need other headers. */
const tensorflowRange = ">=2.16,<2.22";

/** Systems that the official packages hold a TensorFlow for. */
const officialSystems = new Set(["linux-x64", "linux-arm64", "win32-x64", "darwin-x64", "darwin-arm64"]);

const mega = 1e6;
/** About what is loaded and what stays, as measured (those with CUDA as their packages state). */
const wheelSizes: Readonly<Record<TensorflowPackage, readonly [download: number, disk: number]>> = {
  "tensorflow-cpu": [275 * mega, 1200 * mega], tensorflow: [620 * mega, 2000 * mega], "tensorflow[and-cuda]": [3600 * mega, 7500 * mega],
};

/** Whether NVIDIA's driver is loaded, which the packages for graphics cards need. */
export const hasNvidiaDriver = (): boolean => existsSync("/proc/driver/nvidia/version") || (process.platform === "win32" && findOnPath("nvidia-smi") !== undefined);

/** CUDA of the generation that the official package was built for. */
const hasOldCuda = (): boolean => ["/usr/local/cuda/lib64", "/usr/local/cuda-11.2/lib64", "/usr/lib/x86_64-linux-gnu"].some((folder) => existsSync(join(folder, "libcudart.so.11.0"))) || (process.platform === "win32" && findOnPath("cudart64_110") !== undefined);

function npmHere(): string {
  const npm = findOnPath("npm");
  if (npm === undefined) throw new WhylightError("toolMissing", { tool: "npm", install: "Node.js from nodejs.org brings it; Debian: apt-get install npm" });
  return npm;
}

function packageStep(folder: string, npm: string, name: string): Step {
  const packages = [`${name}@${bindingVersion}`, `node-api-headers@${headersVersion}`];
  return {
    id: "package", facts: { package: packages[0]! }, downloadBytes: 45 * mega, diskBytes: 310 * mega, doneWith: packages.join(" "),
    hasResult: () => existsSync(join(packageOf(folder, name), "dist/index.js")),
    run: async (run) => void (await run(npm, ["install", `--prefix=${folder}`, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...packages])),
  };
}

/** The official packages, whose install script loads TensorFlow 2.9.1. Throws what closes this way. */
export function officialWay(folder: string): Way {
  if (!officialSystems.has(`${process.platform}-${process.arch}`)) throw new WhylightError("setupFailed", { command: "@tensorflow/tfjs-node", reason: `there is no build of it for ${process.platform} on ${process.arch}` });
  const forCard = hasNvidiaDriver();
  if (forCard && !hasOldCuda()) throw new WhylightError("setupFailed", { command: "@tensorflow/tfjs-node-gpu", reason: "its TensorFlow 2.9.1 needs CUDA 11.2, which is not on this machine" });
  const npm = npmHere();
  const name = forCard ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
  const home = packageOf(folder, name);
  return {
    id: "official", package: home,
    steps: [packageStep(folder, npm, name), {
      id: "official", facts: { version: officialVersion }, downloadBytes: (forCard ? 440 : 120) * mega, diskBytes: (forCard ? 1300 : 450) * mega, doneWith: `${name}@${bindingVersion}`,
      hasResult: () => bindingPath(home) !== undefined,
      run: async (run) => void (await run(npm, ["rebuild", `--prefix=${folder}`, "--ignore-scripts=false", "--foreground-scripts", name])),
    }],
  };
}

/** The TensorFlow of a Python environment, with the binding compiled for it. Throws what closes this way. */
export async function pythonWay(folder: string, request: SetupRequest): Promise<Way> {
  if (process.platform === "win32") throw new WhylightError("setupFailed", { command: "the binding", reason: "on Windows it cannot be compiled for the TensorFlow of a Python; there the official package is the only way" });
  // A step that is missing at the end should be known at the beginning.
  const compiler = compilerHere();
  const npm = npmHere();
  const home = packageOf(folder);
  const python = await findPython(request.python, request.package !== undefined);
  const environment = python.tensorflow !== undefined && request.package === undefined ? undefined : environmentSteps(folder, python, request.package ?? suitablePackage());
  const found = environment === undefined ? `TensorFlow ${python.tensorflow!.version} of ${python.path}` : environment.package;
  const libraries = () => (environment === undefined ? python.tensorflow!.folder : tensorflowIn(folder));
  return {
    id: "python", package: home,
    steps: [...(environment?.steps ?? []), packageStep(folder, npm, "@tensorflow/tfjs-node"), {
      id: "binding", facts: { compiler, tensorflow: found }, downloadBytes: 0, diskBytes: mega, doneWith: `${found} ${environment === undefined ? python.tensorflow!.folder : ""}`,
      hasResult: () => bindingPath(home) !== undefined && hasLibraries(home),
      run: async (run) => {
        const there = libraries();
        if (there === undefined) throw new WhylightError("internal", { reason: "the libraries of TensorFlow are gone" });
        takeLibraries(folder, home, there);
        await compileBinding(run, compiler, folder, home);
      },
    }],
  };
}

function environmentSteps(folder: string, python: Python, wanted: TensorflowPackage): { readonly package: TensorflowPackage; readonly steps: readonly Step[] } {
  const requirement = `${wanted}${tensorflowRange}`;
  const [downloadBytes, diskBytes] = wheelSizes[wanted];
  const program = environmentPython(folder);
  // Node needs TensorFlow's libraries alone; those of CUDA are packages of their own.
  const alone = wanted.includes("[") ? [] : ["--no-deps"];
  return {
    package: wanted,
    steps: [{
      id: "environment", facts: { python: python.path }, downloadBytes: 0, diskBytes: 25 * mega, doneWith: `${python.path} ${python.version.join(".")}`,
      hasResult: () => existsSync(program),
      run: (run) => makeEnvironment(run, folder, python.path),
    }, {
      id: "wheel", facts: { package: wanted }, downloadBytes, diskBytes, doneWith: requirement,
      hasResult: () => tensorflowIn(folder) !== undefined,
      run: async (run) => {
        // What a killed pip left looks whole to the next one.
        if (wasBegun(folder)) await makeEnvironment(run, folder, python.path);
        await run(program, ["-I", "-m", "pip", "install", "--retries=1", "--no-compile", "--only-binary=:all:", "--progress-bar=off", ...alone, requirement]);
        const { tensorflow } = await askPython(program);
        if (tensorflow === undefined) throw new WhylightError("setupFailed", { command: "pip", reason: `${requirement} came without TensorFlow's C library and headers` });
      },
    }],
  };
}

/** The package that fits this machine. */
function suitablePackage(): TensorflowPackage {
  if (process.platform !== "linux" || process.arch !== "x64") return "tensorflow";
  return hasNvidiaDriver() ? "tensorflow[and-cuda]" : "tensorflow-cpu";
}
