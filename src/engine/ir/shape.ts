/** @file Shapes whose dimensions may be symbols, and the arithmetic the shape rules need. */

/** A known extent, or the name of one that is fixed only when a program is specialised ("batch"). */
export type Dim = number | string;

/** `undefined` where not even the rank is known. */
export type Shape = readonly Dim[];

/** Whether every extent is known. */
export function isConcrete(shape: Shape | undefined): shape is readonly number[] {
  return shape !== undefined && shape.every((dim) => typeof dim === "number");
}

/** A negative axis counts from the end, as everywhere in ONNX. */
export function normalizeAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The shape two operands broadcast to (ONNX multidirectional broadcasting), or `undefined` when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left === right || right === 1) result.push(left);
    else if (left === 1) result.push(right);
    else if (typeof left === "string" && typeof right === "number") result.push(right);
    else if (typeof right === "string" && typeof left === "number") result.push(left);
    else if (typeof left === "string" && typeof right === "string") result.push(left);
    else return undefined;
  }
  return result;
}

/** "[batch, 3, 224, 224]", for messages and the text form. */
export function formatShape(shape: Shape | undefined): string {
  return shape === undefined ? "[?]" : `[${shape.join(", ")}]`;
}
