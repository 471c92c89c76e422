/** @file A flat list of TensorFlow's nodes becomes a graph of ONNX operators. Images go in channels last, as the model wants them, and are channels first inside. */
import type { Graph, Initializer, Node } from "../../ir/graph.js";
import type { Dim } from "../../ir/shape.js";
import { isFloat, type DType } from "../../ir/tensor.js";
import { prune } from "../../passes/prune.js";
import { Channels, type Held } from "../channels.js";
import { computedInitializer, computedType } from "../onnx/types.js";
import { constantOf, type Repeated } from "./constants.js";
import type { FlatNode, FlatValue } from "./flatten.js";
import { dtypeOf, dtypes, type TfTensorInfo } from "./graphDef.js";
import { RuleContext } from "./rules/rule.js";
import { rules } from "./rules/rules.js";
import { TypedWriter } from "./typedWriter.js";

/** What is converted. */
export interface Conversion {
  readonly name: string;
  readonly nodes: readonly FlatNode[];
  readonly inputs: readonly { readonly info: TfTensorInfo; readonly value: FlatValue }[];
  readonly outputs: readonly { readonly info: TfTensorInfo; readonly value: FlatValue }[];
  /** What a constant without contents, or a variable, holds. `undefined` where that is for the caller to say nothing. */
  readonly weightOf: (node: FlatNode) => Initializer | undefined;
  /** Whether large constants may stay in their file. */
  readonly constantsStay: boolean;
}

/** What stands for the outputs of the side of a `Switch` that is not taken, and of everything behind it up to the `Merge`. */
const dead: Held = { value: "", first: false };

/** TensorFlow 1's conditionals, where the condition is a constant: `Switch` gives its value to one side, `Merge` takes the side that got one. */
const switches: Readonly<Record<string, (given: readonly Held[], writer: TypedWriter) => readonly Held[] | undefined>> = {
  Switch: ([value, condition], writer) => {
    const truth = condition && writer.elements(condition.value)?.[0];
    return truth === undefined ? undefined : truth === 0 ? [value!, dead] : [dead, value!];
  },
  Merge: (given) => [given.find((held) => held !== dead) ?? dead],
};

/** Nodes that hold a weight by themselves, or stand for the variable that others read. */
const variables = new Set(["VarHandleOp", "VariableV2", "Variable", "VarIsInitializedOp"]);
const text = 7;
/** As many outputs as any operator on a side that is not taken. */
const mostDead = 64;

/** The graph; where an operator is not known it holds those, by TensorFlow's names, and what was understood before them: `inspect` lists them. */
export function convert({ name, nodes, inputs, outputs, weightOf, constantsStay }: Conversion): Graph {
  const writer = new TypedWriter(name);
  const channels = new Channels(writer);
  const values = new Map<FlatNode, readonly (Held | undefined)[]>();
  const unknown: Node[] = [];
  const plain = (value: string): Held => ({ value, first: false });
  for (const { info, value } of inputs) {
    const dtype = computedType(dtypeOf(info.dtype, `the input ${info.key}`));
    values.set(value.node, [plain(writer.input(info.key, dtype, inputShape(info, value.node, dtype)))]);
  }
  const valueOf = ({ node, output }: FlatValue) => values.get(node)?.[output];
  const initializer = (node: FlatNode, found: Initializer | Repeated) => plain(writer.within(node.name, () =>
    ("element" in found ? writer.add("Expand", [writer.constant("element", computedInitializer(found.element)), writer.ints(found.shape)], {}, "") : writer.constant("", computedInitializer(found)))));

  for (const node of nodes) {
    if (values.has(node)) continue;
    const weight = variables.has(node.op) || node.op === "Const" ? constant(node, weightOf, constantsStay) : undefined;
    if (weight !== undefined) values.set(node, [initializer(node, weight)]);
    // Texts, and variables that only say whether they are there, lead to nothing that is computed.
    if (weight !== undefined || node.op === "Const" || variables.has(node.op)) continue;
    const given = node.inputs.map(valueOf);
    const made = outputsOf(node, given, writer, (inputs) => new RuleContext(node, inputs, writer, channels, valueOf));
    if (made === "unknown") unknown.push({ op: node.op, name: node.name, inputs: given.map((held) => held?.value ?? ""), outputs: [node.name], attributes: {} });
    else if (made) values.set(node, made);
  }
  if (unknown.length > 0) return { name, inputs: inputs.map(({ info }) => info.key), outputs: outputs.map(({ info }) => info.key), nodes: [...writer.nodes, ...unknown], initializers: new Map(), types: writer.types };
  for (const { info, value } of outputs) {
    const held = valueOf(value);
    if (held === undefined || held === dead) throw new Error(`internal: the output ${info.key} is never written`);
    const rank = writer.shapeOfValue(held.value)?.length ?? 0;
    writer.output(channels.last(held, rank), freeName(writer, info.key, held.value));
  }
  return prune(writer.build());
}

/** The outputs of a node: none behind an operator that is unknown. */
function outputsOf(node: FlatNode, given: readonly (Held | undefined)[], writer: TypedWriter, context: (inputs: readonly Held[]) => RuleContext): readonly Held[] | "unknown" | undefined {
  if (node.op !== "Merge" && given.includes(dead)) return Array<Held>(mostDead).fill(dead);
  const [rule, conditional] = [Object.hasOwn(rules, node.op) ? rules[node.op] : undefined, Object.hasOwn(switches, node.op) ? switches[node.op] : undefined];
  if (rule === undefined && conditional === undefined) return "unknown";
  if (given.includes(undefined)) return undefined;
  if (conditional) return conditional(given as Held[], writer) ?? "unknown";
  const made = writer.within(node.name, () => rule!(context(given as Held[])));
  return (Array.isArray(made) ? made as readonly (Held | string)[] : [made as Held | string]).map((each) => (typeof each === "string" ? { value: each, first: false } : each));
}

/** An output may be called as a node in the midst of the graph. */
function freeName(writer: TypedWriter, key: string, value: string): string {
  let name = key;
  while (name !== value && writer.typeOf(name) !== undefined) name = `${name}:0`;
  return name;
}

function constant(node: FlatNode, weightOf: Conversion["weightOf"], stays: boolean): Initializer | Repeated | undefined {
  const tensor = node.op === "Const" ? node.attributes["value"]?.tensor : undefined;
  if (tensor?.dtype === text) return undefined;
  const hasContents = tensor !== undefined && (tensor.content.length > 0 || tensor.values.length > 0);
  return (hasContents ? undefined : weightOf(node)) ?? (tensor && constantOf(tensor, node.name, stays));
}

/** Open sizes get the names they have elsewhere: of images and of rows of token ids. */
function inputShape({ key, shape }: TfTensorInfo, node: FlatNode, dtype: DType): readonly Dim[] {
  const found = shape ?? node.attributes["shape"]?.shape ?? [];
  const names = found.length === 4 ? ["batch", "height", "width", "channels"] : found.length === 2 && !isFloat(dtype) ? ["batch", "sequence"] : ["batch"];
  return found.map((size, axis) => (Number.isSafeInteger(size) && size > 0 ? size : (names[axis] ?? `${key}_${axis}`)));
}

/** Whether a signature's tensor holds numbers. */
export const isNumeric = ({ dtype }: TfTensorInfo): boolean => dtypes[dtype] !== undefined;
