/** @file Finds and loads a TensorFlow.js package with the real TensorFlow in it, without ever taking the process down. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import nodeUtil from "node:util";
import { finishedBuilds, packageOf } from "./tensorflowPlaces.js";

/** What every TensorFlow.js package exports. Each package may hold its own copy, so it is passed around as a value. */
export type TensorflowJs = typeof import("@tensorflow/tfjs-core");

/** A loaded package. */
export interface NativeTensorflow {
  readonly tf: TensorflowJs;
  /** TensorFlow's version, device and package, for people. */
  readonly detail: string;
  /** The package's folder. */
  readonly folder: string;
}

/** Both packages hold the same program; which of them a folder is named after says which TensorFlow was asked for. */
export const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

let loaded: NativeTensorflow | { readonly reason: string } | undefined;

/**
 * The native TensorFlow, or one sentence that says why there is none. Looked for in the folder that `WHYLIGHT_TENSORFLOW` names,
 * then where it was set up (`tensorflowPlaces.ts`), then among the installed packages. Never throws; the answer is remembered.
 */
export function loadTensorflow(): NativeTensorflow | { readonly reason: string } {
  loaded ??= firstThatLoads(candidates());
  return loaded;
}

/** Folders of packages to try, best first; `undefined` where a package is not installed. */
function candidates(): { readonly label: string; readonly folder: string | undefined }[] {
  const named = process.env["WHYLIGHT_TENSORFLOW"];
  return [
    ...(named === undefined ? [] : [{ label: "WHYLIGHT_TENSORFLOW", folder: named }]),
    ...finishedBuilds().flatMap((build) => packages.map((name) => packageOf(build, name))).filter((folder) => existsSync(folder)).map((folder) => ({ label: folder, folder })),
    ...packages.map((name) => ({ label: name, folder: installedFolder(name) })),
  ];
}

function installedFolder(name: string): string | undefined {
  try {
    return dirname(requireHere().resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** `require` as seen from this file, whether it runs bundled (CommonJS) or as a module. */
function requireHere(): NodeJS.Require {
  return createRequire(typeof __filename === "string" ? __filename : import.meta.url);
}

function firstThatLoads(tried: readonly { readonly label: string; readonly folder: string | undefined }[]): NativeTensorflow | { readonly reason: string } {
  const reasons: string[] = [];
  for (const { label, folder } of tried) {
    const result = folder === undefined ? { reason: "not installed" } : loadPackage(folder);
    if ("tf" in result) return result;
    reasons.push(`${label}: ${result.reason}`);
  }
  return { reason: `No native TensorFlow works here (${reasons.join("; ")}).` };
}

/** The package in a folder, or why it does not load. Never throws, but a library that does not fit this machine may end the process. */
export function loadPackage(folder: string): NativeTensorflow | { readonly reason: string } {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name: string; version: string };
    // Looked for first: requiring a package without its binding prints advice and may end the process.
    if (!hasBinding(folder)) return { reason: "its native binding is absent, as when it was installed with --ignore-scripts" };
    process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
    // TensorFlow would take the whole graphics card's memory for itself, which others need too.
    process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true";
    restoreRemovedUtil();
    const tf = createRequire(join(folder, "package.json"))(folder) as TensorflowJs;
    const { binding, isUsingGpuDevice } = tf.backend() as unknown as { binding?: { TF_Version?: string }; isUsingGpuDevice?: boolean };
    if (tf.getBackend() !== "tensorflow" || binding === undefined) return { reason: "it did not start its TensorFlow backend" };
    const device = isUsingGpuDevice === true ? "graphics card (CUDA)" : "CPU";
    return { tf, folder, detail: `TensorFlow ${binding.TF_Version ?? "of unknown version"}, ${device}, through ${manifest.name} ${manifest.version}` };
  } catch (error) {
    return { reason: (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]! };
  }
}

function hasBinding(folder: string): boolean {
  const lib = join(folder, "lib");
  return existsSync(lib) && readdirSync(lib).some((abi) => existsSync(join(lib, abi, "tfjs_binding.node")));
}

/** Node 23 removed two functions of `util` that tfjs-node 4.22 still calls. */
function restoreRemovedUtil(): void {
  const util = nodeUtil as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}
