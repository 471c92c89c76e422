/** @file `explain` and `predict` of texts: the document's contract, files, what the terminal says, and wrong use. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument } from "../../../src/cli/resultDocument.js";
import type { TextResultEntry } from "../../../src/cli/textDocument.js";
import { toNumbers } from "../../../src/engine/ir/tensor.js";
import { textMethodIds } from "../../../src/protocol/text.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-text-"));
const model = join(folder, "model.onnx");
const recorded = fixture("reference", "bert_tiny");
const arrays = readArrays(join(recorded, "reference.safetensors"));
const { texts } = JSON.parse(readFileSync(join(recorded, "reference.json"), "utf8")) as { texts: { key: string; text: string; text_pair?: string; tokens: string[] }[] };
let runs = 0;

beforeAll(() => { for (const name of ["model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"]) cpSync(join(recorded, name), join(folder, name)); });
afterAll(() => rmSync(folder, { recursive: true }));

/** One command line in this process, with its streams. */
async function whylight(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const freshFolder = () => join(folder, `out${++runs}`);
const documentOf = (text: string) => JSON.parse(text) as ResultDocument<TextResultEntry>;

describe("explain of a text", () => {
  it("writes the tokens with what PyTorch and Captum recorded, tensors and one document", async () => {
    const out = freshFolder();
    const { code, out: text, err } = await whylight("explain", model, "--text", texts[1]!.text, "--set", "rule=riemann-right", "--runtime", "onnxruntime", "--out", out, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(readdirSync(out).toSorted()).toEqual(["result.json", "text-1.layer-integrated-gradients.safetensors"]);
    expect(readFileSync(join(out, "result.json"), "utf8").trim()).toBe(text.trim());
    const document = documentOf(text);
    expect(Object.keys(document)).toEqual(["whylight", "model", "runtime", "results"]);
    expect(document.model).toMatchObject({ path: model, labels: ["NEGATIVE", "POSITIVE"] });
    const [entry] = document.results as [TextResultEntry];
    expect(Object.keys(entry)).toEqual(["input", "text", "pair", "method", "parameters", "score", "task", "target", "versus", "predictions", "tokens", "words", "windows", "completeness", "facts", "evaluations", "files", "notes", "ms"]);
    expect(entry).toMatchObject({
      input: "text-1", text: texts[1]!.text, pair: null, method: "layer-integrated-gradients", score: "logit", task: "text-classification", target: { index: 1, label: "POSITIVE" }, versus: null,
      parameters: { steps: 50, rule: "riemann-right", baseline: "zero", at: "embeddings" }, facts: { steps: 50, baseline: "zero" }, windows: [{ part: 0, start: 0, end: 36 }],
    });
    expect(entry.tokens.map(({ token }) => token)).toEqual(texts[1]!.tokens);
    expect(Object.keys(entry.tokens[0]!).toSorted()).toEqual(["attribution", "end", "id", "part", "raw", "special", "start", "token"]);
    const prefix = "t1/pred/ig/emb_out_zero/riemann_right";
    expect(relativeError(entry.tokens.map(({ raw }) => raw), arrays.get(`${prefix}/sum`))).toBeLessThan(1e-4);
    expect(relativeError(entry.tokens.map(({ attribution }) => attribution), arrays.get(`${prefix}/normalised`))).toBeLessThan(1e-4);
    expect(entry.completeness!.gap).toBeCloseTo(Number(arrays.get(`${prefix}/delta`)!.data[0]), 4);
    const tensors = readArrays(join(out, entry.files.tensors!));
    expect(Object.fromEntries([...tensors].map(([name, { shape, dtype }]) => [name, [shape, dtype]]))).toEqual({ attributions: [[8], "float32"], raw: [[8], "float32"], input_ids: [[8], "int64"], embedding_attributions: [[8, 64], "float32"] });
    expect(toNumbers(tensors.get("input_ids")!)).toEqual(toNumbers(arrays.get("t1/input_ids")!));
    expect(relativeError(tensors.get("embedding_attributions")!.data as Float32Array, arrays.get(prefix))).toBeLessThan(1e-4);
  });

  it("counts places in code points, as Python does", async () => {
    const text = "🎉 a café 🇫🇷 movie, naïve 𝒳!";
    const { out } = await whylight("explain", model, "--text", text, "--method", "gradient-norm", "--out", freshFolder(), "--json");
    const { tokens, words } = documentOf(out).results[0]!;
    const points = Array.from(text);
    expect(words.map((word) => points.slice(word.start, word.end).join(""))).toEqual(words.map((word) => word.text));
    expect(words.map((word) => word.text)).toContain("naïve");
    const movie = tokens.find(({ token }) => token === "movie")!;
    expect(points.slice(movie.start, movie.end).join("")).toBe("movie");
    expect(movie.start).toBe(12);
  });

  it("takes pairs, files, several texts and every method", async () => {
    const out = freshFolder();
    const file = join(folder, "review.txt");
    writeFileSync(file, `\uFEFF${texts[0]!.text}`);
    writeFileSync(join(folder, "notes.md"), texts[1]!.text);
    const { code, out: text } = await whylight("explain", model, join(folder, "notes.md"), "--text", file, "--text", "a good movie", "--method", textMethodIds.join(","), "--set", "at=embeddings", "--out", out, "--json");
    // Attention and occlusion have no such parameter.
    expect([code, documentOf(text).errors?.[0]?.code]).toEqual([2, "parameterInvalid"]);
    const { out: all } = await whylight("explain", model, join(folder, "notes.md"), "--text", file, "--text", "a good movie", "--method", textMethodIds.join(","), "--out", out, "--json", "--html");
    const { results } = documentOf(all);
    expect(results.map(({ input, method }) => [input, method])).toEqual([file, "text-1", join(folder, "notes.md")].flatMap((input) => textMethodIds.map((method) => [input, method])));
    expect(results[0]!.text).toBe(texts[0]!.text);
    const occlusion = results.find(({ method }) => method === "occlusion")!;
    expect(relativeError(occlusion.tokens.map(({ raw }) => raw), arrays.get("t0/pred/occlusion_mask_token"))).toBeLessThan(1e-3);
    expect(readdirSync(out).filter((name) => name.startsWith("review."))).toHaveLength(textMethodIds.length);
    const pair = texts.find(({ text_pair }) => text_pair !== undefined)!;
    const { out: paired } = await whylight("explain", model, "--text", pair.text, "--pair", pair.text_pair!, "--method", "input-x-gradient", "--out", out, "--json");
    const [entry] = documentOf(paired).results;
    expect(entry!.tokens.map(({ token }) => token)).toEqual(pair.tokens);
    expect(relativeError(entry!.tokens.map(({ raw }) => raw), arrays.get(`${pair.key}/pred/gradient_x_input/embedding_output`))).toBeLessThan(1e-4);
    expect([entry!.pair, new Set(entry!.words.map(({ part }) => part))]).toEqual([pair.text_pair, new Set([0, 1])]);
  });

  it("explains a class by label, against another, by probability", async () => {
    const { out } = await whylight("explain", model, "--text", texts[2]!.text, "--target", "positive", "--versus", "negative", "--score", "probability", "--out", freshFolder(), "--json");
    expect(documentOf(out).results[0]).toMatchObject({ target: { index: 1 }, versus: { index: 0 }, score: "probability" });
    const { out: bad, code } = await whylight("explain", model, "--text", "a", "--target", "joyful", "--out", freshFolder(), "--json");
    expect([code, documentOf(bad).errors![0]!.code]).toEqual([1, "targetUnknown"]);
  });

  it("prints words with bars for people, and one page that needs nothing else", async () => {
    const out = freshFolder();
    const text = "fantastic <script>'x'</script> & boring";
    const { code, out: printed } = await whylight("explain", model, "--text", text, "--out", out, "--html", "--text-colors", "red-yellow-green");
    expect(code).toBe(0);
    const lines = printed.split("\n");
    expect(lines.find((line) => line.includes("fantastic") && line.includes("│"))).toMatch(/^ {4}[+−]\d\.\d{3} +█*│█* +fantastic$/);
    expect(printed).toMatch(/Completeness gap: /);
    const page = readFileSync(join(out, "index.html"), "utf8");
    expect(page.match(/<ruby style="background:rgb\(\d+,\d+,\d+\)">/g)!.length).toBeGreaterThanOrEqual(8);
    expect(page).not.toMatch(/<script|https?:|src=/);
    expect(page).toContain(">fantastic<rt>");
  });

  it("reads long texts in windows and says so", async () => {
    const { code, out } = await whylight("explain", model, "--text", Array.from({ length: 60 }, () => texts[0]!.text).join(". "), "--method", "input-x-gradient", "--out", freshFolder(), "--json");
    const [entry] = documentOf(out).results;
    expect([code, entry!.windows.length]).toEqual([0, 5]);
    expect(entry!.notes[0]).toMatch(/^The text has 421 tokens and the model takes 128, so it was read in 5 overlapping windows/);
  });

  it("goes on after a text that cannot be read, and says what is wrong", async () => {
    const missing = join(folder, "none.txt");
    const { code, err } = await whylight("explain", model, missing, "--out", freshFolder());
    expect([code, err]).toEqual([1, `The input ${missing} does not exist or cannot be read. Check the path, or choose another file.`]);
    const { code: partly, out: rest } = await whylight("predict", model, missing, "--text", "a good movie", "--json");
    expect([partly, documentOf(rest).results.length, documentOf(rest).errors![0]!.code]).toEqual([1, 1, "inputNotFound"]);
    const { code: some, out, err: said } = await whylight("explain", model, "--text", " ", "--text", "a good movie", "--method", "gradient-norm", "--out", freshFolder(), "--json");
    expect([some, documentOf(out).results.length, documentOf(out).errors![0]]).toEqual([1, 1, expect.objectContaining({ input: "text-1", code: "textInvalid" })]);
    expect(said).toBe("text-1: The text cannot be explained: it holds no words. Select another piece of text.");
    expect((await whylight("predict", model, "--text", " ")).err).toBe("The text cannot be explained: it holds no words. Select another piece of text.");
  });

  it.each([
    ["latin-1", Buffer.from("caf\xe9", "latin1"), "its bytes are not UTF-8"], ["UTF-16", Buffer.from("\uFEFFgood", "utf16le"), "it holds zero bytes, as UTF-16 and binary files do"], ["no text", Buffer.from("a\0b"), "it holds zero bytes, as UTF-16 and binary files do"],
  ])("does not take bytes of %s for words", async (_, bytes, reason) => {
    const file = join(folder, "other.txt");
    writeFileSync(file, bytes);
    const { code, err } = await whylight("predict", model, file);
    expect([code, err]).toEqual([1, `${file} is not a text that can be read: ${reason}. Open it in a text editor and save it as UTF-8.`]);
  });

  it("takes --text of one word that ends as a file's name for a file, and a sentence for a text", async () => {
    expect((await whylight("predict", model, "--text", "none.txt")).err).toBe("The input none.txt does not exist or cannot be read. Check the path, or choose another file.");
    const { code, out } = await whylight("predict", model, "--text", "I read README.md", "--json");
    expect([code, documentOf(out).results[0]!.input]).toEqual([0, "text-1"]);
  });

  it("says which kind of input a model takes", async () => {
    const image = fixture("cnn", "input0.png");
    expect((await whylight("explain", fixture("cnn", "model.onnx"), "--text", "hello", "--out", freshFolder())).err).toMatch(/^This model cannot be explained with this input: it takes images, not text\./);
    expect((await whylight("explain", model, image, "--out", freshFolder())).err).toMatch(/^This model cannot be explained with this input: no input is an image;/);
    expect((await whylight("attention", model, image, "--out", freshFolder())).err).toMatch(/^This model cannot be explained with this input: no input is an image;/);
    const bare = join(folder, "bare", "deep");
    mkdirSync(bare, { recursive: true });
    cpSync(model, join(bare, "m.onnx"));
    expect((await whylight("explain", join(bare, "m.onnx"), "--text", "hello", "--text", "again", "--out", freshFolder())).err).toBe(`No tokenizer was found for ${join(bare, "m.onnx")}. Put tokenizer.json, or vocab.txt, or vocab.json and merges.txt, beside the model.`);
  });

  it.each([
    [["explain", "m.onnx"], "name an image or a text file"], [["predict", "m.onnx"], "name an image or a text file"], [["explain", "m.onnx", "i.png", "--text", "a"], "texts and images cannot be explained in one go"],
    [["explain", "m.onnx", "i.png", "--pair", "a"], "it is the second of two texts"], [["explain", "m.onnx", "--text", "a", "--method", "grad-cam"], "There is no method grad-cam."],
    [["explain", "m.onnx", "--text", "a", "--layer", "x"], "it is for images"], [["explain", "m.onnx", "--text", "a", "--as", "captum"], "it is for images"], [["explain", "m.onnx", "--text", "a", "--colormap", "jet"], "it is for images"],
    [["explain", "m.onnx", "--text", "a", "--format", "png"], "texts have tensors and html"],
  ])("%j is wrong use", async (args, reason) => {
    const { code, err } = await whylight(...args);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });
});

describe("predict of a text", () => {
  it("prints the same document with predictions only", async () => {
    const { code, out } = await whylight("predict", model, "--text", texts[1]!.text, "--json");
    const document = JSON.parse(out) as ResultDocument<{ predictions: { index: number; logit: number }[] }>;
    expect([code, Object.keys(document.results[0]!)]).toEqual([0, ["input", "predictions", "notes", "ms"]]);
    const logits = toNumbers(arrays.get("t1/logits")!);
    for (const { index, logit } of document.results[0]!.predictions) expect(logit).toBeCloseTo(logits[index]!, 5);
    expect(existsSync(join(folder, "whylight-out"))).toBe(false);
  });

  it("prints a table for people", async () => {
    const { code, out } = await whylight("predict", model, "--text", "a good movie");
    expect([code, out.split("\n").filter((line) => / \d+\.\d % /.test(line)).length]).toEqual([0, 2]);
  });
});

it("inspect says what a text model is and where its tokenizer lies", async () => {
  const summary = JSON.parse((await whylight("inspect", model, "--json")).out) as Record<string, unknown>;
  expect(summary).toMatchObject({ task: "text-classification", labels: ["NEGATIVE", "POSITIVE"], tokenizer: { file: join(folder, "tokenizer.json"), kind: "WordPiece", vocabulary: 268, longest: 128 } });
});
