/** @file What kernels of the WebGPU backend leave out: more than four axes, and integers in shaders that were written for floats. */
import type * as tfc from "@tensorflow/tfjs-core";
import { sizeOf } from "../../engine/ir/tensor.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import { replaceKernel, type KernelCall } from "./replaceKernel.js";

type Tensor = tfc.Tensor;

/** Computes a call by calls that the backend covers; `undefined` where it covers this one. */
type Mend = (tf: TensorflowJs, call: KernelCall) => Tensor | undefined;

/** The coordinates that WGSL has vectors for; those of more axes are structures, which its shaders index all the same. */
const mostAxes = 4;

let areMended = false;

/** Replaces kernels for every user of the backend, once. */
export function mendWebgpuKernels(tf: TensorflowJs): void {
  if (areMended) return;
  areMended = true;
  // Whoever calls a kernel outside of `tf.tidy` must not be left with what was made on the way.
  for (const [name, mend] of Object.entries(mends)) replaceKernel(tf, name, "webgpu", (call) => tf.tidy(() => mend(tf, call) as Tensor));
}

/** Works on the view `[outer, size, inner]` of each axis in turn; `work` returns nothing for an axis that stays as it is. */
function axisByAxis(tf: TensorflowJs, x: Tensor, work: (view: tfc.Tensor3D, axis: number) => Tensor | undefined): Tensor | undefined {
  if (x.rank <= mostAxes) return undefined;
  return x.shape.reduce((done, size, axis) => {
    const changed = work(tf.reshape(done, [sizeOf(done.shape.slice(0, axis)), size, sizeOf(done.shape.slice(axis + 1))]), axis);
    return changed === undefined ? done : tf.reshape(changed, done.shape.map((dim, i) => (i === axis ? changed.shape[1]! : dim)));
  }, x.clone());
}

type Edges = readonly (readonly [number, number])[];

/** A change of one axis by edges. */
const padding = (pad: (tf: TensorflowJs, view: tfc.Tensor3D, edges: [[number, number], [number, number], [number, number]], attributes: tfc.NamedAttrMap) => Tensor): Mend => (tf, { inputs: { x }, attributes }) =>
  axisByAxis(tf, x!, (view, axis) => {
    const [before, after] = (attributes["paddings"] as unknown as Edges)[axis]!;
    return before + after === 0 ? undefined : pad(tf, view, [[0, 0], [before, after], [0, 0]], attributes);
  });

/** The kernels of reductions bring their axes to the end by a transposition of their own. */
const onFloats = (name: string): Mend => (tf, { inputs: { x }, attributes }) =>
  (x!.dtype === "float32" ? undefined : tf.cast(tf.engine().runKernel(name, { x: tf.cast(x!, "float32") }, attributes) as Tensor, x!.dtype));

/** Of two operands a short vector goes through memory that the shader indexes by its last coordinate: beside many axes it gets as many. */
const binary = (name: string): Mend => (tf, { inputs: { a, b } }) => {
  const rank = Math.max(a!.rank, b!.rank);
  if (rank <= mostAxes || (a!.rank !== 1 && b!.rank !== 1)) return undefined;
  const whole = (x: Tensor) => (x.rank === 1 ? tf.reshape(x, [...Array<number>(rank - 1).fill(1), x.size]) : x);
  return tf.engine().runKernel(name, { a: whole(a!), b: whole(b!) });
};

const binaryKernels = [
  "Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "Pow", "Mod", "Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr",
] as const;

/** Kernel to what stands in for it. */
const mends: Readonly<Record<string, Mend>> = {
  // The backend gives the same integers another name, at which shaders that read floats do not compile.
  Cast: (tf, { inputs: { x }, attributes }) => (attributes["dtype"] === "float32" && x!.dtype !== "float32" ? tf.engine().runKernel("Multiply", { a: x!, b: tf.scalar(1) }) : undefined),
  Transpose: (tf, { inputs: { x }, attributes }) => (x!.dtype === "float32" ? undefined : tf.cast(tf.transpose(tf.cast(x!, "float32"), attributes["perm"] as number[]), x!.dtype)),
  Max: onFloats("Max"), Min: onFloats("Min"),
  PadV2: padding((tf, view, edges, attributes) => tf.pad(view, edges, attributes["constantValue"] as number)),
  MirrorPad: padding((tf, view, edges, attributes) => tf.mirrorPad(view, edges, attributes["mode"] as "reflect")),
  Reverse: (tf, { inputs: { x }, attributes }) => {
    const axes = tf.util.parseAxisParam(attributes["dims"] as number[], x!.shape);
    return axisByAxis(tf, x!, (view, axis) => (axes.includes(axis) ? tf.reverse(view, 1) : undefined));
  },
  Tile: (tf, { inputs: { x }, attributes }) => {
    const repeats = attributes["reps"] as number[];
    return axisByAxis(tf, x!, (view, axis) => (repeats[axis] === 1 ? undefined : tf.tile(view, [1, repeats[axis]!, 1])));
  },
  Cumsum: (tf, { inputs: { x }, attributes }) => {
    const [wanted, exclusive] = [tf.util.parseAxisParam(attributes["axis"] as number, x!.shape)[0]!, attributes["exclusive"] as boolean];
    // The kernel sums from the end wrongly.
    if (attributes["reverse"] === true) return tf.reverse(tf.cumsum(tf.reverse(x!, wanted), wanted, exclusive), wanted);
    return axisByAxis(tf, x!, (view, axis) => (axis === wanted ? tf.cumsum(view, 1, exclusive) : undefined));
  },
  Select: (tf, { inputs: { condition, t, e } }) =>
    (t!.rank <= mostAxes ? undefined : tf.reshape(tf.where(tf.reshape(condition!, [-1]), tf.reshape(t!, [-1]), tf.reshape(e!, [-1])), t!.shape)),
  ...Object.fromEntries(binaryKernels.map((name) => [name, binary(name)])),
};
