/** @file Faults of the worker process: cancelling, killing, crashing, idling, two jobs at once. */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createWorkerClient, crashLimit, type WorkerClient, type WorkerOptions } from "../../../src/host/workerClient.js";

const script = fileURLToPath(new URL("./fakeWorker.mjs", import.meta.url));
const clients: WorkerClient[] = [];
const logged: string[] = [];

function client(overrides: Partial<WorkerOptions> = {}): WorkerClient {
  const made = createWorkerClient(
    () => ({ script, nodePath: undefined, memoryMb: 64, idleMs: 0, cancelGraceMs: 100, env: {}, ...overrides }),
    (level, text) => logged.push(`${level}: ${text}`),
  );
  clients.push(made);
  return made;
}

const inspect = (worker: WorkerClient, model: string, signal?: AbortSignal) => worker.call("inspectModel", { model }, { signal });
const answerOf = async (worker: WorkerClient, model = "answer") => (await inspect(worker, model)) as unknown as { pid: number; data: Float32Array };

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

afterEach(() => {
  for (const made of clients.splice(0)) made.dispose();
  logged.length = 0;
});

describe("worker client", () => {
  it("starts no process before the first call and answers with typed arrays", async () => {
    const worker = client();
    expect(worker.pid()).toBeUndefined();
    const phases: string[] = [];
    const answer = (await worker.call("inspectModel", { model: "answer" }, { onProgress: (p) => phases.push(p.phase) })) as unknown as { data: unknown };
    expect(answer.data).toEqual(new Float32Array([0.5, 1.5]));
    expect(phases).toEqual(["computing"]);
    expect(worker.pid()).toBeGreaterThan(0);
  });

  it("hands on failures with their code and keeps the process", async () => {
    const worker = client();
    await expect(inspect(worker, "fail")).rejects.toMatchObject({ code: "modelCorrupt" });
    const pid = worker.pid();
    expect((await answerOf(worker)).pid).toBe(pid);
  });

  it("cancels at once, ignores the late answer and keeps a process that listens", async () => {
    const worker = client({ cancelGraceMs: 5000 });
    const abort = new AbortController();
    const job = inspect(worker, "polite", abort.signal);
    const pid = (await answerOf(worker)).pid;
    abort.abort();
    await expect(job).rejects.toMatchObject({ code: "cancelled" });
    expect((await answerOf(worker, "slow")).pid).toBe(pid);
  });

  it("kills a process that does not listen, and the next call runs in another", async () => {
    const worker = client();
    const first = (await answerOf(worker)).pid;
    const abort = new AbortController();
    const job = inspect(worker, "block", abort.signal);
    setTimeout(() => abort.abort(), 30);
    await expect(job).rejects.toMatchObject({ code: "cancelled" });
    const second = await answerOf(worker);
    expect(second.pid).not.toBe(first);
    expect(isAlive(first)).toBe(false);
  });

  it("makes another's call again when a cancelled one takes the process down", async () => {
    const worker = client();
    const abort = new AbortController();
    const other = answerOf(worker, "slow");
    const blocked = inspect(worker, "block", abort.signal);
    setTimeout(() => abort.abort(), 30);
    await expect(blocked).rejects.toMatchObject({ code: "cancelled" });
    expect((await other).pid).toBe(worker.pid());
  });

  it("rejects every call when the process is killed from outside, then starts again", async () => {
    const worker = client();
    const pid = (await answerOf(worker)).pid;
    const jobs = [inspect(worker, "wait"), inspect(worker, "wait")];
    process.kill(pid, "SIGKILL");
    for (const job of jobs) await expect(job).rejects.toMatchObject({ code: "workerCrashed", data: { exit: "SIGKILL" } });
    expect((await answerOf(worker)).pid).not.toBe(pid);
  });

  it("tells running out of memory from other crashes", async () => {
    await expect(inspect(client(), "outOfMemory")).rejects.toMatchObject({ code: "outOfMemory" });
  });

  it("stops after three crashes in a row until it is forgiven", async () => {
    const worker = client();
    for (let i = 0; i < crashLimit; i++) await expect(inspect(worker, "crash")).rejects.toMatchObject({ code: "workerCrashed", data: { exit: "exit code 3" } });
    await expect(inspect(worker, "answer")).rejects.toMatchObject({ code: "workerCrashed", data: { crashes: crashLimit } });
    expect(worker.pid()).toBeUndefined();
    worker.forgive();
    expect((await answerOf(worker)).pid).toBe(worker.pid());
  });

  it("counts crashes in a row only", async () => {
    const worker = client();
    for (let i = 0; i < crashLimit; i++) {
      await expect(inspect(worker, "crash")).rejects.toMatchObject({ code: "workerCrashed" });
      await answerOf(worker);
    }
  });

  it("says so when the Node of the settings does not exist", async () => {
    await expect(inspect(client({ nodePath: "/nonexistent/node" }), "answer")).rejects.toMatchObject({ code: "workerCrashed" });
  });

  it("ends an idle process and starts another when needed", async () => {
    const worker = client({ idleMs: 50 });
    const first = (await answerOf(worker)).pid;
    await vi.waitUntil(() => worker.pid() === undefined && !isAlive(first), { timeout: 5000 });
    expect((await answerOf(worker)).pid).not.toBe(first);
    expect(logged.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  it("restarts for new settings without losing a call", async () => {
    const worker = client();
    const first = (await answerOf(worker)).pid;
    const job = answerOf(worker, "slow");
    worker.restart();
    expect((await job).pid).not.toBe(first);
  });

  it("leaves no process behind when disposed", async () => {
    const worker = client();
    const pid = (await answerOf(worker)).pid;
    const job = inspect(worker, "wait");
    worker.dispose();
    await expect(job).rejects.toMatchObject({ code: "cancelled" });
    await vi.waitUntil(() => !isAlive(pid), { timeout: 5000 });
    await expect(inspect(worker, "answer")).rejects.toMatchObject({ code: "cancelled" });
  });
});
