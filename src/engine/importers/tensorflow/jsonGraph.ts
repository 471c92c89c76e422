/** @file TensorFlow's graphs as TensorFlow.js keeps them: protobuf written as JSON, with texts and bytes in base64. */
import { WhylightError } from "../../errors.js";
import { decodeBase64 } from "../../base64.js";
import { isRecord } from "../../preprocess/fields.js";
import { decodeUtf8 } from "../utf8.js";
import { numberOfType, type TfAttribute, type TfFunction, type TfGraph, type TfNode, type TfSignature, type TfTensor, type TfTensorInfo } from "./graphDef.js";

type Json = Readonly<Record<string, unknown>>;

/** The graph in a `modelTopology`. Throws `modelCorrupt`. */
export function jsonGraph(topology: unknown): TfGraph {
  if (!isRecord(topology)) throw corrupt("it has no modelTopology");
  const functions = listOf(recordOf(topology["library"])["function"]).map(functionOf);
  return { nodes: listOf(topology["node"]).map(nodeOf), functions: new Map(functions.map((each) => [each.name, each])), producer: "" };
}

/** The signature beside it; `undefined` where the file has none, as of old converters. */
export function jsonSignature(signature: unknown): TfSignature | undefined {
  const { inputs, outputs } = recordOf(signature);
  if (!isRecord(inputs) || !isRecord(outputs)) return undefined;
  return { inputs: infosOf(inputs), outputs: infosOf(outputs) };
}

const corrupt = (reason: string) => new WhylightError("modelCorrupt", { reason });
const recordOf = (value: unknown): Json => (isRecord(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown) => (typeof value === "string" ? value : "");

function nodeOf(value: unknown): TfNode {
  const { name, op, input, attr } = recordOf(value);
  if (typeof name !== "string" || typeof op !== "string") throw corrupt("a node of its graph has no name or no operator");
  return { name, op, inputs: listOf(input).map(textOf), attributes: Object.fromEntries(Object.entries(recordOf(attr)).map(([key, attribute]) => [key, attributeOf(recordOf(attribute))])) };
}

function functionOf(value: unknown): TfFunction {
  const { signature, nodeDef, ret } = recordOf(value);
  const { name, inputArg, outputArg } = recordOf(signature);
  const names = (args: unknown) => listOf(args).map((arg) => textOf(recordOf(arg)["name"]));
  return { name: textOf(name), args: names(inputArg), results: names(outputArg).map((result) => textOf(recordOf(ret)[result])), nodes: listOf(nodeDef).map(nodeOf) };
}

/** 64-bit integers are texts in JSON. */
const numberIn = (value: unknown) => Number(typeof value === "string" || typeof value === "number" ? value : 0);
const typeIn = (value: unknown) => (typeof value === "number" ? value : numberOfType(textOf(value)));

/** Texts are base64, or lists of bytes as old converters wrote them. */
function bytesIn(value: unknown): Uint8Array {
  if (Array.isArray(value)) return Uint8Array.from(value as readonly number[]);
  const bytes = decodeBase64(textOf(value));
  if (bytes === undefined) throw corrupt("a text of its graph is not base64");
  return bytes;
}
const textIn = (value: unknown) => decodeUtf8(bytesIn(value));

function attributeOf(attribute: Json): TfAttribute {
  const { list, func } = attribute;
  return {
    ...(attribute["s"] !== undefined && { s: textIn(attribute["s"]) }), ...(attribute["i"] !== undefined && { i: numberIn(attribute["i"]) }), ...(attribute["f"] !== undefined && { f: numberIn(attribute["f"]) }),
    ...(typeof attribute["b"] === "boolean" && { b: attribute["b"] }), ...(attribute["type"] !== undefined && { type: typeIn(attribute["type"]) }), ...(isRecord(attribute["shape"]) && { shape: shapeIn(attribute["shape"]) }),
    ...(isRecord(attribute["tensor"]) && { tensor: tensorIn(attribute["tensor"]) }), ...(isRecord(func) && { func: textOf(func["name"]) }),
    ...(isRecord(list) && { list: { s: listOf(list["s"]).map(textIn), i: listOf(list["i"]).map(numberIn) } }),
  };
}

function shapeIn(shape: unknown): readonly number[] | null {
  const { dim, unknownRank } = recordOf(shape);
  return unknownRank === true || shape === undefined ? null : listOf(dim).map((each) => numberIn(recordOf(each)["size"]));
}

function tensorIn(tensor: Json): TfTensor {
  const lists = ["halfVal", "floatVal", "doubleVal", "intVal", "int64Val", "boolVal", "uint32Val", "uint64Val"].map((field) => listOf(tensor[field]).map((value) => (typeof value === "boolean" ? Number(value) : numberIn(value))));
  return {
    dtype: typeIn(tensor["dtype"]), shape: shapeIn(tensor["tensorShape"]) ?? [], content: tensor["tensorContent"] === undefined ? new Uint8Array() : bytesIn(tensor["tensorContent"]), range: undefined,
    values: lists.find((list) => list.length > 0) ?? [], strings: listOf(tensor["stringVal"]).map(textIn),
  };
}

const infosOf = (infos: Json): readonly TfTensorInfo[] => Object.entries(infos).map(([key, value]) => {
  const { name, dtype, tensorShape } = recordOf(value);
  return { key, tensor: textOf(name) || key, dtype: typeIn(dtype), shape: shapeIn(tensorShape) };
});
