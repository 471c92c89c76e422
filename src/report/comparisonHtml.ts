/** @file A comparison as one page that needs nothing else: the pictures side by side, and its tables. */
import { escapeText } from "../drawing/escapeText.js";
import type { ComparisonKind } from "../protocol/comparison.js";
import { comparisonTexts } from "../protocol/comparisonTexts.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";
import { colorStops, dataUri, shortNumber } from "./markup.js";
import { reportPage } from "./reportPage.js";

/** One picture of the page. */
export interface ComparedPicture {
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
  /** Below the name. */
  readonly lines: readonly string[];
  readonly scale: { readonly colors: Uint8Array; readonly ends: readonly [low: number, high: number] } | undefined;
}

/** A table as text: the first cell of each row names it. */
export interface PageTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly footnotes: readonly string[];
}

export interface ComparisonPage {
  readonly kind: ComparisonKind;
  readonly modelName: string;
  readonly inputName: string;
  readonly target: string;
  readonly runtime: string;
  readonly version: string;
  readonly isShared: boolean;
  readonly pictures: readonly ComparedPicture[];
  readonly tables: readonly PageTable[];
}

const ownStyle = `
.comparison figure { width: 16rem; }
.comparison b { display: block; }
.tables table { min-width: 0; margin-bottom: .5rem; }
.tables th, .tables td { padding: .25rem 1rem .25rem 0; text-align: left; font-weight: normal; border-bottom: 1px solid var(--line); }
.tables thead th { color: var(--quiet); }
.tables tbody th { font-weight: 600; white-space: nowrap; }
.tables td.short { white-space: nowrap; }
.tables p + h2 { margin-top: 1.5rem; }
.scroll { overflow-x: auto; }
`;

/** The page. Everything out of files and models is escaped. */
export function comparisonHtml({ kind, modelName, inputName, target, runtime, version, isShared, pictures, tables }: ComparisonPage, translate: Translate): string {
  return reportPage({
    title: `${inputName} · ${modelName} · ${translate(comparisonTexts[kind])}`, facts: [target, runtime, `Whylight ${version}`, translate(isShared ? comparisonTexts.shared : reportTexts.ownScale)],
    caution: translate(reportTexts.caution), style: ownStyle, hasPictures: true,
    body: `${isShared && kind === "methods" ? `<p class="quiet">${escapeText(translate(comparisonTexts.noUnit))}</p>` : ""}
<section class="comparison"><div class="row">
${pictures.map((picture) => figure(picture, translate)).join("\n")}
</div></section>
<section class="tables">
${tables.map(table).join("\n")}
</section>`,
  }, translate);
}

function figure({ name, mime, bytes, lines, scale }: ComparedPicture, translate: Translate): string {
  const bar = scale && `<div class="scale" title="${escapeText(translate(reportTexts.rawValue))}"><span>${shortNumber(scale.ends[0])}</span><i style="background:linear-gradient(to right,${colorStops(scale.colors).join(",")})"></i><span>${shortNumber(scale.ends[1])}</span></div>`;
  return `<figure><img alt="${escapeText(name)}" src="${dataUri(mime, bytes)}"><figcaption><b>${escapeText(name)}</b>${lines.map((line) => `<span class="quiet">${escapeText(line)}</span>`).join("<br>")}</figcaption>${bar ?? ""}</figure>`;
}

function table({ title, head, rows, footnotes }: PageTable): string {
  const heads = head.map((text) => `<th scope="col">${escapeText(text)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => `<tr><th scope="row">${escapeText(name)}</th>${cells.map((cell) => `<td${cell.length < 10 ? ' class="short"' : ""}>${escapeText(cell)}</td>`).join("")}</tr>`).join("\n");
  return `<h2>${escapeText(title)}</h2><div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>${footnotes.map((text) => `<p class="quiet">${escapeText(text)}</p>`).join("")}`;
}
