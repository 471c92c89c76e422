/** @file Explanations as one page that needs nothing else: pictures embedded, no scripts, light and dark. */
import { escapeText } from "../drawing/escapeText.js";
import { basename } from "node:path";
import type { Explanation, ImagePreview, Prediction } from "../protocol/api.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { detailRows, targetName } from "./captions.js";
import { colorStops, dataUri, percent, shortNumber } from "./markup.js";

/** One picture of the page. */
export interface ReportItem {
  /** The input as the caller named it. */
  readonly input: string;
  readonly explanation: Explanation;
  readonly notes: readonly string[];
  /** The overlay. */
  readonly png: Uint8Array;
  /** The image alone; `undefined` for tensors. */
  readonly original: ImagePreview | undefined;
  /** The map's colours, and the raw values at the ends of its scale. */
  readonly scale: { readonly colors: Uint8Array; readonly ends: readonly [low: number, high: number] };
}

/** The look of a page: light and dark. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1f2328; --quiet: #59636e; --ground: #ffffff; --raised: #f6f8fa; --line: #d1d9e0; --bar: #3b6ea8; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --quiet: #9aa4af; --ground: #16191d; --raised: #1e2227; --line: #343a41; --bar: #6fa3dd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 4rem; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.35rem; font-weight: 600; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: .25rem 0; }
.quiet { color: var(--quiet); }
section { margin-top: 1.5rem; padding: 1.25rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; }
.row { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: flex-start; }
figure { margin: 0; width: 15rem; }
figure img { display: block; width: 100%; border-radius: 3px; image-rendering: auto; background: var(--ground); }
figcaption { margin-top: .4rem; font-size: .85rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 17rem; }
td { padding: .15rem .6rem .15rem 0; }
td.number { text-align: right; }
.track { display: inline-block; width: 7rem; height: .5rem; background: var(--line); border-radius: 3px; overflow: hidden; }
.track i { display: block; height: 100%; background: var(--bar); }
.scale { display: flex; align-items: center; gap: .4rem; margin-top: .35rem; font-size: .8rem; font-variant-numeric: tabular-nums; }
.scale i { flex: 1; height: .6rem; border-radius: 3px; }
details { margin-top: .25rem; font-size: .8rem; }
summary { cursor: pointer; color: var(--quiet); }
details table { min-width: 0; font-size: inherit; }
details td { vertical-align: top; overflow-wrap: anywhere; }
details td:first-child { color: var(--quiet); white-space: nowrap; overflow-wrap: normal; }
.gap { color: var(--quiet); font-size: .8rem; }
`;

/** The page. Everything out of files and models is escaped. `version` is the product's. */
export function htmlReport(modelName: string, items: readonly ReportItem[], version: string, translate: Translate): string {
  const first = items[0]?.explanation;
  const title = translate(reportTexts.title, { model: modelName });
  return `<!doctype html>
<html lang="${translate(reportTexts.language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${pageStyle}</style>
<h1>${escapeText(title)}</h1>
<p class="quiet">${escapeText(first ? `${first.runtime.detail} · ` : "")}Whylight ${escapeText(version)} · ${escapeText(translate(reportTexts.ownScale))}</p>
<p>${escapeText(translate(reportTexts.caution))}</p>
${groupByInput(items).map((group) => section(group, translate)).join("\n")}
</html>
`;
}

/** Methods of one input stand side by side. (`Map.groupBy` needs a newer Node than ours.) */
function groupByInput(items: readonly ReportItem[]): ReportItem[][] {
  const groups = new Map<string, ReportItem[]>();
  for (const item of items) groups.set(item.explanation.input, [...(groups.get(item.explanation.input) ?? []), item]);
  return [...groups.values()];
}

function section(group: readonly ReportItem[], translate: Translate): string {
  const { input, explanation, original } = group[0]!;
  const notes = [...new Set(group.flatMap((item) => item.notes))];
  const pictures = [
    ...(original ? [`<figure><img alt="${escapeText(input)}" src="${dataUri(original.mime, original.bytes)}"><figcaption class="quiet">${escapeText(translate(reportTexts.image))}</figcaption></figure>`] : []),
    ...group.map((item) => figure(item, translate)),
  ];
  return `<section>
<h2 title="${escapeText(input)}">${escapeText(basename(input))}</h2>
<div class="row">
${pictures.join("\n")}
<table>${explanation.predictions.map(predictionRow).join("")}</table>
</div>
${notes.map((note) => `<p class="quiet">${escapeText(note)}</p>`).join("\n")}
</section>`;
}

function figure({ explanation, png, scale }: ReportItem, translate: Translate): string {
  const { method, layer, completeness } = explanation;
  const caption = `${targetName(explanation, translate)} · ${method}${layer === undefined ? "" : ` · ${layer}`}`;
  const gap = completeness && `<div class="gap">${escapeText(translate(reportTexts.gap))}: ${percent(Math.abs(completeness.relative))}</div>`;
  const rows = detailRows(explanation, scale.ends, translate).map(([name, value]) => `<tr><td>${escapeText(name)}</td><td>${escapeText(value)}</td></tr>`).join("");
  return `<figure><img alt="${escapeText(caption)}" src="${dataUri("image/png", png)}"><figcaption>${escapeText(caption)}</figcaption>
<div class="scale" title="${escapeText(translate(reportTexts.rawValue))}"><span>${shortNumber(scale.ends[0])}</span><i style="background:linear-gradient(to right,${colorStops(scale.colors).join(",")})"></i><span>${shortNumber(scale.ends[1])}</span></div>
${gap ?? ""}<details><summary>${escapeText(translate(reportTexts.details))}</summary><table>${rows}</table></details></figure>`;
}

/** One class as a row: its name, a bar, its probability. */
export function predictionRow({ label, probability }: Prediction): string {
  const width = (probability * 100).toFixed(1);
  return `<tr><td>${escapeText(label)}</td><td><span class="track"><i style="width:${width}%"></i></span></td><td class="number">${percent(probability)}</td></tr>`;
}
