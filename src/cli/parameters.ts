/** @file Options that need reading: methods, targets and `--set` values. */
import { InvalidArgumentError } from "commander";
import { WhylightError } from "../engine/errors.js";
import { methodIds, type MethodId, type ParameterValue, type TargetSpec } from "../protocol/api.js";
import { asFloat32, readTensors } from "../worker/prepareInput.js";

/** "grad-cam,saliency" as methods, each once. Throws `methodUnknown`. */
export function parseMethods(text: string): MethodId[] {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const methods = names.map((name) => methodIds.find((id) => id === name) ?? unknownMethod(name));
  return methods.length > 0 ? [...new Set(methods)] : unknownMethod(text);
}

function unknownMethod(method: string): never {
  throw new WhylightError("methodUnknown", { method, methods: methodIds.join(", ") });
}

/** "predicted", a whole number as a class index, anything else as a label. */
export function parseTarget(text: string): TargetSpec {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** `KEY=VALUE` pairs: numbers, true and false, words, or `@FILE#TENSOR`. Throws `parameterInvalid` or what is wrong with the file. */
export function parseParameters(pairs: readonly string[]): Record<string, ParameterValue> {
  return Object.fromEntries(pairs.map(parseParameter));
}

function parseParameter(pair: string): [string, ParameterValue] {
  const split = pair.indexOf("=");
  if (split < 1) throw new WhylightError("parameterInvalid", { parameter: pair, reason: "it must have the form KEY=VALUE" });
  const key = pair.slice(0, split);
  const text = pair.slice(split + 1);
  if (text.startsWith("@")) return [key, readTensorParameter(key, text.slice(1))];
  if (text === "true" || text === "false") return [key, text === "true"];
  return [key, text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text];
}

function readTensorParameter(key: string, text: string): ParameterValue {
  const split = text.lastIndexOf("#");
  if (split < 1) throw new WhylightError("parameterInvalid", { parameter: key, reason: "a tensor is named as @FILE#TENSOR" });
  const [file, name] = [text.slice(0, split), text.slice(split + 1)];
  const tensors = readTensors(file);
  const found = tensors.get(name);
  if (!found) throw new WhylightError("parameterInvalid", { parameter: key, reason: `${file} has no tensor ${name}, only ${[...tensors.keys()].slice(0, 8).join(", ")}` });
  const values = asFloat32(found);
  if (!values) throw new WhylightError("parameterInvalid", { parameter: key, reason: `${name} has the type ${found.dtype}` });
  return { shape: values.shape, data: values.data as Float32Array };
}

/** Reads "html,json" as some of the formats there are. */
export function formatsAmong<Format extends string>(formats: readonly Format[]): (text: string) => Format[] {
  return (text) => [...new Set(text.split(",").map((name) => {
    const known = formats.find((id) => id === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`It must be among ${formats.join(", ")}.`);
    return known;
  }))];
}
