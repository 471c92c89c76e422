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

/** A row with what follows from it. */
export interface Judged extends Row {
  readonly ratio?: number;
  readonly verdict: "ok" | "over" | "";
}

const heads = ["case", "Whylight", "peer", "", "ratio", "target", "verdict"] as const;

/** The ratio of the medians, and whether it meets the target. */
export function judge(row: Row): Judged {
  if (row.theirs === undefined) return { ...row, verdict: "" };
  const ratio = row.ours.median / row.theirs.median;
  return { ...row, ratio, verdict: row.target === undefined ? "" : ratio <= row.target ? "ok" : "over" };
}

function cellsOf(row: Judged): string[] {
  const stats = ({ median, min, max }: Stats) => `${median.toFixed(median < 100 ? 1 : 0)} ${row.unit} (${min.toFixed(min < 100 ? 1 : 0)}-${max.toFixed(max < 100 ? 1 : 0)})`;
  return [row.name, stats(row.ours), row.peer, row.theirs ? stats(row.theirs) : "skipped", row.ratio?.toFixed(2) ?? "", row.target === undefined ? "" : `<= ${row.target}`, row.verdict];
}

/** Columns padded to their widest cell. */
export function asText(rows: readonly Judged[]): string {
  const lines = [[...heads], ...rows.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

/** A document with the machine, the table and the notes. */
export function asMarkdown(rows: readonly Judged[], machine: readonly string[], notes: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const list = (items: readonly string[]) => items.map((item) => `- ${item}`);
  return ["# Bench", "", ...list(machine), "", line(heads), line(heads.map(() => "---")), ...rows.map((row) => line(cellsOf(row))), "", ...list(notes), ""].join("\n");
}
