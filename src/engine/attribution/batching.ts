/** @file How many images go through a program at once: as many as help and as memory holds. */
import { typeOf, type Graph } from "../ir/graph.js";
import { bytesPerElement, sizeOf } from "../ir/tensor.js";

/** Beyond this a processor gains nothing, and progress and cancelling come late. */
const mostAtOnce = 8;

/** The share of all activations a runtime holds at its peak: forward it frees them as it goes, a gradient needs nearly all of them, and its own. */
const held = { forward: 0.35, gradient: 1.5 } as const;

/**
 * The size of batches for `count` images. `graph` is specialised to one image, `memory` is what may be taken, in bytes.
 * Programs have a fixed size, so the last batch is filled up: the size that wastes least wins, and of those the largest.
 */
export function batchSize(graph: Graph, pass: keyof typeof held, count: number, memory: number): number {
  const bytes = graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => output !== "").reduce((total, output) => {
    const { dtype, shape } = typeOf(graph, output);
    return total + sizeOf(shape as readonly number[]) * bytesPerElement[dtype];
  }, 0);
  const fits = Math.floor(memory / Math.max(1, bytes * held[pass]));
  const most = Math.max(1, Math.min(mostAtOnce, fits, count));
  // A batch costs about what a third of an image does, whatever is in it.
  const cost = (size: number) => Math.ceil(count / size) * (size + 0.3);
  return Array.from({ length: most }, (_, i) => most - i).reduce((best, size) => (cost(size) < cost(best) ? size : best), most);
}
