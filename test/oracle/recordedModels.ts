/** @file The recorded models: their files, their layers' names in each, and the layer each must take by default. */

export interface Recording {
  readonly targets: readonly { readonly pred: number; readonly other: number }[];
  /** Torch layer to, per file, the tensor that is its output; text says why there is none. */
  readonly layers?: Readonly<Record<string, Readonly<Record<string, string | readonly { readonly tensor: string }[]>>>>;
  /** Of every array: how far PyTorch's float32 is from its float64, relative to its maximum. */
  readonly arrays: Readonly<Record<string, { readonly rel_f32_f64?: number | null; readonly ill_conditioned?: boolean }>>;
}

export const files = [
  ["cnn_mnistlike", "model.onnx"], ["cnn_mnistlike", "model.dynamo.onnx"], ["resnet_tiny", "model.onnx"], ["resnet_tiny", "model.dynamo.onnx"], ["resnet_tiny", "model.safetensors"],
  ["vit_tiny", "model.onnx"], ["vit_tiny", "model.opset13.onnx"], ["vit_tiny", "model.dynamo.onnx"], ["vit_tiny", "model.sdpa.onnx"], ["vit_tiny", "model.safetensors"],
] as const;

/** The tensors that are the ViT's recorded layers, in the names of each exporter; the dynamo exporter counts its layer norms, two per block. A graph built from weights has torch's own names. */
const vitLayers: Readonly<Record<string, (file: string) => string>> = Object.fromEntries([
  ...[1, 2].map((k) => [`vit.encoder.layer.${k}.layernorm_before`, (file: string) => file === "model.safetensors" ? `vit.encoder.layer.${k}.layernorm_before` : file === "model.dynamo.onnx" ? `layer_norm_${2 * k}`
    : `/vit/encoder/layer.${k}/layernorm_before/${file === "model.onnx" ? "LayerNormalization_output_0" : "Add_1_output_0"}`]),
  ["vit.encoder.layer.1", (file: string) => (file === "model.safetensors" ? "vit.encoder.layer.1" : file === "model.dynamo.onnx" ? "add_277" : "/vit/encoder/layer.1/output/Add_output_0")],
]);

/** The last activation with a spatial extent (pooling included, as in torchvision's `features[-1]`); for the ViT the normalised input of its last attention. */
export const defaultLayers: Readonly<Record<string, (file: string) => string>> = {
  cnn_mnistlike: (file) => (file === "model.onnx" ? "/pool2/MaxPool_output_0" : "max_pool2d_1"),
  resnet_tiny: (file) => (file === "model.safetensors" ? "layer4.0" : file === "model.onnx" ? "/layer4/layer4.0/relu3/Relu_output_0" : "relu_12"),
  vit_tiny: (file) => vitLayers["vit.encoder.layer.2.layernorm_before"]!(file),
};

/** Each recorded torch layer that exists in the file, with its tensor's name. */
export function recordedLayers(model: string, file: string, recording: Recording): ReadonlyMap<string, string> {
  if (model === "vit_tiny") return new Map(Object.entries(vitLayers).map(([layer, tensorIn]) => [layer, tensorIn(file)]));
  // Modules that end in another's result are called as that one; there is one block per layer.
  if (file === "model.safetensors") return new Map(Object.keys(recording.layers!).map((layer) => [layer, layer.replace(/^(layer\d)$/, "$1.0")]));
  return new Map(Object.entries(recording.layers!).flatMap(([layer, places]) => {
    const place = places[file]!;
    return typeof place === "string" ? [] : [[layer, place[0]!.tensor] as const];
  }));
}
