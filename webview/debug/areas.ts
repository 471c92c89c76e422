/** @file Which parts of the picture a finding is about. Pure. */
import type { DebugSentence } from "../../src/engine/debug/debugSentence.js";
import type { Area, DebugReport, Place, Sentence } from "../../src/protocol/debug.js";

/** What areas are taken from. */
type Measured = Pick<DebugReport, "focus" | "inputSize">;

const hot = ({ focus }: Measured) => [focus.predicted.region];
const hotOfTrue = ({ focus }: Measured) => [focus.true.region];
const both = (of: Measured) => [...hot(of), ...hotOfTrue(of)];
const everything = (): Area[] => [{ x: 0, y: 0, width: 1, height: 1 }];

/** The part that what a sentence says was measured on. Sentences about no place are not listed. */
const areas: Readonly<Partial<Record<DebugSentence, (of: Measured) => Area[]>>> = {
  highlights: hot, highlightsTrue: hotOfTrue, maskChanges: hot, maskChangesTrue: hot, maskTurns: hot, maskChangesLittle: hot, maskDisagrees: hot, keepsAnswer: hot, keepLosesAnswer: hot,
  overlapHigh: both, overlapSome: both, overlapLow: both,
  cornerMass: ({ focus }) => [cornerOf(focus.predicted.cornerPlace)],
  borderMass: (of) => [...everything(), withinBorder(of)], trueAtBorder: (of) => [...everything(), withinBorder(of)],
  cutOff: everything, qualityCropped: everything,
};

/** The areas of the model's input that a sentence speaks of; none where it speaks of no place, or the map has none. */
export function areasOf({ code }: Sentence, of: Measured): readonly Area[] {
  return (areas[code as DebugSentence]?.(of) ?? []).filter(({ width, height }) => width > 0 && height > 0);
}

/** As `Focus.corner` is measured: a quarter of each side. */
function cornerOf(place: Place): Area {
  return { x: place.endsWith("Right") ? 0.75 : 0, y: place.startsWith("bottom") ? 0.75 : 0, width: 0.25, height: 0.25 };
}

/** As `Focus.border` is measured: what lies a tenth of the shorter side or more from the edges. */
function withinBorder({ inputSize: [height, width] }: Measured): Area {
  const border = 0.1 * Math.min(height, width);
  return { x: border / width, y: border / height, width: 1 - (2 * border) / width, height: 1 - (2 * border) / height };
}
