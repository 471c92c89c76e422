/** @file Choices changed one at a time, the parameter form's reading, and the next step beside a map that shows nothing. */
import { describe, expect, it } from "vitest";
import type { Chosen, Explanation, MethodSummary } from "../../../src/protocol/api.js";
import { changeChoice, changedParameters, isSameClass } from "../../../webview/choices.js";
import { completenessText } from "../../../webview/completeness.js";
import { numberHint, readNumber } from "../../../webview/controls/numberParameter.js";
import { methodChoices } from "../../../webview/controls/methodChoices.js";
import { fixesOf } from "../../../webview/fixes.js";
import { catalogue as everyMethod, explanation } from "../../e2e/webviewHarness/syntheticState.js";

const steps = { kind: "number", default: 50, min: 1, max: 1000, integer: true, words: ["auto"] } as const;
const summary = (id: MethodSummary["id"], layers: MethodSummary["layers"], parameters: MethodSummary["parameters"] = {}): MethodSummary =>
  ({ id, family: layers === "none" ? "gradient" : "cam", form: layers === "none" ? "pixels" : "grid", drawn: "max-abs", layers, parameters });
const catalogue = [summary("saliency", "none", { steps, baseline: { kind: "list", default: "black", choices: ["black", "blur"] }, noise: { kind: "tensor" } }), summary("grad-cam", "many"), summary("input-x-gradient", "one")];
const chosen: Chosen = { method: "grad-cam", target: "predicted", versus: undefined, layer: undefined, score: "logit", parameters: {} };
const shown = explanation("grad-cam", 0);
const change = (from: Partial<Chosen>, by: Partial<Chosen>, kept = {}) => changeChoice({ chosen: { ...chosen, ...from }, catalogue, explanation: shown }, by, kept);

describe("choices", () => {
  it("keeps only parameters that differ from the method's own", () => {
    expect(changedParameters(catalogue[0], { steps: 50, baseline: "blur", unknown: 1, noise: "@file" })).toEqual({ baseline: "blur" });
    expect(change({ method: "saliency", parameters: { steps: 20 } }, { parameters: { steps: 50 } }).parameters).toEqual({});
  });

  it("takes up a method with the parameters it had last, never another method's", () => {
    expect(change({ parameters: {} }, { method: "saliency" }, { saliency: { steps: 20, gone: 3 } }).parameters).toEqual({ steps: 20 });
    expect(change({ method: "saliency", parameters: { steps: 20 } }, { method: "grad-cam" }).parameters).toEqual({});
    expect(change({ method: "saliency", parameters: { steps: 20 } }, { score: "probability" })).toMatchObject({ parameters: { steps: 20 }, score: "probability" });
  });

  it("asks for no more layers than the method can look at", () => {
    expect(change({ layer: ["a", "b"] }, { target: 3 }).layer).toEqual(["a", "b"]);
    expect(change({ layer: ["a", "b"] }, { method: "input-x-gradient" }).layer).toBe("a");
    expect(change({ layer: "a" }, { method: "input-x-gradient" }).layer).toBe("a");
  });

  it("holds no class against itself", () => {
    // The likeliest class of the synthetic explanation has index 0.
    expect(change({ versus: 0 }, { target: 3 }).versus).toBe(0);
    expect(change({ target: 3, versus: 0 }, { target: "predicted" }).versus).toBeUndefined();
    expect(change({ target: 3 }, { versus: 3 }).versus).toBeUndefined();
    expect(change({}, { versus: "runner-up" }).versus).toBe("runner-up");
    expect(isSameClass(undefined, "predicted", 0)).toBe(false);
  });
});

describe("parameter form", () => {
  it("says what a number may be", () => {
    expect(numberHint(steps)).toBe("whole number, ≥ 1, ≤ 1000, or auto, default 50");
    expect(numberHint({ kind: "number", default: 0.5 })).toBe("number, default 0.5");
  });

  it.each([["20", 20], ["auto", "auto"], ["", 50], ["0", undefined], ["1001", undefined], ["2.5", undefined], ["many", undefined], ["1e2", 100], ["Infinity", undefined]])("reads %j as %j", (typed, value) => {
    expect(readNumber(steps, typed)).toBe(value);
  });

  it("lists every method once, under its family's heading", () => {
    const choices = methodChoices(everyMethod);
    expect(choices.filter(({ isHeading }) => !isHeading).map(({ value }) => value).toSorted()).toEqual(everyMethod.map(({ id }) => id).toSorted());
    let family = "";
    for (const { value, isHeading } of choices) {
      if (isHeading) family = value;
      else expect(`family ${everyMethod.find(({ id }) => id === value)?.family}`).toBe(family);
    }
    expect(methodChoices(undefined).every(({ isHeading }) => !isHeading)).toBe(true);
  });
});

describe("completeness gap", () => {
  const text = (gap: number, relative: number, more: Partial<Explanation> = {}) => completenessText({ ...shown, completeness: { gap, relative }, facts: { steps: 22 }, ...more });

  it("says its share of the score's difference and the steps, and marks a large one", () => {
    expect(text(-0.02, -0.004)).toBe("Completeness gap 0.4 % of the score's difference · 22 steps");
    expect(text(0, 0, { parameters: { baseline: "blur" } })).toBe("Completeness gap 0.0 % of the score's difference · 22 steps · baseline blur");
    expect(text(1, 0.051)).toBe("⚠ Completeness gap 5.1 % of the score's difference · 22 steps");
  });

  it("is absolute where the score does not differ, and silent where nothing is promised or known yet", () => {
    expect(text(-0.25, -Infinity, { facts: {} })).toBe("⚠ Completeness gap 0.25");
    expect(completenessText(shown)).toBe("");
    expect(text(1, 1, { partial: { done: 1, total: 2 } })).toBe("");
  });
});

describe("next steps", () => {
  const state = (from: Partial<Chosen>, about: Explanation = shown) => ({ chosen: { ...chosen, ...from }, catalogue, explanation: about });

  it("offers the logit for a saturated probability, and nothing that is chosen already", () => {
    expect(fixesOf("saturatedProbability", state({ score: "probability" })).map(({ explain }) => explain)).toEqual([{ score: "logit" }]);
    expect(fixesOf("saturatedProbability", state({}))).toEqual([]);
  });

  it("offers the layer before one that got no gradient, and none before the first", () => {
    expect(fixesOf("zeroGradient", state({}))).toEqual([{ text: "Look at layer3.2/relu_2", explain: { layer: "/layer3/layer3.2/relu_2/Relu_output_0" } }]);
    expect(fixesOf("zeroGradient", state({}, { ...shown, layer: "/layer1/layer1.2/relu_2/Relu_output_0" }))).toEqual([]);
    expect(fixesOf("zeroGradient", state({ method: "saliency" }, explanation("saliency", 0)))).toEqual([]);
  });

  it("offers both signs and the predicted class for a map without a positive value", () => {
    const fixes = fixesOf("allNegativeCam", state({ target: 4 }));
    expect(fixes[0]?.draw).toEqual({ gridValues: "signed", sign: "all" });
    expect(fixes[1]).toEqual({ text: "Explain tabby cat", explain: { target: "predicted" } });
  });

  it("leads from what is missing to the form that states it, and has nothing to offer beside other remarks about files", () => {
    for (const code of ["labelsMissing", "labelsMismatch", "defaultsUsed"] as const) expect(fixesOf(code, state({}))).toEqual([{ text: "Describe…", act: "openSidecar" }]);
    expect(fixesOf("imageReduced", state({}))).toEqual([]);
  });
});
