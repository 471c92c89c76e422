/** @file Files that would fill the memory or take for ever: each is refused by a process that stays small and is done soon. */
import { ftruncateSync, mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { archive, dict, int, list, pickle, storage, tensor, text } from "./pickles.js";
import { readerInChild } from "./readInChild.js";
import { zipOf } from "./zipFiles.js";

/** More than a model's description takes, less than would disturb anybody. */
const mostMegabytes = 600;
const mostMilliseconds = 20_000;

const folder = mkdtempSync(join(tmpdir(), "whylight-bombs-"));
let reader: Awaited<ReturnType<typeof readerInChild>>;
beforeAll(async () => {
  reader = await readerInChild();
});
afterAll(() => {
  reader.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const megabytes = (count: number) => count * 2 ** 20;
const full = megabytes(60);
/** A pickle of one instruction many times, which compresses to nothing. */
const unfolding = (instruction: string, before = "", after = "") => file("unfolding.pt", zipOf([{ name: "w/data.pkl", data: pickle(before + instruction.repeat(full / instruction.length) + after), deflate: true }]));
const safetensors = (header: string, size = 0) => {
  const path = join(folder, "hostile.safetensors");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const descriptor = openSync(path, "w");
  writeSync(descriptor, Buffer.concat([length, Buffer.from(header)]));
  ftruncateSync(descriptor, 8 + header.length + size);
  closeSync(descriptor);
  return path;
};
const config = (content: string) => {
  mkdirSync(join(folder, "config"), { recursive: true });
  writeFileSync(join(folder, "config/model.safetensors"), Buffer.from("0200000000000000" + "7b7d", "hex"));
  writeFileSync(join(folder, "config/config.json"), content);
  return join(folder, "config/model.safetensors");
};

it.each<[string, () => string, string]>([
  ["dictionaries", () => unfolding("}"), "modelUnsafe"],
  ["lists", () => unfolding("]"), "modelUnsafe"],
  ["marks", () => unfolding("("), "modelUnsafe"],
  ["numbers that are remembered", () => unfolding("K\x01\x940"), "modelUnsafe"],
  ["dictionaries in a list", () => unfolding("}a", "]"), "modelUnsafe"],
  ["values that are forgotten", () => unfolding("}0"), "modelUnsafe"],
  ["copies of the same", () => unfolding("2", "N"), "modelUnsafe"],
  ["dictionaries out of one long list", () => unfolding("ccollections\nOrderedDict\nh\x00\x85R", list(...Array.from({ length: 100_000 }, () => ")")) + "q\x00"), "modelUnsafe"],
  ["long texts", () => unfolding(text("a".repeat(60_000))), "modelFormatUnknown"],
  ["one long name", () => file("name.pt", archive(dict({ ["module.".repeat(4_000_000)]: tensor() }))), "architectureUnknown"],
  ["many names", () => file("names.pt", archive(dict(Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`w${i}`, i === 0 ? `${tensor()}q\x05` : "h\x05"]))))), "architectureUnknown"],
  ["a zip bomb that is honest", () => file("bomb.pt", zipOf([{ name: "w/data.pkl", data: Buffer.alloc(megabytes(300)), deflate: true }])), "modelUnsafe"],
  ["a zip bomb that lies", () => file("liar.pt", zipOf([{ name: "w/data.pkl", data: Buffer.alloc(megabytes(300)), deflate: true, claims: { size: megabytes(1) } }])), "modelUnsafe"],
  ["compressed weights", () => file("packed.pt", zipOf([
    { name: "w/data.pkl", data: pickle(dict(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`w${i}`, tensor({ of: storage(String(i), megabytes(25)), shape: [megabytes(25)] })])))) },
    ...Array.from({ length: 5 }, (_, i) => ({ name: `w/data/${i}`, data: Buffer.alloc(megabytes(100)), deflate: true })),
  ])), "modelUnsafe"],
  ["a directory of a zip that never ends", () => file("directory.pt", zipOf(Array.from({ length: 300_000 }, (_, i) => ({ name: String(i), data: Buffer.alloc(0) })), { zip64: {} })), "modelUnsafe"],
  ["a legacy file of dictionaries", () => file("legacy.pth", Buffer.concat([pickle(`\x8a\x0a${"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"}`), pickle(int(1001)), pickle("}".repeat(full))])), "modelUnsafe"],
  ["a header of brackets", () => safetensors(`{"a":${"[".repeat(megabytes(95))}`), "modelCorrupt"],
  ["a header of lists", () => safetensors(`{"a":[${"[],".repeat(megabytes(30))}[]]}`), "modelCorrupt"],
  ["a header of tensors", () => safetensors(`{${Array.from({ length: 1_200_000 }, (_, i) => `"w${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`).join()}}`), "modelCorrupt"],
  ["a config of brackets", () => config("[".repeat(megabytes(60))), "descriptionInvalid"],
  ["a config of lists", () => config(`{"model_type":"bert","a":[${"[],".repeat(megabytes(19))}[]]}`), "descriptionInvalid"],
  ["an index of brackets", () => file("model.safetensors.index.json", `{"weight_map":${"[".repeat(megabytes(60))}`), "modelCorrupt"],
])("%s", async (_, make, code) => {
  const reading = await reader.read(make());
  console.log(`${_}: ${reading.code}, ${reading.megabytes} MB, ${reading.milliseconds} ms`);
  expect(reading).toMatchObject({ code });
  expect(reading.megabytes).toBeLessThan(mostMegabytes);
  expect(reading.milliseconds).toBeLessThan(mostMilliseconds);
});
