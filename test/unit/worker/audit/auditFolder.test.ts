/** @file Auditing a folder from files to a summary with the sample model: what is written down, stopping and going on, and looking at the result. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { areaMeans } from "../../../../src/engine/audit/recordValues.js";
import { mapSide } from "../../../../src/engine/audit/record.js";
import { auditFiles, type AuditProgress, type AuditRequest, type AuditSummary } from "../../../../src/protocol/audit.js";
import { createJobs } from "../../../../src/worker/jobs.js";
import { readRecords, recordPath } from "../../../../src/worker/audit/recordFile.js";
import { fileOf } from "../../../../src/worker/audit/recordLine.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const model = join(root, "samples/models/scenes.onnx");
const base = mkdtempSync(join(tmpdir(), "whylight-audit-"));
const pictures = join(base, "pictures");
const finished = join(base, "finished");
const jobs = createJobs();
let summary: AuditSummary;

/** Three classes of the sample model, a class it does not know, one image without any, and two damaged files. */
beforeAll(async () => {
  for (const label of ["car", "fish", "house"]) cpSync(join(root, "samples/shortcut", label), join(pictures, label), { recursive: true });
  for (const name of ["car-1.jpg", "mug-1.jpg", "flower-1.jpg"]) {
    mkdirSync(join(pictures, "spaceship"), { recursive: true });
    cpSync(join(root, "samples/images", name), join(pictures, "spaceship", name.slice(0, 3) + "x.jpg"));
  }
  const whole = readFileSync(join(root, "samples/images/fish-1.jpg"));
  writeFileSync(join(pictures, "fish", "half.jpg"), whole.subarray(0, whole.length / 2));
  writeFileSync(join(pictures, "empty.png"), "");
  summary = await jobs.auditFolder(request({ out: finished }));
});
afterAll(() => {
  jobs.dispose();
  rmSync(base, { recursive: true });
});

function request(over: Partial<AuditRequest> = {}): AuditRequest {
  return { model, folder: pictures, out: mkdtempSync(join(base, "out-")), resume: false, runtime: "onnxruntime", ...over };
}

const filesOf = (audit: string) => [...readRecords(recordPath(audit))].map(({ line }) => fileOf(line));
const everything = ["car/01.jpg", "car/02.jpg", "car/03.jpg", "empty.png", "fish/01.jpg", "fish/02.jpg", "fish/03.jpg", "fish/half.jpg", "house/01.jpg", "house/02.jpg", "house/03.jpg", "spaceship/carx.jpg", "spaceship/flox.jpg", "spaceship/mugx.jpg"];

/** What does not depend on when and where an audit ran. */
const lasting = (audit: AuditSummary) => ({ ...audit, started: "", finished: "", seconds: 0 });

describe("an audit", () => {
  it("records every image once; damaged ones with what is wrong", () => {
    expect(filesOf(finished).toSorted()).toEqual(everything);
    expect(summary).toMatchObject({ images: 12, failedCount: 2, unknownLabels: [{ label: "spaceship", images: 3 }], labelsFrom: "folders" });
    expect(summary.failed).toMatchObject([{ file: "empty.png", code: "imageInvalid", reason: "the file is empty" }, { file: "fish/half.jpg", code: "imageInvalid", reason: "the file is damaged" }]);
    expect(summary.labelled).toBe(9);
    expect(readdirSync(finished).toSorted()).toEqual([auditFiles.records, auditFiles.table, auditFiles.summary].toSorted());
    expect(JSON.parse(readFileSync(join(finished, auditFiles.summary), "utf8"))).toEqual(JSON.parse(JSON.stringify(summary)));
  });

  it("says of an image what predicting and explaining it alone say", async () => {
    for (const { line } of readRecords(recordPath(finished))) {
      if (!("record" in line) || !["car/01.jpg", "house/02.jpg", "spaceship/mugx.jpg"].includes(line.record.file)) continue;
      const { file, predicted, confidence, top, map, width, height } = line.record;
      const input = join(pictures, file);
      const explanation = await jobs.explain({ model, input, method: "grad-cam", target: "predicted", score: "logit", layer: undefined, parameters: {}, runtime: "onnxruntime" });
      expect(predicted).toBe(explanation.target.index);
      expect(confidence).toBeCloseTo(explanation.target.probability, 5);
      expect(top.map(([index]) => index)).toEqual(explanation.predictions.map(({ index }) => index));
      expect({ width, height }).toEqual({ width: (await sharp(input).metadata()).width, height: (await sharp(input).metadata()).height });
      // The sample's layer is 16 by 16, so an area is the mean of four cells.
      const { shape, data } = explanation.attribution;
      expect(shape).toEqual([16, 16]);
      const expected = Array.from({ length: mapSide ** 2 }, (_, i) => [0, 1, 16, 17].reduce((sum, step) => sum + Math.max(0, data[Math.floor(i / mapSide) * 32 + (i % mapSide) * 2 + step]!), 0));
      const mass = expected.reduce((sum, value) => sum + value, 0);
      for (const [i, value] of expected.entries()) expect(Math.abs(map![i]! - value / mass)).toBeLessThan(1e-4);
    }
  });

  it("has maps of a transformer at its first normalised tokens, without the class token", async () => {
    const vit = join(root, "samples/models/scenes-vit.onnx");
    const { layers } = await jobs.inspectModel(vit);
    const { name } = layers.find(({ op, shape }) => op === "LayerNormalization" && shape.length === 3)!;
    const asked = request({ model: vit, limit: 4 });
    await jobs.auditFolder(asked);
    let compared = 0;
    for (const { line } of readRecords(recordPath(asked.out))) {
      if (!("record" in line)) continue;
      const { file, map } = line.record;
      const explanation = await jobs.explain({ model: vit, input: join(pictures, file), method: "hires-cam", target: "predicted", score: "logit", layer: name, parameters: {}, runtime: "onnxruntime" });
      // As many patches as areas.
      const { shape, data } = explanation.attribution;
      expect(shape).toEqual([mapSide, mapSide]);
      const mass = data.reduce((sum, value) => sum + Math.max(0, value), 0);
      for (const [i, value] of map!.entries()) expect(Math.abs(value - Math.max(0, data[i]!) / mass)).toBeLessThan(1e-4);
      compared++;
    }
    expect(compared).toBeGreaterThan(2);
  });

  it("is a table for SQL and data frames", async () => {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(finished, auditFiles.table)) });
    expect(rows.map(({ file }) => String(file)).toSorted()).toEqual(everything);
    const records = new Map([...readRecords(recordPath(finished))].map(({ line }) => [fileOf(line), line]));
    for (const row of rows) {
      const line = records.get(row["file"] as string)!;
      if ("failed" in line) expect(row).toMatchObject({ label: null, predicted: null, correct: null, error: `${line.failed.code}: ${line.failed.reason}` });
      else {
        const { label, predicted, confidence, hash, width } = line.record;
        expect(row).toMatchObject({ label: label < 0 ? null : label, predicted, predicted_name: summary.labels[predicted], confidence, hash, width, correct: label < 0 ? null : label === predicted, error: null });
      }
    }
    expect(rows.find(({ file }) => file === "car/01.jpg")).toMatchObject({ label: 2, label_name: "car" });
  });
});

describe("stopping", () => {
  it("keeps what is done; going on ends where an audit ends that ran through", async () => {
    const stopped = request();
    const stop = new AbortController();
    const seen: AuditProgress[] = [];
    // The damaged files come after the first batch at the latest.
    await expect(jobs.auditFolder(stopped, { signal: stop.signal, onProgress: (phase) => phase === "computing" && stop.abort(), onAudit: (progress) => seen.push(progress) })).rejects.toMatchObject({ code: "cancelled" });
    const partly = await jobs.openAudit(stopped.out);
    expect(partly.finished).toBeUndefined();
    expect(partly.images + partly.failedCount).toBe(filesOf(stopped.out).length);
    await expect(jobs.auditFolder(stopped)).rejects.toMatchObject({ code: "auditExists", data: { path: stopped.out } });
    const made = await jobs.auditFolder({ ...stopped, resume: true });
    expect(filesOf(stopped.out).toSorted()).toEqual(everything);
    expect(lasting(made)).toEqual(lasting(summary));
  });

  it("anywhere in the file is made good, and goes on with the same model alone", async () => {
    const killed = request();
    cpSync(finished, killed.out, { recursive: true });
    truncateSync(recordPath(killed.out), Math.floor(statSync(recordPath(killed.out)).size * 0.6));
    writeFileSync(join(killed.out, "audit.lock"), '{"process":4194305,"machine":""}');
    rmSync(join(killed.out, "audit.lock"));
    const kept = filesOf(killed.out);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.length).toBeLessThan(12);
    const progress: AuditProgress[] = [];
    const made = await jobs.auditFolder({ ...killed, resume: true }, { onAudit: (told) => progress.push(told) });
    expect(filesOf(killed.out).slice(0, kept.length)).toEqual(kept);
    expect(filesOf(killed.out).toSorted()).toEqual(everything);
    expect(lasting(made)).toEqual(lasting(summary));
    expect(progress.at(-1)).toMatchObject({ images: everything.length, total: everything.length, failed: 2, mistakes: summary.mistakes });
    await expect(jobs.auditFolder({ ...killed, resume: true, model: join(root, "samples/models/scenes-vit.onnx") })).rejects.toMatchObject({ code: "auditMismatch" });
  });
});

describe("looking at an audit", () => {
  it("gives pages of the images that a filter leaves, in any order", async () => {
    const page = (over: object) => jobs.auditImages({ audit: finished, filter: {}, order: "name", offset: 0, count: 100, ...over });
    const all = await page({});
    expect(all.images.map(({ file }) => file)).toEqual(everything.filter((file) => !["empty.png", "fish/half.jpg"].includes(file)));
    expect((await page({ offset: 3, count: 2 })).images).toEqual(all.images.slice(3, 5));
    const wrong = await page({ filter: { outcome: "wrong" }, order: "confidence" });
    expect(wrong.total).toBe(summary.mistakes);
    expect(wrong.images.map(({ confidence }) => confidence)).toEqual(wrong.images.map(({ confidence }) => confidence).toSorted((a, b) => b - a));
    const right = await page({ filter: { outcome: "right" } });
    const unlabelled = await page({ filter: { outcome: "unlabelled" } });
    expect(wrong.total + right.total + unlabelled.total).toBe(12);
    expect((await page({ filter: { label: 2, text: "CAR/" } })).total).toBe(3);
    expect((await page({ filter: { files: ["car/01.jpg", "nowhere.png"] } })).images).toHaveLength(1);
    const margins = (await page({ order: "margin" })).images.map(({ confidence, trueProbability }) => confidence - trueProbability);
    expect(margins).toEqual(margins.toSorted((a, b) => a - b));
  });

  it("draws small pictures, with the map where it highlights", async () => {
    const draw = async (hasMap: boolean) => {
      const { bytes, mime, width, height } = await jobs.auditThumbnail({ audit: finished, file: "car/01.jpg", side: 96, hasMap });
      expect({ mime, width, height }).toEqual({ mime: "image/jpeg", width: 240, height: 240 });
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([96, 96]);
      return data;
    };
    const [plain, drawn] = [await draw(false), await draw(true)];
    expect(Buffer.compare(plain, drawn)).not.toBe(0);
    await expect(jobs.auditThumbnail({ audit: finished, file: "../secret.jpg", side: 96, hasMap: false })).rejects.toMatchObject({ code: "inputNotFound" });
    await expect(jobs.openAudit(join(base, "nowhere"))).rejects.toMatchObject({ code: "auditMissing" });
  });

  it("compares two audits image by image", async () => {
    const control = request({ model: join(root, "test/fixtures/scenes-control.onnx") });
    const other = await jobs.auditFolder(control);
    const comparison = await jobs.compareAudits(finished, control.out);
    const labelled = summary.labelled;
    expect(comparison).toMatchObject({ images: labelled, onlyBefore: 0, onlyAfter: 0, right: { before: labelled - summary.mistakes, after: labelled - other.mistakes }, before: { folder: finished, accuracy: summary.accuracy } });
    expect(comparison.fixed - comparison.broken).toBe(summary.mistakes - other.mistakes);
    const fixed = await jobs.changedImages({ before: finished, after: control.out, change: "fixed", offset: 0, count: 100 });
    expect(fixed.total).toBe(comparison.fixed);
    expect(fixed.images.every(({ label, before, after }) => before !== label && after === label)).toBe(true);
    // Each answer with its own probability: the largest of ten is never below a tenth.
    expect(fixed.images.every(({ beforeProbability, afterProbability }) => Math.min(beforeProbability, afterProbability) >= 0.1)).toBe(true);
  });
});

it("means over areas count a cell by the share of it that lies there", () => {
  // Three cells onto two areas: the middle one lies in both by half.
  expect([...areaMeans([3, 6, 9], 1, 3, 2)]).toEqual([4, 8, 4, 8].map((value) => expect.closeTo(value, 12)));
  expect([...areaMeans([1, 2, 3, 4], 2, 2, 2)]).toEqual([1, 2, 3, 4]);
  expect([...areaMeans([7], 1, 1, 2)]).toEqual([7, 7, 7, 7]);
});
