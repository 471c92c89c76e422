/** @file Above the gallery: which images it shows, in which order, and with maps or without. */
import { imageOrders, type AuditSummary, type ImageFilter, type ImageOrder } from "../../src/protocol/audit.js";
import { createClassPicker, type ClassOption, type ClassSource } from "../controls/classPicker.js";
import { el, setText } from "../element.js";
import { t, type Source } from "../strings.js";
import { button, checkField, choiceField } from "../ui.js";
import { findingTitle } from "./findingTitles.js";
import { findingKey } from "./findingFilters.js";
import { createMeanMapStrip } from "./meanMapStrip.js";
import { firstImages, isFiltered, type AuditView, type ChosenImages } from "./view.js";

export interface GalleryBar {
  readonly element: HTMLElement;
  update(view: AuditView, summary: AuditSummary): void;
  /** Says how many images there are. */
  count(total: number | undefined): void;
}

const outcomeNames: Readonly<Record<NonNullable<ImageFilter["outcome"]>, Source>> = { wrong: "Mistakes", right: "Right answers", unlabelled: "Without a label" };
const orderNames: Readonly<Record<ImageOrder, Source>> = { confidence: "Surest first", margin: "Nearest to right first", entropy: "Least sure first", name: "By name" };
/** Typing is not asked about letter by letter, in ms. */
const typingPause = 200;

/** The fields. `draw` changes the view. */
export function createGalleryBar(draw: (change: Partial<AuditView>) => void): GalleryBar {
  let images: ChosenImages = {};
  const change = (by: Partial<ChosenImages>) => draw({ images: { ...images, finding: undefined, ...by } });
  const outcome = choiceField("outcome", t("Shown images"), (value) => change({ outcome: value === "" ? undefined : (value as ImageFilter["outcome"]) }));
  const order = choiceField("image-order", t("Order"), (value) => draw({ order: value as ImageOrder }));
  const any = (text: Source) => (): readonly ClassOption[] => [{ target: undefined, text: t(text) }];
  const label = createClassPicker("label-filter", "Label", any("Any label"), (target) => change({ label: typeof target === "number" ? target : undefined }));
  const predicted = createClassPicker("predicted-filter", "Predicted", any("Any prediction"), (target) => change({ predicted: typeof target === "number" ? target : undefined }));
  const text = el("input", { id: "text-filter", type: "search", class: "text", spellcheck: "false", placeholder: t("Part of the name"), "aria-label": t("Part of the name") });
  const maps = checkField("maps-on", t("Heatmaps"), (hasMaps) => draw({ hasMaps }));
  const heading = el("h2", { id: "gallery-title", "aria-live": "polite" });
  const clear = button("clear-filters", t("Clear filters"), "secondary", () => draw({ images: cleared }));
  const finding = el("p", { id: "gallery-finding", hidden: true });
  const mapsHint = el("p", { id: "maps-hint", class: "hint" }, t("Maps of the predicted class, each from 0 to its own largest value"));
  const strip = createMeanMapStrip();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cleared: ChosenImages = {};
  let all = 0;

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => change({ text: text.value === "" ? undefined : text.value }), typingPause);
  });

  return {
    element: el("div", { id: "gallery-bar" },
      el("div", { class: "line" }, heading, clear, el("span", { class: "grow" }), maps.element, order.element),
      el("div", { class: "line filters" }, outcome.element, label.element, predicted.element, text), finding, strip.element, mapsHint),
    update: (view, summary) => {
      images = view.images;
      const outcomes = [["", "All images", summary.images], ["wrong", outcomeNames.wrong, summary.mistakes], ["right", outcomeNames.right, summary.labelled - summary.mistakes], ["unlabelled", outcomeNames.unlabelled, summary.images - summary.labelled]] as const;
      outcome.set(outcomes.filter(([id, , count]) => id === "" || count > 0 || id === images.outcome).map(([id, name, count]) => ({ value: id, text: `${t(name)} (${count.toLocaleString("en")})` })), images.outcome ?? "");
      order.set(imageOrders.map((id) => ({ value: id, text: t(orderNames[id]) })), view.order);
      const classes: ClassSource = { classCount: summary.labels.length, predictions: [], model: { labels: summary.labels } as unknown as ClassSource["model"] };
      label.update(classes, images.label);
      predicted.update(classes, images.predicted);
      if (document.activeElement !== text) text.value = images.text ?? "";
      maps.set(view.hasMaps);
      mapsHint.hidden = !view.hasMaps;
      maps.element.hidden = summary.layer === undefined;
      strip.update(images, summary);
      clear.hidden = !isFiltered({ ...images, outcome: undefined });
      cleared = firstImages(summary).images;
      all = summary.images;
      const shown = images.finding === undefined ? undefined : summary.findings.find((one) => findingKey(one) === images.finding);
      finding.hidden = !shown;
      setText(finding, shown ? t("Only the images of: {finding}", { finding: findingTitle(shown, summary) }) : "");
    },
    count: (total) => setText(heading, total === undefined ? t("Images") : t("{count} of {all} images", { count: total.toLocaleString("en"), all: all.toLocaleString("en") })),
  };
}
