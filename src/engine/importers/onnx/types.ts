/** @file Real numbers of every width become float32: what half, bfloat16 and double models hold is computed in float32 on every runtime. */
import type { Attribute, Attributes, Initializer, Node } from "../../ir/graph.js";
import { isInMemory } from "../../ir/graph.js";
import { float32, isFloat, toFloat32, type DType, type Tensor } from "../../ir/tensor.js";

/** The type a value of this type is computed in. */
export function computedType(dtype: DType): DType {
  return isFloat(dtype) ? "float32" : dtype;
}

/** A small constant is converted at once; one that stays in its file is converted by whoever loads it. */
export function computedInitializer(initializer: Initializer): Initializer {
  if (initializer.dtype === "float32" || !isFloat(initializer.dtype)) return initializer;
  return isInMemory(initializer) ? computedTensor(initializer) : { ...initializer, dtype: "float32", stored: initializer.stored ?? initializer.dtype };
}

function computedTensor(tensor: Tensor): Tensor {
  return tensor.dtype === "float32" || !isFloat(tensor.dtype) ? tensor : float32(tensor.shape, toFloat32(tensor));
}

/** `Cast` and the like name a type in text, constants hold a tensor. */
export function computedNode(node: Node): Node {
  return { ...node, attributes: Object.fromEntries(Object.entries(node.attributes).map(([name, value]) => [name, computedAttribute(name, value)])) as Attributes };
}

const typeAttributes = new Set(["to", "dtype", "output_dtype"]);

function computedAttribute(name: string, value: Attribute): Attribute {
  if (typeof value === "string") return typeAttributes.has(name) ? computedType(value as DType) : value;
  return typeof value === "object" && "dtype" in value ? computedTensor(value) : value;
}
