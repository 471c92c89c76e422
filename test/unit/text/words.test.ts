/** @file Words are those that people see, each with the tokens that spell it. */
import { describe, expect, test } from "vitest";
import { buildTokenizer } from "../../../src/engine/text/buildTokenizer.js";
import { eachGrapheme, eachWord, type Visit } from "../../../src/engine/text/segments.js";
import { encode, type EncodedToken, type Tokenizer } from "../../../src/engine/text/tokenizer.js";
import { wordsOf } from "../../../src/engine/text/words.js";
import { readRecorded, strings } from "./recordedTokenizers.js";

const tokenizers = new Map(readRecorded("tokenizers").map(({ name, files }) => [name, files]));

function tokenizerNamed(name: string): Tokenizer {
  return buildTokenizer(tokenizers.get(name)!);
}

function wordTexts(name: string, text: string): readonly string[] {
  return wordsOf(text, encode(tokenizerNamed(name), text), 0).map((word) => word.text);
}

const token = (start: number, end: number, part: 0 | 1 = 0, special = false): EncodedToken => ({ id: 0, token: "", start, end, part, type: 0, special });

describe("words", () => {
  test.each(["wordpiece-uncased", "bpe-suffix", "unigram-xlmr", "bytes-gpt2", "bytes-roberta-space", "bpe-llama2"])("of %s are the text's own", (name) => {
    expect(wordTexts(name, "I didn't like it, really: naïve 3.14 end.")).toEqual(["I", "didn't", "like", "it", ",", "really", ":", "naïve", "3.14", "end", "."]);
    expect(wordTexts(name, "x 👩‍👩‍👧‍👦 y 🇩🇪 🇫🇷!")).toEqual(["x", "👩‍👩‍👧‍👦", "y", "🇩🇪", "🇫🇷", "!"]);
    expect(wordTexts(name, "")).toEqual([]);
    expect(wordTexts(name, " \n\t ")).toEqual([]);
  });

  test("of Chinese go by dictionary", () => {
    expect(wordTexts("wordpiece-uncased", "我喜欢学习。")).toEqual(["我", "喜欢", "学习", "。"]);
  });

  test("know their tokens in the list, and skip special ones and those of the other part", () => {
    const list = [token(0, 0, 0, true), token(0, 3), token(3, 6), token(7, 9), token(0, 0, 0, true), token(0, 4, 1), token(4, 6, 1), token(0, 0, 1, true)];
    expect(wordsOf("foobar ok", list, 0)).toEqual([{ text: "foobar", start: 0, end: 6, part: 0, from: 1, to: 3 }, { text: "ok", start: 7, end: 9, part: 0, from: 3, to: 4 }]);
    expect(wordsOf("second", list, 1)).toEqual([{ text: "second", start: 0, end: 6, part: 1, from: 5, to: 7 }]);
  });

  test("that one token spans are one; a token of a space and a word belongs to the word", () => {
    expect(wordsOf("New York is", [token(0, 8), token(8, 11)], 0).map(({ text, from, to }) => [text, from, to])).toEqual([["New York", 0, 1], ["is", 1, 2]]);
    expect(wordsOf("a, b", [token(0, 2), token(2, 4)], 0).map(({ text }) => text)).toEqual(["a,", "b"]);
    expect(wordsOf("ab cd", [token(0, 1), token(1, 4), token(4, 5)], 0)).toEqual([{ text: "ab cd", start: 0, end: 5, part: 0, from: 0, to: 3 }]);
  });

  test("without tokens are left out; several tokens of one character are one word's", () => {
    expect(wordsOf("one two three", [token(0, 3), token(8, 13)], 0).map(({ text }) => text)).toEqual(["one", "three"]);
    expect(wordsOf("中 x", [token(0, 1), token(0, 1), token(0, 1), token(2, 3)], 0)).toMatchObject([{ text: "中", from: 0, to: 3 }, { text: "x", from: 3, to: 4 }]);
  });

  test.each(["wordpiece-uncased", "unigram-albert", "bytes-roberta", "bpe-llama2"])("of every recorded string hold every token of letters once, in order (%s)", (name) => {
    const tokenizer = tokenizerNamed(name);
    for (const text of strings) {
      const tokens = tokenizer.tokenize(text);
      const words = wordsOf(text, tokens, 0);
      let end = 0;
      for (const word of words) {
        expect(word.start).toBeGreaterThanOrEqual(end);
        expect(word.text).toBe(text.slice(word.start, word.end));
        expect(word.from).toBeLessThan(word.to);
        ({ end } = word);
      }
      const held = tokens.filter((_, i) => words.some(({ from, to }) => from <= i && i < to));
      const lettered = tokens.filter(({ start, end: stop }) => /[\p{L}\p{N}]/u.test(text.toWellFormed().slice(start, stop)));
      expect(lettered.every((one) => held.includes(one))).toBe(true);
    }
  });
});

describe("segments", () => {
  const whole = (granularity: "word" | "grapheme", text: string): readonly string[] => Array.from(new Intl.Segmenter("en", { granularity }).segment(text), ({ segment }) => segment);
  const collected = (each: (text: string, visit: Visit) => void, text: string): readonly string[] => {
    const found: string[] = [];
    each(text, (start, end) => found.push(text.slice(start, end)));
    return found;
  };

  // Several windows long, cut at many different places.
  test.each([0, 100, 200, 300])("of windows are those of the whole text, from string %d", (first) => {
    for (let from = first; from < strings.length; from += 400) {
      const text = strings.slice(from, from + 100).join(from % 3 === 0 ? "" : " ");
      expect(collected(eachGrapheme, text)).toEqual(whole("grapheme", text));
      expect(collected(eachWord, text)).toEqual(whole("word", text));
    }
  });

  test("longer than a window stay whole", () => {
    for (const text of [`a${"\u0301".repeat(3000)}b`, `x ${"word".repeat(1000)} y`, "🇩🇪".repeat(700), "👩‍".repeat(600), "a\r\n".repeat(400)]) {
      expect(collected(eachGrapheme, text)).toEqual(whole("grapheme", text));
      expect(collected(eachWord, text)).toEqual(whole("word", text));
    }
  });
});
