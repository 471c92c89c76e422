/** @file Files of torch.save: every form of one state dict against its safetensors twin, bit for bit, and every kind of file that is refused. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bytesSource } from "../../../src/engine/importers/byteSource.js";
import { readSafetensors } from "../../../src/engine/importers/safetensors.js";
import { torchWeights } from "../../../src/engine/importers/torch/torchWeights.js";
import { isInMemory, type Initializer } from "../../../src/engine/ir/graph.js";
import type { Tensor } from "../../../src/engine/ir/tensor.js";
import { loadInitializer } from "../../../src/engine/ir/weights.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { errorTexts, fillIn } from "../../../src/protocol/errorTexts.js";
import { archive, call, dict, global, int, legacy, list, tensor, tuple } from "./pickles.js";

const root = join(import.meta.dirname, "../../fixtures/models/torch");
const bytesOf = (name: string) => readFileSync(join(root, name));

function read(bytes: Uint8Array, path = "weights.pt"): { tensors: Map<string, Tensor>; initializers: Map<string, Initializer> } {
  const source = bytesSource(path, bytes);
  const weights = torchWeights(source);
  const initializers = new Map(weights.names.map((name) => [name, weights.get(name)!]));
  return { initializers, tensors: new Map([...initializers].map(([name, initializer]) => [name, loadInitializer(initializer, ({ offset, length }) => source.read(offset, length))])) };
}

const forms = readdirSync(join(root, "dicts")).filter((name) => !name.endsWith(".safetensors") && name !== "newest.pt");

describe("one state dict", () => {
  const twin = readSafetensors(bytesSource("twin", bytesOf("dicts/twin.safetensors")));

  it.each(forms)("as %s is the same bit for bit", (file) => {
    const { tensors, initializers } = read(bytesOf(`dicts/${file}`));
    expect([...tensors.keys()].toSorted()).toEqual([...twin.keys()].toSorted());
    for (const [name, tensor] of twin) expect(tensors.get(name), name).toEqual(tensor);
    const inMemory = [...initializers].filter(([, initializer]) => isInMemory(initializer)).map(([name]) => name).toSorted();
    // What is no piece of the file must be copied; all else stays in it.
    if (file !== "compressed.pt") expect(inMemory).toEqual(["channels_last", "empty", "expanded", "sliced", "transposed"]);
  });

  it("has the unsigned types too", () => {
    const { tensors } = read(bytesOf("dicts/newest.pt"));
    for (const [name, tensor] of readSafetensors(bytesSource("newest", bytesOf("dicts/newest.safetensors")))) expect(tensors.get(name), name).toEqual(tensor);
  });
});

describe("files that are refused", () => {
  const rename = (bytes: Buffer, from: string, to: string) => Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
  const tar = Buffer.alloc(1024);
  tar.write("sys_info");
  tar.write("ustar", 257);
  const text = "torch.onnx.export";

  it.each<[string, () => Buffer, string, Record<string, unknown>]>([
    ["a pickled module", () => bytesOf("refused/module.pt"), "modelPickled", { what: "the class \"__main__.Net\"" }],
    ["a legacy pickled module", () => bytesOf("refused/module-legacy.pth"), "modelPickled", { what: "the class \"__main__.Net\"" }],
    ["a module inside a checkpoint", () => bytesOf("refused/module-inside.pt"), "modelPickled", { what: "the class \"torch.nn.modules.container.Sequential\"" }],
    ["TorchScript", () => bytesOf("refused/script.pt"), "modelProgram", { kind: "TorchScript", command: expect.stringContaining(`${text}(torch.jit.load("weights.pt")`) }],
    ["a program of torch.export", () => bytesOf("refused/program.pt2"), "modelProgram", { kind: "torch.export", command: expect.stringContaining(`${text}(torch.export.load("weights.pt")`) }],
    ["a package", () => bytesOf("refused/package.pt"), "modelProgram", { kind: "torch.package", command: expect.stringContaining(text) }],
    ["the state of an optimizer", () => bytesOf("refused/optimizer.pt"), "modelFormatUnknown", {}],
    ["a list of tensors", () => bytesOf("refused/list.pt"), "modelFormatUnknown", {}],
    ["arrays of NumPy", () => bytesOf("refused/arrays.npz"), "modelFormatUnknown", {}],
    ["a quantized tensor", () => bytesOf("refused/quantized.pt"), "weightUnsupported", { weight: "a", kind: "a quantized tensor" }],
    ["a sparse tensor", () => bytesOf("refused/sparse.pt"), "weightUnsupported", { weight: "a", kind: "a sparse tensor" }],
    ["a complex tensor", () => bytesOf("refused/complex.pt"), "weightUnsupported", { weight: "a", kind: "a complex tensor" }],
    ["a tensor without values", () => bytesOf("refused/meta.pt"), "weightUnsupported", { weight: "a", kind: expect.stringContaining("without values") }],
    ["a tensor of 8-bit floats", () => bytesOf("refused/float8.pt"), "weightUnsupported", { weight: "a", kind: "a tensor of the type torch.float8_e4m3fn" }],
    ["a big-endian archive", () => rename(bytesOf("dicts/zip.pt"), "little", "bigbig"), "modelCorrupt", { reason: expect.stringContaining("big-endian") }],
    ["the oldest format", () => tar, "modelPickled", { what: expect.stringContaining("tar archive") }],
    ["a legacy file cut short", () => bytesOf("dicts/legacy.pth").subarray(0, -9), "modelCorrupt", { reason: expect.stringMatching(/is cut short|ends before/) }],
    ["a legacy file cut in its pickle", () => bytesOf("dicts/legacy.pth").subarray(0, 500), "modelCorrupt", { reason: expect.stringContaining("ends before") }],
    ["an archive cut short", () => bytesOf("dicts/zip.pt").subarray(0, -9), "modelCorrupt", { reason: expect.stringContaining("cut short") }],
    ["an archive without one of its storages", () => rename(bytesOf("dicts/zip.pt"), "zip/data/7", "zip/date/7"), "modelCorrupt", { reason: expect.stringContaining("missing") }],
  ])("%s", (_, make, code, data) => {
    expect(() => read(make())).toThrow(expect.objectContaining({ code, data: { path: "weights.pt", ...data } }) as Error);
  });

  it("says in one sentence how to go on", async () => {
    const error = await importModel(join(root, "refused/module.pt")).catch((thrown: unknown) => thrown) as { code: "modelPickled"; data: Record<string, string> };
    expect(fillIn(errorTexts[error.code].text, error.data)).toMatch(/module\.pt needs the class "__main__\.Net" to be loaded, and Whylight runs no code out of a model file\.$/);
    expect(errorTexts[error.code].next).toContain("torch.save(model.state_dict()");
  });
});

describe("older files", () => {
  const numbers = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer).toString("latin1");
  const storages = `\x04${"\0".repeat(7)}${numbers}`;
  const oldText = (value: string) => `U${String.fromCharCode(value.length)}${value}`;
  const oldStorage = (...view: readonly string[]) => `${tuple(oldText("storage"), global("torch.cuda", "FloatStorage"), oldText("0"), oldText("cuda:0"), int(4), ...view)}Q`;
  const oldTensor = (of: string, size: number) => call(global("torch._utils", "_rebuild_tensor"), of, int(0), tuple(int(size)), tuple(int(1)));

  it("of Python 2 and a graphics card are read", () => {
    const { tensors } = read(legacy(`ccollections\nOrderedDict\n]${list(oldText("a"), oldTensor(oldStorage(), 4))}a\x85R`, { keys: list(oldText("0")), storages }));
    expect(tensors.get("a")).toEqual({ dtype: "float32", shape: [4], data: Float32Array.of(1, 2, 3, 4) });
  });

  it("have storages that are parts of others", () => {
    const { tensors } = read(legacy(dict({ a: oldTensor(oldStorage(tuple(oldText("1"), int(1), int(2))), 2) }), { keys: list(oldText("0")), storages }));
    expect(tensors.get("a")).toEqual({ dtype: "float32", shape: [2], data: Float32Array.of(2, 3) });
  });
});

it("prefers plain weights to averaged ones, and nested ones to counters", () => {
  const one = (size: number) => tensor({ shape: [size] });
  const value = dict({ ema: dict({ w: one(1) }), epoch: one(2), model: dict({ "module.w": one(3) }) });
  expect(read(archive(value)).tensors.get("w")?.shape).toEqual([3]);
  expect(read(archive(dict({ ema: dict({ w: one(1) }), epoch: one(2) }))).tensors.get("w")?.shape).toEqual([1]);
  expect([...read(archive(dict({ "model.w": one(4), model: int(1) }))).tensors.keys()]).toEqual(["model.w"]);
});

it("does not take a state dict of no known architecture for another", async () => {
  await expect(importModel(join(root, "dicts/zip.pt"))).rejects.toMatchObject({ code: "architectureUnknown" });
});
