/** @file Summaries on disk: what early versions wrote is read as what it says, what belongs to other records is not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createSummary } from "../../../../src/engine/audit/summarize.js";
import { auditFiles } from "../../../../src/protocol/audit.js";
import { defaultPreprocess } from "../../../../src/engine/preprocess/defaults.js";
import { openRecords, type AuditHeader } from "../../../../src/worker/audit/recordFile.js";
import { headOf, readSummary, writeSummary } from "../../../../src/worker/audit/storedSummary.js";

const base = mkdtempSync(join(tmpdir(), "whylight-summaries-"));
afterAll(() => rmSync(base, { recursive: true }));

const header: AuditHeader = {
  audit: 1, model: { path: "/m.onnx", sha256: "0".repeat(64) }, folder: "/pictures", labelsFrom: "folders", labelsSha256: undefined, labels: ["cat", "dog"],
  preprocess: defaultPreprocess({ layout: "NCHW", channels: 3, height: 224, width: 224 }), activation: "softmax", layer: "relu", started: "2026-01-01T00:00:00.000Z", runtime: "none",
};

function audit(): string {
  const folder = mkdtempSync(join(base, "a-"));
  openRecords(folder, header, false).close();
  return folder;
}

const finished = createSummary(headOf(header)).finish({ finished: "2026-01-01T00:01:00.000Z", seconds: 60 });

describe("a stored summary", () => {
  it("is read as it was written", () => {
    const folder = audit();
    writeSummary(folder, finished);
    expect(readSummary(folder)).toEqual(finished);
  });

  it("of a version without mean maps has none", () => {
    const folder = audit();
    const { maps: _, ...early } = finished;
    writeFileSync(join(folder, auditFiles.summary), JSON.stringify(early));
    expect(readSummary(folder)).toEqual({ ...finished, maps: [] });
  });

  it.each(["{", "null", JSON.stringify({ ...finished, started: "2025-01-01T00:00:00.000Z" })])("that is damaged, or of other records, is made anew (%#)", (text) => {
    const folder = audit();
    writeFileSync(join(folder, auditFiles.summary), text);
    expect(readSummary(folder)).toMatchObject({ images: 0, finished: undefined, started: header.started });
  });
});
