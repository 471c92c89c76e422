/** @file The tokenizer beside a model is found where exporters put it, and said to be missing or wrong otherwise. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode } from "../../../src/engine/text/tokenizer.js";
import { findTokenizer, hasTokenizer } from "../../../src/worker/tokenizerFiles.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "whylight-tokenizer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files by path. */
function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "film", "Film"];
const tokenizerJson = JSON.stringify({ model: { type: "WordLevel", unk_token: "?", vocab: { "?": 0, good: 1, film: 2 } }, pre_tokenizer: { type: "WhitespaceSplit" } });
const vocabularyText = vocabulary.join("\n");
const bytes = { "vocab.json": JSON.stringify({ "<|endoftext|>": 0, g: 1, o: 2, go: 3 }), "merges.txt": "#version: 0.2\ng o\n" };

/** Ids of a text by the tokenizer of a model, and the file it is from. */
function found(model: string, text: string): readonly [readonly number[], string] {
  const { tokenizer, file } = findTokenizer(join(folder, model));
  return [encode(tokenizer, text).map(({ id }) => id), file];
}

describe("a tokenizer is found", () => {
  test("beside the model", () => {
    put({ "tokenizer.json": tokenizerJson });
    expect(found("model.onnx", "good film")).toEqual([[1, 2], join(folder, "tokenizer.json")]);
    expect(hasTokenizer(join(folder, "model.onnx"))).toBe(true);
  });

  test("in the folder above, where models in onnx/ have it; the model's own folder comes first", () => {
    put({ "tokenizer.json": tokenizerJson, "onnx/other.txt": "" });
    expect(found("onnx/model.onnx", "film")).toEqual([[2], join(folder, "tokenizer.json")]);
    put({ "onnx/vocab.txt": vocabularyText });
    expect(found("onnx/model.onnx", "film")).toEqual([[2, 6, 3], join(folder, "onnx/vocab.txt")]);
    expect(hasTokenizer(join(folder, "onnx/more/model.onnx"))).toBe(true);
    expect(hasTokenizer(join(folder, "onnx/more/still/model.onnx"))).toBe(false);
  });

  test("by tokenizer.json before vocab.json with merges.txt before vocab.txt, with the configuration beside it", () => {
    put({ "vocab.txt": vocabularyText, "tokenizer_config.json": JSON.stringify({ do_lower_case: false, model_max_length: 77 }) });
    expect(found("model.onnx", "Film")[0]).toEqual([2, 7, 3]);
    expect(findTokenizer(join(folder, "model.onnx")).tokenizer.longest).toBe(77);
    put({ "vocab.json": bytes["vocab.json"] });
    expect(found("model.onnx", "Film")[1]).toBe(join(folder, "vocab.txt"));
    put(bytes);
    expect(found("model.onnx", "go")).toEqual([[3], join(folder, "vocab.json")]);
    put({ "tokenizer.json": tokenizerJson });
    expect(found("model.onnx", "film")).toEqual([[2], join(folder, "tokenizer.json")]);
  });
});

describe("said to be", () => {
  const failure = (): unknown => {
    try {
      return findTokenizer(join(folder, "model.onnx"));
    } catch (thrown) {
      return thrown;
    }
  };

  test("missing, when there is none", () => {
    put({ "config.json": "{}" });
    expect(failure()).toMatchObject({ code: "tokenizerMissing", data: { path: join(folder, "model.onnx") } });
    expect(hasTokenizer(join(folder, "model.onnx"))).toBe(false);
    expect(hasTokenizer(join(folder, "no/such/folder/model.onnx"))).toBe(false);
  });

  test("invalid, when it is broken, too large, or a folder", () => {
    put({ "tokenizer.json": "{" });
    expect(failure()).toMatchObject({ code: "tokenizerInvalid", data: { file: "tokenizer.json" } });
    truncateSync(join(folder, "tokenizer.json"), 64 * 2 ** 20 + 1);
    expect(failure()).toMatchObject({ code: "tokenizerInvalid", data: { file: "tokenizer.json", reason: "it takes 65 MB, more than the 64 MB that are read" } });
    rmSync(join(folder, "tokenizer.json"));
    mkdirSync(join(folder, "tokenizer.json"));
    expect(failure()).toMatchObject({ code: "tokenizerInvalid", data: { file: "tokenizer.json" } });
  });
});
