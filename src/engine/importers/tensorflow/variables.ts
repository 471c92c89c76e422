/** @file Which tensor of a checkpoint each variable is restored from, as the graph that restores them says. */
import type { Flattener, FlatNode, FlatValue } from "./flatten.js";

const assignments = new Set(["AssignVariableOp", "Assign"]);
/** What restored tensors pass through before they are assigned. */
const passing = new Set(["Identity", "Reshape"]);

/** Variables to the names of their tensors. `restore` is the node that restores them: a call of a function, or in TensorFlow 1 one that stands for assignments in the main graph. */
export function restoredFrom(flattener: Flattener, restore: string | undefined): ReadonlyMap<FlatNode, string> {
  const found = new Map<FlatNode, string>();
  for (const { inputs: [variable, value] } of flattener.effects(assignments, restore)) {
    const name = value && restoredName(value);
    if (variable && name !== undefined) found.set(variable.node, name);
  }
  return found;
}

/** The name of the tensor that `RestoreV2` gives there; `undefined` for values of other origin, such as initial ones. */
function restoredName({ node, output }: FlatValue): string | undefined {
  let [from, at] = [node, output];
  for (let steps = 0; passing.has(from.op) && from.inputs[0] !== undefined && steps < 8; steps++) ({ node: from, output: at } = from.inputs[0]);
  return from.op === "RestoreV2" ? from.inputs[1]?.node.attributes["value"]?.tensor?.strings[at] : undefined;
}
