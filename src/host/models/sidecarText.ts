/** @file What the form states, merged into the text of a sidecar file: what the form does not know stays as it is. Pure. */
import type { StatedDescription } from "../../protocol/modelPage.js";

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The new text. Throws a `SyntaxError` for a file that is no JSON, which is not written over. */
export function sidecarText(before: string | undefined, { labels, preprocess }: StatedDescription): string {
  const known: unknown = before === undefined || before.trim() === "" ? {} : JSON.parse(before.replace(/^\uFEFF/, ""));
  if (!isObject(known)) throw new SyntaxError("not an object");
  const { labels: oldLabels, labelsFile, preprocess: oldPreprocess, ...others } = known;
  const result: Record<string, unknown> = { ...others };
  if (labels === undefined) Object.assign(result, oldLabels === undefined ? {} : { labels: oldLabels }, labelsFile === undefined ? {} : { labelsFile });
  else if (labels.length > 0) result["labels"] = labels;
  if (preprocess) result["preprocess"] = { ...(isObject(oldPreprocess) ? oldPreprocess : {}), ...preprocess };
  else if (oldPreprocess !== undefined) result["preprocess"] = oldPreprocess;
  return `${compactNumbers(JSON.stringify(ordered(result, known), null, 2))}\n`;
}

/** In the order that the file had, new fields last. */
function ordered(result: Json, before: Json): Json {
  const keys = [...Object.keys(before), ...Object.keys(result)].filter((key) => key in result);
  return Object.fromEntries([...new Set(keys)].map((key) => [key, result[key]]));
}

/** Lists of numbers on one line, as people write sizes and means. */
function compactNumbers(text: string): string {
  return text.replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_, numbers: string) => `[${numbers.replace(/,\s+/g, ", ")}]`);
}
