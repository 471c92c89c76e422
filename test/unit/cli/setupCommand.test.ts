/** @file `whylight setup-tensorflow`: what it shows, asks and answers. */
import { describe, expect, it } from "vitest";
import { english } from "../../../src/cli/localize.js";
import { runSetup, type SetupOptions } from "../../../src/cli/setupCommand.js";
import { WhylightError } from "../../../src/engine/errors.js";
import type { SetupPlan, SetupStep } from "../../../src/protocol/setup.js";
import type { Jobs } from "../../../src/worker/jobs.js";

const step = (more: Partial<SetupStep>): SetupStep => ({ id: "trial", facts: {}, downloadBytes: 0, diskBytes: 0, isDone: false, ...more });
const wheel = step({ id: "wheel", facts: { package: "tensorflow-cpu" }, downloadBytes: 275e6, diskBytes: 1.2e9 });
const environment = step({ id: "environment", facts: { python: "/usr/bin/python3" }, diskBytes: 25e6, isDone: true });
const plan: SetupPlan = {
  folder: "/cache/tensorflow", freeBytes: 60e9, ways: [{ id: "python", steps: [environment, wheel, step({})] }],
  obstacles: [{ way: "official", code: "toolMissing", data: { tool: "npm", install: "?" } }],
};

async function run(more: Partial<SetupOptions> = {}, jobs: Partial<Jobs> = {}, answer = true) {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { translate: english, out: (text: string) => void out.push(text), err: (text: string) => void err.push(text), progress: () => {} };
  const all = {
    planTensorflow: () => Promise.resolve(plan),
    setUpTensorflow: (_: unknown, { onSetup }: Parameters<Jobs["setUpTensorflow"]>[1] & object = {}) => {
      onSetup?.({ way: "python", step: environment, index: 0, count: 3, state: "kept", line: "", seconds: 0 });
      onSetup?.({ way: "python", step: wheel, index: 1, count: 3, state: "done", line: "", seconds: 12.34 });
      return Promise.resolve({ folder: plan.folder, way: "python", detail: "TensorFlow 2.21.0, CPU", diskBytes: 1.5e9, givenUp: [] });
    },
    removeTensorflow: () => ({ folder: plan.folder, bytes: 1.5e9 }), ...jobs,
  } as unknown as Jobs;
  const code = await runSetup({ folder: undefined, python: undefined, package: undefined, remove: false, yes: false, json: false, ...more }, terminal, all, (question) => {
    out.push(question);
    return Promise.resolve(answer);
  });
  return { code, out, err };
}

describe("whylight setup-tensorflow", () => {
  it("shows steps and sizes, asks, and tells each step", async () => {
    expect(await run()).toEqual({
      code: 0, err: [], out: [
        "The official package with its own TensorFlow is not possible: Setting up TensorFlow needs npm, which is not on this machine.",
        "",
        "TensorFlow of a Python environment:",
        "  1. /usr/bin/python3 makes an environment of its own (done already)",
        "  2. pip loads tensorflow-cpu (275 MB to load, 1.2 GB on the disk)",
        "  3. a small gradient is computed, to see whether it works",
        "",
        "Everything goes into /cache/tensorflow (60 GB free) and can be removed again.",
        "Set it up? [y/N] ",
        "[1/3] /usr/bin/python3 makes an environment of its own (done already)",
        "[2/3] pip loads tensorflow-cpu · 12.3 s",
        "TensorFlow 2.21.0, CPU: ready, 1.5 GB in /cache/tensorflow. The runtime tfjs-tensorflow finds it by itself.",
      ],
    });
  });

  it("does nothing without a yes", async () => {
    const never = () => expect.fail("nobody agreed");
    expect((await run({}, { setUpTensorflow: never }, false)).code).toBe(130);
    expect((await run({ remove: true }, { removeTensorflow: never }, false)).code).toBe(130);
  });

  it("prints one JSON document", async () => {
    const { out, err } = await run({ json: true, yes: true });
    expect(JSON.parse(out.join("\n"))).toMatchObject({ way: "python", folder: "/cache/tensorflow" });
    expect(err.length).toBeGreaterThan(3);
  });

  it("removes", async () => {
    expect((await run({ remove: true, yes: true })).out).toEqual(["Removed: /cache/tensorflow, 1.5 GB."]);
  });

  it("says in one sentence what failed and what comes next", async () => {
    const failing = (error: WhylightError) => run({ yes: true }, { setUpTensorflow: () => Promise.reject(error) });
    expect(await failing(new WhylightError("setupFailed", { command: "pip install tensorflow-cpu", reason: "no network" }))).toMatchObject({
      code: 1, err: ["Setting up TensorFlow failed at pip install tensorflow-cpu: no network. Try again: what was done is kept, and the set-up goes on from there."],
    });
    expect(await failing(new WhylightError("cancelled"))).toMatchObject({ code: 130, err: ["Stopped. What was done is kept; the same command goes on."] });
  });
});
