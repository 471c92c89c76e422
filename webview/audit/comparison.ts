/** @file Two audits of the same images: which classes gained and lost, what became of shared regions, and the images that changed, with both answers. */
import type { AuditComparison, ChangedPage, ChangedRequest } from "../../src/protocol/audit.js";
import { placeTexts } from "../../src/protocol/debugTexts.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t, translate, type Source } from "../strings.js";
import { checkField } from "../ui.js";
import { createGallery, type GallerySource } from "./gallery.js";
import { chanceText } from "./headline.js";
import type { Fetch } from "./pages.js";
import { createSortableTable, type Column } from "./sortableTable.js";
import { createTabs } from "./tabs.js";
import type { TileText } from "./tile.js";
import type { AuditView } from "./view.js";

type ChangedImage = ChangedPage["images"][number];
type ClassChange = AuditComparison["classes"][number];

export interface ComparisonPart {
  readonly element: HTMLElement;
  update(comparison: AuditComparison, view: AuditView): void;
}

/** What the part asks for. */
export interface ComparisonActions extends Pick<GallerySource<ChangedImage>, "open" | "items" | "thumbnail"> {
  changed(change: ChangedRequest["change"]): Fetch<ChangedImage>;
  draw(change: Partial<AuditView>): void;
}

const changeNames: Readonly<Record<ChangedRequest["change"], Source>> = { broken: "Broken", fixed: "Fixed", wrongInBoth: "Wrong in both" };
const changes = ["broken", "fixed", "wrongInBoth"] as const;
const regionNames: Readonly<Record<AuditComparison["regions"][number]["change"], Source>> = { gone: "gone", new: "new", stays: "stays" };

/** More right answers after than before, with its sign. */
const gained = ({ before, after }: ClassChange) => after - before;
const signed = (value: number) => (value > 0 ? `+${value}` : value < 0 ? `−${-value}` : "0");

const columns = (): Column<ClassChange>[] => [
  { id: "label", head: t("Class"), text: ({ label }) => label, value: ({ label }) => label },
  { id: "images", head: t("Images"), text: ({ images }) => images.toLocaleString("en"), value: ({ images }) => images },
  { id: "before", head: t("Before"), text: ({ before }) => before.toLocaleString("en"), value: ({ before }) => before },
  { id: "after", head: t("After"), text: ({ after }) => after.toLocaleString("en"), value: ({ after }) => after },
  { id: "change", head: t("Change"), text: (row) => signed(gained(row)), value: (row) => gained(row) },
  { id: "fixed", head: t("Fixed"), text: ({ fixed }) => fixed.toLocaleString("en"), value: ({ fixed }) => fixed },
  { id: "broken", head: t("Broken"), text: ({ broken }) => broken.toLocaleString("en"), value: ({ broken }) => broken },
];

/** The part. */
export function createComparison(actions: ComparisonActions): ComparisonPart {
  const classes = createSortableTable("class-changes", t("Right answers per class"), columns(), { by: "change", isDescending: false });
  const regions = el("ul", { id: "region-changes" });
  const regionsPart = el("section", {}, el("h2", {}, t("Shared regions")), regions);
  const only = el("p", { class: "hint" });
  const between = el("p", { id: "compared-with", class: "hint" });
  const tabs = createTabs<ChangedRequest["change"]>("changes", t("Changed images"), "changed-images", (change) => actions.draw({ change }));
  const maps = checkField("changed-maps-on", t("Heatmaps"), (hasMaps) => actions.draw({ hasMaps }));
  const empty = el("div", { class: "empty", hidden: true }, el("p", {}, t("No image changed this way.")));
  const gallery = createGallery<ChangedImage>("changed-images", t("Changed images"), {
    textOf: changedText, answers: 2, open: actions.open, items: actions.items, thumbnail: actions.thumbnail,
    counted: (total) => {
      empty.hidden = total !== 0;
      gallery.element.hidden = total === 0;
    },
  });
  let shown: readonly [AuditComparison | undefined, string] = [undefined, ""];

  return {
    element: el("div", { id: "comparison-part" },
      between,
      el("div", { class: "halves" }, el("section", { class: "half" }, classes.element, only, regionsPart), el("section", { class: "half gallery-half" }, el("div", { class: "line" }, tabs.element, el("span", { class: "grow" }), maps.element), gallery.element, empty))),
    update: (comparison, view) => {
      const { before, after, fixed, broken, wrongInBoth, onlyBefore, onlyAfter } = comparison;
      const counts = { fixed, broken, wrongInBoth };
      // A comparison opens with images, not with their absence.
      const first = comparison !== shown[0] && counts[view.change] === 0 ? changes.find((change) => counts[change] > 0) : undefined;
      if (first) return actions.draw({ change: first });
      setText(between, [t("Before: {before}. After: {after}.", { before: nameOf(before), after: nameOf(after) }), chanceText(comparison)].join(" "));
      tabs.update(changes.map((id) => ({ id, text: `${t(changeNames[id])} (${counts[id].toLocaleString("en")})` })), view.change);
      maps.set(view.hasMaps);
      gallery.setMaps(view.hasMaps);
      if (comparison !== shown[0]) {
        classes.update(comparison.classes.filter(({ images }) => images > 0), undefined);
        setText(only, onlyBefore + onlyAfter > 0 ? t("Left out: {before} images only in the first audit, {after} only in the second.", { before: onlyBefore.toLocaleString("en"), after: onlyAfter.toLocaleString("en") }) : "");
        regionsPart.hidden = comparison.regions.length === 0;
        regions.replaceChildren(...comparison.regions.map(({ label, place, change }) => el("li", { "data-change": change }, el("span", { class: "change" }, t(regionNames[change])), t("{group}: {place}", { group: label, place: translate(placeTexts[place]) }))));
      }
      if (comparison !== shown[0] || view.change !== shown[1]) gallery.restart(actions.changed(view.change));
      shown = [comparison, view.change];
    },
  };
}

/** "resnet50 (photos-audit)": a model by its file, and the folder its audit is kept in. */
function nameOf({ model, folder }: AuditComparison["before"]): string {
  const last = (path: string) => path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
  return `${last(model).replace(/\.onnx$/i, "")} (${last(folder)})`;
}

function changedText({ file, label, before, after, beforeProbability, afterProbability }: ChangedImage): TileText {
  const answers = [{ text: before, number: numbers.percent(beforeProbability) }, { text: `→ ${after}`, number: numbers.percent(afterProbability) }];
  return { file, answers, below: label, belowNumber: "", tip: file, mark: after === label ? "right" : "wrong", label: t("{file}: labelled {label}, predicted {before} before and {after} after", { file, label, before, after }) };
}
