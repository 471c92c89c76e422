/** @file Keeps the programs compiled for one model, and disposes those used longest ago. */
import type { Program } from "../engine/runtime.js";

export interface ProgramCache {
  /** The program of that key; `compile` makes it where it is not there. */
  get(key: string, compile: () => Promise<Program>): Promise<Program>;
  /** Disposes every program. */
  clear(): void;
}

/** A cache of at most `limit` programs. A job must use fewer than that at once. */
export function createProgramCache(limit: number): ProgramCache {
  const programs = new Map<string, Promise<Program>>();
  const disposeLater = (program: Promise<Program>) => void program.then((ready) => ready.dispose(), () => {});

  return {
    get: (key, compile) => {
      const program = programs.get(key) ?? compile();
      programs.delete(key);
      programs.set(key, program);
      program.catch(() => programs.get(key) === program && programs.delete(key));
      for (const [oldest, old] of programs) {
        if (programs.size <= limit) break;
        programs.delete(oldest);
        disposeLater(old);
      }
      return program;
    },
    clear: () => {
      for (const program of programs.values()) disposeLater(program);
      programs.clear();
    },
  };
}
