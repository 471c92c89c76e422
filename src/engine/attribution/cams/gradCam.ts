/** @file The CAM methods that need a layer's activation and gradient, and a formula. */
import type { MethodContext } from "../context.js";
import { defineMethod, type MethodResult } from "../method.js";
import { gradCam, type CamFormula } from "./formulas.js";
import { layerMap } from "./layerMap.js";

async function camAtLayers(context: MethodContext, formula: CamFormula): Promise<MethodResult> {
  const [{ layer, activation, gradient }] = await context.atLayers() as [Awaited<ReturnType<MethodContext["atLayers"]>>[number]];
  const map = formula(layerMap(layer, activation), layerMap(layer, gradient));
  return { attribution: { shape: layer.spatial.grid, data: map } };
}

export const gradCamMethod = defineMethod({ family: "cam", form: "grid", layers: "one", parameters: {}, run: (context) => camAtLayers(context, gradCam) });
