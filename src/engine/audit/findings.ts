/** @file What to read of an audit first: one finding for each thing that is wrong beyond chance, in sentences with their numbers. */
import { named, percent } from "../debug/debugSentence.js";
import type { Sentence } from "../debug/evidence.js";
import { tell } from "./auditSentence.js";
import { binomialTail } from "./statistics.js";
import type { AuditFinding, AuditSummary, SharedRegion } from "./summary.js";

type Facts = Omit<AuditSummary, "findings">;
type Severity = AuditFinding["severity"];

/** A gap between confidence and accuracy that matters. */
const leastGap = 0.05;
/** A confusion that matters: this often, and of this share of the class. */
const leastConfused = { images: 3, share: 0.1 };
const leastFlagged = 5;
/** A model that is wrong on more than this share of the images, without a known reason, is no judge of their labels. */
const weakModel = 0.2;

/** Most severe first; equal ones in the order of the rules. */
export function findingsOf(facts: Facts): AuditFinding[] {
  const order: readonly Severity[] = ["high", "medium", "low"];
  return rules.flatMap((rule) => rule(facts)).toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

/** Each looks for one kind of thing. */
const rules: readonly ((facts: Facts) => AuditFinding[])[] = [
  preprocessing, regions, labelErrors, duplicates, calibration, pair, failed, unlabelled, quality,
];

function finding(id: AuditFinding["id"], severity: Severity, sentences: readonly Sentence[], about = ""): AuditFinding {
  return { id, about, severity, sentences };
}

/** Other preprocessing that the labels are likelier under. */
function preprocessing({ preprocessing: trials }: Facts): AuditFinding[] {
  return trials.filter(({ isLikely }) => isLikely).map(({ id, images, right, rightChanged, likelihood, likelihoodChanged, pValue }) => finding("preprocessing", "high", [
    tell("trialBetter", { variant: named("variant", id), likelihood: likelihood.toFixed(2), likelihoodChanged: likelihoodChanged.toFixed(2), pValue: chanceText(pValue) }),
    tell("trialBetterAnswers", { images, right, rightChanged }), tell("trialAdvice", { dimension: named("dimension", id.split("-")[0]!) }),
  ], id));
}

function regions({ regions: found, labels, classes, images }: Facts): AuditFinding[] {
  return found.map((region) => {
    const isConfirmed = region.verdict === "confirmed";
    // Objects stand in the middle: only a test makes that a shortcut.
    const isShortcut = isConfirmed || (region.verdict === "suspected" && region.place !== "centre");
    return finding(isShortcut ? "shortcut" : "region", isConfirmed ? "high" : isShortcut ? "medium" : "low", regionSentences(region, labels, classes[region.group.predicted]?.predicted === images), region.id);
  });
}

/** What a region is, and what its tests said. `isAlone`: every image was answered with the class. */
function regionSentences(region: SharedRegion, labels: readonly string[], isAlone: boolean): Sentence[] {
  const { group, place, inRegion, images, elsewhereShare, masked, planted, verdict } = region;
  const className = labels[group.predicted] ?? String(group.predicted);
  const counts = { in: inRegion, images, class: className, place: named("place", place), elsewhere: percent(elsewhereShare) };
  const share = group.kind === "pair" ? tell("pairShares", { ...counts, label: labels[group.label] ?? String(group.label) }) : tell(group.kind === "predictedAs" ? "classShares" : isAlone ? "mistakesShareAlone" : "mistakesShare", counts);
  return [
    share,
    ...(masked && masked.tried > 0 ? [tell("regionMasked", { changed: masked.changed, tried: masked.tried, elsewhere: masked.changedElsewhere, class: className, before: percent(masked.before), after: percent(masked.after) })] : []),
    ...(planted && planted.tried > 0 ? [tell("regionPlanted", { tried: planted.tried, turned: planted.turned, class: className })] : []),
    tell(verdict === "confirmed" ? "regionConfirmed" : verdict === "refuted" ? "regionRefuted" : place === "centre" ? "regionCentred" : "regionSuspected"),
  ];
}

function labelErrors({ labelSuspects: suspects, labels, labelled, mistakes, regions: found }: Facts): AuditFinding[] {
  const [first] = suspects;
  if (!first) return [];
  const explained = found.filter(({ group, verdict }) => group.kind !== "predictedAs" && verdict !== "refuted").reduce((sum, { inRegion }) => sum + inRegion, 0);
  const isWeak = mistakes - explained > weakModel * labelled;
  const name = (index: number) => labels[index] ?? String(index);
  return [finding("labelErrors", isWeak ? "low" : "medium", [
    tell("labelErrorsFew", { count: suspects.length }),
    tell("labelErrorsFirst", { file: first.file, label: name(first.label), labelProbability: percent(first.labelProbability), likely: name(first.likely), likelyProbability: percent(first.likelyProbability) }),
  ])];
}

function duplicates({ duplicates: groups }: Facts): AuditFinding[] {
  const across = groups.filter(({ isAcrossClasses }) => isAcrossClasses);
  const [first, ...rest] = across[0]?.files.filter(({ label }) => label >= 0) ?? [];
  const second = rest.find(({ label }) => label !== first?.label);
  if (!first || !second) return [];
  return [finding("duplicates", "medium", [tell("duplicatesAcross", { groups: across.length }), tell("duplicatesFirst", { first: first.file, second: second.file })])];
}

function calibration({ calibration: curve, accuracy, accuracyRange, labelled }: Facts): AuditFinding[] {
  if (!curve || accuracy === null || accuracyRange === null) return [];
  const confidence = curve.bins.reduce((sum, bin) => sum + (bin.confidence ?? 0) * bin.images, 0) / labelled;
  const isChance = confidence >= accuracyRange[0] && confidence <= accuracyRange[1];
  if (isChance || Math.abs(confidence - accuracy) < leastGap) return [];
  const data = { confidence: percent(confidence), accuracy: percent(accuracy), error: percent(curve.expectedError) };
  return [finding("calibration", Math.abs(confidence - accuracy) >= 2 * leastGap ? "medium" : "low", [tell(confidence > accuracy ? "surerThanRight" : "lessSureThanRight", data)])];
}

function pair({ pairs, classes, labels }: Facts): AuditFinding[] {
  const [most] = pairs;
  const row = most && classes[most.label];
  if (!most || !row || most.images < leastConfused.images || most.images < leastConfused.share * row.images) return [];
  const data = { label: row.label, class: labels[most.predicted] ?? String(most.predicted), images: most.images, of: row.images };
  return [finding("pair", most.images >= 0.5 * row.images ? "medium" : "low", [tell("confusedPair", data)])];
}

function failed({ failed: files, failedCount }: Facts): AuditFinding[] {
  return files[0] ? [finding("failed", "low", [tell("filesFailed", { count: failedCount, file: files[0].file })])] : [];
}

function unlabelled({ images, labelled, unknownLabels }: Facts): AuditFinding[] {
  if (images === labelled) return [];
  const names = unknownLabels.slice(0, 3).map(({ label }) => label).join(", ");
  const count = images - labelled;
  return [finding("unlabelled", count >= 0.1 * images ? "medium" : "low", [tell("filesUnlabelled", { count, images }), ...(names === "" ? [] : [tell("labelsUnknown", { names })]), ...(labelled === 0 && names !== "" ? [tell("labelsAdvice")] : [])])];
}

/** Flags that are likelier on mistakes than on other images, beyond chance. */
function quality({ quality: flags, mistakes, labelled }: Facts): AuditFinding[] {
  return flags.flatMap((flag) => {
    const others = labelled - flag.images;
    if (flag.images < leastFlagged || others <= 0) return [];
    const [share, other] = [flag.mistakes / flag.images, (mistakes - flag.mistakes) / others];
    const isChance = binomialTail(flag.mistakes, flag.images, (mistakes - flag.mistakes + 1) / (others + 2)) * flags.length >= 0.01;
    return isChance || share < 2 * other ? [] : [finding("quality", "medium", [tell("flagAmongMistakes", { images: flag.images, flag: named("quality", flag.flag), share: percent(share), other: percent(other) })], flag.flag)];
  });
}

/** "= 0.003"; "< 0.001" for less. */
function chanceText(pValue: number): string {
  return pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`;
}
