/** @file Which format a file has, told by its first bytes and, where those say too little, by its name. Weights are never read. */
import { fileNameOf, type ByteSource } from "./byteSource.js";
import type { ModelFormat } from "./importedModel.js";
import { decodeUtf8 } from "./utf8.js";

/** The first bytes of a file as a text of one character per byte, which signatures are compared with. */
const headLength = 512;
const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** The format of a model file; `undefined` for one that may be ONNX, which has no signature, or nothing at all. */
export function detectFormat(source: ByteSource): ModelFormat | undefined {
  const name = fileNameOf(source.path).toLowerCase();
  const bytes = source.read(0, Math.min(headLength, source.size));
  const head = latin1(bytes);
  if (head.startsWith("\x89HDF\r\n\x1a\n")) return "keras";
  // Both are zip archives; the name decides, since their contents may stand in any order.
  if (head.startsWith("PK\x03\x04")) return name.endsWith(".keras") ? "keras" : "pytorch";
  // PyTorch's oldest files are tar archives.
  if (isPickle(head) || head.startsWith("ustar", 257)) return "pytorch";
  if (name === "saved_model.pb") return "saved-model";
  if (head.charCodeAt(8) === 0x7b && isHeaderLength(bytes, source.size)) return "safetensors";
  if (/^\s*\{/.test(head)) return jsonFormat(source, name);
  return undefined;
}

/** A protocol-2-or-later pickle, as torch.save wrote before it wrote archives. */
function isPickle(head: string): boolean {
  return head.charCodeAt(0) === 0x80 && head.charCodeAt(1) >= 2 && head.charCodeAt(1) <= 5;
}

function isHeaderLength(bytes: Uint8Array, size: number): boolean {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)) <= size - 8;
}

/** Model descriptions name what they are near their beginning or, where the topology comes first, in their weights manifest at the end. */
function jsonFormat(source: ByteSource, name: string): ModelFormat | undefined {
  if (name.endsWith(".index.json")) return name.includes(".bin.") ? "pytorch" : "safetensors";
  const edge = Math.min(source.size, 1 << 16);
  const text = decodeUtf8(source.read(0, edge)) + decodeUtf8(source.read(source.size - edge, edge));
  if (/"format"\s*:\s*"graph-model"/.test(text)) return "tfjs-graph";
  if (/"format"\s*:\s*"layers-model"/.test(text)) return "tfjs-layers";
  if (/"modelTopology"|"weightsManifest"/.test(text)) return /"node"\s*:\s*\[/.test(text) ? "tfjs-graph" : "tfjs-layers";
  return undefined;
}
