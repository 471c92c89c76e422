/** @file The safetensors format: files of PyTorch's writer, our own round trip, and hostile headers. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { float32, int64, type Tensor } from "../../../src/engine/ir/tensor.js";
import { openByteSource } from "../../../src/worker/files.js";

const shared = join(dirname(fileURLToPath(import.meta.url)), "../../../../shared/reference");
const folder = mkdtempSync(join(tmpdir(), "whylight-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(path: string): Map<string, Tensor> {
  const source = openByteSource(path);
  try {
    return readSafetensors(source);
  } finally {
    source.close();
  }
}

function fileOf(header: unknown, data = new Uint8Array(8), length?: bigint): string {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(text.length));
  const path = join(folder, "x.safetensors");
  writeFileSync(path, Buffer.concat([prefix, text, data]));
  return path;
}

if (!existsSync(shared)) console.log("Skipped: the recorded reference files are not beside this clone.");
it.skipIf(!existsSync(shared))("reads what PyTorch's writer wrote", () => {
  const tensors = read(join(shared, "resnet_tiny/reference.safetensors"));
  expect(tensors.get("x0")?.shape).toEqual([1, 3, 64, 64]);
  const logits = tensors.get("x0/logits");
  expect(logits?.dtype).toBe("float32");
  const scores = Array.from(logits?.data ?? [], Number);
  expect(scores.indexOf(Math.max(...scores))).toBe(4);
});

it("writes what it reads, wide types first, scalars and empty tensors too", () => {
  const bits: Tensor = { dtype: "float16", shape: [3], data: Uint16Array.of(1, 2, 3) };
  const tensors = { bits, attribution: float32([2, 3], [1, -2, 3, 4.5, 5, 6]), scalar: float32([], [7]), none: float32([0, 4], []), ids: int64([2], [-1, 9]) };
  const path = join(folder, "round.safetensors");
  writeFileSync(path, writeSafetensors(tensors));
  const again = read(path);
  expect(again.size).toBe(5);
  for (const [name, tensor] of Object.entries(tensors)) expect(again.get(name)).toEqual(tensor);
});

describe("hostile files", () => {
  const tensor = (over: object) => ({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...over } });
  it.each([
    ["a header longer than the file", () => fileOf("{}", new Uint8Array(0), 1n << 60n), /header is longer/],
    ["a header that is no JSON", () => fileOf("{not json"), /not JSON/],
    ["a header that is a list", () => fileOf("[]"), /not JSON/],
    ["a type nobody knows", () => fileOf(tensor({ dtype: "F99" })), /unknown type/],
    ["a type named like a method", () => fileOf(tensor({ dtype: "toString" })), /unknown type/],
    ["a negative extent", () => fileOf(tensor({ shape: [-2] })), /valid shape/],
    ["extents that overflow", () => fileOf(tensor({ shape: [2 ** 40, 2 ** 40] })), /valid shape/],
    ["a range that does not fit the shape", () => fileOf(tensor({ data_offsets: [0, 4] })), /4 bytes/],
    ["a backwards range", () => fileOf(tensor({ data_offsets: [8, 0] })), /bytes/],
    ["a range past the end", () => fileOf(tensor({}), new Uint8Array(4)), /cut short/],
    ["overlapping ranges", () => fileOf({ ...tensor({}), b: { dtype: "F32", shape: [2], data_offsets: [4, 12] } }, new Uint8Array(12)), /begin where/],
    ["bytes nobody owns", () => fileOf(tensor({}), new Uint8Array(16)), /after its last/],
    ["an empty file", () => { writeFileSync(join(folder, "empty"), ""); return join(folder, "empty"); }, /too short/],
  ])("%s", (_, make, reason) => {
    let thrown: unknown;
    try {
      read(make());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "inputInvalid", data: { reason: expect.stringMatching(reason) as unknown } });
  });
});
