/** @file The runtimes that the oracles are held against. */
import type { Runtime } from "../../src/engine/runtime.js";
import * as unit from "../unit/runtimes/workingRuntimes.js";

/** Every runtime that works here; those on WebGPU with `WHYLIGHT_TEST_WEBGPU=1` only, since SwiftShader takes minutes for what others do in seconds. */
export function workingRuntimes(): Promise<Runtime[]> {
  return unit.workingRuntimes({ webgpu: process.env["WHYLIGHT_TEST_WEBGPU"] === "1" });
}
