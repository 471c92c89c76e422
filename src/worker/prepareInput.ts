/** @file Makes the model's input tensor from what a person gives: an image, or tensors in a file, fed as they are. */
import { WhylightError, toWhylightError } from "../engine/errors.js";
import { readSafetensors } from "../engine/importers/safetensors.js";
import { formatShape, type Shape } from "../engine/ir/shape.js";
import { isFloat, type Tensor } from "../engine/ir/tensor.js";
import { inputSize } from "../engine/preprocess/defaults.js";
import type { Preprocess } from "../engine/preprocess/description.js";
import { prepareImage } from "../engine/preprocess/image.js";
import type { Note, Region } from "../protocol/api.js";
import type { DecodedImage } from "./decodeImage.js";
import { openByteSource } from "./files.js";
import type { LoadedModel } from "./modelCache.js";

/** An input ready to feed. */
export interface PreparedInput {
  readonly tensor: Tensor;
  /** `undefined` for tensors out of a file. */
  readonly region: Region | undefined;
  /** `[height, width]`. */
  readonly size: readonly [number, number];
  readonly notes: readonly Note[];
}

/** Whether a path names tensors rather than an image. */
export function isTensorFile(path: string): boolean {
  return /\.safetensors$/i.test(path);
}

/** Feeds an image. Throws `inputInvalid` when the model takes no image, or one of another size than the description makes. */
export function prepareImageInput(model: LoadedModel, path: string, decoded: DecodedImage, preprocess: Preprocess): PreparedInput {
  const { input, shape } = inputOf(model);
  if (!model.image) throw new WhylightError("inputInvalid", { path, reason: `the model's input ${input} has the shape ${formatShape(shape)}, which takes no image` });
  const { pixels, width, height, reduced } = decoded;
  const { tensor, region } = prepareImage(pixels, preprocess);
  if (!fits(tensor.shape, shape)) {
    const [madeHeight, madeWidth] = sizeOfImage(tensor.shape, preprocess.layout);
    const [wantedHeight, wantedWidth] = inputSize(model.image);
    throw new WhylightError("inputInvalid", { path, reason: `its preprocessing makes ${madeWidth} × ${madeHeight} pixels, and the model takes ${wantedWidth} × ${wantedHeight}` });
  }
  const share = width / pixels.width;
  const down = height / pixels.height;
  return {
    tensor, size: sizeOfImage(tensor.shape, preprocess.layout),
    region: { x: region.x * share, y: region.y * down, width: region.width * share, height: region.height * down },
    notes: reduced ? [{ code: "imageReduced", data: { width, height } }] : [],
  };
}

/** Feeds the tensor that carries the model's input name. Throws `inputInvalid` naming what does not fit. */
export function prepareTensorInput(model: LoadedModel, path: string, layout: Preprocess["layout"]): PreparedInput {
  const { input, shape } = inputOf(model);
  const tensors = readTensors(path);
  const found = tensors.get(input);
  const fail = (reason: string): never => {
    throw new WhylightError("inputInvalid", { path, reason });
  };
  if (!found) return fail(`it has no tensor named ${input}, only ${[...tensors.keys()].slice(0, 8).join(", ") || "none at all"}`);
  const described = `its tensor ${input} has the shape ${formatShape(found.shape)}`;
  if (shape && found.shape.length !== shape.length) return fail(`${described}, and the model takes ${formatShape(shape)}`);
  if (found.shape.length !== 4) return fail(`${described}, which is no image`);
  if (!fits(found.shape, shape)) return fail(`${described}, and the model takes ${formatShape(shape)}`);
  if (found.shape[0] !== 1) return fail(`${described}: give one image at a time`);
  if (!found.shape.every((extent) => extent > 0)) return fail(`${described}, which is empty`);
  return { tensor: asFloat32(found) ?? fail(`its tensor ${input} has the type ${found.dtype}`), region: undefined, size: sizeOfImage(found.shape, layout), notes: [] };
}

/** Every tensor of a safetensors file. Throws `inputNotFound` or `inputInvalid`. */
export function readTensors(path: string): Map<string, Tensor> {
  const source = openByteSource(path, "inputNotFound");
  try {
    return readSafetensors(source);
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    throw code === "modelCorrupt" ? new WhylightError("inputInvalid", { path, reason: data["reason"] ?? code }, { cause: thrown }) : thrown;
  } finally {
    source.close();
  }
}

/** Numbers as float32; `undefined` for the half types, whose bits would be mistaken for numbers. */
export function asFloat32({ dtype, shape, data }: Tensor): Tensor | undefined {
  if (dtype === "float32") return { dtype, shape, data };
  if (isFloat(dtype) && dtype !== "float64") return undefined;
  return { dtype: "float32", shape, data: Float32Array.from(data as ArrayLike<number | bigint>, Number) };
}

function inputOf(model: LoadedModel): { input: string; shape: Shape | undefined } {
  const input = model.imageInput;
  return { input, shape: model.imported.graph.types.get(input)?.shape };
}

/** The batch is left out: models exported for another batch size are specialised to one image. */
function fits(shape: readonly number[], wanted: Shape | undefined): boolean {
  return wanted === undefined || (shape.length === wanted.length && wanted.every((dim, axis) => axis === 0 || typeof dim === "string" || dim === shape[axis]));
}

function sizeOfImage(shape: readonly number[], layout: Preprocess["layout"]): [number, number] {
  return layout === "NCHW" ? [shape[2]!, shape[3]!] : [shape[1]!, shape[2]!];
}
