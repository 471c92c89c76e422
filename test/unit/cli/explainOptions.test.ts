/** @file The options of `explain` that choose what is drawn, how, and by whose defaults. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addExplainOptions, explainOptions, type ExplainFlags } from "../../../src/cli/explainOptions.js";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument, ResultEntry } from "../../../src/cli/resultDocument.js";
import { fixture, readArrays } from "../readReference.js";

/** The options of a command line, without running anything. */
function parse(...args: string[]) {
  const command = addExplainOptions(new Command("explain"), new Option("--runtime <name>").default("auto")).exitOverride().configureOutput({ writeErr: () => {} });
  return explainOptions(command.parse(args, { from: "user" }).opts<ExplainFlags>());
}

describe("options", () => {
  it("left out choose nothing, so that a library's defaults and then ours hold", () => {
    expect(parse()).toEqual({
      methods: ["grad-cam"], target: "predicted", versus: undefined, layer: undefined, score: "logit", parameters: {}, as: undefined, runtime: "auto", drawing: {}, out: "whylight-out", formats: ["png", "tensors"], json: false,
    });
  });

  it.each([
    [["--colormap", "jet", "--opacity", "0.3"], { colormap: "jet", opacity: 0.3 }],
    [["--values", "sum,signed", "--sign", "negative"], { pixelValues: "sum", gridValues: "signed", sign: "negative" }],
    [["--clip", "1"], { clip: "percentile", clipPercent: 1 }],
    [["--outlier-perc", "2"], { clip: "outlier", clipPercent: 2 }],
    [["--nearest", "--contours", "3"], { interpolation: "nearest", contours: 3 }],
    [["--scale", "symmetric"], { scale: "symmetric" }],
    [["--scale", "-1,2.5"], { scale: [-1, 2.5] }],
  ])("%j", (args, drawing) => {
    expect(parse(...args).drawing).toEqual(drawing);
  });

  it("name layers, classes and formats", () => {
    expect(parse("--layer", "a", "--layer", "b", "--versus", "7", "--format", "svg,npy", "--html", "--as", "captum")).toMatchObject({ layer: ["a", "b"], versus: 7, formats: ["svg", "npy", "html"], as: "captum" });
  });

  it.each([
    [["--colormap", "rainbow"]], [["--opacity", "2"]], [["--opacity", ""]], [["--values", "loud"]], [["--clip", "60"]], [["--clip", "1", "--outlier-perc", "2"]], [["--scale", "2,1"]], [["--scale", "1"]], [["--contours", "-1"]],
    [["--format", "bmp"]], [["--as", "keras"]], [["--sign", "both"]],
  ])("refuse %j", (args) => {
    expect(() => parse(...args)).toThrow(CommanderError);
  });
});

describe("explain", () => {
  const folder = mkdtempSync(join(tmpdir(), "whylight-options-"));
  const [model, image] = [join(folder, "model.onnx"), join(folder, "input0.png")];
  beforeAll(() => cpSync(fixture("cnn"), folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true }));
  let runs = 0;

  async function explain(...args: string[]) {
    const out = join(folder, `out${++runs}`);
    const [text, err]: [string[], string[]] = [[], []];
    const code = await runCommandLine(["explain", model, image, "--runtime", "reference", "--json", "--out", out, ...args], { translate: english, out: (line) => text.push(line), err: (line) => err.push(line), progress: () => {} });
    return { code, err: err.join("\n"), out, document: JSON.parse(text.join("\n") || "null") as ResultDocument<ResultEntry> };
  }

  it("writes the formats asked for, and only those", async () => {
    const { code, out, document } = await explain("--format", "svg,npy");
    expect([code, readdirSync(out).toSorted()]).toEqual([0, ["input0.grad-cam.npy", "input0.grad-cam.svg", "result.json"]]);
    expect(document.results[0]?.files).toEqual({ svg: "input0.grad-cam.svg", npy: "input0.grad-cam.npy" });
    expect(readFileSync(join(out, "input0.grad-cam.svg"), "utf8")).toMatch(/^<svg /);
  });

  it("draws and records as the library does, unless something was set", async () => {
    const { document } = await explain("--method", "saliency,grad-cam", "--as", "captum", "--opacity", "0.6");
    for (const entry of document.results) expect(entry).toMatchObject({ as: "captum", drawing: { sign: "absolute", clip: "outlier", clipPercent: 2, colormap: "blues", opacity: 0.6 } });
    expect(document.results[0]?.drawing.ends[0]).toBe(0);
  });

  it("says what the library does not have", async () => {
    const { code, err, out } = await explain("--method", "saliency", "--as", "torchcam");
    expect(code).toBe(2);
    expect(err).toBe("torchcam has no saliency, or one that Whylight does not follow, so there are no defaults to take over. Leave the library out, or choose one of its methods: grad-cam, grad-cam++, xgrad-cam, layer-cam.");
    expect(existsSync(out)).toBe(false);
  });

  it("explains one class rather than another: the difference of their gradients", async () => {
    const [both, one, other] = [await explain("--method", "saliency", "--target", "3", "--versus", "5"), await explain("--method", "saliency", "--target", "3"), await explain("--method", "saliency", "--target", "5")];
    expect(both.document.results[0]).toMatchObject({ target: { index: 3 }, versus: { index: 5 } });
    expect(one.document.results[0]?.versus).toBeNull();
    const [difference, a, b] = [both, one, other].map(({ out }) => readArrays(join(out, "input0.saliency.safetensors")).get("attribution")!.data as Float32Array);
    const largest = Math.max(...difference!.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    expect(Math.max(...difference!.map((value, i) => Math.abs(value - (a![i]! - b![i]!))))).toBeLessThan(1e-5 * largest);
  });

  it("takes the runner-up by itself", async () => {
    const { document } = await explain("--method", "saliency", "--versus", "runner-up");
    expect(document.results[0]?.versus?.index).toBe(document.results[0]?.predictions[1]?.index);
  });
});
