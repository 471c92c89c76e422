/** @file Files that are broken, wrong or hostile give `tokenizerInvalid`, never a crash, and never a token outside the text. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { buildTokenizer } from "../../../src/engine/text/buildTokenizer.js";
import { encode } from "../../../src/engine/text/tokenizer.js";
import { readRecorded } from "./recordedTokenizers.js";

/** Small vocabularies of every kind, so that changing a file at random changes something else than its vocabulary. */
const model = { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100, vocab: { "[UNK]": 0, "[CLS]": 1, "[SEP]": 2, a: 3, "##b": 4, é: 5 } };
const bpe = { type: "BPE", unk_token: "?", fuse_unk: true, byte_fallback: true, merges: [["a", "b"], ["ab", "c"]], vocab: { "?": 0, a: 1, b: 2, c: 3, ab: 4, abc: 5, "<0xC3>": 6, "<0xA9>": 7 } };
const unigram = { type: "Unigram", unk_id: 0, byte_fallback: false, vocab: [["<unk>", 0], ["▁", -1], ["▁a", -1.5], ["ab", -2], ["a", -3], ["b", -3.25]] };
const template = { type: "TemplateProcessing", single: [{ SpecialToken: { id: "[CLS]", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }], pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }], special_tokens: { "[CLS]": { id: "[CLS]", ids: [1], tokens: ["[CLS]"] } } };
const added = [{ id: 1, content: "[CLS]", single_word: false, lstrip: true, rstrip: true, normalized: false, special: true }, { id: 9, content: "new", single_word: true, lstrip: false, rstrip: false, normalized: true, special: false }];
const examples: readonly object[] = [
  { added_tokens: added, normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }, pre_tokenizer: { type: "BertPreTokenizer" }, post_processor: template, decoder: { type: "WordPiece", prefix: "##" }, model },
  { added_tokens: [], normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Prepend", prepend: "▁" }, { type: "Replace", pattern: { String: " " }, content: "▁" }] }, pre_tokenizer: null, post_processor: { type: "RobertaProcessing", sep: ["c", 3], cls: ["a", 1], trim_offsets: true, add_prefix_space: true }, decoder: null, model: bpe },
  { added_tokens: added, normalizer: { type: "Sequence", normalizers: [{ type: "Nmt" }, { type: "NFKD" }, { type: "StripAccents" }, { type: "Strip", strip_left: true, strip_right: false }, { type: "Replace", pattern: { Regex: " {2,}" }, content: " " }] }, pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: true }, post_processor: { type: "BertProcessing", sep: ["a", 4], cls: ["b", 5] }, model: unigram },
  { added_tokens: added, normalizer: { type: "ByteLevel" }, pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: "(?i:'s)|\\p{L}+|\\s+" }, behavior: "Isolated", invert: false }, { type: "Digits", individual_digits: true }, { type: "Punctuation", behavior: "Contiguous" }, { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true }, { type: "FixedLength", length: 5 }] }, post_processor: { type: "Sequence", processors: [{ type: "ByteLevel", trim_offsets: true, add_prefix_space: false }, template] }, model: { ...bpe, byte_fallback: false } },
];
const texts = ["", "ab abc é new [CLS] x", "  It's 12 中文 👩‍👩‍👧‍👦\u0301 \u0000!", "\ud800 a\r\nb"];

/** Builds and uses a tokenizer; what it throws must be `tokenizerInvalid`. Returns the reason. */
function tryOut(files: Readonly<Record<string, string>>): string | undefined {
  try {
    const tokenizer = buildTokenizer(files);
    for (const text of texts) {
      for (const { id, start, end } of encode(tokenizer, text, "b")) expect(Number.isInteger(id) && start >= 0 && end <= Math.max(text.length, 1)).toBe(true);
      tokenizer.display(text);
    }
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof WhylightError)) throw thrown;
    expect(thrown.code).toBe("tokenizerInvalid");
    expect(thrown.data["file"]).toEqual(expect.any(String));
    return String(thrown.data["reason"]);
  }
}

const json = (value: object): Readonly<Record<string, string>> => ({ "tokenizer.json": JSON.stringify(value) });

test("the examples are good", () => {
  for (const example of examples) expect(tryOut(json(example))).toBeUndefined();
});

describe("says what is wrong", () => {
  const [bert, , xlmr] = examples;
  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["nothing at all", {}, /neither that file, nor vocab.txt/],
    ["no JSON", { "tokenizer.json": "{\"model\": " }, /not JSON/],
    ["a list", { "tokenizer.json": "[]" }, /must hold an object/],
    ["no model", json({ normalizer: null }), /model: it is missing/],
    ["an unknown model", json({ model: { ...model, type: "Neural" } }), /the model Neural is not known/],
    ["an inherited name for a model", json({ model: { ...model, type: "constructor" } }), /the model constructor is not known/],
    ["no vocabulary", json({ model: { ...model, vocab: undefined } }), /vocab: it must be an object/],
    ["a list for a vocabulary", json({ model: { ...model, vocab: ["a"] } }), /vocab: it must be an object/],
    ["an id that is none", json({ model: { ...model, vocab: { a: 1.5 } } }), /the id of "a" must be a whole number/],
    ["an id beyond all", json({ model: { ...model, vocab: { a: 2 ** 40 } } }), /the id of "a" must be a whole number/],
    ["an endless token", json({ model: { ...model, vocab: { ["a".repeat(5000)]: 1 } } }), /a token of 5000 characters/],
    ["an unknown normalizer", json({ ...bert, normalizer: { type: "Shout" } }), /normalizer.type: the normalizer Shout is not known/],
    ["an unknown pre-tokenizer", json({ ...bert, pre_tokenizer: { type: "UnicodeScripts" } }), /the pre-tokenizer UnicodeScripts is not known/],
    ["an unknown post-processor", json({ ...bert, post_processor: { type: "toString" } }), /the post-processor toString is not known/],
    ["a step that is no object", json({ ...bert, normalizer: { type: "Sequence", normalizers: ["NFC"] } }), /normalizers\[0\].*must be an object/],
    ["a character map that is no base64", json({ ...xlmr, normalizer: { type: "Precompiled", precompiled_charsmap: "???" } }), /not base64/],
    ["a character map cut short", json({ ...xlmr, normalizer: { type: "Precompiled", precompiled_charsmap: "/////w==" } }), /cut short/],
    ["a regular expression that is none", json({ ...bert, pre_tokenizer: { type: "Split", pattern: { Regex: "(" }, behavior: "Removed" } }), /regular expression cannot be read/],
    ["merges of tokens that are not there", json({ model: { ...bpe, merges: ["a z"] } }), /merges\[0\]: the token "z" is not in the vocabulary/],
    ["merges of three", json({ model: { ...bpe, merges: ["a b c"] } }), /merges\[0\]: it must be a pair/],
    ["scores that are none", json({ model: { ...unigram, vocab: [["a", "b"]] } }), /vocab\[0\]: it must be a token and its score/],
    ["an unknown token outside the vocabulary", json({ model: { ...unigram, unk_id: 77 } }), /unk_id: it is not in the vocabulary/],
    ["special tokens without ids", json({ ...bert, post_processor: { ...template, special_tokens: {} } }), /the special token \[CLS\] is not described/],
    ["a vocabulary without a token for unknown characters", json({ model: { ...model, vocab: { a: 0 } } }), /\[UNK\].*not in its vocabulary/],
    ["a configuration that is no JSON", { ...json(bert!), "tokenizer_config.json": "{" }, /not JSON/],
    ["vocab.txt without the special tokens", { "vocab.txt": "a\nb\n" }, /the token \[CLS\] is not in it/],
    ["vocab.json without merges.txt", { "vocab.json": "{}" }, /merges.txt is missing/],
    ["merges.txt that does not fit", { "vocab.json": "{\"a\": 0}", "merges.txt": "#version: 0.2\na b\n" }, /the token "b" is not in the vocabulary/],
    ["a kind that vocab.json does not suffice for", { "vocab.json": "{\"a\": 0}", "merges.txt": "", "config.json": "{\"model_type\": \"clip\"}" }, /of the kind clip/],
  ])("%s", (_, files, reason) => {
    expect(tryOut(files)).toMatch(reason);
  });
});

test("texts that each step doubles do not fill the memory", () => {
  const doubling = { type: "Replace", pattern: { Regex: "[^x]" }, content: "yy" };
  expect(tryOut(json({ ...examples[0], normalizer: { type: "Sequence", normalizers: Array(60).fill(doubling) } }))).toMatch(/64 times as long/);
  expect(tryOut(json({ ...examples[0], normalizer: null, pre_tokenizer: { type: "Sequence", pretokenizers: Array(60).fill({ type: "ByteLevel", add_prefix_space: true }) } }))).toMatch(/64 times as long/);
  expect(tryOut(json({ ...examples[0], normalizer: { type: "Prepend", prepend: "y".repeat(10_000) } }))).toMatch(/10000 characters/);
});

test("objects nested a hundred thousand deep do not overflow the stack for good", () => {
  const deep = `${"{\"type\":\"Sequence\",\"normalizers\":[".repeat(100_000)}${"]}".repeat(100_000)}`;
  expect(tryOut({ "tokenizer.json": JSON.stringify({ ...examples[0], normalizer: 0 }).replace("\"normalizer\":0", () => `"normalizer":${deep}`) })).toEqual(expect.any(String));
});

/** Every place in a value: the keys that lead there. */
function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  const inside = typeof value === "object" && value !== null ? Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...at, key])) : [];
  return [at, ...inside];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === key ? replaced(item, rest, by) : item));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

const anything = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, "", "__proto__", -1, 1e300, 2 ** 31, [], {}, "a", true, [["a", 1]], { type: "Sequence" }, { String: "" }, { Regex: "" }, { Regex: "(?=a)" }, { type: "NFKC" }, "\ud800"));

test("a file with one thing replaced is used, or said to be wrong", () => {
  const place = fc.integer({ min: 0, max: examples.length - 1 }).chain((i) => fc.constantFrom(...placesIn(examples[i])).map((at) => ({ i, at })));
  fc.assert(fc.property(place, anything, ({ i, at }, by) => {
    tryOut({ "tokenizer.json": JSON.stringify(replaced(examples[i], at, by)) ?? "" });
  }), { numRuns: 4000 });
});

test("a file cut short or with characters changed is used, or said to be wrong", () => {
  const files = readRecorded("folders").map((recorded) => recorded.files);
  fc.assert(fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(), fc.string({ unit: "binary", maxLength: 4 }), (good, which, where, other) => {
    const name = Object.keys(good)[which % Object.keys(good).length]!;
    const text = good[name]!;
    const at = where % (text.length + 1);
    tryOut({ ...good, [name]: other === "" ? text.slice(0, at) : text.slice(0, at) + other + text.slice(at + 1) });
  }), { numRuns: 300 });
});

test("anything for a file beside the tokenizer is used, or said to be wrong", () => {
  const names = fc.constantFrom("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json");
  const keys = fc.constantFrom("pad_token", "mask_token", "cls_token", "model_max_length", "do_lower_case", "strip_accents", "added_tokens_decoder", "tokenizer_class", "model_type", "add_prefix_space", "add_bos_token", "bos_token");
  const lines = readRecorded("folders").find(({ name }) => name === "bert")!.files["vocab.txt"]!;
  const bytes = readRecorded("folders").find(({ name }) => name === "gpt2")!.files;
  fc.assert(fc.property(names, fc.dictionary(keys, anything), fc.boolean(), (name, value, isBert) => {
    tryOut({ ...(isBert ? { "vocab.txt": lines } : bytes), [name]: JSON.stringify(value) });
  }), { numRuns: 400 });
});
