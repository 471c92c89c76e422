/** @file Decides whether a backend runs a node by kernels, or the interpreter does. */
import { WhylightError } from "../../engine/errors.js";
import type { Graph, Node } from "../../engine/ir/graph.js";
import { needsExactIntegers } from "./exactIntegers.js";
import type { BackendKind, Kernel, Site } from "./lowering.js";
import { lowerings } from "./lowerings.js";

/** What WGSL code of the WebGPU backend can index. */
const mostAxes = 6;
/** Operators that give the same elements another shape, which costs no kernel. */
const renames: ReadonlySet<string> = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"]);

/** Why no kernel runs this node, whatever its attributes; empty where the reason is no lack of the backend's but the exactness of integers. `undefined` when one may. */
export function whyNoKernel(kind: BackendKind, node: Node, graph: Graph): string | undefined {
  const dtype = (value: string) => graph.types.get(value)?.dtype;
  if (lowerings[node.op] === undefined) return "TensorFlow.js has no kernel for it";
  const runsShader = kind === "webgpu" && !renames.has(node.op);
  if (runsShader && [...node.inputs, ...node.outputs].some((value) => (graph.types.get(value)?.shape?.length ?? 0) > mostAxes)) return `TensorFlow.js has no shader for more than ${mostAxes} axes`;
  return needsExactIntegers(node, node.inputs.map(dtype), node.outputs.map(dtype), runsShader) ? "" : undefined;
}

/** The node's kernel, or why this form of the operator has none. */
export function lowerNode(site: Site): Kernel | string {
  try {
    return lowerings[site.node.op]!(site);
  } catch (thrown) {
    if (thrown instanceof WhylightError && thrown.code === "opUnsupported") return `TensorFlow.js has no kernel for ${String(thrown.data["reason"])}`;
    throw thrown;
  }
}
