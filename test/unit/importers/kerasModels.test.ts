/** @file What the product makes of Keras models: scores below the softmax, layers by Keras's names, weights that stay in their file, and preprocessing by layers or by name. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { classifierOf } from "../../../src/engine/attribution/classifier.js";
import { defaultLayer } from "../../../src/engine/attribution/layers.js";
import { prepare } from "../../../src/engine/attribution/prepare.js";
import { importKeras } from "../../../src/engine/importers/keras/importKeras.js";
import { openZip } from "../../../src/engine/importers/zip.js";
import { isInMemory, typeOf } from "../../../src/engine/ir/graph.js";
import { loadInitializer } from "../../../src/engine/ir/weights.js";
import { openRanges } from "../../../src/worker/files.js";
import { importModel } from "../../../src/worker/formats/importModel.js";
import { openFile } from "../../oracle/fileSource.js";
import { fixture } from "../readReference.js";
import { zipOf } from "./zipFiles.js";

const file = (name: string) => fixture("models/keras", name, name.includes("-tfjs") ? "model.json" : name.endsWith("-keras") ? "model.keras" : "model.h5");
/** Cases of one image, with weights beside them. */
const cases = readdirSync(fixture("models/keras")).filter((name) => !/^(merging|sequences|recurrent|convnext|efficientnet|mobilenet|resnet)/.test(name));

describe("Keras models", () => {
  it.each(cases)("%s", async (name) => {
    const { graph, producer } = await importModel(file(name));
    expect(producer).toMatch(/^keras (3\.15\.1|2\.6\.0|tfjs-layers 4\.22\.0)$/);
    const classifier = classifierOf(graph);
    const shape = (typeOf(graph, classifier.input).shape!).map((size, axis) => (axis === 0 ? 1 : size)) as number[];
    // Several images at once, as steps of Integrated Gradients are.
    expect(prepare(classifier, shape).atOnce(4)).toBe(4);
    // Quantised numbers and the weights of bicubic resizing are made anew; everything else is left where it lies.
    if (!name.startsWith("quantised")) for (const [value, initializer] of graph.initializers) if (isInMemory(initializer) && !/cubic\.(rows|columns)$/.test(value)) expect(initializer.data.length, value).toBeLessThanOrEqual(16);
  });

  it.each(["keras", "h5", "tfjs"])("end in scores below their softmax (%s)", async (form) => {
    const { graph } = await importModel(file(`convolutions-${form}`));
    const { logits, input, classes } = classifierOf(graph);
    expect([input, typeOf(graph, input).shape, logits, classes]).toEqual(["image", ["batch", 13, 12, 3], "predictions/Add", 4]);
  });

  it("may have their weights compressed", async () => {
    const stored = openZip(openFile(file("sequential-keras")));
    const folder = mkdtempSync(join(tmpdir(), "whylight-keras-"));
    const path = join(folder, "model.keras");
    writeFileSync(path, zipOf(stored.names.map((name) => ({ name, data: stored.read(name, 1 << 24), deflate: true }))));
    const [compressed, plain] = [(await importModel(path)).graph, (await importModel(file("sequential-keras"))).graph];
    rmSync(folder, { recursive: true });
    const ranges = openRanges();
    expect(compressed.initializers.get("conv.kernel")).toEqual(loadInitializer(plain.initializers.get("conv.kernel")!, ranges.readRange));
    ranges.close();
  });

  it.each([["convolutions-keras", "last", [1, 6, 12, 12]], ["functional-keras2", "leaky", [1, 5, 3, 2]], ["nested-h5", "inner.relu_1", [1, 4, 6, 6]], ["channels_first-keras", "pool", [1, 6, 3, 4]]])("call layers as Keras does, channels first (%s)", async (name, layer, shape) => {
    const classifier = classifierOf((await importModel(file(name))).graph);
    const sizes = typeOf(classifier.graph, classifier.input).shape!.map((size, axis) => (axis === 0 ? 1 : size)) as number[];
    const { graph, layers } = prepare(classifier, sizes);
    expect(defaultLayer(graph, layers)).toMatchObject({ name: layer, shape });
  });
});

const image = (size: number | null, layers: readonly object[], name = "mine") => importKeras({
  format: "keras", path: "m.keras", version: "3.15.1", metadata: {}, find: () => undefined,
  model: { file: "m.keras", at: "", values: { class_name: "Sequential", config: { name, layers: [{ class_name: "InputLayer", config: { name: "image", batch_shape: [null, size, size, 3] } }, ...layers, { class_name: "GlobalAveragePooling2D", config: { name: "pool" } }] } } },
}).preprocess;
const layer = (className: string, config: object = {}) => ({ class_name: className, config: { name: className.toLowerCase(), trainable: true, ...config } });
const rescaling = layer("Rescaling", { scale: 1 / 255 });
const raw = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channels: "rgb", layout: "NHWC" };

describe("preprocessing of Keras models", () => {
  it("is the model's own where it scales pixels itself", () => {
    expect(image(64, [rescaling])).toMatchObject({ ...raw, resize: "exact", size: [64, 64], crop: undefined });
    expect(image(64, [layer("RandomFlip"), layer("CenterCrop", { height: 32, width: 32 }), layer("Normalization", { mean: [1, 2, 3], variance: [4, 5, 6] })])).toMatchObject(raw);
    expect(image(64, [rescaling], "resnet50")).toMatchObject(raw);
  });

  it("leaves images their size where the model resizes them and takes any", () => {
    expect(image(null, [layer("Resizing", { height: 32, width: 32 }), rescaling])).toMatchObject({ ...raw, resize: "none" });
    expect(image(null, [rescaling])).toMatchObject({ ...raw, resize: "exact", size: [224, 224] });
    expect(image(128, [layer("Resizing", { height: 32, width: 32 }), rescaling])).toMatchObject({ ...raw, resize: "exact", size: [128, 128] });
  });

  it.each([
    ["resnet50", "bgr", 1, [103.939, 116.779, 123.68], [1, 1, 1]], ["vgg16", "bgr", 1, [103.939, 116.779, 123.68], [1, 1, 1]], ["resnet101v2", "rgb", 1, [127.5, 127.5, 127.5], [127.5, 127.5, 127.5]],
    ["mobilenetv2_1.00_224", "rgb", 1, [127.5, 127.5, 127.5], [127.5, 127.5, 127.5]], ["xception", "rgb", 1, [127.5, 127.5, 127.5], [127.5, 127.5, 127.5]], ["densenet121", "rgb", 1 / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
  ])("of %s is keras.applications' own", (name, channels, scale, mean, std) => {
    expect(image(64, [], name)).toEqual({ channels, scale, mean, std, layout: "NHWC", resize: "exact", size: [64, 64], crop: undefined, interpolation: "bilinear" });
  });

  it.each(["keras", "h5", "keras2"])("is the model's own where it calls preprocess_input (%s)", async (form) =>
    expect((await importModel(file(`caffe-${form}`))).preprocess).toMatchObject({ ...raw, resize: "exact", size: [9, 8] }));

  it("is not known of models that nobody knows", () => expect(image(64, [])).toBeUndefined());
});
