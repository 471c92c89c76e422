/** @file What sidecars and other projects' files say, and what is said about files that are wrong. */
import { describe, expect, it } from "vitest";
import { defaultPreprocess, imageInputOf, type ImageInput } from "../../../src/engine/preprocess/defaults.js";
import { parseFields } from "../../../src/engine/preprocess/fields.js";
import { readConfigLabels, readConfigPreprocess, readPreprocessorConfig, statedSize } from "../../../src/engine/preprocess/huggingFace.js";
import { readLabelsText, readMetadataLabels } from "../../../src/engine/preprocess/labels.js";
import { readSidecar } from "../../../src/engine/preprocess/sidecar.js";

const rgb224: ImageInput = { layout: "NCHW", channels: 3, height: 224, width: 224 };
const open: ImageInput = { layout: "NCHW", channels: 3, height: undefined, width: undefined };
const fields = (value: unknown) => parseFields("x.json", JSON.stringify(value));
const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe("the model's input", () => {
  it.each([
    [["batch", 3, 224, 224], { layout: "NCHW", channels: 3, height: 224, width: 224 }],
    [[1, 224, 192, 3], { layout: "NHWC", channels: 3, height: 224, width: 192 }],
    [["n", 1, 28, 28], { layout: "NCHW", channels: 1, height: 28, width: 28 }],
    [["n", "c", "h", "w"], { layout: "NCHW", channels: 3, height: undefined, width: undefined }],
    [["n", 4, 8, 8], undefined],
    [["n", 128], undefined],
  ])("%j", (shape, expected) => expect(imageInputOf(shape)).toEqual(expected));
});

describe("defaults", () => {
  it("are torchvision's for 224, and in proportion for other sizes", () => {
    expect(defaultPreprocess(rgb224)).toEqual({
      resize: "shortest-side", size: [256, 256], crop: [224, 224], interpolation: "bilinear", channels: "rgb", scale: 1 / 255, ...imageNet, layout: "NCHW",
    });
    expect(defaultPreprocess({ ...rgb224, height: 64, width: 64 })).toMatchObject({ size: [73, 73], crop: [64, 64] });
    expect(defaultPreprocess(open)).toMatchObject({ crop: [224, 224] });
    expect(defaultPreprocess({ ...rgb224, channels: 1 })).toMatchObject({ channels: "gray", mean: [0.5], std: [0.5] });
  });
});

describe("a sidecar", () => {
  const preprocess = (value: object, input = rgb224) => readSidecar(fields({ preprocess: value })).preprocess!(input);

  it("states everything, or leaves it to the defaults", () => {
    expect(preprocess({})).toEqual(defaultPreprocess(rgb224));
    expect(preprocess({ resize: "exact", interpolation: "bicubic", channels: "bgr", scale: 1, mean: [104, 117, 123], std: 1 })).toEqual({
      resize: "exact", size: [224, 224], crop: undefined, interpolation: "bicubic", channels: "bgr", scale: 1, mean: [104, 117, 123], std: [1, 1, 1], layout: "NCHW",
    });
    expect(preprocess({ size: 248, crop: [224, 224] })).toMatchObject({ size: [248, 248], crop: [224, 224] });
    expect(preprocess({ resize: "none", crop: null }, open)).toMatchObject({ resize: "none", crop: undefined });
  });

  it.each([
    [{ labels: ["a", 3] }, "labels[1]"],
    [{ label: ["a"] }, "label"],
    [{ preprocess: { resize: "squash" } }, "preprocess.resize"],
    [{ preprocess: { size: "big" } }, "preprocess.size"],
    [{ preprocess: { size: [0, 3] } }, "preprocess.size"],
    [{ preprocess: { mean: [1, 2] } }, "preprocess.mean"],
    [{ preprocess: { std: [1, 0, 1] } }, "preprocess.std"],
    [{ preprocess: { channels: "gray" } }, "preprocess.channels"],
    [{ preprocess: { layout: "NHWC" } }, "preprocess.layout"],
    [{ preprocess: { crop: 192 } }, "preprocess.crop"],
    [{ preprocess: { resize: "exact", size: 256 } }, "preprocess.size"],
    [{ preprocess: [] }, "preprocess"],
    [{ layer: 3 }, "layer"],
  ])("%j is refused by name", (value, field) => {
    expect(() => readSidecar(fields(value)).preprocess?.(rgb224)).toThrow(expect.objectContaining({ code: "descriptionInvalid", data: expect.objectContaining({ file: "x.json", field }) as unknown }) as Error);
  });

  it("that is no JSON object is refused as a whole", () => {
    for (const text of ["{", "[1]", "3", ""]) expect(() => parseFields("x.json", text)).toThrow(expect.objectContaining({ code: "descriptionInvalid" }) as Error);
  });
});

describe("Hugging Face's preprocessor_config.json", () => {
  it("of a ViT stretches", () => {
    const config = { image_processor_type: "ViTImageProcessor", do_resize: true, size: { height: 224, width: 224 }, resample: 2, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };
    expect(readPreprocessorConfig(fields(config), rgb224)).toEqual({
      resize: "exact", size: [224, 224], crop: undefined, cropOffset: "floor", interpolation: "bilinear", channels: "rgb", scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], layout: "NCHW",
    });
  });

  it("of a DeiT stretches, then crops", () => {
    const config = { feature_extractor_type: "DeiTFeatureExtractor", size: 256, resample: 3, do_center_crop: true, crop_size: 224, image_mean: imageNet.mean, image_std: imageNet.std };
    expect(readPreprocessorConfig(fields(config), rgb224)).toMatchObject({ resize: "exact", size: [256, 256], crop: [224, 224], interpolation: "bicubic", ...imageNet });
  });

  it("of a CLIP keeps the aspect ratio, written either way", () => {
    for (const size of [224, { shortest_edge: 224 }]) {
      const config = { image_processor_type: "CLIPImageProcessor", size, resample: 3, do_center_crop: true, crop_size: { height: 224, width: 224 } };
      expect(readPreprocessorConfig(fields(config), rgb224)).toMatchObject({ resize: "shortest-side", size: [224, 224], crop: [224, 224] });
    }
  });

  it("of a ConvNeXT enlarges by crop_pct and crops, below 384 pixels", () => {
    const config = (side: number) => fields({ image_processor_type: "ConvNextImageProcessor", size: { shortest_edge: side }, crop_pct: 0.875, resample: 3 });
    expect(readPreprocessorConfig(config(224), rgb224)).toMatchObject({ resize: "shortest-side", size: [256, 256], crop: [224, 224] });
    expect(readPreprocessorConfig(config(384), { ...rgb224, height: 384, width: 384 })).toMatchObject({ resize: "exact", size: [384, 384], crop: undefined });
  });

  it("gives way to the model's own size", () => {
    const small = { ...rgb224, height: 112, width: 112 };
    expect(readPreprocessorConfig(fields({ size: { height: 224, width: 224 } }), small)).toMatchObject({ size: [112, 112] });
    expect(readPreprocessorConfig(fields({ size: { shortest_edge: 256 }, do_center_crop: true, crop_size: 224 }), small)).toMatchObject({ size: [128, 128], crop: [112, 112] });
    expect(readPreprocessorConfig(fields({ size: { height: 32, width: 32 } }), open)).toMatchObject({ size: [32, 32] });
  });

  it("without rescaling or normalising leaves pixels alone", () => {
    expect(readPreprocessorConfig(fields({ do_rescale: false, do_normalize: false }), rgb224)).toMatchObject({ scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
  });

  it("with a filter nobody has is refused by name", () => {
    expect(() => readPreprocessorConfig(fields({ resample: 5 }), rgb224)).toThrow(expect.objectContaining({ data: expect.objectContaining({ field: "resample" }) as unknown }) as Error);
  });
});

describe("a config.json", () => {
  it("of plain PyTorch means the image as the input", () => {
    const config = fields({ input_shape: [3, 224, 224], mean: imageNet.mean, std: imageNet.std, channel_order: "RGB", labels: ["a", "b"] });
    expect(readConfigPreprocess(config, rgb224)).toMatchObject({ resize: "exact", size: [224, 224], crop: undefined, ...imageNet });
    expect(readConfigLabels(config)).toEqual(["a", "b"]);
  });

  it("of timm resizes by crop_pct", () => {
    const config = fields({ label_names: ["a"], pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0.9, interpolation: "bicubic", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } });
    expect(readConfigPreprocess(config, rgb224)).toMatchObject({ resize: "shortest-side", size: [248, 248], crop: [224, 224], interpolation: "bicubic", mean: [0.5, 0.5, 0.5] });
    expect(readConfigLabels(config)).toEqual(["a"]);
  });

  it("of timm feeds models that take any size the one they were made for", () => {
    const config = fields({ architecture: "efficientnet_b3", pretrained_cfg: { input_size: [3, 288, 320], crop_pct: 1, crop_mode: "squash", mean: imageNet.mean, std: imageNet.std } });
    expect(readConfigPreprocess(config, open)).toMatchObject({ resize: "exact", size: [288, 320], crop: [288, 320] });
    expect(readConfigPreprocess(config, rgb224)).toMatchObject({ crop: [224, 224] });
    expect(statedSize(fields({ pretrained_cfg: { input_size: [3, 224, 224] }, model_args: { img_size: 512 } }))).toEqual([512, 512]);
    expect(statedSize(fields({ input_shape: [1, 48, 64, 3] }))).toEqual([48, 64]);
  });

  it("of older timm has everything in one place", () => {
    const config = fields({ architecture: "resnet18", input_size: [3, 224, 224], crop_pct: 0.95, interpolation: "bicubic", mean: imageNet.mean, std: imageNet.std, labels: ["a", "b"] });
    expect(readConfigPreprocess(config, open)).toMatchObject({ resize: "shortest-side", size: [235, 235], crop: [224, 224], interpolation: "bicubic" });
    expect(readConfigLabels(config)).toEqual(["a", "b"]);
  });

  it("of timm says what its names mean", () => {
    const config = fields({ label_names: ["n1", "n2"], label_descriptions: { n1: "cat" }, pretrained_cfg: { mean: [0, 0, 0] } });
    expect(readConfigLabels(config)).toEqual(["cat", "n2"]);
    expect(readConfigLabels(fields({ label_names: { "0": "a", "2": "c" } }))).toEqual(["a", "class 1", "c"]);
  });

  it("with a crop of nothing is refused by name", () => {
    const config = fields({ pretrained_cfg: { input_size: [3, 224, 224], crop_pct: 0, mean: [0, 0, 0], std: [1, 1, 1] } });
    expect(() => readConfigPreprocess(config, rgb224)).toThrow(expect.objectContaining({ data: expect.objectContaining({ field: "pretrained_cfg.crop_pct" }) as unknown }) as Error);
  });

  it("of Hugging Face names the classes by their index and nothing else", () => {
    const config = fields({ model_type: "vit", id2label: { "1": "dog", "0": "cat" } });
    expect(readConfigLabels(config)).toEqual(["cat", "dog"]);
    expect(readConfigPreprocess(config, rgb224)).toBeUndefined();
  });
});

describe("labels", () => {
  it.each([
    ["cat\ndog\n", ["cat", "dog"]],
    ["\uFEFFcat\r\ndog\r\n\r\n", ["cat", "dog"]],
    ["0 tench\n1 goldfish", ["tench", "goldfish"]],
    ["0: tench\n1: great white shark", ["tench", "great white shark"]],
    ["7 up\n1 way", ["7 up", "1 way"]],
    ["0\n1\n2", ["0", "1", "2"]],
  ])("out of %j", (text, expected) => expect(readLabelsText(text)).toEqual(expected));

  it.each([
    [{ names: "{0: 'person', 1: 'it\\'s', 2: \"o'clock\"}" }, ["person", "it's", "o'clock"]],
    [{ labels: '["a","b"]' }, ["a", "b"]],
    [{ classes: '{"0":"a","1":"b"}' }, ["a", "b"]],
    [{ class_names: "a, b, c" }, ["a", "b", "c"]],
    [{ labels: "a\nb" }, ["a", "b"]],
    [{ author: "x" }, undefined],
  ])("out of the metadata %j", (metadata, expected) => expect(readMetadataLabels(metadata as unknown as Record<string, string>)).toEqual(expected));
});
