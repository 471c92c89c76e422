/** @file Compiled programs within a bound of bytes: those used longest ago go first, one that runs never does. */
import { describe, expect, it } from "vitest";
import type { MeasuredProgram } from "../../../src/worker/guardProgram.js";
import { createProgramStore } from "../../../src/worker/programCache.js";

/** A machine with so many bytes, and programs that take of them what they are said to. */
function machine(total: number) {
  let used = 0;
  const alive = new Set<string>();
  const compiled: string[] = [];
  const program = (name: string, bytes: number, run: () => Promise<void> = async () => {}) => async (): Promise<MeasuredProgram> => {
    used += bytes;
    alive.add(name);
    compiled.push(name);
    return {
      run: async () => {
        await run();
        return {};
      },
      dispose: () => {
        used -= bytes;
        alive.delete(name);
      },
      taken: () => ({ compiled: bytes, run: 0 }),
    };
  };
  return { free: () => total - used, program, alive, compiled };
}

/** What is disposed is disposed when its promise is settled. */
const settled = () => new Promise(setImmediate);

describe("programs", () => {
  it("are kept while they take less than half of what would be free without them", async () => {
    const { free, program, alive } = machine(100);
    const cache = createProgramStore(free).cacheFor(20);
    for (const name of ["a", "b", "c"]) await cache.get(name, program(name, 20));
    await settled();
    // 40 of 50 are taken; a third one of 20 is one too many.
    expect([...alive]).toEqual(["b", "c"]);
  });

  it("go in the order of their last use, of whichever model they are", async () => {
    const { free, program, alive, compiled } = machine(100);
    const store = createProgramStore(free);
    const [one, other] = [store.cacheFor(20), store.cacheFor(20)];
    await one.get("a", program("one a", 20));
    await other.get("a", program("other a", 20));
    await one.get("a", program("never", 20));
    await one.get("b", program("one b", 20));
    await settled();
    expect([...alive]).toEqual(["one a", "one b"]);
    expect(compiled).toEqual(["one a", "other a", "one b"]);
    expect([one.held(), other.held()]).toEqual([40, 40]);
  });

  it("that run are not disposed; the newest is made whatever it takes", async () => {
    const { free, program, alive } = machine(100);
    const cache = createProgramStore(free).cacheFor(90);
    let finish: () => void = () => {};
    const running = (await cache.get("a", program("a", 90, () => new Promise((resolve) => { finish = resolve; })))).run({});
    await cache.get("b", program("b", 90));
    await settled();
    expect([...alive]).toEqual(["a", "b"]);
    finish();
    await running;
    await cache.get("c", program("c", 90));
    await settled();
    expect([...alive]).toEqual(["c"]);
  });

  it("are thought to take what their model's largest took", async () => {
    const { free, program, alive } = machine(100);
    const cache = createProgramStore(free).cacheFor(1);
    const first = await cache.get("a", program("a", 30));
    await first.run({});
    // By its weights alone the second one would fit beside the first.
    await cache.get("b", program("b", 30));
    await settled();
    expect([...alive]).toEqual(["b"]);
  });

  it("are few even where they take nothing", async () => {
    const { free, program, alive } = machine(100);
    const cache = createProgramStore(free, 3).cacheFor(0);
    for (let i = 0; i < 5; i++) await cache.get(String(i), program(String(i), 0));
    await settled();
    expect([...alive]).toEqual(["2", "3", "4"]);
  });

  it("of one model are cleared without the others', and one that failed to compile is tried again", async () => {
    const { free, program, alive } = machine(100);
    const store = createProgramStore(free);
    const [one, other] = [store.cacheFor(1), store.cacheFor(1)];
    await one.get("a", program("one", 1));
    await other.get("a", program("other", 1));
    one.clear();
    await settled();
    expect([...alive]).toEqual(["other"]);
    await expect(one.get("b", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await one.get("b", program("again", 1));
    expect([...alive]).toEqual(["other", "again"]);
  });
});
