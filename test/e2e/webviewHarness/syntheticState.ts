/** @file Panel states made by hand, with values a test can work out: the map's value depends on its place alone. */
import { methodOf } from "../../../src/engine/attribution/methods.js";
import { methodIds, type Explanation, type ImagePreview, type MethodId, type MethodSummary, type PanelState } from "../../../src/protocol/api.js";

export const imageSize = { width: 640, height: 480 } as const;
/** The centre crop of a 640 × 480 image at shortest side 256, crop 224, in image pixels. */
export const region = { x: 110, y: 30, width: 420, height: 420 } as const;
const labels = [
  "tabby cat",
  "Egyptian cat",
  "pug",
  "red fox",
  "sailing boat",
  "lighthouse",
  "bicycle",
  "teapot",
  "hot-air balloon",
  "acoustic guitar",
  "mushroom",
  "steam locomotive",
];

const probabilities = [0.452, 0.235, 0.123, 0.061, 0.038];

/** The raw Grad-CAM value of a cell of the 7 × 7 grid: a hill at row 2, column 4, below zero far from it. */
export function camValue(row: number, column: number): number {
  return 3 - 0.5 * ((row - 2) ** 2 + (column - 4) ** 2);
}

/** The raw gradient of a pixel of the 224 × 224 input: both signs, the channels at 1, 0.5 and -0.25 of it. */
function gradientValue(channel: number, row: number, column: number): number {
  const hill = Math.exp(-((row - 80) ** 2 + (column - 140) ** 2) / 1800);
  return (
    0.01 * ([1, 0.5, -0.25][channel] ?? 0) * hill * Math.sin(row * 0.9) * Math.cos(column * 0.7)
  );
}

function attribution(method: MethodId): Explanation["attribution"] {
  if (methodOf(method).form === "grid")
    return {
      shape: [7, 7],
      data: Float32Array.from({ length: 49 }, (_, i) => camValue(Math.floor(i / 7), i % 7)),
    };
  const plane = 224 * 224;
  return {
    shape: [1, 3, 224, 224],
    data: Float32Array.from({ length: 3 * plane }, (_, i) =>
      gradientValue(Math.floor(i / plane), Math.floor((i % plane) / 224), i % 224),
    ),
  };
}

/** A finished explanation of a class. */
export function explanation(
  method: MethodId,
  target: number,
  change: Partial<Explanation> = {},
): Explanation {
  const prediction = (index: number) => ({
    index,
    label: labels[index] ?? "",
    probability: probabilities[index] ?? 0.004,
    logit: Math.log(probabilities[index] ?? 0.004) + 9,
  });
  const inputs = [{ name: "input", dtype: "float32", shape: ["batch", 3, 224, 224] }];
  return {
    model: { path: "/workspace/models/resnet50.onnx", format: "ONNX opset 17", inputs, labels },
    runtime: { name: "onnxruntime", detail: "ONNX Runtime 1.30.0, CPU", passedOver: [] },
    input: "/workspace/images/cat on a wall.jpg",
    method,
    family: methodOf(method).family,
    parameters: {},
    layer: methodOf(method).layers !== "none" ? "/layer4/layer4.2/relu_2/Relu_output_0" : undefined,
    layers: [1, 2, 3, 4].map((i) => ({
      name: `/layer${i}/layer${i}.2/relu_2/Relu_output_0`,
      op: "Relu",
      shape: ["batch", 256 * 2 ** (i - 1), 112 / 2 ** i, 112 / 2 ** i],
    })),
    score: "logit",
    target: prediction(target),
    versus: undefined,
    predictions: [0, 1, 2, 3, 4].map(prediction),
    classCount: labels.length,
    attribution: attribution(method),
    heatmap: { shape: [224, 224], data: new Float32Array(224 * 224) },
    region,
    inputSize: [224, 224],
    completeness: null,
    facts: {},
    evaluations: { forward: 0, gradient: 1 },
    partial: undefined,
    isCached: false,
    preprocess: {
      resize: "shortest-side",
      size: [256, 256],
      crop: [224, 224],
      interpolation: "bilinear",
      channels: "rgb",
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      layout: "NCHW",
    },
    preprocessOrigin: "preprocessor_config.json",
    labelsOrigin: "labels file",
    notes: [],
    ms: { load: 210, compile: 330, compute: 48.3, draw: 3.1 },
    ...change,
  };
}

/** Every method as the worker tells of it. */
export const catalogue: readonly MethodSummary[] = methodIds.map((id) => {
  const { family, form, layers, drawn, parameters } = methodOf(id);
  return { id, family, form, layers, drawn, parameters };
});

/** A panel's state; what is not said is a fresh panel's. */
export function panelState(
  image: ImagePreview | undefined,
  change: Partial<PanelState> = {},
): PanelState {
  return {
    strings: {},
    modelName: "resnet50.onnx",
    imageName: "cat on a wall.jpg",
    image,
    explanation: undefined,
    busy: undefined,
    failure: undefined,
    chosen: { method: "grad-cam", target: "predicted", layer: undefined, score: "logit", parameters: {} },
    catalogue,
    notes: [],
    trust: undefined,
    ...change,
  };
}
