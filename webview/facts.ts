/** @file Below the picture: the map as a table, and every fact behind the result. */
import type { Explanation, PanelState } from "../src/protocol/api.js";
import { el } from "./element.js";
import type { Heat } from "./heat.js";
import { mapStatistics } from "./mapStatistics.js";
import * as numbers from "./numbers.js";
import { methodAt } from "./state.js";
import { t, type Source } from "./strings.js";

export interface FactsView {
  readonly table: HTMLElement;
  readonly details: HTMLElement;
  readonly footer: HTMLElement;
  update(state: PanelState, heat: Heat | undefined): void;
}

const bands = { rows: ["top", "middle", "bottom"], columns: ["left", "centre", "right"] } as const;

/** The folded table and details, and the line that is always there. */
export function createFacts(): FactsView {
  const tableBody = el("div", {});
  const detailsBody = el("dl", {});
  const table = el("details", { id: "table" }, el("summary", {}, t("Map as a table")), tableBody);
  const details = el("details", { id: "details" }, el("summary", {}, t("Details")), detailsBody);
  const footer = el("footer", { id: "facts" });
  let shownHeat: Heat | undefined;
  let shown: Explanation | undefined;
  return {
    table, details, footer,
    update: (state, heat) => {
      const { explanation } = state;
      for (const part of [table, details]) part.toggleAttribute("data-empty", !explanation);
      if (heat && heat !== shownHeat) tableBody.replaceChildren(...mapTable(heat));
      if (explanation && explanation !== shown) {
        footer.textContent = footerText(explanation);
        footer.title = explanation.runtime.passedOver.map(passedOver).join("\n");
        detailsBody.replaceChildren(...detailRows(state, explanation).flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
      }
      [shownHeat, shown] = [heat, explanation];
    },
  };
}

function mapTable(heat: Heat): HTMLElement[] {
  const { peak, mean, shares } = mapStatistics(heat);
  const corner = el("td", {});
  const head = el("thead", {}, el("tr", {}, corner, ...bands.columns.map((name) => el("th", { scope: "col" }, t(name)))));
  const body = el("tbody", {}, ...shares.map((line, i) =>
    el("tr", {}, el("th", { scope: "row" }, t(bands.rows[i] ?? "top")), ...line.map((share) => el("td", {}, numbers.percent(share))))));
  const values = { value: numbers.scaled(peak.value), raw: numbers.raw(peak.raw), x: Math.round(peak.x), y: Math.round(peak.y) };
  return [
    el("dl", {},
      el("dt", {}, t("Largest value")), el("dd", { id: "peak" }, t("{value} (raw {raw}) at ({x}, {y})", values)),
      el("dt", {}, t("Mean value")), el("dd", {}, numbers.scaled(mean)),
      el("dt", {}, t("Grid")), el("dd", {}, t("{columns} × {rows} values", { columns: heat.cells[1], rows: heat.cells[0] }))),
    el("table", {}, el("caption", {}, t("Share of the map's mass per part of the image the model saw")), head, body),
  ];
}

/** "ONNX Runtime 1.30.0, CPU · computed in 48 ms · preprocessing from preprocessor_config.json · labels from labels file". */
function footerText(explanation: Explanation): string {
  const { runtime, ms, preprocessOrigin, labelsOrigin } = explanation;
  return [
    runtime.detail,
    explanation.isCached ? t("from the cache") : t("computed in {ms} ms", { ms: numbers.milliseconds(ms.compute) }),
    preprocessOrigin === "defaults" ? t("preprocessing by default") : t("preprocessing from {origin}", { origin: originName(preprocessOrigin) }),
    labelsOrigin === undefined || labelsOrigin === "defaults" ? t("no labels") : t("labels from {origin}", { origin: originName(labelsOrigin) }),
  ].join(" · ");
}

const origins: Readonly<Partial<Record<Explanation["preprocessOrigin"], Source>>> = { sidecar: "the model's description", "labels file": "the labels file", metadata: "the model's metadata", model: "the model's files" };

function originName(origin: Explanation["preprocessOrigin"]): string {
  const source = origins[origin];
  return source ? t(source) : origin;
}

function passedOver({ name, reason }: Explanation["runtime"]["passedOver"][number]): string {
  return t("{runtime} was passed over: {reason}", { runtime: name, reason });
}

/** What methods find out or settle themselves, by the names they give it. */
const factNames: Readonly<Record<string, Source>> = {
  steps: "Steps", samples: "Samples", sigma: "Noise (absolute)", seed: "Seed", baselines: "Baselines", rule: "Quadrature rule", layers: "Layers",
  window: "Window", stride: "Stride", windows: "Windows", masks: "Masks", meanScore: "Mean score", superpixels: "Superpixels", subsets: "Subsets", r2: "Fit (R²)", standardError: "Standard error",
};

function detailRows({ image }: PanelState, explanation: Explanation): [string, string][] {
  const { model, region, inputSize: [rows, columns], completeness, parameters, facts, evaluations, ms, runtime, layer, target, versus } = explanation;
  const listed = (entries: Readonly<Record<string, number | string | boolean>>) => Object.entries(entries).map(([name, value]) => `${name} = ${typeof value === "number" ? numbers.raw(value) : value}`).join(", ");
  const row = (name: Source, text: string | undefined): [string, string][] => (text === undefined || text === "" ? [] : [[t(name), text]]);
  const classText = ({ label, index, logit, probability }: Explanation["target"]) => `${label} (${index}), logit ${logit.toFixed(4)}, ${numbers.percent(probability)}`;
  return [
    ...row("Method", methodAt(explanation)),
    ...row("Parameters", listed(parameters)),
    ...Object.entries(facts).map(([name, value]): [string, string] => [factNames[name] ? t(factNames[name]) : name, typeof value === "number" ? numbers.raw(value) : value]),
    ...row("Layer", layer),
    ...row("Explained class", classText(target)),
    ...row("Versus", versus && classText(versus)),
    ...row("Score", t(explanation.score === "logit" ? "Logit" : "Probability")),
    ...row("Completeness gap", completeness ? gapText(completeness) : undefined),
    ...row("Evaluations", t("{forward} forward, {gradient} with gradient", evaluations)),
    ...row("Model", `${model.path} (${model.format})`),
    ...row("Input", model.inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape.join(", ")}]`).join("; ")),
    ...row("Image", image && t("{width} × {height} pixels", { width: image.width, height: image.height })),
    ...row("Seen by the model", region && t("{width} × {height} pixels at ({x}, {y}), as {columns} × {rows}", {
      width: Math.round(region.width), height: Math.round(region.height), x: Math.round(region.x), y: Math.round(region.y), columns, rows,
    })),
    ...row("Runtime", [runtime.detail, ...runtime.passedOver.map(passedOver)].join("\n")),
    ...row("Times", t("load {load} ms, compile {compile} ms, compute {compute} ms, draw {draw} ms", {
      load: numbers.milliseconds(ms.load), compile: numbers.milliseconds(ms.compile), compute: numbers.milliseconds(ms.compute), draw: numbers.milliseconds(ms.draw),
    })),
  ];
}

function gapText({ gap, relative }: NonNullable<Explanation["completeness"]>): string {
  return Number.isFinite(relative) ? t("{gap} ({relative} of the score's difference)", { gap: numbers.raw(gap), relative: numbers.percent(Math.abs(relative)) }) : numbers.raw(gap);
}
