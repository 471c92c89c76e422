/** @file Below: the maps as a table, every number behind the report, and the line that is always there. */
import type { DebugReport, DebugState, Focus, LabelSource } from "../../src/protocol/debug.js";
import { fold } from "../controls/fields.js";
import { el } from "../element.js";
import { mapStatistics } from "../mapStatistics.js";
import * as numbers from "../numbers.js";
import { methodAt } from "../state.js";
import { t, type Source } from "../strings.js";
import type { ReportRow } from "./maps.js";
import { rowName, tileName } from "./names.js";
import { placeName } from "./words.js";

export interface DetailsView {
  readonly element: HTMLElement;
  readonly footer: HTMLElement;
  update(state: DebugState, rows: readonly ReportRow[]): void;
}

/** The folded parts. */
export function createDetails(): DetailsView {
  const [mapsBody, focusBody, list] = [el("div", { class: "scroll" }), el("div", { class: "scroll" }), el("dl", {})];
  const { element: maps } = fold("maps-table", t("Maps as a table"), mapsBody);
  const { element: focus } = fold("focus-table", t("Where the maps' mass lies"), focusBody);
  const { element: details } = fold("details", t("Details"), list);
  const footer = el("footer", { id: "facts" });
  let latest: [DebugReport, readonly ReportRow[]] | undefined;
  let [shownReport, shownRows]: [DebugReport | undefined, readonly ReportRow[]] = [undefined, []];
  // Reading every value of every map takes a moment, which nobody who does not look should wait for.
  const readMaps = () => mapsBody.replaceChildren(...(latest && maps.open ? [mapsTable(...latest)] : []));
  maps.addEventListener("toggle", readMaps);

  return {
    element: el("div", { class: "folded" }, maps, focus, details), footer,
    update: (state, rows) => {
      const { report } = state;
      for (const part of [maps, focus, details]) part.toggleAttribute("data-empty", !report);
      if (!report) {
        footer.textContent = "";
        [latest, shownReport] = [undefined, undefined];
        return;
      }
      latest = [report, rows];
      if (report !== shownReport || rows !== shownRows) readMaps();
      if (report !== shownReport) {
        focusBody.replaceChildren(focusTable(report));
        list.replaceChildren(...detailRows(state, report).flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
        footer.textContent = footerText(report);
        footer.title = report.runtime.passedOver.map(({ name, reason }) => t("{runtime} was passed over: {reason}", { runtime: name, reason })).join("\n");
      }
      [shownReport, shownRows] = [report, rows];
    },
  };
}

const bands = { rows: ["top", "middle", "bottom"], columns: ["left", "centre", "right"] } as const;

/** Each map as it is drawn: its largest value and where it is, its mean, and the ninth of the image that holds most of it. */
function mapsTable(report: DebugReport, rows: readonly ReportRow[]): HTMLElement {
  const head = el("tr", {}, ...(["Method", "Map", "Largest value", "Mean value", "Most of its mass"] as const).map((name) => el("th", { scope: "col" }, t(name))));
  const lines = rows.flatMap((row) => row.groups.flatMap(({ tiles }) => tiles).flatMap((tile) => {
    if (!tile.heat) return [];
    const { peak, mean, shares } = mapStatistics(tile.heat);
    const most = Math.max(...shares.flat());
    const at = shares.findIndex((line) => line.includes(most));
    const place = `${t(bands.rows[at] ?? "top")} ${t(bands.columns[shares[at]?.indexOf(most) ?? 0] ?? "left")}`;
    const values = { value: numbers.scaled(peak.value), raw: numbers.raw(peak.raw), x: Math.round(peak.x), y: Math.round(peak.y) };
    const cells = [t("{value} (raw {raw}) at ({x}, {y})", values), numbers.scaled(mean), most > 0 ? `${place}, ${numbers.percent(most)}` : "–"];
    return [el("tr", { "data-id": tile.id }, el("th", { scope: "row" }, rowName(row)), el("th", { scope: "row", class: "words" }, tileName(tile, report)), ...cells.map((text) => el("td", {}, text)))];
  }));
  return el("table", { id: "measured" }, el("thead", {}, head), el("tbody", {}, ...lines));
}

const focusRows: readonly { readonly name: Source; readonly cell: (focus: Focus) => string }[] = [
  { name: "Hot region", cell: ({ place, regionArea }) => t("{place}, {share} of the picture", { place: placeName(place), share: numbers.percent(regionArea) }) },
  { name: "Mass in the hot region", cell: ({ regionMass }) => numbers.percent(regionMass) },
  { name: "Mass outside of it", cell: ({ outside }) => numbers.percent(outside) },
  { name: "Mass on the border", cell: ({ border }) => numbers.percent(border) },
  { name: "Mass in one corner", cell: ({ corner, cornerPlace }) => `${numbers.percent(corner)} (${placeName(cornerPlace)})` },
  { name: "Mass on near-uniform pixels", cell: ({ uniform, uniformArea }) => t("{share}, they are {area} of the picture", { share: numbers.percent(uniform), area: numbers.percent(uniformArea) }) },
];

/** Where the mass of both classes' maps lies, side by side. */
function focusTable({ focus, predicted, true: label, isMistake }: DebugReport): HTMLElement {
  const sides: readonly (readonly [Focus, string])[] = isMistake ? [[focus.predicted, predicted.label], [focus.true, label.label]] : [[focus.predicted, predicted.label]];
  return el("table", { id: "focus" },
    el("thead", {}, el("tr", {}, el("td", {}), ...sides.map(([, name]) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...focusRows.map(({ name, cell }) => el("tr", {}, el("th", { scope: "row" }, t(name)), ...sides.map(([of]) => el("td", {}, cell(of)))))));
}

function footerText({ runtime, ms, maps }: DebugReport): string {
  const origin = maps[0]?.explanation.preprocessOrigin;
  return [
    runtime.detail, t("computed in {ms} ms", { ms: numbers.milliseconds(ms.compute) }),
    ...(origin === undefined ? [] : [origin === "defaults" ? t("preprocessing by default") : t("preprocessing from {origin}", { origin: originName(origin) })]),
  ].join(" · ");
}

const origins: Readonly<Record<string, Source>> = { sidecar: "the model's description", "labels file": "the labels file", metadata: "the model's metadata", model: "the model's files" };

function originName(origin: string): string {
  const source = origins[origin];
  return source ? t(source) : origin;
}

const labelSources: Readonly<Record<LabelSource, Source>> = { given: "as given", folder: "from the folder's name", "labels file": "from the labels file", "file name": "from the file's name" };

function detailRows({ image }: DebugState, report: DebugReport): [string, string][] {
  const { model, runtime, ms, region, inputSize: [height, width], margin, entropy, overlap, labelFrom, maps } = report;
  const row = (name: Source, text: string | undefined): [string, string][] => (text === undefined || text === "" ? [] : [[t(name), text]]);
  const classText = ({ label, index, logit, probability, rank }: DebugReport["true"]) => t("{label} ({index}), rank {rank}, logit {logit}, {share}", { label, index, rank, logit: logit.toFixed(4), share: numbers.percent(probability) });
  const methods = [...new Map(maps.map(({ explanation }) => [explanation.method, explanation])).values()];
  return [
    ...row("True class", `${classText(report.true)}, ${t(labelSources[labelFrom])}`),
    ...row("Predicted class", classText(report.predicted)),
    ...row("Expected class", report.expected && classText(report.expected)),
    ...row("Margin", t("{share} of probability, {logit} of logit", { share: numbers.percent(margin.probability), logit: margin.logit.toFixed(4) })),
    ...row("Entropy", t("{nats} nats, {share} of the most there could be", { nats: entropy.nats.toFixed(4), share: numbers.percent(entropy.share) })),
    ...row("Overlap", report.isMistake ? t("{iou} of the hot regions' union, {shared} of the mass, rank correlation {correlation}", { iou: numbers.percent(overlap.iou), shared: numbers.percent(overlap.shared), correlation: overlap.correlation === null ? "–" : numbers.scaled(overlap.correlation) }) : undefined),
    ...methods.flatMap((explanation) => row("Method", [methodAt(explanation), ...Object.entries({ ...explanation.parameters, ...explanation.facts }).map(([name, value]) => `${name} = ${typeof value === "number" ? numbers.raw(value) : value}`)].join(", "))),
    ...row("Model", `${model.path} (${model.format})`),
    ...row("Input", model.inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape.join(", ")}]`).join("; ")),
    ...row("Image", image && t("{width} × {height} pixels", { width: image.width, height: image.height })),
    ...row("Seen by the model", t("{width} × {height} pixels at ({x}, {y}), as {columns} × {rows}", { width: Math.round(region.width), height: Math.round(region.height), x: Math.round(region.x), y: Math.round(region.y), columns: width, rows: height })),
    ...row("Runtime", [runtime.detail, ...runtime.passedOver.map(({ name, reason }) => t("{runtime} was passed over: {reason}", { runtime: name, reason }))].join("\n")),
    ...row("Times", t("load {load} ms, compile {compile} ms, compute {compute} ms, draw {draw} ms", {
      load: numbers.milliseconds(ms.load), compile: numbers.milliseconds(ms.compile), compute: numbers.milliseconds(ms.compute), draw: numbers.milliseconds(ms.draw),
    })),
  ];
}
