/** @file Keeps compiled programs while memory allows, and disposes those used longest ago. */
import type { Program } from "../engine/runtime.js";
import type { MeasuredProgram } from "./guardProgram.js";
import { freeMemory } from "./memory.js";

/** The programs of one model. */
export interface ProgramCache {
  /** The program of that key; `compile` makes it where it is not there. It may be disposed whenever it does not run: ask again before each run. */
  get(key: string, compile: () => Promise<MeasuredProgram>): Promise<Program>;
  /** What the program that ran last takes of memory when it runs, in bytes; `undefined` where none ran since this was asked. */
  taken(): number | undefined;
  /** Bytes that the programs of all models hold. */
  held(): number;
  /** Disposes one program, so that the next `get` compiles it again. */
  drop(key: string): void;
  /** Disposes all of them. */
  clear(): void;
}

export interface ProgramStore {
  /** A model with so many bytes of weights. */
  cacheFor(weights: number): ProgramCache;
}

/** The share that programs may have of the memory that would be free without them. */
const programShare = 0.5;
/** What is too small to be measured adds up as well. */
const mostPrograms = 12;

interface Entry {
  readonly program: Promise<Program>;
  /** What it takes; until it was measured, what the model's programs are thought to. */
  bytes(): number;
  running: number;
}

/** One bound for the programs of all models. A program that runs is never disposed, and the newest is made whatever it takes: without it there would be no answer. */
export function createProgramStore(free: () => number = freeMemory, most = mostPrograms): ProgramStore {
  /** By keys that hold the model's number; used longest ago first. */
  const entries = new Map<string, Entry>();
  let models = 0;

  const dispose = (key: string) => {
    const entry = entries.get(key);
    entries.delete(key);
    void entry?.program.then((program) => program.dispose(), () => {});
  };

  const held = () => [...entries.values()].reduce((sum, entry) => sum + entry.bytes(), 0);

  /** Room is made before it is taken: two programs of a large model may be more than fit. */
  function makeRoom(wanted: number): void {
    // Read once: what is disposed is not given back at once.
    const limit = programShare * (free() + held());
    for (const [key, { running }] of entries) {
      if (held() + wanted <= limit && entries.size < most) return;
      if (running === 0) dispose(key);
    }
  }

  function cacheFor(weights: number): ProgramCache {
    const prefix = `${models++}|`;
    let expected = weights;
    let last: MeasuredProgram | undefined;

    const make = (compile: () => Promise<MeasuredProgram>): Entry => {
      let ready: MeasuredProgram | undefined;
      const program = compile().then((measured): Program => {
        ready = measured;
        const run: Program["run"] = async (inputs) => {
          entry.running++;
          try {
            return await measured.run(inputs);
          } finally {
            entry.running--;
            last = measured;
            expected = Math.max(expected, entry.bytes());
          }
        };
        return { ...measured, run };
      });
      const bytes = () => {
        const taken = ready?.taken();
        // What a program before it gave back is taken again without the process growing.
        return taken === undefined ? expected : Math.max(weights, taken.compiled) + taken.run;
      };
      const entry: Entry = { program, bytes, running: 0 };
      return entry;
    };

    return {
      held,
      get: (key, compile) => {
        const name = prefix + key;
        const known = entries.get(name);
        if (known) entries.delete(name);
        else makeRoom(expected);
        const entry = known ?? make(compile);
        entries.set(name, entry);
        entry.program.catch(() => entries.get(name) === entry && entries.delete(name));
        return entry.program;
      },
      taken: () => {
        const bytes = last?.taken().run;
        last = undefined;
        return bytes;
      },
      drop: (key) => dispose(prefix + key),
      clear: () => {
        for (const key of entries.keys()) if (key.startsWith(prefix)) dispose(key);
      },
    };
  }

  return { cacheFor };
}
