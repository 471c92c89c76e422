/** @file One thread of the WASM module, as its loader wants to see it. */
import { Worker } from "node:worker_threads";

/** What the loader sends to a thread: `load` hands it the module, `run` makes it compute for good. */
type Message = { readonly cmd: string };

/** What the threads of one module have in common. */
export interface ThreadPool {
  /** The program that each one runs. */
  readonly program: string;
  /** Whether the next one that the loader asks for will be used; the others are never started. */
  isWanted(): boolean;
  /** Those that were started. */
  readonly workers: Worker[];
  /** Called once when a thread ended that the loader did not stop. */
  onEnd(reason: string): void;
}

/**
 * A class to stand for the global `Worker` of the loader. The loader keeps its own notes on instances (`loaded`, `pthread_ptr`, `runPthread`).
 * Threads keep no process alive: they end with it.
 */
export function threadClass(pool: ThreadPool): new () => object {
  return class WasmThread {
    onmessage: (event: { data: unknown }) => void = () => {};
    readonly #worker: Worker | undefined;

    constructor() {
      if (!pool.isWanted()) return;
      this.#worker = new Worker(pool.program, { eval: true, name: "whylight-wasm" });
      pool.workers.push(this.#worker);
      this.#worker.on("message", (data) => this.onmessage({ data }));
      this.#worker.on("error", (error) => this.#end(error instanceof Error ? error.message : String(error)));
      this.#worker.on("exit", () => this.#end("it stopped"));
      this.#worker.unref();
    }

    /** Messages are heard above, and errors are not the loader's to throw. */
    on(): void {}
    ref(): void {}
    unref(): void {}

    postMessage(message: Message): void {
      if (this.#worker) this.#worker.postMessage(message);
      else if (message.cmd === "load") setImmediate(() => this.onmessage({ data: { cmd: "loaded" } }));
    }

    terminate(): void {
      this.#end = () => {};
      void this.#worker?.terminate();
    }

    #end = (reason: string): void => {
      this.#end = () => {};
      pool.onEnd(reason);
    };
  };
}
