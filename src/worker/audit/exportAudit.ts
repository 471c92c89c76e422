/** @file An audit as files that stand on their own. */
import { toWhylightError } from "../../engine/errors.js";
import type { AuditExportRequest, AuditFormat } from "../../protocol/audit.js";
import type { ExportedFiles } from "../../protocol/debug.js";
import { auditSentenceText } from "../../protocol/auditTexts.js";
import { fillIn } from "../../protocol/errorTexts.js";
import type { Translate } from "../../protocol/reportTexts.js";
import type { ReportContext } from "../../report/auditContent.js";
import { auditHtml } from "../../report/auditHtml.js";
import { auditJson } from "../../report/auditJson.js";
import { auditMarkdown } from "../../report/auditMarkdown.js";
import { pictureKey, wantedPictures, type AuditPicture, type AuditPictures, type WantedPicture } from "../../report/auditPictures.js";
import { version } from "../version.js";
import type { Gallery } from "./gallery.js";

/** The longer side of small pictures: enough for twice the pixels that a page gives them. */
const thumbnailSide = 192;
/** As many as there are threads that decode. */
const picturesAtOnce = 4;

type Maker = (context: ReportContext, pictures: () => Promise<AuditPictures>, name: string) => Promise<ExportedFiles>;

/** How each format is made; JSON needs no pictures. */
const makers: Readonly<Record<AuditFormat, Maker>> = {
  html: async (context, pictures, name) => ({ files: [textFile(`${name}.html`, auditHtml(context, await pictures()))] }),
  markdown: async (context, pictures, name) => {
    const { text, pictures: files } = auditMarkdown(context, await pictures(), name);
    return { files: [textFile(`${name}.md`, text), ...files] };
  },
  json: async (context, _, name) => ({ files: [textFile(`${name}.json`, auditJson(context))] }),
};

/** The audit's report in one format. Throws `auditMissing`. */
export function exportAudit(gallery: Gallery, { strings, ...asked }: AuditExportRequest): Promise<ExportedFiles> {
  return makeAuditFiles(gallery, asked, (english, data = {}) => fillIn(Object.hasOwn(strings, english) ? strings[english]! : english, data));
}

/** The same with a translation at hand. */
export async function makeAuditFiles(gallery: Gallery, { audit, format, name }: Omit<AuditExportRequest, "strings">, translate: Translate): Promise<ExportedFiles> {
  const summary = await gallery.open(audit);
  const context: ReportContext = { summary, translate, version, sentence: (sentence) => auditSentenceText(sentence, translate) };
  return makers[format](context, () => picturesOf(gallery, audit, context), name);
}

async function picturesOf(gallery: Gallery, audit: string, { summary }: ReportContext): Promise<AuditPictures> {
  const wanted = wantedPictures(summary);
  const make = async (one: WantedPicture): Promise<AuditPicture | undefined> => {
    try {
      return await gallery.thumbnail({ audit, ...one, side: thumbnailSide });
    } catch (thrown) {
      // The folder may have changed since; the report says what was found all the same.
      if (toWhylightError(thrown).code === "internal") throw thrown;
      return undefined;
    }
  };
  const pictures = new Map<string, AuditPicture>();
  for (let first = 0; first < wanted.length; first += picturesAtOnce) {
    const some = wanted.slice(first, first + picturesAtOnce);
    const made = await Promise.all(some.map(make));
    for (const [i, picture] of made.entries()) if (picture) pictures.set(pictureKey(some[i]!), picture);
  }
  return pictures;
}

function textFile(name: string, text: string): ExportedFiles["files"][number] {
  return { name, bytes: new TextEncoder().encode(text) };
}
