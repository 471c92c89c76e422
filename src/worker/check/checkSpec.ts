/** @file A specification of checks: what a model must answer, where its maps must lie, how often it must be right. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { WhylightError, toWhylightError } from "../../engine/errors.js";
import { booleanField, choiceField, numberField, objectField, objectsField, parseFields, present, refuseUnknown, textField, wrongField, type Fields } from "../../engine/preprocess/fields.js";
import { methodIds, type MethodId, type TargetSpec } from "../../protocol/api.js";

/** Shares from 0 to 1, both included; at least one is there where a check needs them. */
export interface Limits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Where a map's mass is looked for. A box is `[x, y, width, height]`: in shares of the image where none is above 1, else in its pixels. */
export type CheckedArea = { readonly kind: "box"; readonly box: readonly [number, number, number, number] } | { readonly kind: "mask"; readonly name: string; readonly path: string };

export interface FocusCheck {
  /** Its place in the file: "images[0].focus". */
  readonly at: string;
  readonly target: TargetSpec;
  readonly method: MethodId;
  readonly area: CheckedArea;
  readonly limits: Limits;
}

export interface ImageChecks {
  readonly at: string;
  /** As the file names it, and absolute. */
  readonly name: string;
  readonly path: string;
  readonly predicts: TargetSpec | undefined;
  readonly probability: { readonly target: TargetSpec; readonly limits: Limits } | undefined;
  readonly focus: readonly FocusCheck[];
}

export interface FolderChecks {
  readonly name: string;
  readonly path: string;
  readonly labels: string | undefined;
  readonly limit: number | undefined;
  readonly min: number | undefined;
  readonly perClass: readonly { readonly target: string; readonly min: number }[];
}

export interface CheckSpec {
  readonly images: readonly ImageChecks[];
  readonly accuracy: FolderChecks | undefined;
  readonly noShortcuts: boolean;
}

/** Reads and checks a specification; paths in it are relative to it. Throws `specInvalid` naming the field. */
export function readCheckSpec(file: string): CheckSpec {
  return asSpecError(file, () => {
    const fields = parseFields(file, readText(file));
    refuseUnknown(fields, ["$schema", "images", "accuracy", "noShortcuts"]);
    const images = objectsField(fields, "images").map((image) => readImage(image, dirname(file)));
    const accuracyFields = objectField(fields, "accuracy");
    const noShortcuts = booleanField(fields, "noShortcuts") ?? false;
    const accuracy = accuracyFields && readFolder(accuracyFields, dirname(file), noShortcuts);
    if (noShortcuts && !accuracy) wrongField(fields, "noShortcuts", "it needs a folder to look into (accuracy.folder)");
    if (images.length === 0 && !accuracy) wrongField(fields, "images", "there is nothing to check");
    return { images, accuracy, noShortcuts };
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw new WhylightError("specInvalid", { path: file, field: "the whole file", reason: "it does not exist or cannot be read" }, { cause: thrown });
  }
}

/** Wrong fields are told as the specification's, whatever reads them. */
function asSpecError<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (thrown) {
    const { code, data } = toWhylightError(thrown);
    if (code !== "descriptionInvalid") throw thrown;
    throw new WhylightError("specInvalid", { path, field: data["field"] ?? "", reason: data["reason"] ?? "" }, { cause: thrown });
  }
}

function readImage(fields: Fields, folder: string): ImageChecks {
  refuseUnknown(fields, ["image", "predicts", "probability", "focus"]);
  const name = requiredText(fields, "image");
  const predicts = targetField(fields, "predicts");
  if (predicts === "predicted") wrongField(fields, "predicts", "it must name a class");
  const probability = objectField(fields, "probability");
  if (probability) refuseUnknown(probability, ["class", "min", "max"]);
  const focus = Array.isArray(fields.values["focus"]) ? objectsField(fields, "focus") : [objectField(fields, "focus")].filter((one) => one !== undefined);
  if (predicts === undefined && !probability && focus.length === 0) wrongField(fields, "image", "nothing is asked of it; give predicts, probability or focus");
  return {
    at: fields.at, name, path: resolve(folder, name), predicts,
    probability: probability && { target: targetField(probability, "class") ?? predicts ?? "predicted", limits: limitsOf(probability) },
    focus: focus.map((one) => readFocus(one, folder)),
  };
}

function readFocus(fields: Fields, folder: string): FocusCheck {
  refuseUnknown(fields, ["class", "method", "box", "mask", "min", "max"]);
  return {
    at: fields.at, target: targetField(fields, "class") ?? "predicted", method: choiceField(fields, "method", methodIds) ?? "grad-cam", area: readArea(fields, folder), limits: limitsOf(fields),
  };
}

function readArea(fields: Fields, folder: string): CheckedArea {
  const mask = textField(fields, "mask");
  const box = present(fields, "box");
  if ((mask === undefined) === (box === undefined)) return wrongField(fields, "box", "give either a box or a mask");
  if (mask !== undefined) return { kind: "mask", name: mask, path: resolve(folder, mask) };
  if (!Array.isArray(box) || box.length !== 4 || !box.every((value): value is number => typeof value === "number" && value >= 0) || box[2]! <= 0 || box[3]! <= 0) {
    return wrongField(fields, "box", "it must be [x, y, width, height], in pixels or in shares of the image");
  }
  return { kind: "box", box: [box[0]!, box[1]!, box[2]!, box[3]!] };
}

function readFolder(fields: Fields, folder: string, noShortcuts: boolean): FolderChecks {
  refuseUnknown(fields, ["folder", "labels", "min", "perClass", "limit"]);
  const name = requiredText(fields, "folder");
  const labels = textField(fields, "labels");
  const limit = numberField(fields, "limit");
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) wrongField(fields, "limit", "it must be a whole number from 1");
  const perClassFields = objectField(fields, "perClass");
  const perClass = perClassFields ? Object.keys(perClassFields.values).map((target) => ({ target, min: shareField(perClassFields, target) ?? wrongField(perClassFields, target, "it must be a share from 0 to 1") })) : [];
  const min = shareField(fields, "min");
  if (min === undefined && perClass.length === 0 && !noShortcuts) wrongField(fields, "min", "give min, perClass or noShortcuts");
  return { name, path: resolve(folder, name), labels: labels === undefined ? undefined : resolve(folder, labels), limit, min, perClass };
}

function requiredText(fields: Fields, key: string): string {
  return textField(fields, key) || wrongField(fields, key, "it is missing");
}

/** A label or an index. */
function targetField(fields: Fields, key: string): TargetSpec | undefined {
  const value = present(fields, key);
  if (value === undefined || (typeof value === "string" && value !== "") || (Number.isInteger(value) && (value as number) >= 0)) return value as TargetSpec | undefined;
  return wrongField(fields, key, "it must be a label, or an index from 0");
}

function shareField(fields: Fields, key: string): number | undefined {
  const value = numberField(fields, key);
  return value === undefined || (value >= 0 && value <= 1) ? value : wrongField(fields, key, "it must be a share from 0 to 1");
}

function limitsOf(fields: Fields): Limits {
  const [min, max] = [shareField(fields, "min"), shareField(fields, "max")];
  if (min === undefined && max === undefined) wrongField(fields, "min", "give min, max or both");
  if (min !== undefined && max !== undefined && min > max) wrongField(fields, "min", "it is above max");
  return { min, max };
}
