/** @file A graph with functions as one flat list: what wanted values need, in an order in which every node stands behind what it reads, with calls replaced by what they call. */
import { WhylightError } from "../../errors.js";
import type { TfAttribute, TfFunction, TfGraph, TfNode } from "./graphDef.js";

/** A node by identity: the same node of a function that is called twice is two. */
export interface FlatNode {
  /** As in the file; where several calls give several nodes of one name, all but the first get a number. */
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, TfAttribute>>;
  readonly inputs: readonly FlatValue[];
}

/** An output of a node. */
export interface FlatValue {
  readonly node: FlatNode;
  readonly output: number;
}

const calls = new Set(["PartitionedCall", "StatefulPartitionedCall"]);
const conditionals = new Set(["If", "StatelessIf"]);
/** What a condition passes through on its way from a constant. */
const passing = new Set(["Identity", "PlaceholderWithDefault", "ReadVariableOp"]);

/** More nodes than any model has: functions that call functions twice each could otherwise multiply without end. */
const mostNodes = 100_000;
const deepestCalls = 64;

/** Operators with several outputs of different names, which inputs in functions name instead of counting them. */
const outputNames: Readonly<Record<string, readonly string[]>> = {
  FusedBatchNorm: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
  FusedBatchNormV2: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2"],
  FusedBatchNormV3: ["y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3"],
  TopKV2: ["values", "indices"], Switch: ["output_false", "output_true"], Merge: ["output", "value_index"], MaxPoolWithArgmax: ["output", "argmax"], Unique: ["y", "idx"],
};

/** A graph, or one call of a function: its nodes by name, and where its arguments come from. */
interface Scope {
  readonly nodes: ReadonlyMap<string, TfNode>;
  readonly args: ReadonlyMap<string, { readonly scope: Scope; readonly ref: string }>;
  readonly function: TfFunction | undefined;
  readonly caller: Scope | undefined;
  readonly depth: number;
  readonly placed: Map<string, FlatNode>;
  /** Nodes whose inputs are being placed. */
  readonly open: Set<string>;
  readonly called: Map<string, Scope>;
}

/** Flattens on demand; nodes keep their identity between two demands. */
export class Flattener {
  readonly #functions: TfGraph["functions"];
  readonly #main: Scope;
  readonly #names = new Map<string, number>();
  #count = 0;

  constructor(graph: TfGraph) {
    this.#functions = graph.functions;
    this.#main = scopeOf(graph.nodes, new Map(), undefined, undefined);
  }

  /** The values by their names in the graph ("node:0"), and every node they need that was not given before, in order. Throws `modelCorrupt` for what is missing, or goes round in circles. */
  flatten(names: readonly string[]): { readonly values: readonly FlatValue[]; readonly nodes: readonly FlatNode[] } {
    const order: FlatNode[] = [];
    const values = names.map((name) => this.#place(this.#main, name, order));
    return { values, nodes: order };
  }

  /** The nodes of some operators in the main graph and in the functions that a node of it calls, whatever reads them: variables are restored beside the flow of values. */
  effects(ops: ReadonlySet<string>, caller: string | undefined): readonly FlatNode[] {
    const call = caller === undefined ? undefined : this.#main.nodes.get(caller);
    const scopes = call && calls.has(call.op) ? [this.#main, this.#scopeOfCall(this.#main, call)] : [this.#main];
    const found: FlatNode[] = [];
    for (const scope of scopes) for (const node of scope.nodes.values()) if (ops.has(node.op)) found.push(this.#place(scope, node.name, []).node);
    return found;
  }

  /** By a stack of its own: chains of nodes are longer than the call stack allows. */
  #place(start: Scope, ref: string, order: FlatNode[]): FlatValue {
    const wanted = this.#resolve(start, ref);
    const stack: { readonly scope: Scope; readonly node: TfNode; readonly refs: readonly Resolved[]; next: number }[] = [];
    const push = ({ scope, node }: Resolved) => {
      if (scope.placed.has(node.name)) return;
      if (scope.open.has(node.name)) throw new WhylightError("modelCorrupt", { reason: `the node ${node.name} depends on itself` });
      scope.open.add(node.name);
      stack.push({ scope, node, refs: node.inputs.filter((input) => !input.startsWith("^")).map((input) => this.#resolve(scope, input)), next: 0 });
    };
    push(wanted);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const ahead = top.refs[top.next++];
      if (ahead !== undefined) push(ahead);
      else {
        stack.pop();
        top.scope.open.delete(top.node.name);
        order.push(this.#flatNode(top.scope, top.node, top.refs.map(({ scope, node, output }) => ({ node: scope.placed.get(node.name)!, output }))));
      }
    }
    return { node: wanted.scope.placed.get(wanted.node.name)!, output: wanted.output };
  }

  #flatNode(scope: Scope, { name, op, attributes }: TfNode, inputs: readonly FlatValue[]): FlatNode {
    if (++this.#count > mostNodes) throw new WhylightError("modelCorrupt", { reason: `its functions call each other more than ${mostNodes} times` });
    let unique = name;
    for (let i = this.#names.get(name) ?? 0; this.#names.has(unique); i++) {
      unique = `${name}/${i}`;
      this.#names.set(name, i + 1);
    }
    this.#names.set(unique, 1);
    const flat: FlatNode = { name: unique, op, attributes, inputs };
    scope.placed.set(name, flat);
    return flat;
  }

  /** The node that makes a value: arguments lead out of a function, calls into one. */
  #resolve(from: Scope, text: string): Resolved {
    let [scope, ref] = [from, text];
    for (let steps = 0; steps < 4 * deepestCalls; steps++) {
      const arg = scope.args.get(ref.split(":")[0]!);
      if (arg !== undefined) {
        ({ scope, ref } = arg);
        continue;
      }
      const [name, ...rest] = ref.split(":");
      const node = scope.nodes.get(name!);
      if (node === undefined) throw new WhylightError("modelCorrupt", { reason: `its graph has no node ${name}` });
      const output = outputOf(node.op, rest);
      const called = this.#calledBy(scope, node);
      if (called === undefined) return { scope, node, output };
      const inner = this.#scopeOfCall(scope, node);
      const result = called.results[output];
      if (result === undefined) throw new WhylightError("modelCorrupt", { reason: `the function ${called.name} has no result ${output}` });
      [scope, ref] = [inner, result];
    }
    throw new WhylightError("modelCorrupt", { reason: `the value ${text} leads from function to function without end` });
  }

  /** The function that a node stands for: of a conditional the branch that is taken, when that is known. */
  #calledBy(scope: Scope, { op, inputs, attributes }: TfNode): TfFunction | undefined {
    if (conditionals.has(op)) {
      const condition = this.#truthOf(scope, inputs[0] ?? "");
      return condition === undefined ? undefined : this.#functions.get(attributes[condition ? "then_branch" : "else_branch"]?.func ?? "");
    }
    return this.#functions.get(calls.has(op) ? (attributes["f"]?.func ?? "") : op);
  }

  /** What a condition always is; `undefined` where it depends on anything. */
  #truthOf(from: Scope, ref: string): boolean | undefined {
    let { scope, node } = this.#resolve(from, ref);
    for (let steps = 0; passing.has(node.op) && steps < deepestCalls; steps++) ({ scope, node } = this.#resolve(scope, node.inputs[0] ?? ""));
    const tensor = node.op === "Const" ? node.attributes["value"]?.tensor : undefined;
    const value = tensor && (tensor.content[0] ?? tensor.values[0]);
    return value === undefined ? undefined : value !== 0;
  }

  #scopeOfCall(scope: Scope, node: TfNode): Scope {
    const known = scope.called.get(node.name);
    if (known !== undefined) return known;
    const called = this.#calledBy(scope, node);
    if (called === undefined) throw new WhylightError("modelCorrupt", { reason: `it has no function ${node.attributes["f"]?.func ?? ""}, which ${node.name} calls` });
    for (let caller: Scope | undefined = scope; caller !== undefined; caller = caller.caller) if (caller.function === called) throw new WhylightError("modelCorrupt", { reason: `the function ${called.name} calls itself` });
    if (scope.depth >= deepestCalls) throw new WhylightError("modelCorrupt", { reason: "its functions call each other too deeply" });
    const inputs = node.inputs.filter((input) => !input.startsWith("^")).slice(conditionals.has(node.op) ? 1 : 0);
    const made = scopeOf(called.nodes, new Map(called.args.map((arg, i) => [arg, { scope, ref: inputs[i] ?? "" }])), called, scope);
    scope.called.set(node.name, made);
    return made;
  }
}

interface Resolved {
  readonly scope: Scope;
  readonly node: TfNode;
  readonly output: number;
}

const scopeOf = (nodes: readonly TfNode[], args: Scope["args"], called: TfFunction | undefined, caller: Scope | undefined): Scope =>
  ({ nodes: new Map(nodes.map((node) => [node.name, node])), args, function: called, caller, depth: caller === undefined ? 0 : caller.depth + 1, placed: new Map(), open: new Set(), called: new Map() });

/** "1" in graphs; "name:1" in functions, which counts within the outputs of that name. */
function outputOf(op: string, rest: readonly string[]): number {
  if (rest.length < 2) return Number(rest[0] ?? 0) || 0;
  return Math.max(0, (outputNames[op] ?? []).indexOf(rest[0]!)) + (Number(rest[1]) || 0);
}
