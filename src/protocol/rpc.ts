/** @file One small RPC for both boundaries: host and worker, host and webview. */
import type { CancelSignal } from "../engine/cancellation.js";
import { WhylightError, toWhylightError } from "../engine/errors.js";
import { fromWire, toWire, type WireError } from "./wireError.js";

/** The global that Node and browsers share. */
declare class AbortController {
  readonly signal: CancelSignal;
  abort(): void;
}

export type Frame =
  | { readonly t: "call"; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly t: "cancel"; readonly id: number }
  | { readonly t: "done"; readonly id: number; readonly value: unknown }
  | { readonly t: "fail"; readonly id: number; readonly error: WireError }
  | { readonly t: "event"; readonly name: string; readonly data: unknown };

/** A two-way pipe of frames. `onClose` fires once, with the failure every pending call gets. */
export interface Port {
  post(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
  onClose(listener: (error: WhylightError) => void): void;
}

/** The methods of an interface of calls that take one argument object. */
type Calls<Api> = { [Name in keyof Api]: Api[Name] extends (p: infer Params) => infer Result ? { params: Params; result: Result } : never };

/** What a handler gets beside its arguments: the signal that cancels it and the id its progress events carry. */
export interface CallContext {
  readonly signal: CancelSignal;
  readonly call: number;
}

export type Handlers<Api> = { [Name in keyof Calls<Api>]: (params: Calls<Api>[Name]["params"], context: CallContext) => Promise<Calls<Api>[Name]["result"]> | Calls<Api>[Name]["result"] };

/**
 * Serves `Local` and calls `Remote` over one port. Every pending call settles: by its answer, by cancellation, or when the port closes.
 * `Sends` and `Receives` are the events of each direction.
 */
export class Rpc<Local, Remote, Sends, Receives> {
  readonly #port: Port;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: WhylightError) => void }>();
  readonly #running = new Map<number, AbortController>();
  readonly #listeners = new Map<keyof Receives, Set<(data: never) => void>>();
  #nextId = 1;
  #closed: WhylightError | undefined;

  constructor(port: Port, handlers: Handlers<Local>) {
    this.#port = port;
    port.onFrame((frame) => this.#receive(frame, handlers));
    port.onClose((error) => this.#close(error));
  }

  /** Calls the other side. An aborted `signal` sends `cancel`; the promise then settles with what the other side answers. */
  call<Name extends keyof Calls<Remote> & string>(
    method: Name, args: Calls<Remote>[Name]["params"], options: { signal?: CancelSignal; onStart?: (call: number) => void } = {},
  ): Promise<Calls<Remote>[Name]["result"]> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (options.signal?.aborted) return Promise.reject(new WhylightError("cancelled"));
    const id = this.#nextId++;
    const cancel = () => this.#port.post({ t: "cancel", id });
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    options.signal?.addEventListener("abort", cancel, { once: true });
    options.onStart?.(id);
    try {
      this.#port.post({ t: "call", id, method, args });
    } catch (thrown) {
      // A value that cannot be copied, or a channel that closed meanwhile: a rejection, never a throw.
      this.#take(id)?.reject(toWhylightError(thrown));
    }
    return answer.finally(() => options.signal?.removeEventListener("abort", cancel)) as Promise<Calls<Remote>[Name]["result"]>;
  }

  /** Tells the other side something; nobody answers. */
  emit<Name extends keyof Sends & string>(name: Name, data: Sends[Name]): void {
    if (!this.#closed) this.#port.post({ t: "event", name, data });
  }

  /** Listens for an event; the returned function stops it. */
  on<Name extends keyof Receives & string>(name: Name, listener: (data: Receives[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as (data: never) => void));
    return () => listeners.delete(listener as (data: never) => void);
  }

  #receive(frame: Frame, handlers: Handlers<Local>): void {
    switch (frame.t) {
      case "call": void this.#serve(frame.id, frame.method, frame.args, handlers); break;
      case "cancel": this.#running.get(frame.id)?.abort(); break;
      case "done": this.#take(frame.id)?.resolve(frame.value); break;
      case "fail": this.#take(frame.id)?.reject(fromWire(frame.error)); break;
      case "event": for (const listener of this.#listeners.get(frame.name as keyof Receives) ?? []) listener(frame.data as never); break;
    }
  }

  async #serve(id: number, method: string, args: unknown, handlers: Handlers<Local>): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      if (!Object.hasOwn(handlers, method)) throw new WhylightError("internal", { reason: `no method ${method}` });
      const handler = handlers[method as keyof Handlers<Local>] as (params: unknown, context: CallContext) => unknown;
      const value = await handler(args, { signal: controller.signal, call: id });
      this.#reply({ t: "done", id, value });
    } catch (thrown) {
      this.#reply({ t: "fail", id, error: toWire(toWhylightError(thrown)) });
    } finally {
      this.#running.delete(id);
    }
  }

  #reply(frame: Frame): void {
    if (!this.#closed) this.#port.post(frame);
  }

  #take(id: number) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #close(error: WhylightError): void {
    this.#closed ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    this.#pending.clear();
    for (const controller of this.#running.values()) controller.abort();
  }
}
