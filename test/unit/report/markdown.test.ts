/** @file Text in Markdown shows as it is, whatever files and labels are called. Expected forms follow CommonMark's rules for backslash escapes. */
import { expect, it } from "vitest";
import { escapeMarkdown, markdownPicture, markdownTable } from "../../../src/report/markdown.js";

it.each([
  ["plain text, 5 % of it.", "plain text, 5 % of it."], ["*a* _b_ `c`", "\\*a\\* \\_b\\_ \\`c\\`"], ["<img src=x>", "\\<img src=x\\>"], ["[a](b)", "\\[a\\](b)"], ["a | b", "a \\| b"], ["# a", "\\# a"],
  ["1. a", "1\\. a"], ["12) a", "12\\) a"], ["- a", "\\- a"], ["+ a", "\\+ a"], ["-5", "-5"], ["1.5", "1.5"], ["two\nlines\tand\u0007more", "two lines and more"], ["&amp; \\", "\\&amp; \\\\"],
])("%j", (text, expected) => expect(escapeMarkdown(text)).toBe(expected));

it("names pictures by paths that hold anything", () => {
  expect(markdownPicture("a]b", "my report-pictures/#1 (2)?.jpg")).toBe("![a\\]b](my%20report-pictures/%231%20%282%29%3F.jpg)");
});

it("flushes numbers right", () => {
  expect(markdownTable(["a", "n"], [["x", "1"]], [1])).toBe("| a | n |\n| :-- | --: |\n| x | 1 |");
});
