/** @file What is said about an explained text: hover, headline and table. */
import { describe, expect, it } from "vitest";
import { headline, hoverText, percent, signed, tableText } from "../../../../src/host/text/textSentences.js";
import { unitsOf, type TextUnitKind } from "../../../../src/host/text/textUnits.js";
import type { TextExplanation } from "../../../../src/protocol/text.js";
import { textExplanation } from "./textExplanation.js";

const plain = (english: string) => english;
const hover = (index: number, change: Partial<TextExplanation> = {}, kind: TextUnitKind = "word") => {
  const explanation = textExplanation(change);
  const units = unitsOf(explanation, kind, "blue-orange");
  return hoverText(units[index]!, units.length, kind, explanation, plain);
};

describe("numbers", () => {
  it.each([[0.982, "98.2 %"], [0, "0.0 %"], [0.0001, "<0.1 %"], [1, "100.0 %"]])("%d is %s", (share, text) => expect(percent(share)).toBe(text));
  it.each([[0.6249, "+0.625"], [-0.05, "−0.05"], [0, "0"], [-0, "0"], [12345.6, "+12300"], [-0.00012, "−1.2e-4"]])("%d is %s", (value, text) => expect(signed(value)).toBe(text));
});

describe("the hover", () => {
  it("says value, direction, rank, raw value, pieces, class, method and model", () => {
    expect(hover(1).split("\n\n")).toEqual([
      "`terrible` **+0.4** · speaks for NEGATIVE", "rank 3 of 5 words · raw \\+2", "`ter` +0.6 · `##rible` −0.2", "---",
      "NEGATIVE 98\\.2 % · Integrated Gradients · sentiment",
    ]);
    expect(hover(3)).toContain("`terrible` **−0.6** · speaks against NEGATIVE");
    expect(hover(0)).toContain("speaks neither for nor against NEGATIVE");
    expect(hover(2, {}, "token")).toContain("rank 4 of 6 tokens");
  });

  it("names the class it is held against", () => {
    expect(hover(1, { versus: textExplanation().predictions[1] })).toContain("speaks for NEGATIVE rather than POSITIVE");
  });

  it("claims no direction for a method that has none", () => {
    expect(hover(1, { method: "gradient-norm" })).toContain("**0.4** · NEGATIVE depends on it by this much, in either direction");
  });

  it("brings the remarks", () => {
    expect(hover(1, { notes: [{ code: "textWindowed", data: { tokens: 900, longest: 512, windows: 3 } }] })).toContain("$(warning) The text has 900 tokens");
  });

  it("shows the reader's characters as they are, whatever they mean in Markdown", () => {
    const text = "``a` [x](command:y) $(zap)";
    const explanation = textExplanation({ text, words: [{ text, part: 0, start: 0, end: text.length, from: 1, to: 2, raw: 1, attribution: 1 }], target: { index: 0, label: "<img>[a](b)$(zap)", logit: 0, probability: 0.5 } });
    const [first, , , last] = hoverText(unitsOf(explanation, "word", "blue-orange")[0]!, 1, "word", explanation, plain).split("\n\n");
    expect(first).toBe("``` ``a` [x](command:y) $(zap) ``` **+1** · speaks for \\<img\\>\\[a\\]\\(b\\)\\$\\(zap\\)");
    expect(last).toContain("\\<img\\>\\[a\\]\\(b\\)\\$\\(zap\\) 50\\.0 %");
  });
});

describe("the table", () => {
  it("holds every number that the colours stand for", () => {
    const explanation = textExplanation();
    const lines = tableText(explanation, unitsOf(explanation, "word", "blue-orange"), plain).split("\n");
    expect(lines[0]).toBe("NEGATIVE 98.2 % · Integrated Gradients");
    expect(lines).toContain("Completeness gap: +0.004, 0.1 % of the score's difference");
    expect(lines).toContain("Runtime: ONNX Runtime 1.30.0, CPU, 43 ms");
    expect(lines).toContain("   98.2 %  NEGATIVE");
    const table = lines.slice(lines.indexOf("rank  attribution    raw  text"));
    expect(table.slice(0, 6)).toEqual([
      "rank  attribution    raw  text", "   4            0      0  a", "   3         +0.4     +2  terrible", "   5            0      0  ,", "   1         −0.6     −3  terrible", "   2        +0.49  +2.45  film",
    ]);
    expect(lines.at(-4)).toBe("Special tokens, which stand for no characters: [CLS] 0, [SEP] 0");
  });

  it("quotes labels that begin with a space, as tokens do", () => {
    expect(headline(textExplanation({ target: { index: 5, label: " the", logit: 1, probability: 0.25 } }), plain)).toBe(`" the" 25.0 % · Integrated Gradients`);
  });
});
