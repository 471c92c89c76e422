/** @file A graphics card without a graphics card: Chromium's SwiftShader, which computes what a card would on the processor. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname } from "node:path";
import { findGraphicsCard, type GraphicsCard } from "../../../src/runtimes/graphicsCard.js";

/** Where Debian's and Fedora's chromium put it. */
const folders = ["/usr/lib/chromium", "/usr/lib64/chromium-browser"];

/** Keeps a library in the process although Node lets go of it again. */
const noDelete = 0x1000;

/**
 * Makes the process use SwiftShader and returns what WebGPU then finds, or a printed reason why there is no card to test on.
 * A machine's own card is used when `WHYLIGHT_TEST_GPU=1`.
 */
export async function softwareCard(): Promise<GraphicsCard | { readonly reason: string }> {
  const folder = folders.find((candidate) => existsSync(`${candidate}/vk_swiftshader_icd.json`));
  if (process.env["WHYLIGHT_TEST_GPU"] !== "1") {
    if (folder === undefined) return skipped("Chromium's SwiftShader is not on this machine (Debian: apt-get install chromium)");
    // The loader of Vulkan reads both when its first instance is made, which has not happened yet.
    process.env["VK_ICD_FILENAMES"] = process.env["VK_DRIVER_FILES"] = `${folder}/vk_swiftshader_icd.json`;
    preload(`${folder}/libvulkan.so.1`);
  }
  const card = await findGraphicsCard();
  return "reason" in card ? skipped(card.reason) : card;
}

/** Chromium brings Vulkan's loader too; Dawn takes the one that is in the process already. */
function preload(library: string): void {
  if (!existsSync(library)) return;
  process.env["LD_LIBRARY_PATH"] = [dirname(library), process.env["LD_LIBRARY_PATH"] ?? ""].join(":");
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | noDelete);
  } catch {
    // It is loaded all the same: Node complains that it is no addon.
  }
}

function skipped(reason: string): { readonly reason: string } {
  console.log(`Skipped on WebGPU: ${reason}`);
  return { reason };
}
