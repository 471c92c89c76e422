/** @file What speaks for each likely cause of a mistake, and how much: one rule per cause, each with its own evidence. */
import { causeIds, type Cause, type CauseId, type CauseStrength, type Gathered, type QualityFlag } from "./evidence.js";
import { fixesOf, gentleFamilies, isMistake, isUndecided, maskEffect, maskPairs, preprocessingFixes, triedOf, votesOf } from "./measures.js";
import {
  changeStatement, hiddenStatement, leastEffect, maskStatement, mapStatement, muchCutOff, neighbourStatement, overlapStatement, preprocessingStatement, qualityStatement, rankStatement, sameShare, type Statement,
} from "./statements.js";
import { hardlyConsideredBelow, nearTopRank } from "./textbook.js";

/** How much speaks for a cause; `found` holds the causes already judged. `undefined` where nothing does. */
type Judge = (gathered: Gathered, found: ReadonlyMap<CauseId, CauseStrength>) => CauseStrength | undefined;

const order: readonly CauseStrength[] = ["strong", "moderate", "weak"];
/** By how much a probability must be above another one to stand out. */
const clearlySurer = 0.1;
const isSerious = (strength: CauseStrength | undefined) => strength === "strong" || strength === "moderate";

/** The first strength whose condition holds. */
function grade(conditions: Readonly<Partial<Record<CauseStrength, boolean>>>): CauseStrength | undefined {
  return order.find((strength) => conditions[strength] === true);
}

/**
 * In the order in which they are judged: a later one may ask for an earlier one, since one change can have several readings. (Swapped channels also take the colour from a shortcut; a crop also cuts it off;
 * and the nearest pictures by the model's own features share its mistakes.)
 */
const rules: readonly { readonly id: CauseId; readonly judge: Judge; readonly evidence: readonly Statement[] }[] = [
  {
    id: "background",
    // The hot region lies beside the true class's, and masking it helps the true class more than masking as much elsewhere, however it is filled.
    judge: (gathered) => {
      const pairs = maskPairs(gathered);
      if (pairs.length === 0 || gathered.overlap.iou > 0.3) return undefined;
      const { fall, rise } = maskEffect(gathered);
      const turns = pairs.every(({ hot, control }) => hot.fixes && !control.fixes);
      return grade({ strong: turns || rise >= 0.5, moderate: rise >= 0.2, weak: rise >= leastEffect || fall >= 0.2 });
    },
    evidence: [mapStatement, maskStatement, overlapStatement],
  },
  {
    id: "preprocessing",
    // On one picture a fix may be chance. It counts less where more than a few small changes fix it nearly as surely, where the hot region alone explains it, and where only the size or the interpolation is another one, which are small changes themselves.
    judge: (gathered, found) => {
      const fixes = preprocessingFixes(gathered);
      const best = fixes.find(({ id }) => !/^(?:resize|interpolation)-/.test(id))?.trueProbability ?? 0;
      const gentle = fixesOf(gathered, gentleFamilies);
      const standsOut = isUndecided(gathered) || gentle.length * 4 <= triedOf(gathered, gentleFamilies).length || best > gentle[0]!.trueProbability + clearlySurer;
      const isExplained = found.get("background") === "strong";
      return grade({ strong: best >= 0.9 && standsOut && !isExplained, moderate: best >= 0.5 && !isExplained, weak: fixes.length > 0 });
    },
    evidence: [preprocessingStatement],
  },
  {
    id: "labelError",
    judge: (gathered, found) => {
      const { agree, of } = votesOf(gathered, gathered.predicted.index);
      const share = of === 0 ? 0 : agree / of;
      const hasDuplicate = gathered.neighbours?.found.some(({ isDuplicate, label }) => isDuplicate && label === gathered.predicted.index) === true;
      // Where the model is undecided, its features are as good as none.
      const isExplained = isUndecided(gathered) || isSerious(found.get("background")) || found.get("preprocessing") === "strong";
      const isSure = gathered.predicted.probability >= 0.9 && of >= 3;
      return grade({ strong: hasDuplicate || (share >= 0.8 && isSure && !isExplained), moderate: share >= 0.6 && !isExplained, weak: share >= 0.5 });
    },
    evidence: [neighbourStatement],
  },
  {
    id: "hidden",
    judge: (gathered, found) => {
      const whole = gathered.variants.find(({ id }) => id === "crop-whole");
      const isCut = gathered.quality.cutOff > muchCutOff;
      const partFixes = fixesOf(gathered, ["crop"]).some(({ id }) => id !== "crop-whole") && !isSerious(found.get("background"));
      return grade({
        strong: isCut && whole?.fixes === true && whole.trueProbability >= 0.5,
        moderate: (isCut && (whole?.trueProbability ?? 0) >= gathered.true.probability + 0.2) || partFixes,
        weak: hiddenStatement(gathered).length > 0 || gathered.quality.flags.includes("cropped"),
      });
    },
    evidence: [hiddenStatement, (gathered) => qualityStatement(withFlags(gathered, (flag) => flag === "cropped")), changeStatement],
  },
  {
    id: "quality",
    judge: (gathered) => {
      const { flags } = gathered.quality;
      const light = fixesOf(gathered, ["brightness"]).length > 0 && (["dark", "bright", "lowContrast"] as const).some((flag) => flags.includes(flag));
      return grade({ strong: light, moderate: (["blurred", "dark", "bright", "lowContrast", "small"] as const).some((flag) => flags.includes(flag)), weak: flags.some((flag) => flag !== "cropped") });
    },
    evidence: [(gathered) => qualityStatement(withFlags(gathered, (flag) => flag !== "cropped")), (gathered) => (fixesOf(gathered, ["brightness"]).length > 0 ? changeStatement(gathered) : [])],
  },
  {
    id: "similarClasses",
    judge: (gathered) => {
      const { overlap, true: right } = gathered;
      const isSame = overlap.shared >= sameShare && !isUndecided(gathered);
      return grade({ strong: isSame && right.rank === 2 && right.probability >= 0.1, moderate: isSame && right.rank <= nearTopRank && right.probability >= hardlyConsideredBelow, weak: (right.rank === 2 && right.probability >= hardlyConsideredBelow) || (isSame && right.rank <= nearTopRank) });
    },
    // Maps that lie on different places would speak against it.
    evidence: [(gathered) => (gathered.overlap.shared >= sameShare ? overlapStatement(gathered) : []), rankStatement],
  },
  {
    id: "borderline",
    judge: (gathered, found) => {
      const { true: right, margin } = gathered;
      if (right.probability < hardlyConsideredBelow || right.rank > nearTopRank) return undefined;
      if (isUndecided(gathered)) return "weak";
      const tried = triedOf(gathered, gentleFamilies).length;
      const fixes = fixesOf(gathered, gentleFamilies).length;
      return grade({ strong: margin.probability < 0.1 || (fixes > 0 && fixes * 2 >= tried && !isSerious(found.get("background"))), moderate: margin.probability < 0.3 || fixes > 0, weak: true });
    },
    evidence: [rankStatement, changeStatement],
  },
  {
    id: "hardlyConsidered",
    // Says what is seen rather than why, so it stands back where something else explains it.
    judge: ({ true: right }, found) => right.probability >= hardlyConsideredBelow ? undefined : [...found.values()].some(isSerious) ? "moderate" : "strong",
    evidence: [rankStatement],
  },
];

/** The same with some of the quality flags. */
function withFlags(gathered: Gathered, keep: (flag: QualityFlag) => boolean): Gathered {
  return { ...gathered, quality: { ...gathered.quality, flags: gathered.quality.flags.filter(keep) } };
}

/** The likely causes, the strongest first and equally strong ones in the order of `causeIds`; none where the prediction is right. */
export function causesOf(gathered: Gathered): readonly Cause[] {
  if (!isMistake(gathered)) return [];
  const found = new Map<CauseId, CauseStrength>();
  const causes: Cause[] = [];
  for (const { id, judge, evidence } of rules) {
    const strength = judge(gathered, found);
    if (!strength) continue;
    found.set(id, strength);
    causes.push({ id, strength, evidence: evidence.flatMap((statement) => statement(gathered)) });
  }
  return causes.toSorted((a, b) => order.indexOf(a.strength) - order.indexOf(b.strength) || causeIds.indexOf(a.id) - causeIds.indexOf(b.id));
}
