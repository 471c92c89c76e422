/** @file Which mean map belongs to the images that are shown. Pure. */
import type { AuditSummary, MapGroup, MeanMap } from "../../src/protocol/audit.js";
import { meanMapOf } from "../../src/protocol/meanMaps.js";
import type { ChosenImages } from "./view.js";

/** The map of a cell of the matrix, of the mistakes into a class, or of a class's right answers; `undefined` for other choices, and for groups without a map. */
export function chosenMap(images: ChosenImages, { maps }: Pick<AuditSummary, "maps">): MeanMap | undefined {
  const group = groupOf(images);
  return group && meanMapOf(maps, group);
}

/** Other conditions would show other images than the map is of. */
function groupOf({ label, predicted, outcome, finding, text }: ChosenImages): MapGroup | undefined {
  if (finding !== undefined || (text ?? "").trim() !== "" || outcome === "unlabelled") return undefined;
  if (label !== undefined && predicted !== undefined) {
    if (outcome !== undefined && (outcome === "right") !== (label === predicted)) return undefined;
    return label === predicted ? { kind: "right", predicted } : { kind: "pair", label, predicted };
  }
  const index = label ?? predicted;
  if (index === undefined) return undefined;
  if (outcome === "right") return { kind: "right", predicted: index };
  return outcome === "wrong" && predicted !== undefined ? { kind: "mistakesInto", predicted } : undefined;
}
