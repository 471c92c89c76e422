/** @file What a tokenizer promises beyond ids and offsets: windows, special tokens, limits, spelling for people, and sizes that must not matter. */
import { describe, expect, test } from "vitest";
import { buildTokenizer } from "../../../src/engine/text/buildTokenizer.js";
import { encode, type Tokenizer } from "../../../src/engine/text/tokenizer.js";
import { readRecorded } from "./recordedTokenizers.js";

const recorded = new Map([...readRecorded("tokenizers"), ...readRecorded("folders")].map(({ name, files }) => [name, files]));
const named = (name: string, more: Readonly<Record<string, string>> = {}): Tokenizer => buildTokenizer({ ...recorded.get(name), ...more });

describe("assembling", () => {
  test.each(["wordpiece-uncased", "bytes-roberta", "bytes-llama3", "unigram-albert"])("any stretch of tokens is put together like a text of its own (%s)", (name) => {
    const tokenizer = named(name);
    const tokens = tokenizer.tokenize("The film was great, because it didn't bore anybody.");
    const whole = tokenizer.assemble(tokens);
    const window = tokenizer.assemble(tokens.slice(3, 7));
    expect(window.filter(({ special }) => !special)).toEqual(tokens.slice(3, 7));
    expect(window.filter(({ special }) => special)).toEqual(whole.filter(({ special }) => special));
    const [before, after] = [whole.findIndex(({ special }) => !special), whole.length - 1 - whole.findLastIndex(({ special }) => !special)];
    expect(window.map(({ special }) => special)).toEqual([...Array<boolean>(before).fill(true), false, false, false, false, ...Array<boolean>(after).fill(true)]);
  });

  test("tokens of a pair know their part and type, and special tokens the text they follow", () => {
    const encoded = encode(named("wordpiece-uncased"), "good film", "bad film");
    expect(encoded.filter(({ special }) => special).map(({ token, part, type, start, end }) => [token, part, type, start, end])).toEqual([["[CLS]", 0, 0, 0, 0], ["[SEP]", 0, 0, 0, 0], ["[SEP]", 1, 1, 0, 0]]);
    const ofPair = encoded.filter(({ special, part }) => !special && part === 1);
    expect(ofPair.every(({ type }) => type === 1)).toBe(true);
    expect([ofPair[0]!.start, ofPair.at(-1)!.end]).toEqual([0, 8]);
  });

  test("special tokens that the user typed are tokens of the text", () => {
    const [cls, typed, sep] = encode(named("wordpiece-uncased"), "[SEP]");
    expect(cls).toMatchObject({ token: "[CLS]", special: true });
    expect(typed).toMatchObject({ token: "[SEP]", id: sep!.id, special: false, start: 0, end: 5 });
  });
});

describe("special tokens", () => {
  test("are the family's when no file states them", () => {
    expect(named("bert-plain").special).toMatchObject({ pad: { token: "[PAD]", id: 0 }, unk: { id: 1 }, cls: { id: 2 }, sep: { id: 3 }, mask: { id: 4 }, bos: undefined, eos: undefined });
    expect(named("mpnet").special).toMatchObject({ pad: { token: "<pad>", id: 0 }, unk: { token: "[UNK]" }, cls: { token: "<s>", id: 2 }, sep: { token: "</s>", id: 3 }, mask: { token: "<mask>", id: 4 } });
    expect(named("gpt2").special).toMatchObject({ pad: undefined, mask: undefined, bos: { token: "<|endoftext|>", id: 0 }, eos: { token: "<|endoftext|>", id: 0 } });
    expect(named("bytes-roberta").special).toMatchObject({ cls: { token: "<s>", id: 0 }, pad: { token: "<pad>", id: 1 }, sep: { token: "</s>", id: 2 }, mask: { token: "<mask>", id: 1500 } });
  });

  test("are what the files state, as texts or objects; tokenizer_config.json counts before special_tokens_map.json", () => {
    const config = JSON.stringify({ pad_token: "[SEP]", cls_token: { content: "[MASK]", lstrip: false, normalized: false, rstrip: false, single_word: false, __type: "AddedToken" }, eos_token: null });
    const map = JSON.stringify({ pad_token: "[CLS]", unk_token: "[UNK]", mask_token: "[NOT THERE]" });
    expect(named("wordpiece-uncased", { "tokenizer_config.json": config, "special_tokens_map.json": map }).special).toEqual({
      pad: { token: "[SEP]", id: 3 }, cls: { token: "[MASK]", id: 4 }, unk: { token: "[UNK]", id: 1 }, mask: undefined, sep: undefined, bos: undefined, eos: undefined,
    });
  });
});

test.each([["512", 512], ["1000000000000000019884624838656", undefined], ["null", undefined], ["0", undefined], ["\"512\"", undefined], ["384.0", 384]])("model_max_length %s is a limit of %s", (stated, longest) => {
  expect(named("wordpiece-uncased", { "tokenizer_config.json": `{"model_max_length": ${stated}}` }).longest).toBe(longest);
});

test("sizes count added tokens that are not in the vocabulary", () => {
  // As `tokenizers` counts with `get_vocab_size()`: 1,500 trained, and three added of which none was in it.
  expect(named("wordpiece-uncased").size).toBe(1500);
  expect(named("wordpiece-cased").size).toBe(1503);
});

test.each([
  ["wordpiece-uncased", { "##ing": "ing", "the": "the", "##": "##", "[SEP]": "[SEP]" }],
  ["bpe-suffix", { "the</w>": "the", "th": "th", "</w>": "</w>" }],
  ["unigram-xlmr", { "▁the": " the", "ing": "ing", "▁": " ", "<s>": "<s>" }],
  ["bytes-gpt2", { "Ġthe": " the", "the": "the", "Ċ": "\n", "Ã©": "é", "âĢĻ": "’", "Ã": "Ã", "<|endoftext|>": "<|endoftext|>" }],
  ["bpe-llama2", { "▁the": " the", "<0x41>": "A", "<0xC3>": "<0xC3>", "<0x0A>": "\n" }],
] as const)("people see tokens of %s without its marks", (name, shown) => {
  const tokenizer = named(name);
  for (const [token, text] of Object.entries(shown)) expect(tokenizer.display(token)).toBe(text);
});

test.each(readRecorded("tokenizers").map(({ name }) => name))("ids and tokens name each other in %s", (name) => {
  const tokenizer = named(name);
  for (let id = 0; id < tokenizer.size; id++) expect(tokenizer.idOf(tokenizer.tokenOf(id)!)).toBe(id);
  expect(tokenizer.tokenOf(tokenizer.size)).toBeUndefined();
  expect(tokenizer.tokenOf(-1)).toBeUndefined();
  expect(tokenizer.idOf("not a token, surely")).toBeUndefined();
});

// Anything that took the square of the length would not end before the test's time is up.
test.each(readRecorded("tokenizers").map(({ name }) => name))("a million characters without a space are a text like any other (%s)", (name) => {
  const tokenizer = named(name);
  for (const [piece, length] of [["a", 1_000_000], ["ab ", 30_000], ["é\u0323", 30_000], ["中", 30_000], ["\ud83d\ude00", 30_000], [" ", 30_000]] as const) {
    const text = piece.repeat(length / piece.length);
    const tokens = tokenizer.tokenize(text);
    expect(tokens.every(({ start, end }) => start >= 0 && start <= end && end <= text.length)).toBe(true);
    // Where no unknown character was dropped, tokens reach from the first character to the last.
    if (piece.trim() !== "") expect([tokens[0]!.start, tokens.at(-1)!.end >= text.trimEnd().length - 1]).toEqual([0, true]);
  }
});

test("unpaired surrogates, which Python cannot encode, are unknown characters", () => {
  const tokenizer = named("bytes-gpt2");
  const tokens = tokenizer.tokenize("a\ud800b");
  expect(tokens.map(({ start, end }) => [start, end])).toEqual([[0, 1], [1, 2], [1, 2], [1, 2], [2, 3]]);
  expect(tokens.slice(1, 4).map(({ token }) => token).join("")).toBe("ï¿½");
});
