/** @file How to draw the map: redrawn at once from the raw tensor, nothing is computed again. */
import { colormapIds, type ColormapId } from "../../src/drawing/colormap.js";
import { clipIds, gridValueIds, signIds, type Clip, type DrawStyle, type SignChoice } from "../../src/drawing/style.js";
import type { ChannelReduction } from "../../src/drawing/heatmap.js";
import { el, setText } from "../element.js";
import { t, type Source } from "../strings.js";
import { button, checkField, choiceField } from "../ui.js";
import { initialView, pixelValueIds, shownColormap, type ViewState } from "../view.js";
import { colormapNames } from "./colormapChoices.js";
import { fold, row, slider, textField } from "./fields.js";

/** What the controls must know of the map that is shown. */
export interface DrawnKind {
  readonly isGrid: boolean;
  readonly signed: boolean;
  /** How the method's channels are usually reduced. */
  readonly drawn: ChannelReduction;
}

export interface DrawingControlsView {
  readonly element: HTMLElement;
  update(view: ViewState, map: DrawnKind): void;
}

const pixelNames: Readonly<Record<ChannelReduction, Source>> = { "max-abs": "Maximum of |channels|", "sum-abs": "Sum of |channels|", "abs-sum": "|Sum of channels|", sum: "Signed sum of channels" };
const gridNames: Readonly<Record<DrawStyle["gridValues"], Source>> = { positive: "Positive part (ReLU)", signed: "Positive and negative", raw: "From smallest to largest" };
const signNames: Readonly<Record<SignChoice, Source>> = { all: "As they are", positive: "Positive only", negative: "Negative only", absolute: "Absolute values" };
const clipNames: Readonly<Record<Clip, Source>> = { none: "Nothing", percentile: "Percentile of places", outlier: "Share of the map's mass" };
const contourCounts = [0, 1, 3, 5, 9];

/** The controls. `draw` changes the view. */
export function createDrawingControls(draw: (change: Partial<ViewState>) => void): DrawingControlsView {
  let signed = false;
  const values = choiceField("values", t("Values"), (value) => {
    const [pixel, grid] = [pixelValueIds.find((id) => id === value), gridValueIds.find((id) => id === value)];
    draw({ ...(pixel ? { pixelValues: pixel } : {}), ...(grid ? { gridValues: grid } : {}) });
  });
  const colormap = choiceField("colormap", t("Colour map"), (value) => draw(signed ? { signedColormap: value as ColormapId } : { colormap: value as ColormapId }));
  const opacity = slider("opacity", (value) => draw({ opacity: value }));
  const wipe = slider("wipe", (value) => draw({ wipe: value }));
  const smooth = checkField("smooth", t("Smooth"), (checked) => draw({ interpolation: checked ? "bilinear" : "nearest" }));
  const sign = choiceField("sign", t("Sign"), (value) => draw({ sign: value as SignChoice }));
  const clip = choiceField("clip", t("Clip"), (value) => draw({ clip: value as Clip }));
  const percentField = textField("clip-percent", t("from 0 to 49 per cent"), [], (typed) => {
    const clipPercent = Number(typed);
    const isRight = typed !== "" && clipPercent >= 0 && clipPercent < 50;
    if (isRight) draw({ clipPercent });
    return isRight;
  });
  const contours = choiceField("contours", t("Contours"), (value) => draw({ contours: Number(value) }));
  const gray = checkField("gray", t("Grey image"), (checked) => draw({ background: checked ? "gray" : "image" }));
  const first = initialView(undefined, undefined);
  const { sign: firstSign, clip: firstClip, clipPercent: firstPercent, contours: firstContours, background: firstBackground } = first;
  const reset = button("reset-drawing", t("Reset to defaults"), "secondary", () => draw({ sign: firstSign, clip: firstClip, clipPercent: firstPercent, contours: firstContours, background: firstBackground }));
  const percentRow = row("Per cent", percentField.element, undefined, "clip-percent");
  const { element: more, summary } = fold("drawing", t("Drawing options"),
    el("div", { class: "fields" }, ...row("Sign", sign.element), ...row("Clip", clip.element), ...percentRow, ...row("Contours", contours.element), el("span"), gray.element), reset);

  return {
    element: el("div", {},
      el("div", { class: "fields" }, ...row("Values", values.element), ...row("Colour map", colormap.element), ...row("Opacity", opacity.element, opacity.output), ...row("Wipe", wipe.element, wipe.output), el("span"), smooth.element),
      more),
    update: (view, map) => {
      signed = map.signed;
      if (map.isGrid) values.set(gridValueIds.map((id) => ({ value: id, text: t(gridNames[id]) })), view.gridValues);
      else values.set(pixelValueIds.map((id) => ({ value: id, text: id === "auto" ? t("Automatic ({values})", { values: t(pixelNames[map.drawn]) }) : t(pixelNames[id]) })), view.pixelValues);
      colormap.set(colormapIds.map((id) => ({ value: id, text: t(colormapNames[id]) })), shownColormap(view, signed));
      opacity.set(view.opacity);
      wipe.set(view.wipe);
      smooth.set(view.interpolation !== "nearest");
      sign.set(signIds.map((id) => ({ value: id, text: t(signNames[id]) })), view.sign);
      clip.set(clipIds.map((id) => ({ value: id, text: t(clipNames[id]) })), view.clip);
      for (const part of percentRow) part.hidden = view.clip === "none";
      percentField.set(String(view.clipPercent));
      contours.set(contourCounts.map((count) => ({ value: String(count), text: count === 0 ? t("None") : String(count) })), String(view.contours));
      gray.set(view.background === "gray");
      const changed = [view.sign !== firstSign, view.clip !== firstClip, view.contours !== firstContours, view.background !== firstBackground].filter(Boolean).length;
      setText(summary, changed === 0 ? t("Drawing options") : t("Drawing options ({count} changed)", { count: changed }));
      reset.toggleAttribute("disabled", changed === 0);
    },
  };
}
