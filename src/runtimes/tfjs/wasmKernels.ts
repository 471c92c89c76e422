/** @file Kernels in TypeScript on the WASM heap, where the backend's own copy whole tensors, loop slowly or are wrong. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type * as tfc from "@tensorflow/tfjs-core";
import type { TensorflowJs } from "../tensorflowNative.js";
import { maxPoolGrad, type PoolWindow } from "./maxPoolGrad.js";
import { replaceKernel } from "./replaceKernel.js";

/** The name of the kernel `({ x, dy }, PoolWindow) -> dx` on channels-last tensors; the backend's own MaxPoolGrad loses windows whose maximum is not positive. */
export const maxPoolGradKernel = "WhylightMaxPoolGrad";

type Info = tfc.TensorInfo;
type Elements = Float32Array | Int32Array | Uint8Array;
type Compute = (backend: BackendWasm, inputs: readonly Info[], attributes: tfc.NamedAttrMap) => Info;

/** Replaces kernels for every user of the WASM backend, once; what a replacement does not cover goes to the original. */
export function installWasmKernels(tf: TensorflowJs): void {
  const register = (name: string, compute: Compute) => {
    tf.registerKernel({
      kernelName: name,
      backendName: "wasm",
      kernelFunc: ({ inputs, backend, attrs }) => compute(backend as BackendWasm, Object.values(inputs) as Info[], attrs ?? {}),
    });
  };
  register(maxPoolGradKernel, maxPoolGradient);
  const replace = (name: string, compute: (...parameters: Parameters<Compute>) => Info | undefined) =>
    replaceKernel(tf, name, "wasm", ({ inputs, attributes, backend }) => compute(backend as BackendWasm, Object.values(inputs), attributes));
  replace("Slice", (backend, inputs, attributes) => (inputs[0]!.dtype === "string" ? undefined : slice(tf, backend, inputs, attributes)));
  replace("Concat", (backend, inputs, attributes) => (inputs[0]!.dtype === "string" ? undefined : concat(tf, backend, inputs, attributes)));
  for (const [name, { loop, dtype }] of Object.entries(elementLoops)) replace(name, (backend, inputs) => elementwise(tf, backend, inputs, loop, dtype));
}

/** Views of the heap; taken after every allocation, since growing the heap detaches earlier ones. */
const view = (backend: BackendWasm, info: Info) => backend.typedArrayFromHeap(info) as Elements;

function maxPoolGradient(backend: BackendWasm, [x, dy]: readonly Info[], attributes: tfc.NamedAttrMap): Info {
  const dx = backend.makeOutput(x!.shape, "float32");
  const target = (view(backend, dx) as Float32Array).fill(0);
  type Shape4 = [number, number, number, number];
  maxPoolGrad(view(backend, x!) as Float32Array, x!.shape as Shape4, view(backend, dy!) as Float32Array, dy!.shape as Shape4, attributes as unknown as PoolWindow, target);
  return dx;
}

function slice(tf: TensorflowJs, backend: BackendWasm, [x]: readonly Info[], { begin: from, size: wanted }: tfc.NamedAttrMap): Info {
  const [begin, size] = tf.slice_util.parseSliceParams(x as tfc.Tensor, from as number[], wanted as number[]) as [number[], number[]];
  const output = backend.makeOutput(size, x!.dtype);
  if (size.includes(0)) return output;
  const [source, target] = [view(backend, x!), view(backend, output)];
  const strides = [...tf.util.computeStrides(x!.shape), 1].slice(-x!.shape.length);
  // Axes that are taken whole at the end belong to one run.
  let last = x!.shape.length - 1;
  while (last > 0 && size[last] === x!.shape[last]) last--;
  const run = last < 0 ? 1 : size[last]! * strides[last]!;
  let at = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis >= last) {
      copyRun(source, last < 0 ? 0 : offset + begin[last]! * strides[last]!, target, at, run);
      at += run;
      return;
    }
    for (let i = 0; i < size[axis]!; i++) copy(axis + 1, offset + (begin[axis]! + i) * strides[axis]!);
  };
  copy(0, 0);
  return output;
}

/** Short runs are faster element by element than through a view. */
function copyRun(source: Elements, from: number, target: Elements, at: number, count: number): void {
  if (count >= 64) target.set(source.subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) target[at + i] = source[from + i]!;
}

function concat(tf: TensorflowJs, backend: BackendWasm, inputs: readonly Info[], attributes: tfc.NamedAttrMap): Info {
  const axis = tf.util.parseAxisParam(attributes["axis"] as number, inputs[0]!.shape)[0]!;
  const shape = tf.backend_util.computeOutShape(inputs.map((input) => input.shape), axis);
  const output = backend.makeOutput(shape, inputs[0]!.dtype);
  const target = view(backend, output);
  const outer = tf.util.sizeFromShape(shape.slice(0, axis));
  const row = target.length / outer;
  let column = 0;
  for (const input of inputs) {
    const source = view(backend, input);
    const run = source.length / outer;
    for (let i = 0; i < outer && run > 0; i++) copyRun(source, i * run, target, i * row + column, run);
    column += run;
  }
  return output;
}

/** Loops over two float arrays; `stepB` is 0 where b is a scalar. */
type Loop = (a: Float32Array, b: Float32Array, stepB: number, target: Elements) => void;

const elementLoops: Readonly<Record<string, { readonly loop: Loop; readonly dtype: "bool" | "float32" }>> = {
  Greater: { dtype: "bool", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = a[i]! > b[i * step]! ? 1 : 0; } },
  GreaterEqual: { dtype: "bool", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = a[i]! >= b[i * step]! ? 1 : 0; } },
  Less: { dtype: "bool", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = a[i]! < b[i * step]! ? 1 : 0; } },
  LessEqual: { dtype: "bool", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = a[i]! <= b[i * step]! ? 1 : 0; } },
  Equal: { dtype: "bool", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = a[i] === b[i * step] ? 1 : 0; } },
  Maximum: { dtype: "float32", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = Math.max(a[i]!, b[i * step]!); } },
  Minimum: { dtype: "float32", loop: (a, b, step, target) => { for (let i = 0; i < a.length; i++) target[i] = Math.min(a[i]!, b[i * step]!); } },
};

/** `undefined` unless both are float32 and of one shape, or b is a scalar. */
function elementwise(tf: TensorflowJs, backend: BackendWasm, [a, b]: readonly Info[], loop: Loop, dtype: "bool" | "float32"): Info | undefined {
  const isScalar = b!.shape.length === 0;
  if (a!.dtype !== "float32" || b!.dtype !== "float32" || !(isScalar || tf.util.arraysEqual(a!.shape, b!.shape))) return undefined;
  const output = backend.makeOutput(a!.shape, dtype);
  loop(view(backend, a!) as Float32Array, view(backend, b!) as Float32Array, isScalar ? 0 : 1, view(backend, output));
  return output;
}
