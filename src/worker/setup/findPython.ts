/** @file Finds a Python: one that has a TensorFlow which Node can use, or one that can make an environment. */
import { join } from "node:path";
import { WhylightError } from "../../engine/errors.js";
import { findOnPath, isProgram, runTool, ToolFailure } from "./runTool.js";

/** What a Python says of itself. */
export interface Python {
  readonly path: string;
  readonly version: readonly [number, number, number];
  readonly is64Bit: boolean;
  /** Whether it can make environments with pip in them; Debian keeps that in a package of its own. */
  readonly makesEnvironments: boolean;
  /** Its TensorFlow, when that ships the C API and its headers. */
  readonly tensorflow: { readonly version: string; readonly folder: string } | undefined;
}

/** TensorFlow's C API as its wheels name it. */
export const libraryNames: readonly string[] = process.platform === "darwin" ? ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"] : ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const oldest = [3, 10] as const;

/** Imports nothing of TensorFlow, which takes seconds. Even a Python 2 can run it. */
const question = `
import json, os, re, struct, sys
answer = {"path": sys.executable, "version": list(sys.version_info[:3]), "is64Bit": struct.calcsize("P") == 8, "makesEnvironments": False, "tensorflow": None}
if sys.version_info >= (3, 4):
    from importlib.util import find_spec
    answer["makesEnvironments"] = find_spec("venv") is not None and find_spec("ensurepip") is not None
    found = find_spec("tensorflow")
    for folder in (found.submodule_search_locations or []) if found else []:
        needed = [os.path.join(folder, name) for name in ["include/tensorflow/c/eager/c_api.h"] + sys.argv[1:]]
        if all(os.path.exists(path) for path in needed):
            names = [re.match(r"tensorflow(?:_\\w+)?-(.+)\\.dist-info$", name) for name in sorted(os.listdir(os.path.dirname(folder)))]
            versions = [name.group(1) for name in names if name]
            answer["tensorflow"] = {"version": versions[0] if versions else "?", "folder": os.path.realpath(folder)}
print(json.dumps(answer))
`;

/** Asks a Python. Throws `pythonUnsuitable` where the program does not answer as one. */
export async function askPython(program: string): Promise<Python> {
  try {
    const answer = JSON.parse(await runTool(program, ["-c", question, ...libraryNames])) as Omit<Python, "tensorflow"> & { readonly tensorflow: Python["tensorflow"] | null };
    return { ...answer, path: answer.path || program, tensorflow: answer.tensorflow ?? undefined };
  } catch (thrown) {
    const reason = thrown instanceof ToolFailure ? thrown.message : "it does not answer as a Python does";
    throw new WhylightError("pythonUnsuitable", { path: program, reason }, { cause: thrown });
  }
}

/** The Python that is asked for, or one that is here: with TensorFlow if any has it and `wantsOwn` is not set, else one that makes environments. Throws `toolMissing`, `pythonUnsuitable`. */
export async function findPython(named: string | undefined, wantsOwn: boolean): Promise<Python> {
  const programs = named === undefined ? pythonsHere() : [programOf(named)];
  if (programs.length === 0) throw new WhylightError("toolMissing", { tool: "Python 3", install: "Debian: apt-get install python3 python3-venv" });
  let first: WhylightError | undefined;
  const answered: Python[] = [];
  for (const program of programs) {
    try {
      answered.push(await askPython(program));
    } catch (thrown) {
      first ??= thrown as WhylightError;
    }
  }
  const ready = answered.find(({ tensorflow, is64Bit }) => tensorflow !== undefined && is64Bit);
  if (ready && !wantsOwn) return ready;
  for (const python of answered) {
    const error = obstacleTo(python);
    if (!error) return python;
    first ??= error;
  }
  throw first!;
}

/** Why a Python cannot make an environment for TensorFlow. */
function obstacleTo({ path, version, is64Bit, makesEnvironments }: Python): WhylightError | undefined {
  const [major, minor] = version;
  if (!is64Bit) return new WhylightError("pythonUnsuitable", { path, reason: "it is a 32-bit program, and TensorFlow is made for 64-bit ones only" });
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) return new WhylightError("pythonUnsuitable", { path, reason: `it is Python ${version.join(".")}, and TensorFlow needs ${oldest.join(".")} or newer` });
  return makesEnvironments ? undefined : new WhylightError("toolMissing", { tool: `the module venv with pip of ${path}`, install: "Debian: apt-get install python3-venv" });
}

/** The environment that is switched on, then what PATH holds. */
function pythonsHere(): string[] {
  const { VIRTUAL_ENV, CONDA_PREFIX } = process.env;
  const active = [VIRTUAL_ENV, CONDA_PREFIX].flatMap((folder) => (folder ? [join(folder, "bin", "python"), join(folder, "Scripts", "python.exe")] : []));
  const onPath = [findOnPath("python3"), findOnPath("python")].filter((file) => file !== undefined);
  return [...new Set([...active.filter((file) => isProgram(file)), ...onPath])];
}

/** A program, a name on PATH, or the folder of an environment. */
function programOf(named: string): string {
  const inside = [join(named, "bin", "python"), join(named, "Scripts", "python.exe")].find((file) => isProgram(file));
  return inside ?? (/[\\/]/.test(named) ? named : (findOnPath(named) ?? named));
}
