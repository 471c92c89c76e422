/** @file What is said about invented evidence: every sentence of the report is reached, with all of its facts, and in a sensible order. */
import { describe, expect, it } from "vitest";
import { causesOf } from "../../../../src/engine/debug/causes.js";
import { percent } from "../../../../src/engine/debug/debugSentence.js";
import { qualityFlags, type Gathered, type Sentence } from "../../../../src/engine/debug/evidence.js";
import { findingsOf, verdictOf } from "../../../../src/engine/debug/findings.js";
import { textbookOf } from "../../../../src/engine/debug/textbook.js";
import { debugTexts, sentenceText } from "../../../../src/protocol/debugTexts.js";
import { fix, focusWith, gathered, masking, near, qualityWith, result } from "./gathered.js";

const apart = { iou: 0.05, shared: 0.1, correlation: -0.2 };
const right = (probability: number, rank: number, margin = 0.6 - probability): Partial<Gathered> => ({ true: { index: 2, label: "fish", probability, rank }, margin: { probability: margin, logit: 2 } });
const correct = { true: gathered().predicted };
const blank = focusWith({ region: { x: 0, y: 0, width: 0, height: 0 }, regionMass: 0, regionArea: 0, border: 0, corner: 0, uniform: 0, outside: 0 });
const shortcut = gathered({
  variants: [...masking([[0.1, 0.8], [0.4, 0.5]]), result("keep-hot", "mask", { predictedProbability: 0.7 }), fix("crop-topLeft", "crop", 0.9), result("flip", "flip")], overlap: apart,
  focus: { predicted: focusWith({ place: "bottomRight", border: 0.6, corner: 0.5, cornerPlace: "bottomRight", uniform: 0.8, uniformArea: 0.5 }), true: focusWith({ border: 0.7 }) },
});

/** Cases that together say everything that can be said. */
const cases: Readonly<Record<string, Gathered>> = {
  shortcut,
  nothing: gathered(),
  right: gathered({ ...correct, variants: [...masking([[0.5, 0.5], [0.5, 0.5]]), result("flip", "flip")], neighbours: { searched: 9, found: [near(1)] } }),
  rightFragile: gathered({ ...correct, variants: [result("flip", "flip"), result("rotate-5", "rotation", { predicted: 3, confidence: 0.5 })] }),
  expected: gathered({ expected: { index: 3, label: "car", probability: 0.1, rank: 4 } }),
  blank: gathered({ focus: { predicted: blank, true: blank } }),
  maskLittle: gathered({ variants: [...masking([[0.58, 0.03], [0.57, 0.03]]), result("keep-hot", "mask", { predicted: 3, predictedProbability: 0.2 }), result("flip", "flip"), result("channels-bgr", "preprocessing")] }),
  preprocessing: gathered({ variants: [fix("channels-bgr", "preprocessing", 0.95), fix("scale-0-1", "preprocessing", 0.4)] }),
  preprocessingAndMore: gathered({ variants: [fix("channels-bgr", "preprocessing", 0.95), fix("flip", "flip", 0.9), fix("rotate-5", "rotation", 0.9)] }),
  label: gathered({ predicted: { index: 1, label: "mug", probability: 0.95, rank: 1 }, neighbours: { searched: 9, found: [near(1), near(1), near(1), near(1)] } }),
  duplicates: gathered({ neighbours: { searched: 9, found: [near(1, { isDuplicate: true }), near(2, { isDuplicate: true }), near(2)] } }),
  neighboursElsewhere: gathered({ neighbours: { searched: 9, found: [near(3)] } }),
  neighboursNone: gathered({ neighbours: { searched: 9, found: [] } }),
  hidden: gathered({ quality: qualityWith({ cutOff: 0.4 }), variants: [fix("crop-whole", "crop", 0.7)] }),
  quality: gathered({ quality: qualityWith({ flags: [...qualityFlags], cutOff: 0.6 }) }),
  similar: gathered({ ...right(0.3, 2), overlap: { iou: 0.7, shared: 0.8, correlation: 0.8 } }),
  borderline: gathered(right(0.55, 2, 0.05)),
  hardly: gathered(right(0.001, 40)),
  undecided: gathered({ entropy: { nats: 4.5, share: 0.97 } }),
};
const saidOf = (evidence: Gathered): readonly Sentence[] => [
  verdictOf(evidence), ...findingsOf(evidence), ...causesOf(evidence).flatMap((cause) => cause.evidence), ...textbookOf(evidence.true.probability, evidence.true.rank),
];
const codes = (sentences: readonly Sentence[]) => sentences.map(({ code }) => code);

describe("what is said", () => {
  it("reaches every sentence, and nothing but known ones", () => {
    const said = new Set([...Object.values(cases).flatMap((evidence) => codes(saidOf(evidence))), ...codes(textbookOf(0.001, 9)), ...codes(textbookOf(0.2, 2)), ...codes(textbookOf(0.2, 9))]);
    expect([...said].toSorted()).toEqual(Object.keys(debugTexts).toSorted());
  });

  it.each(Object.entries(cases))("has all facts of its sentences: %s", (_, evidence) => {
    for (const sentence of saidOf(evidence)) {
      expect(sentenceText(sentence, (english) => english)).not.toMatch(/[{}@]|undefined|NaN/);
    }
  });

  it.each(Object.entries(cases))("says nothing twice: %s", (_, evidence) => {
    const texts = findingsOf(evidence).map((sentence) => sentenceText(sentence, (english) => english));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(Object.entries(cases))("holds in the findings whatever is evidence of a cause: %s", (_, evidence) => {
    const found = findingsOf(evidence).map((sentence) => JSON.stringify(sentence));
    for (const cause of causesOf(evidence)) for (const sentence of cause.evidence) expect(found).toContain(JSON.stringify(sentence));
  });

  it("begins with the answer and goes on with what speaks for the likeliest cause", () => {
    const order = (evidence: Gathered, first: string, then: string) => {
      const said = codes(findingsOf(evidence));
      expect(said[0]).toMatch(/^answer/);
      expect(said.indexOf(first)).toBeGreaterThan(0);
      expect(said.indexOf(first)).toBeLessThan(said.indexOf(then));
    };
    order(shortcut, "maskChanges", "fixedBy");
    order(cases["preprocessing"]!, "preprocessingFixes", "highlights");
    order(cases["label"]!, "neighboursAgree", "highlights");
  });

  it("has the numbers of the counter-test, of the filling from the surroundings", () => {
    expect(findingsOf(shortcut).filter(({ code }) => code.startsWith("mask"))).toEqual([
      { code: "maskChanges", data: { class: "mug", place: "@place:bottomRight", before: "60.0 %", after: "10.0 %", control: "58.0 %" } },
      { code: "maskChangesTrue", data: { class: "fish", before: "2.0 %", after: "80.0 %", control: "3.0 %" } },
      { code: "maskTurns", data: { class: "fish", probability: "80.0 %" } },
      { code: "maskDisagrees", data: { class: "mug", after: "40.0 %", first: "10.0 %" } },
    ]);
  });

  it("counts the near files that are not the same picture", () => {
    expect(findingsOf(cases["duplicates"]!).filter(({ code }) => /^(?:neighbours|duplicate)/.test(code))).toEqual([
      { code: "duplicateOther", data: { file: "1/a.jpg", label: "mug", true: "fish" } }, { code: "duplicateSame", data: { file: "2/a.jpg", label: "fish", true: "fish" } },
      { code: "neighboursWithLabel", data: { count: 1, agree: 0, with: 1, predicted: "mug", true: "fish" } },
    ]);
  });

  it("says nothing of the true class's map or of fixes where the answer is right", () => {
    expect(codes(findingsOf(cases["right"]!))).toEqual(["answerRight", "highlights", "maskChanges", "steady", "neighboursRight"]);
  });
});

describe("the verdict", () => {
  it.each([
    ["shortcut", "verdictBackground"], ["nothing", "verdictOpen"], ["right", "verdictRight"], ["rightFragile", "verdictRightFragile"], ["preprocessing", "verdictPreprocessing"], ["label", "verdictLabelError"],
    ["duplicates", "verdictDuplicate"], ["hidden", "verdictHidden"], ["quality", "verdictQuality"], ["similar", "verdictSimilarClasses"], ["borderline", "verdictBorderline"], ["hardly", "verdictHardlyConsidered"],
  ])("of %s is %s", (name, code) => {
    expect(verdictOf(cases[name]!).code).toBe(code);
  });

  it("names no cause that only weak evidence speaks for", () => {
    const weak = gathered({ quality: qualityWith({ flags: ["elongated"] }) });
    expect(causesOf(weak)).toMatchObject([{ id: "quality", strength: "weak" }]);
    expect(verdictOf(weak).code).toBe("verdictOpen");
  });

  it("is one sentence that a person can read", () => {
    expect(sentenceText(verdictOf(shortcut), (english) => english)).toBe(
      "The model says mug (60.0 %) instead of fish, and the answer seems to rest on one part of the picture (the bottom right): masking it brings fish from 2.0 % to 80.0 %.",
    );
  });
});

it("shares are shown with one decimal, never as nothing or all where they are not", () => {
  expect([0.4523, 0, 1, 0.0001, 0.99999, 0.0005].map(percent)).toEqual(["45.2 %", "0.0 %", "100.0 %", "< 0.1 %", "> 99.9 %", "0.1 %"]);
});
