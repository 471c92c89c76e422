/** @file Audits that no model made, large and small, with what a page must show of each. Deterministic. */
import type { AuditComparison, AuditedImage, AuditFinding, AuditState, AuditSummary, ChangedRequest, ConfusionCell, ImageFilter, ImageOrder, MeanMap, SharedRegion } from "../../../src/protocol/audit.js";

/** "shortcut": ten classes, a tag in the corner turns many into "stop sign"; "large": 1,000 classes and 20,000 images; "unlabelled"; "faultless": no mistakes. */
export type AuditKind = "shortcut" | "large" | "unlabelled" | "faultless";

/** An image with everything that filters and orders ask about. */
export interface SyntheticImage extends AuditedImage {
  readonly entropy: number;
}

const signs = ["stop sign", "yield", "no entry", "speed limit 30", "speed limit 50", "roundabout", "pedestrian crossing", "priority road", "one way", "no parking"];

/** Numbers from 0 to 1 that look random and are the same every time (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function auditLabels(kind: AuditKind): readonly string[] {
  return kind === "large" ? Array.from({ length: 1000 }, (_, i) => (i % 7 === 0 ? `a rather long name of class ${i}` : `class ${i}`)) : signs;
}

/** The images of an audit, in the order of their names. */
export function auditImages(kind: AuditKind): SyntheticImage[] {
  const labels = auditLabels(kind);
  const next = numbersFrom(7);
  const count = kind === "large" ? 20_000 : 400;
  return Array.from({ length: count }, (_, i) => {
    const label = i % labels.length;
    const isWrong = kind !== "faultless" && next() < (kind === "large" ? 0.22 : 0.18);
    // Most mistakes fall into the first class, the others beside the label.
    const other = label !== 0 && next() < 0.6 ? 0 : (label + 1 + Math.floor(next() * 3)) % labels.length;
    const predicted = isWrong ? other : label;
    const confidence = isWrong ? 0.35 + 0.6 * next() : 0.5 + 0.5 * next();
    const isUnlabelled = kind === "unlabelled";
    return {
      file: `${labels[label]?.replaceAll(" ", "_")}/${String(i).padStart(5, "0")}.jpg`, label: isUnlabelled ? -1 : label, predicted, confidence,
      trueProbability: isUnlabelled ? 0 : isWrong ? (1 - confidence) * next() : confidence, rank: isUnlabelled ? 0 : isWrong ? 2 + Math.floor(next() * 3) : 1, flags: next() < 0.05 ? ["blurred"] : [], entropy: 2.3 * (1 - confidence),
    };
  });
}

/** What the filter leaves, in order: the same as the worker's answer. */
export function filtered(images: readonly SyntheticImage[], filter: ImageFilter, order: ImageOrder): SyntheticImage[] {
  const outcomeOf = ({ label, predicted }: SyntheticImage) => (label < 0 ? "unlabelled" : label === predicted ? "right" : "wrong");
  const files = filter.files && new Set(filter.files);
  const left = images.filter((image) => (filter.outcome === undefined || outcomeOf(image) === filter.outcome) && (filter.label === undefined || image.label === filter.label)
    && (filter.predicted === undefined || image.predicted === filter.predicted) && (filter.text === undefined || image.file.includes(filter.text)) && (!files || files.has(image.file)) && (filter.flag === undefined || image.flags.includes(filter.flag)));
  const keys: Readonly<Record<ImageOrder, (image: SyntheticImage) => number>> = { confidence: (image) => -image.confidence, margin: (image) => image.confidence - image.trueProbability, entropy: (image) => -image.entropy, name: () => 0 };
  return left.toSorted((a, b) => keys[order](a) - keys[order](b) || a.file.localeCompare(b.file));
}

const tell = (code: string, data: AuditFinding["sentences"][number]["data"] = {}) => ({ code, data });

/** A map with its mass around one cell. */
function hill(x: number, y: number): number[] {
  const values = Array.from({ length: 64 }, (_, i) => Math.exp(-(((i % 8) - x) ** 2 + (Math.floor(i / 8) - y) ** 2) / 2));
  const sum = values.reduce((all, value) => all + value, 0);
  return values.map((value) => value / sum);
}

function shortcutRegion(images: readonly SyntheticImage[]): SharedRegion {
  const group = images.filter(({ label, predicted }) => predicted === 0 && label > 0);
  return {
    id: "mistakes-into-0", group: { kind: "mistakesInto", predicted: 0 }, area: { x: 0, y: 0, width: 0.375, height: 0.375 }, place: "topLeft", inRegion: group.length - 3, images: group.length, elsewhereShare: 0.04, pValue: 1e-12,
    meanMap: hill(1, 1), files: group.slice(0, 24).map(({ file }) => file),
    masked: { tried: 24, changed: 22, corrected: 19, changedElsewhere: 1, before: 0.91, after: 0.08 }, planted: { tried: 24, turned: 20 }, verdict: "confirmed",
  };
}

/** Mean maps of the classes with the most mistakes and of the pairs: objects in the middle, mistakes in the corner, the largest pair with two kinds of maps. */
function meanMapsOf(kind: AuditKind, classes: AuditSummary["classes"], pairs: readonly ConfusionCell[]): MeanMap[] {
  if (kind === "unlabelled") return [];
  const [middle, corner] = [hill(3.5, 3.5), hill(1, 1)];
  const mixed = middle.map((value, i) => 0.4 * value + 0.6 * corner[i]!);
  const of = (group: MeanMap["group"], images: number, mean: readonly number[], place: MeanMap["place"], clusters: MeanMap["clusters"] = []): MeanMap => ({ group, images, mean, place, inPlace: 0.58, clustered: images, clusters });
  const worst = classes.filter(({ images }) => images > 0).toSorted((a, b) => b.images - b.right - (a.images - a.right) || a.index - b.index).slice(0, 50);
  return [
    ...worst.flatMap(({ index, right, predicted }) => [
      of({ kind: "right", predicted: index }, right, middle, "centre"), ...(predicted > right ? [of({ kind: "mistakesInto", predicted: index }, predicted - right, index === 0 ? corner : middle, index === 0 ? "topLeft" : "centre")] : []),
    ]),
    ...pairs.map(({ label, predicted, images }, i) => of({ kind: "pair", label, predicted }, images, predicted === 0 ? mixed : middle, predicted === 0 ? "topLeft" : "centre", i > 0 ? [] : [
      { images: images - Math.floor(0.4 * images), mean: corner, place: "topLeft", inPlace: 0.81 }, { images: Math.floor(0.4 * images), mean: middle, place: "centre", inPlace: 0.58 },
    ])),
  ];
}

function findingsOf(kind: AuditKind, labels: readonly string[], pair: ConfusionCell | undefined, region: SharedRegion | undefined): AuditFinding[] {
  if (kind === "faultless") return [];
  if (kind === "unlabelled") return [{ id: "unlabelled", about: "", severity: "medium", sentences: [tell("filesUnlabelled", { count: 400, images: 400 })] }];
  const name = labels[0] ?? "";
  return [
    ...(region ? [{ id: "shortcut", about: region.id, severity: "high", sentences: [
      tell("mistakesShare", { in: region.inRegion, images: region.images, class: name, place: "@place:topLeft", elsewhere: "4.0 %" }),
      tell("regionMasked", { changed: 22, tried: 24, elsewhere: 1, class: name, before: "91.0 %", after: "8.0 %" }), tell("regionPlanted", { tried: 24, turned: 20, class: name }), tell("regionConfirmed"),
    ] } as const] : []),
    { id: "preprocessing", about: "channels-bgr", severity: "high", sentences: [
      tell("trialBetter", { variant: "@variant:channels-bgr", likelihood: "-1.20", likelihoodChanged: "-0.31", pValue: "< 0.001" }), tell("trialBetterAnswers", { images: 50, right: 31, rightChanged: 47 }), tell("trialAdvice", { dimension: "@dimension:channels" }),
    ] },
    { id: "labelErrors", about: "", severity: "medium", sentences: [tell("labelErrorsFew", { count: 3 })] },
    { id: "duplicates", about: "", severity: "medium", sentences: [tell("duplicatesAcross", { groups: 2 })] },
    ...(pair ? [{ id: "pair", about: "", severity: "low", sentences: [tell("confusedPair", { images: pair.images, of: 40, label: labels[pair.label] ?? "", class: labels[pair.predicted] ?? "" })] } as const] : []),
    { id: "calibration", about: "", severity: "low", sentences: [tell("surerThanRight", { confidence: "85.9 %", accuracy: "79.8 %", error: "6.1 %" })] },
    { id: "failed", about: "", severity: "low", sentences: [tell("filesFailed", { count: 3, file: "yield/broken_0.jpg" })] },
    { id: "quality", about: "blurred", severity: "low", sentences: [tell("flagAmongMistakes", { images: 22, flag: "@quality:blurred", share: "40.9 %", other: "19.0 %" })] },
  ];
}

const trials: AuditSummary["preprocessing"] = [["channels-bgr", 47, -0.31], ["0-255", 5, -4.02], ["resize-short", 30, -1.31]].map(([id, rightChanged, likelihoodChanged]) => ({
  id: String(id), images: 50, right: 31, rightChanged: Number(rightChanged), likelihood: -1.2, likelihoodChanged: Number(likelihoodChanged), pValue: id === "channels-bgr" ? 1e-6 : 1, isLikely: id === "channels-bgr",
}));

/** The summary of these images, counted plainly. */
export function auditSummary(kind: AuditKind, images: readonly SyntheticImage[], change: Partial<AuditSummary> = {}): AuditSummary {
  const labels = auditLabels(kind);
  const cells = new Map<string, ConfusionCell>();
  for (const { label, predicted } of images) {
    if (label < 0) continue;
    const key = `${label} ${predicted}`;
    cells.set(key, { label, predicted, images: (cells.get(key)?.images ?? 0) + 1 });
  }
  const confusion = [...cells.values()].toSorted((a, b) => a.label - b.label || a.predicted - b.predicted);
  const totals = { label: new Map<number, number>(), predicted: new Map<number, number>() };
  for (const cell of confusion) for (const side of ["label", "predicted"] as const) totals[side].set(cell[side], (totals[side].get(cell[side]) ?? 0) + cell.images);
  const classes = labels.map((label, index) => {
    const [count, predicted, right] = [totals.label.get(index) ?? 0, totals.predicted.get(index) ?? 0, cells.get(`${index} ${index}`)?.images ?? 0];
    const [precision, recall] = [predicted > 0 ? right / predicted : null, count > 0 ? right / count : null];
    return { index, label, images: count, predicted, right, precision, recall, f1: precision !== null && recall !== null && precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : null, confidence: predicted > 0 ? 0.8 : null };
  });
  const labelled = images.filter(({ label }) => label >= 0).length;
  const wrong = images.filter(({ label, predicted }) => label >= 0 && label !== predicted);
  const pairs = confusion.filter(({ label, predicted }) => label !== predicted).toSorted((a, b) => b.images - a.images).slice(0, 20);
  const bins = Array.from({ length: 10 }, (_, i) => {
    const [from, to] = [i / 10, (i + 1) / 10];
    const inside = images.filter(({ confidence }) => confidence > from && confidence <= to);
    const right = inside.filter(({ label, predicted }) => label === predicted).length;
    return { from, to, images: inside.length, confidence: inside.length > 0 ? inside.reduce((all, { confidence }) => all + confidence, 0) / inside.length : null, accuracy: inside.length > 0 ? right / inside.length : null };
  });
  const regions = kind === "shortcut" || kind === "large" ? [shortcutRegion(images)] : [];
  const accuracy = labelled > 0 ? 1 - wrong.length / labelled : null;
  return {
    version: 1, model: { path: "/workspace/models/signs.onnx", sha256: "0".repeat(64) }, folder: "/workspace/photos", labelsFrom: "folders", labels, layer: "/layer4/relu", started: "2026-01-01T10:00:00Z", finished: "2026-01-01T10:02:00Z", seconds: 120, runtime: "ONNX Runtime CPU",
    images: images.length, labelled,
    failed: kind === "faultless" ? [] : [0, 1, 2].map((i) => ({ file: `yield/broken_${i}.jpg`, code: "imageUnreadable", reason: i === 2 ? "the file is empty" : "the file ends in the middle of the picture" })), failedCount: kind === "faultless" ? 0 : 3,
    unknownLabels: kind === "shortcut" ? [{ label: "to sort", images: 12 }] : [], mistakes: wrong.length, accuracy, accuracyRange: accuracy === null ? null : [Math.max(0, accuracy - 0.037), Math.min(1, accuracy + 0.036)], topFive: accuracy === null ? null : Math.min(1, accuracy + 0.1),
    classes, confusion, calibration: accuracy === null ? null : { bins, expectedError: 0.061, worstError: 0.183 }, pairs,
    worst: wrong.toSorted((a, b) => b.confidence - a.confidence).slice(0, 100).map(({ file, label, predicted, confidence }) => ({ file, label, predicted, confidence })),
    labelSuspects: kind === "faultless" || kind === "unlabelled" ? [] : wrong.slice(0, 3).map(({ file, label, predicted }) => ({ file, label, likely: predicted, labelProbability: 0.01, likelyProbability: 0.97, neighbours: { agree: 9, of: 10 } })),
    duplicates: kind === "faultless" ? [] : [{ files: images.slice(0, 2).map(({ file, label }) => ({ file, label })), isAcrossClasses: true }, { files: images.slice(20, 22).map(({ file, label }) => ({ file, label })), isAcrossClasses: true }],
    quality: [{ flag: "blurred", images: images.filter(({ flags }) => flags.length > 0).length, mistakes: 4 }], regions, maps: meanMapsOf(kind, classes, pairs), preprocessing: kind === "shortcut" ? trials : [], findings: findingsOf(kind, labels, pairs[0], regions[0]), ...change,
  };
}

/** Another audit of the same images, half of whose mistakes are gone and some of whose right answers are lost. */
export function changedImages(images: readonly SyntheticImage[], labels: readonly string[], change: ChangedRequest["change"]) {
  const name = (index: number) => labels[index] ?? "";
  const wrong = images.filter(({ label, predicted }) => label !== predicted);
  const right = images.filter(({ label, predicted }) => label === predicted);
  if (change === "broken") return wrong.filter((_, i) => i % 3 === 0).map(({ file, label, predicted, confidence }) => ({ file, label: name(label), before: name(label), after: name(predicted), beforeProbability: 0.62, afterProbability: confidence }));
  if (change === "fixed") return right.slice(0, 60).map(({ file, label, confidence }) => ({ file, label: name(label), before: name((label + 1) % labels.length), after: name(label), beforeProbability: 0.7, afterProbability: confidence }));
  return wrong.filter((_, i) => i % 3 !== 0).map(({ file, label, predicted, confidence }) => ({ file, label: name(label), before: name(predicted), after: name(predicted), beforeProbability: 0.7, afterProbability: confidence }));
}

/** What the comparison says of them. */
export function auditComparison(images: readonly SyntheticImage[], labels: readonly string[]): AuditComparison {
  const count = (change: ChangedRequest["change"]) => changedImages(images, labels, change);
  const [fixed, broken, both] = [count("fixed"), count("broken"), count("wrongInBoth")];
  const accuracy = (wrong: number) => 1 - wrong / images.length;
  return {
    before: { folder: "/workspace/audits/first", model: "/workspace/models/signs-v1.onnx", accuracy: accuracy(fixed.length + both.length) }, after: { folder: "/workspace/audits/second", model: "/workspace/models/signs.onnx", accuracy: accuracy(broken.length + both.length) },
    images: images.length, onlyBefore: 2, onlyAfter: 0, right: { before: images.length - fixed.length - both.length, after: images.length - broken.length - both.length }, fixed: fixed.length, broken: broken.length, wrongInBoth: both.length, pValue: 0.0004,
    classes: labels.map((label) => {
      const of = (list: typeof fixed) => list.filter((image) => image.label === label).length;
      const all = images.filter((image) => labels[image.label] === label).length;
      return { label, images: all, before: all - of(fixed) - of(both), after: all - of(broken) - of(both), fixed: of(fixed), broken: of(broken) };
    }),
    regions: [{ id: "mistakes-into-0", label: "stop sign", place: "topLeft", change: "gone" }, { id: "pair-1-2", label: "no entry", place: "centre", change: "new" }],
  };
}

/** A fresh state of the page. */
export function auditState(change: Partial<AuditState>): AuditState {
  return {
    strings: {}, modelName: "signs.onnx", folderName: "photos", summary: undefined, busy: undefined, isPaused: false, failure: undefined, shownAs: { problems: false, tests: false },
    others: [{ folder: "/workspace/audits/first", name: "photos, signs-v1, 1 January" }], comparison: undefined, ...change,
  };
}
