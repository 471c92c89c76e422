/** @file The sample sentiment classifier, read, tokenized and run without Python, knows the reviews kept out of its training (samples/make/text/train.py) and gives PyTorch's logits. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encode } from "../../src/engine/text/tokenizer.js";
import { createJobs } from "../../src/worker/jobs.js";
import { findTokenizer } from "../../src/worker/tokenizerFiles.js";
import { textTable } from "./textTable.js";

const root = join(import.meta.dirname, "../..");
const model = join(root, "samples/models/sentiment/model.onnx");

interface Heldout {
  /** How many PyTorch answers right. */
  readonly right: number;
  readonly sentences: readonly { readonly text: string; readonly label: string; readonly phenomenon: string; readonly heldOut: string }[];
  readonly logits: readonly { readonly text: string; readonly ids: readonly number[]; readonly logits: readonly number[] }[];
}

const { right, sentences, logits } = JSON.parse(readFileSync(join(root, "test/fixtures/heldout-text/sentences.json"), "utf8")) as Heldout;
/** What issue 5 asks of the sample. */
const needed = 0.92;

const jobs = createJobs();
afterAll(() => jobs.dispose());

const answer = async (text: string) => (await jobs.predictText({ model, text, top: 2, runtime: "onnxruntime" })).predictions;

describe("the sample sentiment classifier", () => {
  const hits: { phenomenon: string; heldOut: string; hit: boolean }[] = [];
  beforeAll(async () => {
    // Texts of one length share a program, so the short ones come first.
    for (const { text, label, phenomenon, heldOut } of sentences.toSorted((a, b) => a.text.length - b.text.length)) hits.push({ phenomenon, heldOut, hit: (await answer(text))[0]!.label === label });
    const share = (rows: typeof hits) => `${rows.filter(({ hit }) => hit).length} of ${rows.length}`;
    const rows = ["plain", "negation", "contrast"].map((kind) => [kind, ...["combination", "template"].map((held) => share(hits.filter((row) => row.phenomenon === kind && row.heldOut === held)))]);
    console.log(["Held-out reviews answered right, by what is new in them", ...textTable([["", "combination", "template"], ...rows])].join("\n"));
  }, 300_000);

  it("has 200 reviews of both labels and of every phenomenon", () => {
    expect(sentences.length).toBeGreaterThanOrEqual(200);
    for (const phenomenon of ["plain", "negation", "contrast"]) {
      for (const label of ["NEGATIVE", "POSITIVE"]) expect(sentences.filter((row) => row.phenomenon === phenomenon && row.label === label).length).toBe(sentences.length / 6);
    }
  });

  it("answers at least 92 % of them right, as many as PyTorch, and no phenomenon by chance", () => {
    const share = (rows: typeof hits) => rows.filter(({ hit }) => hit).length / rows.length;
    expect(share(hits)).toBeGreaterThanOrEqual(needed);
    expect(hits.filter(({ hit }) => hit).length).toBe(right);
    // Weights for single words are right on 57 to 78 % of these (samples/make/text/count_words.py).
    for (const kind of ["negation", "contrast"]) expect(share(hits.filter(({ phenomenon }) => phenomenon === kind)), kind).toBeGreaterThanOrEqual(0.85);
  });

  it("reads the ids that the tokenizers library gives, and answers with PyTorch's logits", async () => {
    const { tokenizer } = findTokenizer(model);
    expect(logits.length).toBeGreaterThan(0);
    for (const row of logits) {
      expect(encode(tokenizer, row.text).map(({ id }) => id)).toEqual(row.ids);
      const found = (await answer(row.text)).toSorted((a, b) => a.index - b.index).map(({ logit }) => logit);
      found.forEach((logit, i) => expect(Math.abs(logit - row.logits[i]!), row.text).toBeLessThanOrEqual(1e-4));
    }
  });
});
