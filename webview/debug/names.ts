/** @file What the page calls a report, its rows and its maps. */
import type { DebugReport, DebugState } from "../../src/protocol/debug.js";
import * as numbers from "../numbers.js";
import { methodAt, methodNames } from "../state.js";
import { t } from "../strings.js";
import type { ReportRow, ReportTile } from "./maps.js";

/** "03.jpg · scenes · Misclassification report". */
export function reportTitle({ imageName, modelName }: Pick<DebugState, "imageName" | "modelName">): string {
  return [imageName, modelName.replace(/\.onnx$/i, ""), t("Misclassification report")].join(" · ");
}

/** "Grad-CAM at layer4", or "Attention". */
export function rowName({ id, explanation }: ReportRow): string {
  if (explanation) return methodAt(explanation);
  return id === "attention" ? t("Attention") : id === "grad-cam" || id === "integrated-gradients" ? t(methodNames[id]) : "";
}

/** What a row's maps are worth, beside its name. */
export function rowFacts({ explanation }: ReportRow): string {
  if (!explanation) return "";
  const { completeness, ms, isCached, facts: { steps } } = explanation;
  return [
    ...(steps === undefined ? [] : [t("{steps} steps", { steps })]),
    ...(completeness ? [t("gap {gap}", { gap: numbers.percent(Math.abs(completeness.relative)) })] : []),
    isCached ? t("from the cache") : t("{ms} ms", { ms: numbers.milliseconds(ms.compute) }),
  ].join(" · ");
}

type Classes = Pick<DebugReport, "predicted" | "true">;

/** "Predicted: stop sign". Maps of attention say of which kind they are. */
export function tileName({ id, of, versus }: Pick<ReportTile, "id" | "of" | "versus">, classes: Classes | undefined): string {
  const subject = subjectName(of, classes, versus);
  if (id.startsWith("relevance/")) return `${t("Relevance")} · ${subject}`;
  return id.startsWith("rollout/") ? `${t("Rollout")} · ${subject}` : subject;
}

function subjectName(of: ReportTile["of"], classes: Classes | undefined, versus: string | undefined): string {
  if (of === "any") return t("the same for every class");
  if (!classes) return t(of === "predicted" ? "Predicted" : of === "true" ? "True class" : "Difference");
  const { predicted, true: label } = classes;
  if (of === "contrast") return t("{class} rather than {other}", { class: predicted.label, other: versus ?? label.label });
  return of === "predicted" ? t("Predicted: {label}", { label: predicted.label }) : t("True: {label}", { label: label.label });
}
