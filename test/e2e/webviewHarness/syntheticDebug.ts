/** @file Reports made by hand, one for each kind of mistake: the numbers are invented, what is said of them is what the engine says. */
import { causesOf } from "../../../src/engine/debug/causes.js";
import type { Focus, Gathered, VariantFamily, VariantResult } from "../../../src/engine/debug/evidence.js";
import { findingsOf, verdictOf } from "../../../src/engine/debug/findings.js";
import { textbookOf } from "../../../src/engine/debug/textbook.js";
import type { Explanation, ImagePreview, MethodId } from "../../../src/protocol/api.js";
import type { DebugMap, DebugReport, DebugState, RankedPrediction } from "../../../src/protocol/debug.js";
import { explanation, imageSize, region } from "./syntheticState.js";

export const reportKinds = ["shortcut", "borderline", "right", "transformer", "gridless", "thousand", "blank"] as const;
export type ReportKind = (typeof reportKinds)[number];

/** Where a class's map has its hill: in cells of a 7 × 7 grid. */
type Hill = readonly [row: number, column: number];

interface Scene {
  readonly labels: readonly string[];
  /** Probabilities by class; classes that are not named share the rest. */
  readonly probabilities: Readonly<Record<number, number>>;
  readonly true: number;
  readonly expected?: number;
  readonly hills: { readonly predicted: Hill; readonly true: Hill };
  readonly focus?: Partial<Focus>;
  /** Probability of the true class after a change, by the beginning of its id; unchanged where none fits. */
  readonly effects: Readonly<Record<string, number>>;
  readonly quality?: Partial<DebugReport["quality"]>;
  /** Labels of the nearest files, the first of them nearly the same picture where it says so. */
  readonly near?: readonly number[];
  readonly hasDuplicate?: boolean;
  readonly methods?: readonly MethodId[];
  readonly hasAttention?: boolean;
  readonly isBlank?: boolean;
}

const samples = ["butterfly", "balloon", "mushroom", "umbrella", "flower", "car", "fish", "mug", "house", "sailboat"];
const thousand = Array.from({ length: 1000 }, (_, i) => (i === 0 ? "soft-coated wheaten terrier, Irish terrier of the working kind" : i === 1 ? "West Highland white terrier, Westie, Poltalloch terrier" : `class of the long tail, number ${i}, with a name that does not fit`));
const corner: Hill = [0, 0];
const middle: Hill = [3, 4];

const scenes: Readonly<Record<ReportKind, Scene>> = {
  shortcut: {
    labels: samples, probabilities: { 1: 0.912, 4: 0.041, 6: 0.019, 0: 0.011, 9: 0.006, 7: 0.005 }, true: 7, expected: 4, hills: { predicted: corner, true: middle }, focus: { corner: 0.71, border: 0.62, regionMass: 0.78 },
    effects: { "mask-hot": 0.884, "keep-hot": 0.001, "crop-0.6": 0.79, "crop-bottomRight": 0.84 }, near: [1, 1, 7, 1, 1, 4],
  },
  borderline: {
    labels: samples, probabilities: { 9: 0.431, 6: 0.402, 1: 0.08, 0: 0.031, 2: 0.021 }, true: 6, hills: { predicted: [3, 3], true: middle }, effects: { flip: 0.52, "rotate-5": 0.48, "crop-0.8": 0.55, "channels-bgr": 0.5 },
    quality: { flags: ["blurred", "dark", "cropped"], sharpness: 12.4, brightness: 0.11, contrast: 0.07, cutOff: 0.44 }, near: [6, 9, 6, 6, 9, 6, 6, 9],
  },
  right: { labels: samples, probabilities: { 2: 0.97, 4: 0.012, 3: 0.008, 0: 0.004, 1: 0.002 }, true: 2, hills: { predicted: middle, true: middle }, effects: { "crop-0.6": 0.31, "mask-hot": 0.2 } },
  transformer: { labels: samples, probabilities: { 5: 0.66, 8: 0.21, 9: 0.05, 3: 0.03, 6: 0.02 }, true: 8, hills: { predicted: [4, 2], true: middle }, effects: { "scale-minus1-1": 0.97, "mean-imagenet": 0.7 }, hasAttention: true, near: [8, 8], hasDuplicate: true },
  gridless: { labels: samples, probabilities: { 5: 0.5, 8: 0.3, 9: 0.1, 3: 0.05, 6: 0.02 }, true: 8, hills: { predicted: [4, 2], true: middle }, effects: {}, methods: ["integrated-gradients"] },
  thousand: { labels: thousand, probabilities: { 0: 0.611, 1: 0.123, 2: 0.061, 3: 0.038, 4: 0.022, 417: 0.00012 }, true: 417, expected: 1, hills: { predicted: [2, 3], true: middle }, effects: { "crop-whole": 0.2 } },
  blank: { labels: samples, probabilities: { 3: 0.41, 2: 0.2, 0: 0.15, 1: 0.1, 4: 0.05 }, true: 2, hills: { predicted: middle, true: middle }, focus: { regionMass: 0, regionArea: 0, region: { x: 0, y: 0, width: 0, height: 0 }, border: 0, corner: 0, uniform: 0, outside: 0 }, effects: {}, isBlank: true },
};

const variantIds: Readonly<Record<VariantFamily, readonly string[]>> = {
  mask: ["mask-hot", "mask-elsewhere", "mask-hot-mean", "mask-elsewhere-mean", "keep-hot"],
  crop: ["crop-0.8", "crop-0.6", "crop-topLeft", "crop-topRight", "crop-bottomLeft", "crop-bottomRight", "crop-whole"],
  flip: ["flip"],
  rotation: ["rotate-5", "rotate-minus5", "rotate-10", "rotate-minus10", "rotate-15", "rotate-minus15"],
  brightness: ["darker", "brighter"],
  preprocessing: ["channels-bgr", "scale-0-255", "scale-0-1", "mean-minus1-1", "mean-imagenet", "channels-bgr+scale-0-255", "resize-stretch", "resize-margin", "interpolation-nearest"],
};

/** A report of a kind. */
export function debugReport(kind: ReportKind, change: Partial<DebugReport> = {}): DebugReport {
  const scene = scenes[kind];
  const named = Object.values(scene.probabilities).reduce((sum, share) => sum + share, 0);
  const rest = (1 - named) / Math.max(1, scene.labels.length - Object.keys(scene.probabilities).length);
  const shareOf = (index: number) => scene.probabilities[index] ?? rest;
  const order = scene.labels.map((_, index) => index).toSorted((a, b) => shareOf(b) - shareOf(a) || a - b);
  const ranked = (index: number): RankedPrediction => ({ index, label: scene.labels[index] ?? "", probability: shareOf(index), logit: Math.log(shareOf(index)) + 9, rank: 1 + order.indexOf(index) });
  const [predicted, label] = [ranked(order[0]!), ranked(scene.true)];
  const isMistake = predicted.index !== label.index;
  const entropy = -scene.labels.reduce((sum, _, index) => sum + shareOf(index) * Math.log(shareOf(index)), 0);
  const inputs = [{ name: "input", dtype: "float32", shape: ["batch", 3, 224, 224] }];
  const model = { path: "/workspace/models/scenes.onnx", format: "ONNX opset 17", inputs, labels: scene.labels };
  const focus = (hill: Hill, more: Partial<Focus> = {}) => ({ ...focusAt(hill), ...more });
  const near = scene.near?.map((of, i) => ({ file: `${scene.labels[of] ?? ""}/0${i + 1}.jpg`, label: of, similarity: (scene.hasDuplicate && i === 0 ? 0.998 : 0.93) - 0.03 * i, isDuplicate: scene.hasDuplicate === true && i === 0 }));
  const gathered: Gathered = {
    true: label, predicted, expected: scene.expected === undefined ? undefined : ranked(scene.expected), margin: { probability: predicted.probability - label.probability, logit: predicted.logit - label.logit },
    entropy: { nats: entropy, share: entropy / Math.log(scene.labels.length) }, classCount: scene.labels.length,
    focus: { predicted: focus(scene.hills.predicted, scene.focus), true: scene.isBlank ? focus(scene.hills.true, scene.focus) : focus(scene.hills.true) },
    overlap: scene.isBlank ? { iou: 0, shared: 0, correlation: null } : isMistake ? { iou: kind === "shortcut" ? 0 : 0.41, shared: kind === "shortcut" ? 0.12 : 0.74, correlation: 0.31 } : { iou: 1, shared: 1, correlation: 1 },
    variants: variantsOf(scene, predicted, label), neighbours: near && { searched: 30, found: near },
    quality: { flags: [], sharpness: 812, brightness: 0.52, contrast: 0.21, ...imageSize, transparent: 0, cutOff: 0.02, ...scene.quality },
    classNames: Object.fromEntries(scene.labels.map((name, index) => [index, name])),
  };
  return {
    version: 1, model, runtime: { name: "onnxruntime", detail: "ONNX Runtime 1.30.0, CPU", passedOver: [] }, input: "/workspace/shortcut/mug/03.jpg", labelFrom: "folder", region, inputSize: [224, 224],
    ...gathered, true: label, predicted, expected: scene.expected === undefined ? undefined : ranked(scene.expected), isMistake, predictions: order.slice(0, 5).map(ranked),
    maps: mapsOf(scene, model, predicted, isMistake ? label : undefined, ranked(order[1]!)), attention: scene.hasAttention ? attentionOf(scene) : [],
    neighbours: near && { folder: "/workspace/shortcut", searched: 30, found: near },
    verdict: verdictOf(gathered), findings: findingsOf(gathered), causes: causesOf(gathered), textbook: isMistake ? textbookOf(label.probability, label.rank) : [], notes: [], ms: { load: 41, compile: 380, compute: 2140, draw: 12 },
    ...change,
  };
}

/** The state around it: finished, unless said otherwise. */
export function debugState(kind: ReportKind, image: ImagePreview | undefined, change: Partial<DebugState> = {}): DebugState {
  const report = debugReport(kind);
  return { strings: {}, modelName: "scenes.onnx", imageName: "03.jpg", image, report, busy: undefined, failure: undefined, notes: [], labels: report.model.labels ?? [], ...change };
}

/** A hill of two cells around its middle. */
function focusAt([row, column]: Hill): Focus {
  const [x, y] = [Math.max(0, (column - 1) / 7), Math.max(0, (row - 1) / 7)];
  const vertical = row < 2 ? "top" : row > 4 ? "bottom" : "";
  const horizontal = column < 2 ? "left" : column > 4 ? "right" : "";
  const place = (vertical && horizontal ? vertical + horizontal[0]!.toUpperCase() + horizontal.slice(1) : vertical || horizontal || "centre") as Focus["place"];
  return {
    region: { x, y, width: (column + 2) / 7 - x, height: (row + 2) / 7 - y }, place, regionMass: 0.64, regionArea: 0.16, border: 0.11, corner: 0.04, cornerPlace: "topLeft", uniform: 0.22, uniformArea: 0.3, outside: 0.36,
  };
}

function variantsOf({ effects, labels, isBlank }: Scene, predicted: RankedPrediction, label: RankedPrediction): VariantResult[] {
  return Object.entries(variantIds).filter(([family]) => !isBlank || family !== "mask").flatMap(([family, ids]) => ids.map((id): VariantResult => {
    const effect = Object.entries(effects).find(([start]) => id.startsWith(start) && !id.includes("elsewhere"))?.[1];
    const isMistake = predicted.index !== label.index;
    const trueProbability = effect ?? label.probability * 0.97;
    const other = isMistake ? (effect === undefined ? predicted.probability * 0.98 : (1 - effect) * 0.6) : trueProbability;
    const isFirst = isMistake ? trueProbability > other : trueProbability > 0.3;
    const first = isFirst ? label.index : isMistake ? predicted.index : (label.index + 1) % labels.length;
    return { id, family: family as VariantFamily, predicted: first, confidence: Math.max(trueProbability, isMistake ? other : 1 - trueProbability), predictedProbability: other, trueProbability, fixes: isMistake && isFirst };
  }));
}

function mapsOf(scene: Scene, model: Explanation["model"], predicted: RankedPrediction, label: RankedPrediction | undefined, second: RankedPrediction): DebugMap[] {
  const against = label ?? second;
  return (scene.methods ?? (["grad-cam", "integrated-gradients"] as const)).flatMap((method) => {
    const make = (of: DebugMap["of"], hills: readonly (readonly [Hill, number])[], ends: DebugMap["ends"]): DebugMap => ({
      id: `${method}/${of}`, of, ends, isSigned: of === "contrast",
      explanation: explanation(method, 0, {
        model, input: "/workspace/shortcut/mug/03.jpg", layer: method === "grad-cam" ? "/features/features.18/features.18.2/Clip_output_0" : undefined, target: of === "true" && label ? label : predicted, versus: of === "contrast" ? against : undefined,
        attribution: attributionOf(method, scene.isBlank ? [] : hills), classCount: scene.labels.length, facts: method === "grad-cam" ? {} : { steps: 64 }, completeness: method === "grad-cam" ? null : { gap: 0.011, relative: 0.004 },
        ms: { load: 0, compile: 0, compute: method === "grad-cam" ? 48.3 : 912, draw: 1 },
      }),
    });
    const { hills } = scene;
    const high = method === "grad-cam" ? 3 : 0.0175;
    const ends = scene.isBlank ? ([0, 0] as const) : ([0, high] as const);
    return [
      make("predicted", [[hills.predicted, 3]], ends), ...(label ? [make("true", [[hills.true, 2]], ends)] : []),
      ...(method === "grad-cam" ? [make("contrast", [[hills.predicted, 3], [hills.true, -2]], scene.isBlank ? [0, 0] : [-3, 3])] : []),
    ];
  });
}

/** Hills of given heights: on the cells of a layer, or on pixels with a grain of both signs. */
function attributionOf(method: MethodId, hills: readonly (readonly [Hill, number])[]): Explanation["attribution"] {
  const at = (row: number, column: number, steep: number) => hills.reduce((sum, [[y, x], height]) => sum + height * Math.exp(-((row - y) ** 2 + (column - x) ** 2) / steep), 0);
  if (method === "grad-cam") return { shape: [7, 7], data: Float32Array.from({ length: 49 }, (_, i) => at(Math.floor(i / 7), i % 7, 2)) };
  const plane = 224 * 224;
  return {
    shape: [1, 3, 224, 224],
    data: Float32Array.from({ length: 3 * plane }, (_, i) => {
      const [y, x] = [Math.floor((i % plane) / 224), i % 224];
      const grain = 0.5 + 0.5 * Math.sin(y * 0.9) * Math.cos(x * 0.7);
      return 0.003 * ([1, 0.6, 0.35][Math.floor(i / plane)] ?? 0) * grain * at(y / 32 - 0.5, x / 32 - 0.5, 1.2);
    }),
  };
}

/** Shares over 14 × 14 patches. */
function attentionOf({ hills }: Scene): DebugReport["attention"] {
  const grid = (hill: Hill, steep: number) => {
    const values = Float32Array.from({ length: 196 }, (_, i) => 0.08 + Math.exp(-((Math.floor(i / 14) / 2 - hill[0]) ** 2 + ((i % 14) / 2 - hill[1]) ** 2) / steep));
    const sum = values.reduce((total, value) => total + value, 0);
    return { shape: [14, 14], data: values.map((value) => value / sum) };
  };
  return [{ kind: "rollout", of: "any", grid: grid([3, 3], 8) }, { kind: "relevance", of: "predicted", grid: grid(hills.predicted, 1) }, { kind: "relevance", of: "true", grid: grid(hills.true, 2) }];
}
