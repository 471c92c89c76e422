/** @file Random forms of the element-wise, pooling, normalising and reducing operators that came after the first ones, and of Einsum. */
import { float32, int64, toNumbers } from "../../../src/engine/ir/tensor.js";
import { alongAxis, drawWindow, image, ints, normalization, reduction, reshaping, single, unary, type Draw, type MakeCase } from "./gradientCases.js";
import { float64, smooth } from "./numbers.js";
import { nodeGraph, window } from "./smallGraph.js";

const equations: readonly (readonly [equation: string, ...shapes: readonly (readonly number[])[]])[] = [
  ["ij,jk->ik", [2, 3], [3, 4]], ["bij,bjk->bik", [2, 3, 2], [2, 2, 3]], ["ij->ji", [2, 3]], ["ij->i", [2, 3]], ["ij->", [2, 3]], ["ii->i", [3, 3]], ["bii->b", [2, 3, 3]], ["i,i->", [4], [4]], ["i,j->ij", [2], [3]],
  ["...ij,...jk->...ik", [2, 3, 2], [4, 2, 2, 3]], ["...ii->...i", [2, 3, 3]], ["b...,b...->b...", [2, 3], [2, 1]], ["bhqd,bhkd->bhqk", [1, 2, 3, 2], [1, 2, 4, 2]], ["ij,jk,kl->il", [2, 3], [3, 2], [2, 2]], ["ij,jk", [2, 3], [3, 4]],
  ["ij,ij->ij", [1, 3], [2, 3]], ["ij,ij->j", [1, 3], [2, 3]], ["i,j->i", [2], [3]], ["...,->...", [2, 3], []], ["iij->j", [2, 2, 3]], ["iii->i", [2, 2, 2]],
];

const einsum: MakeCase = (draw) => {
  const [equation, ...shapes] = draw.of(equations);
  const tensors = shapes.map((shape) => smooth(shape, draw.seed()));
  return { graph: nodeGraph("Einsum", tensors, { equation }), tensors, wrt: tensors.map((_, i) => i) };
};

/** Products in which none, one or many factors are 0: central differences hold at zeros, since a product is smooth. */
const product: MakeCase = (draw) => {
  const { graph, tensors: [x] } = reduction("ReduceProd")(draw);
  const zeroed = float64(x!.shape, toNumbers(x!).map((value) => (draw.int(0, 3) === 0 ? 0 : value)));
  return single(graph, zeroed);
};

const lpPool: MakeCase = (draw) => {
  const { spatial, attributes } = drawWindow(draw, draw.int(1, 3));
  const x = smooth([draw.int(1, 2), draw.int(1, 2), ...spatial], draw.seed(), -2, 2, [0], 0.05);
  return single(nodeGraph("LpPool", [x], { ...attributes, p: draw.int(1, 3), ceil_mode: draw.flag() }), x);
};

const maxUnpool: MakeCase = (draw) => {
  const [n, c, h, w] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 3), draw.int(1, 3)];
  const x = smooth([n, c, h, w], draw.seed());
  const [rows, columns] = [h * 2, w * 2];
  // One place of every 2x2 block.
  const places = Array.from({ length: n * c * h * w }, (_, i) => {
    const [plane, row, column] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
    return plane * rows * columns + (row * 2 + draw.flag()) * columns + column * 2 + draw.flag();
  });
  const larger = draw.of([[], [ints([n, c, rows + 1, columns + 2])]]);
  return single(nodeGraph("MaxUnpool", [x], window([2, 2], { strides: [2, 2] }), [int64([n, c, h, w], places), ...larger]), x);
};

const mod: MakeCase = (draw) => {
  const shape = draw.shape(1, 3);
  // Quotients stay away from whole numbers, where the remainder jumps.
  const b = smooth(shape, draw.seed(), 0.5, 2);
  const signs = toNumbers(b).map(() => (draw.flag() ? 1 : -1));
  const a = float64(shape, toNumbers(b).map((value, i) => signs[i]! * value * (draw.int(0, 3) + 0.2 + 0.6 * (draw.int(0, 100) / 100))));
  return { graph: nodeGraph("Mod", [a, b], { fmod: draw.flag() }), tensors: [a, b], wrt: [0, 1] };
};

const castLike: MakeCase = (draw) => {
  const x = smooth(draw.shape(0, 3), draw.seed());
  return single(nodeGraph("CastLike", [x], {}, [float32([1], [0])]), x);
};

const rms = (draw: Draw) => {
  const shape = [...draw.shape(1, 2), draw.int(2, 4), draw.int(2, 4)];
  const axis = draw.of([-1, -2, shape.length - 1]);
  return { shape, parameters: [draw.of([shape.slice(axis < 0 ? axis : axis - shape.length), shape.slice(-1), [1]])], attributes: { axis, epsilon: 0.01 } };
};

/** Operator name to its random forms. */
export const numericCases: Readonly<Record<string, MakeCase>> = {
  ...Object.fromEntries(["Sinh", "Cosh", "Atan", "Asinh"].map((op) => [op, unary(op)])),
  ...Object.fromEntries(["Asin", "Acos", "Atanh"].map((op) => [op, unary(op, { low: -0.9, high: 0.9 })])),
  Tan: unary("Tan", { low: -1.3, high: 1.3 }), Acosh: unary("Acosh", { low: 1.1, high: 4 }),
  Celu: unary("Celu", { kinks: [0], attributes: (draw) => draw.of([{}, { alpha: 0.5 }, { alpha: 2 }]) }),
  ThresholdedRelu: unary("ThresholdedRelu", { kinks: [1, 0.5, -0.5], attributes: (draw) => draw.of([{}, { alpha: 0.5 }, { alpha: -0.5 }]) }),
  Shrink: unary("Shrink", { kinks: [0.5, -0.5, 1, -1], attributes: (draw) => draw.of([{}, { lambd: 1 }, { lambd: 1, bias: 0.5 }]) }),
  Swish: unary("Swish", { low: -4, high: 4, attributes: (draw) => draw.of([{}, { alpha: 1.5 }, { alpha: -0.5 }]) }),
  Mod: mod, CastLike: castLike, Einsum: einsum, LpPool: lpPool, MaxUnpool: maxUnpool,
  GlobalLpPool: (draw) => { const x = smooth(image(draw), draw.seed(), -2, 2, [0], 0.05); return single(nodeGraph("GlobalLpPool", [x], { p: draw.int(1, 3) }), x); },
  RMSNormalization: normalization("RMSNormalization", rms),
  LpNormalization: (draw) => {
    const { graph: { nodes: [node] }, tensors: [x] } = alongAxis("LpNormalization")(draw);
    const apart = smooth(x!.shape, draw.seed(), -2, 2, [0], 0.05);
    return single(nodeGraph("LpNormalization", [apart], { ...node!.attributes, p: draw.int(1, 2) }), apart);
  },
  MeanVarianceNormalization: reshaping("MeanVarianceNormalization", (draw) => ({ shape: [draw.int(1, 2), draw.int(1, 3), draw.int(2, 3), draw.int(2, 3)], attributes: draw.of([{}, { axes: [0, 1, 2, 3] }, { axes: [2, 3] }, { axes: [-1] }]) })),
  LRN: reshaping("LRN", (draw) => ({ shape: [draw.int(1, 2), draw.int(1, 6), ...draw.of([[2], [2, 3], []])], attributes: draw.of([{ size: 1 }, { size: 3, alpha: 0.5, beta: 0.75, bias: 2 }, { size: 4, alpha: 1, beta: 0.5 }, { size: 5, alpha: 0.1 }]) })),
  ReduceProd: product, ReduceLogSum: reduction("ReduceLogSum", 0.2),
};

