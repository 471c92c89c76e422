/** @file Above the gallery: what the chosen images look at on average, and the kinds of maps that they fall into. */
import type { AuditSummary, AveragedMaps, MeanMap } from "../../src/protocol/audit.js";
import { meanMapPlace, meanMapTexts, meanMapTitle } from "../../src/protocol/meanMaps.js";
import { el } from "../element.js";
import { t, translate } from "../strings.js";
import { chosenMap } from "./chosenMap.js";
import { mapPicture } from "./mapPicture.js";
import type { ChosenImages } from "./view.js";

export interface MeanMapStrip {
  readonly element: HTMLElement;
  update(images: ChosenImages, summary: AuditSummary): void;
}

/** The strip; hidden where the choice has no map of its own. */
export function createMeanMapStrip(): MeanMapStrip {
  const element = el("div", { id: "mean-maps", role: "group", "aria-label": translate(meanMapTexts.meanMap), hidden: true });
  let shown: MeanMap | undefined;
  return {
    element,
    update: (images, summary) => {
      const map = chosenMap(images, summary);
      if (map === shown) return;
      shown = map;
      element.hidden = !map;
      element.replaceChildren(...(map ? [
        pictured(map, translate(meanMapTexts.meanMap)),
        ...map.clusters.map((kind) => pictured(kind, t("{count} of {all}", { count: kind.images.toLocaleString("en"), all: map.clustered.toLocaleString("en") }))),
      ] : []));
    },
  };
}

function pictured(maps: AveragedMaps, name: string): HTMLElement {
  const title = meanMapTitle(maps, translate);
  return el("figure", { title }, el("div", { role: "img", "aria-label": title }, mapPicture(maps.mean)), el("figcaption", { "aria-hidden": "true" }, el("span", {}, name), el("span", { class: "dim" }, meanMapPlace(maps, translate))));
}
