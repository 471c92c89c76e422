/** @file Which causes are named for invented evidence, how strongly, and in what order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { causesOf } from "../../../../src/engine/debug/causes.js";
import { causeIds, qualityFlags, variantFamilies, type Gathered } from "../../../../src/engine/debug/evidence.js";
import { textbookOf } from "../../../../src/engine/debug/textbook.js";
import { fix, focusWith, gathered, masking, near, qualityWith, result } from "./gathered.js";

const strengths = (evidence: Gathered) => Object.fromEntries(causesOf(evidence).map(({ id, strength }) => [id, strength]));
const apart = { iou: 0.05, shared: 0.1, correlation: -0.2 };
const right = (probability: number, rank: number, margin = 0.6 - probability): Partial<Gathered> => ({ true: { index: 2, label: "fish", probability, rank }, margin: { probability: margin, logit: 2 } });

describe("causes", () => {
  it("are none where nothing speaks for any, and none for a right answer", () => {
    expect(strengths(gathered())).toEqual({});
    expect(causesOf(gathered({ true: gathered().predicted, variants: masking([[0.1, 0.1], [0.1, 0.1]]), quality: qualityWith({ flags: ["dark"] }) }))).toEqual([]);
  });

  describe("background", () => {
    const judged = (variants: Gathered["variants"], overlap = apart) => strengths(gathered({ variants, overlap }))["background"];

    it("is strong where masking the hot region brings the true class first, however it is filled, and masking elsewhere does not", () => {
      expect(judged(masking([[0.1, 0.8], [0.2, 0.5]]))).toBe("strong");
    });
    it("is no stronger than the filling that says less", () => {
      expect(judged(masking([[0.1, 0.8], [0.5, 0.3]]))).toBe("moderate");
      expect(judged(masking([[0.1, 0.8], [0.58, 0.04]]))).toBeUndefined();
    });
    it("is weak where only the wrong class falls", () => {
      expect(judged(masking([[0.2, 0.03], [0.3, 0.03]]))).toBe("weak");
    });
    it("is nothing where masking elsewhere does as much", () => {
      expect(judged(masking([[0.1, 0.8], [0.1, 0.8]], [0.1, 0.85]))).toBeUndefined();
    });
    it("is nothing where the true class's map lies there too", () => {
      expect(judged(masking([[0.1, 0.8], [0.2, 0.5]]), { iou: 0.5, shared: 0.6, correlation: 0.5 })).toBeUndefined();
    });
  });

  describe("preprocessing", () => {
    const judged = (variants: Gathered["variants"], over: Partial<Gathered> = {}) => strengths(gathered({ variants, ...over }))["preprocessing"];

    it("is as strong as the fix is sure", () => {
      expect(judged([fix("channels-bgr", "preprocessing", 0.97)])).toBe("strong");
      expect(judged([fix("channels-bgr", "preprocessing", 0.7)])).toBe("moderate");
      expect(judged([fix("channels-bgr", "preprocessing", 0.3)])).toBe("weak");
      expect(judged([result("channels-bgr", "preprocessing")])).toBeUndefined();
    });
    it("counts less where a small change fixes it nearly as surely, unless the model is undecided anyway", () => {
      const variants = [fix("channels-bgr", "preprocessing", 0.97), fix("rotate-5", "rotation", 0.9)];
      expect(judged(variants)).toBe("moderate");
      expect(judged([variants[0]!, fix("rotate-5", "rotation", 0.8)])).toBe("strong");
      expect(judged([...variants, ...["flip", "rotate-10", "rotate-15"].map((id) => result(id, "rotation"))])).toBe("strong");
      expect(judged(variants, { entropy: { nats: 4.5, share: 0.97 } })).toBe("strong");
    });
    it("counts least where the hot region explains it: other channels take a shortcut's colour away", () => {
      expect(judged([...masking([[0.1, 0.8], [0.1, 0.8]]), fix("channels-bgr", "preprocessing", 0.97)], { overlap: apart })).toBe("weak");
    });
    it("is none where a change makes the model unsure of everything", () => {
      expect(judged([fix("mean-0-1", "preprocessing", 0.11)])).toBeUndefined();
      expect(judged([fix("mean-0-1", "preprocessing", 0.11)], { predicted: { index: 1, label: "mug", probability: 0.12, rank: 1 } })).toBe("weak");
    });
    it("is weak where only size or interpolation is another", () => {
      expect(judged([fix("resize-margin", "preprocessing", 0.99), fix("interpolation-nearest", "preprocessing", 0.99)])).toBe("weak");
    });
  });

  describe("labelError", () => {
    const judged = (labels: readonly number[], over: Partial<Gathered> = {}) => strengths(gathered({ neighbours: { searched: 50, found: labels.map((label) => near(label)) }, ...over }))["labelError"];
    const sure = { predicted: { index: 1, label: "mug", probability: 0.97, rank: 1 } };

    it("goes by how many of the nearest bear the predicted label", () => {
      expect(judged([1, 1, 1, 1, 2], sure)).toBe("strong");
      expect(judged([1, 1, 1, 1, 2])).toBe("moderate");
      expect(judged([1, 1, 2, 3])).toBe("weak");
      expect(judged([2, 2, 2, 1])).toBeUndefined();
      expect(judged([])).toBeUndefined();
    });
    it("is weak where a shortcut explains the answer, since the features share it", () => {
      expect(judged([1, 1, 1, 1, 1], { ...sure, overlap: apart, variants: masking([[0.1, 0.8], [0.1, 0.8]]) })).toBe("weak");
    });
    it("is weak where the model is undecided", () => {
      expect(judged([1, 1, 1, 1, 1], { ...sure, entropy: { nats: 4.5, share: 0.97 } })).toBe("weak");
    });
    it("is strong where nearly the same picture bears the predicted label", () => {
      expect(strengths(gathered({ neighbours: { searched: 9, found: [near(1, { isDuplicate: true }), near(2)] } }))["labelError"]).toBe("strong");
      expect(strengths(gathered({ neighbours: { searched: 9, found: [near(2, { isDuplicate: true }), near(2)] } }))["labelError"]).toBeUndefined();
    });
  });

  describe("hidden", () => {
    const judged = (over: Partial<Gathered>) => strengths(gathered(over))["hidden"];

    it("is strong where much was cut off and the whole picture is answered right", () => {
      expect(judged({ quality: qualityWith({ cutOff: 0.4 }), variants: [fix("crop-whole", "crop", 0.7)] })).toBe("strong");
      expect(judged({ quality: qualityWith({ cutOff: 0.4 }), variants: [result("crop-whole", "crop", { trueProbability: 0.3 })] })).toBe("moderate");
      expect(judged({ quality: qualityWith({ cutOff: 0.4 }) })).toBe("weak");
    });
    it("is moderate where a part alone is answered right, unless the part leaves out a shortcut", () => {
      expect(judged({ variants: [fix("crop-0.6", "crop", 0.7)] })).toBe("moderate");
      expect(judged({ variants: [fix("crop-0.6", "crop", 0.7), ...masking([[0.1, 0.8], [0.1, 0.8]])], overlap: apart })).toBeUndefined();
    });
    it("is weak where the true class's map lies at the edge", () => {
      expect(judged({ focus: { predicted: focusWith({}), true: focusWith({ border: 0.7 }) } })).toBe("weak");
    });
  });

  it("quality: a flag speaks for it, most where a change of light fixes it; what is cut off belongs to hidden", () => {
    const judged = (over: Partial<Gathered>) => strengths(gathered(over))["quality"];
    expect(judged({ quality: qualityWith({ flags: ["dark"] }), variants: [fix("brighter", "brightness", 0.5)] })).toBe("strong");
    expect(judged({ quality: qualityWith({ flags: ["blurred"] }) })).toBe("moderate");
    expect(judged({ quality: qualityWith({ flags: ["elongated"] }) })).toBe("weak");
    expect(judged({ quality: qualityWith({ flags: ["cropped"] }) })).toBeUndefined();
  });

  it("similarClasses: the maps lie on the same places and the true class is near the top", () => {
    const judged = (shared: number, over: Partial<Gathered>) => strengths(gathered({ overlap: { iou: 0.6, shared, correlation: 0.8 }, ...over }))["similarClasses"];
    expect(judged(0.8, right(0.3, 2))).toBe("strong");
    expect(judged(0.8, right(0.05, 4))).toBe("moderate");
    expect(judged(0.5, right(0.05, 2))).toBe("weak");
    expect(judged(0.5, right(0.05, 4))).toBeUndefined();
    expect(judged(0.5, right(0.009, 2))).toBeUndefined();
    expect(judged(0.8, { ...right(0.3, 2), entropy: { nats: 4.5, share: 0.97 } })).toBe("weak");
  });

  it("borderline: the true class is near the top, more so by a small margin or where small changes turn the answer", () => {
    const judged = (over: Partial<Gathered>) => strengths(gathered(over))["borderline"];
    expect(judged(right(0.55, 2, 0.05))).toBe("strong");
    expect(judged(right(0.4, 2, 0.2))).toBe("moderate");
    expect(judged(right(0.05, 5))).toBe("weak");
    expect(judged({ ...right(0.05, 5), variants: [fix("flip", "flip", 0.5), result("rotate-5", "rotation")] })).toBe("strong");
    expect(judged({ ...right(0.05, 5), variants: [fix("flip", "flip", 0.5), result("rotate-5", "rotation"), result("rotate-10", "rotation")] })).toBe("moderate");
    expect(judged(right(0.05, 6))).toBeUndefined();
    expect(judged(right(0.009, 2))).toBeUndefined();
  });

  it("hardlyConsidered: below 1 %; it stands back where something else explains it", () => {
    expect(strengths(gathered(right(0.009, 2)))["hardlyConsidered"]).toBe("strong");
    expect(strengths(gathered(right(0.01, 8)))["hardlyConsidered"]).toBeUndefined();
    expect(causesOf(gathered({ ...right(0.001, 9), quality: qualityWith({ flags: ["blurred"] }) })).map(({ id }) => id)).toEqual(["quality", "hardlyConsidered"]);
  });

  it("come strongest first, each once, each with evidence, whatever was gathered", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const ids = ["mask-hot", "mask-elsewhere", "mask-hot-mean", "mask-elsewhere-mean", "keep-hot", "crop-0.8", "crop-whole", "flip", "rotate-5", "darker", "channels-bgr", "scale-0-255", "resize-short"];
    const variants = fc.tuple(...ids.map((id, i) => fc.record({
      id: fc.constant(id), family: fc.constant(variantFamilies[[0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 5, 5][i]!]!), predicted: fc.integer({ min: 1, max: 3 }), confidence: share, predictedProbability: share, trueProbability: share, fixes: fc.boolean(),
    })));
    const evidence = fc.record({
      probability: share, rank: fc.integer({ min: 2, max: 100 }), margin: share, entropy: share, iou: share, shared: share, border: share, cutOff: share, variants, flags: fc.subarray([...qualityFlags]),
      labels: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean()), { maxLength: 6 }),
    });
    fc.assert(fc.property(evidence, (e) => {
      const causes = causesOf(gathered({
        true: { index: 2, label: "fish", probability: e.probability, rank: e.rank }, margin: { probability: e.margin, logit: 1 }, entropy: { nats: 1, share: e.entropy }, overlap: { iou: e.iou, shared: e.shared, correlation: null },
        focus: { predicted: focusWith({}), true: focusWith({ border: e.border }) }, variants: e.variants, quality: qualityWith({ flags: e.flags, cutOff: e.cutOff }),
        neighbours: { searched: 20, found: e.labels.map(([label, isDuplicate]) => near(label, { isDuplicate })) },
      }));
      const order = causes.map(({ id, strength }) => ["strong", "moderate", "weak"].indexOf(strength) * causeIds.length + causeIds.indexOf(id));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(new Set(order).size).toBe(order.length);
      expect(causes.filter(({ evidence: said }) => said.length === 0)).toEqual([]);
    }));
  });
});

describe("the textbook's reading", () => {
  const codes = (probability: number, rank: number) => textbookOf(probability, rank).map(({ code }) => code);
  it.each([
    [0.0099, 1, "textbookHardly"], [0.0099, 50, "textbookHardly"], [0.01, 5, "textbookBorderline"], [0.2, 2, "textbookBorderline"], [0.01, 6, "textbookElse"], [0.05, 9, "textbookElse"],
  ])("of probability %f at rank %i is %s, in two sentences", (probability, rank, first) => {
    expect(codes(probability, rank)).toEqual([first, `${first}Why`]);
  });
});
