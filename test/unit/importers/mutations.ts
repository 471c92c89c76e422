/** @file Changes of model files at random, for fast-check: of their bytes, and of the JSON in them. A change is data, so that a failing one can be printed and made smaller. */
import fc from "fast-check";

/** Where in a file: structure stands at its beginning and its end, so most changes go there. */
export interface Place {
  readonly from: "start" | "end" | "anywhere";
  readonly at: number;
}

export type ByteEdit =
  | { readonly kind: "set"; readonly place: Place; readonly bytes: readonly number[] }
  | { readonly kind: "insert"; readonly place: Place; readonly bytes: readonly number[] }
  | { readonly kind: "remove" | "repeat"; readonly place: Place; readonly length: number }
  | { readonly kind: "cut"; readonly place: Place }
  | { readonly kind: "number"; readonly place: Place; readonly size: 4 | 8; readonly value: bigint };

const place = fc.oneof(
  { weight: 3, arbitrary: fc.record({ from: fc.constant("start" as const), at: fc.nat(2048) }) },
  { weight: 3, arbitrary: fc.record({ from: fc.constant("end" as const), at: fc.nat(2048) }) },
  { weight: 2, arbitrary: fc.record({ from: fc.constant("anywhere" as const), at: fc.nat(1 << 24) }) },
);
const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));
/** Lengths and offsets that a reader must not believe. */
const absurd = fc.oneof(fc.constantFrom(0n, 1n, -1n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, (1n << 53n) + 1n, (1n << 63n) - 1n, 1n << 63n), fc.bigInt({ min: 0n, max: 1n << 40n }));

export const byteEdits: fc.Arbitrary<readonly ByteEdit[]> = fc.array(fc.oneof<fc.Arbitrary<ByteEdit>[]>(
  fc.record({ kind: fc.constant("set" as const), place, bytes: fc.array(byte, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constant("insert" as const), place, bytes: fc.array(byte, { minLength: 1, maxLength: 12 }) }),
  fc.record({ kind: fc.constantFrom("remove" as const, "repeat" as const), place, length: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant("cut" as const), place }),
  fc.record({ kind: fc.constant("number" as const), place, size: fc.constantFrom(4 as const, 8 as const), value: absurd }),
), { minLength: 1, maxLength: 4 });

export function editBytes(bytes: Buffer, edits: readonly ByteEdit[]): Buffer {
  return edits.reduce((now, edit) => editOnce(now, edit), bytes);
}

function editOnce(bytes: Buffer, edit: ByteEdit): Buffer {
  const at = edit.place.at % Math.max(1, bytes.length);
  const position = edit.place.from === "end" ? bytes.length - at : at;
  const [before, after] = [bytes.subarray(0, position), bytes.subarray(position)];
  switch (edit.kind) {
    case "set": return Buffer.concat([before, Buffer.from(edit.bytes), after.subarray(edit.bytes.length)]);
    case "insert": return Buffer.concat([before, Buffer.from(edit.bytes), after]);
    case "remove": return Buffer.concat([before, after.subarray(edit.length)]);
    case "repeat": return Buffer.concat([before, after.subarray(0, edit.length), after]);
    case "cut": return Buffer.from(before);
    case "number": {
      const number = Buffer.alloc(8);
      number.writeBigUInt64LE(BigInt.asUintN(64, edit.value));
      return Buffer.concat([before, number.subarray(0, edit.size), after.subarray(edit.size)]);
    }
  }
}

/** A change of one value of a JSON text, the `index`th counted in depth-first order. */
export interface JsonEdit {
  readonly index: number;
  readonly change: { readonly kind: "remove" | "double" } | { readonly kind: "scale"; readonly by: number } | { readonly kind: "replace"; readonly value: unknown } | { readonly kind: "copy"; readonly from: number };
}

const strange: readonly unknown[] = [null, true, -1, 0, 1, 1e9, 2 ** 31, 2 ** 53, 1e308, 0.5, "", "x", "../../x", "/etc/passwd", "__proto__", "constructor", [], {}, [[]], [-1], [0], [1e9, 1e9], { length: 1e9 }, "9".repeat(400)];

export const jsonEdits: fc.Arbitrary<readonly JsonEdit[]> = fc.array(fc.record({
  index: fc.nat(1 << 20),
  change: fc.oneof<fc.Arbitrary<JsonEdit["change"]>[]>(
    fc.record({ kind: fc.constantFrom("remove" as const, "double" as const) }),
    fc.record({ kind: fc.constant("scale" as const), by: fc.constantFrom(-1, 0, 0.5, 2, 3, 1000, 1e6) }),
    fc.record({ kind: fc.constant("replace" as const), value: fc.oneof(fc.constantFrom(...strange), fc.jsonValue({ maxDepth: 2 })) }),
    fc.record({ kind: fc.constant("copy" as const), from: fc.nat(1 << 20) }),
  ),
}), { minLength: 1, maxLength: 3 });

export function editJson(text: string, edits: readonly JsonEdit[]): string {
  const root = { value: JSON.parse(text) as unknown };
  for (const { index, change } of edits) {
    const places = [...placesIn(root)];
    if (places.length === 0) break;
    const { holder, key } = places[index % places.length]!;
    const value = holder[key];
    switch (change.kind) {
      case "remove":
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
        break;
      case "double":
        if (Array.isArray(holder)) holder.push(structuredClone(value));
        else holder[`${key}2`] = structuredClone(value);
        break;
      case "scale":
        holder[key] = typeof value === "number" ? value * change.by : change.by;
        break;
      case "replace":
        holder[key] = structuredClone(change.value);
        break;
      case "copy": {
        const other = places[change.from % places.length]!;
        holder[key] = structuredClone(other.holder[other.key]);
      }
    }
  }
  return JSON.stringify(root.value) ?? "null";
}

type Holder = Record<string, unknown>;

function* placesIn(holder: unknown): Generator<{ holder: Holder; key: string }> {
  if (typeof holder !== "object" || holder === null) return;
  for (const key of Object.keys(holder)) {
    yield { holder: holder as Holder, key };
    yield* placesIn((holder as Holder)[key]);
  }
}
