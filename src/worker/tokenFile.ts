/** @file The ids of a text's tokens in a tensor file, as other tokenizers leave them. */
import { WhylightError } from "../engine/errors.js";
import { formatShape } from "../engine/ir/shape.js";
import { isFloat, toNumbers } from "../engine/ir/tensor.js";
import type { TokenIds } from "../protocol/text.js";
import { readTensors } from "./prepareInput.js";
import { quietly } from "./quietly.js";

/** What models of texts call the ids, and what else such files carry. */
const names = { ids: "input_ids", types: "token_type_ids", mask: "attention_mask" } as const;

/** Whether a tensor file is a text's. A file that cannot be read is not, and is read again where that is said. */
export function holdsTokenIds(path: string): boolean {
  return quietly(() => readTensors(path).has(names.ids)) ?? false;
}

/** The ids of one text, without the padding at its end. Throws `inputNotFound` and `inputInvalid`. */
export function readTokenIds(path: string): TokenIds {
  const tensors = readTensors(path);
  const fail = (reason: string): never => { throw new WhylightError("inputInvalid", { path, reason }); };
  const rowOf = (name: string): readonly number[] | undefined => {
    const found = tensors.get(name);
    if (found === undefined) return undefined;
    const { dtype, shape } = found;
    const isRow = shape.length === 1 || (shape.length === 2 && shape[0] === 1);
    return isRow && !isFloat(dtype) ? toNumbers(found) : fail(`its tensor ${name} is ${dtype}${formatShape(shape)}: give whole numbers of one text, [1, tokens]`);
  };
  const ids = rowOf(names.ids) ?? fail(`it has no tensor named ${names.ids}`);
  const [types, mask] = [rowOf(names.types), rowOf(names.mask)];
  for (const row of [types, mask]) if (row && row.length !== ids.length) fail(`it has ${ids.length} tokens, and ${row.length} types or places of a mask`);
  if (ids.some((id) => id < 0)) fail("ids of tokens are 0 or more");
  if (types?.some((type) => type !== 0 && type !== 1)) fail("types of tokens are 0 for the first text and 1 for the second");
  const length = mask ? mask.findLastIndex((value) => value !== 0) + 1 : ids.length;
  if (length === 0) fail("it holds no tokens");
  if (mask?.slice(0, length).includes(0)) fail("its mask leaves out tokens before the end");
  return { ids: ids.slice(0, length), ...(types && { types: types.slice(0, length) }) };
}
