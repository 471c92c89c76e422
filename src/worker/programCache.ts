/** @file Keeps the programs compiled for one model, and disposes those used longest ago. */
import type { Program } from "../engine/runtime.js";

export interface ProgramCache {
  /** The program of that key; `compile` makes it where it is not there. */
  get(key: string, compile: () => Promise<Program>): Promise<Program>;
  /** Disposes one program, so that the next `get` compiles it again. */
  drop(key: string): void;
  /** Disposes every program. */
  clear(): void;
}

/** A cache of at most `limit` programs. A job must use fewer than that at once. */
export function createProgramCache(limit: number): ProgramCache {
  const programs = new Map<string, Promise<Program>>();
  const disposeLater = (program: Promise<Program>) => void program.then((ready) => ready.dispose(), () => {});

  return {
    get: (key, compile) => {
      const known = programs.get(key);
      if (known) programs.delete(key);
      // Room is made before it is taken: two programs of a large model may be more than fit.
      for (const [oldest, old] of programs) {
        if (programs.size < limit) break;
        programs.delete(oldest);
        disposeLater(old);
      }
      const program = known ?? compile();
      programs.set(key, program);
      program.catch(() => programs.get(key) === program && programs.delete(key));
      return program;
    },
    drop: (key) => {
      const program = programs.get(key);
      programs.delete(key);
      if (program) disposeLater(program);
    },
    clear: () => {
      for (const program of programs.values()) disposeLater(program);
      programs.clear();
    },
  };
}
