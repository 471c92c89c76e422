/** @file A confusion matrix as an SVG picture that takes its colours from the page around it: labels as rows, answers as columns, each cell shaded by its share of the row. */
import type { ConfusionCell } from "../../engine/audit/summary.js";
import { escapeText } from "../escapeText.js";
import { shortened, textWidth, widest } from "../attention/svgParts.js";

export interface ConfusionPicture {
  /** The classes shown, in the order of rows and columns (see `confusionClasses`). */
  readonly classes: readonly { readonly index: number; readonly label: string }[];
  readonly cells: readonly ConfusionCell[];
  /** Said to readers without eyes, and what stands beside rows and above columns. */
  readonly texts: { readonly title: string; readonly label: string; readonly predicted: string };
  /** The sentence of a cell, shown when it is pointed at. */
  readonly describe: (cell: ConfusionCell) => string;
}

const side = 34;
/** The faintest and the strongest shade: text must stay readable on the strongest. */
const shades = [0.12, 0.52] as const;

/** The picture. Shares are of all images with a row's label, those answered with a class that is not shown included. */
export function confusionSvg({ classes, cells, texts, describe }: ConfusionPicture): string {
  const names = classes.map(({ label }) => shortened(label));
  const [left, top] = [widest(names) + 30, widest(names) + 30];
  const place = new Map(classes.map(({ index }, i) => [index, i]));
  const totals = new Map<number, number>();
  for (const { label, images } of cells) totals.set(label, (totals.get(label) ?? 0) + images);
  const size = classes.length * side;
  const [width, height] = [left + size, top + size];
  const rows = names.map((name, i) => `<text x="${left - 8}" y="${top + (i + 0.5) * side + 4}" text-anchor="end">${escapeText(name)}</text>`).join("");
  const columns = names.map((name, i) => `<text transform="translate(${left + (i + 0.5) * side + 4} ${top - 8}) rotate(-90)">${escapeText(name)}</text>`).join("");
  const empty = classes.flatMap((_, y) => classes.map((__, x) => `M${left + x * side + 0.5} ${top + y * side + 0.5}h${side - 1}v${side - 1}h${1 - side}z`)).join("");
  const drawn = cells.map((cell) => {
    const [y, x] = [place.get(cell.label), place.get(cell.predicted)];
    return x === undefined || y === undefined || cell.images === 0 ? "" : drawCell(cell, left + x * side, top + y * side, cell.images / totals.get(cell.label)!, describe(cell));
  }).join("\n");
  return `<svg class="confusion" xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(texts.title)}">
<text x="${left + size / 2 - textWidth(texts.predicted) / 2}" y="12" opacity=".7">${escapeText(texts.predicted)}</text>
<text transform="translate(12 ${top + size / 2 + textWidth(texts.label) / 2}) rotate(-90)" opacity=".7">${escapeText(texts.label)}</text>
${rows}
${columns}
<path class="empty" d="${empty}"/>
${drawn}
</svg>`;
}

function drawCell({ label, predicted, images }: ConfusionCell, x: number, y: number, share: number, sentence: string): string {
  const shade = shades[0] + (shades[1] - shades[0]) * share;
  return `<g data-label="${label}" data-predicted="${predicted}"><title>${escapeText(sentence)}</title><rect class="${label === predicted ? "right" : "wrong"}" x="${x + 0.5}" y="${y + 0.5}" width="${side - 1}" height="${side - 1}" fill-opacity="${shade.toFixed(3)}"/><text x="${x + side / 2}" y="${y + side / 2 + 4}" text-anchor="middle">${shortCount(images)}</text></g>`;
}

/** "9999", "12k": what fits a cell. */
function shortCount(count: number): string {
  return count < 10_000 ? String(count) : count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}
