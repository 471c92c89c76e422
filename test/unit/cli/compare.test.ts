/** @file `whylight compare`: what it writes and what its numbers are, against maps that are computed apart. */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComparisonDocument } from "../../../src/cli/comparisonDocument.js";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import { fixture, readArrays } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-compare-"));
const [model, image] = ["model.onnx", "input0.png"].map((name) => join(folder, name)) as [string, string];
let runs = 0;

beforeAll(() => cpSync(fixture("cnn"), folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

async function compare(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const written = join(folder, `out${++runs}`);
  const code = await runCommandLine(["compare", model, image, "--runtime", "reference", "--out", written, ...args], { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  // On a slow machine people are told how long it takes.
  const failures = err.filter((text) => !text.endsWith("(Ctrl+C stops)"));
  return { code, out: out.join("\n"), err: failures.join("\n"), written, document: () => JSON.parse(readFileSync(join(written, "comparison.json"), "utf8")) as ComparisonDocument };
}

const rawOf = (file: string) => [...(readArrays(file).get("attribution")!.data as Float32Array)];
const length = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

describe("compare", () => {
  it("writes a picture per method, one sheet, and a table with what was measured", async () => {
    const { code, err, out, written, document } = await compare("--methods", "grad-cam,saliency", "--html");
    expect([code, err]).toEqual([0, ""]);
    expect(readdirSync(written).toSorted()).toEqual([
      "comparison.json", "index.html", "input0.comparison.png", "input0.grad-cam.png", "input0.grad-cam.safetensors", "input0.saliency.png", "input0.saliency.safetensors",
    ]);
    const made = document();
    expect(made).toMatchObject({ kind: "methods", scale: "own", score: "logit", files: { sheet: "input0.comparison.png" }, rankCorrelations: { grid: expect.any(Array) as number[] } });
    expect(made.results.map(({ id, guarantee, cost }) => [id, guarantee, cost.gradient])).toEqual([["grad-cam", "None", 1], ["saliency", "None", 1]]);
    for (const { noise, ms, cost } of made.results) {
      expect(noise).toBeGreaterThanOrEqual(0);
      expect(cost.computeMs).toBe(ms.compute);
    }
    expect(made.rankCorrelations.values[0]![0]).toBeCloseTo(1, 9);
    expect(made.rankCorrelations.values[0]![1]).toBe(made.rankCorrelations.values[1]![0]);
    const { width, height } = await sharp(join(written, "input0.comparison.png")).metadata();
    // Three cells of 320 with gaps of 16.
    expect([width, height! > 320]).toEqual([3 * 336 + 16, true]);
    expect(out).toMatch(/Guarantee/);
    const page = readFileSync(join(written, "index.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(3);
    expect(page.match(/<table>/g)).toHaveLength(2);
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)/);
  });

  it("compares baselines on one scale, with their average and where they disagree", async () => {
    const { code, err, written, document } = await compare("--baselines", "white,black");
    expect([code, err]).toEqual([0, ""]);
    const { results, files, scale } = document();
    expect(results.map(({ id, parameters }) => [id, parameters["baseline"]])).toEqual([["white", "white"], ["black", "black"]]);
    expect([scale, results[0]!.ends]).toEqual(["shared", results[1]!.ends]);
    expect(files).toEqual({ sheet: "input0.comparison.png", average: "input0.average.png", disagreement: "input0.disagreement.png" });
    for (const { completeness } of results) expect(Math.abs(completeness!.relative)).toBeLessThan(0.05);
    expect(readdirSync(written).filter((name) => name.endsWith(".png"))).toHaveLength(5);
  });

  it("compares sample counts upwards, and says how the raw map changes", async () => {
    const { code, document, written } = await compare("--samples", "8,2,4");
    expect(code).toBe(0);
    const { results } = document();
    expect(results.map(({ id }) => id)).toEqual(["2", "4", "8"]);
    expect(results[0]!.change).toBeNull();
    const maps = results.map(({ files }) => rawOf(join(written, files.tensors)));
    for (const i of [1, 2]) {
      const difference = maps[i]!.map((value, k) => value - maps[i - 1]![k]!);
      expect(results[i]!.change!.distance).toBeCloseTo(length(difference) / length(maps[i]!), 5);
      expect(results[i]!.change!.rankCorrelation).toBeGreaterThan(0.5);
    }
  });

  it("goes on after a map that fails, and ends with 1", async () => {
    const { code, err, document } = await compare("--baselines", "black,./missing.png");
    expect(code).toBe(1);
    expect(err).toMatch(/^\.\/missing\.png: .*missing\.png/);
    expect(document().results.map(({ id }) => id)).toEqual(["black"]);
    expect(document().errors).toHaveLength(1);
  });

  it.each([[["--methods", "magic"]], [["--samples", "many"]], [["--samples", "5", "--methods", "saliency"]], [["--methods", ","]], [["--one-scale", "--own-scales"]]])("refuses %j", async (args) => {
    const { code, err } = await compare(...args);
    expect(code).toBe(2);
    expect(err).not.toBe("");
  });
});
