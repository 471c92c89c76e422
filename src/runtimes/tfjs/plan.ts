/** @file Turns a graph into steps: layouts chosen, constants computed, lifetimes known. */
import type * as tfc from "@tensorflow/tfjs-core";
import { WhylightError } from "../../engine/errors.js";
import type { Graph, Node } from "../../engine/ir/graph.js";
import { isConcrete } from "../../engine/ir/shape.js";
import type { TfjsBackend } from "./backend.js";
import { keyOf, toLayout, type Constants } from "./constants.js";
import { chooseLayout, type Layout } from "./layout.js";
import type { Kernel } from "./lowering.js";
import { lowerings } from "./lowerings.js";
import { NodeSite, type Surroundings } from "./nodeSite.js";

/** One kernel call: which live values it reads, writes, and is the last to read. */
export interface Step {
  readonly label: string;
  readonly run: Kernel;
  readonly reads: readonly string[];
  readonly writes: readonly (string | undefined)[];
  frees: readonly string[];
}

/** What a program runs. `live` is where steps find and leave tensors. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly live: Map<string, tfc.Tensor>;
  /** Graph inputs that some step reads. */
  readonly inputs: readonly string[];
  /** Per graph output: its key among the live values, or among the constants. */
  readonly outputs: readonly { readonly value: string; readonly key: string; readonly isConstant: boolean }[];
}

/** Plans `graph` for a backend that is current. Values that depend only on constants are computed here. Throws `opUnsupported`. */
export function planGraph(backend: TfjsBackend, graph: Graph, constants: Constants): Plan {
  const planner = new Planner(backend, graph, constants);
  for (const node of graph.nodes) planner.add(node);
  return planner.finish();
}

/** The plan so far. */
class Planner implements Surroundings {
  readonly backend: TfjsBackend;
  readonly graph: Graph;
  readonly constants: Constants;
  readonly live = new Map<string, tfc.Tensor>();
  readonly #steps: Step[] = [];
  readonly #stored: Map<string, Layout>;
  /** Keys of values that inputs and steps provide. */
  readonly #present: Set<string>;
  /** How many nodes still to come read each value. */
  readonly #uses: Map<string, number>;

  constructor(backend: TfjsBackend, graph: Graph, constants: Constants) {
    this.backend = backend;
    this.graph = graph;
    this.constants = constants;
    this.#stored = new Map(graph.inputs.map((input) => [input, "nchw"]));
    this.#present = new Set(graph.inputs);
    this.#uses = countUses(graph);
  }

  shapeOf(value: string): readonly number[] {
    const shape = this.graph.types.get(value)?.shape;
    if (!isConcrete(shape)) throw new WhylightError("shapeUnknown", { value });
    return shape;
  }

  layoutOf(value: string, layout: Layout): Layout {
    return this.shapeOf(value).length === 4 ? layout : "nchw";
  }

  liveKey(value: string, layout: Layout): string {
    const wanted = this.layoutOf(value, layout);
    const key = keyOf(value, wanted);
    if (this.#present.has(key)) return key;
    const source = keyOf(value, this.#stored.get(value)!);
    const [{ tf }, live] = [this.backend, this.live];
    this.#steps.push({ label: `${value} to ${wanted}`, run: () => toLayout(tf, live.get(source)!, wanted), reads: [source], writes: [key], frees: [] });
    this.#present.add(key);
    return key;
  }

  /** Lowers a node, and computes it at once when it reads nothing that is live. */
  add(node: Node): void {
    const { constants } = this;
    const shapeOf = (value: string) => this.shapeOf(value);
    const choice = chooseLayout({
      node,
      shapes: node.inputs.map((input) => (input === "" ? undefined : shapeOf(input))),
      stored: node.inputs.map((input) => this.#stored.get(input)),
      outputShapes: node.outputs.map((output) => (output === "" ? [] : shapeOf(output))),
      numbers: (i) => (constants.has(node.inputs[i] ?? "") ? constants.numbers(node.inputs[i]!) : undefined),
    });
    const site = new NodeSite(this, node, choice.inputs);
    const lowering = lowerings[node.op];
    if (lowering === undefined) throw site.unsupported("TensorFlow.js has no lowering for it");
    const run = lowering(site);
    const layouts = node.outputs.map((output) => (output === "" ? "nchw" : this.layoutOf(output, choice.outputs)));
    if (site.reads.size === 0) this.#compute(node, run, layouts);
    else this.#push(node, run, layouts, site);

    const used = node.inputs.filter((input) => constants.has(input));
    for (const input of used) this.#uses.set(input, this.#uses.get(input)! - 1);
    constants.release([...used, ""], (value) => this.#uses.get(value)! > 0);
  }

  /** The steps with what each may free, and where the outputs lie. */
  finish(): Plan {
    const outputs = this.graph.outputs.map((value) => {
      const isConstant = this.constants.has(value);
      if (!isConstant) return { value, key: this.liveKey(value, "nchw"), isConstant };
      this.constants.get(value, "nchw");
      this.constants.claim(value);
      return { value, key: value, isConstant };
    });
    markLastReads(this.#steps, new Set(outputs.map(({ key }) => key)));
    const read = new Set([...this.#steps.flatMap((step) => step.reads), ...outputs.map(({ key }) => key)]);
    return { steps: this.#steps, live: this.live, inputs: this.graph.inputs.filter((input) => read.has(input)), outputs };
  }

  #compute(node: Node, run: Kernel, layouts: readonly Layout[]): void {
    const result: tfc.Tensor | tfc.Tensor[] = this.backend.tf.tidy(run);
    (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
      if ((node.outputs[i] ?? "") === "") tensor.dispose();
      else this.constants.add(node.outputs[i]!, layouts[i]!, tensor);
    });
  }

  #push(node: Node, run: Kernel, layouts: readonly Layout[], { reads, claims }: NodeSite): void {
    for (const key of claims) this.constants.claim(key);
    const writes = node.outputs.map((output, i) => (output === "" ? undefined : keyOf(output, layouts[i]!)));
    this.#steps.push({ label: `${node.op} ${node.name}`, run, reads: [...reads], writes, frees: [] });
    node.outputs.forEach((output, i) => this.#stored.set(output, layouts[i]!));
    for (const key of writes) if (key !== undefined) this.#present.add(key);
  }
}

function countUses(graph: Graph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const value of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs]) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/** Each step frees what nobody reads after it; outputs are kept. */
function markLastReads(steps: readonly Step[], kept: ReadonlySet<string>): void {
  const needed = new Set(kept);
  for (const step of [...steps].reverse()) {
    const keys = [...step.reads, ...step.writes.filter((key) => key !== undefined)];
    step.frees = [...new Set(keys.filter((key) => !needed.has(key)))];
    for (const key of keys) needed.add(key);
  }
}
