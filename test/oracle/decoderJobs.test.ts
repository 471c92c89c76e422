/** @file Folders of decoders through the jobs that people start: the next token, what it depends on, and attention, held against what transformers recorded. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import type { TextMethodId } from "../../src/protocol/text.js";
import { createJobs } from "../../src/worker/jobs.js";
import { openFile } from "./fileSource.js";

const folder = (name: string) => join(import.meta.dirname, "../fixtures/models/decoders", name);

/** The recorded cases without padding, as the jobs feed texts. */
function recorded(name: string) {
  const expected = readSafetensors(openFile(join(folder(name), "expected.safetensors")));
  const numbers = (what: string) => toNumbers(expected.get(what) as Tensor);
  const ids = numbers("input.input_ids");
  return { ids, numbers, last: numbers("logits").slice(-expected.get("logits")!.shape.at(-1)!), asked: { text: "", pair: undefined, tokens: { ids } } as const };
}

const near = (ours: ArrayLike<number>, theirs: readonly number[], tolerance: number) => {
  expect(ours.length).toBe(theirs.length);
  const scale = Math.max(...theirs.map(Math.abs));
  expect(Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / scale).toBeLessThan(tolerance);
};

describe.each(["mistral", "qwen3", "llama-sharded"])("%s", (name) => {
  const { ids, numbers, last, asked } = recorded(name);
  const model = folder(name);

  it("is a model that continues texts, with attention", async () => {
    const jobs = createJobs();
    const summary = await jobs.inspectModel(model);
    jobs.dispose();
    expect(summary).toMatchObject({ task: "next-token", attentionLayers: 2, unsupported: [] });
  });

  it("predicts the next token", async () => {
    const jobs = createJobs();
    const { predictions } = await jobs.predictText({ ...asked, model, top: 3, runtime: "onnxruntime" });
    jobs.dispose();
    const best = last.map((logit, index) => ({ logit, index })).toSorted((a, b) => b.logit - a.logit).slice(0, 3);
    expect(predictions.map(({ index }) => index)).toEqual(best.map(({ index }) => index));
    near(predictions.map(({ logit }) => logit), best.map(({ logit }) => logit), 1e-4);
  });

  it.each(["onnxruntime", "tfjs-wasm"] as const)("depends on its words as recorded, on %s", async (runtime) => {
    const jobs = createJobs();
    const explain = (method: TextMethodId, parameters: Readonly<Record<string, string | number>>) => jobs.explainText({ ...asked, model, method, parameters, target: "predicted", score: "logit", runtime });
    const { attribution, tokens, task } = await explain("gradient-norm", { at: "words" });
    const { completeness } = await explain("layer-integrated-gradients", { at: "words", steps: "auto" });
    jobs.dispose();
    expect(task).toBe("next-token");
    expect(tokens.map(({ id }) => id)).toEqual(ids);
    near(attribution!.data as Float32Array, numbers("gradient"), 1e-3);
    // What is attributed sums to what the score differs by.
    expect(Math.abs(completeness!.gap)).toBeLessThan(0.05 * Math.max(...last.map(Math.abs)));
  });

  it("attends as recorded", async () => {
    const jobs = createJobs();
    const request = { model, input: { kind: "text", ...asked }, target: "predicted", runtime: "onnxruntime" } as const;
    const { layers } = await jobs.attention(request);
    expect(layers.length).toBe(2);
    for (const layer of layers.keys()) near((await jobs.attentionLayer({ request, layer })).data, numbers(`attention.${layer}`), 1e-5);
    jobs.dispose();
  });
});

it("a classifier of texts names its classes", async () => {
  const { last, asked } = recorded("mistral-classification");
  const jobs = createJobs();
  const summary = await jobs.inspectModel(folder("mistral-classification"));
  const { predictions } = await jobs.predictText({ ...asked, model: folder("mistral-classification"), top: 2, runtime: "onnxruntime" });
  jobs.dispose();
  expect(summary.task).toBe("text-classification");
  near(predictions.toSorted((a, b) => a.index - b.index).map(({ logit }) => logit), last, 1e-4);
});
