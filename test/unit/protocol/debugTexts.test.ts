/** @file Sentences of a report in a person's language: facts filled in, names translated, whoever fills in first. */
import { describe, expect, it } from "vitest";
import { fillIn } from "../../../src/protocol/errorTexts.js";
import { placeTexts, sentenceText, variantText, variantTexts } from "../../../src/protocol/debugTexts.js";

const upper = (english: string) => english.replace(/(?<!\{\w*)[a-z]+(?!\w*\})/gi, (word) => word.toUpperCase());
const sentence = { code: "highlights", data: { class: "mug", place: "@place:topLeft", share: "45.2 %", area: "4.0 %" } };

describe("sentences", () => {
  it("are translated with the names in them, and facts that are no names stay", () => {
    expect(sentenceText(sentence, upper)).toBe("THE MAP FOR mug HIGHLIGHTS THE TOP LEFT: 45.2 % OF ITS MASS LIES ON 4.0 % OF THE PICTURE.");
  });

  it("are the same whether the translator fills facts in or not", () => {
    expect(sentenceText(sentence, (english, data = {}) => fillIn(english, data))).toBe(sentenceText(sentence, (english) => english));
  });

  it("keep a label that looks like a name or a placeholder", () => {
    const odd = { code: "answerRight", data: { predicted: "@handle", confidence: "{class}" } };
    expect(sentenceText(odd, (english) => english)).toBe("The model says @handle ({class}), which is right.");
    expect(sentenceText({ code: "answerRight", data: { predicted: "@place:nowhere", confidence: "1" } }, (english) => english)).toContain("@place:nowhere");
  });

  it("take other texts, as those of an audit", () => {
    expect(sentenceText({ code: "own", data: { where: "@place:bottom" } }, (english) => english, { own: "Look at {where}." })).toBe(`Look at ${placeTexts.bottom}.`);
  });
});

describe("names of what is tried", () => {
  it("are those of their parts", () => {
    expect(variantText("channels-bgr+scale-0-255", (english) => english)).toBe(`${variantTexts["channels-bgr"]} and ${variantTexts["0-255"]}`);
    expect(variantText("mean-0-255", (english) => english)).toBe(variantText("scale-0-255", (english) => english));
    expect(variantText("channels-bgr+mean-imagenet", (english, data = {}) => fillIn(english, data))).toBe(variantText("channels-bgr+mean-imagenet", (english) => english));
  });

  it("are their ids where nobody knows them", () => {
    expect(variantText("later-addition", (english) => english)).toBe("later-addition");
  });
});
