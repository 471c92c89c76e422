/** @file Tokens that are pointed at, in the reader's own document; and which stretches of it a command means. */
import { describe, expect, it } from "vitest";
import { attentionMarks } from "../../../../src/host/text/attentionMarks.js";
import { chosenStretches, fieldAround, type Stretch } from "../../../../src/host/text/chosenText.js";
import { trackText } from "../../../../src/host/text/trackedText.js";
import type { TextToken } from "../../../../src/protocol/text.js";

const token = (part: 0 | 1, start: number, end: number, special = false): TextToken => ({ token: "t", id: 1, part, start, end, special });
/** [CLS] so bad [SEP] not good [SEP] */
const tokens = [token(0, 0, 0, true), token(0, 0, 2), token(0, 3, 6), token(0, 0, 0, true), token(1, 0, 3), token(1, 4, 8), token(1, 0, 0, true)];
const places = [trackText("so bad", 10), trackText("not good", 100)];

describe("attention in the document", () => {
  it("marks the token and those it attends to, in both texts, by weight", () => {
    const marks = attentionMarks({ token: 2, keys: [{ token: 1, weight: 0.1 }, { token: 4, weight: 0.6 }, { token: 5, weight: 0.01 }, { token: 2, weight: 0.3 }] }, tokens, places);
    expect(marks).toEqual([{ start: 13, end: 16, level: undefined }, { start: 10, end: 12, level: 1 }, { start: 100, end: 103, level: 6 }, { start: 13, end: 16, level: 3 }]);
  });

  it("leaves out special tokens, tokens that are none, and texts that were edited", () => {
    const keys = [0, 3, 5, 99, -1].map((index) => ({ token: index, weight: 1 }));
    expect(attentionMarks({ token: 0, keys }, tokens, places)).toEqual([{ start: 104, end: 108, level: 6 }]);
    expect(attentionMarks({ token: 2, keys }, tokens, [places[0]!, { ...places[1]!, isIntact: false }])).toEqual([{ start: 13, end: 16, level: undefined }]);
    expect(attentionMarks({ token: 5, keys: [] }, tokens, places.slice(0, 1))).toEqual([]);
  });

  it("marks nothing when nothing is pointed at", () => {
    expect(attentionMarks({ token: undefined, keys: [] }, tokens, places)).toEqual([]);
  });
});

describe("the chosen stretches", () => {
  const document = "  so bad\n\nnot good \n";
  const lineOf = (offset: number): Stretch => {
    const start = document.lastIndexOf("\n", offset - 1) + 1;
    const end = document.indexOf("\n", offset);
    return { start, end: end < 0 ? document.length : end };
  };
  const chosen = (...selections: [number, number][]) => chosenStretches(selections.map(([start, end]) => ({ start, end })), document, lineOf).map(({ start, end }) => document.slice(start, end));

  it("are what is selected, without the white space around it", () => {
    expect(chosen([0, 9])).toEqual(["so bad"]);
    expect(chosen([5, 8])).toEqual(["bad"]);
  });

  it("are the lines of cursors, each once, in the document's order", () => {
    expect(chosen([14, 14], [3, 3], [5, 5])).toEqual(["so bad", "not good"]);
  });

  it("are none on an empty line or in white space", () => {
    expect(chosen([9, 9], [0, 2], [8, 10])).toEqual([]);
  });
});

describe("the text of a line of a table", () => {
  const field = (line: string, at: number, header = "id,text,label") => {
    const { start, end } = fieldAround(line, at, header);
    return line.slice(start, end);
  };

  it("is the longest field, without its quotes, wherever the cursor is", () => {
    const line = '2,"The room was noisy, the bed wasn\'t.",NEGATIVE';
    for (const at of [0, 2, 10, line.length]) expect(field(line, at)).toBe("The room was noisy, the bed wasn't.");
    expect(field("3,so bad,NEGATIVE", 4)).toBe("so bad");
  });

  it("is the field of the cursor where that has several words", () => {
    const line = '"Is it any good?","It is not good at all.",no';
    expect([field(line, 3), field(line, 25), field(line, line.length)]).toEqual(["Is it any good?", "It is not good at all.", "It is not good at all."]);
  });

  it("keeps quotes within, an open quote, an empty field and a single field", () => {
    expect(field('1,"She said ""no"", twice.",x', 5)).toBe('She said ""no"", twice.');
    expect(field('1,"so bad, and', 5)).toBe("so bad, and");
    expect(field('1,"', 2)).toBe("1");
    expect(field(",,not good", 0)).toBe("not good");
    expect([field("so bad", 0), field("", 0)]).toEqual(["so bad", ""]);
  });

  it("is told apart by what separates the first line", () => {
    expect(field("1\tso bad, not good\tx", 3, "id\ttext\tlabel")).toBe("so bad, not good");
    expect(field("1;so bad, not good;x", 0, "id;text;label")).toBe("so bad, not good");
  });
});
