/** @file ONNX Runtime's providers for graphics cards: where each belongs, what must be there before it is loaded, and a trial whose result is known. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type * as Ort from "onnxruntime-node";
import { WhylightError } from "../engine/errors.js";
import type { Graph } from "../engine/ir/graph.js";
import { float32 } from "../engine/ir/tensor.js";
import type { RuntimeName } from "../engine/runtime.js";
import { emitOnnx } from "./emitOnnx.js";
import { findGraphicsCard, graphicsCardFor } from "./graphicsCard.js";

/** ONNX Runtime's names of what computes. */
export type OrtProvider = "cpu" | "webgpu" | "cuda" | "dml" | "coreml";

/** A card as far as it is known before anything runs on it. */
interface Device {
  readonly detail: string;
  readonly isEmulated: boolean;
}

interface ProviderFacts {
  readonly provider: OrtProvider;
  /** For people, after "ONNX Runtime 1.30.0, ". */
  readonly title: string;
  /** Looks for what it needs without loading it. Throws `runtimeUnavailable`, or an error with one sentence. */
  find(): Promise<Device>;
}

const itself: Device = { detail: "", isEmulated: false };

/** The names of runtimes to what they are. */
export const providers = {
  onnxruntime: { provider: "cpu", title: "CPU", find: () => Promise.resolve(itself) },
  "onnxruntime-webgpu": { provider: "webgpu", title: "WebGPU", find: () => graphicsCardFor("onnxruntime-webgpu") },
  "onnxruntime-cuda": { provider: "cuda", title: "CUDA", find: async () => { lookForCuda(bindingFolder()); return Promise.resolve(itself); } },
  "onnxruntime-directml": { provider: "dml", title: "DirectML", find: findDirect3d },
  "onnxruntime-coreml": { provider: "coreml", title: "CoreML", find: () => Promise.resolve(itself) },
} as const satisfies Readonly<Partial<Record<RuntimeName, ProviderFacts>>>;

export type OnnxruntimeName = keyof typeof providers;

/** What a session is opened with. */
export const providerOptions: Readonly<Record<OrtProvider, { readonly executionProviders: readonly Ort.InferenceSession.ExecutionProviderConfig[]; readonly enableMemPattern?: boolean }>> = {
  // A pattern gives the first run's memory a second time, as one block: a gradient of 4 images held 900 MB with it and 680 without, in the same time.
  cpu: { executionProviders: ["cpu"], enableMemPattern: false },
  webgpu: { executionProviders: ["webgpu"] },
  cuda: { executionProviders: ["cuda"] },
  // DirectML has no memory patterns, and says so at every session.
  dml: { executionProviders: ["dml"], enableMemPattern: false },
  // COREML_FLAG_CREATE_MLPROGRAM and COREML_FLAG_USE_CPU_AND_GPU: the older format, and the neural engine, compute in float16.
  coreml: { executionProviders: [{ name: "coreml", coreMlFlags: 0x10 | 0x20 }] },
};

/** Throws one sentence when there is no NVIDIA card, or ONNX Runtime's CUDA libraries are not beside its binding. */
export function lookForCuda(folder: string, driver: readonly string[] = ["/proc/driver/nvidia/version", "/dev/dxg"]): void {
  if (!driver.some((path) => existsSync(path))) throw new Error("there is no NVIDIA card with a driver on this machine");
  const package_ = join(folder, "../../../..");
  if (!existsSync(join(folder, "libonnxruntime_providers_cuda.so"))) {
    throw new Error(`ONNX Runtime's CUDA 12 libraries are not installed; they come with: node "${join(package_, "script/install.js")}" --onnxruntime-node-install=cuda12 (CUDA 12 and cuDNN 9 are needed too)`);
  }
}

/** The folder of the binding for this platform. */
function bindingFolder(): string {
  const main = createRequire(typeof __filename === "string" ? __filename : import.meta.url).resolve("onnxruntime-node/package.json");
  return join(dirname(main), "bin/napi-v6", process.platform, process.arch);
}

/** DirectML takes any adapter, also Windows' own drawn by the processor; Dawn, where it is installed, tells which it is. */
async function findDirect3d(): Promise<Device> {
  const card = await findGraphicsCard();
  return "reason" in card ? itself : card;
}

/** 1 + 2^-12 has more digits than float16 and TF32 keep. */
const fine = 1 + 2 ** -12;

const trial: Graph = {
  name: "trial", inputs: ["x"], outputs: ["y"],
  nodes: [{ op: "Conv", name: "conv", inputs: ["x", "w"], outputs: ["y"], attributes: { kernel_shape: [3, 3], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], group: 1 } }],
  initializers: new Map([["w", float32([1, 1, 3, 3], Array.from({ length: 9 }, () => 1))]]),
  types: new Map([["x", [1, 1, 3, 3]], ["w", [1, 1, 3, 3]], ["y", [1, 1, 3, 3]]].map(([name, shape]) => [name as string, { dtype: "float32", shape: shape as number[] }] as const)),
};

/** In how many windows of a 3 × 3 convolution with ones each pixel lies. */
const windows = [4, 6, 4, 6, 9, 6, 4, 6, 4];

/** Runs a convolution whose result is known on the provider alone. Throws `runtimeUnavailable` when it is not there, does not run or rounds coarser than float32. */
export async function tryProvider(ort: typeof Ort, name: OnnxruntimeName): Promise<void> {
  const { provider, title } = providers[name];
  const unavailable = (reason: string, cause?: unknown) => new WhylightError("runtimeUnavailable", { runtime: name, reason }, { cause });
  if (!ort.listSupportedBackends().some((backend) => backend.name === provider)) throw unavailable(`this build of ONNX Runtime has no ${title}`);
  let found: readonly number[];
  try {
    const session = await ort.InferenceSession.create(emitOnnx(trial, (file) => file), { ...providerOptions[provider], logSeverityLevel: 4, extra: { session: { disable_cpu_ep_fallback: "1" } } });
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(windows, () => fine), [1, 1, 3, 3]) });
    found = Array.from(y!.data as Float32Array);
    await session.release();
  } catch (thrown) {
    throw unavailable(`${title} did not start: ${(thrown instanceof Error ? thrown.message : String(thrown)).split("\n", 1)[0]!}`, thrown);
  }
  if (found.some((value, i) => !(Math.abs(value / (windows[i]! * fine) - 1) < 1e-5))) throw unavailable(`${title} does not compute in float32 here (a convolution gave ${found.join(", ")})`);
}
