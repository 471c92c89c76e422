/** @file How many images go through a program at once: as many as help, as memory holds, and as a person who cancels will wait for. */
import { dependents, typeOf, type Graph } from "../ir/graph.js";
import { bytesPerElement, sizeOf } from "../ir/tensor.js";

/** Beyond this a processor gains nothing. */
const mostAtOnce = 16;

/** The share of all activations a runtime holds at its peak: forward it frees them as it goes, a gradient needs nearly all of them, and its own. */
const held = { forward: 0.35, gradient: 1.5 } as const;

/** Activations in one batch, in bytes. A run cannot be stopped, and two cores take about half a second for so much (ResNet-50: 8 images forward, 5 differentiated). */
const soon = { forward: 900e6, gradient: 600e6 } as const;

/**
 * The size of batches for `count` images. `graph` is specialised to one image, `memory` is what may be taken, in bytes.
 * Programs have a fixed size, so the last batch is filled up: the size that wastes least wins, and of those the largest.
 */
export function batchSize(graph: Graph, pass: keyof typeof held, count: number, memory: number): number {
  const bytes = Math.max(1, activationBytes(graph));
  const fits = Math.floor(Math.min(memory / held[pass], soon[pass]) / bytes);
  const most = Math.max(1, Math.min(mostAtOnce, fits, count));
  // A batch costs about what a tenth of an image does, whatever is in it.
  const cost = (size: number) => Math.ceil(count / size) * (size + 0.1);
  return Array.from({ length: most }, (_, i) => most - i).reduce((best, size) => (cost(size) < cost(best) ? size : best), most);
}

/** What all values take that a graph computes of its inputs. Weights that it brings into another form are computed once, however large the batch. */
export function activationBytes(graph: Graph): number {
  const varies = dependents(graph);
  return graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => varies.has(output)).reduce((total, output) => {
    const { dtype, shape } = typeOf(graph, output);
    return total + sizeOf(shape as readonly number[]) * bytesPerElement[dtype];
  }, 0);
}
