/** @file The numbers above an audit: accuracy with its range, calibration, mistakes, images, failures; live counts while it runs. */
import type { AuditComparison, AuditState } from "../../src/protocol/audit.js";
import { el, setText } from "../element.js";
import * as numbers from "../numbers.js";
import { t, type Source } from "../strings.js";

export interface Headline {
  readonly element: HTMLElement;
  update(state: AuditState): void;
}

interface Figure {
  readonly name: Source;
  readonly value: string;
  /** What qualifies the number. */
  readonly note?: string | undefined;
}

const count = (value: number) => value.toLocaleString("en");

/** What stands above: of a running audit what is counted so far. Pure. */
export function figures({ busy, summary, comparison }: Pick<AuditState, "busy" | "summary" | "comparison">): Figure[] {
  if (busy && !summary) {
    const { images, mistakes, failed } = busy;
    return [
      { name: "Images", value: count(images) }, { name: "Mistakes", value: count(mistakes), note: images > 0 ? t("so far") : undefined },
      ...(failed > 0 ? [{ name: "Not read", value: count(failed) } as const] : []),
    ];
  }
  if (comparison) return comparisonFigures(comparison);
  if (!summary) return [];
  const { accuracy, accuracyRange, calibration, mistakes, labelled, images, failedCount, topFive } = summary;
  return [
    ...(accuracy === null ? [] : [{ name: "Accuracy", value: numbers.percent(accuracy), note: accuracyRange ? t("{low} to {high}", { low: numbers.percent(accuracyRange[0]), high: numbers.percent(accuracyRange[1]) }) : undefined } as const]),
    ...(topFive === null || summary.labels.length <= 5 ? [] : [{ name: "Among the first five", value: numbers.percent(topFive) } as const]),
    ...(calibration ? [{ name: "Calibration error", value: numbers.percent(calibration.expectedError), note: t("worst {error}", { error: numbers.percent(calibration.worstError) }) } as const] : []),
    ...(labelled > 0 ? [{ name: "Mistakes", value: count(mistakes), note: t("of {count} labelled", { count: count(labelled) }) } as const] : []),
    { name: "Images", value: count(images) },
    ...(failedCount > 0 ? [{ name: "Not read", value: count(failedCount) } as const] : []),
  ];
}

function comparisonFigures({ before, after, fixed, broken, wrongInBoth, images }: AuditComparison): Figure[] {
  const share = (accuracy: number | null) => (accuracy === null ? "–" : numbers.percent(accuracy));
  return [
    { name: "Accuracy", value: `${share(before.accuracy)} → ${share(after.accuracy)}` },
    { name: "Fixed", value: count(fixed) }, { name: "Broken", value: count(broken) },
    { name: "Wrong in both", value: count(wrongInBoth) }, { name: "Images in both", value: count(images) },
  ];
}

/** What McNemar's test says, in words: how likely so uneven a split of what was fixed and what broke is by chance. */
export function chanceText({ fixed, broken, pValue }: Pick<AuditComparison, "fixed" | "broken" | "pValue">): string {
  if (fixed + broken === 0) return t("No answer became right or wrong.");
  const value = pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`;
  if (pValue < 0.01) return t("So uneven a split of fixed and broken images is hardly chance (McNemar's test, p {value}).", { value });
  return pValue < 0.05 ? t("So uneven a split of fixed and broken images is probably not chance (McNemar's test, p {value}).", { value }) : t("Such a split of fixed and broken images could be chance (McNemar's test, p {value}).", { value });
}

/** The row of numbers. */
export function createHeadline(): Headline {
  const element = el("dl", { id: "headline" });
  let shown = "";
  return {
    element,
    update: (state) => {
      const all = figures(state);
      const names = all.map(({ name }) => name).join();
      if (names !== shown) {
        shown = names;
        element.replaceChildren(...all.map(({ name }) => el("div", { class: "figure", "data-figure": name }, el("dt", {}, t(name)), el("dd", { class: "value" }), el("dd", { class: "note" }))));
      }
      all.forEach(({ value, note }, i) => {
        const figure = element.children[i];
        const [valueElement, noteElement] = [figure?.children[1], figure?.children[2]];
        if (valueElement instanceof HTMLElement) setText(valueElement, value);
        if (noteElement instanceof HTMLElement) setText(noteElement, note ?? "");
      });
    },
  };
}
