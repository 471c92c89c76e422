/** @file The true and the expected class, and how the maps are drawn. */
import type { ColormapId } from "../../src/drawing/colormap.js";
import type { DebugState } from "../../src/protocol/debug.js";
import { createClassPicker, type ClassSource } from "../controls/classPicker.js";
import { magnitudeChoices } from "../controls/colormapChoices.js";
import { row, slider } from "../controls/fields.js";
import { el } from "../element.js";
import { t } from "../strings.js";
import { checkField, choiceField } from "../ui.js";
import type { DebugView } from "./view.js";

/** The classes that people say. */
export interface Labels {
  readonly label: number;
  readonly expected: number | undefined;
}

export interface DebugControls {
  readonly classes: HTMLElement;
  readonly drawing: HTMLElement;
  /** `labels` is what was asked for last; `undefined` until the report tells. */
  update(state: DebugState, labels: Labels | undefined, view: DebugView): void;
}

/** The fields. `relabel` asks for the report of other classes, `draw` changes the view. */
export function createDebugControls(relabel: (labels: Labels) => void, draw: (change: Partial<DebugView>) => void): DebugControls {
  let labels: Labels | undefined;
  const label = createClassPicker("true-class", "True class", () => [], (target) => typeof target === "number" && relabel({ label: target, expected: labels?.expected }));
  const expected = createClassPicker("expected-class", "Expected class", () => [{ target: undefined, text: t("None") }], (target) => labels && relabel({ ...labels, expected: typeof target === "number" ? target : undefined }));
  const colormap = choiceField("colormap", t("Colour map"), (value) => draw({ colormap: value as ColormapId }));
  const opacity = slider("opacity", (value) => draw({ opacity: value }));
  const smooth = checkField("smooth", t("Smooth"), (checked) => draw({ smooth: checked }));

  return {
    classes: el("div", { class: "fields", id: "classes" }, ...row("True class", label.element, undefined, "true-class"), ...row("Expected class", expected.element, undefined, "expected-class")),
    drawing: el("div", { class: "fields", id: "drawing" }, ...row("Colour map", colormap.element), ...row("Opacity", opacity.element, opacity.output), el("span"), smooth.element),
    update: (state, next, view) => {
      labels = next;
      const source = classesOf(state);
      label.update(source, labels?.label);
      expected.update(labels && source, labels?.expected, labels?.label);
      colormap.set(magnitudeChoices(), view.colormap);
      opacity.set(view.opacity);
      smooth.set(view.smooth);
    },
  };
}

/** What the pickers list: the model's labels as soon as they are known, numbers where it has none. */
function classesOf({ labels, report }: DebugState): ClassSource | undefined {
  const names = labels.length > 0 ? labels : report?.model.labels;
  const classCount = names?.length ?? report?.classCount;
  return classCount === undefined ? undefined : { model: { labels: names }, classCount, predictions: report?.predictions ?? [] };
}
