/** @file The parameters of methods: a table per method says what each may be; reading checks what people gave and fills in the rest. */
import { WhylightError } from "../errors.js";
import { formatShape } from "../ir/shape.js";

/** Numbers in row-major order with their shape. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What people may give: numbers, words, or a tensor out of a file. */
export type ParameterValue = number | string | boolean | PlainTensor;

/** A number within bounds, or one of a few words such as "auto". */
export interface NumberSpec<Word extends string = string> {
  readonly kind: "number";
  readonly default: number | Word;
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly words?: readonly Word[];
}

export interface ChoiceSpec<Choice extends string = string> {
  readonly kind: "choice";
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

/** One or several of the choices, separated by commas; with `tensors`, a tensor of the input's shape may stand among them (a file, which the caller reads). */
export interface ListSpec<Choice extends string = string> {
  readonly kind: "list";
  readonly default: Choice;
  readonly choices: readonly Choice[];
  readonly tensors?: boolean;
}

export interface FlagSpec {
  readonly kind: "flag";
  readonly default: boolean;
}

/** A tensor that nobody has to give. */
export interface TensorSpec {
  readonly kind: "tensor";
}

export type ParameterSpec = NumberSpec | ChoiceSpec | ListSpec | FlagSpec | TensorSpec;
export type ParameterTable = Readonly<Record<string, ParameterSpec>>;

/** The checked value of one parameter. */
export type ValueOf<Spec> = Spec extends { kind: "number"; words: readonly (infer Word)[] } ? number | Word
  : Spec extends { kind: "number" } ? number
  : Spec extends { kind: "choice"; choices: readonly (infer Choice)[] } ? Choice
  : Spec extends { kind: "list"; choices: readonly (infer Choice)[] } ? readonly (Choice | PlainTensor)[]
  : Spec extends { kind: "flag" } ? boolean
  : Spec extends { kind: "tensor" } ? PlainTensor | undefined
  : never;

export type Values<Table extends ParameterTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** Given values: a list may hold tensors among its words once the caller has read its files. */
export type GivenParameters = Readonly<Record<string, ParameterValue | readonly (string | PlainTensor)[]>>;

const fail = (parameter: string, reason: string): never => {
  throw new WhylightError("parameterInvalid", { parameter, reason });
};

const isTensor = (value: unknown): value is PlainTensor => typeof value === "object" && value !== null && "shape" in value && "data" in value;

/** How each kind reads what was given. */
const readers: { readonly [Kind in ParameterSpec["kind"]]: (name: string, spec: Extract<ParameterSpec, { kind: Kind }>, given: GivenParameters[string] | undefined) => unknown } = {
  number: (name, spec, given) => {
    const value = given ?? spec.default;
    const words = spec.words ?? [];
    if (typeof value === "string" && words.includes(value)) return value;
    if (typeof value !== "number" || !Number.isFinite(value)) return fail(name, `it must be a number${words.length > 0 ? ` or ${words.join(", ")}` : ""}`);
    if (spec.integer && !Number.isInteger(value)) return fail(name, "it must be a whole number");
    if (spec.min !== undefined && value < spec.min) return fail(name, `it must be at least ${spec.min}`);
    if (spec.max !== undefined && value > spec.max) return fail(name, `it must be at most ${spec.max}`);
    return value;
  },
  choice: (name, spec, given) => {
    const value = given ?? spec.default;
    return spec.choices.includes(value as string) ? value : fail(name, `it must be one of ${spec.choices.join(", ")}`);
  },
  list: (name, spec, given) => {
    const items: readonly unknown[] = Array.isArray(given) ? given : isTensor(given) ? [given] : (given === undefined ? spec.default : typeof given === "string" ? given : "").split(",").map((item) => item.trim()).filter((item) => item !== "");
    const known = (item: unknown) => (isTensor(item) ? spec.tensors === true : spec.choices.includes(item as string));
    if (items.length === 0 || !items.every(known)) return fail(name, `it must be one or more of ${spec.choices.join(", ")}${spec.tensors ? ", or a file" : ""}`);
    return items;
  },
  flag: (name, spec, given) => {
    const value = given ?? spec.default;
    return typeof value === "boolean" ? value : fail(name, "it must be true or false");
  },
  tensor: (name, _, given) => (given === undefined || isTensor(given) ? given : fail(name, "it must be a tensor, as @FILE#TENSOR")),
};

/** Checks what was given against the table and fills in defaults. Throws `parameterInvalid` naming the first that is wrong, or that the method does not have. */
export function readParameters<Table extends ParameterTable>(method: string, table: Table, given: GivenParameters): Values<Table> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) fail(name, `${method} has no such parameter${Object.keys(table).length > 0 ? `, only ${Object.keys(table).join(", ")}` : ""}`);
  }
  const read = ([name, spec]: [string, ParameterSpec]) => [name, (readers[spec.kind] as (name: string, spec: ParameterSpec, given: unknown) => unknown)(name, spec, given[name])];
  return Object.fromEntries(Object.entries(table).map(read)) as Values<Table>;
}

/** Every parameter with its value as people would write it, for the record; tensors by their shape. Absent tensors are left out. */
export function recordParameters(values: Readonly<Record<string, unknown>>): Record<string, number | string | boolean> {
  const text = (value: unknown): number | string | boolean => (isTensor(value) ? `tensor ${formatShape(value.shape)}` : Array.isArray(value) ? value.map(text).join(",") : (value as number | string | boolean));
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, text(value)]])));
}
