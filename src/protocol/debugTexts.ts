/** @file The sentences of a misclassification report, in English, each the key of its translation, and the names that stand in them. */
import type { DebugSentence, NameKind } from "../engine/debug/debugSentence.js";
import type { CauseId, CauseStrength, Place, QualityFlag, Sentence, VariantFamily } from "../engine/debug/evidence.js";
import type { PreprocessingDimension } from "../engine/debug/preprocessingVariants.js";
import type { Translate } from "./reportTexts.js";

/** One plain sentence per code; `{name}` stands for a fact. */
export const debugTexts: Readonly<Record<DebugSentence, string>> = {
  verdictRight: "The model is right: {true} comes first ({before}), and small changes of the picture do not change that.",
  verdictRightFragile: "The model is right: {true} comes first ({before}), but {count} of {tried} small changes of the picture bring another class first.",
  verdictPreprocessing: "The model says {predicted} ({confidence}) instead of {true} ({before}); with {variant}, {true} comes first ({after}), so check the preprocessing first.",
  verdictBackground: "The model says {predicted} ({confidence}) instead of {true}, and the answer seems to rest on one part of the picture ({place}): masking it brings {true} from {before} to {after}.",
  verdictLabelError: "The model says {predicted} ({confidence}), and so do the labels of {agree} of the {count} nearest pictures, so the label {true} itself may be wrong.",
  verdictDuplicate: "The model says {predicted} ({confidence}), and {file}, nearly the same picture, is labelled so too, so one of the two labels is probably wrong.",
  verdictHidden: "The model says {predicted} ({confidence}) instead of {true} ({before}); what shows {true} may be small, partly hidden or cut off.",
  verdictQuality: "The model says {predicted} ({confidence}) instead of {true} ({before}); the picture itself may be to blame: {flag}.",
  verdictSimilarClasses: "The model takes {true} ({before}) for {predicted} ({confidence}), and the maps of both highlight much the same places ({shared} in common), so the two may look alike to it.",
  verdictBorderline: "The model says {predicted} ({confidence}) and has {true} at rank {rank} ({before}): a borderline case.",
  verdictHardlyConsidered: "The model says {predicted} ({confidence}) and hardly considers {true} (rank {rank} of {classes}, {before}); none of the changes that were tried tells why.",
  verdictOpen: "The model says {predicted} ({confidence}) instead of {true} (rank {rank} of {classes}, {before}), and nothing that was tried clearly tells why.",
  answer: "The model says {predicted} ({confidence}); the true class, {true}, comes at rank {rank} of {classes} ({probability}).",
  answerRight: "The model says {predicted} ({confidence}), which is right.",
  expectedRank: "The expected class, {expected}, comes at rank {rank} of {classes} ({probability}).",
  highlights: "The map for {class} highlights {place}: {share} of its mass lies on {area} of the picture.",
  highlightsTrue: "The map for the true class, {class}, highlights {place}: {share} of its mass lies on {area} of the picture.",
  highlightsNothing: "The map for {class} is blank, so it says nothing about where to look.",
  highlightsNothingTrue: "The map for the true class, {class}, is blank: nothing at this layer speaks for it.",
  borderMass: "{share} of the mass of the map for {class} lies within a tenth of the picture's edge.",
  cornerMass: "{share} of the mass of the map for {class} lies in one corner ({place}).",
  uniformMass: "{share} of the mass of the map for {class} lies over nearly even background, which covers {area} of the picture.",
  maskChanges: "Masking the part that the map highlights ({place}) changes {class} from {before} to {after}; masking as much elsewhere changes it to {control}.",
  maskChangesTrue: "The same masking changes the true class, {class}, from {before} to {after}; masking as much elsewhere changes it to {control}.",
  maskTurns: "With that part masked, {class} comes first ({probability}).",
  maskChangesLittle: "Masking the part that the map highlights ({place}) does little more than masking as much elsewhere: {class} goes from {before} to {after}, and to {control} elsewhere, so the answer does not rest on that part alone.",
  maskDisagrees: "What stands in for the masked part matters: with the picture's mean colour {class} comes to {after}, with the colours around it to {first}.",
  keepsAnswer: "With everything else masked, the model still says {class} ({probability}), so that part alone is enough for the answer.",
  keepLosesAnswer: "With everything else masked, the model says {class} and gives {predicted} {probability}, so that part alone is not enough for the answer.",
  overlapHigh: "The maps for {predicted} and {true} highlight much the same places: {shared} of their mass in common, hot regions overlapping by {iou} (intersection over union).",
  overlapSome: "The maps for {predicted} and {true} highlight partly the same places: {shared} of their mass in common, hot regions overlapping by {iou} (intersection over union).",
  overlapLow: "The maps for {predicted} and {true} highlight different places: only {shared} of their mass in common, hot regions overlapping by {iou} (intersection over union).",
  fixedBy: "With {variant}, {true} comes first ({probability}).",
  fixedByMore: "In all, {count} of {tried} crops, flips, rotations and changes of brightness bring {true} first.",
  fixedByNone: "None of the {tried} crops, flips, rotations and changes of brightness that were tried brings {true} first.",
  steady: "None of the {tried} crops, flips, rotations and changes of brightness that were tried takes the first place from {class}.",
  fragile: "{count} of {tried} crops, flips, rotations and changes of brightness bring another class first, such as {class} ({probability}) with {variant}.",
  preprocessingFixes: "With {variant}, {true} comes first: {probability} instead of {before}.",
  preprocessingFixesMore: "In all, {count} of {tried} other ways of preprocessing bring {true} first.",
  preprocessingFixesNone: "None of the {tried} other ways of preprocessing that were tried brings {true} first.",
  preprocessingOneImage: "One picture cannot settle how a model wants its images; an audit of a labelled folder tries the same on many.",
  qualityBlurred: "The picture is blurred or has little detail (variance of the Laplacian {value}).",
  qualityDark: "The picture is dark (mean brightness {value} of white).",
  qualityBright: "The picture is very bright (mean brightness {value} of white).",
  qualityLowContrast: "The picture has little contrast (standard deviation {value} of the range from black to white).",
  qualitySmall: "The picture is small ({width} × {height}) and was enlarged more than twice for the model.",
  qualityElongated: "The picture is unusually long and narrow ({width} × {height}).",
  qualityTransparent: "{value} of the picture is transparent, which the model sees in white.",
  qualityCropped: "The preprocessing cuts off {value} of the picture.",
  unsure: "The model is unsure: the entropy of its probabilities is {nats} nats, {share} of the most there could be.",
  sureOfMistake: "The model is sure of a wrong answer ({predicted}, {confidence}), so its probabilities may be too high; the calibration curve of an audit shows whether they are.",
  neighboursAgree: "Of the {count} labelled pictures nearest by the model's own features, {agree} are {predicted} and {with} are {true}; the features share the model's mistakes, so look at them.",
  neighboursWithLabel: "Of the {count} labelled pictures nearest by the model's own features, {with} are {true} and {agree} are {predicted}.",
  neighboursRight: "Of the {count} labelled pictures nearest by the model's own features, {with} are {true} too.",
  neighboursNeither: "Of the {count} labelled pictures nearest by the model's own features, none is {predicted} or {true}.",
  neighboursNone: "Among {searched} labelled pictures none could be compared.",
  duplicateOther: "{file} is nearly the same picture, and is labelled {label}, not {true}.",
  duplicateSame: "{file} is nearly the same picture, and is labelled {label} too.",
  rankClose: "{true} comes at rank {rank} of {classes} ({probability}), {margin} behind {predicted} ({logit} in logits).",
  marginSmall: "A margin of {margin} is small: the model nearly said {true}.",
  hardlyConsidered: "The model hardly considers {true}: rank {rank} of {classes}, {probability}. Pictures like this one may be missing from what it learned from.",
  cutOff: "The preprocessing cuts off {value} of the picture, and the model does not see what is there.",
  trueAtBorder: "{share} of the mass of the map for {true} lies within a tenth of the picture's edge, so it may be cut off.",
  textbookHardly: "The model hardly considers the true class.",
  textbookHardlyWhy: "The data it learned from may have too few pictures like this one.",
  textbookBorderline: "The true class is near the top: a borderline case.",
  textbookBorderlineWhy: "The classes may be much alike.",
  textbookElse: "The picture's quality or its preprocessing may be at fault.",
  textbookElseWhy: "Part of the object may be hidden.",
};

export const placeTexts: Readonly<Record<Place, string>> = {
  topLeft: "the top left", top: "the top", topRight: "the top right", left: "the left side", centre: "the centre", right: "the right side",
  bottomLeft: "the bottom left", bottom: "the bottom", bottomRight: "the bottom right",
};

/** Causes as titles. */
export const causeTexts: Readonly<Record<CauseId, string>> = {
  preprocessing: "Preprocessing", background: "Shortcut in the background", labelError: "Wrong label", hidden: "Hidden, small or cut off", quality: "Picture quality",
  similarClasses: "Similar classes", borderline: "Borderline case", hardlyConsidered: "Class hardly considered",
};

/** How much speaks for a cause. */
export const strengthTexts: Readonly<Record<CauseStrength, string>> = { strong: "strong evidence", moderate: "some evidence", weak: "weak evidence" };

export const familyTexts: Readonly<Record<VariantFamily, string>> = {
  mask: "Masking", crop: "Cropping", flip: "Mirroring", rotation: "Turning", brightness: "Brightness", preprocessing: "Preprocessing",
};

export const qualityTexts: Readonly<Record<QualityFlag, string>> = {
  blurred: "blurred", dark: "dark", bright: "very bright", lowContrast: "low contrast", small: "small", elongated: "long and narrow", transparent: "transparent", cropped: "much cut off",
};

/** What may be wrong with the preprocessing. */
export const dimensionTexts: Readonly<Record<PreprocessingDimension, string>> = {
  channels: "the colour channels may be in the wrong order", scale: "the values may be on the wrong scale", mean: "the mean and standard deviation may not be the model's",
  resize: "resizing or cropping may not be the model's", interpolation: "the interpolation may not be the model's",
};

/** What is tried, as it stands after "with". The ids of preprocessing are made of parts; a range has one name whether it differs in scale or in mean. */
export const variantTexts: Readonly<Record<string, string>> = {
  "mask-hot": "the highlighted part masked by the colours around it", "mask-elsewhere": "as much masked elsewhere by the colours around it",
  "mask-hot-mean": "the highlighted part masked by the mean colour", "mask-elsewhere-mean": "as much masked elsewhere by the mean colour", "keep-hot": "all but the highlighted part masked",
  "crop-0.8": "only the middle 80 %", "crop-0.6": "only the middle 60 %", "crop-whole": "the whole picture, nothing cut off",
  "crop-topLeft": "only the top left 80 %", "crop-topRight": "only the top right 80 %", "crop-bottomLeft": "only the bottom left 80 %", "crop-bottomRight": "only the bottom right 80 %",
  flip: "left and right exchanged", "rotate-5": "a turn by 5° clockwise", "rotate-10": "a turn by 10° clockwise", "rotate-15": "a turn by 15° clockwise",
  "rotate-minus5": "a turn by 5° anticlockwise", "rotate-minus10": "a turn by 10° anticlockwise", "rotate-minus15": "a turn by 15° anticlockwise",
  darker: "30 % less brightness", brighter: "30 % more brightness", contrast: "contrast drawn out to black and white",
  "channels-bgr": "the channels in the order blue, green, red (BGR)", "channels-rgb": "the channels in the order red, green, blue (RGB)",
  "0-255": "values from 0 to 255", "0-1": "values from 0 to 1", "minus1-1": "values from −1 to 1", imagenet: "ImageNet's mean and standard deviation",
  caffe: "values from 0 to 255 less ImageNet's mean (Caffe)", "over-255": "values divided by 255 first", "times-255": "values not divided by 255 first",
  "resize-stretch": "the whole picture stretched to the input", "resize-short": "the shorter side resized to the input's side", "resize-margin": "the picture resized a seventh larger, then cut to the input",
  "interpolation-nearest": "nearest-neighbour interpolation", "interpolation-bilinear": "bilinear interpolation", "interpolation-bicubic": "bicubic interpolation",
};

/** Two changes together. */
export const togetherText = "{first} and {second}";

/** The name of what was tried, by its id. */
export function variantText(id: string, translate: Translate): string {
  const [first = id, second] = id.split("+").map((part) => {
    const english = variantTexts[part] ?? variantTexts[part.replace(/^(?:scale|mean)-/, "")];
    return english === undefined ? part : translate(english);
  });
  return second === undefined ? first : filled(translate(togetherText, { first, second }), { first, second });
}

const names: Readonly<Record<NameKind, (id: string, translate: Translate) => string | undefined>> = {
  place: named(placeTexts), family: named(familyTexts), quality: named(qualityTexts), dimension: named(dimensionTexts), variant: variantText,
};

function named(texts: Readonly<Record<string, string>>) {
  return (id: string, translate: Translate) => (Object.hasOwn(texts, id) ? translate(texts[id]!) : undefined);
}

/**
 * A sentence in the person's language, its facts filled in. Facts that are names, written "@place:topLeft", are translated too.
 * `translate` may fill facts in itself or leave that to this; `texts` are the sentences' English, by code.
 */
export function sentenceText(sentence: Sentence, translate: Translate, texts: Readonly<Record<string, string>> = debugTexts): string {
  const data = Object.fromEntries(Object.entries(sentence.data).map(([key, value]) => [key, factText(value, translate)]));
  const english = texts[sentence.code] ?? sentence.code;
  return filled(translate(english, data), data);
}

function factText(value: string | number, translate: Translate): string | number {
  const [, kind, id] = (typeof value === "string" ? /^@(\w+):(.+)$/.exec(value) : undefined) ?? [];
  if (kind === undefined || id === undefined || !Object.hasOwn(names, kind)) return value;
  return names[kind as NameKind](id, translate) ?? value;
}

/** Puts facts in place of their names, and leaves everything else, which may be a fact's own braces. */
function filled(text: string, data: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => (Object.hasOwn(data, name) ? String(data[name]) : placeholder));
}
