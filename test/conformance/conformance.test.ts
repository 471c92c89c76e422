/** @file The ONNX project's backend tests on every runtime: no number may fall. `npm run conformance` prints the table; see scripts/conformance.mjs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { toWhylightError } from "../../src/engine/errors.js";
import { runtimeNames, type RuntimeName } from "../../src/engine/runtime.js";
import { runtimeLoaders } from "../../src/runtimes/choose.js";
import { nativeTensorflow } from "../unit/runtimes/nativeTensorflow.js";
import { softwareCard } from "../unit/runtimes/softwareCard.js";
import { conformanceCases } from "./cases.js";
import { judge, load, type Loaded, type Verdict } from "./judge.js";
import { countsOf, failuresOf, markdown, reasonsOf, text, type Counts, type RuntimeOutcome } from "./report.js";

interface Finder {
  onnxTests(options: { install: boolean }): { folder: string } | { reason: string };
}

/** The committed outcome: counts that may not get worse, and the tests that are known to differ, each with the reason. */
interface Expected {
  readonly counts: Readonly<Partial<Record<RuntimeName, Counts>>>;
  readonly differences: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, "../..");
const expectedFile = join(import.meta.dirname, "expected.json");
const { WHYLIGHT_CONFORMANCE_ONLY: only = "", WHYLIGHT_CONFORMANCE_RUNTIMES: chosen = "", WHYLIGHT_CONFORMANCE_UPDATE: update = "" } = process.env;

/** The interpreter first: the others are held against the same recordings. */
const wanted = [...runtimeNames].reverse().filter((name) => chosen === "" || chosen.split(",").includes(name));
const isWhole = only === "" && chosen === "";

const found = ((await import(pathToFileURL(join(root, "scripts/onnxTests.mjs")).href)) as Finder).onnxTests({ install: false });
if ("reason" in found) console.log(`Skipped the ONNX backend tests: ${found.reason}`);

const outcomes: RuntimeOutcome[] = [];
const absent: string[] = [];

describe.skipIf("reason" in found)("ONNX backend tests", () => {
  const cases = "folder" in found ? conformanceCases(found.folder).filter(({ name }) => name.includes(only)) : [];
  const loaded = new Map<string, Loaded>(cases.map((test) => [test.name, load(test)]));
  const expected = (existsSync(expectedFile) ? JSON.parse(readFileSync(expectedFile, "utf8")) : { counts: {}, differences: {} }) as Expected;

  it.each(wanted)("%s", async (name) => {
    const runtime = await open(name);
    if (runtime === undefined) return;
    const verdicts = new Map<string, Verdict>();
    for (const [test, model] of loaded) verdicts.set(test, await judge(model, runtime));
    const outcome = { runtime: name, detail: runtime.detail, verdicts };
    outcomes.push(outcome);
    if (!isWhole || update !== "") return;
    const unknown = failuresOf(outcome).filter(([test]) => expected.differences[test] === undefined);
    expect(unknown.map(([test, reason]) => `${test}: ${reason}`)).toEqual([]);
    expect(countsOf(outcome).passed, `tests that pass on ${name}`).toBeGreaterThanOrEqual(expected.counts[name]?.passed ?? 0);
    expect(countsOf(outcome).failed, `tests that fail on ${name}`).toBeLessThanOrEqual(expected.counts[name]?.failed ?? 0);
  }, 1_800_000);

  afterAll(() => {
    console.log(text(outcomes, absent));
    if (!isWhole) return;
    mkdirSync(join(root, "test-output"), { recursive: true });
    const data = Object.fromEntries(outcomes.map((outcome) => [outcome.runtime, { ...countsOf(outcome), failures: Object.fromEntries(failuresOf(outcome)), reasons: Object.fromEntries(reasonsOf(outcome)) }]));
    writeFileSync(join(root, "test-output/conformance.json"), `${JSON.stringify(data, null, 1)}\n`);
    writeFileSync(join(root, "test-output/conformance.md"), markdown(outcomes, absent));
    if (update === "") return;
    const counts = { ...expected.counts, ...Object.fromEntries(outcomes.map((outcome) => [outcome.runtime, countsOf(outcome)])) };
    writeFileSync(expectedFile, `${JSON.stringify({ ...expected, counts }, null, 2)}\n`);
  });
});

async function open(name: RuntimeName) {
  if (name === "tfjs-tensorflow") {
    const native = await nativeTensorflow();
    if ("reason" in native) return void absent.push(`${name} was left out: ${native.reason}`);
  }
  if (name.endsWith("-webgpu")) {
    const card = await softwareCard();
    if ("reason" in card) return void absent.push(`${name} was left out: ${card.reason}`);
  }
  try {
    return await runtimeLoaders[name]();
  } catch (thrown) {
    if (name === "reference" || name === "onnxruntime") throw thrown;
    return void absent.push(`${name} was left out: ${toWhylightError(thrown).message}`);
  }
}
