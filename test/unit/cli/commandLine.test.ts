/** @file The command line's contract: documents, files, exit codes, and what goes to which stream. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument, ResultEntry } from "../../../src/cli/resultDocument.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-cli-"));
const [model, image, second] = ["model.onnx", "input0.png", "input1.png"].map((name) => join(folder, name)) as [string, string, string];
let runs = 0;

beforeAll(() => cpSync(fixture("cnn"), folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true }));

/** One command line in this process, with its streams. */
async function whylight(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const written = process.stdout.write.bind(process.stdout);
  const captured: string[] = [];
  // Commander writes its help itself.
  process.stdout.write = ((text: string) => captured.push(text) > 0) as typeof process.stdout.write;
  try {
    const code = await runCommandLine(args, { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
    return { code, out: [...captured, ...out].join("\n"), err: err.join("\n") };
  } finally {
    process.stdout.write = written;
  }
}

const freshFolder = () => join(folder, `out${++runs}`);
const documentOf = (text: string) => JSON.parse(text) as ResultDocument<ResultEntry>;

describe("explain", () => {
  it("writes a picture and tensors per input and method, and one document", async () => {
    const out = freshFolder();
    const { code, out: text, err } = await whylight("explain", model, image, second, "--method", "grad-cam,saliency", "--layer", "/relu2/Relu_output_0", "--runtime", "reference", "--out", out, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(readdirSync(out).toSorted()).toEqual([
      "input0.grad-cam.png", "input0.grad-cam.safetensors", "input0.saliency.png", "input0.saliency.safetensors",
      "input1.grad-cam.png", "input1.grad-cam.safetensors", "input1.saliency.png", "input1.saliency.safetensors", "result.json",
    ]);
    expect(readFileSync(join(out, "result.json"), "utf8").trim()).toBe(text.trim());

    const document = documentOf(text);
    expect(Object.keys(document)).toEqual(["whylight", "model", "runtime", "results"]);
    expect(document.model).toMatchObject({ path: model, format: "onnx", inputs: [{ name: "input", dtype: "float32", shape: ["batch", 1, 28, 28] }] });
    expect(document.model?.labels).toHaveLength(10);
    expect(document.runtime).toMatchObject({ name: "reference", detail: expect.any(String) as string });
    expect(document.results.map(({ input, method }) => [input, method])).toEqual([[image, "grad-cam"], [image, "saliency"], [second, "grad-cam"], [second, "saliency"]]);
    const arrays = readArrays(join(folder, "reference.safetensors"));
    const logits = [...(arrays.get("x0/logits")!.data as Float32Array)];
    const [first, saliency] = document.results as [ResultEntry, ResultEntry];
    expect(first).toMatchObject({
      parameters: {}, layer: "/relu2/Relu_output_0", score: "logit", completeness: null, files: { overlay: "input0.grad-cam.png", tensors: "input0.grad-cam.safetensors" },
      target: { index: logits.indexOf(Math.max(...logits)) },
    });
    expect(first.predictions).toHaveLength(5);
    expect(Object.keys(first.ms)).toEqual(["load", "compile", "compute", "draw"]);
    expect(saliency.layer).toBeNull();

    const cam = readArrays(join(out, first.files.tensors!));
    expect([...cam.keys()].toSorted()).toEqual(["attribution", "heatmap"]);
    expect(relativeError(cam.get("attribution")!.data as Float32Array, arrays.get("x0/pred/cam/relu2/gradcam/raw"))).toBeLessThan(1e-4);
    expect(relativeError(cam.get("heatmap")!.data as Float32Array, arrays.get("x0/pred/cam/relu2/gradcam/final"))).toBeLessThan(1e-3);
    expect(readArrays(join(out, saliency.files.tensors!)).get("attribution")!.shape).toEqual([1, 1, 28, 28]);
    expect(await sharp(join(out, first.files.overlay!)).metadata()).toMatchObject({ format: "png", width: 28, height: 28 });
  });

  it("numbers stems that collide", async () => {
    const out = freshFolder();
    cpSync(image, join(folder, "Input0.PNG"));
    const { code } = await whylight("explain", model, image, image, join(folder, "Input0.PNG"), "--method", "saliency", "--runtime", "reference", "--out", out);
    expect(code).toBe(0);
    expect(readdirSync(out).filter((name) => name.endsWith(".png")).toSorted()).toEqual(["Input0-3.saliency.png", "input0-2.saliency.png", "input0.saliency.png"]);
  });

  it("explains the class asked for, by index or label", async () => {
    for (const target of ["7", "predicted"]) {
      const { out } = await whylight("explain", model, image, "--target", target, "--method", "saliency", "--runtime", "reference", "--out", freshFolder(), "--json");
      expect(documentOf(out).results[0]!.target).toMatchObject(target === "7" ? { index: 7, label: "7" } : { probability: documentOf(out).results[0]!.predictions[0]!.probability });
    }
    writeFileSync(join(folder, "named.onnx"), readFileSync(model));
    writeFileSync(join(folder, "named.whylight.json"), JSON.stringify({ labels: ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"] }));
    const { out } = await whylight("explain", join(folder, "named.onnx"), image, "--target", "seven", "--method", "saliency", "--runtime", "reference", "--out", freshFolder(), "--json");
    expect(documentOf(out).results[0]!.target).toMatchObject({ index: 7, label: "Seven" });
  });

  it("feeds tensors as they are, and draws over them", async () => {
    const out = freshFolder();
    const tensors = join(folder, "input0.safetensors");
    const { writeSafetensors } = await import("../../../src/engine/importers/safetensors.js");
    writeFileSync(tensors, writeSafetensors({ input: readArrays(join(folder, "reference.safetensors")).get("x0")! }));
    const { code, err } = await whylight("explain", model, tensors, "--runtime", "reference", "--out", out);
    expect([code, err]).toEqual([0, ""]);
    expect(await sharp(join(out, "input0.grad-cam.png")).metadata()).toMatchObject({ width: 28, height: 28 });
  });

  it("goes on after an input that fails, and ends with 1", async () => {
    const out = freshFolder();
    const { code, out: text, err } = await whylight("explain", model, join(folder, "none.png"), image, "--runtime", "reference", "--out", out, "--json");
    expect(code).toBe(1);
    expect(err).toMatch(/none\.png does not exist or cannot be read\. Check the path/);
    const document = documentOf(text);
    expect(document.results).toHaveLength(1);
    expect(document.errors).toEqual([{ input: join(folder, "none.png"), code: "inputNotFound", text: expect.any(String) as string, next: expect.any(String) as string }]);
  });

  it("says once what is wrong with the model, and still prints a document", async () => {
    const folderAsked = freshFolder();
    const { code, out, err } = await whylight("explain", image, image, second, "--runtime", "reference", "--out", folderAsked, "--json");
    expect(existsSync(folderAsked)).toBe(false);
    expect(code).toBe(1);
    expect(err.split("\n")).toHaveLength(1);
    expect(err).toMatch(/is not a model Whylight can read/);
    expect(documentOf(out)).toMatchObject({ model: null, runtime: null, results: [], errors: [{ code: "modelFormatUnknown" }] });
  });

  it("writes one page that needs nothing else", async () => {
    const out = freshFolder();
    const nasty = join(folder, `<script>'x'.png`);
    cpSync(image, nasty);
    await whylight("explain", model, image, nasty, "--method", "grad-cam,saliency", "--runtime", "reference", "--out", out, "--html");
    const page = readFileSync(join(out, "index.html"), "utf8");
    expect(page.match(/<section>/g)).toHaveLength(2);
    expect(page.match(/src="data:image\/png;base64,/g)).toHaveLength(6);
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)/);
  });

  it("cannot write where there is a file", async () => {
    const { code, err } = await whylight("explain", model, image, second, "--runtime", "reference", "--out", join(image, "sub"));
    expect(code).toBe(1);
    expect(err).toMatch(/cannot be written/);
  });
});

describe("predict", () => {
  it("prints the same document with predictions only", async () => {
    const { code, out } = await whylight("predict", model, image, "--top", "3", "--runtime", "reference", "--json");
    const document = documentOf(out);
    expect([code, document.results[0]!.predictions.length, Object.keys(document.results[0]!)]).toEqual([0, 3, ["input", "predictions", "notes", "ms"]]);
    expect(existsSync(join(folder, "whylight-out"))).toBe(false);
  });

  it("prints a table for people", async () => {
    const { code, out } = await whylight("predict", model, image, "--runtime", "reference");
    expect(code).toBe(0);
    expect(out.split("\n").filter((line) => / \d+\.\d % /.test(line))).toHaveLength(5);
  });
});

describe("inspect and doctor", () => {
  it("show the model", async () => {
    const { code, out } = await whylight("inspect", model);
    expect(code).toBe(0);
    for (const fact of ["opset 13", "input float32 [batch, 1, 28, 28]", "config.json", "/relu2/Relu_output_0", "taken by default"]) expect(out).toContain(fact);
    expect(JSON.parse((await whylight("inspect", model, "--json")).out)).toMatchObject({ format: "onnx", parameters: 26698, labelsOrigin: "config.json" });
  });

  it("fail for a model that cannot run, and list why", async () => {
    writeFileSync(join(folder, "odd.onnx"), Buffer.from(readFileSync(model).toString("latin1").replaceAll("\x04Relu", "\x04Rulu"), "latin1"));
    const { code, out } = await whylight("inspect", join(folder, "odd.onnx"));
    expect([code, /Rulu\s+cannot be run/.test(out)]).toEqual([1, true]);
  });

  it("show every runtime", async () => {
    const { code, out } = await whylight("doctor", "--json");
    expect(code).toBe(0);
    const { runtimes } = JSON.parse(out) as { runtimes: { name: string; ok: boolean; reason: string }[] };
    expect(runtimes.map(({ name }) => name)).toEqual([...(process.platform === "linux" ? ["onnxruntime-cuda"] : []), "onnxruntime-webgpu", "onnxruntime", "tfjs-tensorflow", "tfjs-webgpu", "tfjs-wasm", "reference"]);
    for (const { ok, reason } of runtimes) expect(ok).toBe(reason === "");
  });
});

describe("wrong use ends with 2", () => {
  it.each([
    [[]], [["explain"]], [["explain", "m.onnx"]], [["explode", "m.onnx", "i.png"]], [["explain", "m.onnx", "i.png", "--metod", "saliency"]],
    [["explain", "m.onnx", "i.png", "--method", "magic"]], [["explain", "m.onnx", "i.png", "--method", ","]], [["explain", "m.onnx", "i.png", "--score", "loss"]],
    [["explain", "m.onnx", "i.png", "--runtime", "cuda"]], [["explain", "m.onnx", "i.png", "--set", "steps"]], [["predict", "m.onnx", "i.png", "--top", "0"]], [["inspect"]], [["doctor", "me"]],
  ])("%j", async (args) => {
    const { code, err } = await whylight(...args);
    expect(code).toBe(2);
    expect(err).not.toBe("");
  });

  it("also for a parameter the method does not have", async () => {
    const { code, err } = await whylight("explain", model, image, "--set", "steps=5", "--runtime", "reference", "--out", freshFolder());
    expect([code, err]).toEqual([2, "The parameter steps is not right: grad-cam has no such parameter. Change its value, or leave it out to use the default."]);
  });
});

it("help is no failure", async () => {
  for (const args of [["--help"], ["explain", "--help"], ["predict", "--help"], ["inspect", "--help"], ["doctor", "--help"], ["--version"]]) expect((await whylight(...args)).code, args.join(" ")).toBe(0);
});
