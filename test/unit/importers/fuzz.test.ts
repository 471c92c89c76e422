/**
 * @file Model files changed at random, over every reader: each is read or refused with one of our errors, soon, and without filling the memory.
 * WHYLIGHT_FUZZ_SEED takes other changes, WHYLIGHT_FUZZ_SECONDS more of them (per file; 0.8 otherwise).
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { loadInitializer as LoadInitializer } from "../../../src/engine/ir/weights.js";
import type { openRanges as OpenRanges } from "../../../src/worker/files.js";
import type { importModel as ImportModel } from "../../../src/worker/formats/importModel.js";
import { byteEdits, editBytes, editJson, jsonEdits } from "./mutations.js";
import { archive, call, dict, global, int, legacy, list, pickle, stackGlobal, storage, tensor, text, tuple } from "./pickles.js";
import { bundleReader } from "./readInChild.js";
import { watch } from "./watchdog.js";
import { zipOf, type ZipPart } from "./zipFiles.js";

const seed = Number(process.env["WHYLIGHT_FUZZ_SEED"] ?? 20261129);
const seconds = Number(process.env["WHYLIGHT_FUZZ_SECONDS"] ?? 0.8);
/** No file this small may take longer to read, or leave the process larger. */
const [longestSeconds, mostMegabytes] = [20, 1500];

const fixtures = join(import.meta.dirname, "../../fixtures");
const work = mkdtempSync(join(tmpdir(), "whylight-fuzz-"));
let reader: { readonly importModel: typeof ImportModel; readonly openRanges: typeof OpenRanges; readonly loadInitializer: typeof LoadInitializer };
let close: () => void;
const dog = watch(longestSeconds + 10, `A file was not read in ${longestSeconds + 10} s. It lies in ${work}; the seed was ${seed}.`);

beforeAll(async () => {
  const bundle = await bundleReader();
  close = bundle.close;
  reader = createRequire(import.meta.url)(join(bundle.folder, "importModel.js")) as typeof reader;
  console.log(`fuzzing with the seed ${seed} for ${seconds} s per file`);
});
afterAll(async () => {
  close();
  await dog.end();
  rmSync(work, { recursive: true, force: true });
});

/** A copy of a folder of fixtures, in which one file is changed again and again. */
function folderOf(source: string): string {
  const folder = mkdtempSync(join(work, "model-"));
  const copy = (from: string, to: string) => {
    if (statSync(from).isDirectory()) {
      mkdirSync(to, { recursive: true });
      for (const name of readdirSync(from)) if (name !== "expected.safetensors") copy(join(from, name), join(to, name));
    } else copyFileSync(from, to);
  };
  copy(join(fixtures, source), folder);
  return folder;
}

/** Reads the model and, if wanted, all its weights. Returns the code of the error, or "read". */
async function read(path: string, weightsToo: boolean): Promise<string> {
  const started = performance.now();
  const ranges = reader.openRanges();
  try {
    const { graph } = await dog.around(() => reader.importModel(path));
    if (weightsToo) for (const initializer of graph.initializers.values()) reader.loadInitializer(initializer, ranges.readRange);
    return "read";
  } catch (thrown) {
    const { code, data } = thrown as { code?: string; data?: Record<string, unknown> };
    if (code === undefined || data === undefined || code === "internal") throw thrown;
    return code;
  } finally {
    ranges.close();
    expect((performance.now() - started) / 1000).toBeLessThan(longestSeconds);
    expect(process.memoryUsage.rss() / 2 ** 20).toBeLessThan(mostMegabytes);
  }
}

/** Files made of random values, one after the other, for a while. Every one is read or refused. Prints how many came to what. */
async function fuzz<Value>(name: string, values: fc.Arbitrary<Value>, write: (value: Value) => string, weightsToo = true): Promise<void> {
  const codes = new Map<string, number>();
  const end = performance.now() + seconds * 1000;
  const property = fc.asyncProperty(values, async (value) => {
    // What is left of a round costs nothing; one file is read however slow the machine is.
    if (codes.size > 0 && performance.now() > end) return;
    const code = await read(write(value), weightsToo);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  });
  for (let round = 0; round === 0 || performance.now() < end; round++) await fc.assert(property, { seed: seed + round, numRuns: 50 });
  const runs = [...codes.values()].reduce((a, b) => a + b, 0);
  console.log(`${name}: ${runs} files: ${[...codes].toSorted(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`).join(", ")}`);
  // Changes that stop every reader at the door test nothing.
  if (runs > 20) expect([...codes.keys()].some((code) => code !== "modelFormatUnknown")).toBe(true);
}

/** Changes a file of a folder, and opens `main`, or the file itself. */
const fuzzFile = <Edits>(source: string, file: string, main: string, edits: fc.Arbitrary<Edits>, edit: (bytes: Buffer, edits: Edits) => Buffer | string) => {
  const folder = folderOf(source);
  const original = readFileSync(join(folder, file));
  return fuzz(`${source}/${file}`, edits, (value) => {
    writeFileSync(join(folder, file), edit(original, value));
    return join(folder, main);
  });
};

describe("bytes of", () => {
  it.each([
    ["text/models", "bert.dynamo.onnx"],
    ["attention", "pvt.onnx"],
    ["models/encoders/distilbert", "model.safetensors"],
    ["models/torch/dicts", "zip.pt"],
    ["models/torch/dicts", "compressed.pt"],
    ["models/torch/dicts", "training-model.ckpt"],
    ["models/torch/dicts", "legacy.pth"],
    ["models/torch/bert", "pytorch_model.bin"],
    ["models/tensorflow/convolutions", "saved_model.pb"],
    ["models/tensorflow/convolutions", "variables/variables.index", "saved_model.pb"],
    ["models/tensorflow/tfjs-cnn", "model.json"],
    ["models/keras/sequential-h5", "model.h5"],
    ["models/keras/sequential-keras", "model.keras"],
    ["models/keras/sequential-tfjs", "model.json"],
  ].filter(([source, file]) => present(source!, file!)))("%s/%s", async (source, file, main = file) => {
    await fuzzFile(source!, file!, main!, byteEdits, editBytes);
  });
});

describe("JSON of", () => {
  it.each([
    ...["encoders/bert", "encoders/deberta-v3", "encoders/albert", "decoders/gpt2", "decoders/llama", "vision/vit", "vision/swin", "vision/convnext", "vision/clip-vision"].map((folder) => [`models/${folder}`, "config.json", "model.safetensors"]),
    ["models/decoders/llama-sharded", "model.safetensors.index.json"],
    ["models/torch/bert-sharded", "pytorch_model.bin.index.json"],
    ["models/tensorflow/tfjs-cnn", "model.json"],
    ["models/keras/nested-tfjs", "model.json"],
    ["models/keras/merging-tfjs", "model.json"],
  ].filter(([source, file]) => present(source!, file!)))("%s/%s", async (source, file, main = file) => {
    await fuzzFile(source!, file!, main!, jsonEdits, (bytes, edits) => editJson(bytes.toString(), edits));
  });

  it("the header of safetensors", async () => {
    await fuzzFile("models/encoders/distilbert", "model.safetensors", "model.safetensors", jsonEdits, (bytes, edits) => {
      const length = Number(bytes.readBigUInt64LE());
      return Buffer.concat([headerOf(editJson(bytes.subarray(8, 8 + length).toString(), edits)), bytes.subarray(8 + length)]);
    });
  });

  // Names and shapes alone tell an image model; the numbers are holes in the file.
  it.each(["torchvision/resnet18", "torchvision/mobilenet_v3_small", "torchvision/vit", "torchvision/convnext", "torchvision/vgg11", "timm/resnet26t", "timm/efficientnet_lite0", "timm/deit_tiny_distilled", "timm/densenet121"].filter((source) => present(`models/${source}`, "drawn.json")))("weights of %s", async (source) => {
    const folder = folderOf(`models/${source}`);
    const { tensors } = JSON.parse(readFileSync(join(folder, "drawn.json"), "utf8")) as { tensors: Record<string, { shape: readonly number[] }> };
    const shapes = JSON.stringify(Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape])));
    const path = join(folder, "model.safetensors");
    await fuzz(`weights of ${source}`, jsonEdits, (edits) => {
      writeHoles(path, Object(JSON.parse(editJson(shapes, edits))) as Record<string, unknown>);
      return path;
    }, false);
  });
});

function headerOf(header: string): Buffer {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text]);
}

/** Writes a safetensors file of bfloat16 zeros that take no room; what is no shape is left out, and what is too large for a file is cut off. */
function writeHoles(path: string, shapes: Readonly<Record<string, unknown>>): void {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && Number(extent) >= 0) ? 2 * shape.reduce((a: number, b: number) => a * b, 1) : NaN;
    if (!(end + size < 2 ** 40)) continue;
    header[name] = { dtype: "BF16", shape, data_offsets: [end, end + size] };
    end += size;
  }
  const start = headerOf(JSON.stringify(header));
  writeFileSync(path, start);
  truncateSync(path, start.length + end);
}

function present(source: string, file: string): boolean {
  const there = existsSync(join(fixtures, source, file));
  if (!there) console.log(`Skipped: ${source}/${file} is not there.`);
  return there;
}

describe("structures of", () => {
  /** Instructions in any order, so that stacks, marks and memo are tried more than by changes of good files. */
  const names = fc.constantFrom("collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch._tensor _rebuild_from_type_v2", "torch FloatStorage", "torch Size", "torch float16", "builtins set", "copyreg _reconstructor", "argparse Namespace", "posix system", "my Net");
  const instruction = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("(", "t", ")", "]", "}", "e", "a", "u", "s", "d", "l", "N", "0", "1", "2", "R", "\x81", "\x85", "\x86", "\x87", "\x88", "\x90", "\x91", "\x92", "\x93", "\x94", "\x8f", "b", "o", "Q", "q\x00", "q\x01", "h\x00", "h\x01", "g0\n", "p2\n") },
    { weight: 2, arbitrary: fc.constantFrom(tensor(), storage(), text("model"), text("a.weight"), int(3), int(-1), tuple(), dict({ a: tensor() }), list(int(2)), call(global("collections", "OrderedDict")), "G\x7f\xf0\0\0\0\0\0\0", "\x8a\x02\xff\xff", "L12L\n", "I01\n") },
    { weight: 1, arbitrary: names.map((name) => global(...(name.split(" ") as [string, string]))) },
    { weight: 1, arbitrary: names.map((name) => stackGlobal(...(name.split(" ") as [string, string]))) },
    { weight: 1, arbitrary: fc.nat(255).map((code) => String.fromCharCode(code)) },
  );
  const program = fc.array(instruction, { maxLength: 40 }).map((parts) => parts.join(""));
  const save = (bytes: Buffer) => {
    const path = join(work, "made.pt");
    writeFileSync(path, bytes);
    return path;
  };

  it("pickles", async () => {
    const value = fc.oneof(program, program.map((inner) => `}(${text("a")}${tensor()}${text("b")}${inner}u`));
    await fuzz("pickles in archives", value, (made) => save(archive(pickle(made))));
    await fuzz("pickles in legacy files", value, (made) => save(legacy(made)));
  });

  it("views of storages", async () => {
    const size = fc.oneof(fc.nat(5), fc.constantFrom(-1, 2 ** 20, 2 ** 31 - 1));
    const view = fc.record({ offset: size, shape: fc.array(size, { maxLength: 5 }), strides: fc.array(size, { maxLength: 5 }), of: fc.tuple(fc.constantFrom("0", "1", ".."), size).map(([key, elements]) => storage(key, elements)) });
    await fuzz("views", fc.array(view, { minLength: 1, maxLength: 3 }), (views) => save(archive(dict(Object.fromEntries(views.map((of, i) => [`w${i}`, tensor(of)]))))));
  });

  it("archives", async () => {
    const number = fc.oneof(fc.nat(400), fc.constantFrom(0xffffffff, 0xfffffffe, 2 ** 31, 2 ** 52));
    const claims = fc.record({ size: number, compressed: number, header: number, method: fc.constantFrom(0, 8, 12), flags: fc.constantFrom(0, 1, 8) }, { requiredKeys: [] }).map((made) => ({ ...made, ...(made.size === undefined ? {} : { size: Math.min(made.size, 0xffffffff) }) }));
    const part: fc.Arbitrary<ZipPart> = fc.record({ name: fc.constantFrom("w/data.pkl", "w/data/0", "w/byteorder", "../x", "w/code/a", "w/"), data: fc.constantFrom(pickle(dict({ a: tensor() })), Buffer.alloc(16), Buffer.from("little")), deflate: fc.boolean(), claims: fc.option(claims, { nil: {}, freq: 2 }), zip64: fc.constant(true) });
    const wide = fc.option(fc.record({ count: fc.bigInt({ min: 0n, max: 5n }), length: fc.bigInt({ min: 0n, max: 1000n }), offset: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) }, { requiredKeys: [] }), { nil: {} });
    await fuzz("archives", fc.tuple(fc.array(part, { minLength: 1, maxLength: 5 }), wide), ([parts, zip64]) => save(zipOf([{ name: "w/data.pkl", data: pickle(dict({ a: tensor() })) }, ...parts], { zip64 })));
  });
});
