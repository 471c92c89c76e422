/** @file The tokenizers of the recorded classifiers give what transformers gave, from either kind of file. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildTokenizer } from "../../../src/engine/text/buildTokenizer.js";
import { encode } from "../../../src/engine/text/tokenizer.js";
import { fixture } from "../readReference.js";
import { codePointIndices } from "./recordedTokenizers.js";

interface Recorded {
  readonly text: string;
  readonly text_pair?: string;
  readonly input_ids: readonly number[];
  readonly tokens: readonly string[];
  readonly token_type_ids?: readonly number[];
  readonly offsets?: readonly (readonly [number, number])[];
}

describe.each(["bert_tiny", "distilbert_tiny"])("%s", (model) => {
  const recorded = JSON.parse(readFileSync(fixture("reference", model, "tokenizer_reference.json"), "utf8")) as { single: readonly Recorded[]; more: readonly Recorded[] };
  // Padding and truncation, which `more` also holds, are not the tokenizer's here.
  const cases = [...recorded.single, ...recorded.more.filter(({ text_pair }) => text_pair !== undefined)];

  test.each(["tokenizer.json", "vocab.txt"])("from %s", (source) => {
    const tokenizer = buildTokenizer(Object.fromEntries([source, "tokenizer_config.json", "config.json"].map((file) => [file, readFileSync(fixture("reference", model, file), "utf8")])));
    expect(cases.length).toBeGreaterThan(25);
    for (const { text, text_pair: pair, input_ids, tokens, token_type_ids, offsets } of cases) {
      const indices = [codePointIndices(text), codePointIndices(pair ?? "")] as const;
      const ours = encode(tokenizer, text, pair);
      expect(ours.map(({ id }) => id)).toEqual(input_ids);
      expect(ours.map(({ token }) => token)).toEqual(tokens);
      expect(ours.map(({ start, end, part }) => [indices[part][start], indices[part][end]])).toEqual(offsets);
      if (token_type_ids) expect(ours.map(({ type }) => type)).toEqual(token_type_ids);
    }
    expect(tokenizer).toMatchObject({ kind: "WordPiece", longest: 128, special: { cls: { token: "[CLS]", id: 2 }, sep: { token: "[SEP]", id: 3 }, pad: { token: "[PAD]", id: 0 }, mask: { token: "[MASK]", id: 4 }, bos: undefined } });
    expect(tokenizer.size).toBe(readFileSync(fixture("reference", model, "vocab.txt"), "utf8").trim().split("\n").length);
  });
});
