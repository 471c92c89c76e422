/** @file Texts followed through edits: against a document that the same edits are made in. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { follow, overlap, recheck, trackText, type TextChange, type TrackedText } from "../../../../src/host/text/trackedText.js";

const before = "first line\nthe film is bad\nlast line";
const explained = "the film is bad";

/** A document with the text tracked in it; `edit` replaces the first occurrence of a piece, or inserts at an offset. */
function opened(document = before, text = explained) {
  let now = document;
  let tracked = trackText(text, document.indexOf(text));
  return {
    change(...changes: TextChange[]): TrackedText {
      for (const { rangeOffset, rangeLength, text: inserted } of changes) now = now.slice(0, rangeOffset) + inserted + now.slice(rangeOffset + rangeLength);
      tracked = follow(tracked, changes, (start, end) => now.slice(start, end));
      return tracked;
    },
    replace(from: string, to: string) {
      return this.change({ rangeOffset: now.indexOf(from), rangeLength: from.length, text: to });
    },
    says: () => now.slice(tracked.start, tracked.end),
    text: () => now,
  };
}

describe("a text that is followed", () => {
  it("moves with edits before it and stays with edits behind it", () => {
    const document = opened();
    expect(document.replace("first", "the very first")).toMatchObject({ isIntact: true });
    expect(document.replace("last line", "")).toMatchObject({ isIntact: true });
    expect(document.says()).toBe(explained);
  });

  it("is not torn by what is written right before and right behind it", () => {
    const document = opened();
    const at = before.indexOf(explained);
    expect(document.change({ rangeOffset: at, rangeLength: 0, text: "> " })).toMatchObject({ start: at + 2, isIntact: true });
    expect(document.change({ rangeOffset: at + 2 + explained.length, rangeLength: 0, text: "!" })).toMatchObject({ start: at + 2, end: at + 2 + explained.length, isIntact: true });
  });

  it("breaks where a letter is added or taken, and is whole again when that is undone", () => {
    for (const [from, to] of [["film", "films"], ["film", "fil"], ["the film", "film"], ["bad", "ba"]] as const) {
      const document = opened();
      expect(document.replace(from, to), `${from} to ${to}`).toMatchObject({ isIntact: false });
      expect(document.replace(to, from), `${to} back to ${from}`).toMatchObject({ isIntact: true, start: before.indexOf(explained) });
    }
  });

  it("comes back where it was after everything was deleted and restored, with an equal text before it", () => {
    const document = opened(`${explained}\n${explained}\n${explained}`);
    const second = opened(`${explained}\n${explained}`);
    // The second of two equal lines is followed, by hand.
    const whole = `${explained}\n${explained}`;
    let tracked = trackText(explained, explained.length + 1);
    tracked = follow(tracked, [{ rangeOffset: 0, rangeLength: whole.length, text: "" }], () => "");
    expect(tracked).toMatchObject({ isIntact: false, start: 0, end: 0 });
    tracked = follow(tracked, [{ rangeOffset: 0, rangeLength: 0, text: whole }], (start, end) => whole.slice(start, end));
    expect(tracked).toMatchObject({ isIntact: true, start: explained.length + 1 });
    for (const one of [document, second]) {
      one.change({ rangeOffset: 0, rangeLength: one.text().length, text: one.text() });
      expect(one.says()).toBe(explained);
    }
  });

  it("stays when a formatter writes the same text once more", () => {
    expect(opened().change({ rangeOffset: 0, rangeLength: before.length, text: before })).toMatchObject({ isIntact: true, start: before.indexOf(explained) });
  });

  it("takes several edits of one event in their order", () => {
    const at = before.indexOf(explained);
    // As VS Code tells the edits of several cursors: from the last to the first.
    expect(opened().change({ rangeOffset: before.length, rangeLength: 0, text: "." }, { rangeOffset: 5, rangeLength: 0, text: "." }, { rangeOffset: 0, rangeLength: 1, text: "F" })).toMatchObject({ start: at + 1, isIntact: true });
  });

  it("says the document's own text whatever is edited, and is intact exactly when that is the same text in one piece", () => {
    const edit = fc.record({ at: fc.nat(40), removed: fc.nat(6), text: fc.stringMatching(/^[a-z ]{0,4}$/) });
    fc.assert(fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
      const document = opened("aa qzx bb cc", "qzx");
      for (const { at, removed, text } of edits) {
        const from = Math.min(at, document.text().length);
        const tracked = document.change({ rangeOffset: from, rangeLength: Math.min(removed, document.text().length - from), text });
        expect(tracked.start).toBeGreaterThanOrEqual(0);
        expect(tracked.end).toBeGreaterThanOrEqual(tracked.start);
        expect(tracked.end).toBeLessThanOrEqual(document.text().length);
        if (tracked.isIntact) expect(document.says()).toBe("qzx");
        else expect(document.says()).not.toContain("qzx");
      }
    }), { numRuns: 2000, seed: 1 });
  });

  it("is looked for again in a document that was opened anew", () => {
    const tracked = trackText("film", 4);
    expect(recheck(tracked, (start, end) => "the film".slice(start, end)).isIntact).toBe(true);
    expect(recheck(tracked, (start, end) => "a film".slice(start, end)).isIntact).toBe(false);
  });
});

describe("overlap", () => {
  it.each([
    [[0, 5], [5, 9], false], [[0, 5], [4, 9], true], [[2, 3], [0, 9], true], [[4, 4], [0, 9], true], [[9, 9], [0, 9], false],
  ] as const)("of %j and %j is %s", ([start, end], [from, to], expected) => {
    expect(overlap({ start, end }, { start: from, end: to })).toBe(expected);
    expect(overlap({ start: from, end: to }, { start, end })).toBe(expected);
  });
});
