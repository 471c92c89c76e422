/** @file Misclassification reports as files: labels and names out of files stay text in every format, every sentence has its words, and Japanese leaves nothing in English. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DebugFormat, DebugReport } from "../../../src/protocol/debug.js";
import { emitOnnx } from "../../../src/runtimes/emitOnnx.js";
import { createJobs } from "../../../src/worker/jobs.js";
import { smooth } from "../engine/numbers.js";
import { graphOf } from "../engine/smallGraph.js";

const labels = ["<img src=x onerror=alert(1)>", "a|b ![p](http://evil.example) `c` *d*", "line\nbreak \u001b[31m\u0007 {true}"];
const folder = mkdtempSync(join(tmpdir(), "whylight-hostile-"));
const jobs = createJobs();
let report: DebugReport;

beforeAll(async () => {
  const model = join(folder, "a&b.onnx");
  const input = join(folder, "near", "x'\"<b>.png");
  mkdirSync(join(folder, "near"));
  writeFileSync(model, emitOnnx(graphOf([smooth([1, 3, 8, 8], 1)], (g, x) => {
    const features = g.add("Relu", [g.add("Conv", [x!, g.constant(smooth([4, 3, 3, 3], 3))], { pads: [1, 1, 1, 1] })]);
    return [g.add("MatMul", [g.add("Flatten", [g.add("GlobalAveragePool", [features])], { axis: 1 }), g.constant(smooth([4, 3], 5))])];
  }), (file) => file));
  writeFileSync(join(folder, "a&b.whylight.json"), JSON.stringify({ labels, preprocess: { resize: "exact", size: [8, 8] } }));
  const picture = (seed: number) => sharp(Uint8Array.from({ length: 300 }, (_, i) => (i * seed) % 256), { raw: { width: 10, height: 10, channels: 3 } }).png().toBuffer();
  writeFileSync(input, await picture(37));
  writeFileSync(join(folder, "near", "](y).png"), await picture(41));
  writeFileSync(join(folder, "near", "labels.json"), JSON.stringify({ "](y).png": 1 }));
  const { predictions } = await jobs.predict({ model, input, top: 3, runtime: "reference" });
  report = await jobs.debugImage({ model, input, label: predictions[2]!.index, labelFrom: "given", expected: predictions[1]!.index, among: join(folder, "near"), integrated: { steps: 2 }, runtime: "reference" });
}, 60_000);
afterAll(() => {
  jobs.dispose();
  rmSync(folder, { recursive: true });
});

const written = async (format: DebugFormat, strings: Readonly<Record<string, string>> = {}) => new TextDecoder().decode((await jobs.exportDebug({ report, format, name: "r", strings })).files[0]!.bytes);

describe("labels and names", () => {
  it("are no markup on the page", async () => {
    const page = await written("html");
    expect(page).toContain("&#60;img src=x onerror=alert(1)&#62;");
    expect(page.replaceAll(/<img alt="[^"<>]*" src="data:[^"]*">/g, "")).not.toMatch(/<img|onerror=alert\(1\)>|<b>\./);
    expect(page).not.toContain("\u001b");
  });

  it("are no markup in Markdown, and break no table", async () => {
    const text = await written("markdown");
    expect(text).not.toMatch(/(?<!\\)<img|(?<!\\)!\[p\](?<!\\)\(/);
    expect(text).not.toContain("\u001b");
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    const widths = new Set(rows.map((row) => row.replaceAll("\\|", "").split("|").length));
    // Tables of one column each for classes, pictures, changes and near files.
    expect(widths.size).toBeLessThanOrEqual(4);
    expect(text.match(/!\[[^\]]*\]\([^)]*\)/g)).toHaveLength(1 + report.maps.length + 1);
  });

  it("cannot break a line of the text, nor write to a terminal", async () => {
    const text = await written("text");
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(text).toContain("line break");
  });

  it("stand in JSON as they are", async () => {
    const { predictions, neighbours } = JSON.parse(await written("json")) as { predictions: { label: string }[]; neighbours: { found: { file: string; labelName: string }[] } };
    expect(predictions.map(({ label }) => label).toSorted()).toEqual(labels.toSorted());
    expect(neighbours.found).toMatchObject([{ file: "](y).png", labelName: labels[1] }]);
  });
});

it("says everything in Japanese", async () => {
  const japanese = JSON.parse(readFileSync(join(import.meta.dirname, "../../../media/l10n/bundle.l10n.ja.json"), "utf8")) as Record<string, string>;
  const [english, translated] = [await written("text"), await written("text", japanese)];
  const unnamed = (text: string) => labels.reduce((rest, label) => rest.replaceAll(label.replace(/\p{Cc}+/gu, " "), ""), text).split("\n");
  const same = unnamed(translated).filter((line) => /[a-z]{3,}/i.test(line.replaceAll(/Grad-CAM|Integrated Gradients|Top-\d|png/g, "")) && unnamed(english).includes(line));
  expect(same).toEqual([]);
  expect(await written("html", japanese)).toContain("<html lang=\"ja\">");
});
