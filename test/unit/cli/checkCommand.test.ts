/** @file `whylight check`: what holds and what fails on the samples, documents, JUnit, exit codes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCheck } from "../../../src/cli/checkCommand.js";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { AuditSummary } from "../../../src/protocol/audit.js";
import type { CheckRow } from "../../../src/worker/check/checkRow.js";
import { createJobs, type Jobs } from "../../../src/worker/jobs.js";
import { madeSummary } from "../report/auditSummary.js";

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const model = at("samples/models/scenes.onnx");
const [picture, mask] = [at("test/fixtures/heldout/00_balloon.jpg"), at("test/fixtures/heldout/00_balloon.mask.png")];
const folder = mkdtempSync(join(tmpdir(), "whylight-check-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function terminal() {
  const [out, err]: [string[], string[]] = [[], []];
  return { lines: { out, err }, streams: { translate: english, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), progress: () => {} } };
}

async function whylight(...args: string[]) {
  const { lines, streams } = terminal();
  const code = await runCommandLine(["check", ...args, "--runtime", "onnxruntime"], streams);
  return { code, out: lines.out.join("\n"), err: lines.err.join("\n") };
}

function write(spec: object): string {
  const file = join(folder, "checks.json");
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

const documentOf = (text: string) => JSON.parse(text) as { ok: boolean; passed: number; failed: number; unreadable: string[]; checks: (CheckRow & { texts: { what: string; wanted: string; found: string } })[] };

describe("the sample", () => {
  it("fails for the model with the planted shortcut: its map lies on the sticker, and the audit finds it", async () => {
    const junit = join(folder, "results/junit.xml");
    const { code, out } = await whylight(model, at("samples/checks.json"), "--junit", junit);
    expect(code).toBe(1);
    const failed = out.split("\n").filter((line) => line.includes("FAILED"));
    expect(failed).toHaveLength(4);
    expect(failed[0]).toMatch(/shortcut\/fish\/01\.jpg +answer +fish +mug \d+\.\d %/);
    expect(failed[1]).toMatch(/share of the map of mug \(grad-cam\) in \[.*\] +at most 25\.0 % +\d+\.\d %/);
    expect(failed[2]).toMatch(/labelled +accuracy +at least 90\.0 % +73\.0 % \(73 of 100\)/);
    expect(failed[3]).toMatch(/confirmed shortcuts +none +mug: the bottom right \(2\d of 2\d\)/);
    expect(out).toContain("Files that could not be read and were left out: 1 (sailboat/10.jpg)");
    const xml = readFileSync(junit, "utf8");
    expect(xml).toMatch(/<testsuites tests="9" failures="4" errors="0">/);
    expect(xml.match(/<testcase /g)).toHaveLength(9);
    expect(xml.match(/<failure message="wanted /g)).toHaveLength(4);
  });

  it("holds for the same net trained without the sticker", async () => {
    const { code, out, err } = await whylight(at("test/fixtures/scenes-control.onnx"), at("samples/checks.json"), "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(documentOf(out)).toMatchObject({ ok: true, passed: 9, failed: 0, unreadable: ["sailboat/10.jpg"] });
  });
});

describe("masks and boxes", () => {
  const inverted = join(folder, "rest.png");
  beforeAll(async () => void (await sharp(mask).negate({ alpha: false }).toFile(inverted)));

  it("share the map between a mask, the rest of it, and both", async () => {
    const { width, height } = await sharp(picture).metadata();
    const parts = [{ mask }, { mask: inverted }, { box: [0, 0, 1, 1] }, { box: [0, 0, width, height] }, { box: [0, 0, width / 2, height] }, { box: [0.5, 0, 0.5, 1] }];
    const { out } = await whylight(model, write({ images: [{ image: picture, focus: parts.map((part) => ({ class: "balloon", min: 0, ...part })) }] }), "--json");
    const [object, rest, whole, pixels, left, right] = documentOf(out).checks.map(({ found }) => found) as [number, number, number, number, number, number];
    expect([whole, pixels]).toEqual([1, 1]);
    expect(object + rest).toBeCloseTo(1, 6);
    expect(left + right).toBeCloseTo(1, 6);
    // The model points at the object: far more than the object's share of the picture.
    const { chance } = documentOf(out).checks[0] as CheckRow & { chance: number };
    expect(object).toBeGreaterThan(2 * chance);
  });

  it("that cannot be meant are refused", async () => {
    const wide = join(folder, "wide.png");
    await sharp({ create: { width: 64, height: 8, channels: 3, background: "white" } }).png().toFile(wide);
    const focus = (part: object) => write({ images: [{ image: picture, focus: { min: 0.5, ...part } }] });
    expect(await whylight(model, focus({ mask: wide }))).toMatchObject({ code: 2, err: expect.stringMatching(/images\[0\]\.focus\.mask: it has 64 × 8 pixels/) as string });
    expect(await whylight(model, focus({ mask: "none.png" }))).toMatchObject({ code: 2, err: expect.stringContaining("none.png cannot be read") as string });
    expect(await whylight(model, focus({ box: [5000, 0, 10, 10] }))).toMatchObject({ code: 2, err: expect.stringContaining("outside the image") as string });
  });
});

describe("what cannot be checked", () => {
  it("fails each check of an image that cannot be read, and goes on with the others", async () => {
    writeFileSync(join(folder, "broken.png"), "no picture");
    const { code, out } = await whylight(model, write({ images: [{ image: "broken.png", predicts: "car", probability: { min: 0.5 }, focus: { box: [0, 0, 1, 1], min: 0.1 } }, { image: picture, predicts: 0 }] }), "--json");
    const { checks } = documentOf(out);
    expect([code, checks.map(({ ok }) => ok)]).toEqual([1, [false, false, false, true]]);
    expect(checks[0]!.texts.found).toContain("is not an image that can be read");
  });

  it.each([
    [{ predicts: "teapot" }, "images[0].predicts: the model has no class teapot"], [{ predicts: 10 }, "images[0].predicts: the model has no class 10"],
    [{ probability: { class: "teapot", min: 0.5 } }, "images[0].probability.class"], [{ focus: { class: "teapot", box: [0, 0, 1, 1], min: 0.5 } }, "images[0].focus.class"],
  ])("refuses classes that the model does not have: %j", async (check, expected) => {
    expect(await whylight(model, write({ images: [{ image: picture, ...check }] }))).toMatchObject({ code: 2, out: "", err: expect.stringContaining(expected) as string });
  });

  it("prints what it found before it says that a file cannot be written", async () => {
    const { code, out, err } = await whylight(model, write({ images: [{ image: picture, predicts: 0 }] }), "--junit", join(picture, "results.xml"));
    expect([code, out, err]).toEqual([1, expect.stringContaining("All 1 checks hold"), expect.stringContaining("cannot be written")]);
  });

  it("says which model is missing", async () => {
    expect(await whylight(join(folder, "none.onnx"), write({ images: [{ image: picture, predicts: 0 }] }))).toMatchObject({ code: 1, err: expect.stringContaining("none.onnx") as string });
  });
});

describe("a folder", () => {
  const jobs = createJobs();
  afterAll(() => jobs.dispose());

  /** Checks an audit made up, and where it was asked to be written. */
  async function check(spec: object, summary: AuditSummary) {
    const asked: { out?: string; limit?: number | undefined } = {};
    const audited: Jobs = { ...jobs, auditFolder: (request) => { asked.out = request.out; asked.limit = request.limit; return Promise.resolve(summary); } };
    const { lines, streams } = terminal();
    const code = await runCheck(model, write(spec), { runtime: "onnxruntime", json: true, junit: undefined }, streams, audited);
    return { code, asked, err: lines.err.join("\n"), ...(lines.out.length > 0 ? documentOf(lines.out.join("\n")) : { checks: [], unreadable: [] }) };
  }

  it("fails where accuracy, one class's recall or a confirmed shortcut say so", async () => {
    // Made up: 820 of 1000 right, 80 of 100 balloons, every mug, and a confirmed region among the mistakes.
    const { code, checks, unreadable, asked } = await check({ accuracy: { folder: ".", min: 0.85, perClass: { balloon: 0.85, mug: 0.9 }, limit: 50 }, noShortcuts: true }, madeSummary());
    expect([code, asked.limit, unreadable]).toEqual([1, 50, ["car/broken.jpg"]]);
    expect(checks.map(({ at: place, ok, texts: { found } }) => [place, ok, found])).toEqual([
      ["accuracy.min", false, "82.0 % (820 of 1000)"], ["accuracy.perClass.balloon", false, "80.0 % (80 of 100)"], ["accuracy.perClass.mug", true, "100.0 % (100 of 100)"],
      ["noShortcuts", false, expect.stringMatching(/^mug: .*\(171 of 180\)$/) as string],
    ]);
  });

  it("holds where they do, and regions that no test confirmed are no shortcuts", async () => {
    const summary = madeSummary();
    const { code } = await check({ accuracy: { folder: ".", min: 0.82, perClass: { balloon: 0.8 } }, noShortcuts: true }, { ...summary, regions: summary.regions.map((region) => ({ ...region, verdict: "refuted" as const })) });
    expect(code).toBe(0);
  });

  it("fails where there is nothing to be right about", async () => {
    const { code, checks } = await check({ accuracy: { folder: ".", min: 0 } }, madeSummary({ accuracy: null, labelled: 0, mistakes: 0 }));
    expect([code, checks[0]!.texts.found]).toEqual([1, "no images of a known class"]);
  });

  it("refuses a class nobody knows before it audits", async () => {
    const { code, err, asked } = await check({ accuracy: { folder: ".", perClass: { teapot: 0.5 } } }, madeSummary());
    expect([code, asked]).toEqual([2, {}]);
    expect(err).toContain("accuracy.perClass.teapot");
  });
});
