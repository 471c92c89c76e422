/** @file An audit as one page that needs nothing else: findings, confusions, regions with their counter-tests, the worst mistakes. Made to be read on a screen and to be printed. */
import { auditSvgStyle } from "../drawing/audit/auditSvgStyle.js";
import { calibrationSvg } from "../drawing/audit/calibrationSvg.js";
import { confusionClasses } from "../drawing/audit/confusionClasses.js";
import { confusionSvg } from "../drawing/audit/confusionSvg.js";
import { meanMapSvg } from "../drawing/audit/meanMapSvg.js";
import { escapeText } from "../drawing/escapeText.js";
import type { AuditFinding, SharedRegion } from "../engine/audit/summary.js";
import { auditFindingTitles, auditReportTexts as texts } from "../protocol/auditReportTexts.js";
import { meanMapTexts } from "../protocol/meanMaps.js";
import { reportTexts } from "../protocol/reportTexts.js";
import {
  calibrationRows, calibrationTable, classTable, failedTable, headFacts, headlineRows, labelOf, mistakeCaption, pairTable, provenanceRows, qualityTable, regionRows, regionTitle, titleOf, trialTable, unknownTable, type ReportContext, type ReportTable,
} from "./auditContent.js";
import { auditPageStyle } from "./auditPageStyle.js";
import { duplicatesAcross, pictureKey, shown, type AuditPictures } from "./auditPictures.js";
import { dataUri, percent } from "./markup.js";
import { mapCellHtml } from "./meanMapColumns.js";
import { reportPage } from "./reportPage.js";

/** More classes than this do not fit a page; the most confused are shown. */
const mostInMatrix = 20;

type Page = ReportContext & { readonly pictures: AuditPictures };

/** The page. Everything out of files and models is escaped. */
export function auditHtml(context: ReportContext, pictures: AuditPictures): string {
  const page = { ...context, pictures };
  const { translate } = context;
  return reportPage({
    title: titleOf(context), facts: headFacts(context), caution: translate(texts.caution), style: auditPageStyle + auditSvgStyle, hasPictures: true,
    body: [
      headline(context), findings(context), regions(page), confusion(context), worst(page), suspects(page), duplicates(page), section(classTable(context), context), calibration(context),
      section(trialTable(context), context), section(qualityTable(context), context), section(failedTable(context), context), section(unknownTable(context), context), provenance(context),
    ].filter((part) => part !== "").join("\n"),
  }, translate);
}

function headline(context: ReportContext): string {
  return `<dl class="headline">${headlineRows(context).map(([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`).join("")}</dl>`;
}

function findings(context: ReportContext): string {
  const { summary, translate } = context;
  const cards = summary.findings.map((finding) => card(finding, context));
  return titled(texts.findings, cards.length > 0 ? `<div class="cards">${cards.join("\n")}</div>` : `<p>${escapeText(translate(texts.nothingFound))}</p>`, context);
}

function card({ id, severity, sentences }: AuditFinding, { translate, sentence }: ReportContext): string {
  return `<article class="card ${severity}"><h3>${escapeText(translate(auditFindingTitles[id]))}</h3>${sentences.map((one) => `<p>${escapeText(sentence(one))}</p>`).join("")}</article>`;
}

function regions(page: Page): string {
  return page.summary.regions.length === 0 ? "" : titled(texts.regions, page.summary.regions.map((region) => oneRegion(region, page)).join("\n"), page);
}

function oneRegion(region: SharedRegion, page: Page): string {
  const { translate } = page;
  const mean = translate(texts.meanMap, { images: region.inRegion });
  return `<div class="region ${region.verdict}"><h3>${escapeText(regionTitle(page, region))}</h3>
<div class="row"><figure class="mean">${meanMapSvg(region.meanMap, region.area, mean)}<figcaption class="quiet">${escapeText(mean)}</figcaption></figure>${rowsTable(regionRows(page, region))}</div>
<div class="grid">${region.files.slice(0, shown.perRegion).map((file) => pictured(file, [], page)).join("")}</div></div>`;
}

function confusion(context: ReportContext): string {
  const { summary, translate } = context;
  const all = confusionClasses(summary.confusion, Infinity).length;
  if (all === 0) return "";
  const classes = confusionClasses(summary.confusion, mostInMatrix).map((index) => ({ index, label: labelOf(context, index) }));
  const svg = confusionSvg({
    classes, cells: summary.confusion, texts: { title: translate(texts.confusionTitle), label: translate(texts.label), predicted: translate(texts.answer) },
    describe: ({ label, predicted, images }) => translate(texts.cell, { images, label: labelOf(context, label), predicted: labelOf(context, predicted) }),
  });
  const how = classes.length < all ? translate(texts.confusionShown, { shown: classes.length, all }) : translate(texts.confusionShade);
  const pairs = pairTable(context);
  return titled(texts.confusion, `<div class="row"><div class="scroll">${svg}<p class="quiet">${escapeText(how)}</p></div>${pairs ? `<div><h3>${escapeText(pairs.title)}</h3>${table(pairs, context)}</div>` : ""}</div>`, context);
}

function worst(page: Page): string {
  const { summary, translate } = page;
  const some = summary.worst.slice(0, shown.worst);
  if (some.length === 0) return "";
  const how = some.length < summary.mistakes ? `<p class="quiet">${escapeText(translate(texts.worstShown, { shown: some.length, all: summary.mistakes }))}</p>` : "";
  return titled(texts.worst, `${how}<div class="grid">${some.map((one) => pictured(one.file, [mistakeCaption(page, one)], page)).join("")}</div>`, page);
}

function suspects(page: Page): string {
  const { summary, translate } = page;
  if (summary.labelSuspects.length === 0) return "";
  const figures = summary.labelSuspects.slice(0, shown.suspects).map(({ file, label, likely, labelProbability, likelyProbability, neighbours }) => pictured(file, [
    `${translate(texts.label)}: ${labelOf(page, label)} ${percent(labelProbability)}`, `${translate(texts.likely)}: ${labelOf(page, likely)} ${percent(likelyProbability)}`,
    ...(neighbours ? [`${translate(texts.neighboursAgree)}: ${translate(texts.countOf, { count: neighbours.agree, total: neighbours.of })}`] : []),
  ], page, false));
  return titled(texts.suspects, `<p class="quiet">${escapeText(translate(texts.suspectsHow))}</p><div class="grid">${figures.join("")}</div>${leftOut(summary.labelSuspects.length - figures.length, page)}`, page);
}

function duplicates(page: Page): string {
  const { summary, translate } = page;
  if (summary.duplicates.length === 0) return "";
  const across = duplicatesAcross(summary);
  const within = summary.duplicates.length - across.length;
  const groups = across.slice(0, shown.duplicateGroups).map(({ files }) => `<div class="grid group">${files.slice(0, shown.perGroup).map(({ file, label }) => pictured(file, [translate(texts.labelledOnly, { label: labelOf(page, label) })], page, false)).join("")}</div>`);
  const note = within > 0 ? `<p class="quiet">${escapeText(translate(texts.duplicatesWithin, { count: within }))}</p>` : "";
  return titled(texts.duplicates, `${groups.length > 0 ? `<h3>${escapeText(translate(texts.duplicatesAcross))}</h3>` : ""}<div class="groups">${groups.join("")}</div>${leftOut(across.length - groups.length, page)}${note}`, page);
}

function calibration(context: ReportContext): string {
  const { summary, translate } = context;
  if (!summary.calibration) return "";
  const svg = calibrationSvg({
    bins: summary.calibration.bins, texts: { title: translate(texts.calibrationTitle), confidence: translate(texts.confidence), accuracy: translate(texts.shareRight), images: translate(texts.images) },
    describe: ({ from, to, images, accuracy, confidence }) => translate(texts.bin, { from: percent(from), to: percent(to), images, accuracy: percent(accuracy ?? 0), confidence: percent(confidence ?? 0) }),
  });
  return titled(texts.calibration, `<div class="row">${svg}<div>${rowsTable(calibrationRows(context))}<p class="quiet narrow">${escapeText(translate(texts.calibrationHow))}</p><details><summary>${escapeText(translate(reportTexts.details))}</summary>${table(calibrationTable(context)!, context)}</details></div></div>`, context);
}

function provenance(context: ReportContext): string {
  return titled(texts.made, rowsTable(provenanceRows(context)), context);
}

/** An image with its map beside it and what is said about it. */
function pictured(file: string, lines: readonly string[], { pictures }: Page, hasMap = true): string {
  const one = (withMap: boolean) => {
    const picture = pictures.get(pictureKey({ file, hasMap: withMap }));
    return picture ? `<img alt="${escapeText(file)}" src="${dataUri(picture.mime, picture.bytes)}">` : "";
  };
  return `<figure class="small"><div>${one(false)}${hasMap ? one(true) : ""}</div><figcaption>${lines.map((line) => `<b>${escapeText(line).replaceAll(" %", "&nbsp;%")}</b>`).join("<br>")}${lines.length > 0 ? "<br>" : ""}<span class="quiet">${escapeText(file)}</span></figcaption></figure>`;
}

function leftOut(count: number, { translate }: ReportContext): string {
  return count > 0 ? `<p class="quiet">${escapeText(translate(texts.moreLeftOut, { count }))}</p>` : "";
}

function titled(title: string, body: string, { translate }: ReportContext): string {
  return `<section><h2>${escapeText(translate(title))}</h2>${body}</section>`;
}

function section(content: ReportTable | undefined, context: ReportContext): string {
  return content ? `<section><h2>${escapeText(content.title)}</h2>${table(content, context)}${content.footnotes.map((note) => `<p class="quiet">${escapeText(note)}</p>`).join("")}</section>` : "";
}

function table({ head, rows, numbers, maps }: ReportTable, { translate }: ReportContext): string {
  const kind = (column: number) => (numbers.includes(column) ? ' class="number"' : "");
  const heads = [...head, ...(maps?.heads ?? [])].map((text, i) => `<th scope="col"${kind(i)}>${escapeText(text)}</th>`).join("");
  const mapped = (at: number) => (maps?.rows[at] ?? []).map((map) => `<td>${mapCellHtml(map, translate)}</td>`).join("");
  const body = rows.map((row, at) => `<tr>${row.map((cell, i) => (i === 0 ? `<th scope="row">${escapeText(cell)}</th>` : `<td${kind(i)}>${escapeText(cell)}</td>`)).join("")}${mapped(at)}</tr>`).join("\n");
  const how = maps ? `<p class="quiet narrow">${escapeText(translate(meanMapTexts.how))}</p>` : "";
  return `<div class="scroll"><table class="data"><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>${how}`;
}

function rowsTable(rows: readonly (readonly [string, string])[]): string {
  return `<table class="facts">${rows.map(([name, value]) => `<tr><th scope="row">${escapeText(name)}</th><td>${escapeText(value)}</td></tr>`).join("")}</table>`;
}
