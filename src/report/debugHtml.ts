/** @file A misclassification report as one page that needs nothing else: the verdict, the pictures on shared scales, what was found and tried, and the likely causes with their evidence. */
import { basename } from "node:path";
import { escapeText } from "../drawing/escapeText.js";
import { noteTexts } from "../protocol/errorTexts.js";
import { debugReportTexts as texts } from "../protocol/debugReportTexts.js";
import { causeTexts, sentenceText, strengthTexts } from "../protocol/debugTexts.js";
import { otherFindings, type DebugReport, type Sentence } from "../protocol/debug.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import { detailRows } from "./captions.js";
import { pictureRows, type PictureRow, type ReportPictures } from "./debugPictures.js";
import { classRows, labelSourceLine, measuredName, qualityLines, surenessLines, triedGroups, type TriedGroup } from "./debugTables.js";
import { colorStops, dataUri, percent, shortNumber } from "./markup.js";
import { reportPage } from "./reportPage.js";

const ownStyle = `
.verdict { font-size: 1.15rem; font-weight: 600; margin: 0 0 .5rem; }
.pair { display: grid; grid-template-columns: 15rem 1fr; gap: 1.25rem 2rem; margin-top: .75rem; }
@media (max-width: 60rem) { .pair { grid-template-columns: 1fr; } }
.pair table { min-width: 0; margin-bottom: .5rem; }
.pair td { overflow-wrap: anywhere; }
.pair td.number { white-space: nowrap; overflow-wrap: normal; }
.pair .track { width: 3.5rem; }
.pair figure + h3 { margin-top: 1.25rem; }
.maps h3, .tried h3 { margin: 0 0 .5rem; font-size: .9rem; font-weight: 600; color: var(--quiet); overflow-wrap: anywhere; }
.maps .row + h3 { margin-top: 1.25rem; }
.causes > li, .findings > li { margin-bottom: .5rem; }
.causes ul { margin: .15rem 0 0; padding-left: 1.1rem; }
.badge { display: inline-block; margin-left: .4rem; padding: 0 .4rem; border: 1px solid var(--line); border-radius: 3px; font-size: .8rem; white-space: nowrap; }
.tried table { min-width: 0; }
.tried th, .tried td { padding: .2rem 1rem .2rem 0; text-align: left; font-weight: normal; border-bottom: 1px solid var(--line); }
.tried thead th, .tried .family th { color: var(--quiet); }
.tried .family th { padding-top: .6rem; }
.tried td.number, .tried th.number { text-align: right; }
.tried .fixes th, .tried .fixes td { font-weight: 600; }
.scroll { overflow-x: auto; }
.near figure { width: 8rem; }
.near img, .near .none { display: block; width: 8rem; height: 8rem; object-fit: contain; background: var(--ground); }
@page { size: A4; margin: 14mm; }
@media print {
  :root { color-scheme: light; --text: #1f2328; --quiet: #59636e; --ground: #ffffff; --raised: #ffffff; --line: #d1d9e0; --bar: #3b6ea8; }
  body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section { padding: 0; border: 0; }
  figure, tr, li, h2 { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .pair { display: block; }
  .pair > div + div { margin-top: 1rem; }
  .maps figure { width: 5.4cm; }
}
`;

/** The page. Everything out of files and models is escaped. `version` is the product's. */
export function debugHtml(report: DebugReport, pictures: ReportPictures, version: string, translate: Translate): string {
  const { input, model, runtime, true: real, predicted, expected } = report;
  const say = (sentence: Sentence) => escapeText(sentenceText(sentence, translate));
  const heading = (text: string) => `<h2>${escapeText(translate(text))}</h2>`;
  const classes = [
    translate(texts.trueIs, { label: `${real.label} ${percent(real.probability)}` }), translate(texts.predictedIs, { label: predicted.label, probability: percent(predicted.probability) }),
    ...(expected ? [translate(texts.expectedIs, { label: expected.label, rank: expected.rank, probability: percent(expected.probability) })] : []), translate(texts.trueRank, { rank: real.rank, probability: percent(real.probability) }),
  ];
  const quality = qualityLines(report, translate);
  const sections = [
    `<section><p class="verdict">${say(report.verdict)}</p>${paragraphs(classes)}${paragraphs([labelSourceLine(report, translate)], "quiet")}</section>`,
    `<section class="maps">${heading(texts.maps)}<p class="quiet">${escapeText(translate(texts.sharedScale))}</p>
<div class="pair"><div><figure><img alt="${escapeText(basename(input))}" src="${uriOf(pictures.original)}"><figcaption>${escapeText(translate(texts.original))}</figcaption></figure>
<h3>${escapeText(translate(texts.predictions))}</h3><table>${classTable(report, translate)}</table>${paragraphs(surenessLines(report, translate), "quiet")}</div>
<div>${pictureRows(report, pictures, translate).map((row) => rowOf(row, translate)).join("\n")}</div></div></section>`,
    ...(report.isMistake ? [`<section>${heading(texts.causes)}${causeList(report, say, translate)}<p class="quiet">${escapeText(translate(texts.thresholds))} ${report.textbook.map(say).join(" ")}</p></section>`] : []),
    `<section>${heading(report.isMistake ? texts.otherFindings : texts.findings)}<ul class="findings">${otherFindings(report).map((finding) => `<li>${say(finding)}</li>`).join("")}</ul>${paragraphs([translate(texts.measuredOn, { method: measuredName(report, translate) })], "quiet")}</section>`,
    `<section class="tried">${heading(texts.tried)}${triedTable(report, translate)}</section>`,
    `<section>${heading(texts.quality)}${paragraphs(quality.flags)}${paragraphs([quality.numbers], "quiet")}</section>`,
    ...(report.neighbours ? [neighbours(report, pictures, translate)] : []),
    `<section>${heading(reportTexts.details)}${paragraphs(report.notes.map(({ code, data }) => translate(noteTexts[code], data)))}${details(report, pictures, translate)}</section>`,
  ];
  return reportPage({
    title: `${basename(input)} · ${modelLabel(model.path)} · ${translate(texts.title)}`, facts: [runtime.detail, `Whylight ${version}`], caution: translate(reportTexts.caution), style: ownStyle, hasPictures: true, body: sections.join("\n"),
  }, translate);
}

const uriOf = ({ mime, bytes }: ReportPictures["original"]) => dataUri(mime, bytes);

function paragraphs(lines: readonly string[], kind = ""): string {
  return lines.map((line) => `<p${kind === "" ? "" : ` class="${kind}"`}>${escapeText(line)}</p>`).join("");
}

function rowOf({ title, pictures }: PictureRow, translate: Translate): string {
  const figures = pictures.map(({ caption, picture, scale, notes }) => `<figure><img alt="${escapeText(`${title} · ${caption}`)}" src="${uriOf(picture)}"><figcaption>${escapeText(caption)}</figcaption>
<div class="scale" title="${escapeText(translate(reportTexts.rawValue))}"><span>${shortNumber(scale.ends[0])}</span><i style="background:linear-gradient(to right,${colorStops(scale.colors).join(",")})"></i><span>${shortNumber(scale.ends[1])}</span></div>${notes.map((note) => `<div class="gap">${escapeText(note)}</div>`).join("")}</figure>`);
  return `<h3>${escapeText(title)}</h3><div class="row">${figures.join("\n")}</div>`;
}

function classTable(report: DebugReport, translate: Translate): string {
  return classRows(report, translate).map(({ prediction: { rank, label, probability }, marks }) => `<tr><td class="number">${rank}.</td><td>${escapeText(label)}${marks.map((mark) => `<span class="badge">${escapeText(mark)}</span>`).join("")}</td>
<td><span class="track"><i style="width:${(100 * probability).toFixed(1)}%"></i></span></td><td class="number">${percent(probability)}</td></tr>`).join("\n");
}

function causeList({ causes }: DebugReport, say: (sentence: Sentence) => string, translate: Translate): string {
  if (causes.length === 0) return paragraphs([translate(texts.noCauses)]);
  return `<ol class="causes">${causes.map(({ id, strength, evidence }) => `<li><b>${escapeText(translate(causeTexts[id]))}</b><span class="badge">${escapeText(translate(strengthTexts[strength]))}</span><ul>${evidence.map((one) => `<li>${say(one)}</li>`).join("")}</ul></li>`).join("\n")}</ol>`;
}

function triedTable(report: DebugReport, translate: Translate): string {
  const { predicted, true: real, isMistake } = report;
  const groups = triedGroups(report, translate);
  const cells = (row: readonly [string, string, string, string]) => (isMistake ? row : [row[0], row[1], row[3]]);
  const line = (row: readonly [string, string, string, string], kind = "") => {
    const [name = "", then = "", ...shares] = cells(row);
    return `<tr${kind}><th scope="row">${escapeText(name)}</th><td>${escapeText(then)}</td>${shares.map((share) => `<td class="number">${share}</td>`).join("")}</tr>`;
  };
  const heads = [translate(texts.change), translate(texts.predictedThen), ...(isMistake ? [predicted.label] : []), real.label];
  const head = `<thead><tr>${heads.map((text, i) => `<th scope="col"${i > 1 ? ' class="number"' : ""}>${escapeText(text)}</th>`).join("")}</tr></thead>`;
  const asItIs = line([translate(texts.asItIs), predicted.label, percent(predicted.probability), percent(real.probability)]);
  const body = (pick: "all" | "telling") => groups.map((group: TriedGroup) => `<tr class="family"><th scope="rowgroup" colspan="${heads.length}">${escapeText(group.name)}</th></tr>${group[pick].map(({ cells: own, fixes }) => line(own, fixes ? ' class="fixes"' : "")).join("\n")}`).join("\n");
  const table = (pick: "all" | "telling") => `<div class="scroll"><table>${head}<tbody>${asItIs}${body(pick)}</tbody></table></div>`;
  return `${table("telling")}<details><summary>${escapeText(translate(texts.allTried, { count: report.variants.length }))}</summary>${table("all")}</details>`;
}

function neighbours({ neighbours: near, classNames }: DebugReport, { near: small }: ReportPictures, translate: Translate): string {
  const { folder, searched, found } = near!;
  const figures = found.map(({ file, label, similarity, isDuplicate }) => {
    const picture = small.find((one) => one.file === file)?.picture;
    const image = picture ? `<img alt="${escapeText(file)}" src="${uriOf(picture)}">` : '<span class="none"></span>';
    const facts = [translate(texts.similarity, { value: similarity.toFixed(3) }), ...(isDuplicate ? [translate(texts.duplicate)] : [])].join(" · ");
    return `<figure>${image}<figcaption><b>${escapeText(classNames[label] ?? String(label))}</b><br><span class="quiet">${escapeText(facts)}<br>${escapeText(file)}</span></figcaption></figure>`;
  });
  return `<section class="near"><h2>${escapeText(translate(texts.near))}</h2>${paragraphs([translate(texts.nearOf, { searched, folder: basename(folder) })], "quiet")}<div class="row">${figures.join("\n")}</div></section>`;
}

/** What a map was made with, folded. */
function details(report: DebugReport, { maps }: ReportPictures, translate: Translate): string {
  return report.maps.map(({ id, explanation }) => {
    const ends = maps.find((map) => map.id === id)!.scale.ends;
    const rows = detailRows(explanation, ends, translate).map(([name, value]) => `<tr><td>${escapeText(name)}</td><td>${escapeText(value)}</td></tr>`).join("");
    return `<details><summary>${escapeText(id)}</summary><table>${rows}</table></details>`;
  }).join("\n");
}
