/** @file With what a layer is called: references to other layers' results, and constants, in the forms of Keras 2 and 3. */
import { isRecord } from "../../preprocess/fields.js";

/** A result of a layer: which of its calls, and which of that call's results. */
export class TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
  constructor(layer: string, call: number, output: number) {
    this.layer = layer;
    this.call = call;
    this.output = output;
  }
}

/** What stands in a call: `Value` is a reference, or what it refers to. */
export type Argument<Value> = Value | string | number | boolean | null | readonly Argument<Value>[] | { readonly [key: string]: Argument<Value> };

export interface Call<Value = TensorRef> {
  readonly args: readonly Argument<Value>[];
  readonly kwargs: Readonly<Record<string, Argument<Value>>>;
}

/** The calls that `inbound_nodes` lists; `names` are the model's layers. */
export function readCalls(value: unknown, names: ReadonlySet<string>): readonly Call[] {
  return Array.isArray(value) ? value.map((call: unknown) => (isRecord(call) ? readKeras3(call) : readKeras2(call, names))).filter(({ args, kwargs }) => args.length > 0 || Object.keys(kwargs).length > 0) : [];
}

function readKeras3(call: Readonly<Record<string, unknown>>): Call {
  const args = plain(call["args"], keras3Ref);
  const kwargs = plain(call["kwargs"], keras3Ref);
  return { args: Array.isArray(args) ? args : [], kwargs: isRecord(kwargs) ? kwargs as Call["kwargs"] : {} };
}

/** Items `[layer, call, output, keywords]`, or one such item alone; constants stand as a layer of their own name. */
function readKeras2(call: unknown, names: ReadonlySet<string>): Call {
  const items: readonly unknown[] = Array.isArray(call) ? (typeof call[0] === "string" ? [call] : call) : [];
  const asRef = (value: unknown) => (Array.isArray(value) && names.has(value[0]) ? refOf(value) : undefined);
  const args = items.map((item): Argument<TensorRef> => (Array.isArray(item) && item[0] === "_CONSTANT_VALUE" ? plain(item[2], asRef) : refOf(item) ?? null));
  const kwargs = items.flatMap((item) => (Array.isArray(item) && isRecord(item[3]) ? [plain(item[3], asRef) as Call["kwargs"]] : []));
  return { args, kwargs: Object.assign({}, ...kwargs) as Call["kwargs"] };
}

function keras3Ref(value: unknown): TensorRef | undefined {
  if (!isRecord(value) || value["class_name"] !== "__keras_tensor__" || !isRecord(value["config"])) return undefined;
  return refOf(value["config"]["keras_history"]);
}

function refOf(value: unknown): TensorRef | undefined {
  if (!Array.isArray(value) || typeof value[0] !== "string" || !Number.isInteger(value[1]) || !Number.isInteger(value[2])) return undefined;
  return new TensorRef(value[0], value[1] as number, value[2] as number);
}

/** JSON with references in it; constant tensors become lists. */
function plain(value: unknown, asRef: (value: unknown) => TensorRef | undefined): Argument<TensorRef> {
  const ref = asRef(value);
  if (ref !== undefined) return ref;
  if (Array.isArray(value)) return value.map((item) => plain(item, asRef));
  if (!isRecord(value)) return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
  const isConstant = ["__tensor__", "__numpy__", "__array__"].includes(String(value["class_name"])) && isRecord(value["config"]);
  if (isConstant) return plain((value["config"] as Readonly<Record<string, unknown>>)["value"], asRef);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, asRef)]));
}

/** Every reference in a call or list, in order. `input_layers` and `output_layers` are lists of them, one alone, or named ones. */
export function refsIn(value: unknown): readonly TensorRef[] {
  if (value instanceof TensorRef) return [value];
  const ref = refOf(value);
  if (ref !== undefined) return [ref];
  const items: readonly unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return items.flatMap(refsIn);
}

/** The same arguments with every reference replaced by what it refers to. */
export function resolved<Value>(argument: Argument<TensorRef>, valueOf: (ref: TensorRef) => Value): Argument<Value> {
  if (argument instanceof TensorRef) return valueOf(argument);
  if (Array.isArray(argument)) return argument.map((item: Argument<TensorRef>) => resolved(item, valueOf));
  if (isRecord(argument)) return Object.fromEntries(Object.entries(argument).map(([key, item]) => [key, resolved(item as Argument<TensorRef>, valueOf)]));
  return argument as string | number | boolean | null;
}
