/** @file A node that the interpreter runs, as a step between plain tensors. */
import { WhylightError } from "../../engine/errors.js";
import type { Node } from "../../engine/ir/graph.js";
import { isFloat, type Tensor } from "../../engine/ir/tensor.js";
import { kernels } from "../../engine/reference/interpreter.js";
import { interpretNode, toInterpreter } from "../interpretNode.js";
import { keyOf, type Constants, type Place } from "./constants.js";
import { activationAttribute } from "./fuse.js";
import type { NewStep } from "./plan.js";
import type { Surroundings } from "./nodeSite.js";

/** What planning such a node needs. */
interface HostPlanner extends Surroundings {
  readonly constants: Constants;
  readonly hosts: ReadonlyMap<string, Tensor>;
  liveKey(value: string, place: Place): string;
  push(step: NewStep): void;
  store(value: string, place: Place): void;
}

/** Plans `node` in the interpreter; computes it at once when everything it reads is constant. Throws `opUnsupported` when the interpreter has no kernel either. */
export async function planHostNode(planner: HostPlanner, node: Node): Promise<void> {
  const { graph, constants, hosts } = planner;
  if (kernels[node.op] === undefined) throw new WhylightError("opUnsupported", { op: node.op, node: node.name });
  const reads: string[] = [];
  const operands = await Promise.all(node.inputs.map(async (input) => {
    if (input === "") return () => undefined;
    if (constants.has(input)) {
      const array = toInterpreter(graph, input, await constants.read(input));
      return () => array;
    }
    const key = planner.liveKey(input, "host");
    reads.push(key);
    return () => toInterpreter(graph, input, hosts.get(key)!);
  }));
  const run = () => interpretNode(node, operands.map((operand) => operand())).map((tensor) => activated(node, tensor));
  const results = reads.length === 0 ? run() : undefined;
  if (results === undefined) planner.push({ where: "host", label: `${node.op} ${node.name}`, run, reads, writes: node.outputs.map((output) => (output === "" ? undefined : keyOf(output, "host"))) });
  node.outputs.forEach((output, i) => {
    if (output === "") return;
    if (results === undefined) planner.store(output, "host");
    else constants.addHost(output, results[i]!);
  });
}

/** The activation that was merged into a convolution. */
function activated(node: Node, tensor: Tensor): Tensor {
  if (node.attributes[activationAttribute] === undefined || !isFloat(tensor.dtype)) return tensor;
  return { ...tensor, data: (tensor.data as Float32Array).map((value) => Math.max(0, value)) };
}
