/** @file The maps of a report: what speaks for the predicted class, for the true one, and for the first rather than the second, on scales that can be compared. */
import { commonEnds } from "../../drawing/comparison.js";
import { methodOf } from "../../engine/attribution/methods.js";
import { defaultStyle, type DrawStyle } from "../../drawing/style.js";
import type { MethodId } from "../../protocol/api.js";
import type { DebugMap, DebugRequest, MapSubject } from "../../protocol/debug.js";
import { explainInput } from "../explain.js";
import type { JobContext, JobResources } from "../jobs.js";
import { drawExplanation } from "../renderImage.js";

/** The classes that maps are about. */
export interface MapClasses {
  readonly predicted: number;
  /** `undefined` where it is the predicted one. */
  readonly true: number | undefined;
  /** What the predicted class is held against; `undefined` where there is one class only. */
  readonly against: number | undefined;
}

/** The methods of a report. The contrast needs one map only, from the first of them. */
const methods = ["grad-cam", "integrated-gradients"] as const satisfies readonly MethodId[];

const longest = methods[1];

/** Per cent of the pixels that a scale may leave out: a few single ones would make all others invisible. */
const beyondScale = 0.5;

/** How each map is drawn: classes from zero, so that nothing is nothing on every map, and the contrast with both its signs. */
export function styleOfMap({ isSigned, explanation }: Pick<DebugMap, "isSigned" | "explanation">): DrawStyle {
  const clip = methodOf(explanation.method).form === "pixels" ? ({ clip: "percentile", clipPercent: beyondScale } as const) : {};
  return isSigned ? { ...defaultStyle, gridValues: "signed", pixelValues: "sum", ...clip } : { ...defaultStyle, scale: "max", ...clip };
}

/**
 * Explains the input for each class by each method; without Grad-CAM where the model has no layer on a grid. `next` gives each map's stage of the progress; `speaking` what the first map that takes long adds to it, since
 * it knows best what the report will take.
 */
export async function debugMaps(
  resources: JobResources, request: DebugRequest, classes: MapClasses, hasLayer: boolean, next: () => JobContext, speaking: Pick<JobContext, "onEstimate" | "wholePlan">,
): Promise<DebugMap[]> {
  const shared = { model: request.model, input: request.input, score: "logit", layer: undefined, runtime: request.runtime } as const;
  const parameters = { "grad-cam": {}, "integrated-gradients": { steps: "auto", ...request.integrated } };
  const maps: DebugMap[] = [];
  for (const [i, method] of methods.slice(hasLayer ? 0 : 1).entries()) {
    const explain = async (of: MapSubject, target: number, versus?: number) => ({ id: `${method}/${of}`, of, isSigned: of === "contrast", explanation: await explainInput(resources, { ...shared, method, target, versus, parameters: parameters[method] }, { ...next(), ...(method === longest && of === "predicted" ? speaking : {}) }) });
    const ofClasses = [await explain("predicted", classes.predicted), ...(classes.true === undefined ? [] : [await explain("true", classes.true)])];
    const contrast = i === 0 && classes.against !== undefined ? [await explain("contrast", classes.predicted, classes.against)] : [];
    for (const group of [ofClasses, contrast]) {
      const { ends } = commonEnds(group.map((map) => drawExplanation(map.explanation, styleOfMap(map))));
      maps.push(...group.map((map) => ({ ...map, ends })));
    }
  }
  return maps;
}
