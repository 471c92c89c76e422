/** @file Options of a transformers config, with the defaults of the library, which leaves out of the file what a model does not change. */
import { WhylightError } from "../../errors.js";
import { booleanField, numberField, present, textField, wrongField, type Fields } from "../../preprocess/fields.js";
import type { GraphWriter } from "../graphWriter.js";

/** A whole number of things: layers, heads, features. Throws `descriptionInvalid` for anything else, above `most`, and where the file lacks it and there is no default. */
export function sizeOption(config: Fields, key: string, fallback?: number, most = 2 ** 31 - 1): number {
  const value = numberField(config, key) ?? fallback ?? wrongField(config, key, "it is missing");
  return Number.isInteger(value) && value > 0 && value <= most ? value : wrongField(config, key, `it must be a whole number from 1 to ${most}`);
}

/** The number of layers. More than any model has is refused, since layers may share weights and then cost a file nothing. */
export function layersOption(config: Fields, key: string, fallback: number): number {
  return sizeOption(config, key, fallback, 1024);
}

/** A finite number. */
export function numberOption(config: Fields, key: string, fallback: number): number {
  return numberField(config, key) ?? fallback;
}

/** `true` or `false`. */
export function flagOption(config: Fields, key: string, fallback: boolean): boolean {
  return booleanField(config, key) ?? fallback;
}

/** A word. */
export function wordOption(config: Fields, key: string, fallback: string): string {
  return textField(config, key) ?? fallback;
}

/** Features per head. Throws `descriptionInvalid` where the heads cannot share them evenly. */
export function headSize(config: Fields, width: number, heads: number, key: string): number {
  return width % heads === 0 ? width / heads : wrongField(config, key, `${heads} heads cannot share ${width} features`);
}

/** What to throw for a class of models that is not known here. */
export function unknownArchitecture({ weights }: Pick<GraphWriter, "weights">, architecture: string): WhylightError {
  return new WhylightError("architectureUnknown", { path: weights.path, architecture, command: "optimum-cli export onnx --model FOLDER onnx/" });
}

/** Throws `architectureUnknown` for an option that the library has and this importer has not. */
export function refuseOption(writer: GraphWriter, config: Fields, key: string): never {
  throw unknownArchitecture(writer, `${textField(config, "model_type") ?? "model"} with ${key} = ${JSON.stringify(present(config, key))}`);
}
