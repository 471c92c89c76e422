/** @file The file of an audit's records: what it keeps of numbers, and that nothing is lost or repeated wherever it was cut off. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { featureLength, mapSide, type AuditRecord } from "../../../../src/engine/audit/record.js";
import { defaultPreprocess } from "../../../../src/engine/preprocess/defaults.js";
import { openRecords, readHeader, readRecords, recordPath, type AuditHeader } from "../../../../src/worker/audit/recordFile.js";
import { asWritten, fileOf, readLine, writeLine, type RecordLine } from "../../../../src/worker/audit/recordLine.js";

const base = mkdtempSync(join(tmpdir(), "whylight-records-"));
afterAll(() => rmSync(base, { recursive: true }));
const newFolder = () => mkdtempSync(join(base, "a-"));

const header: AuditHeader = {
  audit: 1, model: { path: "/m.onnx", sha256: "0".repeat(64) }, folder: "/pictures", labelsFrom: "folders", labelsSha256: undefined, labels: ["cat", "dog"],
  preprocess: defaultPreprocess({ layout: "NCHW", channels: 3, height: 224, width: 224 }), activation: "softmax", layer: "relu", started: "2026-01-01T00:00:00.000Z", runtime: "none",
};

function record(file: string, seed = 1): AuditRecord {
  const random = (i: number) => Math.abs(Math.sin(seed * 100 + i));
  const map = Float32Array.from({ length: mapSide ** 2 }, (_, i) => random(i));
  const mass = map.reduce((sum, value) => sum + value, 0);
  const features = Float32Array.from({ length: featureLength }, (_, i) => random(i + 99) - 0.5);
  const length = Math.hypot(...features);
  return {
    file, label: 1, predicted: 0, confidence: random(3), trueProbability: random(4), rank: 2, top: [[0, random(3)], [1, random(4)]], entropy: random(5), width: 400, height: 300, flags: ["dark"], hash: "0123456789abcdef",
    map: map.map((value) => value / mass), features: features.map((value) => value / length),
  };
}

describe("a line", () => {
  it("keeps a record, its arrays to a few parts in 100,000", () => {
    const written = record("a/ü \"quoted\"\n.png");
    const text = writeLine({ record: written, unknownLabel: "bird" });
    expect(text.indexOf("\n")).toBe(text.length - 1);
    const { record: back, unknownLabel } = readLine(text) as { record: AuditRecord; unknownLabel: string };
    expect(unknownLabel).toBe("bird");
    expect({ ...back, map: 0, features: 0 }).toEqual({ ...asWritten(written), map: 0, features: 0 });
    for (const [i, value] of written.map!.entries()) expect(Math.abs(back.map![i]! - value)).toBeLessThan(1 / 65_535);
    for (const [i, value] of written.features!.entries()) expect(Math.abs(back.features![i]! - value)).toBeLessThan(1 / 32_767);
    expect(back.confidence).toBeCloseTo(written.confidence, 8);
    // What is written is what a run that goes on has in memory.
    expect(asWritten(back)).toEqual(back);
  });

  it("keeps a failure, and a record without a map", () => {
    const failed = { failed: { file: "b.png", code: "imageInvalid", reason: "the file is empty" } };
    expect(readLine(writeLine(failed))).toEqual(failed);
    expect(readLine(writeLine({ record: { ...record("c"), map: undefined, features: undefined } }))).toMatchObject({ record: { file: "c", map: undefined, features: undefined } });
    const { confidence: _, ...part } = record("c");
    const changed = [part, { ...record("c"), confidence: "1" }, { ...record("c"), top: [] }, { ...record("c"), top: [[0]] }, { ...record("c"), hash: "zz" }].map((one) => JSON.stringify({ ...one, map: undefined, features: undefined }));
    const short = writeLine({ record: record("c") }).replace(/"map":"..../, '"map":"');
    for (const text of [...changed, short, "", "{", "[]", "{}", "null", '{"file":3}', '{"file":"a"}']) expect(readLine(text)).toBeUndefined();
  });
});

const files = (audit: string) => [...readRecords(recordPath(audit))].map(({ line }) => fileOf(line));

describe("the file", () => {
  it("goes on after being cut off at any byte, without losing or repeating a whole line", () => {
    const whole = newFolder();
    const short = { map: undefined, features: undefined, top: [[0, 1]] as const, flags: [] };
    const lines: RecordLine[] = [{ record: { ...record("a.png"), ...short } }, { failed: { file: "bö.png", code: "imageInvalid", reason: "x" } }, { record: { ...record("c.png", 2), ...short } }];
    const first = openRecords(whole, header, false);
    first.append(lines);
    first.close();
    const bytes = readFileSync(recordPath(whole));
    const ends = [...bytes.keys()].filter((i) => bytes[i] === 10).map((i) => i + 1);
    expect(ends).toHaveLength(4);
    const cut = newFolder();
    // Every byte of the records; of the header, which is one line like another, some.
    for (let length = 0; length <= bytes.length; length += length < ends[0]! - 20 ? 41 : 1) {
      writeFileSync(recordPath(cut), bytes.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length - 1;
      expect(length === 0 ? [] : files(cut)).toEqual(lines.slice(0, Math.max(0, complete)).map(fileOf));
      const again = openRecords(cut, header, true);
      const done = new Set(files(cut));
      again.append(lines.filter((line) => !done.has(fileOf(line))));
      again.close();
      expect(readFileSync(recordPath(cut)).equals(bytes)).toBe(true);
    }
  });

  it("tells where each line stands, across pieces of any size", () => {
    const audit = newFolder();
    const opened = openRecords(audit, header, false);
    for (let i = 0; i < 3000; i++) opened.append([{ record: record(`image-${i}.png`, i) }]);
    opened.close();
    const bytes = readFileSync(recordPath(audit));
    expect(bytes.length).toBeGreaterThan(2 << 20);
    let count = 0;
    for (const { line, offset, length } of readRecords(recordPath(audit))) {
      expect(fileOf(line)).toBe(`image-${count++}.png`);
      expect(JSON.parse(bytes.toString("utf8", offset, offset + length))).toMatchObject({ file: fileOf(line) });
    }
    expect(count).toBe(3000);
  });

  it("passes over a line that is not understood and a second one of the same image", () => {
    const audit = newFolder();
    const opened = openRecords(audit, header, false);
    opened.append([{ record: record("a.png") }]);
    opened.close();
    appendFileSync(recordPath(audit), `\0\0\0\n${writeLine({ record: record("a.png", 5) })}${writeLine({ record: record("b.png") })}`);
    expect(files(audit)).toEqual(["a.png", "b.png"]);
  });

  it("is not overwritten, and goes on only with the same model, preprocessing, labels and layer", () => {
    const audit = newFolder();
    openRecords(audit, header, false).close();
    expect(() => openRecords(audit, header, false)).toThrowError(expect.objectContaining({ code: "auditExists", data: { path: audit } }));
    const others: [Partial<AuditHeader>, RegExp][] = [
      [{ model: { path: "/m.onnx", sha256: "1".repeat(64) } }, /another model/], [{ folder: "/others" }, /\/pictures/], [{ preprocess: { ...header.preprocess, channels: "bgr" } }, /prepared in another way/], [{ activation: "sigmoid" }, /probabilities are now made/],
      [{ labelsFrom: "/labels.csv", labelsSha256: "2" }, /labels came from folders/], [{ labels: ["cat", "wolf"] }, /other names/], [{ layer: "conv" }, /layer relu/],
    ];
    for (const [other, reason] of others) expect(() => openRecords(audit, { ...header, ...other }, true)).toThrowError(expect.objectContaining({ code: "auditMismatch", data: { path: audit, reason: expect.stringMatching(reason) } }));
    // The same model in another place, at another time, on another runtime.
    openRecords(audit, { ...header, model: { ...header.model, path: "/moved.onnx" }, started: "later", runtime: "other" }, true).close();
    expect(readHeader(recordPath(audit))).toEqual(JSON.parse(JSON.stringify(header)));
  });

  it("is left alone when it is no audit's", () => {
    const audit = newFolder();
    writeFileSync(recordPath(audit), "my own notes\n");
    for (const resume of [true, false]) expect(() => openRecords(audit, header, resume)).toThrowError(expect.objectContaining({ code: "auditMismatch" }));
    expect(readFileSync(recordPath(audit), "utf8")).toBe("my own notes\n");
    expect(() => [...readRecords(recordPath(newFolder()))]).toThrowError(expect.objectContaining({ code: "auditMissing" }));
  });
});

describe("two runs", () => {
  const lock = (audit: string) => join(audit, "audit.lock");

  it("never write one file: a living process holds it, a dead or silent one does not", () => {
    const audit = newFolder();
    openRecords(audit, header, false).close();
    expect(existsSync(lock(audit))).toBe(false);
    // The parent of this process lives.
    writeFileSync(lock(audit), JSON.stringify({ process: process.ppid, machine: hostname() }));
    expect(() => openRecords(audit, header, true)).toThrowError(expect.objectContaining({ code: "auditMismatch", data: { path: audit, reason: `the process ${process.ppid} is writing it` } }));
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(lock(audit), longAgo, longAgo);
    openRecords(audit, header, true).close();
    for (const left of [JSON.stringify({ process: 2 ** 22 + 1, machine: hostname() }), "", "{"]) {
      writeFileSync(lock(audit), left);
      openRecords(audit, header, true).close();
      expect(existsSync(lock(audit))).toBe(false);
    }
  });
});
