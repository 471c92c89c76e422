/** @file A model's summary made by hand. */
import type { ModelSummary } from "../../../src/protocol/api.js";

export const modelSummary: ModelSummary = {
  path: "/w/vit/model.safetensors", format: "safetensors", producer: "transformers 5.18.0", opset: undefined, architecture: "ViTForImageClassification",
  inputs: [{ name: "input", dtype: "float32", shape: ["batch", 3, 224, 224] }], outputs: [{ name: "logits", dtype: "float32", shape: ["batch", 4] }],
  labels: ["cat", "dog", "hen", "ant"], labelsOrigin: "sidecar", activation: "softmax",
  preprocess: { resize: "shortest-side", size: [256, 256], crop: [224, 224], interpolation: "bilinear", channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: "NCHW" }, preprocessOrigin: "sidecar",
  layers: [1, 2, 3].map((i) => ({ name: `layer${i}`, op: "Conv", shape: ["batch", 8 * i, 56 / i, 56 / i] })), defaultLayer: "layer3", unsupported: [], interpreted: [], parameters: 86_000_000, task: "image-classification",
  attentionLayers: 0, attentionSites: [], tokenizer: undefined,
};
