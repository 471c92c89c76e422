/** @file The libraries' defaults: every entry is a parameter its method takes, and what a library lacks is said. */
import { describe, expect, it } from "vitest";
import { styleOf } from "../../../../src/drawing/referenceStyles.js";
import { methods, methodOf, type MethodName } from "../../../../src/engine/attribution/methods.js";
import { readParameters, recordParameters } from "../../../../src/engine/attribution/parameters.js";
import { layerOfLibrary, parametersOfLibrary, referenceParameters } from "../../../../src/engine/attribution/referenceModes.js";
import { WhylightError } from "../../../../src/engine/errors.js";
import { referenceModes } from "../../../../src/protocol/api.js";

describe("parameters", () => {
  it("exist for every library that can be named", () => {
    expect(Object.keys(referenceParameters)).toEqual([...referenceModes]);
  });

  it.each(Object.entries(referenceParameters).flatMap(([library, table]) => Object.entries(table).map(([method, given]) => [library, method, given] as const)))("of %s for %s are read by the method", (_, method, given) => {
    expect(Object.keys(methods)).toContain(method);
    expect(recordParameters(readParameters(method, methodOf(method as MethodName).parameters, given))).toMatchObject(given);
  });

  it("of a method that the library lacks are an error that names the library's own", () => {
    expect(() => parametersOfLibrary("torchcam", "rise")).toThrow(WhylightError);
    try {
      parametersOfLibrary("torchcam", "rise");
    } catch (thrown) {
      expect((thrown as WhylightError).code).toBe("methodNotInLibrary");
      expect((thrown as WhylightError).data["methods"]).toBe("grad-cam, grad-cam++, xgrad-cam, layer-cam");
    }
  });
});

it("takes tf-keras-vis' layer: the last convolution", () => {
  const layers = [{ name: "a", op: "Conv" }, { name: "b", op: "Conv" }, { name: "c", op: "Relu" }];
  expect([layerOfLibrary("tf-keras-vis", layers), layerOfLibrary("captum", layers), layerOfLibrary("tf-keras-vis", [])]).toEqual(["b", undefined, undefined]);
});

describe("drawing", () => {
  it("follows Captum's visualize_image_attr, its colours by the sign", () => {
    expect(styleOf({}, "captum", "pixels")).toMatchObject({ pixelValues: "sum", sign: "absolute", clip: "outlier", clipPercent: 2, colormap: "blues", interpolation: "nearest" });
    expect([styleOf({ sign: "all" }, "captum", "pixels").colormap, styleOf({ sign: "negative" }, "captum", "grid").colormap]).toEqual(["red-white-green", "reds"]);
  });

  it("lets the reader win over the library, and the library over our defaults", () => {
    expect(styleOf({ opacity: 0.9 }, "torchcam", "grid")).toMatchObject({ opacity: 0.9, colormap: "jet", power: 2, interpolation: "bicubic", gridValues: "positive" });
    expect(styleOf({}, undefined, "grid")).toMatchObject({ opacity: 0.5, colormap: "auto", power: 1 });
  });
});
