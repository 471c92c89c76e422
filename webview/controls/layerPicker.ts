/** @file Choosing a layer, or several for methods that can look at several at once. */
import type { Explanation, LayerSpec, LayerSummary } from "../../src/protocol/api.js";
import { el } from "../element.js";
import { shortLayer, shortLayers } from "../state.js";
import { t } from "../strings.js";
import { checkField, choiceField } from "../ui.js";

export interface LayerPickerView {
  readonly element: HTMLElement;
  update(explanation: Explanation | undefined, chosen: LayerSpec, canSeveral: boolean): void;
}

const automatic = "";
const several = "\0several";

/** A drop-down, with a check list below it once several are wanted. `choose` is told the layer or layers, in the model's order. */
export function createLayerPicker(choose: (layer: LayerSpec) => void): LayerPickerView {
  const single = choiceField("layer", t("Layer"), (value) => {
    isOpen = value === several;
    if (isOpen) show();
    else choose(value === automatic ? undefined : value);
  });
  const list = el("div", { id: "layers", class: "checks column", role: "group", "aria-label": t("Layers"), hidden: true });
  let isOpen = false;
  let explanation: Explanation | undefined;
  let chosen: LayerSpec;
  let offersSeveral = false;
  let boxes: { readonly name: string; readonly box: ReturnType<typeof checkField> }[] = [];
  let boxesOf = "";

  const ticked = (): readonly string[] => (typeof chosen === "string" ? [chosen] : (chosen ?? explanation?.layer?.split(", ") ?? []));
  const tick = (name: string, checked: boolean) => {
    const names = (explanation?.layers ?? []).map((layer) => layer.name).filter((other) => (other === name ? checked : ticked().includes(other)));
    if (names.length === 0) return show();
    return choose(names.length === 1 ? names[0] : names);
  };

  function show(): void {
    const layers = explanation?.layers ?? [];
    const isList = typeof chosen === "object";
    const isOff = !offersSeveral || layers.length < 2;
    const ofAutomatic = explanation?.layer !== undefined && chosen === undefined ? t("Automatic ({layer})", { layer: shortLayers(explanation.layer) }) : t("Automatic");
    single.set([
      { value: automatic, text: ofAutomatic }, ...layers.toReversed().map((layer) => ({ value: layer.name, text: layerText(layer) })),
      ...(isOff ? [] : [{ value: several, text: isList ? t("Several layers ({count})", { count: chosen?.length ?? 0 }) : t("Several layers…") }]),
    ], !isOff && (isList || isOpen) ? several : typeof chosen === "string" ? chosen : automatic);
    list.hidden = isOff || !(isList || isOpen);
    if (list.hidden) return;
    const key = layers.map(({ name }) => name).join("\n");
    if (key !== boxesOf) {
      boxes = layers.toReversed().map((layer) => ({ name: layer.name, box: checkField(`layer-${layer.name}`, layerText(layer), (checked) => tick(layer.name, checked)) }));
      list.replaceChildren(...boxes.map(({ box }) => box.element));
      boxesOf = key;
    }
    for (const { name, box } of boxes) box.set(ticked().includes(name));
  }

  return {
    element: el("div", { class: "layer-picker" }, single.element, list),
    update: (...next) => {
      [explanation, chosen, offersSeveral] = next;
      show();
    },
  };
}

function layerText({ name, shape }: LayerSummary): string {
  return `${shortLayer(name)} · ${shape.slice(-2).join(" × ")}`;
}
