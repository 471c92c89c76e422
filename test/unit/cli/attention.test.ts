/** @file `whylight attention`: documents, tensors, pictures and sentences, against the recordings. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AttentionEntry } from "../../../src/cli/attentionDocument.js";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument } from "../../../src/cli/resultDocument.js";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-attention-cli-"));
const model = join(folder, "model.onnx");
const text = "the cat sat on the mat";
let recorded: Map<string, Tensor>;
let runs = 0;

beforeAll(() => {
  cpSync(fixture("reference", "distilbert_tiny"), folder, { recursive: true });
  recorded = readArrays(join(folder, "reference.safetensors"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One command line in this process, with its streams and its folder. */
async function attention(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const place = join(folder, `out${++runs}`);
  const code = await runCommandLine(["attention", ...args, "--out", place], { translate: english, out: (line) => out.push(line), err: (line) => err.push(line), progress: () => {} });
  return { code, out: out.join("\n"), err: err.join("\n"), place, entry: () => (JSON.parse(readFileSync(join(place, "result.json"), "utf8")) as ResultDocument<AttentionEntry>).results[0]! };
}

const furthest = (actual: Tensor, expected: Tensor) => {
  const wanted = toNumbers(expected);
  expect(actual.data.length).toBe(wanted.length);
  return Math.max(...toNumbers(actual).map((value, i) => Math.abs(value - wanted[i]!)));
};

describe("texts", () => {
  it("writes what the model attends to as tensors, pictures and one document", async () => {
    const { code, out, err, place } = await attention(model, "--text", text, "--json", "--format", "tensors,svg,png,json");
    expect([code, err]).toEqual([0, ""]);
    expect(readdirSync(place).toSorted()).toEqual(["result.json", "text-1.attention.average.json", "text-1.attention.average.png", "text-1.attention.average.svg", "text-1.attention.safetensors"]);
    expect(readFileSync(join(place, "result.json"), "utf8").trim()).toBe(out.trim());
    const tensors = readArrays(join(place, "text-1.attention.safetensors"));
    expect([...tensors.keys()].toSorted()).toEqual(["attentions", "average", "distance", "entropy", "input_ids", "relevance", "rollout"]);
    expect(tensors.get("attentions")!.shape).toEqual([3, 4, 8, 8]);
    expect(furthest(tensors.get("attentions")!, recorded.get("t0/attentions")!)).toBeLessThanOrEqual(1e-5);
    expect(furthest(tensors.get("average")!, recorded.get("t0/attention_mean")!)).toBeLessThanOrEqual(1e-5);
    expect(relativeError(toNumbers(tensors.get("rollout")!), recorded.get("t0/rollout"))).toBeLessThanOrEqual(1e-3);
    expect(relativeError(toNumbers(tensors.get("relevance")!), recorded.get("t0/pred/relevancy_chefer"))).toBeLessThanOrEqual(1e-3);
    expect(toNumbers(tensors.get("input_ids")!)).toEqual(toNumbers(recorded.get("t0/input_ids")!));
    expect(tensors.get("entropy")!.shape).toEqual([3, 4]);

    const document = JSON.parse(out) as ResultDocument<AttentionEntry>;
    expect(Object.keys(document)).toEqual(["whylight", "model", "runtime", "results"]);
    const [entry] = document.results as [AttentionEntry];
    expect(entry).toMatchObject({
      input: "text-1", task: "text-classification", text, pair: null, target: { index: 1, label: "POSITIVE" }, shown: { name: "average of all layers and heads", layer: null, head: null }, notes: [],
      files: { tensors: "text-1.attention.safetensors", svg: "text-1.attention.average.svg", png: "text-1.attention.average.png", json: "text-1.attention.average.json" },
      agreement: { tokens: 6, method: "input-x-gradient" },
    });
    expect(entry.tokens.map(({ token, start, end }) => [token, text.slice(start, end)])).toEqual([["[CLS]", ""], ["the", "the"], ["cat", "cat"], ["sat", "sat"], ["on", "on"], ["the", "the"], ["mat", "mat"], ["[SEP]", ""]]);
    // The exercise's own loop: the largest of the others, for tokens that are not special.
    const mean = toNumbers(recorded.get("t0/attention_mean")!);
    const names = entry.tokens.map(({ token }, i) => (token === "the" ? `the #${i}` : token));
    const sentences = [1, 2, 3, 4, 5, 6].map((i) => {
      const row = mean.slice(8 * i, 8 * i + 8).map((weight, key) => (key === i ? -1 : weight));
      const best = row.indexOf(Math.max(...row));
      return `${names[i]} attends most to ${names[best]} (${row[best]!.toFixed(3)})`;
    });
    expect(entry.analysis).toEqual(sentences);
    expect(entry.links.map(({ from, token }) => [from, token])).toEqual(entry.tokens.map(({ token }, i) => [i, token]));
    const matrix = JSON.parse(readFileSync(join(place, "text-1.attention.average.json"), "utf8")) as { queries: string[]; weights: number[][] };
    expect(matrix.queries).toEqual(entry.tokens.map(({ token }) => token));
    expect(Math.max(...matrix.weights.flat().map((value, i) => Math.abs(value - mean[i]!)))).toBeLessThanOrEqual(1e-5);
    const { width, height } = await sharp(join(place, "text-1.attention.average.png")).metadata();
    expect(Math.min(width, height)).toBeGreaterThan(200);
    expect(readFileSync(join(place, "text-1.attention.average.svg"), "utf8")).toContain(">[CLS]<");
  });

  it("tells the same in words", async () => {
    const { out, entry } = await attention(model, "--text", text);
    for (const sentence of entry().analysis) expect(out).toContain(sentence);
    expect(out).toContain("3 layers, 4 heads, 8 tokens · average of all layers and heads");
    expect(out).toContain("Attention shows where a model mixes information, not why it answers.");
    expect(out).toMatch(/ρ = −?\d\.\d\d/);
    expect(out).toMatch(/Sharpest head, as layer\.head: \d\.\d \(\d\.\d\d\) nats/);
  });

  it("draws and tells of one head of one layer, counted from the end too", async () => {
    const weights = toNumbers(recorded.get("t0/attentions")!);
    const { out, entry, place } = await attention(model, "--text", text, "--layer", "-1", "--head", "1", "--format", "json");
    expect(entry().shown).toEqual({ name: "layer 2, head 1", layer: 2, head: 1 });
    const matrix = JSON.parse(readFileSync(join(place, "text-1.attention.layer2.head1.json"), "utf8")) as { weights: number[][] };
    const wanted = weights.slice((2 * 4 + 1) * 64, (2 * 4 + 2) * 64);
    expect(Math.max(...matrix.weights.flat().map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThanOrEqual(1e-5);
    // The matrix is printed as well: the first row begins with the class token's own weights.
    expect(out.replace(/ +/g, " ")).toContain(` [CLS] ${wanted.slice(0, 8).map((weight) => weight.toFixed(2)).join(" ")}`);
    const mean = await attention(model, "--text", text, "--layer", "0", "--format", "json");
    expect(mean.entry().shown).toEqual({ name: "layer 0, mean of its heads", layer: 0, head: "mean" });
    expect(existsSync(join(mean.place, "text-1.attention.layer0.json"))).toBe(true);
  });

  it("hides special tokens, and lets rows sum to 1", async () => {
    const { entry, place } = await attention(model, "--text", text, "--map", "rollout", "--hide-special", "--format", "json,svg");
    const matrix = JSON.parse(readFileSync(join(place, "text-1.attention.rollout.json"), "utf8")) as { queries: string[]; weights: number[][] };
    expect(matrix.queries).toEqual(["the", "cat", "sat", "on", "the", "mat"]);
    for (const row of matrix.weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    expect(entry().links.map(({ from }) => from)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(entry().tokens).toHaveLength(8);
    expect(readFileSync(join(place, "text-1.attention.rollout.svg"), "utf8")).toContain("Special tokens are left out");
  });

  it("reads files, and counts places as Python does", async () => {
    const file = join(folder, "note.txt");
    writeFileSync(file, "😀 the cat");
    const { entry, place } = await attention(model, file, "--format", "tensors");
    expect(entry().input).toBe(file);
    expect(existsSync(join(place, "note.attention.safetensors"))).toBe(true);
    expect(entry().tokens.filter(({ special }) => !special).slice(-2).map(({ token, start, end }) => [token, start, end])).toEqual([["the", 2, 5], ["cat", 6, 9]]);
  });
});

describe("images", () => {
  const vision = fixture("reference", "vit_tiny", "model.onnx");
  const arrays = () => readArrays(fixture("reference", "vit_tiny", "reference.safetensors"));

  function tensorFile(name: string, value: Tensor): string {
    const path = join(folder, `${name}.safetensors`);
    writeFileSync(path, writeSafetensors({ pixel_values: value }));
    return path;
  }

  it("has the class token's attention on the grid of patches", async () => {
    const reference = arrays();
    const { entry, place, code } = await attention(vision, tensorFile("x0", reference.get("x0")!), "--format", "tensors,svg");
    expect(code).toBe(0);
    const tensors = readArrays(join(place, "x0.attention.safetensors"));
    expect([...tensors.keys()].toSorted()).toEqual(["attentions", "average", "cls_attention", "distance", "entropy", "relevance", "relevance_cls", "rollout", "rollout_cls"]);
    expect(tensors.get("cls_attention")!.shape).toEqual([3, 4, 4, 4]);
    expect(furthest(tensors.get("cls_attention")!, reference.get("x0/cls_attention_grid")!)).toBeLessThanOrEqual(1e-5);
    expect(relativeError(toNumbers(tensors.get("rollout_cls")!), reference.get("x0/rollout_cls_grid"))).toBeLessThanOrEqual(1e-3);
    expect(relativeError(toNumbers(tensors.get("relevance_cls")!), reference.get("x0/pred/relevancy_chefer_cls_grid"))).toBeLessThanOrEqual(1e-3);
    const mean = toNumbers(reference.get("x0/attention_mean")!).slice(1, 17);
    const best = mean.indexOf(Math.max(...mean));
    expect(entry().analysis[0]).toBe(`[CLS] attends most to patch ${Math.floor(best / 4) + 1},${(best % 4) + 1} (${mean[best]!.toFixed(3)})`);
    expect(entry().analysis).toHaveLength(5);
    expect(entry()).toMatchObject({ task: "image-classification", text: null, pair: null });
  });

  it("draws the map over the picture", async () => {
    const picture = join(folder, "picture.png");
    writeFileSync(picture, await sharp({ create: { width: 60, height: 40, channels: 3, background: "#8040c0" } }).png().toBuffer());
    const { place, entry } = await attention(vision, picture, "--map", "relevance", "--format", "svg,png");
    const svg = readFileSync(join(place, entry().files.svg!), "utf8");
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain(`What is relevant to [CLS], for ${entry().target!.label}.`);
    expect(entry().analysis[0]).toMatch(/^patch \d,\d is most relevant to \[CLS\] \(\d\.\d{3}\)$/);
    // The picture shows through beside what the model saw, which is cut out of its middle.
    const { data, info } = await sharp(join(place, entry().files.png!)).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray((Math.round(y) * info.width + Math.round(x)) * info.channels).subarray(0, 3)];
    expect(at(info.width * 0.04, info.height / 2)).toEqual([0x80, 0x40, 0xc0]);
    expect(at(info.width / 2, info.height / 2)).not.toEqual([0x80, 0x40, 0xc0]);
  });

  it("writes layers apart where they differ, and shows the last one", async () => {
    const x = readArrays(fixture("attention", "swin.safetensors"));
    const { entry, place, code } = await attention(fixture("attention", "swin.onnx"), tensorFile("swin", x.get("x")!), "--format", "tensors,json");
    expect(code).toBe(0);
    expect(entry().shown).toEqual({ name: "layer 3, mean of its heads", layer: 3, head: "mean" });
    const tensors = readArrays(join(place, "swin.attention.safetensors"));
    for (const layer of [0, 1, 2, 3]) expect(furthest(tensors.get(`attentions.${layer}`)!, x.get(`attentions.${layer}`)!)).toBeLessThanOrEqual(1e-5);
    expect(tensors.has("average")).toBe(false);
    expect(entry().entropy.map((row) => row.map((value) => value === null))).toEqual([[false, false, true, true], [false, false, true, true], [false, false, false, false], [false, false, false, false]]);
    // What each patch receives, window by window, at the place that the recording gives each token.
    const weights = toNumbers(x.get("attentions.3")!);
    const cells = toNumbers(x.get("cells.3")!);
    const received = new Map<number, number>();
    cells.forEach((cell, i) => {
      if (cell < 0) return;
      const [window, key] = [Math.floor(i / 16), i % 16];
      let sum = 0;
      for (let head = 0; head < 4; head++) for (let query = 0; query < 16; query++) sum += weights[((window * 4 + head) * 16 + query) * 16 + key]! / 64;
      received.set(cell, sum);
    });
    const [[best, most]] = [...received].toSorted(([, a], [, b]) => b - a) as [[number, number]];
    expect(entry().analysis[0]).toBe(`the mean of all queries attends most to patch ${Math.floor(best / 6) + 1},${(best % 6) + 1} (${most.toFixed(3)})`);
  });

  it("takes the mean over patches where there is no class token", async () => {
    const x = readArrays(fixture("attention", "no-class-token.safetensors"));
    const { place, entry } = await attention(fixture("attention", "no-class-token.onnx"), tensorFile("plain", x.get("x")!), "--format", "tensors");
    const tensors = readArrays(join(place, "plain.attention.safetensors"));
    expect(tensors.get("mean_attention")!.shape).toEqual([2, 2, 4, 4]);
    const wanted = [0, 1].flatMap((layer) => { const values = toNumbers(x.get(`attentions.${layer}`)!); return [0, 1].flatMap((head) => Array.from({ length: 16 }, (_, key) => Array.from({ length: 16 }, (__, query) => values[(head * 16 + query) * 16 + key]!).reduce((a, b) => a + b, 0) / 16)); });
    expect(Math.max(...toNumbers(tensors.get("mean_attention")!).map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThanOrEqual(1e-5);
    expect(entry().analysis[0]).toMatch(/^the mean of all queries attends most to patch \d,\d/);
  });
});

describe("what goes wrong", () => {
  it("is one sentence with a next step, and an exit code", async () => {
    const layer = await attention(model, "--text", text, "--layer", "3");
    expect([layer.code, layer.err]).toEqual([2, "The parameter --layer is not right: there are 3 layers, 0 to 2, and -1 is the last. Change its value, or leave it out to use the default."]);
    const head = await attention(model, "--text", text, "--head", "-5");
    expect(head.err).toContain("--head is not right: there are 4 heads, 0 to 3");
    const none = await attention(fixture("cnn", "model.onnx"), fixture("cnn", "input0.png"));
    expect([none.code, none.err]).toEqual([1, expect.stringContaining("No attention was found in") as string]);
    expect((await attention(model)).code).toBe(2);
    expect((await attention(model, "--text", text, "--map", "average", "--layer", "1")).code).toBe(2);
    expect((await attention(model, "--text", text, "--format", "gif")).code).toBe(2);
  });

  it("does not stop the next text", async () => {
    const { code, out, err } = await attention(model, "--text", "", "--text", text, join(folder, "missing.txt"), "--format", "tensors");
    expect(code).toBe(1);
    expect(err).toContain("The text cannot be explained");
    expect(err).toContain("missing.txt does not exist or cannot be read");
    expect(out).toContain("cat attends most to");
  });
});
