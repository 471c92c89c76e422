/** @file One forked worker process with its RPC, from fork to exit. */
import { fork, type ChildProcess } from "node:child_process";
import { WhylightError } from "../engine/errors.js";
import { protocolVersion, type WorkerApi, type WorkerEvents } from "../protocol/api.js";
import { computingFlags } from "../protocol/computingFlags.js";
import { Rpc, type Frame } from "../protocol/rpc.js";
import type { CallOptions, WorkerOptions } from "./workerClient.js";

export type LogLevel = WorkerEvents["log"]["level"];

/** Why a process is gone; `expected` when this side ended it. */
export interface Exit {
  readonly expected: boolean;
  readonly reason: string;
}

export interface WorkerChild {
  readonly pid: number | undefined;
  call(method: keyof WorkerApi, args: unknown, options: CallOptions): Promise<unknown>;
  isRunning(): boolean;
  endedOnPurpose(): boolean;
  /** Lets the process leave by itself, and kills it if it stays. */
  end(): void;
  /** Ends the process now. Its calls reject at once. */
  kill(): void;
}

/** How long a process asked to leave may take. */
const leaveMs = 2000;

/** How long after its exit a process's pipes are waited for. */
const drainMs = 300;

/** What V8, libstdc++ and ONNX Runtime write when memory runs out. */
const memoryWords = /heap out of memory|bad_alloc|Cannot allocate memory|Failed to allocate memory|Allocation failed/;

type Nothing = Record<never, never>;

/** Forks the worker. `onExit` is told once, before its calls reject. */
export function startChild(options: WorkerOptions, log: (level: LogLevel, text: string) => void, onExit: (exit: Exit) => void): WorkerChild {
  const process_ = forkWorker(options);
  let ended = false;
  let onPurpose = false;
  let lastWords = "";
  let close: (error: WhylightError) => void = () => {};
  const progress = new Map<number, CallOptions["onProgress"]>();

  const rpc = new Rpc<Nothing, WorkerApi, Nothing, WorkerEvents>({
    // The callback takes the error of a channel that closed meanwhile; `exit` tells the rest.
    post: (frame: Frame) => void (process_.connected && process_.send(frame, () => {})),
    onFrame: (listener) => process_.on("message", (message) => listener(message as unknown as Frame)),
    onClose: (listener) => (close = listener),
  }, {});

  let exit: Exit | undefined;
  const leave = (reason: string): Exit => {
    if (exit) return exit;
    exit = { expected: onPurpose, reason };
    onExit(exit);
    return exit;
  };
  const finish = (reason: string) => {
    if (ended) return;
    ended = true;
    const left = leave(reason);
    const code = !left.expected && memoryWords.test(lastWords) ? "outOfMemory" : "workerCrashed";
    close(new WhylightError(code, { exit: left.reason }));
  };
  const kill = () => {
    onPurpose = onPurpose || !ended;
    process_.kill("SIGKILL");
    finish("killed");
  };

  process_.on("error", (error) => finish(error.message));
  process_.on("exit", (code, signal) => {
    const reason = leave(signal ?? `exit code ${code}`).reason;
    // Answers and last words may still lie in the pipes; `close` comes when they are read, or never when a grandchild holds them.
    setTimeout(() => finish(reason), drainMs);
  });
  process_.on("close", () => finish("closed"));
  // Without its channel the process is of no use, whatever it still does.
  process_.on("disconnect", () => setTimeout(() => process_.kill("SIGKILL"), leaveMs).unref());
  process_.stdout?.setEncoding("utf8").on("data", byLine((line) => log("info", line)));
  process_.stderr?.setEncoding("utf8").on("data", byLine((line) => {
    lastWords = `${lastWords}\n${line}`.slice(-4000);
    log("warn", line);
  }));
  rpc.on("log", ({ level, text }) => log(level, text));
  rpc.on("progress", ({ call, ...rest }) => progress.get(call)?.(rest));
  rpc.call("hello", {}).then((hello) => {
    log("info", `Worker process ${process_.pid}: Whylight ${hello.version}, Node ${hello.node}`);
    if (hello.protocol !== protocolVersion) log("error", `The worker speaks protocol ${hello.protocol}, this side ${protocolVersion}: reinstall the extension.`);
  }, () => {});

  return {
    pid: process_.pid,
    call: (method, args, { signal, onProgress }) => {
      let id = 0;
      const onStart = (call: number) => {
        id = call;
        progress.set(call, onProgress);
      };
      // The caller's own generic signature ties `args` to `method`; here they are one call among many.
      return rpc.call(method, args as never, signal ? { signal, onStart } : { onStart }).finally(() => progress.delete(id));
    },
    isRunning: () => !ended,
    endedOnPurpose: () => ended && onPurpose,
    end: () => {
      onPurpose = true;
      if (process_.connected) process_.disconnect();
      finish("idle");
    },
    kill,
  };
}

function forkWorker(options: WorkerOptions): ChildProcess {
  const { nodePath } = options;
  const electron = nodePath === undefined && "electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {};
  return fork(options.script, [], {
    // The default serialisation is JSON, which turns typed arrays into objects.
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    execArgv: [...computingFlags, `--max-old-space-size=${options.memoryMb}`],
    env: { ...process.env, ...electron, ...options.env },
    ...(nodePath === undefined ? {} : { execPath: nodePath }),
  });
}

function byLine(take: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") take(line.trimEnd());
  };
}
