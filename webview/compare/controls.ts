/** @file The one column of controls for all tiles: which maps, how they are drawn, in what order, and which two the slider shows. */
import { methodIds, type MethodSummary } from "../../src/protocol/api.js";
import { tileRequests, type ComparisonState, type ComparisonView } from "../../src/protocol/comparison.js";
import { magnitudeChoices } from "../controls/colormapChoices.js";
import { fold, row, slider, textField } from "../controls/fields.js";
import { el, setText } from "../element.js";
import { methodLabel } from "../state.js";
import { t, type Source } from "../strings.js";
import { checkField, choiceField } from "../ui.js";
import type { ShownMap } from "./maps.js";
import { baselineNames, mapName } from "./names.js";

export interface ComparisonControls {
  readonly element: HTMLElement;
  update(state: ComparisonState, view: ComparisonView, maps: readonly ShownMap[]): void;
}

const scaleNames: Readonly<Record<ComparisonView["scale"], Source>> = { own: "Each its own", shared: "One for all" };
const valueNames: Readonly<Record<ComparisonView["values"], Source>> = { drawn: "As each method draws it", "max-abs": "Maximum of |channels|", "sum-abs": "Sum of |channels|", signed: "Positive and negative" };
const orderNames: Readonly<Record<ComparisonView["order"], Source>> = { asked: "As asked", time: "Fastest first", noise: "Least noise first" };
const familyNames: Readonly<Record<MethodSummary["family"], Source>> = { gradient: "Gradients", cam: "Class activation maps", perturbation: "Perturbations" };

/** The controls. `draw` changes the view, `choose` asks the host for these tiles. */
export function createComparisonControls(draw: (change: Partial<ComparisonView>) => void, choose: (ids: readonly string[]) => void): ComparisonControls {
  let state: ComparisonState | undefined;
  let maps: readonly ShownMap[] = [];
  const ids = () => state?.tiles.map(({ id }) => id) ?? [];

  const picker = createPicker((id, wanted) => choose(wanted ? [...ids(), id] : ids().filter((one) => one !== id)));
  const counts = textField("sample-counts", t("whole numbers, separated by commas"), [], (typed) => {
    const wanted = typed.split(",").map((count) => count.trim());
    const read = tileRequests("samples", wanted);
    const isRight = read.length > 0 && read.length === new Set(wanted).size;
    if (isRight) choose(read.map(({ id }) => id));
    return isRight;
  });
  const countsRow = el("div", { class: "fields" }, ...row("Sample counts", counts.element, undefined, "sample-counts"));
  const { element: picking } = fold("maps", t("Maps"), picker.element);

  const scale = choiceField("scale", t("Scale"), (value) => draw({ scale: value as ComparisonView["scale"] }));
  const values = choiceField("values", t("Values"), (value) => draw({ values: value as ComparisonView["values"] }));
  const colormap = choiceField("colormap", t("Colour map"), (value) => draw({ colormap: value }));
  const opacity = slider("opacity", (value) => draw({ opacity: value }));
  const smooth = checkField("smooth", t("Smooth"), (checked) => draw({ smooth: checked }));
  const order = choiceField("order", t("Order"), (value) => draw({ order: value as ComparisonView["order"] }));
  const side = (which: "left" | "right") => choiceField(which, t(which === "left" ? "Left" : "Right"), (value) => draw({ sides: sidesWith(which, value) }));
  const [left, right] = [side("left"), side("right")];
  const unit = el("p", { class: "hint", id: "no-unit" });
  let sides: ComparisonView["sides"];

  /** Choosing one side chooses another map for the other where it has none yet. */
  function sidesWith(which: "left" | "right", value: string): ComparisonView["sides"] {
    if (value === "") return undefined;
    const other = which === "left" ? sides?.right : sides?.left;
    const rest = other ?? maps.find(({ id }) => id !== value)?.id ?? value;
    return which === "left" ? { left: value, right: rest } : { left: rest, right: value };
  }

  return {
    element: el("section", { class: "controls" },
      picking, countsRow, el("hr"),
      el("div", { class: "fields" }, ...row("Scale", scale.element), ...row("Values", values.element), ...row("Colour map", colormap.element), ...row("Opacity", opacity.element, opacity.output), el("span"), smooth.element, ...row("Order", order.element)),
      unit, el("hr"), el("h2", {}, t("Before and after")),
      el("div", { class: "fields" }, ...row("Left", left.element), ...row("Right", right.element))),
    update: (next, view, shown) => {
      [state, maps, sides] = [next, shown, view.sides];
      countsRow.hidden = next.kind !== "samples";
      picking.hidden = next.kind === "samples";
      counts.set(ids().join(", "));
      picker.update(next);
      const choices = <Id extends string>(names: Readonly<Record<Id, Source>>) => (Object.entries(names) as [Id, Source][]).map(([value, name]) => ({ value, text: t(name) }));
      scale.set(choices(scaleNames), view.scale);
      values.set(choices(valueNames), view.values);
      colormap.set(magnitudeChoices(), view.colormap);
      opacity.set(view.opacity);
      smooth.set(view.smooth);
      order.set(choices(orderNames), view.order);
      setText(unit, next.kind === "methods" && view.scale === "shared" ? t("Raw values of different methods have no common unit.") : "");
      const all = [{ value: "", text: t("No slider") }, ...shown.map((map) => ({ value: map.id, text: mapName(next.kind, map) }))];
      const known = (id: string | undefined) => (all.some(({ value }) => value === id) ? (id ?? "") : "");
      left.set(all, known(view.sides?.left));
      right.set(all, known(view.sides?.right));
    },
  };
}

/** A check box per map there could be, in groups where there are families. */
function createPicker(toggle: (id: string, wanted: boolean) => void) {
  const element = el("div", { class: "picker" });
  const boxes = new Map<string, ReturnType<typeof checkField>>();
  let built = "";
  const box = (id: string, name: string) => {
    const made = checkField(`pick-${id}`, name, (wanted) => toggle(id, wanted));
    boxes.set(id, made);
    return made.element;
  };
  const group = (family: MethodSummary["family"], catalogue: readonly MethodSummary[]) =>
    el("fieldset", {}, el("legend", {}, t(familyNames[family])), ...catalogue.filter((method) => method.family === family).map(({ id }) => box(id, methodLabel(id))));
  return {
    element,
    update: ({ kind, catalogue, tiles }: ComparisonState) => {
      const key = `${kind} ${catalogue?.length ?? 0}`;
      if (key !== built && kind !== "samples") {
        built = key;
        boxes.clear();
        if (kind === "baselines") element.replaceChildren(...Object.entries(baselineNames).map(([id, name]) => box(id, t(name))));
        else if (catalogue) element.replaceChildren(...(["gradient", "cam", "perturbation"] as const).map((family) => group(family, catalogue)));
        else element.replaceChildren(...methodIds.map((id) => box(id, methodLabel(id))));
      }
      for (const [id, { set }] of boxes) set(tiles.some((tile) => tile.id === id));
    },
  };
}
