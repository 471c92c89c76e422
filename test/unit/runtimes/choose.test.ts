/** @file Choosing a runtime: the fastest that works, with reasons, and the next when one cannot do a job. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { runtimeNames, type Runtime, type RuntimeName } from "../../../src/engine/runtime.js";
import { createRuntimeChooser, type RuntimeLoaders } from "../../../src/runtimes/choose.js";

const works = (name: RuntimeName) => vi.fn(() => Promise.resolve<Runtime>({ name, detail: `${name} 1.0`, compile: () => Promise.reject(new Error("not used")) }));
const breaks = (reason: string) => vi.fn(() => Promise.reject<Runtime>(new Error(reason)));
const loaders = (over: Partial<RuntimeLoaders>) => ({ ...(Object.fromEntries(runtimeNames.map((name) => [name, works(name)])) as unknown as RuntimeLoaders), ...over });
/** As most machines are: no graphics card that anything knows. */
const withoutCard = Object.fromEntries((["onnxruntime-cuda", "onnxruntime-directml", "onnxruntime-coreml", "onnxruntime-webgpu", "tfjs-webgpu"] as const).map((name) => [name, breaks("no card")]));
/** Which of ONNX Runtime's own providers this operating system has. */
const own = ({ linux: ["onnxruntime-cuda"], win32: ["onnxruntime-directml"], darwin: ["onnxruntime-coreml"] } as Readonly<Partial<Record<NodeJS.Platform, readonly RuntimeName[]>>>)[process.platform] ?? [];
const nameOf = (runtime: Runtime) => Promise.resolve(runtime.name);

describe("auto", () => {
  it("takes the processor while nothing was measured, and loads no other", async () => {
    const all = loaders({});
    const { result, passedOver, failed } = await createRuntimeChooser(all).withRuntime("auto", nameOf);
    expect([result, passedOver, failed]).toEqual(["onnxruntime", [], []]);
    for (const [name, open] of Object.entries(all)) expect(open, name).toHaveBeenCalledTimes(name === "onnxruntime" ? 1 : 0);
  });

  it("takes the first of the plan", async () => {
    expect((await createRuntimeChooser(loaders({})).withRuntime("auto", nameOf, { order: ["tfjs-webgpu", "onnxruntime"], unfit: [] })).result).toBe("tfjs-webgpu");
  });

  it("tries cards before the interpreter where nothing else works", async () => {
    const chooser = createRuntimeChooser(loaders(Object.fromEntries((["onnxruntime", "tfjs-tensorflow", "tfjs-wasm"] as const).map((name) => [name, breaks("not here")]))));
    expect((await chooser.withRuntime("auto", nameOf)).result).toBe(own[0] ?? "onnxruntime-webgpu");
  });

  it("passes over a graphics card that is missing or played by the processor without a word, and opens the latter by name", async () => {
    const emulated = vi.fn(() => Promise.resolve<Runtime>({ name: "onnxruntime-webgpu", detail: "SwiftShader", isEmulated: true, compile: () => Promise.reject(new Error("not used")) }));
    const chooser = createRuntimeChooser(loaders({ ...withoutCard, "onnxruntime-webgpu": emulated }));
    const { runtime, passedOver } = await chooser.withRuntime("auto", nameOf, { order: ["tfjs-webgpu", "onnxruntime-webgpu", "onnxruntime"], unfit: [] });
    expect([runtime.name, passedOver]).toEqual(["onnxruntime", []]);
    expect((await chooser.withRuntime("onnxruntime-webgpu", nameOf)).result).toBe("onnxruntime-webgpu");
    expect((await chooser.states()).find(({ name }) => name === "onnxruntime-webgpu")).toEqual({ name: "onnxruntime-webgpu", ok: true, detail: "SwiftShader", reason: "", isEmulated: true, place: "" });
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

describe("a runtime whose card is gone", () => {
  /** What a probe found. */
  const plan = { order: ["tfjs-webgpu", "tfjs-wasm"], unfit: [] } as const;
  /** Loses its card in its first job; opened anew it works. */
  function vanishing() {
    let lost: string | undefined;
    const open = vi.fn(() => {
      lost = undefined;
      return Promise.resolve<Runtime>({ name: "tfjs-webgpu", detail: "a card", failure: () => lost, compile: () => Promise.reject(new Error("not used")) });
    });
    const job = (runtime: Runtime) => {
      if (runtime.name === "tfjs-webgpu" && open.mock.calls.length === 1) {
        lost = "the graphics card stopped answering";
        return Promise.reject(new WhylightError("runtimeFailed", { runtime: runtime.name, reason: lost }));
      }
      return nameOf(runtime);
    };
    const others = Object.fromEntries(runtimeNames.filter((name) => name !== "tfjs-wasm").map((name) => [name, breaks("not here")]));
    return { open, job, chooser: createRuntimeChooser(loaders({ ...others, "tfjs-webgpu": open })) };
  }

  it("fails the job, is told of and not tried for the next", async () => {
    const { open, job, chooser } = vanishing();
    const first = await chooser.withRuntime("auto", job, plan);
    expect([first.result, first.failed]).toEqual(["tfjs-wasm", [{ name: "tfjs-webgpu", reason: "the graphics card stopped answering" }]]);
    const second = await chooser.withRuntime("auto", job, plan);
    expect([second.result, second.failed]).toEqual(["tfjs-wasm", []]);
    expect(second.passedOver).toContainEqual({ name: "tfjs-webgpu", reason: "the graphics card stopped answering" });
    expect((await chooser.states()).find(({ name }) => name === "tfjs-webgpu")).toMatchObject({ ok: false, detail: "", reason: "the graphics card stopped answering" });
    expect(open).toHaveBeenCalledTimes(1);
  });

  it("is opened anew for who names it, and serves again", async () => {
    const { open, job, chooser } = vanishing();
    await expect(chooser.withRuntime("tfjs-webgpu", job)).rejects.toMatchObject({ code: "runtimeFailed" });
    expect((await chooser.withRuntime("tfjs-webgpu", job)).result).toBe("tfjs-webgpu");
    expect((await chooser.withRuntime("auto", job, plan)).result).toBe("tfjs-webgpu");
    expect(open).toHaveBeenCalledTimes(2);
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
    ...own.map((name) => [name, false, "", "no card"]), ["onnxruntime-webgpu", false, "", "no card"], ["onnxruntime", false, "", "missing"], ["tfjs-tensorflow", true, "tfjs-tensorflow 1.0", ""], ["tfjs-webgpu", false, "", "no card"], ["tfjs-wasm", true, "tfjs-wasm 1.0", ""], ["reference", true, "reference 1.0", ""],
  ]);
});
