/** @file What the picture's own pixels say about its quality: flags, and the numbers behind them. */
import type { DebugReport } from "../../src/protocol/debug.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { flagName } from "./words.js";

export interface QualityView {
  readonly element: HTMLElement;
  update(report: DebugReport | undefined): void;
}

/** The flags in one line. */
export function createQuality(): QualityView {
  const flags = el("ul", { id: "quality" });
  const measures = el("p", { class: "hint" });
  const element = el("section", { class: "quality" }, el("h2", {}, t("Image quality")), flags, measures);
  let shown: DebugReport | "none" | undefined;
  return {
    element,
    update: (report) => {
      if ((report ?? "none") === shown) return;
      shown = report ?? "none";
      flags.replaceChildren(...(report ? items(report) : [el("li", { class: "skeleton row", "aria-hidden": "true" })]));
      measures.textContent = report ? qualityMeasures(report) : "";
    },
  };
}

function items({ quality }: DebugReport): HTMLElement[] {
  if (quality.flags.length === 0) return [el("li", { class: "fine" }, t("Nothing stands out."))];
  return quality.flags.map((flag) => el("li", { class: "badge", "data-flag": flag }, flagName(flag)));
}

/** "sharpness 812 · brightness 46.0 % · contrast 21.0 %". */
function qualityMeasures({ quality: { sharpness, brightness, contrast, transparent, cutOff } }: DebugReport): string {
  return [
    t("sharpness {value}", { value: numbers.raw(sharpness) }), t("brightness {share}", { share: numbers.percent(brightness) }), t("contrast {share}", { share: numbers.percent(contrast) }),
    ...(transparent > 0 ? [t("{share} transparent", { share: numbers.percent(transparent) })] : []), ...(cutOff > 0 ? [t("{share} cut off before the model sees it", { share: numbers.percent(cutOff) })] : []),
  ].join(" · ");
}
