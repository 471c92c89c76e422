/** @file When another preprocessing counts as likely, by answers made up image by image. */
import { describe, expect, it } from "vitest";
import { judgeTrials, type TriedChange } from "../../../../src/engine/audit/trials.js";
import { randomFrom } from "./random.js";

/** A change under which the label's log-probability moves by `gains`, from -1, of two classes in turn: what gains much was wrong, and what loses is wrong with it. */
const change = (id: string, gains: readonly number[]): TriedChange => ({
  id, answers: gains.map((gain, i) => [{ label: i % 2, logProbability: -1, isRight: gain <= 0.5 }, { label: i % 2, logProbability: -1 + gain, isRight: gain > 0 }] as const),
});
/** The same answers, right or wrong both ways. */
const all = ({ id, answers }: TriedChange, isRight: boolean): TriedChange => ({ id, answers: answers.map(([described, changed]) => [{ ...described, isRight }, { ...changed, isRight }] as const) });
const times = (count: number, gain: number) => Array.from({ length: count }, () => gain);
const likely = (changes: readonly TriedChange[]) => judgeTrials(changes).filter(({ isLikely }) => isLikely).map(({ id }) => id);

describe("trials of preprocessing", () => {
  it("count what was right, and by how much labels became likelier", () => {
    const [trial] = judgeTrials([change("channels-bgr", [...times(9, 0.6), -0.4])]);
    expect(trial).toMatchObject({ id: "channels-bgr", images: 10, right: 1, rightChanged: 9, likelihood: -1 });
    expect(trial!.likelihoodChanged).toBeCloseTo(-0.5, 12);
    // Nine or more of ten: 11 / 1024.
    expect(trial!.pValue).toBeCloseTo(11 / 1024, 12);
  });

  it("correct for the number of changes tried", () => {
    const [trial] = judgeTrials([change("a", times(10, 0.6)), change("b", times(10, -0.1)), change("c", times(10, -0.1))]);
    expect(trial!.pValue).toBeCloseTo(3 / 1024, 12);
  });

  it("take the better of two", () => {
    expect(likely([change("a", times(20, 0.3)), change("b", times(20, 0.6)), change("c", times(20, -0.5))])).toEqual(["b"]);
  });

  it("take no gain that is chance, too small, or that costs answers", () => {
    expect(likely([change("chance", [...times(12, 0.6), ...times(8, -0.3)])])).toEqual([]);
    expect(likely([change("small", times(50, 0.01))])).toEqual([]);
    const costly = change("costly", times(20, 0.3)).answers.map(([described, changed]) => [{ ...described, isRight: true }, { ...changed, isRight: false }] as const);
    expect(likely([{ id: "costly", answers: costly }])).toEqual([]);
  });

  it("do not count images that are wrong both ways: where labels are wrong, whatever makes a model unsure makes them likelier", () => {
    const unsure = all(change("unsure", times(60, 2)), false);
    expect(likely([unsure])).toEqual([]);
    expect(likely([all(unsure, true)])).toEqual(["unsure"]);
  });

  it("take no gain among images of one class, which any pull towards that class brings", () => {
    const oneClass = change("towards it", times(40, 0.6)).answers.map(([described, changed]) => [{ ...described, label: 6 }, { ...changed, label: 6 }] as const);
    expect(likely([{ id: "towards it", answers: oneClass }])).toEqual([]);
  });

  it("take two mistakes together only where they explain more images than one", () => {
    const one = change("channels-bgr", times(20, 0.6));
    expect(likely([one, change("channels-bgr+scale-0-255", times(20, 0.9))])).toEqual(["channels-bgr+scale-0-255"]);
    expect(likely([one, change("channels-bgr+scale-0-255", [...times(10, 2), ...times(10, 0.55)])])).toEqual(["channels-bgr"]);
  });

  it("raise nothing where no change is better, in 200 random audits", () => {
    let raised = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = randomFrom(seed);
      // Eighteen changes that move each label up or down alike.
      raised += likely(Array.from({ length: 18 }, (_, i) => all(change(`change ${i}`, Array.from({ length: 50 }, () => random() - 0.5)), true))).length;
    }
    expect(raised).toBeLessThanOrEqual(4);
  });
});
