/** @file Which file of a folder is the model: what training leaves there, several of a kind, the hub's cache. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { ErrorCode } from "../../../src/engine/errors.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { modelFileOf } from "../../../src/worker/formats/modelFolder.js";

const root = mkdtempSync(join(tmpdir(), "whylight-folders-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with these files, empty or with a text. */
function folder(name: string, files: readonly (string | readonly [name: string, text: string])[]): string {
  for (const entry of files) {
    const [file, text] = typeof entry === "string" ? [entry, ""] : entry;
    mkdirSync(dirname(join(root, name, file)), { recursive: true });
    writeFileSync(join(root, name, file), text);
  }
  return join(root, name);
}

it.each<[string, readonly string[], string]>([
  ["a file beside what training leaves", ["best.pth", "optimizer.pth", "rng_state.pth", "training_args.bin"], "best.pth"],
  ["an adapter, so that it can be told", ["adapter_config.json", "adapter_model.safetensors"], "adapter_model.safetensors"],
  ["a form in half precision", ["config.json", "model.fp16.safetensors"], "model.fp16.safetensors"],
])("%s", (name, files, expected) => {
  const path = folder(name, files);
  expect(relative(path, modelFileOf(path))).toBe(expected);
});

it.each<[string, readonly string[], ErrorCode, object]>([
  ["several of a kind", ["b.safetensors", "a.safetensors"], "modelFolderSeveral", { names: "a.safetensors, b.safetensors" }],
  ["many of a kind", ["1", "2", "3", "4", "5", "6"].map((name) => `${name}.pt`), "modelFolderSeveral", { names: "1.pt, 2.pt, 3.pt, 4.pt, 5.pt, …" }],
  ["a config alone", ["config.json"], "modelFolderUnknown", {}],
  ["several revisions, none of them the main one's", ["snapshots/aa/model.safetensors", "snapshots/bb/model.safetensors"], "modelFolderUnknown", {}],
])("%s is refused", (name, files, code, data) => {
  const path = folder(name, files);
  expect(() => modelFileOf(path)).toThrow(expect.objectContaining({ code, data: expect.objectContaining({ path, ...data }) as unknown }) as Error);
});

it("a model in the hub's cache is that of its main branch", () => {
  const path = folder("models--a--b", [["refs/main", "bb\n"], "snapshots/aa/model.safetensors", "blobs/1"]);
  mkdirSync(join(path, "snapshots/bb"));
  symlinkSync("../../blobs/1", join(path, "snapshots/bb/model.safetensors"));
  expect(relative(path, modelFileOf(path))).toBe("snapshots/bb/model.safetensors");
  writeFileSync(join(path, "refs/main"), "../../..");
  expect(() => modelFileOf(path)).toThrow(expect.objectContaining({ code: "modelFolderUnknown" }) as Error);
});

it("what training leaves is told as such", async () => {
  const path = join(folder("run", [["optimizer.pt", "these are no weights"]]), "optimizer.pt");
  await expect(importModel(path)).rejects.toMatchObject({ code: "trainingLeftover", data: { path } });
});
