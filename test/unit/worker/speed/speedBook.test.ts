/** @file The book of speeds: the order it gives, averages of jobs, and its file. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runtimesHere } from "../../../../src/runtimes/choose.js";
import { createSpeedBook, type SpeedBook } from "../../../../src/worker/speed/speedBook.js";
import { speedFile } from "../../../../src/worker/speed/speedFile.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-speeds-"));
afterAll(() => rmSync(folder, { recursive: true }));

function measured(book: SpeedBook): SpeedBook {
  book.record("tfjs-wasm", { detail: "wasm 1", rates: { convolutions: 30, attention: 10 }, unfit: "" });
  book.record("onnxruntime", { detail: "ort 1", rates: { convolutions: 20, attention: 40 }, unfit: "" });
  book.record("tfjs-tensorflow", { detail: "tf 1", rates: {}, unfit: "it computed a wrong gradient of convolutions" });
  return book;
}

/** Which of ONNX Runtime's own providers for cards this operating system has. */
const own = runtimesHere.filter((name) => ["onnxruntime-cuda", "onnxruntime-directml", "onnxruntime-coreml"].includes(name));

describe("a book", () => {
  it("knows no order before anything was measured, and plans for the processor before any card", () => {
    const book = createSpeedBook();
    expect([book.order("attention"), book.rate("onnxruntime", "attention", "gradient")]).toEqual([undefined, undefined]);
    // Which is never measured, and the slowest of all.
    expect(book.rate("reference", "attention", "gradient")).toBeGreaterThan(0);
    expect(book.plan("attention")).toEqual({ order: ["onnxruntime", "tfjs-tensorflow", "tfjs-wasm", ...own, "onnxruntime-webgpu", "tfjs-webgpu", "reference"], unfit: [] });
  });

  it("orders each family by its own rates, what was not measured after it, and leaves out what is unfit", () => {
    const book = measured(createSpeedBook());
    expect([book.order("convolutions"), book.order("attention")]).toEqual([["tfjs-wasm", "onnxruntime"], ["onnxruntime", "tfjs-wasm"]]);
    expect(book.plan("convolutions")).toEqual({
      order: ["tfjs-wasm", "onnxruntime", ...own, "onnxruntime-webgpu", "tfjs-webgpu", "reference"], unfit: [{ name: "tfjs-tensorflow", reason: "it computed a wrong gradient of convolutions" }],
    });
  });

  it("averages what jobs take, for rates and not for the order", () => {
    const book = measured(createSpeedBook());
    book.observe("onnxruntime", "convolutions", "gradient", 8000, 10);
    expect(book.rate("onnxruntime", "convolutions", "gradient")).toBe(800);
    for (let i = 0; i < 50; i++) book.observe("onnxruntime", "convolutions", "gradient", 1000, 10);
    expect(book.rate("onnxruntime", "convolutions", "gradient")).toBeCloseTo(100, 1);
    for (const [flops, ms] of [[0, 10], [10, 0], [NaN, 1]] as const) book.observe("onnxruntime", "convolutions", "gradient", flops, ms);
    expect(book.rate("onnxruntime", "convolutions", "gradient")).toBeCloseTo(100, 1);
    expect(book.order("convolutions")).toEqual(["tfjs-wasm", "onnxruntime"]);
  });

  it("knows models that are only run forward apart from gradients", () => {
    const book = createSpeedBook();
    book.record("onnxruntime", { detail: "ort 1", rates: { convolutions: 20 }, forward: { convolutions: 30 }, unfit: "" });
    expect([book.rate("onnxruntime", "convolutions", "forward"), book.rate("onnxruntime", "convolutions", "gradient")]).toEqual([30, 20]);
    book.observe("onnxruntime", "convolutions", "forward", 900, 10);
    expect([book.rate("onnxruntime", "convolutions", "forward"), book.rate("onnxruntime", "convolutions", "gradient")]).toEqual([90, 20]);
    book.record("onnxruntime", { detail: "ort 2", rates: { convolutions: 20 }, forward: { convolutions: 30 }, unfit: "" });
    expect(book.rate("onnxruntime", "convolutions", "forward")).toBe(30);
  });

  it("forgets the jobs of another version", () => {
    const book = measured(createSpeedBook());
    book.observe("onnxruntime", "attention", "gradient", 800, 1);
    book.record("onnxruntime", { detail: "ort 2", rates: { attention: 50 }, unfit: "" });
    expect(book.rate("onnxruntime", "attention", "gradient")).toBe(50);
    book.record("onnxruntime", undefined);
    expect(book.rate("onnxruntime", "attention", "gradient")).toBeUndefined();
  });
});

describe("its file", () => {
  const path = join(folder, "cache/speeds.json");
  const bookAt = (machine = "this one") => createSpeedBook(speedFile(path, machine));

  it("is found by the next process, and not by another machine", () => {
    measured(bookAt()).observe("onnxruntime", "attention", "gradient", 90, 1);
    bookAt().observe("onnxruntime", "attention", "forward", 70, 1);
    expect([bookAt().order("convolutions"), bookAt().rate("onnxruntime", "attention", "gradient"), bookAt().rate("onnxruntime", "attention", "forward"), bookAt().plan("attention").unfit.length]).toEqual([["tfjs-wasm", "onnxruntime"], 90, 70, 1]);
    expect(bookAt("another").order("convolutions")).toBeUndefined();
  });

  it("is written when an average moved, not after every run", () => {
    const book = bookAt();
    book.observe("onnxruntime", "attention", "gradient", 90.1, 1);
    expect([bookAt().rate("onnxruntime", "attention", "gradient"), book.rate("onnxruntime", "attention", "gradient")]).toEqual([90, 90 + 0.1 / 4]);
    book.observe("onnxruntime", "attention", "gradient", 900, 1);
    expect(bookAt().rate("onnxruntime", "attention", "gradient")).toBeGreaterThan(250);
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, 40)], ["empty", () => ""], ["a list", () => "[1, 2]"], ["null", () => "null"],
    ["with other things in it", () => JSON.stringify({ machine: "this one", measured: { onnxruntime: 3, "tfjs-wasm": { detail: 1, rates: {} }, cuda: { detail: "", rates: {}, unfit: "" } }, seen: { onnxruntime: { gradient: { convolutions: -1, attention: "fast" }, forward: 3 } } })],
  ])("tells nothing when it is %s, and can be written again", (_, damage) => {
    measured(bookAt());
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect([bookAt().order("convolutions"), bookAt().rate("onnxruntime", "convolutions", "gradient"), bookAt().plan("convolutions").unfit]).toEqual([undefined, undefined, []]);
    expect(measured(bookAt()).order("convolutions")).toEqual(["tfjs-wasm", "onnxruntime"]);
  });

  it("that cannot be written is no failure", () => {
    writeFileSync(join(folder, "file"), "");
    measured(createSpeedBook(speedFile(join(folder, "file/speeds.json"))));
    expect(existsSync(join(folder, "file/speeds.json"))).toBe(false);
  });
});
