/** @file A calibration curve as an SVG picture: how often answers of each confidence are right, against the diagonal of a model that is as sure as it is right. */
import type { CalibrationBin } from "../../engine/audit/summary.js";
import { escapeText } from "../escapeText.js";

export interface CalibrationPicture {
  readonly bins: readonly CalibrationBin[];
  readonly texts: { readonly title: string; readonly confidence: string; readonly accuracy: string; readonly images: string };
  /** The sentence of a bin, shown when it is pointed at. */
  readonly describe: (bin: CalibrationBin) => string;
}

const side = 260;
const counts = 48;
const [left, top] = [56, 10];
const below = 44;

/** The picture; `auditSvgStyle` colours it. Bars are the share that is right, the outlined part its distance from the mean confidence, the small bars below how many images a bin holds. */
export function calibrationSvg({ bins, texts, describe }: CalibrationPicture): string {
  const [width, height] = [left + side + 12, top + side + 12 + counts + below];
  const most = Math.max(1, ...bins.map(({ images }) => images));
  const base = top + side + 12 + counts;
  const x = (share: number) => left + share * side;
  const y = (share: number) => top + (1 - share) * side;
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const drawn = bins.map((bin) => {
    const { from, to, images, confidence, accuracy } = bin;
    if (images === 0 || confidence === null || accuracy === null) return "";
    const [at, wide] = [x(from) + 1, (to - from) * side - 2];
    const tall = Math.max(1, (images / most) * counts);
    const [upper, lower] = [Math.max(accuracy, confidence), Math.min(accuracy, confidence)];
    return `<g><title>${escapeText(describe(bin))}</title><rect class="bar" ${box(at, y(accuracy), wide, accuracy * side)}/><rect class="gap" ${box(at, y(upper), wide, (upper - lower) * side)}/><rect class="count" ${box(at, base - tall, wide, tall)}/></g>`;
  }).join("\n");
  return `<svg class="calibration" xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(texts.title)}">
${drawn}
<path class="axis" d="M${left} ${top}V${top + side}H${left + side}M${left} ${base}H${left + side}"/>
<path class="ideal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}"/>
${ticks.map((share) => `<text x="${left - 6}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text><text x="${x(share)}" y="${base + 16}" text-anchor="${share === 1 ? "end" : "middle"}">${share * 100} %</text>`).join("")}
<text x="${left + side / 2}" y="${base + 36}" text-anchor="middle">${escapeText(texts.confidence)}</text>
<text transform="translate(12 ${top + side / 2}) rotate(-90)" text-anchor="middle">${escapeText(texts.accuracy)}</text>
<text x="${left - 6}" y="${base - counts / 2 + 4}" text-anchor="end">${escapeText(texts.images)}</text>
</svg>`;
}

function box(x: number, y: number, width: number, height: number): string {
  return `x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${width.toFixed(2)}" height="${height.toFixed(2)}"`;
}
