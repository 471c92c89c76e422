/** @file What the page shows: the host's last state, the view the reader chose, and sentences derived from both. */
import { colormapIds, type ColormapId } from "../src/drawing/colormap.js";
import type { Explanation, MethodId, PanelState } from "../src/protocol/api.js";
import type { PanelConfig, ViewState } from "../src/protocol/panelMemento.js";
import { isCam } from "./heat.js";
import { percent } from "./numbers.js";
import { t, type Source } from "./strings.js";

/** The names people know the methods by. */
export const methodNames: Readonly<Record<MethodId, Source>> = { "grad-cam": "Grad-CAM", saliency: "Saliency", "input-x-gradient": "Input × Gradient" };

/** The view of a new panel, with what a stored one knows better. */
export function initialView(config: PanelConfig | undefined, stored: Partial<ViewState> | undefined): ViewState {
  const view = { opacity: 0.5, colormap: "viridis", smooth: true, pixelValues: "max-abs", camValues: "positive", wipe: 0, ...config?.view, ...stored } as const;
  return { ...view, colormap: colormapOf(view.colormap) };
}

/** A colour map's id; the default for a name that is none. */
export function colormapOf(name: string): ColormapId {
  return colormapIds.find((id) => id === name) ?? "viridis";
}

/** Where the page stands, for styles and tests. */
export function pageState({ failure, busy, image, explanation }: PanelState): "loading" | "computing" | "done" | "failed" {
  if (failure) return "failed";
  if (busy) return image ? "computing" : "loading";
  return explanation ? "done" : "loading";
}

/** "pug.jpg · resnet50 · tabby 45.2 % · Grad-CAM at layer4": what the picture shows, not what is asked for. */
export function titleParts({ imageName, modelName, explanation }: PanelState): string[] {
  const parts = [imageName, modelName.replace(/\.onnx$/i, "")];
  if (!explanation) return parts;
  const { target } = explanation;
  return [...parts, `${target.label} ${percent(target.probability)}`, methodAt(explanation)];
}

/** The method, with its layer where it has one. */
export function methodAt(explanation: Explanation): string {
  const method = t(methodNames[explanation.method]);
  return explanation.layer !== undefined && isCam(explanation) ? t("{method} at {layer}", { method, layer: shortLayer(explanation.layer) }) : method;
}

/** Exported names repeat themselves: "/layer4/layer4.2/relu/Relu_output_0" is "layer4.2/relu" here, as different from its neighbours as the full name. */
export function shortLayer(name: string): string {
  const parts = name.replace(/_output_\d+$/, "").split("/").filter((part) => part !== "");
  const [module, operator] = parts.slice(-2);
  // "relu" says what "Relu" says; an operator with a number is one of several of its module.
  if (operator !== undefined && !/_\d+$/.test(operator) && module?.toLowerCase().startsWith(operator.toLowerCase())) parts.pop();
  const telling = parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`));
  return telling.length === 0 ? name : telling.join("/");
}

/** A class's name by its index. */
export function classLabel(explanation: Explanation, index: number): string {
  return explanation.model.labels?.[index] ?? t("class {index}", { index });
}
