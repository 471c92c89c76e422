/** @file Below the picture: how far the map can be trusted, test by test, on demand. */
import type { Explanation, MethodId, PanelState } from "../../src/protocol/api.js";
import type { FindingText, PanelTrust, TrustComparison, TrustFinding, TrustTest } from "../../src/protocol/trust.js";
import { fold } from "../controls/fields.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { classLabel, methodNames } from "../state.js";
import { t } from "../strings.js";
import { button } from "../ui.js";
import { curveChart, curveKey, curveText } from "./curveChart.js";

export interface TrustSectionView {
  readonly element: HTMLElement;
  update(state: PanelState): void;
}

/** What the buttons do. */
export interface TrustActions {
  check(): void;
  cancel(): void;
}

/** The folded section. Findings come one by one; a finding that is there is not touched by the next. */
export function createTrustSection({ check, cancel }: TrustActions): TrustSectionView {
  const intro = el("p", { class: "description" }, t("Runs the method some dozens of times more: on the image with parts taken away, with small noise, for other classes, beside other methods, and with random weights."));
  const start = button("check-trust", t("Check"), "primary", check);
  const stop = button("cancel-trust", t("Cancel"), "secondary", cancel);
  const progress = el("span", { id: "trust-progress", role: "status", class: "description" });
  const actions = el("div", { class: "actions" }, start, stop, progress);
  const failure = el("p", { id: "trust-failure", role: "alert", class: "failure" });
  const findings = el("ul", { id: "findings" });
  const lowered = el("p", { class: "description" });
  const { element, summary } = fold("trust", t("How far can this map be trusted?"), intro, actions, failure, findings, lowered);
  let shown: readonly TrustFinding[] = [];
  let shownPending = "";

  return {
    element,
    update: ({ explanation, trust, busy }) => {
      element.toggleAttribute("data-empty", !explanation);
      setText(summary, [t("How far can this map be trusted?"), ...verdictCounts(trust)].join(" · "));
      const found = trust?.report?.findings ?? [];
      intro.hidden = found.length > 0;
      start.hidden = trust?.busy !== undefined || (trust?.report !== undefined && trust.report.pending.length === 0 && trust.failure === undefined);
      start.toggleAttribute("disabled", !explanation || busy !== undefined);
      setText(start, found.length > 0 || trust?.failure !== undefined ? t("Check again") : t("Check"));
      stop.hidden = trust?.busy === undefined;
      actions.hidden = start.hidden && stop.hidden;
      setText(progress, progressText(trust));
      setText(failure, trust?.failure ?? "");
      failure.hidden = trust?.failure === undefined;
      const pending = (trust?.pending ?? []).join("\n");
      if (!explanation || (found.length === shown.length && found.every((finding, i) => isSame(finding, shown[i])) && pending === shownPending)) return;
      const keep = shown.findIndex((finding, i) => !isSame(finding, found[i]));
      const kept = keep < 0 ? shown.length : keep;
      while (findings.childElementCount > kept) findings.lastElementChild?.remove();
      findings.append(...found.slice(kept).map((finding, i) => findingItem(finding, trust?.texts[kept + i], explanation)), ...(trust?.pending ?? []).map((name) => el("li", { class: "pending" }, mark("pending"), el("span", { class: "title" }, name))));
      [shown, shownPending] = [found, pending];
      setText(lowered, loweredText(trust));
      lowered.hidden = lowered.textContent === "";
    },
  };
}

/** Every state is a copy, so what was said is compared, not the objects. */
function isSame(a: TrustFinding, b: TrustFinding | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** "3 good", "1 caution": in words, since it stands where nothing else does while the section is folded. */
function verdictCounts(trust: PanelTrust | undefined): string[] {
  const words = (trust?.texts ?? []).map(({ verdict }) => verdict);
  return [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`);
}

function progressText(trust: PanelTrust | undefined): string {
  if (!trust?.busy) return "";
  const { done, total, estimate } = trust.busy;
  return [t("Checking"), ...(estimate === undefined ? [] : [estimate]), ...(total > 0 ? [t("{done} of {total}", { done, total })] : []), ...trust.pending.slice(0, 1)].join(" · ");
}

/** Which parameters were lowered to keep many runs cheap. */
function loweredText(trust: PanelTrust | undefined): string {
  const { lowered = {}, parameters = {} } = trust?.report ?? {};
  const changes = Object.entries(lowered).map(([name, would]) => t("{name} = {value} instead of {usual}", { name, value: String(parameters[name]), usual: String(would) }));
  return changes.length === 0 ? "" : t("To stay cheap, the tests ran with {changes}.", { changes: changes.join(", ") });
}

function findingItem(finding: TrustFinding, text: FindingText | undefined, explanation: Explanation): HTMLElement {
  return el("li", { class: `finding ${finding.verdict}`, "data-test": finding.test, "data-verdict": finding.verdict },
    mark(finding.verdict),
    el("div", {},
      el("div", { class: "heading" }, el("span", { class: "title" }, text?.title ?? finding.test), el("span", { class: "verdict" }, text?.verdict ?? finding.verdict)),
      el("p", {}, text?.sentence ?? ""),
      ...(finding.curves.length > 0 ? [el("div", { class: "chart" }, curveChart(finding.curves), el("ul", { class: "keys" }, ...finding.curves.map((curve) => el("li", {}, curveKey(curve), curveText(curve)))))] : []),
      ...(finding.comparisons.length > 0 ? [comparisonTable(finding, explanation)] : [])));
}

/** A dot whose form differs too: full, half, hollow, dashed. */
function mark(kind: TrustFinding["verdict"] | "pending"): HTMLElement {
  return el("span", { class: `mark ${kind}`, "aria-hidden": "true" });
}

function comparisonTable({ test, comparisons }: TrustFinding, explanation: Explanation): HTMLElement {
  const rows = comparisons.map((comparison) => el("tr", {}, el("th", { scope: "row" }, comparisonName(test, comparison, explanation)), el("td", {}, comparison.correlation === null ? t("blank map") : numbers.scaled(comparison.correlation))));
  return el("table", {}, el("caption", {}, t("Rank correlation with this map")), el("tbody", {}, ...rows));
}

/** What the map was compared with, as people call it. */
function comparisonName(test: TrustTest, { name }: Pick<TrustComparison, "name">, explanation: Explanation): string {
  if (test === "agreement") return Object.hasOwn(methodNames, name) ? t(methodNames[name as MethodId]) : name;
  if (test === "classes") return classLabel(explanation, Number(name));
  if (test === "stability") return t("noisy copy {number}", { number: name });
  if (test === "weights") {
    if (name === "last") return t("last layer random");
    const draw = /^all (\d+)$/.exec(name)?.[1];
    if (draw !== undefined) return t("all layers random, draw {number}", { number: draw });
    return name === "all" ? t("all layers random") : t("{share} of the layers random", { share: name });
  }
  return name;
}
