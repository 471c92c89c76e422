/** @file Resampling where the system leaves no memory to WebAssembly, as `ulimit -v` may: the same bytes without its vectors. */
import { afterEach, describe, expect, it, vi } from "vitest";

const image = { width: 40, height: 30, channels: 3, data: Uint8ClampedArray.from({ length: 40 * 30 * 3 }, (_, i) => (i * i * 7 + i) % 256) } as const;

/** By a module that was not started before. */
async function resampled(): Promise<readonly number[]> {
  vi.resetModules();
  const { resample } = await import("../../../src/engine/preprocess/resample.js");
  return [...resample(image, [11, 17], "bilinear", { x: 0, y: 0, width: 17, height: 11 }).data];
}

afterEach(() => vi.unstubAllGlobals());

describe("without memory for vectors", () => {
  it.each([
    ["none at all", class { constructor() { throw new RangeError("WebAssembly.Memory(): could not allocate memory"); } }],
    ["no more than a page", class extends WebAssembly.Memory { override grow(): number { throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory"); } }],
  ])("%s: the bytes are the same", async (_, Memory) => {
    const expected = await resampled();
    const made = vi.fn();
    vi.stubGlobal("WebAssembly", { ...Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name as "Memory"]])), Memory: new Proxy(Memory, { construct: (target, args) => { made(); return Reflect.construct(target, args) as object; } }) });
    expect(await resampled()).toEqual(expected);
    expect(made).toHaveBeenCalled();
  });
});
