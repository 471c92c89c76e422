/** @file What is left out of a picture and how the rest is coloured; redrawn at once, nothing is computed again. */
import { weightScaleIds, type WeightScale } from "../../src/drawing/attention/scale.js";
import type { ColormapId } from "../../src/drawing/colormap.js";
import { magnitudeChoices } from "../controls/colormapChoices.js";
import { row, slider } from "../controls/fields.js";
import { el, setText } from "../element.js";
import { t, type Source } from "../strings.js";
import { checkField, choiceField } from "../ui.js";
import { weightText } from "./numbers.js";
import { lineStrengths, pairFilters, topChoices, type AttentionViewState, type LineStrength, type PairFilter, type TopChoice } from "./view.js";

/** What the settings must know of the input. */
export interface SettingsSubject {
  readonly isPair: boolean;
  readonly hasSpecial: boolean;
  readonly isImage: boolean;
  /** Whether the overlay can be drawn smooth. */
  readonly canSmooth: boolean;
  /** The least weight that is drawn. */
  readonly least: number | undefined;
}

export interface Settings {
  readonly element: HTMLElement;
  update(view: AttentionViewState, subject: SettingsSubject): void;
}

const pairNames: Readonly<Record<PairFilter, Source>> = { all: "All", aa: "A → A", ab: "A → B", ba: "B → A", bb: "B → B" };
const scaleNames: Readonly<Record<WeightScale, Source>> = { largest: "To the largest weight", one: "0 to 1", root: "Square root, for small weights" };
const strengthNames: Readonly<Record<LineStrength, Source>> = { strongest: "Weight ÷ largest", heads: "Weight ÷ heads" };

/** The settings. `draw` changes the view. */
export function createSettings(draw: (change: Partial<AttentionViewState>) => void): Settings {
  const special = checkField("hide-special", t("Hide special tokens"), (hideSpecial) => draw({ hideSpecial }));
  const diagonal = checkField("zero-diagonal", t("Hide the diagonal"), (zeroDiagonal) => draw({ zeroDiagonal }));
  const pairs = choiceField("pairs", t("Pair"), (value) => draw({ pairs: value as PairFilter }));
  const threshold = slider("threshold", (value) => draw({ threshold: value }));
  const top = choiceField("top", t("Keys per query"), (value) => draw({ top: value as TopChoice }));
  const colormap = choiceField("colormap", t("Colour map"), (value) => draw({ colormap: value as ColormapId }));
  const scale = choiceField("scale", t("Scale"), (value) => draw({ scale: value as WeightScale }));
  const lines = choiceField("lines", t("Lines"), (value) => draw({ lines: value as LineStrength }));
  const opacity = slider("opacity", (value) => draw({ opacity: value }));
  const smooth = checkField("smooth", t("Smooth"), (checked) => draw({ smooth: checked }));
  const rows = {
    pairs: row("Pair", pairs.element), threshold: row("Threshold", threshold.element, threshold.output), top: row("Keys per query", top.element), colormap: row("Colour map", colormap.element),
    scale: row("Scale", scale.element), lines: row("Lines", lines.element), opacity: row("Opacity", opacity.element, opacity.output),
    checks: [el("span"), el("div", { class: "checks" }, special.element, diagonal.element, smooth.element)],
  };
  const element = el("div", { class: "fields", id: "settings" }, ...rows.pairs, ...rows.threshold, ...rows.top, ...rows.lines, ...rows.opacity, ...rows.colormap, ...rows.scale, ...rows.checks);
  const show = (parts: readonly HTMLElement[], isShown: boolean) => parts.forEach((part) => (part.hidden = !isShown));

  return {
    element,
    update: (view, { isPair, hasSpecial, isImage, canSmooth, least }) => {
      const isOverlay = view.view === "overlay";
      const isMatrix = ["heatmap", "grid", "heads", "average"].includes(view.view);
      const isSummary = isOverlay ? view.overlay : view.view === "average" ? view.summary : undefined;
      show(rows.pairs, isMatrix && isPair);
      show(rows.threshold, isMatrix);
      show(rows.top, isMatrix && view.view !== "grid");
      show(rows.colormap, view.view !== "heads");
      show(rows.scale, view.view !== "heads");
      show(rows.opacity, isOverlay);
      show(rows.lines, view.view === "heads");
      special.element.hidden = !(isMatrix && hasSpecial);
      setText(special.element, isImage ? t("Only patches") : t("Hide special tokens"));
      diagonal.element.hidden = isSummary !== "relevance";
      smooth.element.hidden = !isOverlay || !canSmooth;
      show(rows.checks, !(special.element.hidden && diagonal.element.hidden && smooth.element.hidden));
      special.set(view.hideSpecial);
      diagonal.set(view.zeroDiagonal);
      smooth.set(view.smooth);
      threshold.set(view.threshold);
      // The slider is finer where weights are small: what counts is the weight.
      setText(threshold.output, weightText(least ?? 0));
      lines.set(lineStrengths.map((value) => ({ value, text: t(strengthNames[value]) })), view.lines);
      opacity.set(view.opacity);
      pairs.set(pairFilters.map((value) => ({ value, text: t(pairNames[value]) })), view.pairs);
      top.set(topChoices.map((value) => ({ value, text: value === "auto" ? t("Automatic") : value === "all" ? t("All") : value })), view.top);
      colormap.set(magnitudeChoices(), view.colormap);
      // The model view's pictures have their own scales.
      const scales = view.view === "model" ? weightScaleIds.filter((id) => id !== "one") : weightScaleIds;
      scale.set(scales.map((value) => ({ value, text: t(scaleNames[value]) })), view.view === "model" && view.scale === "one" ? "largest" : view.scale);
    },
  };
}
