/** @file Every text of the page, by its English source, which is also the key of its translation. */
import { attentionSources } from "./attention/sources.js";
import { auditSources } from "./audit/sources.js";
import { compareSources } from "./compare/sources.js";
import { debugSources } from "./debug/sources.js";
import { modelSources } from "./model/sources.js";

/** The sources. `{name}` stands for a value. */
export const sources = [
  "Predictions", "Probabilities of the five likeliest classes; choose one to explain it", "Explained class",
  "Method", "Layer", "Class", "Score", "Values", "Colour map", "Opacity", "Wipe", "Smooth",
  "Grad-CAM", "Saliency", "Input × Gradient", "{method} at {layer}",
  "SmoothGrad", "Integrated Gradients", "GradientSHAP", "Blur IG", "Guided IG",
  "Guided Backpropagation", "Deconvolution Network", "Guided Grad-CAM", "DeepLIFT", "Layer-wise Relevance Propagation",
  "Grad-CAM++", "XGrad-CAM", "LayerCAM", "HiResCAM", "Grad-CAM, element by element", "EigenCAM", "EigenGradCAM", "Score-CAM", "Ablation-CAM",
  "Occlusion", "RISE", "LIME", "KernelSHAP",
  "Window", "Stride", "Windows", "{method} · same with random weights", "Masks", "Mean score", "Superpixels", "Subsets", "Fit (R²)", "Standard error",
  "Automatic", "Automatic ({layer})", "Predicted", "Predicted ({label})", "Search classes", "No class fits", "{count} more; type to find them",
  "Logit", "Probability", "class {index}",
  "Maximum of |channels|", "Sum of |channels|", "Signed sum of channels", "Positive part (ReLU)", "Positive and negative",
  "viridis", "cividis", "inferno", "turbo", "jet", "hot", "Grey", "Blues", "Greens", "Reds", "Blue, white, orange", "Red, white, green",
  "Choose model…", "Cancel", "Fit",
  "Map of {method} over {file}. Arrow keys read the values, plus and minus zoom, 0 fits.", "heatmap", "no value here", "the map is the same everywhere",
  "{value} at ({x}, {y}), raw {raw}", "{value} at ({x}, {y}), raw {raw}, row {row} of {rows}, column {column} of {columns}", "Point at the map to read values",
  "raw value", "Scale from {low} to {high}, raw values from {rawLow} to {rawHigh}",
  "Map as a table", "Share of the map's mass per part of the image the model saw", "top", "middle", "bottom", "left", "centre", "right",
  "Largest value", "{value} (raw {raw}) at ({x}, {y})", "Mean value", "Grid", "{columns} × {rows} values",
  "Details", "Model", "Input", "Completeness gap", "{gap} ({relative} of the score's difference)", "Image", "{width} × {height} pixels",
  "Seen by the model", "{width} × {height} pixels at ({x}, {y}), as {columns} × {rows}", "Runtime", "{runtime} was passed over: {reason}", "Times", "load {load} ms, compile {compile} ms, compute {compute} ms, draw {draw} ms",
  "computed in {ms} ms", "preprocessing from {origin}", "preprocessing by default", "labels from {origin}", "no labels", "the model's description", "the labels file", "the model's metadata", "the model's files",
  "Gradients", "Class activation maps", "Perturbations", "Versus", "None", "Likeliest other class", "{class} rather than {other}", "Layers",
  "Several layers…", "Several layers ({count})", "Parameters", "Parameters ({count} changed)", "Reset to defaults", "number", "whole number",
  "or {words}", "default {value}", "Automatic ({values})", "|Sum of channels|", "From smallest to largest", "Drawing options", "Drawing options ({count} changed)",
  "Sign", "As they are", "Positive only", "Negative only", "Absolute values", "Clip", "Nothing", "Percentile of places", "Share of the map's mass",
  "Per cent", "from 0 to 49 per cent", "Contours", "Grey image", "{done} of {total}", "Completeness gap {share} of the score's difference",
  "Completeness gap {gap}", "{steps} steps", "The map does not add up to what it explains: more steps, or another baseline, may mend it.",
  "from the cache", "Steps", "Samples", "Noise (absolute)", "Seed", "Evaluations", "{forward} forward, {gradient} with gradient",
  "Explain the logit", "Look at {layer}", "Explain {class}", "Hold it against the likeliest other class", "Show both signs",
  "Use a blurred baseline",
  ...compareSources, ...auditSources, ...attentionSources, ...debugSources, ...modelSources,
  "Export", "Compare", "Methods", "Baselines", "Numbers of samples", "Picture (PNG)", "Drawing with its scale (SVG)", "Page that opens anywhere (HTML)",
  "Raw values (safetensors)", "Raw values (NumPy)", "How far can this map be trusted?",
  "Runs the method some dozens of times more: on the image with parts taken away, with small noise, for other classes, beside other methods, and with random weights.",
  "Check", "Check again", "Checking", "{name} = {value} instead of {usual}", "To stay cheap, the tests ran with {changes}.", "blank map",
  "Rank correlation with this map", "noisy copy {number}", "last layer random", "all layers random", "all layers random, draw {number}", "baseline {baseline}", "Quadrature rule", "{share} of the layers random", "taken away",
  "brought back", "random order", "{curve}, area {area}", "share of the pixels", "the class's probability",
] as const;

export type Source = (typeof sources)[number];

let translations: Readonly<Record<string, string>> = {};

/** Takes the reader's language. Texts already on the page stay as they are. */
export function setStrings(strings: Readonly<Record<string, string>>): void {
  translations = strings;
}

/** A text in the reader's language, English where it has none, with its values filled in. */
export function t(source: Source, values: Readonly<Record<string, string | number>> = {}): string {
  return translate(source, values);
}

/** The same for a text that is not the page's own, as the protocol's sentences about what was measured. */
export function translate(english: string, values: Readonly<Record<string, string | number>> = {}): string {
  return (translations[english] ?? english).replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}
