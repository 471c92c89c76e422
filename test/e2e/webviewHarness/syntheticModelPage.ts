/** @file Models made by hand for the page's tests, with activations that are easy to judge. */
import type { ImagePreview, LayerSummary, ModelSummary } from "../../../src/protocol/api.js";
import type { ModelPageState } from "../../../src/protocol/modelPage.js";
import type { ActivationPicture, DescriptionFile, LayerThumbnail, ModelCard } from "../../../src/protocol/models.js";

export const modelKinds = ["resnet", "text", "undescribed", "broken operators"] as const;
export type ModelKind = (typeof modelKinds)[number];

const path = "/workspace/models/resnet50/model.safetensors";
const preprocess = { resize: "shortest-side", size: [256, 256], crop: [224, 224], interpolation: "bilinear", channels: "rgb", scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], layout: "NCHW" } as const;
const layers: LayerSummary[] = [
  { name: "relu", op: "Relu", shape: ["batch", 64, 112, 112] }, { name: "maxpool", op: "MaxPool", shape: ["batch", 64, 56, 56] },
  ...[1, 2, 3, 4].flatMap((stage) => [0, 1, 2].flatMap((block) => ["conv1", "conv2", "conv3", "relu"].map((part): LayerSummary => ({ name: `layer${stage}.${block}.${part}`, op: part === "relu" ? "Relu" : "Conv", shape: ["batch", 64 * 2 ** stage, 112 / 2 ** stage, 112 / 2 ** stage] })))),
];
const thousand = Array.from({ length: 1000 }, (_, i) => (i === 263 ? "Pembroke, Pembroke Welsh corgi" : `class ${i}, as one of a thousand`));

const resnet: ModelSummary = {
  path, format: "safetensors", producer: "timm 1.0.22", opset: undefined, architecture: "timm resnet50", inputs: [{ name: "input", dtype: "float32", shape: ["batch", 3, 224, 224] }], outputs: [{ name: "logits", dtype: "float32", shape: ["batch", 1000] }],
  labels: thousand, labelsOrigin: "config.json", activation: "softmax", preprocess, preprocessOrigin: "config.json", layers, defaultLayer: "layer4.2.relu", unsupported: [], interpreted: [], parameters: 25_557_032, task: "image-classification", attentionLayers: 0, attentionSites: [], tokenizer: undefined,
};
const text: ModelSummary = {
  ...resnet, path: "/workspace/models/bert/model.safetensors", architecture: "BertForSequenceClassification", producer: "transformers 5.18.0", inputs: ["input_ids", "attention_mask", "token_type_ids"].map((name) => ({ name, dtype: "int64", shape: ["batch", "sequence"] })),
  outputs: [{ name: "logits", dtype: "float32", shape: ["batch", 2] }], labels: ["NEGATIVE", "POSITIVE"], layers: [], defaultLayer: undefined, task: "text-classification", attentionLayers: 12,
  attentionSites: Array.from({ length: 12 }, (_, i) => ({ name: `bert.encoder.layer.${i}.attention.self.softmax`, shape: [1, 12, 8, 8] })), tokenizer: { file: "tokenizer.json", kind: "WordPiece", vocabulary: 30_522, longest: 512 },
};
const summaries: Readonly<Record<ModelKind, ModelSummary>> = {
  resnet, text,
  undescribed: { ...resnet, labels: undefined, labelsOrigin: undefined, preprocessOrigin: "defaults" },
  "broken operators": { ...resnet, format: "onnx", opset: 17, producer: "pytorch 2.13.0", unsupported: [{ op: "NonMaxSuppression", node: "/head/NonMaxSuppression", problem: "run" }, { op: "Round", node: "/quant/Round", problem: "differentiate" }], interpreted: [{ runtime: "tfjs-wasm", op: "GridSample", reason: "TensorFlow.js has no kernel for it" }] },
};

const fileOf = ({ labels, labelsOrigin, preprocessOrigin, tokenizer, inputs }: ModelSummary): DescriptionFile => ({
  file: "/workspace/models/resnet50/model.whylight.json", text: undefined, problem: undefined, classes: labels?.length ?? 1000, channels: inputs[0]?.shape.length === 4 && !tokenizer ? 3 : undefined,
  notes: [], description: { preprocess, preprocessOrigin, labels, labelsOrigin, activation: "softmax", layer: undefined },
});

/** A page that knows nothing but its names. */
export const emptyModelState: ModelPageState = {
  strings: {}, modelName: "resnet50", path, runtime: "auto", card: undefined, summary: undefined, busy: { phase: "reading", done: 0, total: 0, text: "Reading the model" }, failure: undefined,
  form: { isOpen: false, file: undefined, notes: [], problem: undefined, saved: undefined, chosenLabels: undefined }, image: undefined, thumbnails: { run: 0, busy: undefined, failure: undefined },
};

/** A model that was read. */
export function modelState(kind: ModelKind): Omit<ModelPageState, "strings"> {
  const summary = summaries[kind];
  const card: ModelCard = { path: summary.path, title: "resnet50", format: summary.format, purpose: summary.tokenizer ? "text" : "image", architecture: summary.architecture, bytes: 102_544_000, isDescribed: summary.labels !== undefined, problem: undefined };
  const notes = kind === "undescribed" ? ["No labels were found, so classes are shown by their index. A file model.whylight.json beside the model can name them.", "How the model wants its images was not found, so defaults were used."] : [];
  return { ...emptyModelState, modelName: kind === "text" ? "bert" : "resnet50", path: summary.path, card, summary, busy: undefined, form: { ...emptyModelState.form, file: fileOf(summary), notes } };
}

/** A hill at another place for each channel, in grey: colours are the worker's work. */
async function hill(side: number, channel: number): Promise<ActivationPicture> {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d")!;
  const pixels = context.createImageData(side, side);
  const [x, y] = [side * (0.2 + 0.15 * (channel % 5)), side * (0.3 + 0.1 * (channel % 4))];
  for (let i = 0; i < side * side; i++) pixels.data.set([...Array<number>(3).fill(255 * Math.exp(-(((i % side) - x) ** 2 + (Math.floor(i / side) - y) ** 2) / (side * side * 0.05))), 255], 4 * i);
  context.putImageData(pixels, 0, 0);
  const picture: ImagePreview = { bytes: new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer()), mime: "image/png", width: side, height: side };
  return { picture, range: [channel % 2 === 0 ? 0 : -0.317, 1.5 + channel] };
}

export async function drawThumbnails(of: readonly LayerSummary[]): Promise<LayerThumbnail[]> {
  return Promise.all(of.map(async ({ name, shape }): Promise<LayerThumbnail> => {
    const side = Number(shape[3]);
    const channels = await Promise.all([5, 2, 17, 40, 8, 31].map(async (index) => ({ index, ...(await hill(side, index)) })));
    return { layer: name, shape: shape.map((extent) => (extent === "batch" ? 1 : Number(extent))), mean: await hill(side, 0), channels };
  }));
}
