/** @file Two maps in one place, with a line between them that people move. */
import type { ComparisonView } from "../../src/protocol/comparison.js";
import { slider } from "../controls/fields.js";
import { el, setText } from "../element.js";
import { createHeatmapView, type HeatmapView, type Picture, type Pointed } from "../heatmapView.js";
import { t } from "../strings.js";
import { comparedColormap, type ShownMap } from "./maps.js";

/** One side: the map and its name. */
export interface Side {
  readonly map: ShownMap;
  readonly name: string;
}

export interface BeforeAfter {
  readonly element: HTMLElement;
  readonly stages: readonly HeatmapView[];
  /** Hidden without two sides. */
  update(sides: readonly [Side, Side] | undefined, picture: Picture | undefined, view: ComparisonView): void;
}

/** Two stages over each other; the left one is cut at the line. Both are linked to all the tiles through `point` and `zoom`. */
export function createBeforeAfter(point: (at: Pointed | undefined) => void, zoom: (from: HeatmapView) => void, split: (share: number) => void): BeforeAfter {
  const under = createHeatmapView(point, () => zoom(under), { stage: "stage-right", map: "map-right" });
  const over = createHeatmapView(point, () => zoom(over), { stage: "stage-left", map: "map-left" });
  const line = el("div", { class: "split-line", "aria-hidden": "true" });
  const [leftName, rightName] = [el("span", { class: "side-name left" }), el("span", { class: "side-name right" })];
  const position = slider("split", split);
  const picture = el("div", { class: "both" }, under.element, over.element, line, leftName, rightName);
  const element = el("section", { id: "before-after", hidden: true }, el("h2", {}, t("Before and after")), picture, el("div", { class: "with-output" }, el("label", { for: "split" }, t("Position")), position.element, position.output));

  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  line.addEventListener("pointermove", (event) => {
    if (!line.hasPointerCapture(event.pointerId)) return;
    const box = picture.getBoundingClientRect();
    split(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  });

  return {
    element, stages: [under, over],
    update: (sides, image, view) => {
      element.hidden = sides === undefined;
      if (!sides) return;
      const [left, right] = sides;
      for (const [stage, { map }] of [[over, left], [under, right]] as const) {
        stage.update(image, map.heat, { colormap: comparedColormap(view, map.heat?.signed ?? false), opacity: view.opacity, smooth: view.smooth, wipe: 0 });
        stage.canvas.setAttribute("aria-roledescription", t("heatmap"));
        stage.canvas.setAttribute("aria-label", t("{left} left of the line, {right} right of it", { left: left.name, right: right.name }));
      }
      const share = `${100 * view.split}%`;
      over.element.style.clipPath = `inset(0 calc(100% - ${share}) 0 0)`;
      line.style.left = share;
      setText(leftName, left.name);
      setText(rightName, right.name);
      position.set(view.split);
    },
  };
}
