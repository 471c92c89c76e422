/** @file Folders whose files point elsewhere, or are no files: nothing outside is read, nothing waits for ever. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { float32 } from "../../../src/engine/ir/tensor.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { modelFileOf } from "../../../src/worker/formats/modelFolder.js";
import { archive, dict, tensor } from "./pickles.js";

const root = mkdtempSync(join(tmpdir(), "whylight-folders-"));
afterAll(() => rmSync(root, { recursive: true }));
const good = writeSafetensors({ w: float32([2], [1, 2]) });
// Beside every folder, where none of them may lead.
writeFileSync(join(root, "outside.safetensors"), good);
writeFileSync(join(root, "outside.bin"), archive(dict({ w: tensor() })));

let count = 0;
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(root, String(count++));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
const open = async (folder: string) => importModel(modelFileOf(folder));

describe.each([["model.safetensors.index.json", "outside.safetensors"], ["pytorch_model.bin.index.json", "outside.bin"]] as const)("an index %s that names", (index, outside) => {
  const indexOf = (shard: unknown) => JSON.stringify({ metadata: {}, weight_map: { w: shard } });

  it.each<[string, unknown]>([
    ["a file above", `../${outside}`], ["a file above, in Windows's words", `..\\${outside}`], ["a file by its whole path", join(root, outside)], ["its own folder", "."], ["the folder above", ".."], ["no name", ""], ["a file above through a folder", `a/../../${outside}`], ["a file of a drive", `C:\\${outside}`], ["a hidden file", ".env"],
  ])("%s is refused", async (_, shard) => {
    await expect(open(folderWith({ [index]: indexOf(shard) }))).rejects.toMatchObject({ code: "modelUnsafe" });
  });

  it.each<[string, unknown]>([["a number", 7], ["a list", ["a.safetensors"]], ["nothing", null], ["a part that is missing", "gone.safetensors"], ["a part with a zero in its name", "a\0b"], ["itself", index]])("%s is damaged", async (_, shard) => {
    await expect(open(folderWith({ [index]: indexOf(shard) }))).rejects.toMatchObject({ code: expect.stringMatching(/^modelCorrupt$|^modelFormatUnknown$/) as unknown });
  });
});

describe("what is no file", () => {
  it("is not read: a folder in the place of a part", async () => {
    const folder = folderWith({ "model.safetensors.index.json": JSON.stringify({ weight_map: { w: "part.safetensors" } }) });
    mkdirSync(join(folder, "part.safetensors"));
    await expect(open(folder)).rejects.toMatchObject({ code: "modelNotFound" });
  });

  it("is not read: a folder in the place of a config", async () => {
    const folder = folderWith({ "model.safetensors": good });
    mkdirSync(join(folder, "config.json"));
    await expect(open(folder)).rejects.toMatchObject({ code: "modelNotFound" });
  });

  const noFifos = process.platform === "win32";
  if (noFifos) console.log("Skipped: Windows has no pipes among files.");
  it.skipIf(noFifos)("is not waited for: a pipe", async () => {
    const folder = folderWith({});
    mkdirSync(folder, { recursive: true });
    spawnSync("mkfifo", [join(folder, "model.safetensors")]);
    await expect(importModel(join(folder, "model.safetensors"))).rejects.toMatchObject({ code: "modelNotFound" });
  });
});
