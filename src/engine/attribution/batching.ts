/** @file How many images go through a program at once: as many as help, as memory holds, and as a person who cancels will wait for. */
import { toWhylightError } from "../errors.js";
import { dependents, typeOf, type Graph } from "../ir/graph.js";
import { bytesPerElement, float32, sizeOf, type Tensor, type TensorArray } from "../ir/tensor.js";

/** Beyond this a processor gains nothing. */
const mostAtOnce = 16;

/** What a program does with an image: the scores alone, or their gradient too. */
export const passes = ["forward", "gradient"] as const;
export type Pass = (typeof passes)[number];

/**
 * The share of all activations that a run is thought to hold at its peak, until runs have told: forward it frees them as it goes, a gradient needs many of them, and its own.
 * No runtime needed more of ResNet-50 and ViT-B/16: ONNX Runtime 0.05 to 0.1 and 0.3 to 0.45, native TensorFlow 0.3 and 0.4.
 */
const held: Readonly<Record<Pass, number>> = { forward: 0.35, gradient: 0.8 };

/** Less than this share of the estimate is not believed: what another program gave back is taken again without the process growing. */
const leastBelieved = 0.25;

/** Activations in one batch, in bytes. A run cannot be stopped, and two cores take about half a second for so much (ResNet-50: 8 images forward, 5 differentiated). */
const soon: Readonly<Record<Pass, number>> = { forward: 900e6, gradient: 600e6 };

/** A batch of another size wants a program of its own: it has to be that many times as large, and to run at least twice. */
const worthAnother = 2;

/** What was learnt of the batches that one model's programs hold on one runtime. */
export interface BatchLimits {
  /** The most at once, for a kind of batch: a pass at a shape. */
  most(kind: string): number;
  /** Memory ran out with more than `most`, which is not tried again. */
  cut(kind: string, most: number): void;
  /** Bytes that one item of such a batch takes while it runs; `undefined` until a run told. */
  bytes(kind: string): number | undefined;
  /** A batch of so many ran. */
  ran(kind: string, size: number): void;
}

/** Limits that nothing was learnt for yet. `taken` tells what the last run took of memory, in bytes, where that can be told. */
export function createBatchLimits(taken: () => number | undefined = () => undefined): BatchLimits {
  const found = new Map<string, number>();
  const told = new Map<string, number>();
  return {
    most: (kind) => found.get(kind) ?? Infinity, cut: (kind, most) => void found.set(kind, most),
    bytes: (kind) => told.get(kind),
    ran: (kind, size) => {
      const bytes = taken();
      if (bytes !== undefined) told.set(kind, Math.max(told.get(kind) ?? 0, bytes / size));
    },
  };
}

export interface BatchJob {
  /** Specialised to one item. */
  readonly graph: Graph;
  readonly pass: Pass;
  readonly count: number;
  /** The size is chosen as for so many items, so that jobs of fewer share its program; `count` when left out. */
  readonly as?: number | undefined;
  /** Bytes that a batch may take. */
  readonly memory: number;
  readonly kind: string;
  readonly limits: BatchLimits;
  /** As many at once as wanted, or one where the model takes no more. */
  readonly atOnce: (wanted: number) => number;
}

export interface BatchPlan extends Pick<BatchJob, "count" | "kind" | "limits"> {
  /** Items at once, by what is known now. */
  size(): number;
  /** What a run of so many holds at its peak beside the weights, in bytes. */
  bytes(size: number): number;
}

/**
 * Programs have a fixed size, so the last batch is filled up: the size that wastes least wins, and of those the largest. What an item takes is estimated until a run of the kind has told.
 */
export function planBatches({ graph, pass, count, as = count, memory, kind, limits, atOnce }: BatchJob): BatchPlan {
  const activations = Math.max(1, activationBytes(graph));
  const thought = held[pass] * activations;
  const perItem = () => Math.max(limits.bytes(kind) ?? thought, leastBelieved * thought);
  const most = Math.min(mostAtOnce, Math.floor(soon[pass] / activations), as);
  return {
    count, kind, limits,
    size: () => Math.min(atOnce(leastWaste(as, Math.max(1, Math.min(most, Math.floor(memory / perItem()))))), limits.most(kind)),
    bytes: (size) => size * perItem(),
  };
}

/** The size of batches for `count` items, at most `most`. */
function leastWaste(count: number, most: number): number {
  // A batch costs about what a tenth of an image does, whatever is in it.
  const cost = (size: number) => Math.ceil(count / size) * (size + 0.1);
  return Array.from({ length: most }, (_, i) => most - i).reduce((best, size) => (cost(size) < cost(best) ? size : best), most);
}

/**
 * Goes through the items in batches of a fixed size, the last one filled up. Where memory runs out the size is halved and `evaluate` called with the same `first` again, so that nothing is lost or done twice:
 * it must count nothing before it has succeeded. A batch of one that does not fit throws `outOfMemory`. Where a batch turns out to take much less than was thought, larger ones follow.
 */
export async function inBatches(plan: BatchPlan, evaluate: (first: number, filled: number, size: number) => Promise<void>): Promise<void> {
  const { count, kind, limits } = plan;
  let at = plan.size();
  for (let first = 0; first < count;) {
    const filled = Math.min(at, count - first);
    try {
      await evaluate(first, filled, at);
      first += filled;
      limits.ran(kind, at);
      const size = plan.size();
      if (size >= worthAnother * at && count - first >= worthAnother * size) at = size;
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

/** What a run of so many is thought to hold at its peak beside the weights, in bytes. `graph` is specialised to one item. */
export function peakBytes(graph: Graph, pass: Pass, atOnce: number): number {
  return held[pass] * activationBytes(graph) * atOnce;
}

/** What all values take that a graph computes of its inputs. Weights that it brings into another form are computed once, however large the batch. */
export function activationBytes(graph: Graph): number {
  const varies = dependents(graph);
  return graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => varies.has(output)).reduce((total, output) => {
    const { dtype, shape } = typeOf(graph, output);
    return total + sizeOf(shape as readonly number[]) * bytesPerElement[dtype];
  }, 0);
}
