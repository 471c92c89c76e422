/** @file Zip archives: what zip writers write, and what liars write. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bytesSource, type ByteSource } from "../../../src/engine/importers/byteSource.js";
import { openZip } from "../../../src/engine/importers/zip.js";
import { zipOf, type ZipPart } from "./zipFiles.js";

const text = (value: string) => Buffer.from(value);
const zeros = (size: number) => new Uint8Array(size);
const limit = 1 << 20;

describe("archives as they are written", () => {
  const hello: ZipPart = { name: "a/hello.txt", data: text("hello") };
  const long: ZipPart = { name: "a/long.txt", data: text("ab".repeat(100_000)), deflate: true };

  it.each([["32-bit numbers", {}, {}], ["64-bit numbers", { zip64: true }, { zip64: {} }], ["a comment", {}, { comment: "made by hand" }]] as const)("are read with %s", (_, part, end) => {
    const bytes = zipOf([{ ...hello, ...part }, { ...long, ...part }, { name: "a/", data: zeros(0) }], end);
    const zip = openZip(bytesSource("memory", bytes));
    expect(zip.names).toEqual(["a/hello.txt", "a/long.txt", "a/"]);
    expect(Buffer.from(zip.read("a/hello.txt", limit)).toString()).toBe("hello");
    expect(Buffer.from(zip.read("a/long.txt", limit)).equals(long.data)).toBe(true);
    const range = zip.range("a/hello.txt")!;
    expect(bytes.subarray(range.offset, range.offset + range.length).toString()).toBe("hello");
    expect(zip.range("a/long.txt")).toBeUndefined();
    expect(zip.sizeOf("a/long.txt")).toBe(200_000);
    expect(zip.sizeOf("b")).toBeUndefined();
  });

  const python = spawnSync("python3", ["-c", `
import io, sys, zipfile
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as z:
    z.writestr("stored", "stored text")
    z.writestr("deflated", "deflated text " * 999, zipfile.ZIP_DEFLATED)
    with z.open("wide", "w", force_zip64=True) as f: f.write(b"wide text")
sys.stdout.buffer.write(out.getvalue())`]);
  it.skipIf(python.status !== 0)("by Python's zipfile are read", () => {
    const zip = openZip(bytesSource("memory", python.stdout));
    expect(zip.names.map((name) => Buffer.from(zip.read(name, limit)).toString())).toEqual(["stored text", "deflated text ".repeat(999), "wide text"]);
  });
});

describe("hostile archives", () => {
  const readAll = (source: ByteSource) => {
    const zip = openZip(source);
    for (const name of zip.names) {
      zip.range(name);
      zip.read(name, limit);
    }
  };
  const part = (claims: ZipPart["claims"] = {}, over: Partial<ZipPart> = {}): ZipPart => ({ name: "data", data: text("some bytes"), claims, ...over });
  const bomb = (size: number, claim = size): ZipPart => ({ name: "bomb", data: zeros(size), deflate: true, claims: { size: claim } });

  it.each<[string, Buffer, string, RegExp]>([
    ["an empty file", Buffer.alloc(0), "modelCorrupt", /no zip/],
    ["one cut short", zipOf([part()]).subarray(0, 60), "modelCorrupt", /no zip/],
    ["a directory past the end", zipOf([part()], { offset: 1 << 30 }), "modelCorrupt", /cut short/],
    ["more entries than there are", zipOf([part()], { count: 2 }), "modelCorrupt", /directory/],
    ["64-bit counts", zipOf([part()], { zip64: { count: 1n << 62n } }), "modelUnsafe", /claims/],
    ["a 64-bit directory", zipOf([part()], { zip64: { length: (1n << 64n) - 1n } }), "modelUnsafe", /claims/],
    ["a 64-bit directory that does not fit", zipOf([part()], { zip64: { length: 1n << 40n } }), "modelCorrupt", /cut short/],
    ["64-bit sizes", zipOf([part({ size: 2 ** 52, compressed: 2 ** 52 }, { zip64: true })]), "modelUnsafe", /claims/],
    ["numbers promised in an extra field that is none", zipOf([part({ header: 0xffffffff })]), "modelUnsafe", /claims/],
    ["two entries of one name", zipOf([part(), part()]), "modelUnsafe", /two entries/],
    ["entries that overlap", zipOf([part(), part({ header: 0 }, { name: "b" })]), "modelUnsafe", /overlaps/],
    ["an entry inside the directory", zipOf([part({ header: 50 })]), "modelUnsafe", /none/],
    ["a name that climbs out", zipOf([part({}, { name: "../../etc/passwd" })]), "modelUnsafe", /leads out/],
    ["a name that climbs out backwards", zipOf([part({}, { name: "a\\..\\b" })]), "modelUnsafe", /leads out/],
    ["an absolute name", zipOf([part({}, { name: "/etc/passwd" })]), "modelUnsafe", /leads out/],
    ["another name in its own header", zipOf([part({}, { localName: "tada" })]), "modelCorrupt", /damaged/],
    ["a stored entry of another size", zipOf([part({ size: 1000 })]), "modelUnsafe", /claims 1000/],
    ["a claim no compression reaches", zipOf([part({ size: 1e6, method: 8 })]), "modelUnsafe", /claims/],
    ["more than is read", zipOf([bomb(limit + 1)]), "modelUnsafe", /more than/],
    ["a bomb that claims little", zipOf([bomb(50 * 2 ** 20, limit)]), "modelUnsafe", /longer than/],
    ["less than it claims", zipOf([bomb(limit - 5, limit)]), "modelCorrupt", /damaged/],
    ["noise in place of a stream", zipOf([part({ method: 8, size: 20 }, { data: Buffer.alloc(64, 0xff) })]), "modelCorrupt", /damaged/],
    ["encryption", zipOf([part({ flags: 1 })]), "modelCorrupt", /encrypted/],
    ["an unknown compression", zipOf([part({ method: 93 })]), "modelCorrupt", /method 93/],
  ])("%s", (_, bytes, code, reason) => {
    expect(() => readAll(bytesSource("memory", bytes))).toThrow(expect.objectContaining({ code, data: { path: "memory", reason: expect.stringMatching(reason) as unknown } }) as Error);
  });
});
