/** @file An audit as Markdown, with its pictures in a folder beside it. */
import { confusionClasses } from "../drawing/audit/confusionClasses.js";
import type { SharedRegion } from "../engine/audit/summary.js";
import { auditFindingTitles, auditReportTexts as texts } from "../protocol/auditReportTexts.js";
import {
  calibrationRows, calibrationTable, classTable, failedTable, headFacts, headlineRows, labelOf, mistakeCaption, pairTable, provenanceRows, qualityTable, regionRows, regionTitle, titleOf, trialTable, unknownTable, type ReportContext, type ReportTable,
} from "./auditContent.js";
import { duplicatesAcross, pictureKey, shown, type AuditPictures } from "./auditPictures.js";
import { escapeMarkdown, markdownPicture, markdownTable } from "./markdown.js";
import { percent } from "./markup.js";
import { mapCellMarkdown } from "./meanMapColumns.js";

/** More columns than this are not read in a text. */
const mostInMatrix = 12;

/** A document with the pictures that it names, by their paths beside it. */
export interface MarkdownFiles {
  readonly text: string;
  readonly pictures: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

type Page = ReportContext & {
  readonly place: (file: string, hasMap: boolean) => string;
  /** Puts a drawn map beside the document and tells its path. */
  readonly draw: (svg: Uint8Array) => string;
};

/** The document. `name` names the folder of its pictures. */
export function auditMarkdown(context: ReportContext, found: AuditPictures, name: string): MarkdownFiles {
  const files = [...found].map(([key, { mime, bytes }], i) => ({ key, name: `${name}-pictures/${String(i + 1).padStart(3, "0")}.${mime === "image/jpeg" ? "jpg" : "png"}`, bytes }));
  const paths = new Map(files.map((file) => [file.key, file.name]));
  const place = (file: string, hasMap: boolean) => {
    const path = paths.get(pictureKey({ file, hasMap }));
    return path === undefined ? "" : markdownPicture(file, path);
  };
  const { translate } = context;
  const drawn: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  const draw = (bytes: Uint8Array) => {
    const path = `${name}-pictures/map-${String(drawn.length + 1).padStart(3, "0")}.svg`;
    drawn.push({ name: path, bytes });
    return path;
  };
  const page = { ...context, place, draw };
  const parts = [
    `# ${escapeMarkdown(titleOf(context))}`, escapeMarkdown(headFacts(context).join(" · ")), translate(texts.caution), facts(headlineRows(context)),
    findings(context), regions(page), confusion(page), worst(page), suspects(page), duplicates(page), section(classTable(context), page), calibration(context),
    section(trialTable(context), page), section(qualityTable(context), page), section(failedTable(context), page), section(unknownTable(context), page), `## ${translate(texts.made)}\n\n${facts(provenanceRows(context))}`,
  ];
  return { text: `${parts.filter((part) => part !== "").join("\n\n")}\n`, pictures: [...files.map(({ name: path, bytes }) => ({ name: path, bytes })), ...drawn] };
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`).join("\n");
}

function findings({ summary, translate, sentence }: ReportContext): string {
  const cards = summary.findings.map(({ id, sentences }) => `- **${translate(auditFindingTitles[id])}**: ${sentences.map((one) => escapeMarkdown(sentence(one))).join(" ")}`);
  return `## ${translate(texts.findings)}\n\n${cards.length > 0 ? cards.join("\n") : translate(texts.nothingFound)}`;
}

function regions(page: Page): string {
  const { summary, translate } = page;
  return summary.regions.length === 0 ? "" : `## ${translate(texts.regions)}\n\n${summary.regions.map((region) => oneRegion(region, page)).join("\n\n")}`;
}

function oneRegion(region: SharedRegion, page: Page): string {
  const pictures = pictureTable(region.files.slice(0, shown.perRegion).map((file) => ({ file, lines: [] })), page);
  return `### ${escapeMarkdown(regionTitle(page, region))}\n\n${facts(regionRows(page, region))}\n\n${pictures}`;
}

function confusion(context: Page): string {
  const { summary, translate } = context;
  const classes = confusionClasses(summary.confusion, mostInMatrix);
  if (classes.length === 0) return "";
  const counts = new Map(summary.confusion.map(({ label, predicted, images }) => [`${label} ${predicted}`, images]));
  const head = [`${translate(texts.label)} ↓ ${translate(texts.answer)} →`, ...classes.map((index) => escapeMarkdown(labelOf(context, index)))];
  const rows = classes.map((label) => [escapeMarkdown(labelOf(context, label)), ...classes.map((predicted) => {
    const count = counts.get(`${label} ${predicted}`);
    return count === undefined ? "" : label === predicted ? `**${count}**` : String(count);
  })]);
  const all = confusionClasses(summary.confusion, Infinity).length;
  const note = classes.length < all ? `\n\n${translate(texts.confusionShown, { shown: classes.length, all })}` : "";
  return `## ${translate(texts.confusion)}\n\n${markdownTable(head, rows, classes.map((_, i) => i + 1))}${note}\n\n${section(pairTable(context), context, "###")}`.trimEnd();
}

function worst(page: Page): string {
  const { summary, translate } = page;
  const some = summary.worst.slice(0, shown.worst);
  if (some.length === 0) return "";
  return `## ${translate(texts.worst)}\n\n${pictureTable(some.map((one) => ({ file: one.file, lines: [mistakeCaption(page, one)] })), page)}`;
}

function suspects(page: Page): string {
  const { summary, translate } = page;
  if (summary.labelSuspects.length === 0) return "";
  const rows = summary.labelSuspects.slice(0, shown.suspects).map(({ file, label, likely, labelProbability, likelyProbability, neighbours }) => ({
    file, lines: [
      `${translate(texts.label)}: ${labelOf(page, label)} ${percent(labelProbability)}`, `${translate(texts.likely)}: ${labelOf(page, likely)} ${percent(likelyProbability)}`,
      ...(neighbours ? [`${translate(texts.neighboursAgree)}: ${translate(texts.countOf, { count: neighbours.agree, total: neighbours.of })}`] : []),
    ],
  }));
  return `## ${translate(texts.suspects)}\n\n${translate(texts.suspectsHow)}\n\n${pictureTable(rows, page)}`;
}

function duplicates(page: Page): string {
  const { summary, translate } = page;
  const groups = duplicatesAcross(summary).slice(0, shown.duplicateGroups);
  if (groups.length === 0) return "";
  const lists = groups.map(({ files }) => pictureTable(files.slice(0, shown.perGroup).map(({ file, label }) => ({ file, lines: [translate(texts.labelledOnly, { label: labelOf(page, label) })] })), page));
  return `## ${translate(texts.duplicates)}, ${translate(texts.duplicatesAcross)}\n\n${lists.join("\n\n")}`;
}

function calibration(context: ReportContext): string {
  const content = calibrationTable(context);
  return content ? `## ${content.title}\n\n${facts(calibrationRows(context))}\n\n${markdownTable(content.head, content.rows, content.numbers)}` : "";
}

/** One row per picture: the image, its map where there is one, what is said about it. */
function pictureTable(items: readonly { readonly file: string; readonly lines: readonly string[] }[], { place, translate }: Page): string {
  const hasMaps = items.some(({ file }) => place(file, true) !== "");
  const rows = items.map(({ file, lines }) => [place(file, false), ...(hasMaps ? [place(file, true)] : []), [...lines, file].map(escapeMarkdown).join("<br>")]);
  return markdownTable([translate(texts.image), ...(hasMaps ? [translate(texts.map)] : []), translate(texts.file)], rows);
}

function section(content: ReportTable | undefined, { translate, draw }: Page, level = "##"): string {
  if (!content) return "";
  const { title, head, rows, numbers, footnotes, maps } = content;
  const cells = rows.map((row, at) => [...row.map(escapeMarkdown), ...(maps?.rows[at] ?? []).map((map) => mapCellMarkdown(map, draw, translate))]);
  return [`${level} ${escapeMarkdown(title)}`, markdownTable([...head, ...(maps?.heads ?? [])].map(escapeMarkdown), cells, numbers), ...footnotes.map(escapeMarkdown)].join("\n\n");
}
