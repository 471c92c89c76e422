/** @file Finds an image model's input and what it answers in a graph: a classifier's logits, or features. */
import { WhylightError } from "../errors.js";
import { producers, typeOf, type Graph, type Node } from "../ir/graph.js";
import { formatShape, normalizeAxis } from "../ir/shape.js";
import { isFloat } from "../ir/tensor.js";
import { numberOf } from "../ir/attributes.js";
import type { OutputActivation } from "../preprocess/description.js";

/** What an image model answers: a class, or, without a head, features that other programs work on. Of these only attention and layers can be looked at. */
export type ImageTask = "image-classification" | "image-encoder";

/** A model for images, whatever it answers. */
export interface ImageModel {
  readonly graph: Graph;
  readonly task: ImageTask;
  /** The input that holds the image, `[batch, channels, height, width]` or `[batch, height, width, channels]`. */
  readonly input: string;
  /** The logits of a classifier; an encoder's features. */
  readonly output: string;
  /** What the graph makes of the logits; `undefined` where it ends in them. */
  readonly activation: OutputActivation | undefined;
}

/** What attribution needs to know of a model. */
export interface Classifier {
  readonly graph: Graph;
  /** The input that holds the image, `[batch, channels, height, width]` or `[batch, height, width, channels]`. */
  readonly input: string;
  /** The value `[batch, classes]` before any softmax or sigmoid. */
  readonly logits: string;
  /** `undefined` while the number of classes is symbolic. */
  readonly classes: number | undefined;
}

/**
 * What libraries and exporters call outputs that are features, whole or behind a scope ("last_hidden_state", "pooler_output", "image_embeds", "embeddings").
 * Rows of features and rows of scores look alike, so that only the name tells.
 */
const featureNames = /^(.*[/.:])?((last_)?hidden_states?|pooler_output|pooled(_output|_features)?|(image|vision|visual|sentence)?_?(embed(ding)?s?|features?))(:\d+)?$/i;

/** Throws `modelUnsuitable` when the graph takes no image, or gives neither scores nor features. */
export function imageModelOf(graph: Graph): ImageModel {
  const floats = graph.inputs.filter((name) => isFloat(typeOf(graph, name).dtype));
  const input = floats.find((name) => typeOf(graph, name).shape?.length === 4);
  if (input === undefined) throw unsuitable(`no input is an image; ${describe(graph, graph.inputs)}`);
  const others = graph.inputs.filter((name) => name !== input);
  if (others.length > 0) throw unsuitable(`besides the image it takes ${others.map((name) => `"${name}"`).join(", ")}`);
  const outputs = graph.outputs.filter((name) => isFloat(graph.types.get(name)?.dtype ?? "bool"));
  const rows = outputs.filter((name) => graph.types.get(name)?.shape?.length === 2);
  const scored = rows.filter((name) => !featureNames.test(name));
  // A lone number beside the scores of classes is a regression ("age" beside "kind").
  const scores = scored.find((name) => typeOf(graph, name).shape?.[1] !== 1) ?? scored[0];
  if (scores !== undefined) {
    const { logits, activation } = logitsOf(graph, scores);
    return { graph, task: "image-classification", input, output: logits, activation };
  }
  const features = rows[0] ?? outputs.find((name) => featureNames.test(name));
  if (features === undefined) throw unsuitable(`no output is a row of scores per image; ${describe(graph, graph.outputs)}`);
  return { graph, task: "image-encoder", input, output: features, activation: undefined };
}

/** Throws `modelUnsuitable` when the graph takes no image or gives no scores. */
export function classifierOf(graph: Graph): Classifier {
  const { task, input, output } = imageModelOf(graph);
  if (task === "image-encoder") throw unsuitable(`it gives features ("${output}") and no scores of classes, as models do without a classification head`);
  const classes = typeOf(graph, output).shape?.[1];
  return { graph, input, logits: output, classes: typeof classes === "number" ? classes : undefined };
}

const unsuitable = (reason: string) => new WhylightError("modelUnsuitable", { reason });

const describe = (graph: Graph, names: readonly string[]) => names.map((name) => `"${name}" is ${graph.types.get(name)?.dtype ?? "?"}${formatShape(graph.types.get(name)?.shape)}`).join(", ");

/** A model that ends in probabilities, by a softmax over the classes, its last axis, or by a sigmoid of each, explains the scores before them: probabilities saturate. */
export function logitsOf(graph: Graph, output: string): { readonly logits: string; readonly activation: OutputActivation | undefined } {
  const writers = producers(graph);
  const node = writers.get(unchanged(graph, writers, output));
  const shape = typeOf(graph, output).shape ?? [];
  const isOverClasses = (node?.op === "Softmax" || node?.op === "LogSoftmax") && normalizeAxis(numberOf(node, "axis", -1), shape.length) === shape.length - 1;
  const activation = isOverClasses ? "softmax" : node?.op === "Sigmoid" ? "sigmoid" : undefined;
  return { logits: activation ? unchanged(graph, writers, node!.inputs[0]!) : output, activation };
}

/** Reads through what only renames, casts or reshapes to the same shape, as the softmax of old opsets is written. */
function unchanged(graph: Graph, writers: ReadonlyMap<string, Node>, value: string): string {
  const node = writers.get(value);
  const shapes = node && [node.inputs[0]!, value].map((name) => graph.types.get(name)?.shape);
  const isSame = node !== undefined && (node.op === "Identity" || node.op === "Cast" || ((node.op === "Reshape" || node.op === "Flatten") && shapes![0] !== undefined && String(shapes![0]) === String(shapes![1])));
  return isSame && isFloat(typeOf(graph, node.inputs[0]!).dtype) ? unchanged(graph, writers, node.inputs[0]!) : value;
}
