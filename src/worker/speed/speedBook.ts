/** @file How fast each runtime is on this machine, as far as it was measured; what `auto` goes by. */
import { passes, type Pass } from "../../engine/attribution/batching.js";
import { modelFamilies, type ModelFamily } from "../../engine/ir/flops.js";
import type { RuntimeName } from "../../engine/runtime.js";
import { runtimesHere, unmeasuredOrder, type AutoPlan } from "../../runtimes/choose.js";

/** Floating-point operations per millisecond of each family. */
export type Rates = Readonly<Partial<Record<ModelFamily, number>>>;

/** What the probe found of one version of a runtime, or why `auto` must not take it. */
export interface Measured {
  /** The runtime's `detail` at that time: with another version or graphics card it has to be measured anew. */
  readonly detail: string;
  /** Of gradients, which runtimes are compared by. */
  readonly rates: Rates;
  /** Of models that are only run forward. */
  readonly forward?: Rates | undefined;
  /** Empty when it is fit. */
  readonly unfit: string;
}

/** All that a book holds. */
export interface Speeds {
  readonly measured: Readonly<Partial<Record<RuntimeName, Measured>>>;
  /** Averages of real jobs. */
  readonly seen: Readonly<Partial<Record<RuntimeName, Readonly<Partial<Record<Pass, Rates>>>>>>;
}

export const noSpeeds: Speeds = { measured: {}, seen: {} };

/** Where a book lies. */
export interface SpeedStore {
  read(): Speeds;
  write(speeds: Speeds): void;
}

export interface SpeedBook {
  /** Floating-point operations per millisecond that a runtime makes of a family here: in jobs, else in the probe; `undefined` before either, but for the interpreter. */
  rate(runtime: RuntimeName, family: ModelFamily, pass: Pass): number | undefined;
  /** Runtimes by how fast the probe found them, fastest first; `undefined` before that. */
  order(family: ModelFamily): readonly RuntimeName[] | undefined;
  /** How `auto` goes about a model: what was measured, then what was not, cards last; never what is unfit. */
  plan(family: ModelFamily): AutoPlan;
  /** A run of a job tells too: keeps a moving average, which `order` does not go by, since jobs of one runtime say nothing about the others. */
  observe(runtime: RuntimeName, family: ModelFamily, pass: Pass, flops: number, ms: number): void;
  measured(runtime: RuntimeName): Measured | undefined;
  /** Keeps what the probe found; `undefined` forgets a runtime. */
  record(runtime: RuntimeName, measured: Measured | undefined): void;
}

/** The interpreter's, which is not measured since it is always last: JavaScript on one core differs little between machines. */
const interpretedRate = 5e5;
/** What a new run counts in the average. */
const weightOfNew = 0.25;
/** Averages that moved less are not worth a write. */
const worthWriting = 0.1;

/** A book over a store; without one it forgets when the process ends. */
export function createSpeedBook(store: SpeedStore = inMemory()): SpeedBook {
  // The averages since they were last written.
  const own = new Map<string, number>();

  const order: SpeedBook["order"] = (family) => {
    const { measured } = store.read();
    const rateOf = (name: RuntimeName) => measured[name]?.rates[family] ?? 0;
    const known = runtimesHere.filter((name) => rateOf(name) > 0);
    return known.length === 0 ? undefined : known.toSorted((a, b) => rateOf(b) - rateOf(a));
  };

  return {
    order,
    rate: (runtime, family, pass) => {
      const { measured, seen } = store.read();
      const probed = pass === "gradient" ? measured[runtime]?.rates : measured[runtime]?.forward;
      return own.get(keyOf(runtime, family, pass)) ?? seen[runtime]?.[pass]?.[family] ?? probed?.[family] ?? (runtime === "reference" ? interpretedRate : undefined);
    },
    plan: (family) => {
      const { measured } = store.read();
      const unfit = runtimesHere.flatMap((name) => (measured[name]?.unfit ? [{ name, reason: measured[name].unfit }] : []));
      const known = order(family) ?? [];
      return { order: [...known, ...unmeasuredOrder.filter((name) => !known.includes(name) && !measured[name]?.unfit)], unfit };
    },
    observe: (runtime, family, pass, flops, ms) => {
      if (!(flops > 0 && ms > 0)) return;
      const { seen, measured } = store.read();
      const written = seen[runtime]?.[pass]?.[family];
      const known = own.get(keyOf(runtime, family, pass)) ?? written;
      const rate = known === undefined ? flops / ms : known + weightOfNew * (flops / ms - known);
      own.set(keyOf(runtime, family, pass), rate);
      if (written !== undefined && Math.abs(rate - written) < worthWriting * written) return;
      store.write({ measured, seen: { ...seen, [runtime]: { ...seen[runtime], [pass]: { ...seen[runtime]?.[pass], [family]: rate } } } });
    },
    measured: (runtime) => store.read().measured[runtime],
    record: (runtime, found) => {
      const { seen, measured: { [runtime]: before, ...measured } } = store.read();
      // Jobs of another version tell nothing of this one.
      const { [runtime]: _, ...others } = seen;
      const isSame = found !== undefined && before?.detail === found.detail;
      if (!isSame) for (const family of modelFamilies) for (const pass of passes) own.delete(keyOf(runtime, family, pass));
      store.write({ measured: found ? { ...measured, [runtime]: found } : measured, seen: isSame ? seen : others });
    },
  };
}

const keyOf = (runtime: RuntimeName, family: ModelFamily, pass: Pass) => `${runtime} ${family} ${pass}`;

function inMemory(): SpeedStore {
  let speeds = noSpeeds;
  return { read: () => speeds, write: (next) => { speeds = next; } };
}
