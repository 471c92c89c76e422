/** @file Functions defined inside a model, put in the place of their calls while nodes are still as the file has them. */
import { WhylightError } from "../../errors.js";
import { type AttributeProto, type FunctionProto, type GraphProto, type NodeProto } from "./proto.js";
import { toNumber } from "../protobuf.js";

/** A node with the version of the default domain that it was written for. */
export interface PlacedNode {
  readonly proto: NodeProto;
  readonly opset: number;
}

/** Functions by domain, name and overload. */
export type ModelFunctions = ReadonlyMap<string, FunctionProto>;

/** A message with other values; its defaults, which lie on the prototype, stay. */
function changed<Message extends object>(message: Message, changes: Partial<Message>): Message {
  return Object.assign(Object.create(Object.getPrototypeOf(message) as object) as Message, message, changes);
}

const keyOf = ({ domain, overload }: { domain: string; overload: string }, name: string) => `${domain}|${name}|${overload}`;

/** The functions of a file, found by what calls them. */
export function modelFunctions(protos: readonly FunctionProto[]): ModelFunctions {
  return new Map(protos.map((proto) => [keyOf(proto, proto.name), proto]));
}

/** The nodes with every call replaced by the function's own nodes, whose values are renamed. Throws `modelCorrupt` for functions that call themselves. */
export function inlineFunctions(nodes: readonly PlacedNode[], functions: ModelFunctions, calls: readonly string[] = []): PlacedNode[] {
  if (functions.size === 0) return [...nodes];
  return nodes.flatMap((placed, index) => {
    const key = keyOf(placed.proto, placed.proto.opType);
    const called = functions.get(key);
    if (called === undefined) return [{ ...placed, proto: withInlinedGraphs(placed, functions, calls) }];
    if (calls.includes(key)) throw new WhylightError("modelCorrupt", { reason: `function "${called.name}" calls itself` });
    return inlineFunctions(bodyOf(called, placed, `${placed.proto.name || `${called.name}_${placed.proto.output.find((output) => output !== "") ?? index}`}`), functions, [...calls, key]);
  });
}

/** Calls inside branches are inlined too. */
function withInlinedGraphs({ proto, opset }: PlacedNode, functions: ModelFunctions, calls: readonly string[]): NodeProto {
  if (!proto.attribute.some(({ g }) => g)) return proto;
  const inlined = (g: GraphProto): GraphProto => changed(g, { node: inlineFunctions(g.node.map((node) => ({ proto: node, opset })), functions, calls).map((placed) => placed.proto) });
  return changed(proto, { attribute: proto.attribute.map((attribute) => (attribute.g ? changed(attribute, { g: inlined(attribute.g) }) : attribute)) });
}

/** The nodes of one call: formal names become actual ones, all others get the call's name in front. */
function bodyOf(called: FunctionProto, { proto: call, opset }: PlacedNode, prefix: string): PlacedNode[] {
  const names = new Map<string, string>([["", ""]]);
  called.input.forEach((formal, i) => names.set(formal, call.input[i] ?? ""));
  const passedThrough: NodeProto[] = [];
  called.output.forEach((formal, i) => {
    const actual = call.output[i] ?? "";
    if (actual === "") return;
    if (names.has(formal)) passedThrough.push({ opType: "Identity", domain: "", overload: "", name: `${prefix}/${actual}`, input: [names.get(formal)!], output: [actual], attribute: [] });
    else names.set(formal, actual);
  });
  const nameOf = (name: string) => names.get(name) ?? `${prefix}/${name}`;
  const attributes = new Map([...called.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]));
  const version = called.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version;
  return [...called.node.map((node, i) => renamedNode(changed(node, { name: node.name || `${node.opType}_${i}` }), nameOf, attributes, prefix)), ...passedThrough]
    .map((proto) => ({ proto, opset: version === undefined ? opset : toNumber(version) }));
}

function renamedNode(node: NodeProto, nameOf: (name: string) => string, attributes: ReadonlyMap<string, AttributeProto>, prefix: string): NodeProto {
  return changed(node, {
    name: `${prefix}/${node.name}`, input: node.input.map(nameOf), output: node.output.map(nameOf),
    attribute: node.attribute.flatMap((attribute) => {
      if (attribute.refAttrName !== "") {
        const actual = attributes.get(attribute.refAttrName);
        return actual === undefined ? [] : [changed(actual, { name: attribute.name })];
      }
      return [attribute.g ? changed(attribute, { g: renamedGraph(attribute.g, nameOf, attributes, prefix) }) : attribute];
    }),
  });
}

function renamedGraph(graph: GraphProto, nameOf: (name: string) => string, attributes: ReadonlyMap<string, AttributeProto>, prefix: string): GraphProto {
  const renamed = <Named extends { name: string }>(values: Named[]) => values.map((value) => changed(value, { name: nameOf(value.name) } as Partial<Named>));
  return changed(graph, { node: graph.node.map((node) => renamedNode(node, nameOf, attributes, prefix)), initializer: renamed(graph.initializer), input: renamed(graph.input), output: renamed(graph.output) });
}
