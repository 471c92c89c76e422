/** @file Adaptive average pooling of a map whose size is known: each axis times a matrix of shares. */
import { float32 } from "../../ir/tensor.js";
import type { GraphWriter } from "../graphWriter.js";

/** `nn.AdaptiveAvgPool2d`: `[batch, channels, height, width]` of one size to another, which may be larger. Maps of the right size stay as they are. */
export function adaptiveMean(writer: GraphWriter, x: string, from: readonly [number, number], to: readonly [number, number], module: string): string {
  if (from[0] === to[0] && from[1] === to[1]) return x;
  const rows = writer.constant(`${module}.rows`, shares(from[0], to[0], false));
  const columns = writer.constant(`${module}.columns`, shares(from[1], to[1], true));
  return writer.add("MatMul", [writer.add("MatMul", [rows, x]), columns], {}, module);
}

/** How much of each of `from` cells goes into each of `to`: torch's windows, from the floor to the ceiling. `[to, from]`, or turned round. */
function shares(from: number, to: number, isTurned: boolean) {
  const data = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const [start, end] = [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
    for (let k = start; k < end; k++) data[isTurned ? k * to + i : i * from + k] = 1 / (end - start);
  }
  return float32(isTurned ? [from, to] : [to, from], data);
}
