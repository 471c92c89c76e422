/** @file What findings are called: the heads of their cards. */
import type { AuditFinding, AuditFindingId, AuditSummary, RegionGroup, SharedRegion } from "../../src/protocol/audit.js";
import { t, type Source } from "../strings.js";

const titles: Readonly<Record<Exclude<AuditFindingId, "shortcut" | "region">, Source>> = {
  preprocessing: "Preprocessing", labelErrors: "Suspected label errors", duplicates: "Near-duplicates", calibration: "Calibration", pair: "Most confused pair",
  failed: "Files that could not be read", unlabelled: "Images without a label", quality: "Image quality",
};

/** "Mistakes into stop sign: top left". */
export function regionTitle({ group, place }: Pick<SharedRegion, "group" | "place">, labels: readonly string[]): string {
  return t("{group}: {place}", { group: groupText(group, labels), place: t(placeNames[place]) });
}

const placeNames: Readonly<Record<SharedRegion["place"], Source>> = {
  topLeft: "top left", top: "top", topRight: "top right", left: "left", centre: "centre", right: "right", bottomLeft: "bottom left", bottom: "bottom", bottomRight: "bottom right",
};

/** The images a region was found among. */
function groupText(group: RegionGroup, labels: readonly string[]): string {
  const name = (index: number) => labels[index] ?? t("class {index}", { index });
  if (group.kind === "pair") return t("{label} taken for {predicted}", { label: name(group.label), predicted: name(group.predicted) });
  return group.kind === "mistakesInto" ? t("Mistakes into {predicted}", { predicted: name(group.predicted) }) : t("Predicted as {predicted}", { predicted: name(group.predicted) });
}

/** The head of a finding's card. */
export function findingTitle({ id, about }: Pick<AuditFinding, "id" | "about">, { regions, labels }: Pick<AuditSummary, "regions" | "labels">): string {
  if (id !== "shortcut" && id !== "region") return t(titles[id]);
  const region = regions.find((one) => one.id === about);
  return region ? regionTitle(region, labels) : t("Shared region");
}
