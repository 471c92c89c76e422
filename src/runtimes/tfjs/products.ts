/** @file Matrix products. On WASM only plain products of two matrices are fast, so batches are taken apart there. */
import type * as tfc from "@tensorflow/tfjs-core";
import { numberOf } from "../../engine/ir/attributes.js";
import { broadcastShapes } from "../../engine/ir/shape.js";
import { sizeOf } from "../../engine/ir/tensor.js";
import type { TensorflowJs } from "../tensorflowNative.js";
import { broadcastFull } from "./broadcast.js";
import type { Lowering, Site } from "./lowering.js";

type Tensor = tfc.Tensor;

/** The shape in which each buffer was the right-hand matrix of a product on WASM. */
const rightShapes = new WeakMap<object, string>();

/**
 * WASM's product keeps what it prepared for a right-hand matrix under its buffer alone, and so computes nonsense, past the end of the result,
 * when the same buffer comes in another shape: that one gets a buffer of its own.
 */
function rightMatrix({ tf, kind }: Site, b: Tensor): tfc.Tensor2D {
  const [shape, known] = [b.shape.join(), rightShapes.get(b.dataId)];
  if (kind === "wasm" && known !== undefined && known !== shape) return tf.add(b, 0) as tfc.Tensor2D;
  rightShapes.set(b.dataId, shape);
  return b as tfc.Tensor2D;
}

/** `[b, m, k] x [b, k, n] -> [b, m, n]`, one product per batch entry. */
function batchedOneByOne(tf: TensorflowJs, a: Tensor, b: Tensor): Tensor {
  const products = Array.from({ length: a.shape[0]! }, (_, i) => {
    const row = (x: Tensor) => tf.reshape(tf.slice(x, [i, 0, 0], [1, x.shape[1]!, x.shape[2]!]), [x.shape[1]!, x.shape[2]!]);
    return tf.matMul(row(a) as tfc.Tensor2D, row(b) as tfc.Tensor2D);
  });
  return tf.stack(products);
}

const matMul: Lowering = (site) => {
  const { tf, kind } = site;
  const [left, right] = [site.input(0), site.input(1)];
  const aShape = site.shape(0).length === 1 ? [1, ...site.shape(0)] : site.shape(0);
  const bShape = site.shape(1).length === 1 ? [...site.shape(1), 1] : site.shape(1);
  const output = [...site.outputShape()];
  const [m, k, n] = [aShape.at(-2)!, aShape.at(-1)!, bShape.at(-1)!];
  const batch = broadcastShapes(aShape.slice(0, -2), bShape.slice(0, -2)) as number[];

  // One matrix on the right: the whole left side is one tall matrix.
  if (sizeOf(bShape.slice(0, -2)) === 1) {
    return () => tf.reshape(tf.matMul(tf.reshape(left(), [sizeOf(aShape) / k, k]) as tfc.Tensor2D, rightMatrix(site, tf.reshape(right(), [k, n]))), output);
  }
  const batched = (x: Tensor, shape: readonly number[], rows: number, columns: number) => {
    const whole = [...batch, rows, columns];
    const full = sizeOf(shape) === sizeOf(whole) ? x : broadcastFull(tf, kind, tf.reshape(x, [...Array<number>(whole.length - shape.length).fill(1), ...shape]), whole);
    return tf.reshape(full, [sizeOf(batch), rows, columns]);
  };
  const multiply = kind === "wasm" ? (a: Tensor, b: Tensor) => batchedOneByOne(tf, a, b) : (a: Tensor, b: Tensor) => tf.matMul(a, b);
  return () => tf.reshape(multiply(batched(left(), aShape, m, k), batched(right(), bShape, k, n)), output);
};

/** alpha A' B' + beta C. Transposed operands are made beforehand: the WASM kernel's own transposition is 13 times slower. */
const gemm: Lowering = (site) => {
  const { tf, node } = site;
  const side = (i: number, attribute: string) => (numberOf(node, attribute, 0) === 0 ? site.input(i) : site.derive([i], "transposed", (x) => tf.transpose(x)));
  const [a, b] = [side(0, "transA"), side(1, "transB")];
  const [alpha, beta] = [numberOf(node, "alpha", 1), numberOf(node, "beta", 1)];
  const scaled = (x: Tensor, factor: number) => (factor === 1 ? x : tf.mul(x, factor));
  const c = site.has(2) && beta !== 0 ? site.derive([2], `times${beta}`, (x) => scaled(x, beta)) : undefined;
  return () => {
    const product = scaled(tf.matMul(a() as tfc.Tensor2D, rightMatrix(site, b())), alpha);
    return c === undefined ? product : tf.add(product, c());
  };
};

export const productLowerings: Readonly<Record<string, Lowering>> = { MatMul: matMul, Gemm: gemm };
