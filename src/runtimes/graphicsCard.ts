/** @file The graphics card through Dawn, the WebGPU implementation that the optional npm package `webgpu` brings to Node. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { WhylightError } from "../engine/errors.js";
import type { RuntimeName } from "../engine/runtime.js";

/** What is used of WebGPU's `GPUAdapterInfo`. */
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** What is used of WebGPU's `GPUDevice`. */
export interface Device {
  /** Settles, and never rejects, when the device can be used no more. */
  readonly lost: Promise<{ readonly message: string }>;
  destroy(): void;
  pushErrorScope(filter: "validation" | "out-of-memory" | "internal"): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

/** What is used of WebGPU's `GPUAdapter`. */
export interface Adapter {
  readonly info: AdapterInfo;
  readonly features: { has(name: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: object): Promise<Device>;
}

/** What is used of WebGPU's `GPU`, which `navigator.gpu` is in browsers. */
interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
}

/** A card that answers. */
export interface GraphicsCard {
  readonly gpu: Gpu;
  readonly adapter: Adapter;
  /** For people: "nvidia hopper (NVIDIA H200)". */
  readonly detail: string;
  /** Whether the processor plays the card, as SwiftShader, llvmpipe and Windows' Basic Render Driver do. */
  readonly isEmulated: boolean;
}

let card: Promise<GraphicsCard | { readonly reason: string }> | undefined;

/** The fastest card, or one sentence that says why there is none. Never throws; the answer is remembered. */
export function findGraphicsCard(): Promise<GraphicsCard | { readonly reason: string }> {
  card ??= find().catch((thrown: unknown) => ({ reason: `Dawn did not start: ${(thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0]!}` }));
  return card;
}

/** The next who asks looks again: a card that was lost, and its adapter, give no device any more. */
export function forgetGraphicsCard(): void {
  card = undefined;
}

/** The fastest card. Throws `runtimeUnavailable` in the name of the runtime that needs it. */
export async function graphicsCardFor(runtime: RuntimeName): Promise<GraphicsCard> {
  const found = await findGraphicsCard();
  if ("reason" in found) throw new WhylightError("runtimeUnavailable", { runtime, reason: found.reason });
  return found;
}

const libraryFolders = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", `/usr/lib/${{ x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch}-linux-gnu`, "/run/opengl-driver/lib"];

const listOf = (paths = "") => paths.split(":").filter((path) => path !== "");

/** What of Vulkan is missing on Linux, where Dawn would print warnings of its own about it, which belong in no one's terminal. `filesIn` lists a folder, and nothing for one that is not there. */
export function missingVulkan(env: NodeJS.ProcessEnv, filesIn: (folder: string) => readonly string[]): string | undefined {
  const libraries = [...listOf(env["LD_LIBRARY_PATH"]), ...libraryFolders];
  if (!libraries.some((folder) => filesIn(folder).includes("libvulkan.so.1"))) return "Vulkan's loader, libvulkan.so.1, is not on this machine (Debian: apt-get install libvulkan1)";
  if (["VK_DRIVER_FILES", "VK_ICD_FILENAMES", "VK_ADD_DRIVER_FILES"].some((name) => (env[name] ?? "") !== "")) return undefined;
  // Where the loader looks for the manifests of drivers (Vulkan-Loader, docs/LoaderDriverInterface.md); NixOS and Flatpak have places of their own.
  const home = env["HOME"] ?? "";
  const places = [
    ...listOf(env["XDG_CONFIG_HOME"] ?? `${home}/.config`), ...listOf(env["XDG_CONFIG_DIRS"] ?? "/etc/xdg"), "/etc", "/usr/local/etc",
    ...listOf(env["XDG_DATA_HOME"] ?? `${home}/.local/share`), ...listOf(env["XDG_DATA_DIRS"]), "/usr/local/share", "/usr/share", "/run/opengl-driver/share", ...libraryFolders.map((folder) => `${folder}/GL`),
  ];
  return places.some((place) => filesIn(join(place, "vulkan/icd.d")).some((file) => file.endsWith(".json"))) ? undefined : "Vulkan knows no driver of a graphics card on this machine";
}

function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function find(): Promise<GraphicsCard | { readonly reason: string }> {
  const missing = process.platform === "linux" ? missingVulkan(process.env, filesIn) : undefined;
  if (missing !== undefined) return { reason: missing };
  const dawn = await import("webgpu").catch(() => undefined);
  if (dawn === undefined) return { reason: "the optional npm package webgpu is not installed for this platform" };
  // Constants such as GPUBufferUsage, which code written for browsers takes from the global scope.
  for (const [name, value] of Object.entries(dawn.globals as object)) if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const gpu = dawn.create([]) as unknown as Gpu;
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return { reason: "no graphics card with a Vulkan, Metal or Direct3D 12 driver answers" };
  const { info } = adapter;
  const names = [info.vendor, info.architecture].filter((name) => name !== "").join(" ");
  const isEmulated = info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${names} ${info.device} ${info.description}`);
  return { gpu, adapter, detail: `${names}${info.description === "" ? "" : ` (${info.description})`}`, isEmulated };
}
