/** @file What stands out in an audit: one card per finding, most important first; a card leaves its own images in the gallery. */
import { auditSentenceText } from "../../src/protocol/auditTexts.js";
import type { AuditFinding, AuditSummary } from "../../src/protocol/audit.js";
import { el } from "../element.js";
import { t, translate, type Source } from "../strings.js";
import { button } from "../ui.js";
import { filterOfFinding, findingKey } from "./findingFilters.js";
import { findingList } from "./findingLists.js";
import { findingTitle } from "./findingTitles.js";
import { meanMap } from "./meanMap.js";
import { regionNumbers, type NumberRow } from "./findingNumbers.js";
import type { AuditSection } from "./view.js";

export interface FindingsView {
  readonly element: HTMLElement;
  update(summary: AuditSummary, chosen: string | undefined): void;
}

/** What the cards do. */
export interface FindingActions {
  /** Leaves only a finding's images; `undefined` all again. */
  filter(key: string | undefined): void;
  showSection(section: AuditSection): void;
  /** Opens a file's full report. */
  open(file: string): void;
  showUnsure(): void;
}

/** Findings that are about no single images have a part of their own. */
const sectionOf: Readonly<Partial<Record<AuditFinding["id"], AuditSection>>> = { failed: "failed", preprocessing: "preprocessing", calibration: "calibration" };
const severityNames: Readonly<Record<AuditFinding["severity"], Source>> = { high: "important", medium: "worth a look", low: "for completeness" };
const marks = { high: "bad", medium: "caution", low: "unknown" } as const;

/** The cards, made anew when the audit changed. */
export function createFindings(actions: FindingActions): FindingsView {
  const list = el("ul", { id: "finding-cards" });
  const empty = el("div", { class: "empty", hidden: true }, el("p", {}, t("Nothing stands out in this audit.")), button("no-findings", t("Show the least sure images"), "secondary", actions.showUnsure));
  let shown: AuditSummary | undefined;
  let buttons = new Map<string, HTMLElement>();

  function card(finding: AuditFinding, summary: AuditSummary): HTMLElement {
    const key = findingKey(finding);
    const sentences = finding.sentences.map((sentence) => el("p", {}, auditSentenceText(sentence, translate)));
    const region = summary.regions.find(({ id }) => id === finding.about);
    const rows = region ? regionNumbers(region) : [];
    const listed = sectionOf[finding.id];
    const files = findingList(finding, summary, actions.open);
    const hasImages = !listed && filterOfFinding(key, summary) !== undefined;
    const press = hasImages ? button(`finding-${finding.id}`, t("Show its images"), "secondary", () => actions.filter(made.hasAttribute("data-chosen") ? undefined : key))
      : listed ? button(`finding-${finding.id}`, t("Show details"), "secondary", () => actions.showSection(listed)) : undefined;
    const made = el("li", { class: "finding", "data-finding": finding.id, "data-about": finding.about, "data-severity": finding.severity },
      el("div", { class: "heading" }, el("span", { class: `mark ${marks[finding.severity]}`, role: "img", "aria-label": t(severityNames[finding.severity]) }), el("span", { class: "title" }, findingTitle(finding, summary))),
      el("div", { class: "finding-body" }, ...(region ? [meanMap(region)] : []), el("div", {}, ...sentences)),
      ...(rows.length > 0 ? [numbersList(rows)] : []),
      ...(files ? [files] : []), ...(press ? [el("div", { class: "actions" }, press)] : []));
    if (hasImages && press) buttons.set(key, press);
    return made;
  }

  return {
    element: el("div", { id: "findings-part" }, list, empty),
    update: (summary, chosen) => {
      if (summary !== shown) {
        shown = summary;
        buttons = new Map();
        list.replaceChildren(...summary.findings.map((finding) => card(finding, summary)));
        list.hidden = summary.findings.length === 0;
        empty.hidden = !list.hidden;
      }
      for (const [key, press] of buttons) {
        const isChosen = key === chosen;
        press.closest(".finding")?.toggleAttribute("data-chosen", isChosen);
        press.setAttribute("aria-pressed", String(isChosen));
        press.textContent = isChosen ? t("Show all images again") : t("Show its images");
      }
    },
  };
}

function numbersList(rows: readonly NumberRow[]): HTMLElement {
  return el("dl", {}, ...rows.flatMap(({ name, value }) => [el("dt", {}, t(name)), el("dd", {}, value)]));
}
