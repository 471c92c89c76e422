/** @file Protobuf messages by tables of their fields, and the numbers of its wire format. */
import protobuf from "protobufjs/light.js";

/** A message's fields: name to number, type and rule. */
export type Fields = Readonly<Record<string, readonly [id: number, type: string, rule?: "repeated" | "packed" | "optional"]>>;

/** The types of a table of messages; what a table does not list is skipped when read. */
export function messageTypes(messages: Readonly<Record<string, Fields>>): protobuf.Root {
  const root = new protobuf.Root();
  for (const [name, fields] of Object.entries(messages)) {
    const type = new protobuf.Type(name);
    for (const [field, [id, fieldType, rule]] of Object.entries(fields)) {
      type.add(new protobuf.Field(field, id, fieldType, rule === "repeated" || rule === "packed" ? "repeated" : undefined, undefined, rule === "packed" ? { packed: true } : undefined));
    }
    root.add(type);
  }
  return root;
}

/** protobufjs gives 64-bit integers as `Long` where the `long` package is found. */
export type Int64 = number | { toNumber(): number; toString(): string };

/** A 64-bit integer as a number; beyond 2^53 it rounds. */
export function toNumber(value: Int64): number {
  return typeof value === "number" ? value : value.toNumber();
}

/** Reads one varint or tag sequence from a buffer: `[value, bytes read]`. */
export function readVarint(bytes: Uint8Array, at: number): [value: number, length: number] {
  const reader = protobuf.Reader.create(bytes.subarray(at));
  const value = Number(reader.uint64());
  return [value, reader.pos];
}
