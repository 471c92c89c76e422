/** @file What every page of results shares: one file that needs nothing else, no scripts, light and dark. */
import { escapeText } from "../drawing/escapeText.js";
import { reportTexts, type Translate } from "../protocol/reportTexts.js";

/** The look of a page: light and dark. */
const pageStyle = `
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
.scale { display: flex; align-items: center; gap: .4rem; margin-top: .35rem; font-size: .8rem; font-variant-numeric: tabular-nums; }
.scale i { flex: 1; height: .6rem; border-radius: 3px; }
details { margin-top: .25rem; font-size: .8rem; }
summary { cursor: pointer; color: var(--quiet); }
details table { min-width: 0; font-size: inherit; }
details td { vertical-align: top; overflow-wrap: anywhere; }
details td:first-child { color: var(--quiet); white-space: nowrap; overflow-wrap: normal; }
.gap { color: var(--quiet); font-size: .8rem; }
`;

export interface PageParts {
  readonly title: string;
  /** Below the title, in small. */
  readonly facts: readonly string[];
  /** What the page does not prove. */
  readonly caution: string;
  readonly style?: string;
  /** Whether pictures are embedded. */
  readonly hasPictures: boolean;
  /** Already escaped. */
  readonly body: string;
}

/** The whole page. Everything but `style` and `body` is escaped. */
export function reportPage({ title, facts, caution, style = "", hasPictures, body }: PageParts, translate: Translate): string {
  return `<!doctype html>
<html lang="${translate(reportTexts.language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${hasPictures ? "img-src data:; " : ""}style-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${pageStyle}${style}</style>
<h1>${escapeText(title)}</h1>
<p class="quiet">${escapeText(facts.join(" · "))}</p>
<p>${escapeText(caution)}</p>
${body}
</html>
`;
}
