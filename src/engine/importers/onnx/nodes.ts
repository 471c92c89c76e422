/** @file Nodes of a file: operators, attributes, and the branches of `If` with what they take from around them. */
import { WhylightError } from "../../errors.js";
import type { Attribute, Graph, Initializer, Node, ValueType } from "../../ir/graph.js";
import { canonicalize, type RawNode } from "./canonical.js";
import type { PlacedNode } from "./functions.js";
import { type AttributeProto, type GraphProto, type ValueInfoProto } from "./proto.js";
import { toNumber } from "../protobuf.js";
import { dtypeNumbers, initializerOf, type ResolveExternal } from "./tensorProto.js";
import { computedInitializer, computedNode, computedType } from "./types.js";
import { decodeUtf8 } from "../utf8.js";

/** Nodes in canonical form. New constants go into `initializers`; `outputs` are the values of the graph that others read. */
export function readNodes(placed: readonly PlacedNode[], initializers: Map<string, Initializer>, outputs: readonly string[], external: ResolveExternal): Node[] {
  const opsets = new Map<RawNode, number>();
  const raw = placed.map((each, i) => {
    const node = rawNode(each, i, external);
    opsets.set(node, each.opset);
    return node;
  });
  const nodes = canonicalize(raw, (node) => opsets.get(node)!, initializers, outputs).map(computedNode);
  for (const [value, initializer] of initializers) initializers.set(value, computedInitializer(initializer));
  return nodes;
}

function rawNode({ proto, opset }: PlacedNode, index: number, external: ResolveExternal): RawNode {
  const isDefault = proto.domain === "" || proto.domain === "ai.onnx";
  const op = isDefault ? proto.opType : `${proto.domain}::${proto.opType}`;
  const name = proto.name || `${proto.opType}_${index}`;
  // Split counts its outputs, used or not, TopK always has two, and ONNX Runtime crashes where one has no name.
  const outputs = op === "Split" || op === "TopK" ? proto.output.map((output, i) => output || `${name}:unused_${i}`) : trimEmpty(proto.output);
  if (outputs.length === 0) throw new WhylightError("modelCorrupt", { reason: `${op} "${name}" has no output` });
  const branches = op === "If" ? proto.attribute.filter(({ g }) => g).map((attribute) => ({ name: attribute.name, branch: branchOf(attribute.g!, opset, external) })) : [];
  const taken = [...new Set(branches.flatMap(({ branch }) => branch.inputs))];
  return {
    op, name, outputs, inputs: [...trimEmpty(proto.input), ...taken],
    attributes: {
      ...Object.fromEntries(proto.attribute.filter(({ g }) => !g || op !== "If").map((attribute) => [attribute.name, attributeOf(attribute, external)])),
      ...Object.fromEntries(branches.map(({ name: branchName, branch }) => [branchName, { ...branch, inputs: taken }])),
    },
  };
}

/** A branch as a graph whose inputs are the values it takes from around it. */
function branchOf(proto: GraphProto, opset: number, external: ResolveExternal): Graph {
  const initializers = new Map<string, Initializer>(proto.initializer.map((tensor) => [tensor.name, initializerOf(tensor, external)]));
  const outputs = proto.output.map(({ name }) => name);
  const nodes = readNodes(proto.node.map((node) => ({ proto: node, opset })), initializers, outputs, external);
  const written = new Set([...initializers.keys(), ...nodes.flatMap((node) => node.outputs)]);
  const inputs = [...new Set([...nodes.flatMap((node) => node.inputs), ...outputs])].filter((name) => name !== "" && !written.has(name));
  const types = new Map(proto.output.flatMap((value): [string, ValueType][] => { const type = declaredType(value); return type ? [[value.name, type]] : []; }));
  return { name: proto.name, inputs, outputs, nodes, initializers, types };
}

/** What a file says of a value, where it says a tensor of a known type. */
function declaredType({ name, type }: ValueInfoProto): ValueType | undefined {
  const dtype = dtypeNumbers[type?.tensorType?.elemType ?? 0];
  const shape = type?.tensorType?.shape?.dim.map(({ dimValue, dimParam }, axis) => (dimParam !== "" ? dimParam : toNumber(dimValue) > 0 ? toNumber(dimValue) : `${name}_${axis}`));
  return dtype && { dtype: computedType(dtype), shape };
}

/** Trailing optional inputs and outputs that are left out are simply absent. */
function trimEmpty(names: readonly string[]): string[] {
  return names.slice(0, names.findLastIndex((name) => name !== "") + 1);
}

/** AttributeProto's type numbers to readers; subgraphs of other operators than `If` become empty text, and the operators that hold them are unknown to the op table. */
const attributeReaders: Readonly<Record<number, (attribute: AttributeProto, external: ResolveExternal) => Attribute>> = {
  1: ({ f }) => f,
  2: ({ i }) => toNumber(i),
  3: ({ s }) => decodeUtf8(s),
  4: ({ t, name }, external) => {
    const tensor = t && initializerOf(t, external);
    if (!tensor || !("data" in tensor)) throw new WhylightError("modelCorrupt", { reason: `attribute "${name}" has no tensor` });
    return tensor;
  },
  6: ({ floats }) => floats,
  7: ({ ints }) => ints.map(toNumber),
  8: ({ strings }) => strings.map((text) => decodeUtf8(text)),
};

function attributeOf(attribute: AttributeProto, external: ResolveExternal): Attribute {
  return attributeReaders[attribute.type]?.(attribute, external) ?? "";
}
