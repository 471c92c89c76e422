/** @file A worker whose calls a test answers; like the real one, it rejects a cancelled call at once. */
import { vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import type { CallOptions, WorkerClient } from "../../../src/host/workerClient.js";

export interface FakeCall {
  readonly method: string;
  readonly args: unknown;
  readonly options: CallOptions;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: WhylightError) => void;
}

/** Calls as they are made; `answers` settles some methods by itself. */
export function fakeCalls(answers: Readonly<Record<string, (args: never) => unknown>> = {}) {
  const calls: FakeCall[] = [];
  const call = (method: string, args: unknown, options: CallOptions = {}) =>
    new Promise<unknown>((resolve, reject) => {
      const answer = answers[method];
      if (answer) return resolve(answer(args as never));
      options.signal?.addEventListener("abort", () => reject(new WhylightError("cancelled")));
      return calls.push({ method, args, options, resolve, reject });
    });
  const called = async (count: number) => {
    await vi.waitUntil(() => calls.length >= count);
    return calls[count - 1]!;
  };
  return { calls, called, call: call as WorkerClient["call"] };
}
