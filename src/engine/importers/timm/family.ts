/** @file What a family of image models is: how it is told by its weights, and how it is written. */
import { WhylightError } from "../../errors.js";
import type { Dim } from "../../ir/shape.js";
import type { Activation } from "../activations.js";
import type { GraphWriter } from "../graphWriter.js";
import type { Weights } from "../weights.js";

/** What is known of a model when it is written. */
export interface ModelFacts {
  readonly writer: GraphWriter;
  /** The name by which its library builds it ("resnet50"); as `guess` has it where nobody says. */
  readonly architecture: string;
  /** Whether timm wrote the weights, which only a config says. Where torchvision calls them the same, it tells how modules are cut. */
  readonly isTimm: boolean;
  /** Height and width of its images, where a config says them. */
  readonly size: readonly [height: number, width: number] | undefined;
  /** 0 where the model was saved for its features. */
  readonly classes: number | undefined;
  /** timm's word for how the last map or tokens become one vector; `undefined` where the config does not say. */
  readonly pool: string | undefined;
  /** Attention heads, where the config says. */
  readonly heads: number | undefined;
}

/** torchvision's and timm's models of one build. */
export interface Family {
  readonly name: string;
  /** Weights that all its models have, and no other family all of them. */
  readonly marks: readonly string[];
  /** The weight of the last layer, which all have too but those whose config says that they have no classes. */
  readonly head: string;
  /** The architectures that are written right; others of the family differ in ways that no weight shows. */
  readonly architectures: RegExp;
  /**
   * The architecture of weights that no config names, or one like it; `undefined` where they could be of several that differ.
   * `named` is one of `architectures` that the file's name contains; what weights say goes before it.
   */
  readonly guess: (weights: Weights, named: string | undefined) => string | undefined;
  /** timm's words for the ways of pooling that it knows; "avg" unless given. */
  readonly pools?: readonly string[];
  /** Another architecture with the same weights, which answers otherwise; `undefined` where there is none. */
  readonly twin?: (architecture: string) => string | undefined;
  /** Writes the model with its input, and returns the logits `[batch, classes]`, or the features that would go to the last layer. */
  readonly write: (facts: ModelFacts) => string;
  /** The layer that people take for class activation maps, where it is not the last with places. */
  readonly layer?: (facts: ModelFacts) => string | undefined;
}

/** The image, `[batch, channels, height, width]`; its channels are what the first convolution takes. */
export function imageInput(writer: GraphWriter, first: string, size: readonly [Dim, Dim] = ["height", "width"]): Maps {
  const channels = writer.shapeOf(`${first}.weight`)?.[1] ?? 3;
  return { value: writer.input("input", "float32", ["batch", channels, ...size]), channels };
}

/** Maps `[batch, channels, height, width]`. */
export interface Maps {
  readonly value: string;
  readonly channels: number;
}

/** The output of a function with one activation per place. */
export const activated = (writer: GraphWriter, activation: Activation, { value, channels }: Maps, module?: string): Maps => ({ value: activation(writer, value, module), channels });

/** Throws `architectureUnknown` for a model of the family that is built otherwise. */
export function refuse(writer: Pick<GraphWriter, "weights">, what: string): never {
  throw new WhylightError("architectureUnknown", { path: writer.weights.path, architecture: what, command: exportCommand });
}

/** How such a model is opened in spite of all. */
export const exportCommand = "torch.onnx.export(model, (example,), \"model.onnx\", dynamo=True)";
