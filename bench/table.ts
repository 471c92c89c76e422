/** @file The result as aligned text, Markdown and JSON. */
import type { Stats } from "./measure.js";

/** One comparison. */
export interface Row {
  readonly name: string;
  readonly unit: "ms" | "MB";
  readonly ours: Stats;
  readonly peer: string;
  /** Absent where the peer could not run. */
  readonly theirs?: Stats | undefined;
  /** The largest ratio of ours to theirs that is good enough; absent where the row only informs. */
  readonly target?: number | undefined;
}

/** Numbers that are no comparison: how time grows, where it goes. */
export interface Table {
  readonly title: string;
  readonly heads: readonly string[];
  readonly cells: readonly (readonly (number | string)[])[];
  /** A sentence on what it says. */
  readonly note?: string;
}

/** What a group measured. */
export interface GroupResult {
  readonly rows: readonly Row[];
  readonly tables: readonly Table[];
  /** Parts of it that could not be measured, and why. */
  readonly failed?: readonly string[];
}

/** A row with what follows from it. */
export interface Judged extends Row {
  readonly ratio?: number;
  readonly verdict: "ok" | "over" | "";
}

/** Everything about one run of the bench. */
export interface Report {
  /** A fact per line. */
  readonly machine: readonly string[];
  readonly runs: number;
  readonly rows: readonly Judged[];
  readonly tables: readonly Table[];
  /** Groups that could not be measured, and why. */
  readonly failed: readonly string[];
  /** How to read it. */
  readonly notes: readonly string[];
}

const heads = ["case", "Whylight", "peer", "", "ratio", "target", "verdict"] as const;

/** The ratio of the medians, and whether it meets the target. */
export function judge(row: Row): Judged {
  if (row.theirs === undefined) return { ...row, verdict: "" };
  const ratio = row.ours.median / row.theirs.median;
  return { ...row, ratio, verdict: row.target === undefined ? "" : ratio <= row.target ? "ok" : "over" };
}

/** "3 of 4 targets met; over: input gradient, ViT-B/16 (0.85 > 0.8)". */
export function verdictLine(rows: readonly Judged[]): string {
  const judged = rows.filter(({ verdict }) => verdict !== "");
  const over = judged.filter(({ verdict }) => verdict === "over").map(({ name, peer, ratio, target }) => `${name} against ${peer} (${ratio!.toFixed(2)} > ${target!})`);
  return `${judged.length - over.length} of ${judged.length} targets met${over.length === 0 ? "" : `; over: ${over.join("; ")}`}`;
}

function cellsOf(row: Judged): string[] {
  const stats = ({ median, min, max }: Stats) => {
    const text = (value: number) => value.toFixed(value < 100 ? 1 : 0);
    return `${text(median)} ${row.unit}${min === max ? "" : ` (${text(min)}-${text(max)})`}`;
  };
  return [row.name, stats(row.ours), row.peer, row.theirs ? stats(row.theirs) : "skipped", row.ratio?.toFixed(2) ?? "", row.target === undefined ? "" : `<= ${row.target}`, row.verdict];
}

/** Columns padded to their widest cell. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

const plain = ({ heads: names, cells }: Table): string[][] => [[...names], ...cells.map((row) => row.map(String))];

/** For a terminal. */
export function asText({ rows, tables, failed }: Pick<Report, "rows" | "tables" | "failed">): string {
  const parts = tables.map((table) => [table.title, aligned(plain(table)), ...(table.note === undefined ? [] : [table.note])].join("\n"));
  return [...(rows.length === 0 ? [] : [aligned([[...heads], ...rows.map(cellsOf)]), verdictLine(rows)]), ...parts, ...failed].join("\n\n");
}

/** A document with the machine, the tables and the notes. */
export function asMarkdown({ machine, rows, tables, failed, notes }: Report): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const grid = ([names, ...cells]: readonly (readonly string[])[]) => [line(names!), line(names!.map(() => "---")), ...cells.map(line)];
  const list = (items: readonly string[]) => items.map((item) => `- ${item}`);
  const compared = rows.length === 0 ? [] : ["", `${verdictLine(rows)}.`, "", ...grid([[...heads], ...rows.map(cellsOf)])];
  const parts = tables.flatMap((table) => ["", `## ${table.title}`, "", ...grid(plain(table)), ...(table.note === undefined ? [] : ["", table.note])]);
  return ["# Bench", "", ...list([...machine, ...failed]), ...compared, ...parts, "", "## How to read this", "", ...list(notes), ""].join("\n");
}
