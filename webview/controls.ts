/** @file The controls beside the picture: what to explain, which computes, and how to draw it, which does not. */
import { colormapIds } from "../src/drawing/colormap.js";
import { methodIds, type MethodId, type PanelState, type Score } from "../src/protocol/api.js";
import type { ViewState } from "../src/protocol/panelMemento.js";
import { createClassPicker } from "./classPicker.js";
import { el, setText } from "./element.js";
import { isCam } from "./heat.js";
import { colormapOf, methodNames, shortLayer } from "./state.js";
import { t, type Source } from "./strings.js";
import { checkField, choiceField } from "./ui.js";

export interface ControlsView {
  readonly element: HTMLElement;
  update(state: PanelState, view: ViewState): void;
}

const valueNames: Readonly<Record<ViewState["pixelValues"] | ViewState["camValues"], Source>> = {
  "max-abs": "Maximum of |channels|", "sum-abs": "Sum of |channels|", "signed-sum": "Signed sum of channels", positive: "Positive part (ReLU)", signed: "Positive and negative",
};
const pixelValues = ["max-abs", "sum-abs", "signed-sum"] as const;
const camValues = ["positive", "signed"] as const;
const colormapNames = { viridis: "viridis", cividis: "cividis", inferno: "inferno", turbo: "turbo", jet: "jet", hot: "hot", gray: "Grey", blues: "Blues", greens: "Greens", reds: "Reds", diverging: "Blue, white, orange", "red-white-green": "Red, white, green" } as const satisfies Record<(typeof colormapIds)[number], Source>;

/** The controls. `explain` asks the host; `draw` changes the view at once. */
export function createControls(explain: (change: Partial<Chosen>) => void, draw: (change: Partial<ViewState>) => void): ControlsView {
  let view: ViewState | undefined;
  /** The map that was on before a signed one asked for two colours. */
  let sequential = "viridis";

  /** Signed values need a colour for each sign; what was chosen before comes back with unsigned ones. */
  const withColormap = (signed: boolean, change: Partial<ViewState>): Partial<ViewState> => {
    if (signed === (view?.colormap === "diverging")) return change;
    if (signed) sequential = view?.colormap ?? sequential;
    return { ...change, colormap: signed ? "diverging" : sequential };
  };

  const method = choiceField("method", t("Method"), (value) => explain({ method: value as MethodId }));
  const layer = choiceField("layer", t("Layer"), (value) => explain({ layer: value === "" ? undefined : value }));
  const score = choiceField("score", t("Score"), (value) => explain({ score: value as Score }));
  const classes = createClassPicker((target) => explain({ target }));
  const values = choiceField("values", t("Values"), (value) => {
    const pixel = pixelValues.find((id) => id === value);
    const cam = camValues.find((id) => id === value);
    if (pixel) draw(withColormap(pixel === "signed-sum", { pixelValues: pixel }));
    if (cam) draw(withColormap(cam === "signed", { camValues: cam }));
  });
  const colormap = choiceField("colormap", t("Colour map"), (value) => draw({ colormap: value }));
  const opacity = slider("opacity", (value) => draw({ opacity: value }));
  const wipe = slider("wipe", (value) => draw({ wipe: value }));
  const smooth = checkField("smooth", t("Smooth"), (checked) => draw({ smooth: checked }));

  const layerRow = row("Layer", layer.element);
  const element = el("section", { class: "controls" },
    el("div", { class: "fields" }, ...row("Method", method.element), ...layerRow, ...row("Class", classes.element), ...row("Score", score.element)),
    el("hr"),
    el("div", { class: "fields" }, ...row("Values", values.element), ...row("Colour map", colormap.element), ...row("Opacity", opacity.element, opacity.output), ...row("Wipe", wipe.element, wipe.output),
      el("span"), smooth.element));

  return {
    element,
    update: (state, next) => {
      view = next;
      const { chosen, explanation } = state;
      method.set(methodIds.map((id) => ({ value: id, text: t(methodNames[id]) })), chosen.method);
      const layers = explanation?.layers ?? [];
      const automatic = explanation?.layer !== undefined && chosen.layer === undefined ? t("Automatic ({layer})", { layer: shortLayer(explanation.layer) }) : t("Automatic");
      layer.set([{ value: "", text: automatic }, ...layers.toReversed().map(({ name, shape }) => ({ value: name, text: `${shortLayer(name)} · ${shape.slice(-2).join(" × ")}` }))], chosen.layer ?? "");
      for (const part of layerRow) part.hidden = chosen.method !== "grad-cam";
      classes.update(explanation, chosen.target);
      score.set([{ value: "logit", text: t("Logit") }, { value: "probability", text: t("Probability") }], chosen.score);
      const cam = explanation ? isCam(explanation) : chosen.method === "grad-cam";
      values.set((cam ? camValues : pixelValues).map((id) => ({ value: id, text: t(valueNames[id]) })), cam ? next.camValues : next.pixelValues);
      colormap.set(colormapIds.map((id) => ({ value: id, text: t(colormapNames[id]) })), colormapOf(next.colormap));
      opacity.set(next.opacity);
      wipe.set(next.wipe);
      smooth.set(next.smooth);
    },
  };
}

function row(label: Source, field: HTMLElement, output?: HTMLElement): HTMLElement[] {
  const name = el("label", {}, t(label));
  if (field.id) name.setAttribute("for", field.id);
  else name.setAttribute("for", "class");
  return [name, output ? el("div", { class: "with-output" }, field, output) : field];
}

/** A slider from 0 to 1 with its value beside it. */
function slider(id: string, change: (value: number) => void) {
  const element = el("input", { id, type: "range", min: 0, max: 1, step: 0.01 });
  const output = el("output", { for: id });
  const show = () => {
    setText(output, `${Math.round(100 * element.valueAsNumber)} %`);
    element.style.setProperty("--filled", `${100 * element.valueAsNumber}%`);
  };
  element.addEventListener("input", () => {
    show();
    change(element.valueAsNumber);
  });
  return {
    element, output,
    set: (value: number) => {
      if (element.valueAsNumber !== value) element.value = String(value);
      show();
    },
  };
}
