/** @file A comparison's tables in words, for the terminal and for its page. */
import type { ComparisonKind } from "../protocol/comparison.js";
import { comparisonTexts } from "../protocol/comparisonTexts.js";
import type { PageTable } from "../report/comparisonHtml.js";
import type { ComparisonDocument, ComparisonEntry } from "./comparisonDocument.js";
import type { Translate } from "./localize.js";
import { percent } from "./terminal.js";

interface Column {
  readonly head: keyof typeof comparisonTexts;
  readonly cell: (entry: ComparisonEntry, translate: Translate) => string;
}

const none = "–";
const gapOf = ({ completeness }: ComparisonEntry) => (completeness ? percent(Math.abs(completeness.relative)) : undefined);

/** "1580 ms · 1 forward · 50 with gradient". */
function costText({ cost: { computeMs, forward, gradient, isCached } }: ComparisonEntry, translate: Translate): string {
  return [
    isCached ? translate(comparisonTexts.cached) : translate(comparisonTexts.ms, { ms: Math.round(computeMs) }), ...(forward > 0 ? [translate(comparisonTexts.forward, { forward })] : []),
    ...(gradient > 0 ? [translate(comparisonTexts.gradient, { gradient })] : []),
  ].join(" · ");
}

const cost: Column = { head: "cost", cell: costText };
const noise: Column = { head: "noise", cell: (entry) => percent(entry.noise) };
const columns: Readonly<Record<ComparisonKind, readonly Column[]>> = {
  methods: [
    cost,
    { head: "guarantee", cell: (entry, translate) => { const gap = gapOf(entry); return [translate(entry.guarantee), ...(gap === undefined ? [] : [translate(comparisonTexts.gapIs, { gap })])].join(" · "); } },
    noise,
    { head: "use", cell: (entry, translate) => translate(entry.use) },
  ],
  baselines: [cost, { head: "gap", cell: (entry) => gapOf(entry) ?? none }, noise],
  samples: [
    cost, noise,
    { head: "change", cell: ({ change }) => (change ? percent(change.distance) : none) },
    { head: "correlation", cell: ({ change }) => (change ? correlationText(change.rankCorrelation) : none) },
  ],
};
const firstHead = { methods: "method", baselines: "baseline", samples: "sampleCount" } as const;

/** What each map costs, promises, shows of noise and is for, or how it changes. */
export function comparisonTable({ kind, results }: ComparisonDocument, translate: Translate): PageTable {
  return {
    title: translate(comparisonTexts[kind]),
    head: [translate(comparisonTexts[firstHead[kind]]), ...columns[kind].map(({ head }) => translate(comparisonTexts[head]))],
    rows: results.map((entry) => [entry.id, ...columns[kind].map(({ cell }) => cell(entry, translate))]),
    footnotes: [translate(comparisonTexts.noiseMeans), ...(kind === "samples" ? [translate(comparisonTexts.changeMeans)] : [])],
  };
}

/** How alike the maps rank their places. */
export function correlationTable({ results, rankCorrelations: { grid, values } }: ComparisonDocument, translate: Translate): PageTable {
  return {
    title: translate(comparisonTexts.correlations),
    head: ["", ...results.map(({ id }) => id)],
    rows: results.map(({ id }, i) => [id, ...values[i]!.map((value, j) => (i === j ? "1.00" : correlationText(value)))]),
    footnotes: [grid ? translate(comparisonTexts.byPlaces, { rows: grid[0], columns: grid[1] }) : translate(comparisonTexts.byPixels)],
  };
}

function correlationText(value: number | null): string {
  return value === null ? none : value.toFixed(2);
}
