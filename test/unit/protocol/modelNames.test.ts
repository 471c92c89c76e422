/** @file What files are called that hold models, and what people call the models. */
import { describe, expect, it } from "vitest";
import { bytesText } from "../../../src/protocol/bytesText.js";
import { isModelName, modelLabel, modelTitle } from "../../../src/protocol/modelNames.js";

describe("a model's title", () => {
  it.each([
    ["/w/models/scenes.onnx", "scenes"], ["/w/sentiment/model.onnx", "sentiment"], ["/w/bert-base/onnx/model_quantized.onnx", "bert-base"], ["C:\\w\\gpt2\\model.onnx", "gpt2"],
    ["/w/models/modeller.onnx", "modeller"], ["/model.onnx", "model"], ["/w/bert/model.safetensors", "bert"], ["/w/llama/model.safetensors.index.json", "llama"], ["/w/old/pytorch_model.bin", "old"],
    ["/w/resnet18-5c106cde.pth", "resnet18-5c106cde"], ["/w/mobilenet/model.json", "mobilenet"], ["/w/saved/saved_model.pb", "saved"], ["/w/cats.keras", "cats"],
    ["/home/a/.cache/huggingface/hub/models--google--vit-base/snapshots/3f49326eb077187dfe1c2a2bb15fbd74e6ab91e3/model.safetensors", "vit-base"],
  ])("%s is %s", (path, title) => expect(modelTitle(path)).toBe(title));

  it.each([["/w/models/scenes.onnx", "scenes.onnx"], ["/w/bert/model.safetensors", "bert"], ["/w/bert-base/onnx/model_quantized.onnx", "bert-base"], ["C:\\w\\cats.keras", "cats.keras"], ["/w/bert/", "bert"], ["/w/saved/saved_model.pb", "saved"], ["model.onnx", "model.onnx"]])(
    "where files are spoken of %s is %s", (path, label) => expect(modelLabel(path)).toBe(label));
});

it("a name may be a model's or not", () => {
  const yes = ["a.onnx", "B.ONNX", "model.safetensors", "x.pt", "x.pth", "x.ckpt", "pytorch_model.bin", "x.h5", "x.keras", "model.json", "saved_model.pb", "model.safetensors.index.json"];
  const no = ["package.json", "config.json", "optimizer.pt", "training_args.bin", "tokenizer.bin", "adapter_model.safetensors", "model.onnx.data", "x.pb", "readme.md"];
  expect([...yes, ...no].filter(isModelName)).toEqual(yes);
});

it.each([[0, "0 B"], [63, "63 B"], [1480, "1.5 kB"], [44_700_000, "45 MB"], [9_990_000, "10 MB"], [14_500_000_000, "15 GB"], [3_200_000_000, "3.2 GB"]])("%i bytes are %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));
