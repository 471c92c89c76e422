/** @file What the form that describes a model holds, as people type it, and what it states. Pure. */
import type { Preprocess } from "../../src/engine/preprocess/description.js";
import { readLabelsText } from "../../src/engine/preprocess/labels.js";
import type { StatedDescription } from "../../src/protocol/modelPage.js";
import type { DescriptionFile } from "../../src/protocol/models.js";

/** Every field as text; those of numbers may hold anything. */
export interface Draft {
  readonly writesLabels: boolean;
  readonly labels: string;
  readonly writesPreprocess: boolean;
  readonly resize: Preprocess["resize"];
  readonly size: string;
  /** Empty for none. */
  readonly crop: string;
  readonly interpolation: Preprocess["interpolation"];
  readonly channels: Preprocess["channels"];
  readonly scale: string;
  readonly mean: string;
  readonly std: string;
}
export type NumberField = "size" | "crop" | "scale" | "mean" | "std";

type Values = Pick<Draft, "scale" | "mean" | "std">;

/** How pixel values become numbers, as libraries do it. */
export const presets = {
  imagenet: { scale: "1/255", mean: "0.485, 0.456, 0.406", std: "0.229, 0.224, 0.225" },
  signed: { scale: "1/255", mean: "0.5", std: "0.5" },
  unit: { scale: "1/255", mean: "0", std: "1" },
  bytes: { scale: "1", mean: "0", std: "1" },
  clip: { scale: "1/255", mean: "0.48145466, 0.4578275, 0.40821073", std: "0.26862954, 0.26130258, 0.27577711" },
} as const satisfies Readonly<Record<string, Values>>;
export type Preset = keyof typeof presets;

/** What is known, ready to be changed. What is missing, or stated by the file already, is written unless people say otherwise. */
export function draftOf({ description, channels, classes }: Pick<DescriptionFile, "description" | "channels" | "classes">): Draft {
  const preprocess = description?.preprocess;
  return {
    writesLabels: classes !== undefined && (description?.labelsOrigin === undefined || description.labelsOrigin === "sidecar"),
    labels: description?.labels?.join("\n") ?? "",
    writesPreprocess: channels !== undefined && (!description || ["sidecar", "defaults"].includes(description.preprocessOrigin)),
    resize: preprocess?.resize ?? "shortest-side", size: sizeText(preprocess?.size ?? [256, 256]), crop: preprocess ? (preprocess.crop ? sizeText(preprocess.crop) : "") : "224",
    interpolation: preprocess?.interpolation ?? "bilinear", channels: preprocess?.channels ?? (channels === 1 ? "gray" : "rgb"),
    scale: preprocess ? scaleText(preprocess.scale) : "1/255", mean: listText(preprocess?.mean ?? [0.485, 0.456, 0.406]), std: listText(preprocess?.std ?? [0.229, 0.224, 0.225]),
  };
}

/** The preset that the fields stand at, if any. Models of one channel have one number of each. */
export function presetOf(draft: Values): Preset | undefined {
  const key = ({ scale, mean, std }: Values) => JSON.stringify([readScale(scale), ...[mean, std].map((text) => { const list = readNumbers(text) ?? []; return list.every((one) => one === list[0]) ? [list[0]] : list; })]);
  const wanted = key(draft);
  return (Object.keys(presets) as Preset[]).find((preset) => key(presets[preset]) === wanted);
}

const readers: Readonly<Record<NumberField, (text: string) => unknown>> = {
  size: readSize, crop: (text) => (text.trim() === "" ? null : readSize(text)), scale: readScale, mean: readNumbers, std: readNumbers,
};

/** Whether what was typed can be taken. */
export function isRight(field: NumberField, text: string): boolean {
  return readers[field](text) !== undefined;
}

/** What the form states; `undefined` while a field that counts cannot be read. */
export function statedBy(draft: Draft): StatedDescription | undefined {
  const labels = draft.writesLabels ? (draft.labels.trim() === "" ? [] : readLabelsText(draft.labels)) : undefined;
  if (!draft.writesPreprocess) return { labels, preprocess: undefined };
  const [size, crop, scale, mean, std] = [readSize(draft.size), readers.crop(draft.crop) as readonly [number, number] | null | undefined, readScale(draft.scale), readNumbers(draft.mean), readNumbers(draft.std)];
  if (!size || crop === undefined || scale === undefined || !mean || !std) return undefined;
  return { labels, preprocess: { resize: draft.resize, size, crop, interpolation: draft.interpolation, channels: draft.channels, scale, mean, std } };
}

/** "224", "224 × 160", "224, 160": height first. */
function readSize(text: string): readonly [number, number] | undefined {
  const sides = /^\s*(\d{1,5})(?:\s*[×x*, ]\s*(\d{1,5}))?\s*$/i.exec(text);
  return sides ? [Number(sides[1]), Number(sides[2] ?? sides[1])] : undefined;
}

function readScale(text: string): number | undefined {
  const parts = /^\s*([^/\s]+)\s*(?:\/\s*([^/\s]+))?\s*$/.exec(text);
  const value = parts ? Number(parts[1]) / Number(parts[2] ?? 1) : Number.NaN;
  return Number.isFinite(value) && value !== 0 ? value : undefined;
}

function readNumbers(text: string): readonly number[] | undefined {
  const words = text.trim().split(/[\s,;]+/);
  const numbers = words.map(Number);
  return words[0] !== "" && numbers.every(Number.isFinite) ? numbers : undefined;
}

function sizeText([height, width]: readonly [number, number]): string {
  return height === width ? String(height) : `${height} × ${width}`;
}

function scaleText(scale: number): string {
  const inverse = 1 / scale;
  return Math.abs(inverse - Math.round(inverse)) < 1e-9 * inverse && inverse > 1 ? `1/${Math.round(inverse)}` : String(scale);
}

function listText(list: readonly number[]): string {
  return (list.every((one) => one === list[0]) ? list.slice(0, 1) : list).join(", ");
}
