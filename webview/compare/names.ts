/** @file What the maps of a comparison are called. */
import type { ComparisonKind, ComparisonState, ComparisonTile } from "../../src/protocol/comparison.js";
import { methodNames, targetText } from "../state.js";
import { t, type Source } from "../strings.js";
import type { ShownMap } from "./maps.js";

export const kindNames: Readonly<Record<ComparisonKind, Source>> = { methods: "Methods compared", baselines: "Baselines compared", samples: "Samples compared" };

export const baselineNames: Readonly<Record<string, Source>> = { black: "Black", white: "White", random: "Random", blur: "Blur", mean: "Mean colour" };

/** "Grad-CAM", "Black" or "25 samples". */
export function tileName(kind: ComparisonKind, { id, method }: Pick<ComparisonTile, "id" | "method">): string {
  if (kind === "methods") return t(methodNames[method]);
  if (kind === "samples") return t("{count} samples", { count: id });
  const known = baselineNames[id];
  return known ? t(known) : (id.split(/[\\/]/).at(-1) ?? id);
}

/** The name over a map. */
export function mapName(kind: ComparisonKind, { kind: what, tile }: Pick<ShownMap, "kind" | "tile">): string {
  if (what === "original") return t("Original");
  if (what === "average") return t("Average");
  if (what === "disagreement") return t("Where they disagree");
  return tile ? tileName(kind, tile) : "";
}

/** "cat.jpg · resnet50 · tabby 45.2 % · Methods compared". */
export function comparisonTitle({ imageName, modelName, kind, tiles }: ComparisonState): string {
  const known = tiles.find(({ explanation }) => explanation)?.explanation;
  return [imageName, modelName.replace(/\.onnx$/i, ""), ...(known ? [targetText(known)] : []), t(kindNames[kind])].join(" · ");
}
