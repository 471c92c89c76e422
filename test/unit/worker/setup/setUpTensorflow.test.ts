/** @file Setting up TensorFlow: its steps, what each fault says, and that it goes on where it was. No network: the programs are fakes. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WhylightError } from "../../../../src/engine/errors.js";
import type { SetupRequest } from "../../../../src/protocol/setup.js";
import { finishedBuilds } from "../../../../src/runtimes/tensorflowPlaces.js";
import { checkRoom } from "../../../../src/worker/diskRoom.js";
import type { JobContext } from "../../../../src/worker/jobs.js";
import { planTensorflow, removeTensorflow, setUpTensorflow, type SetupTools } from "../../../../src/worker/setup/setUpTensorflow.js";
import { hasNvidiaDriver } from "../../../../src/worker/setup/setupWays.js";
import { fakeTools, type FakeTools } from "./fakeTools.js";

let root: string;
let folder: string;
let tools: FakeTools;
/** Nothing computes on fakes. */
const works: Partial<SetupTools> = { tryOut: () => Promise.resolve("TensorFlow 2.21.0, CPU, through a fake") };

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "whylight-setup-")));
  folder = join(root, "tensorflow");
  tools = fakeTools(join(root, "bin"));
  vi.stubEnv("PATH", tools.bin);
  vi.stubEnv("WHYLIGHT_CACHE", join(root, "cache"));
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const request = (more: Partial<SetupRequest> = {}): SetupRequest => ({ folder, python: undefined, package: "tensorflow-cpu", ...more });
const setUp = (more: Partial<SetupRequest> = {}, context: JobContext = {}) => setUpTensorflow(request(more), context, works);
const failure = (promise: Promise<unknown>): Promise<WhylightError> => promise.then(() => expect.fail("it should fail"), (error: WhylightError) => error);
const everyRun = ["python venv", "pip install", "npm install", "compile"];

/** A fake works in a Python way only where that way exists. */
describe.skipIf(process.platform === "win32")("setUpTensorflow", () => {
  it("plans without writing anything", async () => {
    const plan = await planTensorflow(request());
    expect(plan.ways.map(({ id, steps }) => [id, ...steps.map((step) => step.id)])).toEqual([["python", "environment", "wheel", "package", "binding", "trial"]]);
    expect(plan.ways[0]!.steps.some(({ isDone }) => isDone)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    expect(tools.runs()).toEqual([]);
  });

  it("does every step, and the build is found by itself afterwards", async () => {
    const states: string[] = [];
    const result = await setUp({}, { onSetup: ({ step, state }) => state === "done" && states.push(step.id) });
    expect(states).toEqual(["environment", "wheel", "package", "binding", "trial"]);
    expect(tools.runs()).toEqual(everyRun);
    expect(result).toMatchObject({ folder, way: "python", detail: "TensorFlow 2.21.0, CPU, through a fake", givenUp: [] });
    expect(finishedBuilds()).toEqual([folder]);
    expect(existsSync(join(folder, "node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node"))).toBe(true);
  });

  it("repeats no step that is done", async () => {
    await setUp();
    tools.forgetRuns();
    await setUp();
    expect(tools.runs()).toEqual([]);
    expect((await planTensorflow(request())).ways[0]!.steps.filter(({ isDone }) => !isDone).map(({ id }) => id)).toEqual(["trial"]);
  });

  it("does again what lost its result, and what was built on it", async () => {
    await setUp();
    tools.forgetRuns();
    rmSync(join(folder, "node_modules"), { recursive: true });
    await setUp();
    expect(tools.runs()).toEqual(["npm install", "compile"]);
  });

  it("uses the TensorFlow that a Python has, and leaves that alone", async () => {
    await setUp();
    const theirs = join(folder, "venv");
    folder = join(root, "second");
    tools.forgetRuns();
    await setUp({ python: theirs, package: undefined });
    expect(tools.runs()).toEqual(["npm install", "compile"]);
    const before = readdirSync(join(theirs, "lib/python3.11/site-packages/tensorflow"));
    removeTensorflow(folder);
    expect(readdirSync(join(theirs, "lib/python3.11/site-packages/tensorflow"))).toEqual(before);
  });

  it.each([
    ["pip without a network", "pip install", "WARNING: Retrying: NewConnectionError: Temporary failure in name resolution\nERROR: No matching distribution found for tensorflow-cpu", "pip install tensorflow-cpu>=2.16,<2.22", "the network cannot be reached (WARNING: Retrying: NewConnectionError: Temporary failure in name resolution)"],
    ["pip that finds nothing", "pip install", "ERROR: No matching distribution found for tensorflow-cpu", "pip install tensorflow-cpu>=2.16,<2.22", "ERROR: No matching distribution found for tensorflow-cpu"],
    ["npm without a network", "npm install", "npm error code ENOTFOUND\nnpm error A complete log of this run can be found in: /x", "npm install @tensorflow/tfjs-node@4.22.0 node-api-headers@1.9.0", "the network cannot be reached (npm error code ENOTFOUND)"],
    ["a compiler that refuses", "compile", "tfjs_backend.cc:1:10: fatal error: x.h: No such file\ncompilation terminated.", "c++", "tfjs_backend.cc:1:10: fatal error: x.h: No such file"],
  ])("names the command and the reason: %s", async (_, run, says, command, reason) => {
    tools.fail(run, { says });
    const error = await failure(setUp());
    expect({ code: error.code, data: error.data }).toEqual({ code: "setupFailed", data: { command: expect.stringContaining(command), reason } });
    expect(finishedBuilds()).toEqual([]);
    tools.fail(run, undefined);
    tools.forgetRuns();
    await setUp();
    // What came before is kept; a pip that was broken off gets a fresh environment.
    expect(tools.runs()).toEqual(run === "pip install" ? everyRun : everyRun.slice(everyRun.indexOf(run)));
  });

  it("says that a disk is full", async () => {
    tools.fail("pip install", { says: "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" });
    expect(await failure(setUp())).toMatchObject({ code: "outputUnwritable", data: { path: folder, reason: "the disk is full" } });
  });

  it("refuses a disk with too little room before it begins", () => {
    expect(() => checkRoom(folder, 2e9, 5e8)).toThrow(expect.objectContaining({ code: "outputUnwritable", data: { path: folder, reason: "about 2.0 GB is needed, and 500 MB is free" } }));
    expect(() => checkRoom(folder, 1)).not.toThrow();
  });

  it("ends the program when it is cancelled, and goes on later", async () => {
    tools.fail("pip install", { hangs: true });
    const stop = new AbortController();
    const error = await failure(setUp({}, { signal: stop.signal, onSetup: ({ line }) => line === "hanging" && stop.abort() }));
    expect(error.code).toBe("cancelled");
    tools.fail("pip install", undefined);
    tools.forgetRuns();
    await setUp();
    expect(tools.runs()).toEqual(["python venv", "pip install", "npm install", "compile"]);
  });

  it("takes a half made binding for none", async () => {
    tools.fail("compile", { says: "Killed signal terminated program cc1plus" });
    await failure(setUp());
    expect((await planTensorflow(request())).ways[0]!.steps.find(({ id }) => id === "binding")!.isDone).toBe(false);
    expect(readdirSync(join(folder, "node_modules/@tensorflow/tfjs-node/lib/napi-v8"))).toEqual([]);
  });

  it("leaves a folder alone in which another process works, until that is dead or silent", async () => {
    tools.fail("npm install", { says: "npm error no" });
    await failure(setUp());
    tools.fail("npm install", undefined);
    const work = join(folder, "whylight-work.json");
    writeFileSync(work, JSON.stringify({ pid: process.ppid }));
    expect(await failure(setUp())).toMatchObject({ code: "setupFailed", data: { command: folder, reason: `process ${process.ppid} is at work there` } });
    expect(() => removeTensorflow(folder)).toThrow("at work there");
    utimesSync(work, new Date(0), new Date(0));
    await setUp();
    writeFileSync(work, JSON.stringify({ pid: 2 ** 22 + 1 }));
    await setUp();
  });

  it("ends what a killed set-up left running", async () => {
    await setUp();
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", folder], { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => orphan.on("exit", (_, signal) => resolve(signal)));
    writeFileSync(join(folder, "whylight-work.json"), JSON.stringify({ pid: 2 ** 22 + 1, tool: orphan.pid }));
    await setUp();
    expect(await ended).toBe("SIGKILL");
  });

  it.each([
    [{ is64Bit: false }, "it is a 32-bit program, and TensorFlow is made for 64-bit ones only"],
    [{ version: [3, 8, 10] }, "it is Python 3.8.10, and TensorFlow needs 3.10 or newer"],
  ])("refuses the Python %j", async (facts, reason) => {
    tools.python(facts);
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "pythonUnsuitable", data: { path: join(tools.bin, "python3"), reason } });
  });

  it("names what is missing, and what brings it", async () => {
    tools.python({ makesEnvironments: false });
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "toolMissing", data: { install: "Debian: apt-get install python3-venv" } });
    tools.remove("python3");
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "toolMissing", data: { tool: "Python 3" } });
    tools.remove("npm");
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "toolMissing", data: { tool: "npm" } });
    tools.remove("c++");
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "toolMissing", data: { tool: "a C++ compiler" } });
    expect(await failure(planTensorflow(request({ python: join(root, "none") })))).toMatchObject({ code: "toolMissing" });
  });

  it("says of a program that it is no Python", async () => {
    expect(await failure(planTensorflow(request({ python: join(tools.bin, "npm") })))).toMatchObject({ code: "pythonUnsuitable" });
    expect(await failure(planTensorflow(request({ python: join(root, "none") })))).toMatchObject({ code: "pythonUnsuitable", data: { path: join(root, "none") } });
  });

  it("refuses a folder that it cannot make, and one that holds other things", async () => {
    writeFileSync(join(root, "file"), "");
    expect(await failure(setUp({ folder: join(root, "file/below") }))).toMatchObject({ code: "outputUnwritable" });
    mkdirSync(folder);
    writeFileSync(join(folder, "thesis.txt"), "dear");
    expect(await failure(planTensorflow(request()))).toMatchObject({ code: "outputUnwritable", data: { path: folder } });
    expect(() => removeTensorflow(folder)).toThrow("no set-up of TensorFlow lies there");
    expect(readFileSync(join(folder, "thesis.txt"), "utf8")).toBe("dear");
  });

  it("removes everything, and what a link leads to stays", async () => {
    await setUp();
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "other/kept"), "12");
    symlinkSync(join(root, "other"), join(folder, "link"));
    expect(removeTensorflow(folder).bytes).toBeGreaterThan(0);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(root, "other/kept"))).toBe(true);
    expect(finishedBuilds()).toEqual([]);
    expect(removeTensorflow(folder).bytes).toBe(0);
  });

  it("is not ready when the trial fails", async () => {
    const error = await failure(setUpTensorflow(request(), {}, { tryOut: () => Promise.reject(new Error("illegal instruction")) }));
    expect(error.message).toContain("illegal instruction");
    expect(finishedBuilds()).toEqual([]);
  });

  // With NVIDIA's driver the official package is taken only where CUDA 11 is.
  describe.skipIf(hasNvidiaDriver())("the official package", () => {
    it("comes first, and needs neither Python nor a compiler", async () => {
      tools.remove("python3");
      tools.remove("c++");
      const plan = await planTensorflow(request({ package: undefined }));
      expect(plan.ways.map(({ id }) => id)).toEqual(["official"]);
      expect(plan.obstacles).toMatchObject([{ way: "python", code: "toolMissing" }]);
      expect(await setUp({ package: undefined })).toMatchObject({ way: "official" });
      expect(tools.runs()).toEqual(["npm install", "npm rebuild"]);
    });

    it("gives way to Python's TensorFlow when it does not work, and says why", async () => {
      tools.fail("npm rebuild", { says: "Error: getaddrinfo ENOTFOUND storage.googleapis.com" });
      const result = await setUp({ package: undefined });
      expect(result).toMatchObject({ way: "python", givenUp: [{ way: "official", code: "setupFailed", data: { command: "npm rebuild @tensorflow/tfjs-node", reason: expect.stringContaining("the network cannot be reached") } }] });
    });
  });
});
