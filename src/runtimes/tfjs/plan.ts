/** @file Turns a graph into steps: layouts chosen, constants computed, what no kernel covers left to the interpreter, lifetimes known. */
import type * as tfc from "@tensorflow/tfjs-core";
import { WhylightError } from "../../engine/errors.js";
import { typeOf, type Graph, type Node } from "../../engine/ir/graph.js";
import { isConcrete } from "../../engine/ir/shape.js";
import type { Tensor } from "../../engine/ir/tensor.js";
import type { Fallback } from "../../engine/runtime.js";
import type { TfjsBackend } from "./backend.js";
import { keyOf, NotReadYet, toLayout, type Constants, type Place } from "./constants.js";
import { planHostNode } from "./hostNode.js";
import { chooseLayout, type Layout } from "./layout.js";
import { lowerNode, whyNoKernel } from "./lowerNode.js";
import type { Kernel } from "./lowering.js";
import { NodeSite, type Surroundings } from "./nodeSite.js";
import { download, upload } from "./values.js";

/** What every step tells: which values it reads, writes, and is the last to read. */
interface StepOf<Where extends "device" | "host", Run> {
  readonly where: Where;
  readonly label: string;
  readonly run: Run;
  readonly reads: readonly string[];
  readonly writes: readonly (string | undefined)[];
  frees: readonly string[];
}

/** One kernel call, or one computation on plain tensors; either may read and write values of both places. */
export type Step = StepOf<"device", Kernel> | StepOf<"host", () => readonly Tensor[] | Promise<readonly Tensor[]>>;

/** A step before its lifetimes are known. */
export type NewStep = Omit<StepOf<"device", Kernel>, "frees"> | Omit<StepOf<"host", () => readonly Tensor[] | Promise<readonly Tensor[]>>, "frees">;

/** What a program runs. `live` and `hosts` are where steps find and leave values. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly live: Map<string, tfc.Tensor>;
  readonly hosts: Map<string, Tensor>;
  /** Graph inputs that some step or output reads. */
  readonly inputs: readonly string[];
  /** Per graph output: its key among the plain tensors, or the tensor where it is constant. */
  readonly outputs: readonly { readonly value: string; readonly from: string | Tensor }[];
  /** Operators the interpreter runs. */
  readonly fallbacks: readonly Fallback[];
}

/** Plans `graph` for a backend that is current. Values that depend only on constants are computed here. Throws `opUnsupported` for what not even the interpreter knows. */
export async function planGraph(backend: TfjsBackend, graph: Graph, constants: Constants): Promise<Plan> {
  const planner = new Planner(backend, graph, constants);
  for (const node of graph.nodes) await planner.add(node);
  return planner.finish();
}

/** The plan so far. */
class Planner implements Surroundings {
  readonly backend: TfjsBackend;
  readonly graph: Graph;
  readonly constants: Constants;
  readonly live = new Map<string, tfc.Tensor>();
  readonly hosts = new Map<string, Tensor>();
  readonly #steps: Step[] = [];
  /** Where each value was written first. */
  readonly #stored: Map<string, Place>;
  /** Keys of values that inputs and steps provide. */
  readonly #present: Set<string>;
  /** How many nodes still to come read each value. */
  readonly #uses: Map<string, number>;
  readonly #fallbacks = new Map<string, Fallback>();

  constructor(backend: TfjsBackend, graph: Graph, constants: Constants) {
    this.backend = backend;
    this.graph = graph;
    this.constants = constants;
    this.#stored = new Map(graph.inputs.map((input) => [input, "host"]));
    this.#present = new Set(graph.inputs.map((input) => keyOf(input, "host")));
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

  liveKey(value: string, place: Place): string {
    const wanted = place === "host" ? place : this.layoutOf(value, place);
    const key = keyOf(value, wanted);
    if (this.#present.has(key)) return key;
    const stored = this.#stored.get(value)!;
    const [{ tf }, { live, hosts }] = [this.backend, this];
    const { dtype } = typeOf(this.graph, value);
    if (wanted === "host") {
      const source = this.liveKey(value, "nchw");
      this.push({ where: "host", label: `${value} read back`, run: async () => [await download(live.get(source)!, dtype)], reads: [source], writes: [key] });
    } else if (stored === "host" && wanted === "nchw") {
      const source = keyOf(value, "host");
      this.push({ where: "device", label: `${value} uploaded`, run: () => upload(tf, hosts.get(source)!), reads: [source], writes: [key] });
    } else {
      const source = this.liveKey(value, wanted === "nhwc" ? "nchw" : "nhwc");
      this.push({ where: "device", label: `${value} to ${wanted}`, run: () => toLayout(tf, live.get(source)!, wanted), reads: [source], writes: [key] });
    }
    return key;
  }

  /** Appends a step; what it writes is there for all later ones. */
  push(step: NewStep): void {
    this.#steps.push({ ...step, frees: [] });
    for (const key of step.writes) if (key !== undefined) this.#present.add(key);
  }

  /** Says where a value is first written. */
  store(value: string, place: Place): void {
    if (value !== "") this.#stored.set(value, place);
  }

  /** Lowers a node, or leaves it to the interpreter; computes it at once when it reads nothing that is live. */
  async add(node: Node): Promise<void> {
    const { constants } = this;
    const reason = whyNoKernel(this.backend.kind, node, this.graph) ?? (await this.#lower(node));
    if (reason !== undefined) {
      if (reason !== "") this.#fallbacks.set(`${node.op}\n${reason}`, { op: node.op, reason });
      await planHostNode(this, node);
    }
    const used = node.inputs.filter((input) => constants.has(input));
    for (const input of used) this.#uses.set(input, this.#uses.get(input)! - 1);
    constants.release([...used, ""], (value) => this.#uses.get(value)! > 0);
  }

  /** The steps with what each may free, and where the outputs lie. */
  async finish(): Promise<Plan> {
    const outputs: { value: string; from: string | Tensor }[] = [];
    for (const value of this.graph.outputs) outputs.push({ value, from: this.constants.has(value) ? await this.constants.read(value) : this.liveKey(value, "host") });
    this.constants.release(this.graph.outputs, () => false);
    const kept = new Set(outputs.flatMap(({ from }) => (typeof from === "string" ? [from] : [])));
    const steps = withLifetimes(this.#steps, kept);
    const read = new Set([...steps.flatMap((step) => step.reads), ...kept]);
    return { steps, live: this.live, hosts: this.hosts, inputs: this.graph.inputs.filter((input) => read.has(keyOf(input, "host"))), outputs, fallbacks: [...this.#fallbacks.values()] };
  }

  /** Plans the node on the backend, or returns why that does not work. */
  async #lower(node: Node): Promise<string | undefined> {
    const { constants } = this;
    try {
      const choice = chooseLayout({
        node,
        shapes: node.inputs.map((input) => (input === "" ? undefined : this.shapeOf(input))),
        stored: node.inputs.map((input) => layoutAt(this.#stored.get(input))),
        outputShapes: node.outputs.map((output) => (output === "" ? [] : this.shapeOf(output))),
        numbers: (i) => (constants.has(node.inputs[i] ?? "") ? constants.numbers(node.inputs[i]!) : undefined),
      });
      const site = new NodeSite(this, node, choice.inputs);
      const lowered = lowerNode(site);
      if (typeof lowered === "string") return lowered;
      const layouts = node.outputs.map((output) => (output === "" ? "nchw" : this.layoutOf(output, choice.outputs)));
      if (site.reads.size === 0) this.#compute(node, lowered, layouts);
      else this.#pushKernel(node, lowered, layouts, site);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof NotReadYet)) throw thrown;
      await constants.read(thrown.value);
      return this.#lower(node);
    }
  }

  #compute(node: Node, run: Kernel, layouts: readonly Layout[]): void {
    const result: tfc.Tensor | tfc.Tensor[] = this.backend.tf.tidy(run);
    (Array.isArray(result) ? result : [result]).forEach((tensor, i) => {
      if ((node.outputs[i] ?? "") === "") tensor.dispose();
      else this.constants.add(node.outputs[i]!, layouts[i]!, tensor);
    });
  }

  #pushKernel(node: Node, run: Kernel, layouts: readonly Layout[], { reads, claims }: NodeSite): void {
    for (const key of claims) this.constants.claim(key);
    const writes = node.outputs.map((output, i) => (output === "" ? undefined : keyOf(output, layouts[i]!)));
    this.push({ where: "device", label: `${node.op} ${node.name}`, run, reads: [...reads], writes });
    node.outputs.forEach((output, i) => this.store(output, layouts[i]!));
  }
}

/** What is on the host comes in ONNX's order. */
function layoutAt(place: Place | undefined): Layout | undefined {
  return place === "host" ? "nchw" : place;
}

function countUses(graph: Graph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const value of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs]) uses.set(value, (uses.get(value) ?? 0) + 1);
  return uses;
}

/** Drops steps whose results nobody reads; each other one frees what nobody reads after it. What is kept is an output. */
function withLifetimes(steps: readonly Step[], kept: ReadonlySet<string>): Step[] {
  const needed = new Set(kept);
  const result: Step[] = [];
  for (const step of [...steps].reverse()) {
    if (!step.writes.some((key) => key !== undefined && needed.has(key))) continue;
    const keys = [...step.reads, ...step.writes.filter((key) => key !== undefined)];
    step.frees = [...new Set(keys)].filter((key) => !needed.has(key));
    for (const key of step.reads) needed.add(key);
    result.push(step);
  }
  return result.reverse();
}
