/** @file The explanations that lie on documents: beginning, settling, replacing, breaking, clearing. */
import { describe, expect, it } from "vitest";
import { createExplainedTexts } from "../../../../src/host/text/explainedTexts.js";
import { textExplanation } from "./textExplanation.js";

const file = "file:///w/reviews.txt";
const choices = { model: "file:///w/m.onnx", method: "occlusion", target: "predicted" } as const;
const document = "one two three four";
const reads = (text: string) => (start: number, end: number) => text.slice(start, end);

function explained(...stretches: readonly string[]) {
  const texts = createExplainedTexts();
  for (const stretch of stretches) texts.settle(texts.begin(file, stretch, document.indexOf(stretch), choices).id, textExplanation({ text: stretch }));
  return texts;
}
const said = (texts: ReturnType<typeof createExplainedTexts>) => texts.of(file).map(({ place }) => place.text);

describe("explained texts", () => {
  it("lie side by side in the document's order", () => {
    expect(said(explained("three", "one"))).toEqual(["one", "three"]);
    expect(explained("three").of("file:///other.txt")).toEqual([]);
  });

  it("replace those they overlap, but only once their own result is in", () => {
    const texts = explained("one", "three");
    const begun = texts.begin(file, "two three", 4, choices);
    expect(said(texts)).toEqual(["one", "three"]);
    expect(texts.pending(file).map(({ id }) => id)).toEqual([begun.id]);
    expect(texts.pending(file, { start: 0, end: 3 })).toEqual([]);
    expect(texts.settle(begun.id, textExplanation())?.place.start).toBe(4);
    expect(said(texts)).toEqual(["one", "two three"]);
    expect(texts.pending()).toEqual([]);
  });

  it("are not settled when their text was edited or they were dropped meanwhile", () => {
    const texts = explained("one");
    const [edited, dropped, moved] = [texts.begin(file, "two", 4, choices), texts.begin(file, "three", 8, choices), texts.begin(file, "four", 14, choices)];
    texts.change(file, [{ rangeOffset: 5, rangeLength: 1, text: "" }], reads("one to three four"));
    texts.drop(dropped.id);
    expect(texts.settle(edited.id, textExplanation())).toBeUndefined();
    expect(texts.settle(dropped.id, textExplanation())).toBeUndefined();
    expect(texts.settle(moved.id, textExplanation())?.place.start).toBe(13);
    expect(said(texts)).toEqual(["one", "four"]);
  });

  it("are found and dropped by the id of one they replaced", () => {
    const texts = explained("two");
    const old = texts.of(file)[0]!.id;
    const [next, last] = [texts.begin(file, "two three", 4, choices), texts.begin(file, "three four", 8, choices)];
    texts.settle(next.id, textExplanation());
    texts.settle(last.id, textExplanation());
    expect(texts.find(old)?.place.text).toBe("three four");
    texts.drop(old);
    expect(said(texts)).toEqual([]);
    expect(texts.find(old)).toBeUndefined();
    expect(texts.find(99)).toBeUndefined();
  });

  it("ask for painting only when an edit touches them, and come back by undo", () => {
    const texts = explained("two");
    expect(texts.change(file, [{ rangeOffset: 0, rangeLength: 0, text: "zero " }], reads(`zero ${document}`))).toBe(false);
    expect(texts.of(file)[0]!.place).toMatchObject({ start: 9, isIntact: true });
    expect(texts.change(file, [{ rangeOffset: 10, rangeLength: 0, text: "x" }], reads("zero one txwo three four"))).toBe(true);
    expect(texts.of(file)[0]!.place.isIntact).toBe(false);
    expect(texts.change(file, [{ rangeOffset: 10, rangeLength: 1, text: "" }], reads("zero one two three four"))).toBe(true);
    expect(texts.of(file)[0]!.place).toMatchObject({ start: 9, isIntact: true });
    expect(texts.change("file:///other.txt", [{ rangeOffset: 0, rangeLength: 9, text: "" }], reads(""))).toBe(false);
  });

  it("are found by an offset, the latest where none is", () => {
    const texts = explained("three", "one");
    const at = (offset: number) => texts.at(file, offset)?.place.text;
    expect([0, 3, 5, 9, 13, 17].map(at)).toEqual(["one", "one", "one", "three", "three", "one"]);
    expect(texts.at("file:///other.txt", 0)).toBeUndefined();
  });

  it("of a document that was opened again stay where their text still is", () => {
    const texts = explained("one", "three");
    texts.reopen(file, reads("one 2 3"));
    expect(said(texts)).toEqual(["one"]);
  });

  it("are cleared by document or all", () => {
    const texts = explained("one");
    texts.settle(texts.begin("untitled:Untitled-1", "x", 0, choices).id, textExplanation());
    expect(texts.documents()).toEqual([file, "untitled:Untitled-1"]);
    texts.clear(file);
    expect(texts.documents()).toEqual(["untitled:Untitled-1"]);
    texts.clear();
    expect(texts.documents()).toEqual([]);
  });
});
