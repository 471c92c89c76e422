/** @file Near files: known defects of the labelled samples are found by them, a folder and its audit give the same ones, and another model's audit is refused. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createJobs } from "../../../../src/worker/jobs.js";

const root = join(import.meta.dirname, "../../../..");
const [planted, control] = [join(root, "samples/models/scenes.onnx"), join(root, "test/fixtures/scenes-control.onnx")];
const labelled = join(root, "samples/labelled");
const folder = mkdtempSync(join(tmpdir(), "whylight-near-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

const report = (model: string, input: string, label: string, among: string) => jobs.debugImage({ model, input, label, labelFrom: "folder", among, integrated: { steps: 2 }, runtime: "onnxruntime" });

describe("the nearest labelled files", () => {
  it("tell that a picture lies twice in the folder, under two classes", async () => {
    const made = await report(control, join(labelled, "car/11.jpg"), "car", labelled);
    const { found, searched, folder: searchedFolder } = made.neighbours!;
    expect(searchedFolder).toBe(labelled);
    expect(searched).toBeGreaterThan(90);
    expect(found[0]).toMatchObject({ file: "house/10.jpg", isDuplicate: true });
    expect(made.classNames[found[0]!.label]).toBe("house");
    expect(found.map(({ file }) => file)).not.toContain("car/11.jpg");
    expect(found.map(({ similarity }) => similarity)).toEqual(found.map(({ similarity }) => similarity).toSorted((a, b) => b - a));
    expect(made.causes[0]?.id).toBe("labelError");
  }, 60_000);

  it("of a picture in the wrong folder bear the class that it shows", async () => {
    const made = await report(control, join(labelled, "flower/11.jpg"), "flower", labelled);
    expect(made.predicted.label).toBe("fish");
    const labels = made.neighbours!.found.map(({ label }) => made.classNames[label]);
    expect(labels.filter((label) => label === "fish").length).toBeGreaterThan(labels.length / 2);
    expect(made.causes[0]?.id).toBe("labelError");
  }, 60_000);

  it("are the same in an audit's records, up to the digits that those hold, and another model's audit is refused", async () => {
    const some = join(folder, "some");
    for (const label of ["fish", "mug", "house"]) {
      mkdirSync(join(some, label), { recursive: true });
      cpSync(join(labelled, label), join(some, label), { recursive: true });
    }
    const audit = join(folder, "audit");
    await jobs.auditFolder({ model: planted, folder: some, out: audit, resume: false, runtime: "onnxruntime" });
    const input = join(root, "samples/images/fish-1.jpg");
    const [inFolder, inAudit] = [await report(planted, input, "fish", some), await report(planted, input, "fish", audit)];
    expect(inAudit.neighbours!.searched).toBe(inFolder.neighbours!.searched);
    expect(inAudit.neighbours!.folder).toBe(some);
    expect(inAudit.neighbours!.found.map(({ file, label, isDuplicate }) => ({ file, label, isDuplicate }))).toEqual(inFolder.neighbours!.found.map(({ file, label, isDuplicate }) => ({ file, label, isDuplicate })));
    for (const [i, { similarity }] of inAudit.neighbours!.found.entries()) expect(similarity).toBeCloseTo(inFolder.neighbours!.found[i]!.similarity, 3);
    await expect(report(control, input, "fish", audit)).rejects.toMatchObject({ code: "auditMismatch" });
  }, 120_000);
});
