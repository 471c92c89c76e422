/** @file TensorFlow.js on the graphics card: its WebGPU backend, written for browsers, over Dawn for Node. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorflowJs } from "../tensorflowNative.js";
import { WhylightError } from "../../engine/errors.js";
import { lostCard } from "../failureTexts.js";
import { forgetGraphicsCard, type Adapter, type Device, type GraphicsCard } from "../graphicsCard.js";
import type { TfjsBackend } from "./backend.js";
import { mendWebgpuKernels } from "./webgpuKernels.js";

/** The limits that shaders of large tensors need raised. */
const raisedLimits = [
  "maxComputeWorkgroupStorageSize", "maxComputeWorkgroupsPerDimension", "maxStorageBufferBindingSize", "maxBufferSize", "maxComputeWorkgroupSizeX", "maxComputeInvocationsPerWorkgroup",
];

/** A backend on a device; a lost device never comes back. */
interface Started {
  /** Why it can compute no more. */
  failure(): string | undefined;
}

/** The process's one WebGPU backend. */
let started: Promise<Started> | undefined;

/** Registers and initialises the backend, once, and again after its card was lost. Throws what the driver throws. */
export async function startWebgpuBackend(tf: TensorflowJs, card: GraphicsCard): Promise<Started> {
  const before = await started?.catch(() => undefined);
  if (before?.failure() === undefined && before !== undefined) return before;
  if (tf.findBackend("webgpu") !== null) tf.removeBackend("webgpu");
  started = start(tf, card);
  return started;
}

async function start(tf: TensorflowJs, card: GraphicsCard): Promise<Started> {
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  mendWebgpuKernels(tf);
  const device = await openDevice(card.adapter);
  let failure: string | undefined;
  void device.lost.then(({ message }) => {
    failure = lostCard(message);
    forgetGraphicsCard();
  });
  const backend = withNavigator({ gpu: card.gpu }, () => new WebGPUBackend(device as never, card.adapter.info as never));
  tf.registerBackend("webgpu", () => backend, 0);
  if (!(await tf.setBackend("webgpu"))) throw new Error("the backend did not initialise");
  return { failure: () => failure };
}

function openDevice(adapter: Adapter): Promise<Device> {
  return adapter.requestDevice({ requiredLimits: Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]])) });
}

/** The backend's constructor looks for `navigator.gpu`, which would tell other packages that they run in a browser if it stayed. */
function withNavigator<Result>(navigator: object, job: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  try {
    return job();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
}

const filters = ["validation", "out-of-memory", "internal"] as const;

/** Runs a job and throws what the card complained about meanwhile, which WebGPU otherwise keeps to itself. */
export async function watchCard<Result>({ tf, failure }: TfjsBackend, job: () => Promise<Result>): Promise<Result> {
  const device = (tf.findBackend("webgpu") as WebGPUBackend).device as unknown as Device;
  for (const filter of filters) device.pushErrorScope(filter);
  const outcome = await job().then((result) => ({ result }), (thrown: unknown) => ({ thrown }));
  const complaints = await Promise.all(filters.map(() => device.popErrorScope()));
  // Once the card is gone it swallows its other complaints, and reads back nothing.
  const lost = failure?.();
  if (lost !== undefined) throw new WhylightError("runtimeFailed", { runtime: "tfjs-webgpu", reason: lost });
  const outOfMemory = complaints[1];
  if (outOfMemory) throw new Error(`out of memory on the graphics card: ${outOfMemory.message}`);
  const other = complaints[0] ?? complaints[2];
  if (other) throw new Error(`the graphics card: ${other.message}`);
  if ("thrown" in outcome) throw outcome.thrown;
  return outcome.result;
}
