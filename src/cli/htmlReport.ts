/** @file Explanations as one page that needs nothing else: pictures embedded, no scripts, light and dark. */
import { basename } from "node:path";
import { colorTable } from "../drawing/colormap.js";
import type { Explanation, ImagePreview, Prediction } from "../protocol/api.js";
import { version } from "../worker/version.js";
import type { Translate } from "./localize.js";
import { percent } from "./terminal.js";

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
}

const style = `
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
.scale { display: flex; align-items: center; gap: .5rem; margin-top: .75rem; font-size: .85rem; }
.scale i { width: 12rem; height: .7rem; border-radius: 3px; }
`;

/** The page. Everything out of files and models is escaped. */
export function htmlReport(modelName: string, items: readonly ReportItem[], translate: Translate): string {
  const first = items[0]?.explanation;
  const inputs = groupByInput(items);
  const title = translate("Whylight: {model}", { model: modelName });
  return `<!doctype html>
<html lang="${translate("en")}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${style}</style>
<h1>${escape(title)}</h1>
<p class="quiet">${escape(first ? `${first.runtime.detail} · ` : "")}Whylight ${escape(version)}</p>
<p>${escape(translate("Each map highlights the pixels that the class's score depends on most, by the method named below it. It does not prove why the model decided."))}</p>
${scale(translate)}
${inputs.map((group) => section(group, translate)).join("\n")}
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
    ...(original ? [`<figure><img alt="${escape(input)}" src="${dataUri(original.mime, original.bytes)}"><figcaption class="quiet">${escape(translate("Image"))}</figcaption></figure>`] : []),
    ...group.map((item) => figure(item)),
  ];
  return `<section>
<h2 title="${escape(input)}">${escape(basename(input))}</h2>
<div class="row">
${pictures.join("\n")}
<table>${explanation.predictions.map(predictionRow).join("")}</table>
</div>
${notes.map((note) => `<p class="quiet">${escape(note)}</p>`).join("\n")}
</section>`;
}

function figure({ explanation: { method, layer, target }, png }: ReportItem): string {
  const caption = `${target.label} ${percent(target.probability)} · ${method}${layer === undefined ? "" : ` · ${layer}`}`;
  return `<figure><img alt="${escape(caption)}" src="${dataUri("image/png", png)}"><figcaption>${escape(caption)}</figcaption></figure>`;
}

function predictionRow({ label, probability }: Prediction): string {
  const width = (probability * 100).toFixed(1);
  return `<tr><td>${escape(label)}</td><td><span class="track"><i style="width:${width}%"></i></span></td><td class="number">${percent(probability)}</td></tr>`;
}

function scale(translate: Translate): string {
  const colors = colorTable("viridis");
  const stops = Array.from({ length: 9 }, (_, i) => `rgb(${[...colors.subarray(Math.round((i * 255) / 8) * 3, Math.round((i * 255) / 8) * 3 + 3)].join(" ")})`);
  return `<div class="scale"><span>0</span><i style="background:linear-gradient(to right,${stops.join(",")})"></i><span>1</span><span class="quiet">${escape(translate("each map on its own scale"))}</span></div>`;
}

function dataUri(mime: string, bytes: Uint8Array): string {
  return `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
