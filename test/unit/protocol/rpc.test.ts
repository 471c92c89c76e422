/** @file The RPC: every pending call settles, by its answer, by cancellation, or when the port closes. */
import { describe, expect, it, vi } from "vitest";
import { WhylightError } from "../../../src/engine/errors.js";
import { Rpc, type Frame, type Handlers, type Port } from "../../../src/protocol/rpc.js";

interface Api {
  double(p: { n: number }): number;
  wait(p: { n: number }): number;
}
type Nothing = Record<never, never>;
interface Events {
  tick: number;
}

/** Two ports that carry copies, as process channels do, and can be cut. */
function channel() {
  interface End {
    frame: (frame: Frame) => void;
    close: (error: WhylightError) => void;
  }
  const ends = [0, 1].map((): End => ({ frame: () => {}, close: () => {} }));
  const sent: Frame[] = [];
  const port = (here: number): Port => ({
    post: (frame) => {
      const copy = structuredClone(frame);
      sent.push(copy);
      queueMicrotask(() => ends[1 - here]?.frame(copy));
    },
    onFrame: (listener) => void (ends[here]!.frame = listener),
    onClose: (listener) => void (ends[here]!.close = listener),
  });
  return { left: port(0), right: port(1), sent, inject: (frame: Frame) => ends[0]?.frame(frame), cut: (error: WhylightError) => ends.forEach((end) => end.close(error)) };
}

function pair(handlers: Partial<Handlers<Api>> = {}) {
  const wires = channel();
  const client = new Rpc<Nothing, Api, Nothing, Events>(wires.left, {});
  const server = new Rpc<Api, Nothing, Events, Nothing>(wires.right, { double: ({ n }) => 2 * n, wait: () => new Promise<number>(() => {}), ...handlers });
  return { ...wires, client, server };
}

describe("rpc", () => {
  it("answers calls out of order", async () => {
    const { client } = pair({ wait: ({ n }) => new Promise((resolve) => setTimeout(() => resolve(n), 20)) });
    const order: number[] = [];
    await Promise.all([client.call("wait", { n: 7 }).then((n) => order.push(n)), client.call("double", { n: 4 }).then((n) => order.push(n))]);
    expect(order).toEqual([8, 7]);
  });

  it("carries a failure's code and facts, never an Error object", async () => {
    const { client, sent } = pair({ double: () => { throw new WhylightError("opUnsupported", { op: "Foo", node: "n1" }, { cause: new Error("why") }); } });
    await expect(client.call("double", { n: 1 })).rejects.toMatchObject({ code: "opUnsupported", data: { op: "Foo", node: "n1" } });
    const fail = sent.find((frame) => frame.t === "fail");
    expect(fail?.t === "fail" && fail.error).not.toBeInstanceOf(Error);
    expect(fail?.t === "fail" && fail.error.stack).toContain("caused by");
  });

  it("turns an abort into a cancel that the handler sees", async () => {
    const { client } = pair({
      wait: (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new WhylightError("cancelled")))),
    });
    const abort = new AbortController();
    const job = client.call("wait", { n: 1 }, { signal: abort.signal });
    queueMicrotask(() => abort.abort());
    await expect(job).rejects.toMatchObject({ code: "cancelled" });
  });

  it("sends nothing for a call that is cancelled beforehand", async () => {
    const { client, sent } = pair();
    await expect(client.call("double", { n: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(sent).toEqual([]);
  });

  it("rejects every pending call when the port closes, and later calls too", async () => {
    const { client, cut } = pair();
    const jobs = [client.call("wait", { n: 1 }), client.call("wait", { n: 2 })];
    cut(new WhylightError("workerCrashed", { exit: "SIGKILL" }));
    for (const job of jobs) await expect(job).rejects.toMatchObject({ code: "workerCrashed", data: { exit: "SIGKILL" } });
    await expect(client.call("double", { n: 1 })).rejects.toMatchObject({ code: "workerCrashed" });
  });

  it("aborts the handlers that still run when the port closes", async () => {
    const aborted = vi.fn();
    const { client, cut } = pair({ wait: (_, { signal }) => new Promise<number>(() => signal.addEventListener("abort", aborted)) });
    const job = client.call("wait", { n: 1 });
    await Promise.resolve();
    cut(new WhylightError("panelClosed"));
    await expect(job).rejects.toMatchObject({ code: "panelClosed" });
    expect(aborted).toHaveBeenCalledOnce();
  });

  it("refuses an unknown method, also one of every object", async () => {
    const { client } = pair();
    for (const method of ["triple", "toString", "constructor"]) {
      await expect(client.call(method as "double", { n: 1 })).rejects.toMatchObject({ code: "internal", data: { reason: `no method ${method}` } });
    }
  });

  it("ignores late and foreign answers", async () => {
    const { client, inject } = pair();
    const job = client.call("double", { n: 3 });
    inject({ t: "done", id: 999, value: "foreign" });
    expect(await job).toBe(6);
    inject({ t: "done", id: 1, value: "late" });
    inject({ t: "fail", id: 1, error: { code: "internal", message: "late", data: {}, stack: "" } });
    expect(await client.call("double", { n: 5 })).toBe(10);
  });

  it("rejects, rather than throws, when the arguments cannot be copied", async () => {
    const { client } = pair();
    let job: Promise<number> | undefined;
    expect(() => (job = client.call("double", { n: (() => 1) as unknown as number }).catch((error) => error))).not.toThrow();
    await expect(job).resolves.toMatchObject({ code: "internal" });
  });

  it("rejects when the answer cannot be copied", async () => {
    const { client } = pair({ double: () => (() => 1) as unknown as number });
    await expect(client.call("double", { n: 1 })).rejects.toMatchObject({ code: "internal" });
  });

  it("tells events to those who listen, until they stop", async () => {
    const { client, server } = pair();
    const heard: number[] = [];
    const stop = client.on("tick", (n) => heard.push(n));
    server.emit("tick", 1);
    await Promise.resolve();
    stop();
    server.emit("tick", 2);
    await Promise.resolve();
    expect(heard).toEqual([1]);
  });
});
