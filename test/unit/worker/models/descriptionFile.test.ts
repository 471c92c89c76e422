/** @file The sidecar file as the form reads and checks it. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createJobs } from "../../../../src/worker/jobs.js";

let folder: string;
let model: string;
const jobs = createJobs();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "whylight-description-"));
  cpSync("samples/models/scenes.onnx", (model = join(folder, "scenes.onnx")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("tells what is missing without a file, and what a file says", async () => {
  const none = await jobs.readDescription(model);
  expect(none).toMatchObject({ file: join(folder, "scenes.whylight.json"), text: undefined, channels: 3, classes: 10, problem: undefined });
  expect(none.notes.map(({ code }) => code)).toEqual(["labelsMissing", "defaultsUsed"]);
  cpSync("samples/models/scenes.whylight.json", none.file);
  const some = await jobs.readDescription(model);
  expect(some.description).toMatchObject({ labelsOrigin: "sidecar", preprocessOrigin: "sidecar" });
  expect(some.notes).toEqual([]);
});

it("tells what is wrong with a file instead of failing", async () => {
  writeFileSync(join(folder, "scenes.whylight.json"), '{ "preprocess": { "std": 0 } }');
  expect(await jobs.readDescription(model)).toMatchObject({ text: '{ "preprocess": { "std": 0 } }', description: undefined, problem: { code: "descriptionInvalid", data: { field: "preprocess.std" } } });
});

it("checks a text by the reader's own rules", async () => {
  await expect(jobs.checkDescription(model, '{ "preprocess": { "mean": [1, 2] } }')).rejects.toMatchObject({ code: "descriptionInvalid", data: { field: "preprocess.mean" } });
  await expect(jobs.checkDescription(model, '{ "lables": [] }')).rejects.toMatchObject({ code: "descriptionInvalid", data: { field: "lables" } });
  expect((await jobs.checkDescription(model, '{ "labels": ["a", "b"] }')).notes).toContainEqual({ code: "labelsMismatch", data: { file: "scenes.whylight.json", labels: 2, classes: 10 } });
});

it("reads labels from a file, and refuses what is none", () => {
  const file = join(folder, "labels.txt");
  writeFileSync(file, "0 cat\n1 dog\n\n");
  expect(jobs.readLabels(file)).toEqual({ labels: ["cat", "dog"] });
  for (const content of ["", "a\0b"]) {
    writeFileSync(file, content);
    expect(() => jobs.readLabels(file)).toThrow(/labelsInvalid/);
  }
  expect(() => jobs.readLabels(join(folder, "gone.txt"))).toThrow(/labelsInvalid/);
});
