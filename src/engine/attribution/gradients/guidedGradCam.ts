/** @file Guided Grad-CAM: where Grad-CAM looks, in the detail of guided backpropagation. */
import { gradCam } from "../cams/formulas.js";
import { layerMap } from "../cams/layerMap.js";
import { relu, resizeBilinear } from "../maps.js";
import { defineMethod } from "../method.js";
import type { PlainTensor } from "../parameters.js";
import { pixelGridOf } from "../perturbations/pixelGrid.js";
import { rectifierRemarks, rectifiers, relu6Parameter } from "./guided.js";

/** `[h, w]` to `[height, width]` as PyTorch's nearest: every cell takes the one its upper left corner lies in. */
function resizeNearest({ shape, data }: PlainTensor, [height, width]: readonly [number, number]): PlainTensor {
  const [inHeight, inWidth] = shape as [number, number];
  const result = Float32Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(((i / width) | 0) * inHeight / height), Math.floor((i % width) * inWidth / width)];
    return data[row * inWidth + column]!;
  });
  return { shape: [height, width], data: result };
}

const enlarging = { nearest: resizeNearest, bilinear: resizeBilinear } as const;

/**
 * Selvaraju et al., arXiv 1610.02391: guided backpropagation times the positive part of Grad-CAM, enlarged to the image; every channel of a pixel gets the same factor.
 * As Captum's `GuidedGradCam`, whose interpolation is `nearest` unless told; `bilinear` has half-pixel centres.
 */
export const guidedGradCam = defineMethod({
  family: "gradient", form: "pixels", layers: "one",
  parameters: { interpolation: { kind: "choice", default: "nearest", choices: ["nearest", "bilinear"] }, ...relu6Parameter },
  run: async (context, { interpolation, relu6 }) => {
    const [at] = await context.atLayers();
    if (at === undefined) throw new Error("internal: guided-grad-cam ran without a layer");
    const { layer, activation, gradient } = at;
    const cam = relu({ shape: layer.spatial.grid, data: gradCam(layerMap(layer, activation), layerMap(layer, gradient)) });
    const guided = (await context.gradientAtInput(rectifiers("guided", relu6))).gradient;
    const { height, width, channels, channelStep, placeStep } = pixelGridOf(context);
    const { data: factor } = enlarging[interpolation](cam, [height, width]);
    const data = new Float32Array(guided.length);
    for (let c = 0; c < channels; c++) for (let p = 0, i = c * channelStep; p < factor.length; p++, i += placeStep) data[i] = guided[i]! * factor[p]!;
    return { attribution: { shape: context.input.shape, data }, remarks: rectifierRemarks(context.prepared.graph, relu6) };
  },
});
