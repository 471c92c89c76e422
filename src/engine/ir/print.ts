/** @file The text form of a graph, one line per value, for people, golden tests and `inspect`. */
import { isInMemory, isSubgraph, type Attribute, type Graph } from "./graph.js";
import { formatShape } from "./shape.js";

function formatAttribute(value: Attribute): string {
  if (isSubgraph(value)) return `{ ${value.nodes.length} nodes }`;
  if (typeof value === "object" && "dtype" in value) return `${value.dtype}${formatShape(value.shape)}`;
  return typeof value === "object" ? `[${value.join(", ")}]` : JSON.stringify(value);
}

function formatType(graph: Graph, value: string): string {
  const type = graph.types.get(value);
  return type ? `${type.dtype}${formatShape(type.shape)}` : "?";
}

/**
 * ```
 * graph main(input: float32[batch, 3, 8, 8]) {
 *   weight w: float32[4, 3, 3, 3]
 *   y: float32[batch, 4, 6, 6] = Conv(input, w) strides=[1, 1]
 *   return y
 * }
 * ```
 */
export function print(graph: Graph): string {
  const lines = [`graph ${graph.name}(${graph.inputs.map((input) => `${input}: ${formatType(graph, input)}`).join(", ")}) {`];
  for (const [name, initializer] of graph.initializers) {
    const where = isInMemory(initializer) ? (initializer.data.length <= 8 ? ` = [${initializer.data.join(", ")}]` : "") : ` @ ${initializer.range.offset}`;
    lines.push(`  weight ${name}: ${initializer.dtype}${formatShape(initializer.shape)}${where}`);
  }
  for (const node of graph.nodes) {
    const outputs = node.outputs.map((output) => (output === "" ? "_" : `${output}: ${formatType(graph, output)}`)).join(", ");
    const attributes = Object.entries(node.attributes).map(([key, value]) => ` ${key}=${formatAttribute(value)}`).join("");
    lines.push(`  ${outputs} = ${node.op}(${node.inputs.map((input) => input || "_").join(", ")})${attributes}`);
  }
  return [...lines, `  return ${graph.outputs.join(", ")}`, "}"].join("\n");
}
