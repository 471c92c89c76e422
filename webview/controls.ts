/** @file The controls beside the picture: what to explain, which computes, and how to draw it, which does not. */
import type { Chosen, PanelState } from "../src/protocol/api.js";
import { createDrawingControls, type DrawnKind } from "./controls/drawingControls.js";
import { createQuestionControls } from "./controls/questionControls.js";
import { el } from "./element.js";
import type { ViewState } from "./view.js";

export interface ControlsView {
  readonly element: HTMLElement;
  update(state: PanelState, view: ViewState, map: DrawnKind): void;
}

/** The controls. `explain` asks the host; `draw` changes the view at once. */
export function createControls(explain: (change: Partial<Chosen>) => void, draw: (change: Partial<ViewState>) => void): ControlsView {
  const question = createQuestionControls(explain);
  const drawing = createDrawingControls(draw);
  return {
    element: el("section", { class: "controls" }, question.element, el("hr"), drawing.element),
    update: (state, view, map) => {
      question.update(state);
      drawing.update(view, map);
    },
  };
}
