/** @file What findings are called: the heads of their cards. */
import type { AuditFinding, AuditFindingId, AuditSummary, RegionGroup, SharedRegion } from "../../src/protocol/audit.js";
import { placeTexts, qualityTexts } from "../../src/protocol/debugTexts.js";
import { t, translate, type Source } from "../strings.js";

const titles: Readonly<Record<Exclude<AuditFindingId, "shortcut" | "region" | "pair" | "quality">, Source>> = {
  preprocessing: "Preprocessing", labelErrors: "Suspected label errors", duplicates: "Near-duplicates", calibration: "Calibration", failed: "Files that could not be read", unlabelled: "Images without a label",
};

/** "Mistakes into stop sign: the top left". */
export function regionTitle({ group, place }: Pick<SharedRegion, "group" | "place">, labels: readonly string[]): string {
  return t("{group}: {place}", { group: groupText(group, labels), place: translate(placeTexts[place]) });
}

/** The images a region was found among. */
function groupText(group: RegionGroup, labels: readonly string[]): string {
  const name = (index: number) => labels[index] ?? t("class {index}", { index });
  if (group.kind === "pair") return t("{label} taken for {predicted}", { label: name(group.label), predicted: name(group.predicted) });
  return group.kind === "mistakesInto" ? t("Mistakes into {predicted}", { predicted: name(group.predicted) }) : t("Predicted as {predicted}", { predicted: name(group.predicted) });
}

/** The head of a finding's card. */
export function findingTitle({ id, about }: Pick<AuditFinding, "id" | "about">, { regions, labels, pairs: [pair] }: Pick<AuditSummary, "regions" | "labels" | "pairs">): string {
  if (id === "pair") return pair ? groupText({ kind: "pair", label: pair.label, predicted: pair.predicted }, labels) : t("Confusion matrix");
  if (id === "quality") return `${t("Image quality")}: ${translate(qualityTexts[about as keyof typeof qualityTexts] ?? about)}`;
  if (id !== "shortcut" && id !== "region") return t(titles[id]);
  const region = regions.find((one) => one.id === about);
  return region ? regionTitle(region, labels) : t("Shared region");
}
