/** @file Class names out of text files and model metadata. */
import { parseJson } from "../json.js";

/** One label per line; lines numbered with their own index ("0 tench", "0: tench") lose the number. Empty lines at the end do not count. */
export function readLabelsText(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, "").trimEnd().split(/\r?\n/).map((line) => line.trim());
  const bare = lines.map((line, i) => new RegExp(`^${i}\\s*[:,\\s]\\s*(\\S.*)$`).exec(line)?.[1]);
  return bare.every((line) => line !== undefined) ? bare : lines;
}

const metadataKeys = ["labels", "classes", "class_names", "names", "id2label", "label_names"];

/** Labels of a model's metadata: a JSON list or object, Python's print of a dict or list (as Ultralytics writes it), or words parted by lines or commas. */
export function readMetadataLabels(metadata: Readonly<Record<string, string>>): readonly string[] | undefined {
  for (const key of metadataKeys) {
    const text = metadata[key]?.trim();
    if (text) return fromJson(text) ?? fromPython(text) ?? fromWords(text);
  }
  return undefined;
}

function fromJson(text: string): readonly string[] | undefined {
  try {
    const value: unknown = parseJson(text);
    if (Array.isArray(value)) return value.map(String);
    if (typeof value === "object" && value !== null) return fromPairs(Object.entries(value).map(([id, label]) => [id, String(label)]));
  } catch {
    // Not JSON: the other readers try.
  }
  return undefined;
}

function fromPython(text: string): readonly string[] | undefined {
  if (!/^[[{(].*[\]})]$/s.test(text)) return undefined;
  const quoted = String.raw`(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")`;
  const plain = (word: string): string => word.replace(/\\(.)/g, "$1");
  if (!text.startsWith("{")) return [...text.matchAll(new RegExp(quoted, "g"))].map((match) => plain(match[1] ?? match[2] ?? ""));
  return fromPairs([...text.matchAll(new RegExp(String.raw`(\d+)\s*:\s*${quoted}`, "g"))].map((match) => [match[1]!, plain(match[2] ?? match[3] ?? "")]));
}

function fromPairs(pairs: readonly (readonly [string, string])[]): readonly string[] | undefined {
  const labels: string[] = [];
  for (const [id, label] of pairs) if (/^\d{1,7}$/.test(id)) labels[Number(id)] = label;
  return labels.length > 0 ? Array.from(labels, (label, i) => label ?? `class ${i}`) : undefined;
}

function fromWords(text: string): readonly string[] {
  return text.split(text.includes("\n") ? /\r?\n/ : ",").map((word) => word.trim());
}
