/** @file How many images go through a program at once: as many as help, as memory holds, and as a person who cancels will wait for. */
import { toWhylightError } from "../errors.js";
import { dependents, typeOf, type Graph } from "../ir/graph.js";
import { bytesPerElement, float32, sizeOf, type Tensor, type TensorArray } from "../ir/tensor.js";

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

/** What a run of so many images holds at its peak beside the weights, in bytes. `graph` is specialised to one image. */
export function peakBytes(graph: Graph, pass: keyof typeof held, atOnce: number): number {
  return held[pass] * activationBytes(graph) * atOnce;
}

/** What was learnt of the batches that one model's programs hold on one runtime: those that memory ran out with are not tried again. */
export interface BatchLimits {
  /** The most at once, for a kind of batch: a pass at a shape. */
  most(kind: string): number;
  /** Memory ran out with more than `most`. */
  cut(kind: string, most: number): void;
}

/** Limits that nothing was learnt for yet. */
export function createBatchLimits(): BatchLimits {
  const found = new Map<string, number>();
  return { most: (kind) => found.get(kind) ?? Infinity, cut: (kind, most) => void found.set(kind, most) };
}

export interface BatchPlan {
  readonly count: number;
  /** Items at once to begin with. */
  readonly size: number;
  readonly kind: string;
  readonly limits: BatchLimits;
}

/**
 * Goes through `count` items in batches of a fixed size, the last one filled up. Where memory runs out the size is halved and `evaluate` called with the same `first` again, so that nothing is lost or done twice:
 * it must count nothing before it has succeeded. A batch of one that does not fit throws `outOfMemory`.
 */
export async function inBatches({ count, size, kind, limits }: BatchPlan, evaluate: (first: number, filled: number, size: number) => Promise<void>): Promise<void> {
  let at = Math.min(size, limits.most(kind));
  for (let first = 0; first < count;) {
    const filled = Math.min(at, count - first);
    try {
      await evaluate(first, filled, at);
      first += filled;
    } catch (thrown) {
      if (at === 1 || toWhylightError(thrown).code !== "outOfMemory") throw thrown;
      at = Math.floor(at / 2);
      limits.cut(kind, at);
    }
  }
}

/** From so many images at once on none takes less time (ResNet-50 and ViT-B/16 differentiated, up to 8), and each takes memory. */
const enoughAtOnce = 4;

/** Runs rows that need nothing of each other a few at a time, and joins what they give. All parts are of one size: the last begins early enough to be full. */
export async function inRows(batch: Tensor, run: (rows: Tensor) => Promise<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const [count, ...row] = batch.shape as [number, ...number[]];
  if (count <= enoughAtOnce) return run(batch);
  const size = Math.ceil(count / Math.ceil(count / enoughAtOnce));
  const joined: Record<string, Tensor> = {};
  for (let first = 0; first < count; first += size) {
    const from = Math.min(first, count - size);
    const rows = ({ shape, data }: Tensor): TensorArray => data.subarray(from * sizeOf(shape.slice(1)), (from + size) * sizeOf(shape.slice(1)));
    const outputs = await run({ ...batch, shape: [size, ...row], data: rows(batch) });
    for (const [name, output] of Object.entries(outputs)) {
      joined[name] ??= float32([count, ...output.shape.slice(1)], new Float32Array(count * sizeOf(output.shape.slice(1))));
      (rows(joined[name]) as Float32Array).set(output.data as Float32Array);
    }
  }
  return joined;
}

/** What all values take that a graph computes of its inputs. Weights that it brings into another form are computed once, however large the batch. */
export function activationBytes(graph: Graph): number {
  const varies = dependents(graph);
  return graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => varies.has(output)).reduce((total, output) => {
    const { dtype, shape } = typeOf(graph, output);
    return total + sizeOf(shape as readonly number[]) * bytesPerElement[dtype];
  }, 0);
}
