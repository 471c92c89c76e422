/** @file A misclassification report as Markdown with pictures beside it. */
import { basename } from "node:path";
import { noteTexts } from "../protocol/errorTexts.js";
import { debugReportTexts as texts } from "../protocol/debugReportTexts.js";
import { causeTexts, sentenceText, strengthTexts } from "../protocol/debugTexts.js";
import { otherFindings, type DebugReport, type Sentence } from "../protocol/debug.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { modelLabel } from "../protocol/modelNames.js";
import { pictureRows, type PictureFile, type ReportPictures } from "./debugPictures.js";
import { classRows, labelSourceLine, measuredName, qualityLines, surenessLines, triedGroups } from "./debugTables.js";
import { escapeMarkdown, markdownPicture, markdownTable } from "./markdown.js";
import { percent, shortNumber } from "./markup.js";

export interface MarkdownReport {
  readonly text: string;
  /** Pictures by their name, beside the text. */
  readonly pictures: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** The report; `name` begins the pictures' names. What comes out of files and models is shown as it stands, never as markup. */
export function debugMarkdown(report: DebugReport, pictures: ReportPictures, name: string, version: string, translate: Translate): MarkdownReport {
  const { true: real, predicted, expected, isMistake, neighbours, model, input, runtime } = report;
  const files: { name: string; bytes: Uint8Array }[] = [];
  const image = (id: string, { mime, bytes }: PictureFile) => {
    const file = `${name}.${id.replace("/", ".")}.${mime === "image/jpeg" ? "jpg" : "png"}`;
    files.push({ name: file, bytes });
    return markdownPicture(id, file);
  };
  const say = (sentence: Sentence) => escapeMarkdown(sentenceText(sentence, translate));
  const heading = (text: string) => `## ${escapeMarkdown(translate(text))}`;
  const quality = qualityLines(report, translate);
  const causeBlocks = () => [
    heading(texts.causes), report.causes.length === 0 ? escapeMarkdown(translate(texts.noCauses)) : report.causes.map(({ id, strength, evidence }, i) => [`${i + 1}. **${escapeMarkdown(translate(causeTexts[id]))}** (${escapeMarkdown(translate(strengthTexts[strength]))})`, ...evidence.map((one) => `   - ${say(one)}`)].join("\n")).join("\n"),
    [escapeMarkdown(translate(texts.thresholds)), ...report.textbook.map(say)].join(" "),
  ];
  const blocks = [
    `# ${escapeMarkdown(`${basename(input)} · ${modelLabel(model.path)} · ${translate(texts.title)}`)}`, escapeMarkdown(`${runtime.detail} · Whylight ${version}`),
    `**${say(report.verdict)}**`,
    list([
      translate(texts.trueIs, { label: `${real.label} ${percent(real.probability)}` }), translate(texts.predictedIs, { label: predicted.label, probability: percent(predicted.probability) }),
      ...(expected ? [translate(texts.expectedIs, { label: expected.label, rank: expected.rank, probability: percent(expected.probability) })] : []), translate(texts.trueRank, { rank: real.rank, probability: percent(real.probability) }), labelSourceLine(report, translate),
    ].map(escapeMarkdown)),
    heading(texts.maps), escapeMarkdown(`${translate(texts.sharedScale)} ${translate(reportTexts.caution)}`),
    image("original", pictures.original),
    ...pictureRows(report, pictures, translate).flatMap(({ title, pictures: row }) => [
      `### ${escapeMarkdown(title)}`,
      markdownTable(row.map(({ caption }) => escapeMarkdown(caption)), [row.map(({ id, picture }) => image(id, picture)), row.map(({ scale }) => `${shortNumber(scale.ends[0])} – ${shortNumber(scale.ends[1])}`)]),
      ...row.flatMap(({ notes }) => notes.map(escapeMarkdown)),
    ]),
    heading(texts.predictions), markdownTable(["#", translate(texts.predicted), ""], classRows(report, translate).map(({ prediction: { rank, label, probability }, marks }) => [String(rank), `${escapeMarkdown(label)}${marks.map((mark) => ` **${escapeMarkdown(mark)}**`).join("")}`, percent(probability)])),
    list(surenessLines(report, translate).map(escapeMarkdown)),
    ...(isMistake ? causeBlocks() : []),
    heading(isMistake ? texts.otherFindings : texts.findings), list(otherFindings(report).map(say)), escapeMarkdown(translate(texts.measuredOn, { method: measuredName(report, translate) })),
    heading(texts.tried),
    markdownTable([translate(texts.change), translate(texts.predictedThen), ...(isMistake ? [predicted.label] : []), real.label].map(escapeMarkdown), [
      [translate(texts.asItIs), predicted.label, ...(isMistake ? [percent(predicted.probability)] : []), percent(real.probability)].map(escapeMarkdown),
      ...triedGroups(report, translate).flatMap(({ all }) => all.map(({ cells: [change, then, before, truly], fixes }) => [fixes ? `**${escapeMarkdown(change)}**` : escapeMarkdown(change), escapeMarkdown(then), ...(isMistake ? [before] : []), truly])),
    ]),
    heading(texts.quality), list([...quality.flags, quality.numbers].map(escapeMarkdown)),
    ...(neighbours ? [
      heading(texts.near), escapeMarkdown(translate(texts.nearOf, { searched: neighbours.searched, folder: basename(neighbours.folder) })),
      markdownTable(["", translate(texts.trueClass), translate(texts.similarity, { value: "" }).trim(), ""].map(escapeMarkdown), neighbours.found.map(({ file, label, similarity, isDuplicate }, i) => {
        const picture = pictures.near.find((one) => one.file === file)?.picture;
        return [picture ? image(`near-${i + 1}`, picture) : "", escapeMarkdown(report.classNames[label] ?? String(label)), similarity.toFixed(3), escapeMarkdown(isDuplicate ? `${file} (${translate(texts.duplicate)})` : file)];
      })),
    ] : []),
    ...(report.notes.length > 0 ? [list(report.notes.map(({ code, data }) => escapeMarkdown(translate(noteTexts[code], data))))] : []),
  ];
  return { text: `${blocks.join("\n\n")}\n`, pictures: files };
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
