/** @file How an audit's page looks beyond what all pages share: cards, grids of small pictures, and how it prints. */

export const auditPageStyle = `
:root { --right: #3b6ea8; --wrong: #c2571a; --high: #b3261e; --medium: #b26a00; --low: #59636e; }
@media (prefers-color-scheme: dark) { :root { --right: #6fa3dd; --wrong: #e2894f; --high: #f2807a; --medium: #e0a04a; --low: #9aa4af; } }
h3 { margin: 0 0 .5rem; font-size: .95rem; font-weight: 600; }
.headline { display: flex; flex-wrap: wrap; gap: .5rem 2.5rem; margin: 1.25rem 0 0; }
.headline dt { color: var(--quiet); font-size: .85rem; }
.headline dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
.card { padding: .8rem 1rem; background: var(--ground); border: 1px solid var(--line); border-left: 4px solid var(--low); border-radius: 4px; }
.card.high { border-left-color: var(--high); }
.card.medium { border-left-color: var(--medium); }
.region + .region { margin-top: 1.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; margin-top: .75rem; }
.region .grid { grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); }
.groups { display: flex; flex-wrap: wrap; gap: 1rem; }
.group { display: flex; flex-wrap: wrap; margin: 0; padding: .6rem; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); }
.group figure.small { width: 8rem; }
figure.small { width: auto; }
figure.small > div { display: flex; gap: 2px; }
figure.small img { width: auto; max-width: calc(50% - 1px); height: auto; max-height: 8rem; object-fit: contain; }
figure.small img:only-child { max-width: 100%; }
figure.small b { font-weight: 500; }
figure.mean { width: auto; }
.mean-map { display: block; border-radius: 3px; }
table.data tr:has(.maps) > * { vertical-align: middle; }
.maps, .kinds { display: flex; align-items: start; gap: .35rem; }
.kinds { padding-left: .55rem; border-left: 1px solid var(--line); }
.kind { display: grid; justify-items: center; font-size: .8rem; line-height: 1.3; }
td .mean-map { width: 2.6rem; height: 2.6rem; }
table.data th, table.data td, table.facts th, table.facts td { padding: .25rem 1.1rem .25rem 0; text-align: left; font-weight: normal; vertical-align: top; overflow-wrap: anywhere; }
table.data th, table.data td { border-bottom: 1px solid var(--line); }
table.data th[scope=row] { min-width: 9rem; font-weight: 500; }
table.data thead th, table.facts th { color: var(--quiet); }
table.data .number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; }
.narrow { max-width: 32rem; }
@media print {
  :root { color-scheme: light; --text: #1f2328; --quiet: #59636e; --ground: #ffffff; --raised: #ffffff; --line: #d1d9e0; --right: #3b6ea8; --wrong: #c2571a; --high: #b3261e; --medium: #b26a00; --low: #59636e; }
  * { print-color-adjust: exact; }
  html { font-size: 11.5px; }
  body { max-width: none; padding: 0; font-size: 1rem; }
  section { padding: .75rem 0 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  h2, h3 { break-after: avoid; }
  figure, .card, tr, svg, .group { break-inside: avoid; }
  .grid, .region .grid { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .cards { grid-template-columns: 1fr 1fr; }
  .scroll { overflow: visible; }
}
`;
