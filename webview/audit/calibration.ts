/** @file The calibration of an audit: the curve of reports with its numbers as a table. */
import { calibrationSvg } from "../../src/drawing/audit/calibrationSvg.js";
import type { AuditSummary, CalibrationBin } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";

const share = (value: number | null) => (value === null ? "–" : numbers.percent(value));

/** The curve beside its table. */
export function calibrationPart({ calibration }: AuditSummary): HTMLElement {
  if (!calibration) return el("p", { class: "hint" }, t("Without labels nobody knows which answers are right."));
  const { bins, expectedError, worstError } = calibration;
  const range = ({ from, to }: CalibrationBin) => `${Math.round(100 * from)}–${Math.round(100 * to)} %`;
  const drawn = calibrationSvg({
    bins, texts: { title: t("Calibration curve"), confidence: t("Confidence"), accuracy: t("Share that is right"), images: t("Images") },
    describe: (bin) => t("{range}: {images} images, {accuracy} right, mean confidence {confidence}", { range: range(bin), images: bin.images, accuracy: share(bin.accuracy), confidence: share(bin.confidence) }),
  });
  const picture = document.importNode(new DOMParser().parseFromString(drawn, "image/svg+xml").documentElement, true);
  const head = [t("Confidence"), t("Images"), t("Mean confidence"), t("Share that is right")].map((text) => el("th", { scope: "col" }, text));
  const rows = bins.map((bin) => el("tr", { "data-empty": bin.images === 0 }, el("th", { scope: "row" }, range(bin)), ...[bin.images.toLocaleString("en"), share(bin.confidence), share(bin.accuracy)].map((text) => el("td", {}, text))));
  return el("div", { id: "calibration", class: "beside" },
    el("div", {}, picture),
    el("div", {},
      el("p", { class: "hint" }, t("Bars show how often answers of each confidence are right, their outlined parts how far that is from the mean confidence. On the dashed line a model is as sure as it is right. On average the two differ by {mean}, at most by {worst}.", { mean: numbers.percent(expectedError), worst: numbers.percent(worstError) })),
      el("table", { id: "calibration-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows))));
}
