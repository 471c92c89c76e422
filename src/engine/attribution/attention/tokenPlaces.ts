/** @file Tells where on the image each query of an attention lies, by following single elements back through the graph to a value that lies on a grid. */
import { numberOf, numbersOf, textOf } from "../../ir/attributes.js";
import { readEinsum } from "../../ir/einsum.js";
import { dependents, isInMemory, producers, typeOf, type Graph, type Node } from "../../ir/graph.js";
import { arithmeticOps, unaryOps } from "../../ir/ops.js";
import { normalizeAxis } from "../../ir/shape.js";
import { toNumbers } from "../../ir/tensor.js";
import type { AttentionSite } from "../attentionSites.js";
import { spatialValues, type Spatial } from "../spatial.js";

/** Where queries lie. */
export interface TokenPlaces {
  /** `[windows, queries]`: the cell of `grid`, counted row by row; -1 for tokens that are no patch (class, registers) and for padding. */
  readonly cells: Int32Array;
  readonly grid: readonly [rows: number, columns: number];
}

/** Flat positions in a value; -1 for none. */
type Flat = Int32Array;

/** Cells found behind positions; without a grid where none of them comes from the image. */
interface Found {
  readonly cells: Int32Array;
  readonly grid: readonly [rows: number, columns: number] | undefined;
}

/** From positions in one of a node's outputs to what they come from. */
type Step = (node: Node, at: Flat, walk: Walk, output: string) => Found | undefined;

/**
 * Follows the queries of sites of a specialised graph to the image input. `undefined` where the way leads through an operator that mixes positions, or where two queries of a window come from one cell
 * (attention over channels). Windows, cyclic shifts, padding and class tokens are seen exactly as the graph makes them.
 */
export function placeFinder(graph: Graph, input: string): (site: AttentionSite) => TokenPlaces | undefined {
  const walk = new Walk(graph, input);
  return ({ weights, shape: [windows, heads, queries, keys] }) => {
    const at = Int32Array.from({ length: windows * queries }, (_, i) => ((Math.floor(i / queries) * heads) * queries + (i % queries)) * keys);
    const found = walk.follow(weights, at);
    if (found?.grid === undefined) return undefined;
    for (let window = 0; window < windows; window++) {
      const cells = found.cells.subarray(window * queries, (window + 1) * queries).filter((cell) => cell >= 0);
      if (new Set(cells).size < cells.length) return undefined;
    }
    return { cells: found.cells, grid: found.grid };
  };
}

class Walk {
  readonly #graph: Graph;
  readonly #writers: ReadonlyMap<string, Node>;
  readonly #spatial: ReadonlyMap<string, Spatial>;
  readonly #varies: ReadonlySet<string>;

  constructor(graph: Graph, input: string) {
    this.#graph = graph;
    this.#writers = producers(graph);
    this.#spatial = spatialValues(graph, input);
    this.#varies = dependents(graph, [input]);
  }

  shape(value: string): readonly number[] {
    return typeOf(this.#graph, value).shape as readonly number[];
  }

  /** Whether a value depends on the image. */
  varies(value: string): boolean {
    return this.#varies.has(value);
  }

  /** The numbers of a constant in memory. */
  constant(value: string | undefined): readonly number[] | undefined {
    const initializer = this.#graph.initializers.get(value ?? "");
    return initializer && isInMemory(initializer) ? toNumbers(initializer) : undefined;
  }

  follow(value: string, at: Flat): Found | undefined {
    if (at.every((flat) => flat < 0)) return { cells: at, grid: undefined };
    // Learned tokens and padding lie nowhere.
    if (!this.varies(value)) return { cells: at.map(() => -1), grid: undefined };
    const node = this.#writers.get(value);
    // Of a cyclic shift two slices lie on grids of their own, which are not the image's.
    const spatial = node?.op === "Slice" ? undefined : this.#spatial.get(value);
    if (spatial) return { cells: cellsOf(spatial, this.shape(value), at), grid: spatial.grid };
    return node && steps[node.op]?.(node, at, this, value);
  }
}

function cellsOf({ layout, grid: [rows, columns], prefix }: Spatial, shape: readonly number[], at: Flat): Int32Array {
  const cells = rows * columns;
  const last = shape.at(-1)!;
  const cell: Readonly<Record<Spatial["layout"], (flat: number) => number>> = {
    map: (flat) => flat % cells,
    mapLast: (flat) => Math.floor(flat / last) % cells,
    tokens: (flat) => Math.max(-1, (Math.floor(flat / last) % shape[1]!) - prefix),
    tokensLast: (flat) => flat % last,
  };
  return at.map((flat) => (flat < 0 ? -1 : cell[layout](flat)));
}

/** Positions of elements by their coordinates: `to` writes the coordinates of an input of that shape, and says whether there is such an element. */
function moved(at: Flat, from: readonly number[], into: readonly number[], to: (coordinates: readonly number[], result: number[]) => boolean): Flat {
  const coordinates = from.map(() => 0);
  const result = into.map(() => 0);
  return at.map((flat) => {
    if (flat < 0) return -1;
    for (let axis = from.length - 1, rest = flat; axis >= 0; axis--) {
      coordinates[axis] = rest % from[axis]!;
      rest = Math.floor(rest / from[axis]!);
    }
    return to(coordinates, result) ? result.reduce((sum, coordinate, axis) => sum * into[axis]! + coordinate, 0) : -1;
  });
}

/** The first input as it is: element for element. */
const through: Step = ({ inputs }, at, walk) => walk.follow(inputs[0]!, at);

/** An operand of the result's size, whose elements stand where they stood. */
const elementwise: Step = ({ inputs, outputs }, at, walk) => {
  const shape = String(walk.shape(outputs[0]!));
  for (const value of inputs) {
    const found = value !== "" && walk.varies(value) && String(walk.shape(value)) === shape ? walk.follow(value, at) : undefined;
    if (found) return found;
  }
  return undefined;
};

const transpose: Step = (node, at, walk) => {
  const [from, into] = [walk.shape(node.outputs[0]!), walk.shape(node.inputs[0]!)];
  const perm = numbersOf(node, "perm") ?? into.map((_, i) => into.length - 1 - i);
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    perm.forEach((axis, i) => { result[axis] = coordinates[i]!; });
    return true;
  }));
};

const slice: Step = (node, at, walk) => {
  const [from, into] = [walk.shape(node.outputs[0]!), walk.shape(node.inputs[0]!)];
  const starts = walk.constant(node.inputs[1]);
  const axes = walk.constant(node.inputs[3]) ?? starts?.map((_, i) => i);
  const strides = walk.constant(node.inputs[4]) ?? starts?.map(() => 1);
  if (!starts || !axes || !strides) return undefined;
  const [first, stride] = [into.map(() => 0), into.map(() => 1)];
  axes.forEach((given, i) => {
    const axis = normalizeAxis(given, into.length);
    const extent = into[axis]!;
    stride[axis] = strides[i]!;
    first[axis] = Math.max(0, Math.min(strides[i]! < 0 ? extent - 1 : extent, starts[i]! < 0 ? starts[i]! + extent : starts[i]!));
  });
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    coordinates.forEach((coordinate, axis) => { result[axis] = first[axis]! + coordinate * stride[axis]!; });
    return true;
  }));
};

/** Each element comes from one of the inputs; those of a cyclic shift come from two slices of one value. */
const concat: Step = (node, at, walk) => {
  const from = walk.shape(node.outputs[0]!);
  const joined = normalizeAxis(numberOf(node, "axis", 0), from.length);
  let offset = 0;
  const parts = node.inputs.map((value) => {
    const into = walk.shape(value);
    const begin = offset;
    offset += into[joined]!;
    return walk.follow(value, moved(at, from, into, (coordinates, result) => {
      coordinates.forEach((coordinate, axis) => { result[axis] = axis === joined ? coordinate - begin : coordinate; });
      return result[joined]! >= 0 && result[joined]! < into[joined]!;
    }));
  });
  const found = parts.filter((part) => part !== undefined);
  const grids = found.flatMap(({ grid }) => (grid ? [grid] : []));
  if (found.length < parts.length || grids.some((grid) => String(grid) !== String(grids[0]))) return undefined;
  return { grid: grids[0], cells: at.map((_, i) => found.find(({ cells }) => cells[i]! >= 0)?.cells[i] ?? -1) };
};

const pad: Step = (node, at, walk) => {
  const [from, into] = [walk.shape(node.outputs[0]!), walk.shape(node.inputs[0]!)];
  const pads = walk.constant(node.inputs[1]);
  if (!pads || textOf(node, "mode", "constant") !== "constant") return undefined;
  const axes = (walk.constant(node.inputs[3]) ?? into.map((_, i) => i)).map((axis) => normalizeAxis(axis, into.length));
  const before = into.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis)]! : 0));
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    coordinates.forEach((coordinate, axis) => { result[axis] = coordinate - before[axis]!; });
    return result.every((coordinate, axis) => coordinate >= 0 && coordinate < into[axis]!);
  }));
};

const gather: Step = (node, at, walk) => {
  const [from, into, indices] = [walk.shape(node.outputs[0]!), walk.shape(node.inputs[0]!), walk.constant(node.inputs[1])];
  const taken = walk.shape(node.inputs[1]!);
  const axis = normalizeAxis(numberOf(node, "axis", 0), into.length);
  if (!indices) return undefined;
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    const index = indices[taken.reduce((flat, extent, i) => flat * extent + coordinates[axis + i]!, 0)]!;
    into.forEach((_, i) => { result[i] = i < axis ? coordinates[i]! : i === axis ? normalizeAxis(index, into[axis]!) : coordinates[i + taken.length - 1]!; });
    return true;
  }));
};

const split: Step = (node, at, walk, output) => {
  const [from, into] = [walk.shape(output), walk.shape(node.inputs[0]!)];
  const axis = normalizeAxis(numberOf(node, "axis", 0), into.length);
  const begin = node.outputs.slice(0, node.outputs.indexOf(output)).reduce((sum, before) => sum + walk.shape(before)[axis]!, 0);
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    coordinates.forEach((coordinate, i) => { result[i] = i === axis ? coordinate + begin : coordinate; });
    return true;
  }));
};

const expand: Step = (node, at, walk) => {
  const [from, into] = [walk.shape(node.outputs[0]!), walk.shape(node.inputs[0]!)];
  const added = from.length - into.length;
  return walk.follow(node.inputs[0]!, moved(at, from, into, (coordinates, result) => {
    into.forEach((extent, axis) => { result[axis] = extent === 1 ? 0 : coordinates[axis + added]!; });
    return true;
  }));
};

/** Of the operands of a product the one that tells the elements apart: queries, rather than the keys they meet, of which the first is looked at. */
function ofProduct(node: Node, at: Flat, walk: Walk, to: (operand: number) => (coordinates: readonly number[], result: number[]) => boolean): Found | undefined {
  const from = walk.shape(node.outputs[0]!);
  const operands = node.inputs.slice(0, 2).map((value, i) => ({ value, flat: moved(at, from, walk.shape(value), to(i)) })).filter(({ value }) => walk.varies(value));
  const [best] = operands.toSorted((a, b) => new Set(b.flat).size - new Set(a.flat).size);
  return best && walk.follow(best.value, best.flat);
}

const matMul: Step = (node, at, walk) => {
  const rank = walk.shape(node.outputs[0]!).length;
  return ofProduct(node, at, walk, (operand) => {
    const into = walk.shape(node.inputs[operand]!);
    return (coordinates, result) => {
      const added = rank - into.length;
      into.forEach((extent, axis) => { result[axis] = axis === into.length - (operand === 0 ? 1 : 2) ? 0 : extent === 1 ? 0 : coordinates[axis + added]!; });
      return true;
    };
  });
};

const gemm: Step = (node, at, walk) => ofProduct(node, at, walk, (operand) => {
  const isTurned = numberOf(node, operand === 0 ? "transA" : "transB", 0) === 1;
  return (coordinates, result) => {
    result[isTurned ? 1 - operand : operand] = coordinates[operand]!;
    result[isTurned ? operand : 1 - operand] = 0;
    return true;
  };
});

const einsum: Step = (node, at, walk) => {
  const equation = readEinsum(textOf(node, "equation", ""), node.inputs.map((value) => walk.shape(value).length));
  if (typeof equation === "string" || node.inputs.length > 2) return undefined;
  return ofProduct(node, at, walk, (operand) => (coordinates, result) => {
    equation.operands[operand]!.forEach((label, axis) => { result[axis] = coordinates[equation.output.indexOf(label)] ?? 0; });
    return true;
  });
};

const table = (names: readonly string[], step: Step) => Object.fromEntries(names.map((name) => [name, step]));

/** Operator name to how its elements are followed back; others mix positions. */
const steps: Readonly<Record<string, Step>> = {
  ...table([...unaryOps, "Cast", "Clip", "Softmax", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "LayerNormalization", "RMSNormalization", "LpNormalization"], through),
  ...table([...arithmeticOps, "Where", "Min", "Max", "Sum"], elementwise),
  Transpose: transpose,
  Slice: slice,
  Concat: concat,
  Pad: pad,
  Gather: gather,
  Expand: expand,
  Split: split,
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
};
