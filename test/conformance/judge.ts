/** @file Runs one backend test on one runtime and says what came of it. */
import { toWhylightError, type WhylightError } from "../../src/engine/errors.js";
import { importOnnx } from "../../src/engine/importers/onnx/importOnnx.js";
import { unsupportedOperators } from "../../src/engine/inspect.js";
import type { Graph } from "../../src/engine/ir/graph.js";
import { float32, isFloat, toNumbers, type Tensor } from "../../src/engine/ir/tensor.js";
import { specialize } from "../../src/engine/passes/specialize.js";
import type { Runtime } from "../../src/engine/runtime.js";
import { openFile } from "../oracle/fileSource.js";
import { readRecording, type ConformanceCase, type Recording } from "./cases.js";

export type Verdict = { readonly status: "passed" } | { readonly status: "failed" | "not supported"; readonly reason: string };

/** Those of ONNX's own runner. */
const [relative, absolute] = [1e-3, 1e-7];

/** What rounding to the recorded type may move a value by, where that is more: a result computed in float32 stays unrounded here. */
const rounding: Readonly<Partial<Record<Tensor["dtype"], number>>> = { bfloat16: 2 ** -7 };

/** The model, or why this product does not take it. */
export type Loaded = { readonly graph: Graph; readonly file: ReturnType<typeof openFile>; readonly recordings: readonly Recording[] } | { readonly verdict: Verdict };

/** Reads a test once for all runtimes. */
export function load(test: ConformanceCase): Loaded {
  try {
    const file = openFile(test.model);
    const { graph } = importOnnx(file);
    const missing = unsupportedOperators(graph).filter(({ problem }) => problem === "run").map(({ op }) => op);
    if (missing.length > 0) return { verdict: { status: "not supported", reason: `operator ${missing.sort().join(", ")}` } };
    const recordings = test.recordings.map(readRecording);
    if (recordings.some(({ inputs, outputs }) => [...inputs, ...outputs].some(isBeyondFloat32))) return { verdict: { status: "not supported", reason: "doubles beyond the range of float32" } };
    return { graph, file, recordings };
  } catch (thrown) {
    return { verdict: verdictOf(toWhylightError(thrown)) };
  }
}

/** Doubles are computed in float32; a few recordings hold memory that nobody initialised. */
function isBeyondFloat32(tensor: Tensor): boolean {
  return tensor.dtype === "float64" && toNumbers(tensor).some((value) => Number.isFinite(value) && Math.abs(value) > 3.4e38);
}

/** Runs a loaded test. Never throws. */
export async function judge(loaded: Loaded, runtime: Runtime): Promise<Verdict> {
  if ("verdict" in loaded) return loaded.verdict;
  try {
    for (const recording of loaded.recordings) {
      const wrong = await compare(loaded.graph, recording, loaded.file.readRange, runtime);
      if (wrong !== undefined) return { status: "failed", reason: wrong };
    }
    return { status: "passed" };
  } catch (thrown) {
    return verdictOf(toWhylightError(thrown));
  }
}

/** An operator or a type outside the product is no failure; anything else is. */
function verdictOf(error: WhylightError): Verdict {
  const reason = String(error.data["reason"] ?? "");
  if (error.code === "opUnsupported") return { status: "not supported", reason: `operator ${error.data["op"]}` };
  if (error.code === "modelCorrupt" && reason.endsWith("is not a tensor")) return { status: "not supported", reason: "sequence, optional and map types" };
  if (error.code === "modelCorrupt" && /element type \d+, which is not supported$/.test(reason)) return { status: "not supported", reason: reason.replace(/^.*has element/, "element") };
  return { status: "failed", reason: error.message.split("\n")[0]! };
}

async function compare(graph: Graph, { inputs, outputs }: Recording, readRange: ReturnType<typeof openFile>["readRange"], runtime: Runtime): Promise<string | undefined> {
  const named = new Map(graph.inputs.map((name, i) => [name, asDeclared(graph, name, inputs[i])] as const));
  const { program: specialized, fed } = specializeFor(graph, named);
  const program = await runtime.compile(specialized, readRange);
  try {
    const results = await program.run(Object.fromEntries(fed.map((name) => [name, named.get(name)!])));
    for (const [i, name] of graph.outputs.entries()) {
      const wrong = outputs[i] === undefined ? undefined : difference(results[name]!, outputs[i], specialized.types.get(name)!.dtype);
      if (wrong !== undefined) return `output ${i}: ${wrong}`;
    }
    return undefined;
  } finally {
    program.dispose();
  }
}

/** NumPy has no bfloat16: the recordings hold its bits as uint16. */
const asBfloat16 = (tensor: Tensor, dtype: Tensor["dtype"]): Tensor => (dtype === "float32" && tensor.dtype === "uint16" ? { ...tensor, dtype: "bfloat16" } : tensor);

/** Floats of every width are fed as what the graph asks for. */
function asDeclared(graph: Graph, name: string, recorded: Tensor | undefined): Tensor {
  if (recorded === undefined) throw new Error(`input "${name}" was not recorded`);
  const tensor = asBfloat16(recorded, graph.types.get(name)!.dtype);
  return graph.types.get(name)!.dtype === "float32" && tensor.dtype !== "float32" && isFloat(tensor.dtype) ? float32(tensor.shape, toNumbers(tensor)) : tensor;
}

/**
 * Backend tests feed as inputs what models hold as constants: shapes, axes, pads. Where shapes cannot be known otherwise, inputs become constants:
 * first the integers, then all but the first.
 */
function specializeFor(graph: Graph, named: ReadonlyMap<string, Tensor>): { program: Graph; fed: string[] } {
  const choices = [() => false, (name: string) => !isFloat(named.get(name)!.dtype), (name: string) => name !== graph.inputs[0], () => true];
  for (const [i, isBound] of choices.entries()) {
    const bound = graph.inputs.filter(isBound);
    const fed = graph.inputs.filter((name) => !bound.includes(name));
    const initializers = new Map([...graph.initializers, ...bound.map((name) => [name, named.get(name)!] as const)]);
    try {
      return { program: specialize({ ...graph, inputs: fed, initializers }, Object.fromEntries(fed.map((name) => [name, named.get(name)!.shape]))), fed };
    } catch (thrown) {
      if (i === choices.length - 1 || toWhylightError(thrown).code !== "shapeUnknown") throw thrown;
    }
  }
  throw new Error("internal: no way of feeding was tried");
}

/** Why `actual` is not the recorded tensor, or nothing. */
function difference(actual: Tensor, recorded: Tensor, dtype: Tensor["dtype"]): string | undefined {
  const expected = asBfloat16(recorded, dtype);
  if (isFloat(expected.dtype) ? !isFloat(dtype) : dtype !== expected.dtype) return `${dtype} where ${expected.dtype} was recorded`;
  if (String(actual.shape) !== String(expected.shape)) return `shape [${actual.shape.join(", ")}] where [${expected.shape.join(", ")}] was recorded`;
  const [found, wanted] = [toNumbers(actual), toNumbers(expected)];
  const scale = isFloat(expected.dtype) ? Math.max(relative, rounding[expected.dtype] ?? 0) : 0;
  const slack = isFloat(expected.dtype) ? absolute : 0;
  const at = wanted.findIndex((value, i) => !(Object.is(value, found[i]) || value === found[i] || Math.abs(value - found[i]!) <= slack + scale * Math.abs(value)));
  return at < 0 ? undefined : `element ${at} is ${found[at]} where ${wanted[at]} was recorded`;
}
