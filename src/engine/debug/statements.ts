/** @file What can be said of each thing that was measured: sentences by their codes, each with its numbers, none where there is nothing to say. */
import { named, percent, say } from "./debugSentence.js";
import type { Focus, Gathered, QualityFlag, Sentence, VariantFamily } from "./evidence.js";
import { fixesOf, gentleFamilies, isMistake, maskEffect, maskPairs, preprocessingFixes, triedOf, votesOf } from "./measures.js";
import { hardlyConsideredBelow, nearTopRank } from "./textbook.js";

/** Sentences about one thing, in the order to be read. */
export type Statement = (gathered: Gathered) => readonly Sentence[];

/** The name of a class that a variant or a neighbour speaks of. */
export function className({ classNames, predicted, true: right }: Gathered, index: number): string {
  return [predicted, right].find((known) => known.index === index)?.label ?? classNames[index] ?? `class ${index}`;
}

/** What the model says, and where the true and the expected class come. */
export const answerStatement: Statement = (gathered) => {
  const { predicted, true: right, expected, classCount } = gathered;
  const names = { predicted: predicted.label, confidence: percent(predicted.probability), true: right.label, probability: percent(right.probability), rank: right.rank, classes: classCount };
  return [
    isMistake(gathered) ? say("answer", names) : say("answerRight", names),
    ...(expected && expected.index !== right.index && expected.index !== predicted.index
      ? [say("expectedRank", { expected: expected.label, probability: percent(expected.probability), rank: expected.rank, classes: classCount })] : []),
  ];
};

/** An even map has 36 % of its mass within a tenth of the edges of a square, 6 % in each corner: these shares are well beyond. */
const muchAtBorder = 0.5;
const muchInCorner = 0.3;
/** Over even background it must be most of the mass, and clearly more than the background's own share. */
const muchUniform = 0.5;
const beyondArea = 0.1;

/** Where the maps of both classes lie. */
export const mapStatement: Statement = (gathered) => {
  const { focus, predicted, true: right } = gathered;
  const of = (about: Focus, label: string, code: "highlights" | "highlightsTrue", blank: "highlightsNothing" | "highlightsNothingTrue") => about.regionMass === 0 ? say(blank, { class: label })
    : say(code, { class: label, place: named("place", about.place), share: percent(about.regionMass), area: percent(about.regionArea) });
  return [
    of(focus.predicted, predicted.label, "highlights", "highlightsNothing"), ...lyingOf(focus.predicted, predicted.label),
    ...(isMistake(gathered) ? [of(focus.true, right.label, "highlightsTrue", "highlightsNothingTrue")] : []),
  ];
};

function lyingOf({ border, corner, cornerPlace, uniform, uniformArea }: Focus, label: string): Sentence[] {
  return [
    ...(border > muchAtBorder ? [say("borderMass", { class: label, share: percent(border) })] : []),
    ...(corner > muchInCorner ? [say("cornerMass", { class: label, share: percent(corner), place: named("place", cornerPlace) })] : []),
    ...(uniform > muchUniform && uniform > uniformArea + beyondArea ? [say("uniformMass", { class: label, share: percent(uniform), area: percent(uniformArea) })] : []),
  ];
}

/** Changes of a probability below this are not worth a claim. */
export const leastEffect = 0.05;
/** Two fillings that differ by more disagree. */
const muchDisagreement = 0.2;

/** What masking the hot region does, against masking as much elsewhere. */
export const maskStatement: Statement = (gathered) => {
  const [first, second] = maskPairs(gathered);
  if (!first) return [];
  const { predicted, true: right } = gathered;
  const place = named("place", gathered.focus.predicted.place);
  const { hot, control } = first;
  const { fall, rise } = maskEffect(gathered);
  const keep = gathered.variants.find(({ id }) => id === "keep-hot");
  const ofPredicted = { class: predicted.label, place, before: percent(predicted.probability), after: percent(hot.predictedProbability), control: percent(control.predictedProbability) };
  const ofTrue = { class: right.label, before: percent(right.probability), after: percent(hot.trueProbability), control: percent(control.trueProbability) };
  return [
    fall < leastEffect && rise < leastEffect ? say("maskChangesLittle", ofPredicted) : say("maskChanges", ofPredicted),
    ...(isMistake(gathered) && rise >= leastEffect ? [say("maskChangesTrue", ofTrue)] : []),
    ...(hot.predicted !== predicted.index ? [say("maskTurns", { class: className(gathered, hot.predicted), probability: percent(hot.confidence) })] : []),
    ...(second && Math.abs(second.hot.predictedProbability - hot.predictedProbability) > muchDisagreement
      ? [say("maskDisagrees", { class: predicted.label, after: percent(second.hot.predictedProbability), first: percent(hot.predictedProbability) })] : []),
    ...(keep ? [keep.predicted === predicted.index ? say("keepsAnswer", { class: predicted.label, probability: percent(keep.predictedProbability) })
      : say("keepLosesAnswer", { class: className(gathered, keep.predicted), predicted: predicted.label, probability: percent(keep.predictedProbability) })] : []),
  ];
};

/** From here on two maps highlight mostly the same, or hardly anything in common: by the share of their mass. */
export const sameShare = 0.7;
export const otherShare = 0.4;

/** How far the maps of the two classes agree. */
export const overlapStatement: Statement = (gathered) => {
  const { overlap, focus, predicted, true: right } = gathered;
  if (!isMistake(gathered) || focus.predicted.regionMass === 0 || focus.true.regionMass === 0) return [];
  const code = overlap.shared >= sameShare ? "overlapHigh" : overlap.shared >= otherShare ? "overlapSome" : "overlapLow";
  return [say(code, { predicted: predicted.label, true: right.label, shared: percent(overlap.shared), iou: overlap.iou.toFixed(2) })];
};

/** Which cuts, turns and changes of light bring the true class first; for a right answer, which take it away. */
export const changeStatement: Statement = (gathered) => {
  const families: readonly VariantFamily[] = ["crop", ...gentleFamilies];
  const tried = triedOf(gathered, families);
  if (tried.length === 0) return [];
  if (!isMistake(gathered)) {
    const lost = tried.filter(({ predicted }) => predicted !== gathered.predicted.index).toSorted((a, b) => b.confidence - a.confidence);
    const [worst] = lost;
    return worst ? [say("fragile", { count: lost.length, tried: tried.length, variant: named("variant", worst.id), class: className(gathered, worst.predicted), probability: percent(worst.confidence) })]
      : [say("steady", { tried: tried.length, class: gathered.predicted.label })];
  }
  const fixes = fixesOf(gathered, families);
  const right = gathered.true.label;
  if (fixes.length === 0) return [say("fixedByNone", { tried: tried.length, true: right })];
  return [
    say("fixedBy", { variant: named("variant", fixes[0]!.id), true: right, probability: percent(fixes[0]!.trueProbability) }),
    ...(fixes.length > 1 ? [say("fixedByMore", { count: fixes.length, tried: tried.length, true: right })] : []),
  ];
};

/** Which other preprocessing brings the true class first. */
export const preprocessingStatement: Statement = (gathered) => {
  const tried = triedOf(gathered, ["preprocessing"]);
  if (tried.length === 0 || !isMistake(gathered)) return [];
  const [best, ...more] = preprocessingFixes(gathered);
  const right = gathered.true.label;
  if (!best) return [say("preprocessingFixesNone", { tried: tried.length, true: right })];
  return [
    say("preprocessingFixes", { variant: named("variant", best.id), true: right, probability: percent(best.trueProbability), before: percent(gathered.true.probability) }),
    ...(more.length > 0 ? [say("preprocessingFixesMore", { count: more.length + 1, tried: tried.length, true: right })] : []),
    say("preprocessingOneImage"),
  ];
};

const qualitySentences: Readonly<Record<QualityFlag, (quality: Gathered["quality"]) => Sentence>> = {
  blurred: ({ sharpness }) => say("qualityBlurred", { value: sharpness.toFixed(0) }),
  dark: ({ brightness }) => say("qualityDark", { value: percent(brightness) }),
  bright: ({ brightness }) => say("qualityBright", { value: percent(brightness) }),
  lowContrast: ({ contrast }) => say("qualityLowContrast", { value: percent(contrast) }),
  small: ({ width, height }) => say("qualitySmall", { width, height }),
  elongated: ({ width, height }) => say("qualityElongated", { width, height }),
  transparent: ({ transparent }) => say("qualityTransparent", { value: percent(transparent) }),
  cropped: ({ cutOff }) => say("qualityCropped", { value: percent(cutOff) }),
};

/** What is wrong with the picture itself. */
export const qualityStatement: Statement = ({ quality }) => quality.flags.map((flag) => qualitySentences[flag](quality));

/** Whether the model is sure. Nine in ten is where a sure mistake asks for a look at the calibration. */
export const certaintyStatement: Statement = (gathered) => {
  const { entropy, predicted } = gathered;
  if (entropy.share > 0.5) return [say("unsure", { nats: entropy.nats.toFixed(2), share: percent(entropy.share) })];
  return isMistake(gathered) && predicted.probability >= 0.9 ? [say("sureOfMistake", { predicted: predicted.label, confidence: percent(predicted.probability) })] : [];
};

/** What the nearest labelled pictures are labelled. */
export const neighbourStatement: Statement = (gathered) => {
  const { neighbours, predicted, true: right } = gathered;
  if (!neighbours) return [];
  const duplicates = neighbours.found.filter(({ isDuplicate }) => isDuplicate).map(({ file, label }) =>
    say(label === right.index ? "duplicateSame" : "duplicateOther", { file, label: className(gathered, label), true: right.label }));
  const [forPredicted, forTrue] = [votesOf(gathered, predicted.index), votesOf(gathered, right.index)];
  if (forPredicted.of === 0) return duplicates.length > 0 ? duplicates : [say("neighboursNone", { searched: neighbours.searched })];
  const numbers = { count: forPredicted.of, agree: forPredicted.agree, with: forTrue.agree, predicted: predicted.label, true: right.label };
  if (!isMistake(gathered)) return [...duplicates, say("neighboursRight", numbers)];
  const code = forPredicted.agree === 0 && forTrue.agree === 0 ? "neighboursNeither" : forPredicted.agree > forTrue.agree ? "neighboursAgree" : "neighboursWithLabel";
  return [...duplicates, say(code, numbers)];
};

/** How near the true class is to the top. */
export const rankStatement: Statement = (gathered) => {
  const { true: right, predicted, margin, classCount } = gathered;
  if (!isMistake(gathered)) return [];
  const numbers = { true: right.label, predicted: predicted.label, probability: percent(right.probability), rank: right.rank, classes: classCount, margin: percent(margin.probability), logit: margin.logit.toFixed(2) };
  if (right.probability < hardlyConsideredBelow) return [say("hardlyConsidered", numbers)];
  return right.rank <= nearTopRank ? [say("rankClose", numbers), ...(margin.probability < 0.2 ? [say("marginSmall", numbers)] : [])] : [];
};

/** Much of the picture cut off, or of the true class's map. */
export const muchCutOff = 0.25;

/** Whether the thing may be cut off or lie at the edge. */
export const hiddenStatement: Statement = (gathered) => {
  const { quality, focus, true: right } = gathered;
  if (!isMistake(gathered)) return [];
  return [
    ...(quality.cutOff > muchCutOff && !quality.flags.includes("cropped") ? [say("cutOff", { value: percent(quality.cutOff) })] : []),
    ...(focus.true.border > muchAtBorder ? [say("trueAtBorder", { true: right.label, share: percent(focus.true.border) })] : []),
  ];
};
