/** @file What a run of the bench has at hand on this machine. */
import type { Runtime } from "../src/engine/runtime.js";
import type { ModelName } from "./models/models.js";

/** A Python with torch and torchvision. */
export interface PythonSetup {
  readonly path: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Variables its scripts need. */
  readonly env: Readonly<Record<string, string>>;
}

/** Paths are absolute. */
export interface Setup {
  /** The bench itself, which starts itself anew for the peak memory of one case. */
  readonly script: string;
  /** The built command line. */
  readonly cli: string;
  /** The folder of the Python scripts. */
  readonly peers: string;
  /** An empty folder that both sides write into and that is removed at the end. */
  readonly work: string;
  /** The folder of a model, written when it is first asked for. */
  model(name: ModelName): string;
  /** PyTorch's side, or one sentence why its columns stay empty. */
  readonly python: PythonSetup | { readonly missing: string };
  /** A folder of pictures, one folder per class, that audits are measured on; absent where the bench draws its own. */
  readonly pictures: string | undefined;
  /** The samples of the source tree; absent where only the built program is. */
  readonly samples: string | undefined;
  /** Says what goes on. */
  tell(line: string): void;
}

/** How often each side of a case runs, and where. */
export interface Options {
  readonly setup: Setup;
  readonly runs: number;
  /** ONNX Runtime on the processor unless another is named. */
  readonly runtime?: Runtime;
}

/** The Python of PyTorch's side, if there is one. */
export function pythonOf({ python }: Setup): PythonSetup | undefined {
  return "missing" in python ? undefined : python;
}
