/** @file The modules that PyTorch models are made of, as nodes: weights lie and are called as PyTorch's. Every function takes the module's name in the writer's scope. */
import type { GraphWriter } from "./graphWriter.js";

/** `nn.Linear`: `[…, in]` to `[…, out]`, weight `[out, in]`. The bias is taken where there is one. */
export function linear(writer: GraphWriter, name: string, x: string): string {
  return writer.within(name, () => {
    const turned = writer.add("Transpose", [writer.weight("weight", [-1, -1])], { perm: [1, 0] });
    if (!writer.has("bias")) return writer.add("MatMul", [x, turned], {}, "");
    return writer.add("Add", [writer.add("MatMul", [x, turned]), writer.weight("bias")], {}, "");
  });
}

/** `nn.LayerNorm` over the last axis, with or without weight and bias. */
export function layerNorm(writer: GraphWriter, name: string, x: string, epsilon: number): string {
  return writer.within(name, () => writer.add("LayerNormalization", [x, writer.weight("weight"), ...(writer.has("bias") ? [writer.weight("bias")] : [])], { axis: -1, epsilon }, ""));
}

/** transformers' RMS norms: over the last axis, each feature with a weight of its own. */
export function rmsNorm(writer: GraphWriter, name: string, x: string, epsilon: number): string {
  return writer.within(name, () => writer.add("RMSNormalization", [x, writer.weight("weight", [-1])], { axis: -1, epsilon }, ""));
}

/** What `nn.Conv2d` is told beside its weights; sizes are `[height, width]` or one number for both. */
export interface ConvOptions {
  readonly stride?: number | readonly [number, number];
  /** "same" pads as TensorFlow does, uneven pixels at the end. */
  readonly padding?: number | readonly [number, number] | "same";
  readonly dilation?: number | readonly [number, number];
  readonly groups?: number;
}

/** `nn.Conv2d`: `[N, in, H, W]` to `[N, out, H, W]`. */
export function conv2d(writer: GraphWriter, name: string, x: string, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions = {}): string {
  return writer.within(name, () => {
    const kernel = writer.shapeOf("weight")?.slice(2) ?? [];
    const pads = padding === "same" ? { auto_pad: "SAME_UPPER" } : { pads: [...pair(padding), ...pair(padding)] };
    return writer.add("Conv", [x, writer.weight("weight", [-1, -1, -1, -1]), ...(writer.has("bias") ? [writer.weight("bias")] : [])],
      { kernel_shape: kernel, strides: pair(stride), ...pads, dilations: pair(dilation), group: groups }, "");
  });
}

/** `nn.BatchNorm2d` as it works when not training. */
export function batchNorm(writer: GraphWriter, name: string, x: string, epsilon = 1e-5): string {
  return writer.within(name, () => batchNormHere(writer, x, epsilon, ""));
}

/** The same with the weights of the scope itself, for modules that hold a batch norm and more; the result is called `module`, where that is given. */
export function batchNormHere(writer: GraphWriter, x: string, epsilon: number, module?: string): string {
  return writer.add("BatchNormalization", [x, ...["weight", "bias", "running_mean", "running_var"].map((part) => writer.weight(part, [-1]))], { epsilon }, module);
}

/** The number for both sides, or the pair as it is. */
export function pair(size: number | readonly [number, number]): readonly [number, number] {
  return typeof size === "number" ? [size, size] : size;
}
