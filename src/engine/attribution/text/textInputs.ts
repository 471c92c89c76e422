/** @file Which input of a text model holds what: token ids, mask, token types, positions, earlier keys and values, switches. */
import { WhylightError } from "../../errors.js";
import { typeOf, type Graph } from "../../ir/graph.js";
import { isFloat, type DType } from "../../ir/tensor.js";
import { lookups, sourceOf } from "./lookups.js";

/** Inputs by what they are for. */
export interface TextInputs {
  readonly ids: string;
  /** 1 for tokens, 0 for padding. */
  readonly mask: string | undefined;
  readonly types: string | undefined;
  /** `[batch, tokens]`, `[1, tokens]` or `[tokens]`: 0, 1, 2 ... */
  readonly positions: readonly string[];
  /** Keys and values of earlier tokens, of which there are none. */
  readonly pasts: readonly string[];
  /** What exporters add for generating text: whether earlier keys are used (no), how many rows of scores are wanted (0 means all). */
  readonly switches: readonly string[];
}

/** What inputs are called, the most telling first: "cache_position" holds positions. */
const names = {
  switches: /^use_cache|^num_logits|^logits_to_keep/i,
  positions: /position/i,
  types: /token_type|segment|type_ids/i,
  mask: /mask/i,
  pasts: /past|cache/i,
  ids: /input_ids|^(input[._]?)?(ids|tokens?)(:\d+)?$/i,
} as const;
type Role = keyof typeof names;

const isInteger = (dtype: DType) => /^u?int(32|64)$/.test(dtype);
const roleOf = (name: string) => (Object.keys(names) as Role[]).find((role) => names[role].test(name));

/** What makes a text model unfit for what is asked of it. */
export const unsuitable = (reason: string) => new WhylightError("modelUnsuitable", { reason });

const quoted = (inputs: readonly string[]) => inputs.map((name) => `"${name}"`).join(", ");

/** Sorts the inputs of a graph. Throws `modelUnsuitable` where it takes no token ids, two texts, or what nobody can give. */
export function textInputsOf(graph: Graph): TextInputs {
  const isRead = (name: string) => graph.outputs.includes(name) || graph.nodes.some(({ inputs }) => inputs.includes(name));
  const called = (role: Role) => graph.inputs.filter((name) => roleOf(name) === role);
  const [switches, positions, types, masks, pasts] = [called("switches"), called("positions"), called("types"), called("mask"), called("pasts")];
  // Rows of the tables that each input picks from.
  const rows = new Map<string, number>();
  for (const lookup of lookups(graph)) {
    const source = sourceOf(graph, lookup.node.inputs[1]!);
    rows.set(source, Math.max(lookup.rows, rows.get(source) ?? 0));
  }
  const takesRows = (name: string) => typeOf(graph, name).shape?.length === 2 && isInteger(typeOf(graph, name).dtype);
  const free = graph.inputs.filter((name) => ![switches, positions, types, masks, pasts].some((role) => role.includes(name)) && takesRows(name));
  const byName = free.filter((name) => roleOf(name) === "ids");
  if (byName.length > 1) throw unsuitable(`it takes two texts, ${quoted(byName)}`);
  const ids = byName[0] ?? free.filter((name) => rows.has(name)).toSorted((a, b) => rows.get(b)! - rows.get(a)!)[0];
  if (ids === undefined) {
    const takesImages = graph.inputs.some((name) => isFloat(typeOf(graph, name).dtype) && typeOf(graph, name).shape?.length === 4 && !pasts.includes(name));
    throw unsuitable(takesImages ? "it takes images, not text" : "no input holds token ids");
  }
  // What has no telling name is told by what it does: types pick rows of another table, a mask picks none.
  const others = free.filter((name) => name !== ids && isRead(name));
  const mask = masks[0] ?? others.find((name) => !rows.has(name));
  const type = types[0] ?? others.find((name) => rows.has(name));
  const used = [ids, mask, type, ...positions, ...pasts, ...switches];
  const rest = graph.inputs.filter((name) => !used.includes(name) && isRead(name));
  if (rest.length > 0) throw unsuitable(`besides the text it takes ${quoted(rest)}`);
  return { ids, mask, types: type, positions, pasts, switches };
}
