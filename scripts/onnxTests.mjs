/** @file Finds the ONNX project's backend tests, which Debian packages as `libonnx-testdata`. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const folder = "/usr/share/libonnx-testdata/data";
const advice = "install the Debian package libonnx-testdata (apt-get install libonnx-testdata)";

/**
 * The folder that holds `node`, `simple`, `pytorch-operator` and `pytorch-converted`, or one sentence that says why there is none.
 * WHYLIGHT_ONNX_TESTS names another folder. With `install`, root fetches the package by apt-get.
 *
 * @param {{ install?: boolean }} options
 * @returns {{ folder: string } | { reason: string }}
 */
export function onnxTests({ install = false } = {}) {
  const chosen = process.env.WHYLIGHT_ONNX_TESTS;
  if (chosen) return existsSync(`${chosen}/node`) ? { folder: chosen } : { reason: `WHYLIGHT_ONNX_TESTS names ${chosen}, which has no folder "node".` };
  if (!existsSync(`${folder}/node`) && install && process.platform === "linux" && process.getuid?.() === 0) fetchPackage();
  return existsSync(`${folder}/node`) ? { folder } : { reason: `The ONNX backend tests are not on this machine: ${advice}.` };
}

function fetchPackage() {
  try {
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "-qq", "libonnx-testdata"], { stdio: "ignore", timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  } catch {
    // The caller says what is missing.
  }
}
