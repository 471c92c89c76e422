/** @file Attention made by hand: patterns that heads are known for, in closed form, so that tests know every weight. */
import type { AttentionLayer, AttentionState, AttentionSummary } from "../../../src/protocol/attention.js";
import type { PlainTensor } from "../../../src/protocol/api.js";
import type { TextToken } from "../../../src/protocol/text.js";

/** What a page is about. */
export type Scene = "sentence" | "pair" | "long" | "vit" | "swin";

const sentence = ["[CLS]", "the", "film", "was", "not", "good", ",", "but", "the", "act", "##ing", "was", "wonderful", "[SEP]"];
const pair = ["[CLS]", "a", "man", "plays", "a", "guitar", "[SEP]", "someone", "makes", "music", "[SEP]"];
const words = ["the", "model", "reads", "every", "word", "of", "a", "long", "review", "and", "mixes", "what", "it", "finds", "there", "on", "page"];

interface Shape {
  readonly tokens: readonly string[];
  /** Where the second text of a pair begins. */
  readonly second?: number;
  readonly layers: number;
  readonly heads: number;
}

const shapes: Readonly<Record<"sentence" | "pair" | "long", Shape>> = {
  sentence: { tokens: sentence, layers: 6, heads: 8 },
  pair: { tokens: pair, second: 7, layers: 4, heads: 4 },
  long: { tokens: ["[CLS]", ...Array.from({ length: 510 }, (_, i) => words[i % words.length]!), "[SEP]"], layers: 12, heads: 12 },
};

/** A repeatable number in 0 to 1. */
const grain = (i: number, seed: number) => { const wave = Math.sin(i * 12.9898 + seed * 78.233) * 43758.5453; return wave - Math.floor(wave); };

/** What head `head` of layer `layer` gives key `k` from query `q`, before rows are divided by their sums. */
function strength(layer: number, head: number, q: number, k: number, count: number): number {
  const noise = 0.02 * grain(q * 131 + k, layer * 17 + head);
  const patterns = [
    () => (k === q - 1 ? 1 : 0), () => (k === q + 1 ? 1 : 0), () => (k === count - 1 ? 1 : 0), () => (k === 0 ? 0.8 : 0.02), () => Math.exp(-((k - q) ** 2) / (2 + 2 * layer)), () => 0.3,
    () => (k % 5 === q % 5 ? 0.5 : 0), () => (k === Math.floor(count / 2) ? 0.6 : 0.05),
  ];
  return patterns[(head + layer) % patterns.length]!() + noise;
}

/** `[1, heads, tokens, tokens]`, rows summing to 1. */
function textWeights({ tokens, heads }: Shape, layer: number): PlainTensor {
  const count = tokens.length;
  const data = new Float32Array(heads * count * count);
  for (let head = 0; head < heads; head++) for (let q = 0; q < count; q++) {
    const from = (head * count + q) * count;
    let sum = 0;
    for (let k = 0; k < count; k++) sum += data[from + k] = strength(layer, head, q, k, count);
    for (let k = 0; k < count; k++) data[from + k]! /= sum;
  }
  return { shape: [1, heads, count, count], data };
}

const vit = { rows: 12, columns: 18, prefix: 2, layers: 4, heads: 6 } as const;
const swin = { windows: [3, 4], window: [4, 4], layers: 2, heads: 3 } as const;

/** A patch's middle on a unit square. */
const place = (patch: number, rows: number, columns: number) => [(Math.floor(patch / columns) + 0.5) / rows, ((patch % columns) + 0.5) / columns] as const;

/** `[1, heads, tokens, tokens]` of an image: prefix tokens look at the animal, patches at their neighbours; the later the layer the sharper. */
function vitWeights(layer: number): PlainTensor {
  const { rows, columns, prefix, heads } = vit;
  const count = prefix + rows * columns;
  const data = new Float32Array(heads * count * count);
  for (let head = 0; head < heads; head++) for (let q = 0; q < count; q++) {
    const from = (head * count + q) * count;
    const [y, x] = q < prefix ? [0.6 - 0.06 * head, 0.64 + 0.03 * head] : place(q - prefix, rows, columns);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const [v, u] = k < prefix ? [2, 2] : place(k - prefix, rows, columns);
      sum += data[from + k] = k < prefix ? 0.5 : Math.exp(-((v - y) ** 2 + (u - x) ** 2) / (0.02 + 0.05 / (1 + layer))) + 0.02 * grain(k * 31 + q, head);
    }
    for (let k = 0; k < count; k++) data[from + k]! /= sum;
  }
  return { shape: [1, heads, count, count], data };
}

/** `[windows, heads, 16, 16]`: every query looks at the window's own middle. */
function swinWeights(layer: number): PlainTensor {
  const windows = swin.windows[0] * swin.windows[1];
  const size = swin.window[0] * swin.window[1];
  const data = new Float32Array(windows * swin.heads * size * size);
  for (let row = 0; row < windows * swin.heads * size; row++) {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += data[row * size + k] = 0.2 + Math.exp(-((Math.floor(k / 4) - 1.5) ** 2 + ((k % 4) - 1.5) ** 2)) + 0.3 * grain(row * 7 + k, layer);
    for (let k = 0; k < size; k++) data[row * size + k]! /= sum;
  }
  return { shape: [windows, swin.heads, size, size], data };
}

/** One layer's weights. */
export function layerWeights(scene: Scene, layer: number): PlainTensor {
  return scene === "vit" ? vitWeights(layer) : scene === "swin" ? swinWeights(layer) : textWeights(shapes[scene], layer);
}

function textTokens({ tokens, second }: Shape): TextToken[] {
  let at = 0;
  return tokens.map((token, id) => {
    const special = token.startsWith("[");
    const part = !special && second !== undefined && id >= second ? 1 : 0;
    if (id === second) at = 0;
    const length = token.replace("##", "").length;
    const start = special ? 0 : token.startsWith("##") ? at - 1 : at;
    if (!special) at = start + length + 1;
    return { token, id, special, part, start, end: special ? 0 : start + length };
  });
}

function imageTokens(): TextToken[] {
  const plain = { id: 0, part: 0, start: 0, end: 0 } as const;
  const patches = Array.from({ length: vit.rows * vit.columns }, (_, i) => ({ ...plain, token: `${Math.floor(i / vit.columns) + 1},${(i % vit.columns) + 1}`, special: false }));
  return [{ ...plain, token: "[CLS]", special: true }, { ...plain, token: "[DIST]", special: true }, ...patches];
}

function layersOf(scene: Scene): AttentionLayer[] {
  const layer = (node: string, change: Partial<AttentionLayer>): AttentionLayer => ({ node, windows: 1, heads: 1, queries: 1, keys: 1, grid: undefined, windowGrid: undefined, prefix: 0, ...change });
  if (scene === "vit") return Array.from({ length: vit.layers }, (_, i) => layer(`/blocks.${i}/attn/Softmax_output_0`, { heads: vit.heads, queries: vit.prefix + 216, keys: vit.prefix + 216, grid: [vit.rows, vit.columns], prefix: vit.prefix }));
  if (scene === "swin") return [
    layer("/layers.0/blocks.0/attn/Softmax_output_0", { windows: 12, heads: 3, queries: 16, keys: 16, grid: [4, 4], windowGrid: [3, 4] }),
    layer("/layers.0/blocks.1/attn/Softmax_output_0", { windows: 12, heads: 3, queries: 16, keys: 16, grid: [4, 4], windowGrid: [3, 4], windowShift: [2, 2] }),
    layer("/layers.1/blocks.0/attn/Softmax_output_0", { windows: 12, heads: 3, queries: 16, keys: 16 }),
  ];
  const { tokens, layers, heads } = shapes[scene];
  return Array.from({ length: layers }, (_, i) => layer(`/encoder/layer.${i}/attention/self/Softmax_output_0`, { heads, queries: tokens.length, keys: tokens.length }));
}

/** The mean over layers and heads. */
function averageOf(layers: readonly PlainTensor[]): PlainTensor {
  const [, heads = 1, count = 1] = layers[0]!.shape;
  const data = new Float32Array(count * count);
  for (const { data: weights } of layers) for (let i = 0; i < weights.length; i++) data[i % data.length]! += weights[i]! / (layers.length * heads);
  return { shape: [count, count], data };
}

const side = 32;

function thumbnailsOf(layers: readonly PlainTensor[]): AttentionSummary["thumbnails"] {
  const heads = layers[0]!.shape[1]!;
  const values = new Uint8Array(layers.length * heads * side * side);
  layers.forEach(({ shape, data }, layer) => {
    const [, , queries = 1, keys = 1] = shape;
    for (let head = 0; head < heads; head++) {
      const weights = data.subarray(head * queries * keys, (head + 1) * queries * keys);
      const most = weights.reduce((a, b) => Math.max(a, b), 0);
      const cells = new Float32Array(side * side);
      for (let y = 0; y < Math.max(side, queries); y++) for (let x = 0; x < Math.max(side, keys); x++) {
        const to = Math.floor((y * side) / Math.max(side, queries)) * side + Math.floor((x * side) / Math.max(side, keys));
        const from = Math.floor((y * queries) / Math.max(side, queries)) * keys + Math.floor((x * keys) / Math.max(side, keys));
        cells[to] = Math.max(cells[to]!, weights[from]!);
      }
      cells.forEach((weight, i) => (values[(layer * heads + head) * side * side + i] = Math.round((255 * weight) / most)));
    }
  });
  return { side, heads, values };
}

function measure(layers: readonly PlainTensor[], of: (row: Float32Array, query: number) => number): PlainTensor {
  const heads = layers[0]!.shape[1]!;
  return {
    shape: [layers.length, heads],
    data: Float32Array.from(layers.flatMap(({ shape, data }) => Array.from({ length: heads }, (_, head) => {
      const [, , queries = 1, keys = 1] = shape;
      let sum = 0;
      for (let q = 0; q < queries; q++) sum += of(data.subarray((head * queries + q) * keys, (head * queries + q + 1) * keys), q) / queries;
      return sum;
    }))),
  };
}

/** Rollout and relevance need only look like themselves: the average sharpened, and with each token's own on top. */
function sharpened({ shape, data }: PlainTensor, own: number): PlainTensor {
  const count = shape[0]!;
  const result = data.map((weight) => weight ** 1.5);
  for (let i = 0; i < count; i++) result[i * count + i]! += own;
  return { shape, data: result };
}

const predictions = {
  text: [["positive", 2.31, 0.83], ["negative", 0.62, 0.15], ["neutral", -1.4, 0.02]], image: [["tabby cat", 9.1, 0.452], ["Egyptian cat", 8.4, 0.235], ["tiger cat", 7.8, 0.123], ["lynx", 6.1, 0.021], ["pug", 5.2, 0.009]],
} as const;

/** The summary of a scene. */
export function attentionSummary(scene: Scene, change: Partial<AttentionSummary> = {}): AttentionSummary {
  const isImage = scene === "vit" || scene === "swin";
  const layers = layersOf(scene);
  const weights = layers.map((_, i) => layerWeights(scene, i));
  const isShared = scene !== "swin";
  const average = isShared ? averageOf(weights) : undefined;
  const tokens = scene === "vit" ? imageTokens() : scene === "swin" ? [] : textTokens(shapes[scene]);
  const listed = predictions[isImage ? "image" : "text"].map(([label, logit, probability], index) => ({ index, label, logit, probability }));
  const links = average ? tokens.map((_, from) => {
    const row = Array.from(average.data.subarray(from * tokens.length, (from + 1) * tokens.length), (weight, to) => ({ to, weight })).filter(({ to }) => to !== from);
    const { to, weight } = row.reduce((best, one) => (one.weight > best.weight ? one : best));
    return { from, to, weight };
  }) : [];
  return {
    request: { model: "/workspace/models/sentiment.onnx", input: isImage ? { kind: "image", path: "/workspace/images/cat.jpg" } : { kind: "text", text: "the film was not good, but the acting was wonderful" }, target: "predicted", runtime: "auto" },
    model: { path: "/workspace/models/sentiment.onnx", format: "ONNX 8, opset 17", inputs: [], labels: listed.map(({ label }) => label) },
    runtime: { name: "onnxruntime", detail: "ONNX Runtime 1.30.0, CPU", passedOver: [] },
    task: isImage ? "image-classification" : "text-classification", tokens, layers, average,
    rollout: average && sharpened(average, 0.02), relevance: average && sharpened(average, 1),
    entropy: measure(weights, (row) => row.reduce((sum, weight) => (weight > 0 ? sum - weight * Math.log(weight) : sum), 0)),
    distance: measure(weights, (row, q) => row.reduce((sum, weight, k) => sum + weight * Math.abs(k - q), 0)),
    thumbnails: thumbnailsOf(weights), links, agreement: { correlation: 0.31, tokens: isImage ? 216 : tokens.filter(({ special }) => !special).length, method: "input-x-gradient" },
    target: listed[0], predictions: listed, region: isImage ? { x: 0, y: 27, width: 640, height: 427 } : undefined, notes: [], ms: { load: 120, compile: 40, compute: 61, draw: 0 },
    ...change,
  };
}

/** The state of a scene. */
export function attentionState(scene: Scene, change: Partial<AttentionState> = {}): AttentionState {
  return { strings: {}, modelName: scene === "vit" || scene === "swin" ? "deit.onnx" : "sentiment.onnx", inputName: scene === "vit" || scene === "swin" ? "cat.jpg" : "review.txt", image: undefined, summary: undefined, busy: undefined, failure: undefined, notes: [], target: "predicted", ...change };
}
