/** @file Texts that were tokenized elsewhere: ids in a tensor file, with and without a tokenizer beside the model. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runCommandLine } from "../../../src/cli/main.js";
import type { ResultDocument } from "../../../src/cli/resultDocument.js";
import type { TextResultEntry } from "../../../src/cli/textDocument.js";
import { writeSafetensors } from "../../../src/engine/importers/safetensors.js";
import { float32, int64, toNumbers, type Tensor } from "../../../src/engine/ir/tensor.js";
import { fixture, readArrays, relativeError } from "../readReference.js";

const folder = mkdtempSync(join(tmpdir(), "whylight-tokens-"));
/** Tokenizers are looked for beside a model and one folder above. */
const [named, lone] = [join(folder, "named.onnx"), join(folder, "one/two/lone.onnx")];
const recorded = fixture("reference", "bert_tiny");
const arrays = readArrays(join(recorded, "reference.safetensors"));
const { texts } = JSON.parse(readFileSync(join(recorded, "reference.json"), "utf8")) as { texts: { key: string; text: string; text_pair?: string; tokens: string[] }[] };
const row = (key: string, name: string) => toNumbers(arrays.get(`${key}/${name}`)!);

beforeAll(() => {
  cpSync(join(recorded, "model.onnx"), lone);
  cpSync(join(recorded, "model.onnx"), named);
  for (const name of ["config.json", "vocab.txt", "tokenizer_config.json"]) cpSync(join(recorded, name), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function whylight(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine([...args, "--runtime", "onnxruntime"], { translate: english, out: (text) => out.push(text), err: (text) => err.push(text), progress: () => {} });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

function tokenFile(name: string, tensors: Readonly<Record<string, Tensor>>): string {
  const path = join(folder, `${name}.safetensors`);
  writeFileSync(path, writeSafetensors(tensors));
  return path;
}

const recordedFile = (key: string, padding = 0) => {
  const ids = row(key, "input_ids");
  const pad = Array.from({ length: padding }, () => 0);
  const length = ids.length + padding;
  return tokenFile(`${key}-${padding}`, {
    input_ids: int64([1, length], [...ids, ...pad]), token_type_ids: int64([1, length], [...row(key, "token_type_ids"), ...pad]), attention_mask: int64([1, length], [...ids.map(() => 1), ...pad]),
  });
};

const explained = async (model: string, file: string, ...more: string[]) => {
  const { out, err, code } = await whylight("explain", model, file, "--set", "rule=riemann-right", "--out", join(folder, "out"), "--json", ...more);
  expect([code, err]).toEqual([0, ""]);
  return (JSON.parse(out) as ResultDocument<TextResultEntry>).results[0]!;
};

describe("ids of tokens in a file", () => {
  it.each(["t1", "t3"])("are explained as the recorded text %s, padding left aside", async (key) => {
    const expected = arrays.get(`${key}/pred/ig/emb_out_zero/riemann_right/sum`);
    for (const padding of [0, 3]) {
      const entry = await explained(named, recordedFile(key, padding));
      expect(entry.tokens.map(({ id }) => id)).toEqual(row(key, "input_ids"));
      expect(entry.tokens.map(({ token }) => token)).toEqual(texts.find((text) => text.key === key)!.tokens);
      expect(entry.tokens.map(({ special, token }) => special === token.startsWith("["))).not.toContain(false);
      expect(relativeError(entry.tokens.map(({ raw }) => raw), expected)).toBeLessThan(1e-4);
    }
  });

  it("need no tokenizer", async () => {
    const entry = await explained(lone, recordedFile("t1"));
    expect(entry.tokens.map(({ token }) => token)).toEqual(row("t1", "input_ids").map((id) => `#${id}`));
    expect(relativeError(entry.tokens.map(({ raw }) => raw), arrays.get("t1/pred/ig/emb_out_zero/riemann_right/sum"))).toBeLessThan(1e-4);
    const padded = await whylight("explain", lone, recordedFile("t1"), "--set", "baseline=pad", "--out", join(folder, "out"));
    expect(padded.code).toBe(1);
    expect(padded.err).toContain("no pad token");
  });

  it("are predicted, and their attention is that recorded", async () => {
    const { out, code } = await whylight("predict", named, recordedFile("t1"), "--json");
    expect(code).toBe(0);
    const [prediction] = (JSON.parse(out) as ResultDocument<{ predictions: { index: number; logit: number }[] }>).results[0]!.predictions;
    expect(Math.abs(prediction!.logit - row("t1", "logits")[prediction!.index]!)).toBeLessThan(1e-4);
    const folderOf = join(folder, "attention");
    expect((await whylight("attention", lone, recordedFile("t3"), "--out", folderOf, "--format", "tensors")).code).toBe(0);
    const tensors = readArrays(join(folderOf, "t3-0.attention.safetensors"));
    const expected = arrays.get("t3/attentions")!;
    expect(tensors.get("attentions")!.shape).toEqual(expected.shape);
    expect(relativeError(tensors.get("attentions")!.data as Float32Array, expected)).toBeLessThan(1e-5);
  });

  it.each([
    ["of two texts", { input_ids: int64([2, 2], [1, 2, 3, 4]) }, "give whole numbers of one text"],
    ["that are no whole numbers", { input_ids: float32([1, 2], [1, 2]) }, "give whole numbers of one text"],
    ["below zero", { input_ids: int64([1, 2], [1, -2]) }, "0 or more"],
    ["that the model has no row for", { input_ids: int64([1, 2], [1, 99999]) }, "it has a token with the id 99999, and the model has"],
    ["of a third text", { input_ids: int64([1, 2], [1, 2]), token_type_ids: int64([1, 2], [0, 2]) }, "1 for the second"],
    ["with a mask of another length", { input_ids: int64([1, 2], [1, 2]), attention_mask: int64([1, 3], [1, 1, 1]) }, "2 tokens"],
    ["with holes in the mask", { input_ids: int64([1, 3], [1, 2, 3]), attention_mask: int64([1, 3], [1, 0, 1]) }, "before the end"],
    ["that are all padding", { input_ids: int64([1, 2], [0, 0]), attention_mask: int64([1, 2], [0, 0]) }, "no tokens"],
    ["more than the model takes", { input_ids: int64([1, 600], Array.from({ length: 600 }, () => 100)) }, "600 tokens"],
  ] as const)("%s are refused in one sentence", async (name, tensors, reason) => {
    const { code, err } = await whylight("explain", named, tokenFile(name.replaceAll(" ", "-"), tensors), "--out", join(folder, "out"));
    expect(code).toBe(1);
    expect(err).toContain(reason);
    expect(err.split("\n")).toHaveLength(1);
  });
});
