/** @file Choosing a runtime: the fastest that works, with reasons, and the next when one cannot do a job. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { runtimeNames, type Runtime, type RuntimeName } from "../../../src/engine/runtime.js";
import { createRuntimeChooser, type RuntimeLoaders } from "../../../src/runtimes/choose.js";

const works = (name: RuntimeName) => vi.fn(() => Promise.resolve<Runtime>({ name, detail: `${name} 1.0`, compile: () => Promise.reject(new Error("not used")) }));
const breaks = (reason: string) => vi.fn(() => Promise.reject<Runtime>(new Error(reason)));
const loaders = (over: Partial<RuntimeLoaders>) => ({ ...(Object.fromEntries(runtimeNames.map((name) => [name, works(name)])) as unknown as RuntimeLoaders), ...over });
/** As most machines are: no graphics card that WebGPU knows. */
const withoutCard = { "onnxruntime-webgpu": breaks("no card"), "tfjs-webgpu": breaks("no card") };
const nameOf = (runtime: Runtime) => Promise.resolve(runtime.name);

describe("auto", () => {
  it("takes the fastest, and loads no other", async () => {
    const all = loaders({});
    const { result, passedOver, failed } = await createRuntimeChooser(all).withRuntime("auto", nameOf);
    expect([result, passedOver, failed]).toEqual(["onnxruntime-webgpu", [], []]);
    expect(all.reference).not.toHaveBeenCalled();
  });

  it("passes over a graphics card that is missing or played by the processor without a word, and opens the latter by name", async () => {
    const emulated = vi.fn(() => Promise.resolve<Runtime>({ name: "onnxruntime-webgpu", detail: "SwiftShader", isEmulated: true, compile: () => Promise.reject(new Error("not used")) }));
    const chooser = createRuntimeChooser(loaders({ ...withoutCard, "onnxruntime-webgpu": emulated }));
    const { runtime, passedOver } = await chooser.withRuntime("auto", nameOf);
    expect([runtime.name, passedOver]).toEqual(["onnxruntime", []]);
    expect((await chooser.withRuntime("onnxruntime-webgpu", nameOf)).result).toBe("onnxruntime-webgpu");
    expect((await chooser.states())[0]).toEqual({ name: "onnxruntime-webgpu", ok: true, detail: "SwiftShader", reason: "", isEmulated: true, place: "" });
  });

  it("passes over what does not load, says why, and does not try it twice", async () => {
    const broken = breaks("no such library\n  at somewhere");
    const chooser = createRuntimeChooser(loaders({ ...withoutCard, onnxruntime: broken }));
    for (let i = 0; i < 2; i++) {
      const { runtime, passedOver } = await chooser.withRuntime("auto", nameOf);
      expect([runtime.name, passedOver]).toEqual(["tfjs-tensorflow", [{ name: "onnxruntime", reason: "no such library" }]]);
    }
    expect(broken).toHaveBeenCalledTimes(1);
  });

  it("falls back when a runtime cannot do the job, and says so", async () => {
    const chooser = createRuntimeChooser(loaders(withoutCard));
    const { result, failed } = await chooser.withRuntime("auto", (runtime) => {
      if (runtime.name === "onnxruntime") throw new WhylightError("runtimeFailed", { runtime: runtime.name, reason: "bad kernel" });
      if (runtime.name === "tfjs-tensorflow") throw new WhylightError("opUnsupported", { op: "Einsum", node: "n" });
      return nameOf(runtime);
    });
    expect(result).toBe("tfjs-wasm");
    expect(failed).toEqual([{ name: "onnxruntime", reason: "bad kernel" }, { name: "tfjs-tensorflow", reason: "it cannot run the operator Einsum" }]);
  });

  it("throws the first failure when none can, and other errors at once", async () => {
    const chooser = createRuntimeChooser(loaders(withoutCard));
    const fails = (runtime: Runtime) => Promise.reject<never>(new WhylightError("runtimeFailed", { runtime: runtime.name, reason: "no" }));
    await expect(chooser.withRuntime("auto", fails)).rejects.toMatchObject({ code: "runtimeFailed", data: { runtime: "onnxruntime" } });
    const job = vi.fn(() => Promise.reject<never>(new WhylightError("layerUnknown", { layer: "x" })));
    await expect(chooser.withRuntime("auto", job)).rejects.toMatchObject({ code: "layerUnknown" });
    expect(job).toHaveBeenCalledTimes(1);
  });
});

describe("a runtime by name", () => {
  it("is taken or refused, never replaced", async () => {
    const chooser = createRuntimeChooser(loaders({ "tfjs-wasm": breaks("no WebAssembly") }));
    expect((await chooser.withRuntime("reference", nameOf)).result).toBe("reference");
    await expect(chooser.withRuntime("tfjs-wasm", nameOf)).rejects.toMatchObject({ code: "runtimeUnavailable", data: { runtime: "tfjs-wasm", reason: "no WebAssembly" } });
    const fails = (runtime: Runtime) => Promise.reject<never>(new WhylightError("runtimeFailed", { runtime: runtime.name, reason: "no" }));
    await expect(chooser.withRuntime("reference", fails)).rejects.toMatchObject({ code: "runtimeFailed", data: { runtime: "reference" } });
  });
});

it("tells the state of every runtime", async () => {
  const states = await createRuntimeChooser(loaders({ ...withoutCard, onnxruntime: breaks("missing") })).states();
  expect(states.map(({ name, ok, detail, reason }) => [name, ok, detail, reason])).toEqual([
    ["onnxruntime-webgpu", false, "", "no card"], ["onnxruntime", false, "", "missing"], ["tfjs-tensorflow", true, "tfjs-tensorflow 1.0", ""], ["tfjs-webgpu", false, "", "no card"], ["tfjs-wasm", true, "tfjs-wasm 1.0", ""], ["reference", true, "reference 1.0", ""],
  ]);
});
