/** @file Owns the worker process: starts it when needed, asks it and then forces it to stop, starts it again after a crash. Knows nothing of VS Code. */
import type { CancelSignal } from "../engine/cancellation.js";
import { WhylightError } from "../engine/errors.js";
import type { WorkerApi, WorkerEvents } from "../protocol/api.js";
import { startChild, type LogLevel, type WorkerChild } from "./workerChild.js";

/** Read anew whenever a process starts, so that changed settings count from the next start. */
export interface WorkerOptions {
  /** The bundle to fork. */
  readonly script: string;
  /** Another Node to run it with; `undefined` takes the one running this code. */
  readonly nodePath: string | undefined;
  /** Heap limit of the worker's JavaScript, in MB. */
  readonly memoryMb: number;
  /** An unused process ends after this long; 0 keeps it. */
  readonly idleMs: number;
  /** How long a cancelled call may go on before the process is killed. */
  readonly cancelGraceMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export type Progress = Omit<WorkerEvents["progress"], "call">;

export interface CallOptions {
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

type Params<Name extends keyof WorkerApi> = Parameters<WorkerApi[Name]>[0];
type Result<Name extends keyof WorkerApi> = ReturnType<WorkerApi[Name]>;

export interface WorkerClient {
  /**
   * Calls the worker, starting it first where needed. An aborted call rejects with `cancelled` at once. When that takes the whole process,
   * calls of others that were under way are made again in a new one. A crash rejects every call with `workerCrashed` or `outOfMemory`.
   */
  call<Name extends keyof WorkerApi>(method: Name, args: Params<Name>, options?: CallOptions): Promise<Result<Name>>;
  /** Ends the process so that changed settings count; calls under way are made again. Also forgives earlier crashes. */
  restart(): void;
  /** Forgives earlier crashes: the next call starts a process again. */
  forgive(): void;
  /** The process id while a process runs. */
  pid(): number | undefined;
  /** Kills the process; every call under way rejects with `cancelled`. */
  dispose(): void;
}

/** After this many crashes without one answer between them, nothing is started until `forgive` or `restart`. */
export const crashLimit = 3;

interface Job {
  readonly method: keyof WorkerApi;
  readonly args: unknown;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WhylightError) => void;
}

/** A client whose process is started by the first call. */
export function createWorkerClient(options: () => WorkerOptions, log: (level: LogLevel, text: string) => void): WorkerClient {
  /** Jobs whose promise is still open. A cancelled job leaves at once, while its process may still work on it. */
  const open = new Set<Job>();
  let child: WorkerChild | undefined;
  let crashes = 0;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;

  function current(): WorkerChild {
    clearTimeout(idleTimer);
    if (child) return child;
    const started = startChild(options(), log, (exit) => {
      if (child === started) child = undefined;
      if (exit.expected) return;
      crashes++;
      log("error", `Worker process ${started.pid ?? ""} ended: ${exit.reason} (${crashes} in a row)`);
    });
    child = started;
    return started;
  }

  function settle(job: Job, how: () => void): void {
    if (!open.delete(job)) return;
    how();
    if (open.size === 0) waitForIdle();
  }

  function waitForIdle(): void {
    const { idleMs } = options();
    clearTimeout(idleTimer);
    if (idleMs > 0 && child && !disposed) idleTimer = setTimeout(() => child?.end(), idleMs);
  }

  function send(job: Job): void {
    let target: WorkerChild;
    try {
      target = current();
    } catch (thrown) {
      crashes++;
      settle(job, () => job.reject(new WhylightError("workerCrashed", { exit: thrown instanceof Error ? thrown.message : String(thrown) })));
      return;
    }
    const { signal } = job.options;
    let forced: ReturnType<typeof setTimeout> | undefined;
    const onAbort = () => {
      settle(job, () => job.reject(new WhylightError("cancelled")));
      forced = setTimeout(() => target.kill(), options().cancelGraceMs);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const over = () => {
      clearTimeout(forced);
      signal?.removeEventListener("abort", onAbort);
    };
    target.call(job.method, job.args, job.options).then(
      (value) => {
        over();
        crashes = 0;
        settle(job, () => job.resolve(value));
      },
      (error: WhylightError) => {
        over();
        if (target.isRunning()) crashes = 0;
        // The process was ended for another call's sake, so this one has done no wrong and starts over.
        if (target.endedOnPurpose() && open.has(job)) send(job);
        else settle(job, () => job.reject(error));
      },
    );
  }

  return {
    call: <Name extends keyof WorkerApi>(method: Name, args: Params<Name>, callOptions: CallOptions = {}) =>
      new Promise<Result<Name>>((resolve, reject) => {
        if (disposed || callOptions.signal?.aborted) return reject(new WhylightError("cancelled"));
        if (crashes >= crashLimit) return reject(new WhylightError("workerCrashed", { exit: "stopped", crashes }));
        const job: Job = { method, args, options: callOptions, resolve: resolve as (value: unknown) => void, reject };
        open.add(job);
        return send(job);
      }),
    restart: () => {
      crashes = 0;
      child?.kill();
    },
    forgive: () => {
      crashes = 0;
    },
    pid: () => child?.pid,
    dispose: () => {
      disposed = true;
      clearTimeout(idleTimer);
      for (const job of open) settle(job, () => job.reject(new WhylightError("cancelled")));
      child?.kill();
    },
  };
}
