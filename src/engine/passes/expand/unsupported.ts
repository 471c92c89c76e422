/** @file The error for a form of an operator that cannot be taken apart. */
import { WhylightError } from "../../errors.js";
import type { Node } from "../../ir/graph.js";

/** `opUnsupported`, naming the operator, the form and the node. */
export function unsupportedForm(node: Node, form: string): WhylightError {
  return new WhylightError("opUnsupported", { op: `${node.op} (${form})`, node: node.name });
}
