/** @file Explanations as one page that needs nothing else: pictures embedded, no scripts, light and dark. */
import { escapeText } from "../drawing/escapeText.js";
import { basename } from "node:path";
import type { Explanation, ImagePreview, Prediction } from "../protocol/api.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { detailRows, targetName } from "./captions.js";
import { colorStops, dataUri, percent, shortNumber } from "./markup.js";
import { reportPage } from "./reportPage.js";

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

/** The page. Everything out of files and models is escaped. `version` is the product's. */
export function htmlReport(modelName: string, items: readonly ReportItem[], version: string, translate: Translate): string {
  const first = items[0]?.explanation;
  return reportPage({
    title: translate(reportTexts.title, { model: modelName }), facts: [...(first ? [first.runtime.detail] : []), `Whylight ${version}`, translate(reportTexts.ownScale)], caution: translate(reportTexts.caution),
    hasPictures: true, body: groupByInput(items).map((group) => section(group, translate)).join("\n"),
  }, translate);
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
