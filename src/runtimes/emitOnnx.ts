/** @file A graph as ONNX bytes for ONNX Runtime. Weights that lie in a file are referenced there, never copied. */
import { dtypeNumbers } from "../engine/importers/onnx/tensorProto.js";
import { encodeModel } from "../engine/importers/onnx/proto.js";
import { encodeUtf8 } from "../engine/importers/utf8.js";
import { isInMemory, isSubgraph, typeOf, type Attribute, type Graph, type Initializer, type Node } from "../engine/ir/graph.js";
import type { DType, Tensor } from "../engine/ir/tensor.js";

/** The opset of the canonical form. */
const opset = 21;

const numbers = Object.fromEntries(Object.entries(dtypeNumbers).map(([number, dtype]) => [dtype, Number(number)])) as Record<DType, number>;

/** Attributes ONNX defines as floats, whatever the value looks like. */
const floatAttributes = new Set(["alpha", "beta", "gamma", "epsilon", "bias", "value_float", "lambd", "cubic_coeff_a", "extrapolation_value", "clip"]);

const floatLists = new Set(["activation_alpha", "activation_beta"]);

/** Attributes that hold a type's number in ONNX and its name here. */
const typeAttributes = new Set(["to", "dtype", "output_dtype"]);

/** `fileName` tells ONNX Runtime, by the folder option of the session, where a range's file lies. */
export function emitOnnx(graph: Graph, fileName: (file: string) => string): Uint8Array {
  const valueInfo = (name: string) => {
    const { dtype, shape } = typeOf(graph, name);
    return { name, type: { tensorType: { elemType: numbers[dtype], shape: { dim: shape!.map((dim) => ({ dimValue: dim })) } } } };
  };
  return encodeModel({
    irVersion: 10,
    producerName: "whylight",
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: graph.name,
      node: [...graph.initializers].flatMap(([name, initializer]) => widening(name, initializer)).concat(graph.nodes).map(emitNode),
      initializer: [...graph.initializers].map(([name, initializer]) => emitInitializer(storedName(name, initializer), initializer, fileName)),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
  });
}

const storedType = (initializer: Initializer): DType => (isInMemory(initializer) ? initializer.dtype : (initializer.stored ?? initializer.dtype));
const storedName = (name: string, initializer: Initializer) => (storedType(initializer) === initializer.dtype ? name : `${name}:stored`);

/** Weights of another width are cast by ONNX Runtime, which does so once, when the session is made. */
function widening(name: string, initializer: Initializer): Node[] {
  const from = storedName(name, initializer);
  return from === name ? [] : [{ op: "Cast", name: from, inputs: [from], outputs: [name], attributes: { to: initializer.dtype } }];
}

function emitNode(node: Node): object {
  return { opType: node.op, name: node.name, input: node.inputs, output: node.outputs, attribute: Object.entries(node.attributes).map(([name, value]) => emitAttribute(name, value)) };
}

function emitAttribute(name: string, value: Attribute): object {
  if (typeof value === "string" && typeAttributes.has(name)) return { name, type: 2, i: numbers[value as DType] };
  if (typeof value === "string") return { name, type: 3, s: encodeUtf8(value) };
  if (typeof value === "number") return floatAttributes.has(name) ? { name, type: 1, f: value } : { name, type: 2, i: value };
  if ("dtype" in value) return { name, type: 4, t: emitTensor("", value) };
  if (isSubgraph(value)) throw new Error(`internal: branch "${name}" reached a runtime`);
  if (typeof value[0] === "string") return { name, type: 8, strings: (value as readonly string[]).map((text) => encodeUtf8(text)) };
  return floatLists.has(name) ? { name, type: 6, floats: value } : { name, type: 7, ints: value };
}

function emitInitializer(name: string, initializer: Initializer, fileName: (file: string) => string): object {
  if (isInMemory(initializer)) return emitTensor(name, initializer);
  const { file, offset, length } = initializer.range;
  const externalData = Object.entries({ location: fileName(file), offset: String(offset), length: String(length) }).map(([key, value]) => ({ key, value }));
  return { name, dims: initializer.shape, dataType: numbers[storedType(initializer)], dataLocation: 1, externalData };
}

function emitTensor(name: string, tensor: Tensor): object {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return { name, dims: tensor.shape, dataType: numbers[tensor.dtype], rawData: new Uint8Array(buffer, byteOffset, byteLength) };
}
