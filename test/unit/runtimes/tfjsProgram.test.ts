/** @file What a TensorFlow.js program promises besides its numbers: memory given back, weights read from files, errors with a code. */
import { afterAll, describe, expect, it } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import type { Graph } from "../../../src/engine/ir/graph.js";
import { float32, int64, type Tensor } from "../../../src/engine/ir/tensor.js";
import { referenceRuntime } from "../../../src/engine/reference/referenceRuntime.js";
import { openBackend } from "../../../src/runtimes/tfjs/backend.js";
import { tfjsRuntime, type TfjsRuntimeName } from "../../../src/runtimes/tfjs/tfjsRuntime.js";
import { nativeTensorflow } from "./nativeTensorflow.js";
import { softwareCard } from "./softwareCard.js";
import { caseOf, draw, image, plain, window } from "./operatorCase.js";

const noFile = () => {
  throw new Error("no file here");
};

const network = caseOf("network", [image(1)], (graph, x) => {
  const weight = graph.constant(draw([4, 4, 3, 3], 2));
  const flipped = graph.add("Transpose", [weight], { perm: [1, 0, 2, 3] });
  const y = graph.add("Relu", [graph.add("Conv", [x!, weight, graph.constant(draw([4], 3))], window([3, 3], { pads: [1, 1, 1, 1] }))]);
  const masked = graph.add("Mul", [graph.add("Sign", [y]), graph.add("ConvTranspose", [y, weight], window([3, 3], { pads: [1, 1, 1, 1] }))]);
  const again = graph.add("Conv", [masked, flipped], window([3, 3], { strides: [2, 2] }));
  const parts = graph.addMany("Split", [again], { axis: 1 }, 2);
  return [graph.add("ReduceMean", [parts[0]!, graph.ints([2, 3])], { keepdims: 0 }), masked];
});

const native = await nativeTensorflow();
const card = await softwareCard();

describe.each(["tfjs-wasm", "tfjs-tensorflow", "tfjs-webgpu"] as const)("%s", (name: TfjsRuntimeName) => {
  const isAbsent = (name === "tfjs-tensorflow" && "reason" in native) || (name === "tfjs-webgpu" && "reason" in card);

  it.skipIf(isAbsent)("gives back every tensor: after a run those of the run, after dispose all", async () => {
    const { tf } = await openBackend(name, {});
    const runtime = await tfjsRuntime(name);
    const before = tf.memory().numTensors;
    const program = await runtime.compile(network.graph, noFile);
    const compiled = tf.memory().numTensors;
    const [first, second] = [await program.run(network.inputs), await program.run(network.inputs)];
    expect(tf.memory().numTensors).toBe(compiled);
    expect(second).toEqual(first);
    await expect(program.run({})).rejects.toMatchObject({ code: "runtimeFailed" });
    expect(tf.memory().numTensors).toBe(compiled);
    program.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.skipIf(isAbsent)("gives back every tensor when compiling fails half way", async () => {
    const { tf } = await openBackend(name, {});
    const before = tf.memory().numTensors;
    const graph: Graph = { ...network.graph, nodes: network.graph.nodes.map((node) => (node.op === "ReduceMean" ? { ...node, op: "Nonsense" } : node)) };
    await expect((await tfjsRuntime(name)).compile(graph, noFile)).rejects.toMatchObject({ code: "opUnsupported", data: { op: "Nonsense" } });
    expect(tf.memory().numTensors).toBe(before);
  });

  it.skipIf(isAbsent)("reads weights from unaligned ranges of a file, each dtype", async () => {
    const [weights, indices] = [Float32Array.of(1.5, -2, 3, 4), BigInt64Array.of(1n, 0n)];
    const file = new Uint8Array(64);
    file.set(new Uint8Array(weights.buffer), 3);
    file.set(new Uint8Array(indices.buffer), 21);
    const graph: Graph = {
      name: "ranges", inputs: ["x"], outputs: ["y"],
      nodes: [
        { op: "Gather", name: "gather", inputs: ["w", "i"], outputs: ["g"], attributes: { axis: 0 } },
        { op: "Add", name: "add", inputs: ["x", "g"], outputs: ["y"], attributes: {} },
      ],
      initializers: new Map([
        ["w", { dtype: "float32", shape: [2, 2], range: { file: "model", offset: 3, length: 16 } }],
        ["i", { dtype: "int64", shape: [2], range: { file: "model", offset: 21, length: 16 } }],
      ]),
      types: new Map([["x", "float32", [2, 2]], ["w", "float32", [2, 2]], ["i", "int64", [2]], ["g", "float32", [2, 2]], ["y", "float32", [2, 2]]].map(([value, dtype, shape]) =>
        [value as string, { dtype: dtype as "float32", shape: shape as number[] }])),
    };
    const program = await (await tfjsRuntime(name)).compile(graph, ({ offset, length }) => file.subarray(offset, offset + length));
    const { y } = await program.run({ x: float32([2, 2], [10, 20, 30, 40]) });
    program.dispose();
    expect([...(y!.data as Float32Array)]).toEqual([13, 24, 31.5, 38]);
  });

  it.skipIf(isAbsent)("gives outputs that are inputs, constants or wanted twice", async () => {
    const { graph } = caseOf("ends", [image(1)], (builder, x) => [x!, builder.constant(int64([2], [7, -8])), builder.add("Add", [builder.scalar(1), builder.scalar(2)])]);
    const program = await (await tfjsRuntime(name)).compile(graph, noFile);
    const x = image(4);
    const outputs = await program.run({ x0: x });
    program.dispose();
    const [input, constant, sum] = graph.outputs.map((output) => outputs[output]!) as [Tensor, Tensor, Tensor];
    expect(input).toEqual(x);
    expect(constant).toEqual(int64([2], [7, -8]));
    expect(sum).toEqual(float32([], [3]));
  });

  it.skipIf(isAbsent)("leaves what it has no kernel for to the interpreter, and says so", async () => {
    const filter = draw([3, 2, 2, 3, 3], 2);
    const { graph, inputs } = caseOf("volume", [draw([1, 2, 4, 5, 6], 1)], (builder, x) => {
      const y = builder.add("Relu", [builder.add("Conv", [x!, builder.constant(filter)], window([2, 3, 3]))]);
      return [builder.add("Mul", [y, builder.scalar(2)])];
    });
    const program = await (await tfjsRuntime(name)).compile(graph, noFile);
    const actual = await program.run(inputs);
    program.dispose();
    const expected = await (await referenceRuntime.compile(graph, noFile)).run(inputs);
    const [a, b] = [actual[graph.outputs[0]!]!, expected[graph.outputs[0]!]!];
    expect(program.fallbacks).toEqual([{ op: "Conv", reason: "TensorFlow.js has no kernel for convolution over 3 axes" }]);
    expect(a.shape).toEqual(b.shape);
    a.data.forEach((value, i) => expect(Math.abs(Number(value) - Number(b.data[i]))).toBeLessThan(1e-5));
  });

  it.skipIf(isAbsent)("keeps integers of 64 bits exact, wraps small ones and gives each its type", async () => {
    const large = [2 ** 40 + 1, -(2 ** 41) - 3];
    const { graph } = caseOf("integers", [int64([2], large), { dtype: "uint8", shape: [2], data: Uint8Array.of(250, 7) }, float32([2], [1, -1])], (builder, x, y, z) => [
      builder.add("Mul", [builder.add("Add", [x!, builder.constant(int64([1], [2 ** 33]))]), builder.constant(int64([], [3]))]),
      builder.add("Concat", [x!, x!], { axis: 0 }),
      builder.add("Add", [y!, y!]),
      builder.add("Mul", [builder.add("Cast", [builder.add("Div", [x!, builder.constant(int64([1], [2 ** 33]))])], { to: "float32" }), z!]),
    ]);
    const program = await (await tfjsRuntime(name)).compile(graph, noFile);
    const outputs = await program.run({ x0: int64([2], large), x1: { dtype: "uint8", shape: [2], data: Uint8Array.of(250, 7) }, x2: float32([2], [1, -1]) });
    program.dispose();
    const [sum, joined, wrapped, quotient] = graph.outputs.map((output) => outputs[output]!) as [Tensor, Tensor, Tensor, Tensor];
    expect(sum).toEqual(int64([2], large.map((value) => (value + 2 ** 33) * 3)));
    expect(joined).toEqual(int64([4], [...large, ...large]));
    expect(wrapped).toEqual({ dtype: "uint8", shape: [2], data: Uint8Array.of(244, 14) });
    expect(quotient).toEqual(float32([2], [128, 256]));
    expect(program.fallbacks).toEqual([]);
  });

  it.skipIf(isAbsent)("refuses inputs of another shape, naming both", async () => {
    const program = await (await tfjsRuntime(name)).compile(network.graph, noFile);
    const failure = await program.run({ x0: draw([1, 4, 5, 6], 1) }).catch((error: unknown) => error);
    program.dispose();
    expect(failure).toBeInstanceOf(WhylightError);
    expect((failure as WhylightError).message).toMatch(/\[1, 4, 5, 6\].*\[2, 4, 5, 6\]/);
  });

  it.skipIf(isAbsent)("sends a tied window's cotangent to its first maximum in row-major order", async () => {
    const attributes = { kernel_shape: [2, 2], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
    const { graph } = plain("ties", "MaxPoolGrad", [float32([1, 1, 3, 3], [0, 0, 0, 0, -1, -1, 0, -1, -1]), draw([1, 1, 2, 2], 1), float32([1, 1, 2, 2], [1, 10, 100, 1000])], attributes);
    const program = await (await tfjsRuntime(name)).compile(graph, noFile);
    const x = float32([1, 1, 3, 3], [0, 0, 0, 0, -1, -1, 0, -1, -1]);
    const result = await program.run({ x0: x, x1: float32([1, 1, 2, 2], [0, 0, 0, -1]), x2: float32([1, 1, 2, 2], [1, 10, 100, 1000]) });
    program.dispose();
    expect([...(result[graph.outputs[0]!]!.data as Float32Array)]).toEqual([1, 10, 0, 100, 1000, 0, 0, 0, 0]);
  });
});

describe("two backends in one process", () => {
  it.skipIf("reason" in native && "reason" in card)("take turns", async () => {
    const other = "reason" in card ? "tfjs-tensorflow" : "tfjs-webgpu";
    const programs = await Promise.all((["tfjs-wasm", other] as const).map(async (name) => (await tfjsRuntime(name)).compile(network.graph, noFile)));
    const runs = await Promise.all([0, 1, 0, 1].map((i) => programs[i]!.run(network.inputs)));
    for (const program of programs) program.dispose();
    const [wasm, second] = [runs[2]![network.graph.outputs[1]!]!.data as Float32Array, runs[3]![network.graph.outputs[1]!]!.data as Float32Array];
    wasm.forEach((value, i) => expect(Math.abs(value - second[i]!)).toBeLessThan(1e-5));
  });
});

describe("the WASM backend", () => {
  const listeners = (["uncaughtException", "unhandledRejection"] as const).map((event) => process.listenerCount(event));
  afterAll(async () => {
    const { tf } = await openBackend("tfjs-wasm", {});
    tf.disposeVariables();
  });

  it("leaves the process's own error handling alone", async () => {
    await openBackend("tfjs-wasm", {});
    expect((["uncaughtException", "unhandledRejection"] as const).map((event) => process.listenerCount(event))).toEqual(listeners);
  });

  it("says so when its binaries are missing", async () => {
    await expect(tfjsRuntime("tfjs-wasm", { wasmFolder: "/nowhere" })).rejects.toMatchObject({ code: "runtimeUnavailable", data: { runtime: "tfjs-wasm" } });
  });

  it("runs out of memory with a code, and works afterwards", async () => {
    const runtime = await tfjsRuntime("tfjs-wasm");
    const { graph } = caseOf("large", [float32([1], [1])], (builder, x) => [builder.add("ReduceSum", [builder.add("Expand", [x!, builder.ints([1100, 1024, 1024])])], { keepdims: 0 })]);
    const program = await runtime.compile(graph, noFile);
    await expect(program.run({ x0: float32([1], [1]) })).rejects.toMatchObject({ code: "outOfMemory" });
    program.dispose();
    const small = await runtime.compile(network.graph, noFile);
    await expect(small.run(network.inputs)).resolves.toBeDefined();
    small.dispose();
  });
});
