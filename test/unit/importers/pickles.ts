/** @file Pickles written instruction by instruction, and the files of torch.save around them. Texts stand for bytes, one character each. */
import { zipOf, type ZipPart } from "./zipFiles.js";

const little = (value: number, bytes: number) => Array.from({ length: bytes }, (_, i) => String.fromCharCode(Math.floor(value / 256 ** i) % 256)).join("");

export const global = (module: string, name: string) => `c${module}\n${name}\n`;
export const text = (value: string) => `X${little(value.length, 4)}${value}`;
export const int = (value: number) => `J${little(value, 4)}`;
export const tuple = (...items: readonly string[]) => `(${items.join("")}t`;
export const list = (...items: readonly string[]) => `](${items.join("")}e`;
export const dict = (pairs: Readonly<Record<string, string>>) => `}(${Object.entries(pairs).map(([key, value]) => text(key) + value).join("")}u`;
export const call = (callee: string, ...args: readonly string[]) => `${callee}${tuple(...args)}R`;
export const stackGlobal = (module: string, name: string) => `${text(module)}${text(name)}\x93`;

export const storage = (key = "0", elements = 4, type = global("torch", "FloatStorage")) => `${tuple(text("storage"), type, text(key), text("cpu"), int(elements))}Q`;
export const tensor = ({ of = storage(), offset = 0, shape = [4], strides = [1] }: { of?: string; offset?: number; shape?: readonly number[]; strides?: readonly number[] } = {}) =>
  call(global("torch._utils", "_rebuild_tensor_v2"), of, int(offset), tuple(...shape.map(int)), tuple(...strides.map(int)), "\x89", call(global("collections", "OrderedDict")));

export const pickle = (value: string, protocol = 2) => Buffer.from(`\x80${String.fromCharCode(protocol)}${value}.`, "latin1");

/** An archive around a pickle, with a storage "0" of four float32 numbers. */
export const archive = (value: string | Buffer, parts: readonly ZipPart[] = [{ name: "weights/data/0", data: Buffer.alloc(16) }]): Buffer =>
  zipOf([{ name: "weights/data.pkl", data: typeof value === "string" ? pickle(value) : value }, ...parts]);

const magic = `\x8a\x0a${"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"}`;
const system = dict({ protocol_version: int(1001), little_endian: "\x88" });

/** A legacy file around a pickle, with the same storage. */
export const legacy = (value: string, { keys = list(text("0")), storages = `${little(4, 8)}${"\0".repeat(16)}`, first = magic, about = system }: { keys?: string; storages?: string; first?: string; about?: string } = {}): Buffer =>
  Buffer.concat([...[first, int(1001), about, value, keys].map((part) => pickle(part)), Buffer.from(storages, "latin1")]);
