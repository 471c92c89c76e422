/** @file Chooses a runtime: the one asked for, or the first that works here in the order that was measured, with the reasons why others were passed over. */
import { WhylightError, toWhylightError } from "../engine/errors.js";
import { runtimeNames, type Runtime, type RuntimeName } from "../engine/runtime.js";

/** A runtime that was tried and does not serve, and why. */
interface PassedOver {
  readonly name: RuntimeName;
  readonly reason: string;
}

/** The runtimes that `auto` tries, first the first, and those that it must not take. */
export interface AutoPlan {
  readonly order: readonly RuntimeName[];
  readonly unfit: readonly PassedOver[];
}

/** Those of one operating system, which are not tried or told of on others. */
const systems: Readonly<Partial<Record<RuntimeName, NodeJS.Platform>>> = { "onnxruntime-cuda": "linux", "onnxruntime-directml": "win32", "onnxruntime-coreml": "darwin" };

/** Every runtime that this operating system may have, fastest first. */
export const runtimesHere: readonly RuntimeName[] = runtimeNames.filter((name) => systems[name] === undefined || systems[name] === process.platform);

/** To have no graphics card is no fault, so that only `states` tells of these when they do not serve. */
const needsCard: ReadonlySet<RuntimeName> = new Set(["onnxruntime-cuda", "onnxruntime-directml", "onnxruntime-coreml", "onnxruntime-webgpu", "tfjs-webgpu"]);

/**
 * What `auto` tries of what was not measured. Cards come after the processor, and so not before they were tried in a process of their own:
 * looking for one takes its time at the first click, and a driver may end the process.
 */
export const unmeasuredOrder: readonly RuntimeName[] = [
  ...runtimesHere.filter((name) => !needsCard.has(name) && name !== "reference"), ...runtimesHere.filter((name) => needsCard.has(name)), "reference",
];

/** While nothing was measured. */
const standingPlan: AutoPlan = { order: unmeasuredOrder, unfit: [] };

/** How each runtime is made. None is imported before it is asked for, since native modules are slow to load and may fail. */
export type RuntimeLoaders = Readonly<Record<RuntimeName, () => Promise<Runtime>>>;

/** One runtime's state on this machine; `reason` is empty when it works, `detail` when it does not. */
interface RuntimeState {
  readonly name: RuntimeName;
  readonly ok: boolean;
  readonly detail: string;
  readonly reason: string;
  /** Whether the processor plays the graphics card: it works, and `auto` does not take it. */
  readonly isEmulated: boolean;
  /** The folder it was loaded from; empty where it comes with this program. */
  readonly place: string;
}

export interface RuntimeChooser {
  /** The runtime of that name. Throws `runtimeUnavailable` with the reason. */
  open(name: RuntimeName): Promise<Runtime>;
  /**
   * Runs `job` on the chosen runtime; with `auto` on the first of the plan that works, and on the next when one cannot do the job
   * (`runtimeFailed`, `opUnsupported`, `outOfMemory`). Other errors, and the first error when all fail, are thrown.
   */
  withRuntime<Result>(choice: "auto" | RuntimeName, job: (runtime: Runtime) => Promise<Result>, plan?: AutoPlan): Promise<RuntimeOutcome<Result>>;
  /** Every runtime's state, fastest first. */
  states(): Promise<RuntimeState[]>;
}

export interface RuntimeOutcome<Result> {
  readonly result: Result;
  readonly runtime: Runtime;
  /** Those before it that do not work on this machine, but for those that only lack a graphics card, and those unfit. */
  readonly passedOver: readonly PassedOver[];
  /** Those that began this very job and could not finish it. */
  readonly failed: readonly PassedOver[];
}

/** The product's runtimes. */
export const runtimeLoaders: RuntimeLoaders = {
  "onnxruntime-cuda": async () => (await import("./onnxruntime.js")).onnxruntimeRuntime("onnxruntime-cuda"),
  "onnxruntime-directml": async () => (await import("./onnxruntime.js")).onnxruntimeRuntime("onnxruntime-directml"),
  "onnxruntime-coreml": async () => (await import("./onnxruntime.js")).onnxruntimeRuntime("onnxruntime-coreml"),
  "onnxruntime-webgpu": async () => (await import("./onnxruntime.js")).onnxruntimeRuntime("onnxruntime-webgpu"),
  onnxruntime: async () => (await import("./onnxruntime.js")).onnxruntimeRuntime(),
  "tfjs-tensorflow": async () => (await import("./tfjs/tfjsRuntime.js")).tfjsRuntime("tfjs-tensorflow"),
  "tfjs-webgpu": async () => (await import("./tfjs/tfjsRuntime.js")).tfjsRuntime("tfjs-webgpu"),
  "tfjs-wasm": async () => (await import("./tfjs/tfjsRuntime.js")).tfjsRuntime("tfjs-wasm"),
  reference: async () => (await import("../engine/reference/referenceRuntime.js")).referenceRuntime,
};

/** Another runtime may do what these failures say this one cannot. */
const worthFallingBack: ReadonlySet<string> = new Set(["runtimeFailed", "opUnsupported", "outOfMemory"]);

/** A chooser that opens each runtime once and remembers what came of it. */
export function createRuntimeChooser(loaders: RuntimeLoaders = runtimeLoaders): RuntimeChooser {
  const opened = new Map<RuntimeName, Promise<Runtime>>();

  function open(name: RuntimeName): Promise<Runtime> {
    const known = opened.get(name);
    if (known) return known;
    return openAnew(name);
  }

  function openAnew(name: RuntimeName): Promise<Runtime> {
    const loading = loaders[name]().catch((thrown: unknown) => {
      throw new WhylightError("runtimeUnavailable", { runtime: name, reason: reasonOf(thrown) }, { cause: thrown });
    });
    opened.set(name, loading);
    return loading;
  }

  async function withRuntime<Result>(choice: "auto" | RuntimeName, job: (runtime: Runtime) => Promise<Result>, plan = standingPlan): Promise<RuntimeOutcome<Result>> {
    const passedOver: PassedOver[] = choice === "auto" ? [...plan.unfit] : [];
    const failed: PassedOver[] = [];
    let firstFailure: WhylightError | undefined;
    for (const name of choice === "auto" ? plan.order : [choice]) {
      let runtime: Runtime;
      try {
        runtime = await open(name);
        // Who asks for a runtime by name may have plugged its card in again.
        if (choice !== "auto" && runtime.failure?.() !== undefined) runtime = await openAnew(name);
      } catch (thrown) {
        if (choice !== "auto") throw thrown;
        if (!needsCard.has(name)) passedOver.push({ name, reason: reasonOf(thrown) });
        continue;
      }
      if (choice === "auto" && runtime.isEmulated === true) continue;
      const ended = runtime.failure?.();
      if (ended !== undefined) {
        passedOver.push({ name, reason: ended });
        continue;
      }
      try {
        return { result: await job(runtime), runtime, passedOver, failed };
      } catch (thrown) {
        const error = toWhylightError(thrown);
        if (choice !== "auto" || !worthFallingBack.has(error.code)) throw error;
        firstFailure ??= error;
        failed.push({ name, reason: reasonOf(error) });
      }
    }
    throw firstFailure ?? new WhylightError("runtimeUnavailable", { runtime: choice, reason: passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ") });
  }

  async function states(): Promise<RuntimeState[]> {
    const result: RuntimeState[] = [];
    // One after the other: two runtimes that start at once fight for the same cores.
    for (const name of runtimesHere) {
      const state = await open(name).then(
        (runtime) => stateOf(name, runtime),
        (thrown: unknown) => ({ name, ok: false, detail: "", reason: reasonOf(thrown), isEmulated: false, place: "" }),
      );
      result.push(state);
    }
    return result;
  }

  return { open, withRuntime, states };
}

function stateOf(name: RuntimeName, { detail, isEmulated = false, place = "", failure }: Runtime): RuntimeState {
  const reason = failure?.() ?? "";
  return { name, ok: reason === "", detail: reason === "" ? detail : "", reason, isEmulated, place };
}

/** The first line of what went wrong, without our own prefix. */
function reasonOf(thrown: unknown): string {
  const error = toWhylightError(thrown);
  const { reason, op } = error.data;
  if (error.code === "opUnsupported" && op !== undefined) return `it cannot run the operator ${op}`;
  return String(reason ?? error.message).split("\n")[0]!;
}
