/** @file Documents of real runs keep the published schemas, and the schemas describe every field of them. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { auditFiles } from "../../../src/protocol/audit.js";
import { debugDocument } from "../../../src/report/debugJson.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { schemaErrors, withoutOthers } from "../jsonSchema.js";

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const schemaOf = (name: string) => withoutOthers(JSON.parse(readFileSync(at(`media/${name}.schema.json`), "utf8")));
const folder = mkdtempSync(join(tmpdir(), "whylight-schemas-"));
const jobs = createJobs();
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

describe("an audit", () => {
  it("of the samples with known defects, on disk and exported", async () => {
    const audit = join(folder, "audit");
    const summary = await jobs.auditFolder({ model: at("samples/models/scenes.onnx"), folder: at("samples/labelled"), out: audit, resume: false, runtime: "onnxruntime" });
    expect(summary.regions.length).toBeGreaterThan(0);
    expect(schemaErrors(schemaOf("audit"), JSON.parse(readFileSync(join(audit, auditFiles.summary), "utf8")))).toEqual([]);
    const { files: [json] } = await jobs.exportAudit({ audit, format: "json", name: "report", strings: {} });
    const document = JSON.parse(new TextDecoder().decode(json!.bytes)) as { findings: { texts: string[] }[] };
    expect(schemaErrors(schemaOf("audit"), document)).toEqual([]);
    // Every sentence has its words and all its facts.
    expect(document.findings.flatMap(({ texts }) => texts).filter((text) => /[{}?]|^\w+$/.test(text))).toEqual([]);
    const { files: [page] } = await jobs.exportAudit({ audit, format: "html", name: "report", strings: {} });
    // All pictures could be made.
    expect(new TextDecoder().decode(page!.bytes)).not.toContain("<div></div>");
  });
});

describe("a misclassification report", () => {
  it.each([["scenes.onnx", "a convolutional network, with near files and an expected class", at("samples/shortcut"), "mug"], ["scenes-vit.onnx", "a transformer", undefined, undefined]] as const)("of %s: %s", async (model, _, among, expected) => {
    const report = await jobs.debugImage({ model: at(`samples/models/${model}`), input: at("samples/shortcut/fish/01.jpg"), label: "fish", labelFrom: "folder", among, expected, integrated: { steps: 4 }, runtime: "onnxruntime" });
    const document: unknown = JSON.parse(JSON.stringify(debugDocument(report, "9.9.9", english)));
    expect(schemaErrors(schemaOf("debug"), document)).toEqual([]);
    expect(document).toMatchObject({ true: { label: "fish" }, expected: expected === undefined ? null : { label: expected } });
  });
});
