/** @file Which class a label means, and which class a file's name speaks of. */
import { describe, expect, it } from "vitest";
import { labelNames } from "../../../../src/worker/labels/labelNames.js";

const names = labelNames(["pug", "bull mastiff", "tabby, tabby cat", "tiger cat", "n02110958 Egyptian cat", "cat", "stop_sign"], 7);

describe("a label", () => {
  it.each([
    ["pug", 0], ["PUG", 0], ["bull_mastiff", 1], ["Bull-Mastiff", 1], ["tabby cat", 2], ["tabby", 2], ["n02110958", 4], ["egyptian_cat", 4], ["stop sign", 6], ["3", 3], [5, 5],
    ["7", undefined], [7, undefined], [-1, undefined], [1.5, undefined], ["dog", undefined], ["", undefined],
  ] as const)("%s is class %s", (label, index) => expect(names.find(label)).toBe(index));

  it("that is a class's name and another's index is the name", () => expect(labelNames(["one", "0"], 2).find("0")).toBe(1));
  it("that only differs in spelling from two classes means neither", () => {
    const alike = labelNames(["stop sign", "stop-sign", "crane", "crane, bird"], 4);
    expect([alike.find("stop sign"), alike.find("stop_sign"), alike.find("crane"), alike.find("bird")]).toEqual([0, undefined, 2, 3]);
  });
  it("is an index alone where a model has no labels", () => expect([labelNames(undefined, 3).find("2"), labelNames(undefined, 3).find("pug")]).toEqual([2, undefined]));
  it("named is no index", () => expect([names.named("3"), names.named("pug")]).toEqual([undefined, 0]));
});

describe("a file's name", () => {
  it.each([
    ["pug_01", 0], ["01-pug", 0], ["pug01", 0], ["Pug (3)", 0], ["n02110958_1234", 4], ["tiger_cat.0007", 3], ["cat-5", 5], ["img_stop_sign", 6], ["pug", 0],
    ["pugnacious", undefined], ["spug", undefined], ["a pug here", undefined], ["IMG_0003", undefined], ["3", undefined], ["photo", undefined],
  ] as const)("%s speaks of %s", (stem, index) => expect(names.inName(stem)).toBe(index));

  it("between two classes of one length decides for neither, else for the longer", () => {
    const two = labelNames(["mug", "car", "umbrella"], 3);
    expect([two.inName("mug-car"), two.inName("mug-umbrella"), two.inName("mug-mug")]).toEqual([undefined, 2, 0]);
  });
});

it("near labels are spelt alike, or are parts of each other", () => {
  expect(names.near("pgu")[0]).toBe("pug");
  expect(names.near("cat")).toContain("tiger cat");
  expect(names.near("bulmastif")).toEqual(["bull mastiff"]);
  expect(names.near("xylophone")).toEqual([]);
});
