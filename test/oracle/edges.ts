/**
 * @file Inputs on the edge between two linear pieces. The gradient of a ReLU network is constant within the pieces of its input space and jumps between them. Where two elements of a pooled window
 * are one float32 step apart, rounding decides which piece an input lies in, and two correct libraries may differ by the whole jump. This tells such a case from a mistake.
 */
import { attribute, type AttributeJob } from "../../src/engine/attribution/attribute.js";
import type { Prepared } from "../../src/engine/attribution/prepare.js";
import { toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../src/engine/reference/referenceRuntime.js";
import type { ReadRange } from "../../src/engine/runtime.js";
import { smooth } from "../unit/engine/numbers.js";

/** A map that is a weighted sum of gradients: where they are taken, their weights, and what the sum is multiplied by. */
export interface GradientSum {
  readonly points: readonly { readonly input: Tensor; readonly weight: number }[];
  readonly factor: (i: number) => number;
}

type Job = Omit<AttributeJob, "method" | "parameters">;

const nudges = 8;
/** Float32 noise within one piece stays well below this; jumps that matter are above. */
const same = 2e-5;

/**
 * The error that remains when, at points on an edge, the gradient of a piece next to it may stand for ours. A neighbour is what the interpreter gives in float64 at the input moved by a millionth,
 * and ours must be one of the neighbours itself, or lie among them; else `undefined`: the case is a mistake.
 */
export async function errorUpToEdges({ points, factor }: GradientSum, expected: readonly number[], job: Job, prepared: Prepared, readRange: ReadRange): Promise<{ error: number; edges: number } | undefined> {
  const gradientAt = async (input: Tensor, compile = job.compile) => (await attribute({ ...job, input, compile, method: "saliency", parameters: {} }, prepared)).attribution.data;
  const program = referenceRuntime.compile.bind(referenceRuntime);
  const compiled = new Map<string, ReturnType<typeof program>>();
  const exactly: Job["compile"] = (key, build) => {
    const found = compiled.get(key) ?? program(build(), readRange);
    compiled.set(key, found);
    return found;
  };
  const total = new Float64Array(expected.length);
  const add = (gradient: ArrayLike<number>, weight: number) => total.forEach((_, i) => { total[i]! += weight * gradient[i]!; });
  const scale = Math.max(...expected.map(Math.abs));
  const error = () => Math.max(...expected.map((value, i) => Math.abs(factor(i) * total[i]! - value))) / scale;
  let edges = 0;
  const ours: Float32Array[] = [];
  for (const { input, weight } of points) {
    const own = await gradientAt(input);
    ours.push(own);
    add(own, weight);
  }
  for (const [k, { input, weight }] of points.entries()) {
    const exact = await gradientAt(widened(input, 0), exactly);
    const neighbours = [exact];
    // Alone it may be the recording that lies on the other side, so a single point's neighbours are always looked at.
    if (distance(ours[k]!, exact) <= same && points.length > 1) continue;
    for (let nudge = 1; nudge <= nudges; nudge++) neighbours.push(await gradientAt(widened(input, nudge), exactly));
    // A nearly even image ties in many windows at once, and no neighbour is quite ours; then ours must be no further from the exact gradient than such neighbours are.
    const isNext = neighbours.some((neighbour) => distance(ours[k]!, neighbour) <= same) || distance(ours[k]!, exact) <= Math.max(...neighbours.map((neighbour) => distance(neighbour, exact)));
    if (!isNext) return undefined;
    edges++;
    const before = ours[k]!;
    let best = { error: error(), gradient: before };
    for (const neighbour of neighbours) {
      add(before, -weight);
      add(neighbour, weight);
      if (error() < best.error) best = { error: error(), gradient: neighbour };
      add(neighbour, -weight);
      add(before, weight);
    }
    add(before, -weight);
    add(best.gradient, weight);
  }
  return { error: error(), edges };
}

/** In float64, moved by at most a millionth. */
function widened({ shape, data }: Tensor, nudge: number): Tensor {
  const noise = nudge === 0 ? undefined : toNumbers(smooth(shape, nudge, -1e-6, 1e-6));
  return { dtype: "float64", shape, data: Float64Array.from(data as Float32Array, (value, i) => value + (noise?.[i] ?? 0)) };
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, scale] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return difference / scale;
}
