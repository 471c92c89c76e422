/** @file The layers of a model, with what each makes of an image as soon as that is known. */
import type { LayerSummary, ModelSummary } from "../../src/protocol/api.js";
import type { ModelPageState } from "../../src/protocol/modelPage.js";
import type { ActivationPicture, LayerThumbnail } from "../../src/protocol/models.js";
import { isTextTask } from "../../src/protocol/tasks.js";
import { breakable, el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t } from "../strings.js";
import { button } from "../ui.js";
import { createSearched } from "./lists.js";

export interface LayersView {
  readonly element: HTMLElement;
  update(state: ModelPageState): void;
  /** Takes pictures; those of another run than is shown are dropped. */
  add(run: number, layers: readonly LayerThumbnail[]): void;
}

/** The table, below the image whose activations it shows. */
export function createLayers(ask: (name: "chooseImage" | "cancel") => void): LayersView {
  const shots = new Map<string, LayerThumbnail>();
  const addresses: string[] = [];
  let run = -1;
  let summary: ModelSummary | undefined;
  let imageKey = "";
  const rows = new Map<string, HTMLElement>();

  const picture = el("img", { id: "image", alt: "", hidden: true });
  const name = el("span", { id: "image-name" });
  const progress = el("span", { id: "thumbnails-progress", role: "status", class: "hint" });
  const choose = button("choose-image", "", "secondary", () => ask("chooseImage"));
  const cancel = button("cancel-thumbnails", t("Cancel"), "secondary", () => ask("cancel"));
  const failure = el("p", { id: "thumbnails-failure", role: "alert", hidden: true });
  const bar = el("div", { id: "image-bar" }, picture, el("div", { class: "image-facts" }, name, progress, el("div", { class: "actions" }, choose, cancel)));
  const hint = el("p", { class: "hint" });
  const body = el("tbody", {});
  const table = el("table", { id: "layers", class: "plain", "aria-labelledby": "layers-heading" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("Layer")), el("th", { scope: "col", class: "pictures" }, t("Mean")), el("th", { scope: "col", class: "pictures" }, t("Strongest channels")), el("th", { scope: "col", class: "operator" }, t("Operator")), el("th", { scope: "col", class: "shape" }, t("Shape")))), body);
  const searched = createSearched<LayerSummary>("search-layers", t("Search layers"), ({ name: layer, op }) => `${layer} ${op}`, (layers) => body.replaceChildren(...layers.map(rowOf)), el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "layers-heading" }, table));
  const element = el("section", { id: "layers-part" }, el("h2", { id: "layers-heading" }, t("Layers")), bar, failure, hint, searched.element);

  function rowOf(layer: LayerSummary): HTMLElement {
    const known = rows.get(layer.name);
    if (known) return known;
    const isDefault = layer.name === summary?.defaultLayer;
    const made = el("tr", { "data-layer": layer.name, "data-default": isDefault }, el("th", { scope: "row" }, ...breakable(layer.name), ...(isDefault ? [" ", el("span", { class: "badge" }, t("default"))] : []),
      // Beside pictures there is no room for columns of their own.
      el("span", { class: "about", "aria-hidden": "true" }, `${layer.op} · ${layer.shape.join(" × ")}`)),
      el("td", { class: "cell mean" }), el("td", { class: "cell channels" }), el("td", { class: "operator" }, layer.op), el("td", { class: "shape" }, layer.shape.join(" × ")));
    rows.set(layer.name, made);
    const shot = shots.get(layer.name);
    if (shot) fill(made, shot);
    return made;
  }

  function address({ bytes, mime }: ActivationPicture["picture"]): string {
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mime }));
    addresses.push(made);
    return made;
  }

  function figure(of: ActivationPicture, caption: string, alt: string): HTMLElement {
    const [low, high] = of.range.map(numbers.raw) as [string, string];
    const grid = `${of.picture.width} × ${of.picture.height}`;
    return el("figure", { title: `${alt}\n${grid}` }, el("img", { class: "activation", src: address(of.picture), alt }), el("figcaption", {}, ...(caption === "" ? [] : [el("span", {}, caption)]), el("span", { class: "range" }, t("{low} … {high}", { low, high }))));
  }

  function fill(row: HTMLElement, { layer, mean, channels }: LayerThumbnail): void {
    const ends = ({ range }: ActivationPicture) => ({ low: numbers.raw(range[0]), high: numbers.raw(range[1]) });
    row.querySelector(".mean")?.replaceChildren(figure(mean, "", t("Mean over the channels of {layer}, from {low} to {high}", { layer, ...ends(mean) })));
    row.querySelector(".channels")?.replaceChildren(el("div", { class: "strip" }, ...channels.map((one) => figure(one, t("channel {index}", { index: one.index }), t("Channel {index} of {layer}, from {low} to {high}", { layer, index: one.index, ...ends(one) })))));
  }

  function forget(): void {
    shots.clear();
    for (const one of addresses.splice(0)) URL.revokeObjectURL(one);
    for (const row of rows.values()) for (const cell of row.querySelectorAll(".cell")) cell.replaceChildren();
  }

  function showImage(image: ModelPageState["image"]): void {
    setText(name, image?.name ?? "");
    const { preview } = image ?? {};
    const key = preview ? `${image?.path} ${preview.bytes.length}` : "";
    if (key === imageKey) return;
    imageKey = key;
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.hidden = !preview;
    if (preview) picture.src = URL.createObjectURL(new Blob([new Uint8Array(preview.bytes)], { type: preview.mime }));
  }

  return {
    element,
    update: ({ summary: next, image, thumbnails, busy, failure: broken }) => {
      const isText = isTextTask(next?.task);
      element.hidden = next ? isText || (next.layers.length === 0 && !next.inputs.some(({ shape }) => shape.length === 4)) : broken !== undefined;
      if (next !== summary) {
        // The names of another model's layers, or another default, are other rows.
        if (JSON.stringify([next?.layers, next?.defaultLayer]) !== JSON.stringify([summary?.layers, summary?.defaultLayer])) {
          rows.clear();
          summary = next;
          searched.update(next?.layers ?? []);
        } else summary = next;
      }
      if (thumbnails.run !== run) {
        run = thumbnails.run;
        forget();
      }
      showImage(image);
      const { busy: running } = thumbnails;
      setText(progress, running ? [running.text, ...(running.total > 1 ? [t("{done} of {total} layers", { done: running.done, total: running.total })] : [])].join(" · ") : "");
      setText(choose, image ? t("Choose another image…") : t("Choose image…"));
      choose.toggleAttribute("disabled", !next || next.layers.length === 0);
      cancel.hidden = !running;
      failure.hidden = thumbnails.failure === undefined;
      setText(failure, thumbnails.failure ?? "");
      setText(hint, next && next.layers.length === 0 ? t("No layer lies on a grid over the image.") : image
        ? `${t("The activation at each place of the layer's grid, averaged over its channels, and the channels with the largest mean magnitude.")} ${t("Each picture has its own scale, from its lowest value to its highest; its ends stand below it.")}`
        : busy ? "" : t("Choose an image to see what each layer makes of it."));
      table.toggleAttribute("data-pictures", image !== undefined);
      table.toggleAttribute("data-waiting", running !== undefined);
    },
    add: (of, layers) => {
      if (of !== run) return;
      for (const shot of layers) {
        // A page that is new may get the same again.
        if (shots.has(shot.layer)) continue;
        shots.set(shot.layer, shot);
        const row = rows.get(shot.layer);
        if (row) fill(row, shot);
      }
    },
  };
}
