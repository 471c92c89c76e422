/** @file Class activation maps of several layers at once: pytorch-grad-cam's aggregation of maps it recorded one by one, by a resize written a second time and held against its own finished maps. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attribute } from "../../src/engine/attribution/attribute.js";
import { classifierOf } from "../../src/engine/attribution/classifier.js";
import type { MethodName } from "../../src/engine/attribution/methods.js";
import { prepare } from "../../src/engine/attribution/prepare.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { readSafetensors } from "../../src/engine/importers/safetensors.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import { relativeError } from "../unit/readReference.js";
import { openFile } from "./fileSource.js";
import { recordedLayers, type Recording } from "./recordedModels.js";

const folder = join(import.meta.dirname, "../fixtures/reference");

/** cv2.INTER_LINEAR as a sum of hats around the cells' centres, the outermost cells reaching to the border. */
function resized({ shape, data }: Tensor, [height, width]: readonly [number, number], values = toNumbers({ dtype: "float32", shape, data })): number[] {
  const shares = (from: number, to: number) => Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    return Array.from({ length: from }, (__, k) => Math.max(0, 1 - Math.abs(at - k)));
  });
  const [rows, columns] = [shares(shape[0]!, height), shares(shape[1]!, width)];
  return rows.flatMap((down) => columns.map((across) => down.reduce((sum, share, y) => sum + share * across.reduce((line, part, x) => line + part * values[y * shape[1]! + x]!, 0), 0)));
}

function stretched(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const above = values.map((value) => value - low);
  return above.map((value) => value / (1e-7 + Math.max(...above)));
}

/** What pytorch-grad-cam makes of one layer's raw map before the mean over the layers. */
const layerPart = (raw: Tensor, size: readonly [number, number]) => resized(raw, size, stretched(toNumbers(raw).map((value) => Math.max(0, value))));

const methods: readonly (readonly [MethodName, string])[] = [["grad-cam", "gradcam"], ["layer-cam", "layercam"], ["hires-cam", "hirescam"], ["grad-cam-elementwise", "gradcam_elementwise"]];

describe.each([["cnn_mnistlike", ["conv1", "conv2"]], ["resnet_tiny", ["layer2", "layer4", "layer4.0.bn3"]], ["vit_tiny", ["vit.encoder.layer.1.layernorm_before", "vit.encoder.layer.2.layernorm_before"]]])("%s at %o", (model, layers) => {
  const source = openFile(join(folder, model, "model.onnx"));
  const recording = JSON.parse(readFileSync(join(folder, model, "reference.json"), "utf8")) as Recording;
  const arrays = readSafetensors(openFile(join(folder, model, "reference.safetensors")));
  const classifier = classifierOf(importOnnx(source).graph);
  const input = arrays.get("x0")!;
  const size = input.shape.slice(2) as [number, number];
  const tensors = recordedLayers(model, "model.onnx", recording);

  it.each(methods)("%s", async (method, recorded) => {
    const raws = layers.map((layer) => arrays.get(`x0/pred/cam/${layer}/${recorded}/raw`)!);
    raws.forEach((raw, i) => expect(relativeError(stretched(layerPart(raw, size)), arrays.get(`x0/pred/cam/${layers[i]!}/${recorded}/final`))).toBeLessThan(1e-5));
    const all = raws.map((raw) => layerPart(raw, size));
    const expected = all[0]!.map((_, i) => all.reduce((sum, part) => sum + part[i]!, 0) / all.length);
    const found = await attribute({
      classifier, input, method, target: { index: "predicted", versus: undefined, score: "logit" }, layers: layers.map((layer) => tensors.get(layer)!),
      compile: (_, build) => referenceRuntime.compile(build(), source.readRange),
    }, prepare(classifier, input.shape));
    expect(found.attribution.shape).toEqual(size);
    expect(found.used.map(({ name }) => name)).toEqual(layers.map((layer) => tensors.get(layer)));
    expect(relativeError(found.attribution.data, { dtype: "float32", shape: size, data: Float32Array.from(expected) })).toBeLessThan(1e-4);
  });
});
