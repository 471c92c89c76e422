/** @file What a token looks like to people. */
import { bytesOf, textOfBytes } from "./byteLevel.js";
import { isRecord } from "../preprocess/fields.js";

/** How a vocabulary spells words. */
export interface Spelling {
  /** What parts of words begin with: "##". */
  readonly prefix: string;
  /** What words end with: "</w>". */
  readonly suffix: string;
  /** Whether tokens are bytes in the alphabet of printable characters. */
  readonly bytes: boolean;
  /** What stands for a space: "▁". */
  readonly mark: string;
}

/** How the parts of a tokenizer file spell words. */
export function spellingOf(parts: Readonly<Record<string, unknown>>): Spelling {
  const model = isRecord(parts["model"]) ? parts["model"] : {};
  const steps = [parts["normalizer"], parts["pre_tokenizer"], parts["decoder"]].flatMap(stepsOf);
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const marked = steps.find((step) => step["type"] === "Metaspace");
  return {
    prefix: text(model["continuing_subword_prefix"]),
    suffix: text(model["end_of_word_suffix"]),
    bytes: steps.some((step) => step["type"] === "ByteLevel"),
    // Without Metaspace, Llama's files replace the space in the normalizer.
    mark: text(marked?.["replacement"]) || (steps.some((step) => step["type"] === "Replace" && step["content"] === "▁") ? "▁" : ""),
  };
}

/** A step, or the steps of a sequence of them. */
function stepsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(value)) return [];
  const inner = value["normalizers"] ?? value["pretokenizers"] ?? value["decoders"];
  return Array.isArray(inner) ? inner.filter(isRecord) : [value];
}

/** A token without its vocabulary's marks. Bytes that are no whole character stay as they are spelled. */
export function displayToken(token: string, { prefix, suffix, bytes, mark }: Spelling): string {
  let shown = token;
  if (prefix !== "" && shown.length > prefix.length && shown.startsWith(prefix)) shown = shown.slice(prefix.length);
  if (suffix !== "" && shown.length > suffix.length && shown.endsWith(suffix)) shown = shown.slice(0, -suffix.length);
  if (mark !== "") shown = shown.replaceAll(mark, " ");
  const byte = /^<0x([0-7][0-9A-F])>$/.exec(shown);
  if (byte) return String.fromCharCode(parseInt(byte[1]!, 16));
  const spelled = bytes ? bytesOf(shown) : undefined;
  return (spelled && textOfBytes(spelled)) ?? shown;
}
