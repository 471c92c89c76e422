/** @file A graphics card that vanishes under TensorFlow.js: the job fails with one sentence, nothing hangs, and a card that comes back is used again. */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { describe, expect, it, vi } from "vitest";
import { findGraphicsCard } from "../../../src/runtimes/graphicsCard.js";
import { openBackend } from "../../../src/runtimes/tfjs/backend.js";
import { tfjsRuntime } from "../../../src/runtimes/tfjs/tfjsRuntime.js";
import { caseOf, image } from "./operatorCase.js";
import { softwareCard } from "./softwareCard.js";

const noFile = () => {
  throw new Error("no file here");
};
// Large enough that the backend does not compute it on the processor.
const squares = caseOf("squares", [image(1, [2, 4, 32, 32])], (graph, x) => [graph.add("Mul", [x!, x!])]);
const card = await softwareCard();

describe.skipIf("reason" in card)("a lost card", () => {
  it("ends the runtime with a sentence, between jobs and during one; opened anew it computes as before", async () => {
    const { tf } = await openBackend("tfjs-webgpu", {});
    const runtime = await tfjsRuntime("tfjs-webgpu");
    const program = await runtime.compile(squares.graph, noFile);
    const expected = await program.run(squares.inputs);
    expect(runtime.failure?.()).toBeUndefined();
    const backend = tf.findBackend("webgpu") as WebGPUBackend;
    // The card goes instead of doing what it was given.
    const submit = vi.spyOn(backend, "submitQueue").mockImplementationOnce(() => backend.device.destroy());
    const running = program.run(squares.inputs);
    const sentence = /^the graphics card stopped answering \([^\n]*\)$/;
    await expect(running).rejects.toMatchObject({ code: "runtimeFailed", data: { reason: expect.stringMatching(sentence) as string } });
    expect(submit).toHaveBeenCalled();
    await expect(program.run(squares.inputs)).rejects.toMatchObject({ code: "runtimeFailed", data: { reason: expect.stringMatching(sentence) as string } });
    expect(runtime.failure?.()).toMatch(sentence);
    expect(await findGraphicsCard()).not.toHaveProperty("reason");

    const again = await tfjsRuntime("tfjs-webgpu");
    const anew = await again.compile(squares.graph, noFile);
    expect(await anew.run(squares.inputs)).toEqual(expected);
    expect(again.failure?.()).toBeUndefined();
    // What was compiled on the lost card is given back, and runs no more.
    await expect(program.run(squares.inputs)).rejects.toMatchObject({ code: "runtimeFailed" });
    program.dispose();
    expect(await anew.run(squares.inputs)).toEqual(expected);
    anew.dispose();
  });

  it("does not stop TensorFlow.js on WebAssembly", async () => {
    const program = await (await tfjsRuntime("tfjs-wasm", { threads: 1 })).compile(squares.graph, noFile);
    const { x0 } = squares.inputs;
    expect(Array.from((await program.run(squares.inputs))[squares.graph.outputs[0]!]!.data, Number)).toEqual(Array.from(x0!.data as Float32Array, (value) => Math.fround(value * value)));
  });
});
