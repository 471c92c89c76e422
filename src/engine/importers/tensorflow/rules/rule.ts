/** @file What a rule for one of TensorFlow's operators sees and gives. */
import { WhylightError } from "../../../errors.js";
import type { Attributes } from "../../../ir/graph.js";
import type { Dim, Shape } from "../../../ir/shape.js";
import { int64, type DType, type Tensor } from "../../../ir/tensor.js";
import type { Channels, Held } from "../../channels.js";
import type { FlatNode, FlatValue } from "../flatten.js";
import { dtypeOf, type TfAttribute } from "../graphDef.js";
import type { TypedWriter } from "../typedWriter.js";

/** Writes a node and gives its outputs in their order; a bare name is a value as the model means it. */
export type Rule = (context: RuleContext) => Held | string | readonly (Held | string)[];
export type RuleTable = Readonly<Record<string, Rule>>;

/** Several names for one rule. */
export const table = (names: readonly string[], rule: Rule): RuleTable => Object.fromEntries(names.map((name) => [name, rule]));

const mostOutputs = 4096;

/** A node with what is known of its inputs. Axes and shapes are the model's own, wherever the graph keeps the channels. */
export class RuleContext {
  readonly node: FlatNode;
  readonly writer: TypedWriter;
  readonly inputs: readonly Held[];
  /** What stands for an output of an earlier node; `undefined` where it holds no numbers. */
  readonly valueOf: (value: FlatValue) => Held | undefined;
  readonly #channels: Channels;

  constructor(node: FlatNode, inputs: readonly Held[], writer: TypedWriter, channels: Channels, valueOf: (value: FlatValue) => Held | undefined) {
    this.valueOf = valueOf;
    this.node = node;
    this.inputs = inputs;
    this.writer = writer;
    this.#channels = channels;
  }

  /** Throws the error that names the node and says why it cannot be read. */
  refuse(reason: string): never {
    throw new WhylightError("layerUnsupported", { layer: `${this.node.name} (${this.node.op})`, reason });
  }

  held(i: number): Held {
    return this.inputs[i] ?? this.refuse(`it has no input ${i}`);
  }

  /** The shape of input i. Throws where not even the rank is known. */
  shape(i: number): Shape {
    const { value, first } = this.held(i);
    const shape = this.writer.shapeOfValue(value) ?? this.refuse("the shape of its input is not known");
    return first ? [shape[0]!, ...shape.slice(2), shape[1]!] : shape;
  }

  rank(i: number): number {
    return this.shape(i).length;
  }

  dtype(i: number): DType {
    return this.writer.typeOf(this.held(i).value)?.dtype ?? "float32";
  }

  /** Input i as the model means it. */
  last(i: number): string {
    const held = this.held(i);
    return held.first ? this.#channels.last(held, this.rank(i)) : held.value;
  }

  /** Input i with its channels at axis 1. */
  first(i: number): string {
    return this.#channels.first(this.held(i), this.rank(i));
  }

  /** Input i of an operator on images with its channels at axis 1, whichever way its attribute `data_format` has them. */
  image(i: number): string {
    return this.isChannelsFirst ? this.last(i) : this.first(i);
  }

  /** A result with its channels at axis 1, of an operator on images. */
  imageResult(value: string): Held {
    return { value, first: !this.isChannelsFirst };
  }

  /** Whether the model itself keeps channels at axis 1. */
  get isChannelsFirst(): boolean {
    return this.text("data_format", "NHWC").startsWith("NC");
  }

  /** Inputs that broadcast with each other: all with their channels at axis 1 where one of the widest is held so, else all as the model means them. */
  aligned(indices: readonly number[]): { readonly values: readonly string[]; readonly first: boolean } {
    if (!indices.some((i) => this.held(i).first)) return { values: indices.map((i) => this.last(i)), first: false };
    const rank = Math.max(...indices.map((i) => this.rank(i)));
    const first = indices.some((i) => this.held(i).first && this.rank(i) === rank);
    return { values: indices.map((i) => (first ? this.#firstOf(i, rank) : this.last(i))), first };
  }

  /** An input that broadcasts against channels-first values of `rank` axes. */
  #firstOf(i: number, rank: number): string {
    const own = this.rank(i);
    if (own === rank) return this.first(i);
    const value = this.last(i);
    if (own === 0) return value;
    if (own === 1) return this.writer.add("Unsqueeze", [value, this.writer.ints(Array.from({ length: rank - 2 }, (_, axis) => axis + 1))]);
    const opened = this.writer.add("Unsqueeze", [value, this.writer.ints(Array.from({ length: rank - own }, (_, axis) => axis))]);
    return this.#channels.first({ value: opened, first: false }, rank);
  }

  /** The elements of an input that does not depend on the model's inputs; `undefined` for others. */
  elements(i: number): readonly number[] | undefined {
    return this.inputs[i] === undefined ? undefined : this.writer.elements(this.inputs[i].value);
  }

  /** The elements of an input that must not depend on the model's inputs. */
  fixed(i: number, what: string): readonly number[] {
    return this.elements(i) ?? this.refuse(`its ${what} depends on the input`);
  }

  /** Sizes of an input, where some may be symbols. */
  dims(i: number): readonly Dim[] | undefined {
    return this.inputs[i] && this.writer.dims(this.inputs[i].value);
  }

  /** Input i as int64, as ONNX wants shapes and indices. */
  index(i: number): string {
    return this.asIndex(this.last(i));
  }

  asIndex(value: string): string {
    if (this.writer.typeOf(value)?.dtype === "int64") return value;
    const [elements, shape] = [this.writer.elements(value), this.writer.shapeOfValue(value)];
    if (elements === undefined || shape === undefined) return this.writer.add("Cast", [value], { to: "int64" });
    return shape.length === 1 && elements.length <= 64 ? this.writer.ints(elements) : this.constant(int64(shape as readonly number[], elements));
  }

  constant(tensor: Tensor): string {
    return this.writer.constant("constant", tensor);
  }

  /** A number of outputs. Throws for one that no operator has. */
  count(outputs: number): number {
    return Number.isInteger(outputs) && outputs >= 1 && outputs <= mostOutputs ? outputs : this.refuse(`it has ${outputs} outputs`);
  }

  /** A node on the way to the result. */
  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.writer.add(op, inputs, attributes);
  }

  /** The node whose result bears the name of TensorFlow's. */
  done(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.writer.add(op, inputs, attributes, "");
  }

  /** The model's axis in the graph, for a value held channels first or not. */
  axisOf(axis: number, rank: number, first: boolean): number {
    const own = axis < 0 ? axis + rank : axis;
    if (own < 0 || own >= rank) this.refuse(`it has no axis ${axis}`);
    return !first || own === 0 ? own : own === rank - 1 ? 1 : own + 1;
  }

  attribute(name: string): TfAttribute | undefined {
    return Object.hasOwn(this.node.attributes, name) ? this.node.attributes[name] : undefined;
  }

  text(name: string, fallback: string): string {
    return this.attribute(name)?.s ?? fallback;
  }

  int(name: string, fallback: number): number {
    return this.attribute(name)?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.attribute(name)?.f ?? fallback;
  }

  flag(name: string): boolean {
    return this.attribute(name)?.b ?? false;
  }

  ints(name: string): readonly number[] {
    return this.attribute(name)?.list?.i ?? [];
  }

  texts(name: string): readonly string[] {
    return this.attribute(name)?.list?.s ?? [];
  }

  /** The type an attribute names, as it is computed here: real numbers of every width in single precision. */
  typeNamed(name: string, fallback: DType): DType {
    const type = this.attribute(name)?.type;
    const dtype = type === undefined ? fallback : dtypeOf(type, `the node ${this.node.name}`);
    return dtype === "float16" || dtype === "bfloat16" || dtype === "float64" ? "float32" : dtype;
  }
}
