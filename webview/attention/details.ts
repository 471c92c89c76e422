/** @file Below the picture: every fact behind it, folded, and the line that is always there. */
import type { AttentionState } from "../../src/protocol/attention.js";
import { isImageTask } from "../../src/protocol/tasks.js";
import { fold } from "../controls/fields.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";
import { measureOf } from "./headsTable.js";
import { measureText } from "./numbers.js";
import type { Subject } from "./part.js";

export interface Details {
  readonly element: HTMLElement;
  readonly footer: HTMLElement;
  update(state: AttentionState, subject: Subject | undefined): void;
}

/** The parts. */
export function createDetails(): Details {
  const list = el("dl", {});
  const { element } = fold("details", t("Details"), list);
  const footer = el("footer", { id: "facts" });
  let shown = "";
  return {
    element, footer,
    update: (state, subject) => {
      element.toggleAttribute("data-empty", !subject);
      if (!subject) {
        [shown, footer.textContent] = ["", ""];
        return;
      }
      const rows = detailRows(state, subject);
      const key = JSON.stringify(rows);
      if (key === shown) return;
      shown = key;
      const { runtime, ms, layers, tokens } = subject.summary;
      footer.textContent = [
        runtime.detail, t("computed in {ms} ms", { ms: numbers.milliseconds(ms.compute) }), t("{layers} layers", { layers: layers.length }),
        ...(tokens.length === 0 ? [] : [isImageTask(subject.summary.task) ? t("{count} patches and other tokens", { count: tokens.length }) : t("{count} tokens", { count: tokens.length })]),
      ].join(" · ");
      footer.title = runtime.passedOver.map(({ name, reason }) => t("{runtime} was passed over: {reason}", { runtime: name, reason })).join("\n");
      list.replaceChildren(...rows.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
    },
  };
}

function detailRows({ image }: AttentionState, { summary, layer, layerIndex, head }: Subject): [string, string][] {
  const { model, runtime, ms, region, target, agreement } = summary;
  const row = (name: Source, text: string | undefined): [string, string][] => (text === undefined || text === "" ? [] : [[t(name), text]]);
  const place = head === "mean" ? undefined : { layer: layerIndex, head };
  return [
    ...row("Layer", `${layerIndex} · ${layer.node}`),
    ...row("Weights", [layer.windows, layer.heads, layer.queries, layer.keys].slice(layer.windows === 1 ? 1 : 0).join(" × ")),
    ...row("Entropy", place && t("{value} nats", { value: measureText(measureOf(summary.entropy, place)) })),
    ...row("Distance", place && measureText(measureOf(summary.distance, place))),
    ...row("Class", target && `${target.label} (${target.index}), logit ${target.logit.toFixed(4)}, ${numbers.percent(target.probability)}`),
    ...row("Agreement", agreement && (agreement.correlation === null ? "–" : agreement.correlation.toFixed(4))),
    ...row("Rollout", t("Heads averaged, identity added with weight ½, layers multiplied (Abnar and Zuidema, 2020).")),
    ...row("Relevance", summary.relevance && t("Heads weighed by their gradient, positive part, added up over layers (Chefer, Gur and Wolf, 2021).")),
    ...row("Model", `${model.path} (${model.format})`),
    ...row("Image", image && t("{width} × {height} pixels", { width: image.width, height: image.height })),
    ...row("Seen by the model", region && t("{width} × {height} pixels at ({x}, {y})", { width: Math.round(region.width), height: Math.round(region.height), x: Math.round(region.x), y: Math.round(region.y) })),
    ...row("Runtime", runtime.detail),
    ...row("Times", t("load {load} ms, compile {compile} ms, compute {compute} ms, draw {draw} ms", {
      load: numbers.milliseconds(ms.load), compile: numbers.milliseconds(ms.compile), compute: numbers.milliseconds(ms.compute), draw: numbers.milliseconds(ms.draw),
    })),
  ];
}
