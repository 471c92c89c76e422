/** @file Explained texts as one page that needs nothing else: every word on its colour with its share, and the tokens as a table. */
import { escapeText } from "../drawing/escapeText.js";
import { colorTable } from "../drawing/colormap.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import type { AttributedWord, TextExplanation, TextScale } from "../protocol/text.js";
import { detailRows, targetName } from "./captions.js";
import { predictionRow } from "./htmlReport.js";
import { percent, shortNumber } from "./markup.js";
import { reportPage } from "./reportPage.js";

export interface TextReportItem {
  /** The input as the caller named it. */
  readonly input: string;
  readonly explanation: TextExplanation;
  readonly notes: readonly string[];
}

const ownStyle = `
.text { margin: .75rem 0; line-height: 2.6; white-space: pre-wrap; overflow-wrap: anywhere; }
.text ruby { padding: 0 .1rem; border-radius: 3px; color: #1f2328; ruby-position: under; }
.text rt { margin-top: .2rem; color: var(--quiet); font-size: .62rem; font-variant-numeric: tabular-nums; }
.legend { display: flex; align-items: center; gap: .5rem; font-size: .8rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.legend i { width: 10rem; height: .6rem; border-radius: 3px; }
h3 { margin: 1.25rem 0 .25rem; font-size: .95rem; font-weight: 600; }
`;

type Rgb = readonly [red: number, green: number, blue: number];

/** A value's colour, and the values at the ends of the scale. */
interface Scale {
  readonly ends: readonly [low: number, high: number];
  readonly colorOf: (value: number) => Rgb;
}

const stops: readonly Rgb[] = [[244, 109, 67], [254, 224, 139], [102, 189, 99]];

const scales: Readonly<Record<TextScale, (values: readonly number[]) => Scale>> = {
  "blue-orange": (values) => {
    const most = Math.max(...values.map(Math.abs)) || 1;
    const table = colorTable("diverging");
    return {
      ends: [-most, most], colorOf: (value) => {
        // The ends of the table are too dark for words in black.
        const at = 3 * Math.round(127.5 + 90 * (value / most));
        return [table[at]!, table[at + 1]!, table[at + 2]!];
      },
    };
  },
  "red-yellow-green": (values) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return {
      ends: [low, high], colorOf: (value) => {
        const place = high > low ? (2 * (value - low)) / (high - low) : 1;
        const from = Math.min(1, Math.floor(place));
        return stops[from]!.map((part, i) => Math.round(part + (stops[from + 1]![i]! - part) * (place - from))) as unknown as Rgb;
      },
    };
  },
};

const css = ([red, green, blue]: Rgb) => `rgb(${red},${green},${blue})`;

/** The page. Everything out of files and models is escaped. `version` is the product's. */
export function textReport(modelName: string, items: readonly TextReportItem[], colors: TextScale, version: string, translate: Translate): string {
  const first = items[0]?.explanation;
  return reportPage({
    title: translate(reportTexts.title, { model: modelName }), facts: [...(first ? [first.runtime.detail] : []), `Whylight ${version}`], caution: translate(reportTexts.textCaution), style: ownStyle,
    hasPictures: false, body: groupByInput(items).map((group) => section(group, colors, translate)).join("\n"),
  }, translate);
}

/** Methods of one text stand below each other. */
function groupByInput(items: readonly TextReportItem[]): TextReportItem[][] {
  const groups = new Map<string, TextReportItem[]>();
  for (const item of items) groups.set(item.input, [...(groups.get(item.input) ?? []), item]);
  return [...groups.values()];
}

function section(group: readonly TextReportItem[], colors: TextScale, translate: Translate): string {
  const { input, explanation } = group[0]!;
  const notes = [...new Set(group.flatMap((item) => item.notes))];
  return `<section>
<h2>${escapeText(input)}</h2>
<table>${explanation.predictions.map(predictionRow).join("")}</table>
${group.map((item) => explained(item.explanation, colors, translate)).join("\n")}
${notes.map((note) => `<p class="quiet">${escapeText(note)}</p>`).join("\n")}
</section>`;
}

function explained(explanation: TextExplanation, colors: TextScale, translate: Translate): string {
  const { method, words, tokens, completeness } = explanation;
  const scale = scales[colors](words.map(({ attribution }) => attribution));
  const gap = completeness && `<div class="gap">${escapeText(`${translate(reportTexts.gap)}: ${translate(reportTexts.gapOf, { gap: shortNumber(completeness.gap), share: percent(completeness.relative) })}`)}</div>`;
  const rows = detailRows({ ...explanation, as: undefined, layer: undefined }, scale.ends, translate).map(([name, value]) => `<tr><td>${escapeText(name)}</td><td>${escapeText(value)}</td></tr>`).join("");
  const head = [reportTexts.token, reportTexts.tokenId, reportTexts.share, reportTexts.rawValue].map((name) => `<td>${escapeText(translate(name))}</td>`).join("");
  const body = tokens.map(({ token, id, attribution, raw }) => `<tr><td>${escapeText(token)}</td><td class="number">${id}</td><td class="number">${attribution.toFixed(3)}</td><td class="number">${shortNumber(raw)}</td></tr>`).join("");
  const stretch = Array.from({ length: 9 }, (_, i) => css(scale.colorOf(scale.ends[0] + ((scale.ends[1] - scale.ends[0]) * i) / 8))).join(",");
  const texts = [explanation.text, ...(explanation.pair === undefined ? [] : [explanation.pair])];
  return `<h3>${escapeText(`${targetName(explanation, translate)} · ${method}`)}</h3>
${texts.map((text, part) => `<div class="text">${painted(text, words.filter((word) => word.part === part), scale)}</div>`).join("\n")}
<div class="legend"><span>${scale.ends[0].toFixed(2)}</span><i style="background:linear-gradient(to right,${stretch})"></i><span>${scale.ends[1].toFixed(2)}</span></div>
${gap ?? ""}
<details><summary>${escapeText(translate(reportTexts.tokens))}</summary><table><tr>${head}</tr>${body}</table></details>
<details><summary>${escapeText(translate(reportTexts.details))}</summary><table>${rows}</table></details>`;
}

/** The text as it was written, each word on its colour, its share below it. */
function painted(text: string, words: readonly AttributedWord[], { colorOf }: Scale): string {
  let at = 0;
  const parts = words.map(({ start, end, attribution }) => {
    const before = text.slice(at, start);
    at = Math.max(at, end);
    return `${escapeText(before)}<ruby style="background:${css(colorOf(attribution))}">${escapeText(text.slice(start, end))}<rt>${attribution.toFixed(2)}</rt></ruby>`;
  });
  return parts.join("") + escapeText(text.slice(at));
}
