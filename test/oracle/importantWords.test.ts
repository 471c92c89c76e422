/** @file The words that Layer Integrated Gradients rank highest matter to the model: without the three most important ones a held-out review is judged otherwise far more often than without three random ones. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/engine/attribution/random.js";
import type { AttributedWord } from "../../src/protocol/text.js";
import { createJobs } from "../../src/worker/jobs.js";
import { textTable } from "./textTable.js";

const root = join(import.meta.dirname, "../..");
const model = join(root, "samples/models/sentiment/model.onnx");
const { sentences } = JSON.parse(readFileSync(join(root, "test/fixtures/heldout-text/sentences.json"), "utf8")) as { sentences: readonly { readonly text: string }[] };

const removed = 3;
/** Of each review, so that chance does not decide. */
const draws = 3;
/** Shorter reviews have little left. */
const fewest = 8;

const jobs = createJobs();
afterAll(() => jobs.dispose());

/** The text without some words; the blanks around them stay. */
function without(text: string, words: readonly AttributedWord[]): string {
  return words.toSorted((a, b) => b.start - a.start).reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
}

interface Outcome {
  /** By how much the probability of the class that was predicted falls. */
  readonly fall: number;
  readonly isFlipped: boolean;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("the three most important words of held-out reviews", () => {
  const outcomes: Record<"important" | "random", Outcome[]> = { important: [], random: [] };
  let reviews = 0;

  beforeAll(async () => {
    const random = createRandom(11);
    // Texts of one length share a program, so the short ones come first; every other one is enough.
    for (const { text } of sentences.toSorted((a, b) => a.text.length - b.text.length).filter((_, i) => i % 2 === 0)) {
      const { words, target } = await jobs.explainText({ model, text, method: "layer-integrated-gradients", target: "predicted", score: "logit", parameters: { steps: "auto" }, runtime: "onnxruntime" });
      const spoken = words.filter((word) => /\p{L}/u.test(word.text));
      if (spoken.length < fewest) continue;
      reviews++;
      const outcome = async (gone: readonly AttributedWord[]): Promise<Outcome> => {
        const { predictions } = await jobs.predictText({ model, text: without(text, gone), top: 2, runtime: "onnxruntime" });
        const left = predictions.find(({ index }) => index === target.index)!;
        return { fall: target.probability - left.probability, isFlipped: predictions[0]!.index !== target.index };
      };
      outcomes.important.push(await outcome(spoken.toSorted((a, b) => b.raw - a.raw).slice(0, removed)));
      for (let draw = 0; draw < draws; draw++) {
        const shuffled = spoken.map((word) => ({ word, at: random.uniform() })).toSorted((a, b) => a.at - b.at);
        outcomes.random.push(await outcome(shuffled.slice(0, removed).map(({ word }) => word)));
      }
    }
    const row = (name: "important" | "random") => {
      const found = outcomes[name];
      return [name, `${(100 * mean(found.map(({ fall }) => fall))).toFixed(1)} points`, `${(100 * mean(found.map(({ isFlipped }) => Number(isFlipped)))).toFixed(1)} %`];
    };
    console.log([`${reviews} held-out reviews without three of their words`, ...textTable([["words taken away", "the probability falls by", "judged otherwise"], row("important"), row("random")])].join("\n"));
  }, 600_000);

  it("are taken from at least 80 reviews", () => expect(reviews).toBeGreaterThanOrEqual(80));

  it("lower the probability at least three times as much as random ones, and turn the answer at least three times as often", () => {
    const [fall, flips] = [(name: "important" | "random") => mean(outcomes[name].map((one) => one.fall)), (name: "important" | "random") => mean(outcomes[name].map(({ isFlipped }) => Number(isFlipped)))];
    expect(fall("important")).toBeGreaterThan(3 * fall("random"));
    expect(flips("important")).toBeGreaterThan(3 * flips("random"));
  });
});
