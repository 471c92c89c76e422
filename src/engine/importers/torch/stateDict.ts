/** @file The state dict in what people save: alone, or somewhere in a training checkpoint. */
import { TorchTensor, type Pickled } from "./pickled.js";

/** Tensors by name, in the order of the file. */
export type StateDict = ReadonlyMap<string, TorchTensor>;

/**
 * Under these keys training programs keep the weights, here in the order in which they are tried: the names that say what they are first, averaged weights
 * only where there are no plain ones. "optimizer", "epoch" and whatever else is there is left out.
 */
const keys = [
  "state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "net_state_dict", "weights", "params", "parameters", "backbone", "encoder", "teacher", "student", "generator",
  "ema_state_dict", "state_dict_ema", "model_ema", "ema_model", "ema", "params_ema",
];
/** What wrappers put before every name: DataParallel and torch.compile. */
const wrappers = ["module.", "_orig_mod."];
/** Nested deeper, dictionaries are no checkpoint but a puzzle. */
const deepest = 4;

/** The state dict; `undefined` where none is found. Names lose what wrappers put before them. */
export function stateDictOf(value: Pickled): StateDict | undefined {
  const found = search(value, deepest, new Set());
  return found && unwrap(found);
}

/** Nested ones go first: beside them, tensors are counters and the like. */
function search(value: Pickled, depth: number, seen: Set<Pickled>): StateDict | undefined {
  if (!(value instanceof Map) || depth === 0 || seen.has(value)) return undefined;
  seen.add(value);
  for (const key of keys) {
    const found = search((value as ReadonlyMap<Pickled, Pickled>).get(key) ?? null, depth - 1, seen);
    if (found) return found;
  }
  const tensors = [...(value as ReadonlyMap<Pickled, Pickled>)].filter((entry): entry is [string, TorchTensor] => typeof entry[0] === "string" && entry[1] instanceof TorchTensor);
  return tensors.length === 0 ? undefined : new Map(tensors);
}

function unwrap(tensors: StateDict): StateDict {
  let unwrapped = tensors;
  for (let layer = 0; layer < deepest; layer++) {
    const wrapper = wrappers.find((prefix) => [...unwrapped.keys()].every((name) => name.startsWith(prefix)));
    if (wrapper === undefined) break;
    unwrapped = new Map([...unwrapped].map(([name, tensor]) => [name.slice(wrapper.length), tensor]));
  }
  return unwrapped;
}
