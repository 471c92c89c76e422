/** @file Long texts in windows: which tokens each holds, where they stand among all, and what is refused. */
import { describe, expect, it } from "vitest";
import { longestOf, readText } from "../../../../../src/engine/attribution/text/textWindows.js";
import type { EncodedToken, Tokenizer } from "../../../../../src/engine/text/tokenizer.js";

const added = (token: string, part: 0 | 1 = 0): EncodedToken => ({ id: 1, token, start: 0, end: 0, part, type: part, special: true });

/** A token per word, `[CLS] text [SEP] pair [SEP]` as BERT's. */
const tokenizer: Tokenizer = {
  kind: "words", size: 100, longest: 12, special: { pad: undefined, mask: undefined, unk: undefined, cls: undefined, sep: undefined, bos: undefined, eos: undefined },
  tokenize: (text, part = 0) => [...text.matchAll(/\S+/g)].map(({ index, 0: token }) => ({ id: 7, token, start: index, end: index + token.length, part, type: part, special: token === "[MASK]" })),
  assemble: (text, pair) => [added("[CLS]"), ...text, added("[SEP]"), ...(pair ? [...pair, added("[SEP]", 1)] : [])],
  tokenOf: () => undefined, idOf: () => undefined, display: (token) => token,
};
const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i}`).join(" ");
const spelled = (tokens: readonly EncodedToken[]) => tokens.map(({ token }) => token).join(" ");
const failure = (action: () => unknown) => { try { action(); } catch (thrown) { return thrown; } return undefined; };

describe("a text", () => {
  it("that fits is one window", () => {
    const { tokens, windows, notes } = readText(tokenizer, { text: words(10) }, 12, "text-classification");
    expect([windows.length, windows[0]!.tokens, windows[0]!.places, notes]).toEqual([1, tokens, Array.from({ length: 12 }, (_, i) => i), []]);
  });

  it("that is longer is read in windows of one length, a quarter of which is read again", () => {
    const text = words(20);
    const { tokens, windows, notes } = readText(tokenizer, { text }, 12, "text-classification");
    // Ten words fit beside the two special tokens, so a window begins eight after the last one; the last reaches back to be full.
    expect(windows.map((window) => spelled(window.tokens))).toEqual([0, 8, 10].map((from) => `[CLS] ${words(20).split(" ").slice(from, from + 10).join(" ")} [SEP]`));
    expect(tokens.length).toBe(22);
    for (const { tokens: read, places, start, end } of windows) {
      expect(places.map((place) => tokens[place]!.token)).toEqual(read.map(({ token }) => token));
      expect([text.slice(start, end).split(" ").length, places[0], places.at(-1)]).toEqual([10, 0, 21]);
    }
    expect(notes).toEqual([{ code: "textWindowed", data: { tokens: 22, longest: 12, windows: 3 } }]);
  });

  it("with a pair keeps the pair whole in every window", () => {
    const { tokens, windows } = readText(tokenizer, { text: words(9), pair: "a b c" }, 12, "text-classification");
    expect(windows.map((window) => spelled(window.tokens))).toEqual(["[CLS] w0 w1 w2 w3 w4 w5 [SEP] a b c [SEP]", "[CLS] w3 w4 w5 w6 w7 w8 [SEP] a b c [SEP]"]);
    for (const { tokens: read, places } of windows) expect(places.map((place) => tokens[place])).toEqual(read);
  });

  it("that is to be continued keeps its end", () => {
    const { tokens, windows, notes } = readText(tokenizer, { text: words(20) }, 12, "next-token");
    expect([windows.length, spelled(tokens), windows[0]!.places.length]).toEqual([1, `[CLS] ${words(20).split(" ").slice(10).join(" ")} [SEP]`, 12]);
    expect(notes).toEqual([{ code: "textTruncated", data: { tokens: 22, longest: 12, kept: 10 } }]);
  });

  it("may hold special tokens of its own, which have their place", () => {
    const { tokens, windows } = readText(tokenizer, { text: `[MASK] ${words(14)} [MASK]` }, 12, "text-classification");
    for (const { tokens: read, places } of windows) expect(places.map((place) => [tokens[place]!.token, tokens[place]!.start])).toEqual(read.map(({ token, start }) => [token, start]));
  });

  it.each([
    ["", undefined, /no words/], ["  \n", undefined, /no words/], ["a", " ", /second text holds no words/], ["a", words(10), /second text has 10 tokens of the 12/], [" ".repeat(100_001), undefined, /100001 characters/],
  ])("%j with %j is refused", (text, pair, reason) => {
    expect(failure(() => readText(tokenizer, { text, pair }, 12, "text-classification"))).toMatchObject({ code: "textInvalid", data: { reason: expect.stringMatching(reason) as unknown } });
  });
});

it("the longest text is what both tokenizer and model take", () => {
  expect([longestOf({ longest: 512 }, { longest: 40 }), longestOf({ longest: 30 }, { longest: 40 }), longestOf({ longest: undefined }, { longest: 40 })]).toEqual([40, 30, 40]);
  // Without any statement, what models are trained on; a tokenizer alone may promise more than memory holds.
  expect([longestOf({ longest: undefined }, { longest: undefined }), longestOf({ longest: 131072 }, { longest: undefined })]).toEqual([512, 2048]);
});
