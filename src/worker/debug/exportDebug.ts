/** @file A misclassification report as files that stand on their own. */
import { fillIn } from "../../protocol/errorTexts.js";
import type { DebugExportRequest, DebugFormat, DebugReport, ExportedFiles } from "../../protocol/debug.js";
import type { Translate } from "../../protocol/reportTexts.js";
import { debugHtml } from "../../report/debugHtml.js";
import { debugJson } from "../../report/debugJson.js";
import { debugMarkdown } from "../../report/debugMarkdown.js";
import { debugText } from "../../report/debugText.js";
import type { ImageCache } from "../imageCache.js";
import { version } from "../version.js";
import { debugPictures } from "./debugPictures.js";

type Maker = (images: ImageCache, report: DebugReport, name: string, translate: Translate) => Promise<ExportedFiles["files"]>;

const encode = (text: string) => new TextEncoder().encode(text);

/** How each format is made; the main file comes first. */
const makers: Readonly<Record<DebugFormat, Maker>> = {
  html: async (images, report, name, translate) => [{ name: `${name}.html`, bytes: encode(debugHtml(report, await debugPictures(images, report), version, translate)) }],
  markdown: async (images, report, name, translate) => {
    const { text, pictures } = debugMarkdown(report, await debugPictures(images, report), name, version, translate);
    return [{ name: `${name}.md`, bytes: encode(text) }, ...pictures];
  },
  json: async (_, report, name, translate) => [{ name: `${name}.json`, bytes: encode(debugJson(report, version, translate)) }],
  text: async (_, report, name, translate) => [{ name: `${name}.txt`, bytes: encode(debugText(report, translate)) }],
};

/** The report in one format. Throws what is wrong with the image. */
export async function exportDebug(images: ImageCache, { report, format, name, strings }: DebugExportRequest): Promise<ExportedFiles> {
  const translate: Translate = (english, data = {}) => fillIn(Object.hasOwn(strings, english) ? strings[english]! : english, data);
  return { files: await makeDebugFiles(images, report, format, name, translate) };
}

/** The same with a translation at hand. */
export async function makeDebugFiles(images: ImageCache, report: DebugReport, format: DebugFormat, name: string, translate: Translate): Promise<ExportedFiles["files"]> {
  return makers[format](images, report, name, translate);
}
