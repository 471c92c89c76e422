/** @file Models told apart by the files around them. */
import { describe, expect, it } from "vitest";
import { modelKind, modelsOfKind, modelTitle } from "../../../src/host/modelKinds.js";

const at = (path: string) => ({ path });

describe("a model's kind", () => {
  it.each([
    ["/w/models/sentiment/model.onnx", ["/w/models/sentiment/vocab.txt"], "text"],
    ["/w/bert/onnx/model.onnx", ["/w/bert/tokenizer.json"], "text"],
    ["/w/models/scenes.onnx", ["/w/models/sentiment/vocab.txt"], "image"],
    ["/w/a/b/c/model.onnx", ["/w/a/tokenizer.json"], "image"],
    ["/w/scenes.onnx", [], "image"],
    ["/scenes.onnx", ["/vocab.json"], "text"],
  ] as const)("%s with %j is %s", (model, tokenizers, kind) => expect(modelKind(model, tokenizers)).toBe(kind));
});

describe("the models of a kind", () => {
  const [scenes, text] = [at("/w/scenes.onnx"), at("/w/text/model.onnx")];
  const tokenizers = ["/w/text/vocab.txt"];

  it("are those that the files speak for", () => {
    expect(modelsOfKind([scenes, text], tokenizers, "image")).toEqual([scenes]);
    expect(modelsOfKind([scenes, text], tokenizers, "text")).toEqual([text]);
  });

  it("are all for images where none is left, and none for texts without a tokenizer", () => {
    expect(modelsOfKind([text], tokenizers, "image")).toEqual([text]);
    expect(modelsOfKind([scenes], [], "text")).toEqual([]);
  });
});

describe("a model's title", () => {
  it.each([
    ["/w/models/scenes.onnx", "scenes"], ["/w/sentiment/model.onnx", "sentiment"], ["/w/bert-base/onnx/model_quantized.onnx", "bert-base"], ["C:\\w\\gpt2\\model.onnx", "gpt2"],
    ["/w/models/modeller.onnx", "modeller"], ["/model.onnx", "model"],
  ])("%s is %s", (path, title) => expect(modelTitle(path)).toBe(title));
});
