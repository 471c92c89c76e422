/** @file Keeps what a model's programs gave for the last inputs, within bounds. */
import { createHash } from "node:crypto";
import type { Memo } from "../engine/attribution/memo.js";
import type { Tensor } from "../engine/ir/tensor.js";

export interface InputMemo extends Memo {
  clear(): void;
}

/** The methods of one panel on one image ask less than this; layers of large images are kept only while they fit. */
const [mostEntries, mostBytes] = [24, 64e6];

/** A memo that forgets what was asked for longest ago. */
export function createInputMemo(): InputMemo {
  const kept = new Map<string, Readonly<Record<string, Tensor>>>();
  let bytes = 0;
  const forget = (key: string) => {
    bytes -= bytesOf(kept.get(key) ?? {});
    kept.delete(key);
  };
  return {
    ask: (program, inputs) => {
      const key = keyOf(program, inputs);
      const known = kept.get(key);
      if (known) {
        kept.delete(key);
        kept.set(key, known);
      }
      return {
        outputs: known && copy(known),
        keep: (outputs) => {
          const size = bytesOf(outputs);
          if (size > mostBytes) return;
          forget(key);
          kept.set(key, copy(outputs));
          bytes += size;
          for (const oldest of kept.keys()) if (kept.size > mostEntries || bytes > mostBytes) forget(oldest);
        },
      };
    },
    clear: () => {
      kept.clear();
      bytes = 0;
    },
  };
}

/** By content: a picture that was saved again has the same key, one that was changed has another. */
function keyOf(program: string, inputs: Readonly<Record<string, Tensor>>): string {
  const hash = createHash("sha256").update(program);
  for (const [name, { dtype, shape, data }] of Object.entries(inputs)) hash.update(`\n${name} ${dtype} ${shape.join("x")}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

const bytesOf = (tensors: Readonly<Record<string, Tensor>>) => Object.values(tensors).reduce((total, { data }) => total + data.byteLength, 0);
const copy = (tensors: Readonly<Record<string, Tensor>>) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as Tensor]));
