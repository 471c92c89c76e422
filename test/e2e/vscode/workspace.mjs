/** @file A workspace with the samples, in a folder of its own. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a folder with some of the sample images under `images/` and the sample model at its top.
 *
 * @param {readonly string[]} images file names
 */
export function sampleWorkspace(images) {
  const folder = mkdtempSync(join(tmpdir(), "whylight-e2e-"));
  mkdirSync(join(folder, "images"));
  for (const name of images) cpSync(join("samples/images", name), join(folder, "images", name));
  for (const name of ["scenes.onnx", "scenes.whylight.json"]) cpSync(join("samples/models", name), join(folder, name));
  return { folder, at: (...path) => join(folder, ...path), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
