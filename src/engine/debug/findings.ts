/** @file What was found, in sentences by their codes: plain and cautious, each with its number. */
import { causesOf } from "./causes.js";
import { named, percent, say, type DebugSentence } from "./debugSentence.js";
import type { CauseId, Gathered, Sentence } from "./evidence.js";
import { gentleFamilies, isMistake, maskPairs, preprocessingFixes, triedOf, votesOf } from "./measures.js";
import {
  answerStatement, certaintyStatement, changeStatement, hiddenStatement, mapStatement, maskStatement, neighbourStatement, overlapStatement, preprocessingStatement, qualityStatement, rankStatement, type Statement,
} from "./statements.js";

/** What is said, in the order it is read in, with the causes that each thing speaks for. */
const statements: readonly { readonly about: readonly CauseId[]; readonly statement: Statement }[] = [
  { about: [], statement: answerStatement },
  { about: ["background"], statement: mapStatement },
  { about: ["background"], statement: maskStatement },
  { about: ["similarClasses"], statement: overlapStatement },
  { about: ["borderline", "hardlyConsidered"], statement: rankStatement },
  { about: ["hidden"], statement: hiddenStatement },
  { about: ["hidden"], statement: changeStatement },
  { about: ["preprocessing"], statement: preprocessingStatement },
  { about: ["quality"], statement: qualityStatement },
  { about: ["labelError"], statement: neighbourStatement },
  { about: [], statement: certaintyStatement },
];

/** What was found: the answer, what speaks for the strong and moderate causes in their order, then the rest. */
export function findingsOf(gathered: Gathered): readonly Sentence[] {
  const serious = causesOf(gathered).filter(({ strength }) => strength !== "weak").map(({ id }) => id);
  const place = ({ about, statement }: (typeof statements)[number]) => {
    if (statement === answerStatement) return -1;
    const at = serious.findIndex((id) => about.includes(id));
    return at === -1 ? serious.length : at;
  };
  return statements.toSorted((a, b) => place(a) - place(b)).flatMap(({ statement }) => statement(gathered));
}

/** How the most likely cause is said in one sentence, with the facts of its own. */
const verdicts: Readonly<Record<CauseId, (gathered: Gathered) => readonly [DebugSentence, Sentence["data"]]>> = {
  preprocessing: (gathered) => {
    const best = preprocessingFixes(gathered)[0]!;
    return ["verdictPreprocessing", { variant: named("variant", best.id), after: percent(best.trueProbability) }];
  },
  background: (gathered) => ["verdictBackground", { place: named("place", gathered.focus.predicted.place), after: percent(maskPairs(gathered)[0]!.hot.trueProbability) }],
  labelError: (gathered) => {
    const duplicate = gathered.neighbours?.found.find(({ isDuplicate, label }) => isDuplicate && label === gathered.predicted.index);
    if (duplicate) return ["verdictDuplicate", { file: duplicate.file }];
    const { agree, of } = votesOf(gathered, gathered.predicted.index);
    return ["verdictLabelError", { agree, count: of }];
  },
  hidden: () => ["verdictHidden", {}],
  quality: ({ quality }) => ["verdictQuality", { flag: named("quality", quality.flags.find((flag) => flag !== "cropped")!) }],
  similarClasses: ({ overlap }) => ["verdictSimilarClasses", { shared: percent(overlap.shared) }],
  borderline: ({ margin }) => ["verdictBorderline", { margin: percent(margin.probability) }],
  hardlyConsidered: () => ["verdictHardlyConsidered", {}],
};

/** The verdict in one sentence: the likeliest cause that more than weak evidence speaks for, or that none does. */
export function verdictOf(gathered: Gathered): Sentence {
  const { predicted, true: right, classCount } = gathered;
  const names = { predicted: predicted.label, confidence: percent(predicted.probability), true: right.label, before: percent(right.probability), rank: right.rank, classes: classCount };
  if (!isMistake(gathered)) {
    const tried = triedOf(gathered, ["crop", ...gentleFamilies]);
    const lost = tried.filter((variant) => variant.predicted !== predicted.index).length;
    return lost > 0 ? say("verdictRightFragile", { ...names, count: lost, tried: tried.length }) : say("verdictRight", names);
  }
  const [first] = causesOf(gathered);
  if (!first || first.strength === "weak") return say("verdictOpen", names);
  const [code, data] = verdicts[first.id](gathered);
  return say(code, { ...names, ...data });
}
