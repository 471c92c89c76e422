/** @file Below matrix and gallery: findings, classes, calibration and what could not be read, one at a time. */
import type { AuditSummary, ClassRow, MeanMap } from "../../src/protocol/audit.js";
import { meanMapOf, meanMapTexts, meanMapTitle } from "../../src/protocol/meanMaps.js";
import { el } from "../element.js";
import * as numbers from "../numbers.js";
import { t, translate, type Source } from "../strings.js";
import { calibrationPart } from "./calibration.js";
import { failedCount, failedPart } from "./failedFiles.js";
import { createFindings, type FindingActions } from "./findings.js";
import { mapPicture } from "./mapPicture.js";
import { createSortableTable, type Column } from "./sortableTable.js";
import { createTabs } from "./tabs.js";
import { trialsPart } from "./trials.js";
import { auditSections, type AuditSection, type AuditView } from "./view.js";

export interface SectionsView {
  readonly element: HTMLElement;
  update(summary: AuditSummary, view: AuditView): void;
}

const sectionNames: Readonly<Record<AuditSection, Source>> = { findings: "Findings", classes: "Classes", calibration: "Calibration", preprocessing: "Preprocessing", failed: "Left out" };

/** A class with its mean maps, where it has some. */
interface MappedClass extends ClassRow {
  readonly rightMap: MeanMap | undefined;
  readonly mistakesMap: MeanMap | undefined;
}

const share = (value: number | null) => (value === null ? "–" : numbers.percent(value));
const columns = (): Column<MappedClass>[] => [
  { id: "label", head: t("Class"), text: ({ label }) => label, value: ({ label }) => label },
  { id: "images", head: t("Images"), text: ({ images }) => images.toLocaleString("en"), value: ({ images }) => images },
  { id: "predicted", head: t("Predicted"), text: ({ predicted }) => predicted.toLocaleString("en"), value: ({ predicted }) => predicted },
  { id: "mistakes", head: t("Mistakes"), text: ({ images, right }) => (images - right).toLocaleString("en"), value: ({ images, right }) => images - right },
  { id: "precision", head: t("Precision"), text: ({ precision }) => share(precision), value: ({ precision }) => precision },
  { id: "recall", head: t("Recall"), text: ({ recall }) => share(recall), value: ({ recall }) => recall },
  { id: "f1", head: "F1", text: ({ f1 }) => share(f1), value: ({ f1 }) => f1 },
  { id: "confidence", head: t("Mean confidence"), text: ({ confidence }) => share(confidence), value: ({ confidence }) => confidence },
  mapColumn("map-right", translate(meanMapTexts.ofRight), ({ rightMap }) => rightMap),
  mapColumn("map-mistakes", translate(meanMapTexts.ofMistakes), ({ mistakesMap }) => mistakesMap),
];

/** Sorted by how many images the map is of. */
function mapColumn(id: string, head: string, mapOf: (row: MappedClass) => MeanMap | undefined): Column<MappedClass> {
  return {
    id, head, text: () => "–", value: (row) => mapOf(row)?.images ?? null,
    picture: (row) => {
      const map = mapOf(row);
      return map && picture(map);
    },
  };
}

function picture(map: MeanMap): HTMLElement {
  const title = meanMapTitle(map, translate);
  return el("span", { class: "row-map", role: "img", "aria-label": title, title }, mapPicture(map.mean));
}

/** The parts behind their tabs. `draw` changes the view, `chooseClass` shows a label's images. */
export function createSections(draw: (change: Partial<AuditView>) => void, findingActions: FindingActions, chooseClass: (label: number) => void): SectionsView {
  const findings = createFindings(findingActions);
  const classes = createSortableTable("class-table", t("Classes of the model that have images or predictions"), columns(), { by: "mistakes", isDescending: true }, ({ index }) => chooseClass(index));
  const tabs = createTabs<AuditSection>("sections", t("Parts of the audit"), "section-panel", (section) => draw({ section }));
  const panel = el("div", { id: "section-panel", role: "tabpanel" });
  const element = el("section", { id: "sections-part" }, tabs.element, panel);
  let shown: readonly [AuditSummary | undefined, AuditSection | undefined] = [undefined, undefined];
  let rows: readonly MappedClass[] = [];

  return {
    element,
    update: (summary, view) => {
      const hasFailed = failedCount(summary) > 0;
      const sections = auditSections.filter((id) => (id !== "failed" || hasFailed) && (id !== "preprocessing" || summary.preprocessing.length > 0));
      const section = sections.includes(view.section) ? view.section : "findings";
      tabs.update(sections.map((id) => {
        const count = id === "findings" ? summary.findings.length : id === "failed" ? failedCount(summary) : 0;
        return { id, text: count > 0 ? `${t(sectionNames[id])} (${count.toLocaleString("en")})` : t(sectionNames[id]) };
      }), section);
      if (summary !== shown[0]) rows = mappedClasses(summary);
      if (summary !== shown[0] || section !== shown[1]) {
        shown = [summary, section];
        const parts: Readonly<Record<AuditSection, () => HTMLElement>> = { findings: () => findings.element, classes: () => classes.element, calibration: () => calibrationPart(summary), preprocessing: () => trialsPart(summary), failed: () => failedPart(summary) };
        panel.replaceChildren(parts[section]());
        panel.setAttribute("aria-labelledby", `sections-${section}`);
      }
      if (section === "findings") findings.update(summary, view.images.finding);
      if (section === "classes") classes.update(rows, view.images.predicted === undefined ? rows.find(({ index }) => index === view.images.label) : undefined);
    },
  };
}

/** The classes that have images or predictions. */
function mappedClasses({ classes, maps }: AuditSummary): MappedClass[] {
  return classes.filter(({ images, predicted }) => images > 0 || predicted > 0).map((row) => ({
    ...row, rightMap: meanMapOf(maps, { kind: "right", predicted: row.index }), mistakesMap: meanMapOf(maps, { kind: "mistakesInto", predicted: row.index }),
  }));
}
