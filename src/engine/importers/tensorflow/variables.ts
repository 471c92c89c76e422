/** @file Which tensor of a checkpoint each variable is restored from, as the graph that restores them says. */
import type { Flattener, FlatNode, FlatValue } from "./flatten.js";

const assignments = new Set(["AssignVariableOp", "Assign"]);
/** What restored tensors pass through before they are assigned. */
const passing = new Set(["Identity", "Reshape"]);

/** Variables to the names of their tensors. `restore` is the node that restores them: a call of a function, or in TensorFlow 1 one that stands for assignments in the main graph. */
export function restoredFrom(flattener: Flattener, restore: string | undefined): ReadonlyMap<FlatNode, string> {
  const found = new Map<FlatNode, string>();
  const copies: (readonly [copy: FlatNode, original: FlatNode])[] = [];
  for (const { inputs: [variable, value] } of flattener.effects(assignments, restore)) {
    if (variable === undefined || value === undefined) continue;
    const { node, output } = sourceOf(value);
    const name = node.op === "RestoreV2" ? node.inputs[1]?.node.attributes["value"]?.tensor?.strings[output] : undefined;
    if (name !== undefined) found.set(variable.node, name);
    if (node.op === "ReadVariableOp" && node.inputs[0]) copies.push([variable.node, node.inputs[0].node]);
  }
  // Keras's models saved by TensorFlow itself: copies made for saving are restored, and what the model reads is what they were copied from.
  for (const [copy, original] of copies) if (found.has(copy) && !found.has(original)) found.set(original, found.get(copy)!);
  return found;
}

function sourceOf(value: FlatValue): FlatValue {
  let source = value;
  for (let steps = 0; passing.has(source.node.op) && source.node.inputs[0] !== undefined && steps < 8; steps++) source = source.node.inputs[0];
  return source;
}
