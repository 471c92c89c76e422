/** @file Shape rules of operators that sample an input at computed places. */
import { resizedAxes } from "../resample.js";
import { formatShape } from "../shape.js";
import { sizeOf } from "../tensor.js";
import { one, type ShapeRule } from "./rule.js";

const resize: ShapeRule = ({ node, dtype, shape, constant, dims }) => {
  const x = shape(0);
  const axes = x && resizedAxes(node, x, { roi: constant(1), scales: constant(2), sizes: dims(3) });
  return one(dtype(0), axes?.map(({ to }) => to));
};

const gridSample: ShapeRule = ({ dtype, shape }) => {
  const [x, grid] = [shape(0), shape(1)];
  return one(dtype(0), x && grid && [x[0]!, x[1]!, ...grid.slice(1, -1)]);
};

const affineGrid: ShapeRule = ({ dtype, dims }) => {
  const size = dims(1);
  return one(dtype(0), size && [size[0]!, ...size.slice(2), size.length - 2]);
};

const columnsToImage: ShapeRule = ({ dtype, shape, dims, constant, mismatch }) => {
  const [x, image, block] = [shape(0), dims(1), constant(2)];
  if (x === undefined || image === undefined || block === undefined) return one(dtype(0), undefined);
  const cells = sizeOf(block);
  const channels = x[1]!;
  if (x.length !== 3 || (typeof channels === "number" && channels % cells !== 0)) throw mismatch(`columns ${formatShape(x)} in blocks ${formatShape(block)}`);
  return one(dtype(0), [x[0]!, typeof channels === "number" ? channels / cells : `${channels}/${cells}`, ...image]);
};

export const sampleShapes: Readonly<Record<string, ShapeRule>> = { Resize: resize, GridSample: gridSample, AffineGrid: affineGrid, Col2Im: columnsToImage };
