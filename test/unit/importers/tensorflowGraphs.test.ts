/** @file TensorFlow's graphs by hand: conditionals and functions that are resolved, operators that are not known, and files that lie. */
import { describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { bytesSource } from "../../../src/engine/importers/byteSource.js";
import { importGraphModel } from "../../../src/engine/importers/tensorflow/graphModel.js";
import { unsupportedOperators } from "../../../src/engine/inspect.js";
import { float32, toNumbers } from "../../../src/engine/ir/tensor.js";
import { specialize } from "../../../src/engine/passes/specialize.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";

interface Json { readonly [key: string]: unknown }

const node = (name: string, op: string, input: readonly string[] = [], attr: Json = {}) => ({ name, op, input, attr });
const floats = (name: string, shape: readonly number[], values: readonly number[]) => node(name, "Const", [], { value: { tensor: { dtype: "DT_FLOAT", tensorShape: { dim: shape.map((size) => ({ size: String(size) })) }, floatVal: values } } });
const truth = (name: string, value: boolean) => node(name, "Const", [], { value: { tensor: { dtype: "DT_BOOL", tensorShape: {}, boolVal: [value] } } });
const func = (name: string, args: readonly string[], nodeDef: readonly object[], result: string) =>
  ({ signature: { name, inputArg: args.map((arg) => ({ name: arg })), outputArg: [{ name: "result" }] }, nodeDef, ret: { result } });
const calls = (name: string) => ({ f: { func: { name } } });
const x = node("x", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim: [{ size: "-1" }, { size: "2" }] } } });

/** A model of these nodes, with the input `x` [batch, 2] and the output `y`. */
function read(nodes: readonly object[], functions: readonly object[] = [], over: Json = {}) {
  const info = (name: string) => ({ name: `${name}:0`, dtype: "DT_FLOAT", tensorShape: { dim: [{ size: "-1" }, { size: "2" }] } });
  const model = { format: "graph-model", modelTopology: { node: nodes, library: { function: functions } }, signature: { inputs: { x: info("x") }, outputs: { y: info("y") } }, weightsManifest: [], ...over };
  return importGraphModel({ main: bytesSource("model.json", Buffer.from(JSON.stringify(model))), open: () => { throw new WhylightError("modelNotFound", {}); } }).graph;
}

async function run(graph: ReturnType<typeof read>, input: readonly number[]) {
  const program = await referenceRuntime.compile(specialize(graph, { x: [1, 2] }), () => new Uint8Array());
  return toNumbers((await program.run({ x: float32([1, 2], input) }))["y"]!);
}

describe("what is resolved", () => {
  const double = func("double", ["a"], [node("sum", "AddV2", ["a", "a"])], "sum:z:0");
  const negate = func("negate", ["a"], [node("minus", "Neg", ["a"])], "minus:y:0");

  it("functions that are called twice, within each other and with arguments handed through", async () => {
    const twice = func("twice", ["a"], [node("once", "PartitionedCall", ["a"], calls("double")), node("again", "PartitionedCall", ["once:output:0"], calls("double"))], "again:output:0");
    const same = func("same", ["a"], [], "a");
    const graph = read([x, node("kept", "PartitionedCall", ["x"], calls("same")), node("y", "StatefulPartitionedCall", ["kept"], calls("twice"))], [double, twice, same]);
    expect(await run(graph, [3, -1])).toEqual([12, -4]);
    expect(graph.nodes.filter(({ op }) => op === "Add").map(({ name }) => name)).toEqual(["sum", "sum/1"]);
  });

  it.each([[true, [6, -2]], [false, [-3, 1]]])("a branch whose condition is %s", async (condition, expected) => {
    const branches = { then_branch: { func: { name: "double" } }, else_branch: { func: { name: "negate" } } };
    const learning = node("learning", "PlaceholderWithDefault", ["c"]);
    expect(await run(read([x, truth("c", condition), learning, node("y", "StatelessIf", ["learning", "x"], branches)], [double, negate]), [3, -1])).toEqual(expected);
  });

  it.each([[true, [6, -2]], [false, [-3, 1]]])("TensorFlow 1's switches where the condition is %s", async (condition, expected) => {
    const nodes = [x, truth("c", condition), node("s", "Switch", ["x", "c"]), node("then", "AddV2", ["s:1", "s:1"]), node("else", "Neg", ["s"]), node("also", "Identity", ["else"]), node("y", "Merge", ["also", "then"])];
    expect(await run(read(nodes), [3, -1])).toEqual(expected);
  });

  it("constants of one element that stand for many", async () => {
    expect(await run(read([x, floats("c", [2], [5]), node("y", "Mul", ["x", "c"])]), [3, -1])).toEqual([15, -5]);
    const graph = read([x, floats("c", [100_000_000, 2], [5]), node("part", "Slice", ["c", "from", "size"]), ...["from", "size"].map((name, i) => node(name, "Const", [], { value: { tensor: { dtype: "DT_INT32", tensorShape: { dim: [{ size: "2" }] }, intVal: i === 0 ? [7, 0] : [1, 2] } } })), node("y", "Mul", ["x", "part"])]);
    expect([...graph.initializers.values()].every(({ shape }) => shape.length < 2)).toBe(true);
  });
});

it("operators that are not known stay by name, each once, and none behind them", () => {
  const graph = read([x, node("odd", "Betainc", ["x", "x", "x"]), node("again", "Betainc", ["odd"]), node("z", "Neg", ["odd"]), node("queer", "While", ["z"]), node("y", "AddV2", ["queer", "again"])]);
  expect(unsupportedOperators(graph)).toEqual([{ op: "Betainc", node: "odd", problem: "run" }, { op: "While", node: "queer", problem: "run" }]);
});

describe("what is refused", () => {
  const chain = (depth: number) => Array.from({ length: depth }, (_, i) => func(`f${i}`, ["a"], [node("l", "PartitionedCall", ["a"], calls(`f${i + 1}`)), node("r", "PartitionedCall", ["a"], calls(`f${i + 1}`)), node("s", "AddV2", ["l:output:0", "r:output:0"])], "s:z:0"));
  const leaf = (i: number) => func(`f${i}`, ["a"], [node("n", "Neg", ["a"])], "n:y:0");
  const tensor = (over: Json) => node("c", "Const", [], { value: { tensor: { dtype: "DT_FLOAT", tensorShape: {}, floatVal: [1], ...over } } });
  const dims = (...sizes: readonly (string | number)[]) => ({ tensorShape: { dim: sizes.map((size) => ({ size })) } });
  const withConstant = (over: Json) => () => read([x, tensor(over), node("y", "AddV2", ["x", "c"])]);

  it.each<[string, () => unknown, string, RegExp]>([
    ["nodes in a circle", () => read([x, node("a", "AddV2", ["x", "b"]), node("b", "Neg", ["a"]), node("y", "Neg", ["b"])]), "modelCorrupt", /depends on itself/],
    ["a function that calls itself", () => read([x, node("y", "PartitionedCall", ["x"], calls("f"))], [func("f", ["a"], [node("n", "PartitionedCall", ["a"], calls("f"))], "n:output:0")]), "modelCorrupt", /calls itself/],
    ["functions that call each other without end", () => read([x, node("y", "PartitionedCall", ["x"], calls("f"))], [func("f", ["a"], [node("n", "PartitionedCall", ["a"], calls("g"))], "n:output:0"), func("g", ["a"], [node("n", "PartitionedCall", ["a"], calls("f"))], "n:output:0")]), "modelCorrupt", /calls itself/],
    ["functions that double at every call", () => read([x, node("y", "PartitionedCall", ["x"], calls("f0"))], [...chain(40), leaf(40)]), "modelCorrupt", /call each other/],
    ["calls too deep", () => read([x, node("y", "PartitionedCall", ["x"], calls("f0"))], [...Array.from({ length: 300 }, (_, i) => func(`f${i}`, ["a"], [node("n", "PartitionedCall", ["a"], calls(`f${i + 1}`))], "n:output:0")), leaf(300)]), "modelCorrupt", /too deeply/],
    ["an argument that is itself", () => read([x, node("y", "PartitionedCall", ["y"], calls("same"))], [func("same", ["a"], [], "a")]), "modelCorrupt", /without end/],
    ["a function that is missing", () => read([x, node("y", "Neg", ["z"]), node("z", "Neg", ["w"])]), "modelCorrupt", /no node w/],
    ["a weight that is missing", () => read([x, node("c", "Const", [], { value: { tensor: { dtype: "DT_FLOAT", tensorShape: { dim: [{ size: 2 }] } } } }), node("y", "AddV2", ["x", "c"])]), "modelCorrupt", /weight c is missing/],
    ["a constant without end", withConstant(dims("1000000000", "1000")), "shapeMismatch", /./],
    ["two elements without end", withConstant({ ...dims("1000000000", "1000"), floatVal: [1, 2] }), "modelCorrupt", /2 elements/],
    ["outputs without end", () => read([x, node("axis", "Const", [], { value: { tensor: { dtype: "DT_INT32", tensorShape: {}, intVal: [1] } } }), node("y", "Split", ["axis", "x"], { num_split: { i: "1000000000" } })]), "layerUnsupported", /1000000000 outputs/],
    ["a constant of no size", withConstant(dims(-1)), "modelCorrupt", /shape/],
    ["a constant of broken size", withConstant(dims("1e400")), "modelCorrupt", /shape/],
    ["more elements than there is room for", withConstant({ ...dims(1), floatVal: [1, 2, 3] }), "modelCorrupt", /elements/],
    ["bytes that do not fit", withConstant({ ...dims(2), tensorContent: "AAAA" }), "modelCorrupt", /bytes/],
    ["no base64", withConstant({ tensorContent: "%%" }), "modelCorrupt", /base64/],
    ["complex numbers", withConstant({ dtype: "DT_COMPLEX64" }), "modelCorrupt", /element type/],
    ["shapes that do not fit", () => read([x, floats("c", [3], [1, 2, 3]), node("y", "AddV2", ["x", "c"])]), "shapeMismatch", /./],
    ["an output that nothing writes", () => read([x, node("s", "Neg", ["x"]), node("y", "Switch", ["s", "c"]), truth("c", true)]), "modelCorrupt", /never written/],
    ["normalisation as in training", () => read([x, node("y", "FusedBatchNormV3", ["x", "x", "x", "x", "x"], { is_training: { b: true } })]), "layerUnsupported", /training/],
    ["shards out of the folder", () => read([x, node("y", "Neg", ["x"])], [], { weightsManifest: [{ paths: ["../x"], weights: [] }] }), "modelNotFound", /./],
    ["no graph", () => read([], [], { modelTopology: "x" }), "modelCorrupt", /modelTopology/],
  ])("%s", (_, make, code, message) => {
    let thrown: unknown;
    try {
      make();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WhylightError);
    expect(thrown).toMatchObject({ code });
    expect((thrown as Error).message).toMatch(message);
  });

  it("chains of nodes longer than the call stack", () => {
    const nodes = Array.from({ length: 30_000 }, (_, i) => node(`n${i}`, "Identity", [i === 0 ? "x" : `n${i - 1}`]));
    expect(read([x, ...nodes, node("y", "Neg", ["n29999"])]).nodes).toHaveLength(1);
  });
});
